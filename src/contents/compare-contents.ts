import { type ContentsDiff, diffContents } from './diff-contents.ts';
import { type ImageContents, isUnknown, type NoContents } from './image-contents.ts';

/** An image or a file in a comparison. */
export interface Side {
  /** The image's id, or the file's name. */
  name: string;
  /** What it is to its node: `newest`, `promoted last`. */
  is?: string;
  contents: ImageContents | NoContents;
}

/** Two images, and what is different in the second one. */
export interface Comparison {
  /** Absent: two images were named, not a node. */
  node?: string;
  from: Side;
  to: Side;
  /** Absent: the contents of one are not known. */
  diff?: ContentsDiff;
}

/** The difference of two sides, where the contents of both are known. */
export function compareContents({ contents: from }: Side, { contents: to }: Side): Pick<Comparison, 'diff'> {
  return isUnknown(from) || isUnknown(to) ? {} : { diff: diffContents(from, to) };
}

/** Why the two could not be compared, in sentences; none: they were. */
export function whyNotCompared({ from, to }: Comparison): string[] {
  return [from, to].flatMap(({ contents }) => (isUnknown(contents) ? [contents.unknown] : []));
}
