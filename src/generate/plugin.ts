import { bundlesPlugin, installPlugin, knowsPlugins, pluginIn } from './amazon-plugin.ts';
import { runProgram } from './run-program.ts';
import { packerEnvironment, PackerError, type PackerVersion } from './version.ts';

/** Runs `packer` with these arguments; answers its exit code and output. */
export type PackerCommand = (args: string[]) => Promise<{ exitCode: unknown; output: string }>;

export const packerCommand: PackerCommand = async (args) => {
  const { exitCode, stdout, stderr } = await runProgram('packer', args, packerEnvironment);
  return { exitCode, output: stdout + stderr };
};

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
