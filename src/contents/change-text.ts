import { exitCode, exitCodeOf } from '../lib/errors.ts';
import type { Archive } from './archive.ts';
import { type ContentsDiff, diffContents, isSame } from './diff-contents.ts';
import { diffLines, diffSummary } from './diff-lines.ts';
import { isUnknown } from './image-contents.ts';
import { type ContentsSource, keptContents } from './kept-contents.ts';

/** What changed from an image to another: in a few words, and in lines. */
export interface ChangeText {
  /** `12 packages changed; 1 port added`, or `no difference is known`. */
  summary: string;
  lines: string[];
}

/**
 * What changed from an image to another, where an archive keeps the contents of both; undefined: it does not. Asks the
 * archive nothing where the bake of one listed no contents.
 * @param warn gets why the archive could not be asked; nothing else is said of what is not kept
 */
export async function keptChange(
  archive: Archive,
  from: ContentsSource,
  to: ContentsSource,
  { limit, warn }: { limit: number; warn: (line: string) => void },
): Promise<ChangeText | undefined> {
  if (from.contents === undefined || to.contents === undefined) return undefined;
  try {
    const [before, after] = await Promise.all([keptContents(archive, from), keptContents(archive, to)]);
    for (const side of [before, after])
      if (isUnknown(side) && side.unavailable) {
        warn(`warning: what changed in ${to.id} is not known: ${side.unknown}`);
        return undefined;
      }
    if (isUnknown(before) || isUnknown(after)) return undefined;
    return changeText(diffContents(before, after), limit);
  } catch (error) {
    // Whoever promotes or plans needs no archive for it.
    if (exitCodeOf(error) === exitCode.bug) throw error;
    return undefined;
  }
}

/** A difference in a few words, and in lines of which there are at most so many. */
export function changeText(diff: ContentsDiff, limit: number): ChangeText {
  return {
    summary: isSame(diff) ? 'no difference is known' : diffSummary(diff),
    lines: diffLines(diff, { limit }),
  };
}
