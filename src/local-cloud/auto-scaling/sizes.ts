import { validationError } from './refusals.ts';

export interface Sizes {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desired: number;
}

interface Given {
  readonly MinSize: number | undefined;
  readonly MaxSize: number | undefined;
  readonly DesiredCapacity: number | undefined;
}

/** The sizes of a group after a call; a desired capacity that nobody names moves into the new bounds. */
export function readSizes({ MinSize, MaxSize, DesiredCapacity }: Given, before: Sizes): Sizes {
  const minSize = MinSize ?? before.minSize;
  const maxSize = MaxSize ?? before.maxSize;
  if (minSize < 0 || maxSize < 0) throw validationError('The sizes of a group cannot be below 0');
  if (minSize > maxSize)
    throw validationError(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  const desired = DesiredCapacity ?? Math.min(Math.max(before.desired, minSize), maxSize);
  if (desired < minSize || desired > maxSize) {
    throw validationError(
      `Desired capacity:${desired} must be between the specified min size:${minSize} and max size:${maxSize}`,
    );
  }
  return { minSize, maxSize, desired };
}
