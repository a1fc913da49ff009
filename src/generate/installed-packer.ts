import { runProgram } from './run-program.ts';

/** A version of Packer, such as [1, 6, 6]. */
export type PackerVersion = readonly [number, number, number];

/** Packer or its plugin is missing, too old, or prints no version. */
export class PackerError extends Error {
  readonly exitCode = 4;
}

/** The oldest Packer that takes our packs: `template_dir` as a function and `generated` files. */
export const oldestPacker: PackerVersion = [1, 6, 0];

/** The environment of every Packer that we start: no call home, no colours in logs. */
export const packerEnvironment = { CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' };

const plugin = 'github.com/hashicorp/amazon';

/** What installs Packer's amazon plugin, from Packer 1.8 on. */
export const installPlugin = ['plugins', 'install', plugin];

/** The version in what `packer version` prints (`Packer v1.6.6`); undefined when there is none. */
export function parsePackerVersion(output: string): PackerVersion | undefined {
  const match = /^Packer v(\d+)\.(\d+)\.(\d+)/m.exec(output);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Whether version `a` is `b` or later. */
export function isAtLeast(a: PackerVersion, b: PackerVersion): boolean {
  const differs = a.findIndex((part, index) => part !== b[index]);
  return differs === -1 || (a[differs] ?? 0) > (b[differs] ?? 0);
}

/** Whether this Packer's amazon-ebs has `metadata_options`, so that a pack can require IMDSv2. */
export function hasImdsOptions(version: PackerVersion): boolean {
  return isAtLeast(version, [1, 7, 0]);
}

/** Whether this Packer can list and install plugins: `packer plugins` came with 1.8. */
export function knowsPlugins(version: PackerVersion): boolean {
  return isAtLeast(version, [1, 8, 0]);
}

/** Whether this Packer has the amazon plugin built in: 1.10.0 is the first without. */
export function bundlesPlugin(version: PackerVersion): boolean {
  return !isAtLeast(version, [1, 10, 0]);
}

/** The amazon plugin's program in what `packer plugins installed` prints, a path a line; undefined without one. */
export function pluginIn(listing: string): string | undefined {
  return /packer-plugin-amazon_[^\s/]*/.exec(listing)?.[0];
}

/**
 * The version of the Packer on PATH.
 * @throws PackerError when there is none that can be used.
 */
export async function installedPackerVersion(): Promise<PackerVersion> {
  // RedHat's cracklib brings another `packer`, which waits for input: hence the time limit and no stdin.
  const { exitCode, stdout } = await runProgram('packer', ['version'], packerEnvironment, 20_000);
  if (exitCode === 'missing') {
    throw new PackerError(
      'Packer is not installed: there is no `packer` on PATH; install Packer 1.6 or later',
    );
  }
  const version = parsePackerVersion(stdout);
  if (version === undefined) {
    throw new PackerError(
      "the `packer` on PATH is not HashiCorp's: `packer version` prints no version of it",
    );
  }
  if (!isAtLeast(version, oldestPacker)) {
    throw new PackerError(
      `Packer ${version.join('.')} is too old: install Packer ${oldestPacker.join('.')} or later`,
    );
  }
  return version;
}

/** The version that packs are written for where no Packer is installed: any that has the amazon plugin apart. */
const assumed: PackerVersion = [1, 7, 0];

/**
 * The version of Packer that packs are written for: the installed one. Without one, generate does not fail: packs can be
 * written where nothing is built.
 */
export async function packerForPacks(say: (line: string) => void): Promise<PackerVersion> {
  try {
    return await installedPackerVersion();
  } catch (error) {
    if (!(error instanceof PackerError)) throw error;
    say(`warning: ${error.message}; the packs are written for Packer ${assumed.join('.')} and later`);
    return assumed;
  }
}

/** Runs `packer` with these arguments; answers its exit code and output. */
export type PackerCommand = (args: string[]) => Promise<{ exitCode: unknown; output: string }>;

export const packerCommand: PackerCommand = async (args) => {
  const { exitCode, stdout, stderr } = await runProgram('packer', args, packerEnvironment);
  return { exitCode, output: stdout + stderr };
};

/**
 * Installs Packer's amazon plugin where it is missing. Up to 1.9 Packer brings one along (and up to 1.7 it has no command
 * to install it), so there a failed installation is only a warning.
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
