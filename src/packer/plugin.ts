import { runProgram } from './run-program.ts';
import { isAtLeast, packerEnvironment, PackerError, type PackerVersion } from './version.ts';

const plugin = 'github.com/hashicorp/amazon';

/** Runs `packer` with these arguments; answers its exit code and output. */
export type PackerCommand = (args: string[]) => Promise<{ exitCode: unknown; output: string }>;

export const packerCommand: PackerCommand = async (args) => {
  const { exitCode, stdout, stderr } = await runProgram('packer', args, packerEnvironment);
  return { exitCode, output: stdout + stderr };
};

/**
 * Sees to it that Packer has its amazon plugin. Up to 1.7 it came with Packer (and there is no command to install
 * it); 1.8 to 1.10 bring one along, too, so a failed installation is no end there.
 * @throws PackerError when the plugin is missing and cannot, or must not, be installed.
 */
export async function ensureAmazonPlugin(
  version: PackerVersion,
  mayInstall: boolean,
  packer: PackerCommand,
  say: (line: string) => void,
): Promise<void> {
  if (!isAtLeast(version, [1, 8, 0])) return;
  const installed = await packer(['plugins', 'installed']);
  if (installed.exitCode === 0 && installed.output.includes('packer-plugin-amazon')) return;
  const bundled = !isAtLeast(version, [1, 11, 0]);
  if (!mayInstall) {
    if (bundled) return;
    throw new PackerError(`Packer's amazon plugin is missing: run \`packer plugins install ${plugin}\``);
  }
  say(`Packer's amazon plugin is missing: running packer plugins install ${plugin}`);
  const result = await packer(['plugins', 'install', plugin]);
  if (result.exitCode === 0) return;
  const why = result.output.trim().split('\n').at(-1) ?? '';
  if (!bundled) throw new PackerError(`Packer's amazon plugin could not be installed: ${why}`);
  say(`warning: it could not be installed (${why}); Packer ${version.join('.')} brings one along`);
}
