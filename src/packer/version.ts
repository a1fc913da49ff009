import { runProgram } from './run-program.ts';

/** A version of Packer, such as [1, 6, 6]. */
export type PackerVersion = readonly [number, number, number];

/** Packer is missing, too old, or does not tell its version. */
export class PackerError extends Error {
  readonly exitCode = 4;
}

/** The oldest Packer that the template can be given to: `template_dir` as a function and `generated` files. */
const oldest: PackerVersion = [1, 6, 0];

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

/** The environment of every Packer that we start: no call home, no colours in logs. */
export const packerEnvironment = { CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1' };

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
  if (!isAtLeast(version, oldest)) {
    throw new PackerError(
      `Packer ${version.join('.')} is too old: install Packer ${oldest.join('.')} or later`,
    );
  }
  return version;
}
