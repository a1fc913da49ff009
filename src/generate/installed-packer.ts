import { runProgram } from './run-program.ts';
import {
  isAtLeast,
  oldestPacker,
  packerEnvironment,
  PackerError,
  type PackerVersion,
  parsePackerVersion,
} from './version.ts';

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
    throw new PackerError("the `packer` on PATH is not HashiCorp's: `packer version` tells no version of it");
  }
  if (!isAtLeast(version, oldestPacker)) {
    throw new PackerError(
      `Packer ${version.join('.')} is too old: install Packer ${oldestPacker.join('.')} or later`,
    );
  }
  return version;
}
