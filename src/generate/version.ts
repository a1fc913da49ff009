/** A version of Packer, such as [1, 6, 6]. */
export type PackerVersion = readonly [number, number, number];

/** Packer is missing, too old, or does not tell its version. */
export class PackerError extends Error {
  readonly exitCode = 4;
}

/** The oldest Packer that the template can be given to: `template_dir` as a function and `generated` files. */
export const oldestPacker: PackerVersion = [1, 6, 0];

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
