import gte from 'semver/functions/gte.js';
import { exitCode, StageError } from '../lib/errors.ts';
import { runProgram } from '../lib/run-program.ts';

/** Packer or its plugin is missing, too old, or prints no version. */
export class PackerError extends StageError {
  constructor(message: string) {
    super(message, exitCode.unavailable);
  }
}

/** The oldest Packer that takes our packs: `template_dir` as a function and `generated` files. */
export const oldestPacker = '1.6.0';

/** The environment of every Packer that we start: no call home, no colours in logs. */
export const packerEnvironment = { CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' };

/** What to do where there is no Packer that can be used. */
export const installPacker = `install Packer ${oldestPacker.split('.', 2).join('.')} or later (Debian 12: apt-get install packer; elsewhere: https://developer.hashicorp.com/packer/install)`;

const plugin = 'github.com/hashicorp/amazon';

/** What installs Packer's amazon plugin. */
export const installPlugin = ['plugins', 'install', plugin];

/** The same from a file that has been downloaded. */
const installFile = ['plugins', 'install', '--path', 'FILE', plugin];

/** The version in what `packer version` prints (`Packer v1.6.6`); undefined when there is none. */
export function parsePackerVersion(output: string): string | undefined {
  return /^Packer v(\d+\.\d+\.\d+)/m.exec(output)?.[1];
}

/** Whether our packs can be given to this Packer. */
export function isNewEnough(version: string): boolean {
  return gte(version, oldestPacker);
}

/** Whether this Packer's amazon-ebs has `metadata_options`, so that a pack can require IMDSv2. */
export function hasImdsOptions(version: string): boolean {
  return gte(version, '1.7.0');
}

/** Whether this Packer has the amazon plugin built in: 1.10.0 is the first without. */
export function bundlesPlugin(version: string): boolean {
  return !gte(version, '1.10.0');
}

/** The amazon plugin's program in what `packer plugins installed` prints, a path a line; undefined without one. */
export function pluginIn(listing: string): string | undefined {
  return /packer-plugin-amazon_[^\s/]*/.exec(listing)?.[0];
}

/**
 * The version of the Packer on PATH.
 * @throws PackerError when there is none that can be used.
 */
export async function installedPackerVersion(): Promise<string> {
  // RedHat's cracklib brings another `packer`, which waits for input: hence the time limit and no stdin.
  const { stdout, failure } = await runProgram('packer', ['version'], {
    env: packerEnvironment,
    timeoutMs: 20_000,
  });
  if (failure === 'missing') {
    throw new PackerError(`Packer is not installed: there is no \`packer\` on PATH; ${installPacker}`);
  }
  const version = parsePackerVersion(stdout);
  if (version === undefined) {
    throw new PackerError(
      "the `packer` on PATH is not HashiCorp's: `packer version` prints no version of it",
    );
  }
  if (!isNewEnough(version)) {
    throw new PackerError(`Packer ${version} is too old: install Packer ${oldestPacker} or later`);
  }
  return version;
}

/** The version that packs are written for where no Packer is installed: any that has the amazon plugin apart. */
const assumed = '1.7.0';

/**
 * The version of Packer that packs are written for: the installed one. Without one, generate does not fail: packs can be
 * written where nothing is built.
 */
export async function packerForPacks(say: (line: string) => void): Promise<string> {
  try {
    return await installedPackerVersion();
  } catch (error) {
    if (!(error instanceof PackerError)) throw error;
    say(`warning: ${error.message}; the packs are written for Packer ${assumed} and later`);
    return assumed;
  }
}

/** Runs `packer` with these arguments; answers whether it succeeded, and its output. */
export type PackerCommand = (args: string[]) => Promise<{ succeeded: boolean; output: string }>;

export const packerCommand: PackerCommand = async (args) => {
  const end = await runProgram('packer', args, { env: packerEnvironment });
  return { succeeded: end.exitCode === 0, output: end.stdout + end.stderr };
};

/**
 * Installs Packer's amazon plugin where it is missing. A Packer that brings one along is not asked: that costs a start of
 * it, and what it brings is enough.
 * @throws PackerError when the plugin is missing and cannot, or must not, be installed.
 */
export async function ensureAmazonPlugin(
  version: string,
  mayInstall: boolean,
  packer: PackerCommand,
  say: (line: string) => void,
): Promise<void> {
  if (bundlesPlugin(version)) return;
  const installed = await packer(['plugins', 'installed']);
  if (installed.succeeded && pluginIn(installed.output) !== undefined) return;
  if (!mayInstall)
    throw new PackerError(`Packer's amazon plugin is missing: run \`packer ${installPlugin.join(' ')}\``);
  say(`Packer's amazon plugin is missing: running packer ${installPlugin.join(' ')}`);
  const result = await packer(installPlugin);
  if (result.succeeded) return;
  throw new PackerError(
    `Packer's amazon plugin could not be installed: ${whyNotInstalled(result.output)}; without a network, download it elsewhere and run \`packer ${installFile.join(' ')}\``,
  );
}

/** The cause in what `packer plugins install` printed: the first point of its list, since those after it only follow. */
function whyNotInstalled(output: string): string {
  return /^\s*\* (.*)/m.exec(output)?.[1] ?? output.trim().split('\n').at(-1) ?? '';
}
