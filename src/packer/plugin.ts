import { execa } from 'execa';
import { isAtLeast, packerEnvironment, PackerError, type PackerVersion } from './version.ts';

const plugin = 'github.com/hashicorp/amazon';

/** What installs Packer's amazon plugin, from Packer 1.8 on. */
export const installPlugin = ['plugins', 'install', plugin];

/** Runs `packer` with these arguments; answers its exit code and output. */
export type PackerCommand = (args: string[]) => Promise<{ exitCode: number | undefined; output: string }>;

export const packerCommand: PackerCommand = async (args) => {
  const result = await execa('packer', args, {
    env: packerEnvironment,
    stdin: 'ignore',
    reject: false,
    all: true,
  });
  return { exitCode: result.exitCode, output: result.all };
};

/** Whether this Packer can list and install plugins: `packer plugins` came with 1.8. */
export function knowsPlugins(version: PackerVersion): boolean {
  return isAtLeast(version, [1, 8, 0]);
}

/** Whether this Packer has an amazon plugin within itself: the last one is 1.9.5, whatever HashiCorp had announced. */
export function bundlesPlugin(version: PackerVersion): boolean {
  return !isAtLeast(version, [1, 10, 0]);
}

/** The amazon plugin's program in what `packer plugins installed` prints, a path a line; undefined without one. */
export function pluginIn(listing: string): string | undefined {
  return /packer-plugin-amazon_[^\s/]*/.exec(listing)?.[0];
}

/**
 * Sees to it that Packer has its amazon plugin. Up to 1.9 it comes with Packer (and up to 1.7 there is no command to
 * install it), so a failed installation is no end there.
 * @throws PackerError when the plugin is missing and cannot, or must not, be installed.
 */
export async function ensureAmazonPlugin(
  version: PackerVersion,
  mayInstall: boolean,
  packer: PackerCommand,
  say: (line: string) => void,
): Promise<void> {
  if (!knowsPlugins(version)) return;
  const installed = await packer(['plugins', 'installed']);
  if (installed.exitCode === 0 && pluginIn(installed.output) !== undefined) return;
  const bundled = bundlesPlugin(version);
  if (!mayInstall) {
    if (bundled) return;
    throw new PackerError(`Packer's amazon plugin is missing: run \`packer ${installPlugin.join(' ')}\``);
  }
  say(`Packer's amazon plugin is missing: running packer ${installPlugin.join(' ')}`);
  const result = await packer(installPlugin);
  if (result.exitCode === 0) return;
  const why = result.output.trim().split('\n').at(-1) ?? '';
  if (!bundled) throw new PackerError(`Packer's amazon plugin could not be installed: ${why}`);
  say(`warning: it could not be installed (${why}); Packer ${version.join('.')} brings one along`);
}
