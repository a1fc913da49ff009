import type { Result } from '../cli/run-stage.ts';
import { exitCode } from '../lib/errors.ts';
import { type Comparison, type Side, whyNotCompared } from './compare-contents.ts';
import { diffLines } from './diff-lines.ts';
import { entryTexts, type EntryText, words } from './entry-texts.ts';
import { type ContentsPart, type ImageContents, isUnknown, type NoContents } from './image-contents.ts';

/**
 * Comparisons as they are shown. Exit code 4 when an archive could not be asked, 3 when contents are not kept.
 * @param notes lines about nodes that have nothing to compare
 */
export function comparisonResult(comparisons: readonly Comparison[], notes: readonly string[]): Result {
  const rows = comparisons.map((comparison) => {
    const { node, from, to, diff } = comparison;
    const lines = diff === undefined ? whyNotCompared(comparison) : diffLines(diff);
    return [node ?? '-', sideText(from), sideText(to), lines.length === 0 ? 'no difference is known' : lines];
  });
  return {
    exitCode: exitCodeOf(comparisons.flatMap(({ from, to }) => [from.contents, to.contents])),
    json: {
      schema: 1,
      comparisons: comparisons.map((comparison) => {
        const { node, from, to, diff } = comparison;
        return {
          ...(node === undefined ? {} : { node }),
          from: sideData(from),
          to: sideData(to),
          ...(diff === undefined
            ? { notCompared: whyNotCompared(comparison) }
            : { diff, lines: diffLines(diff) }),
        };
      }),
      notes,
    },
    table: { head: ['node', 'from', 'to', 'what changed'], rows },
    closing: [...notes],
  };
}

function sideText({ name, is }: Side): string {
  return is === undefined ? name : `${name} (${is})`;
}

function sideData({ name, is }: Side) {
  return { name, ...(is === undefined ? {} : { is }) };
}

function exitCodeOf(all: readonly (ImageContents | NoContents)[]): number {
  const missing = all.filter(isUnknown);
  if (missing.length === 0) return exitCode.done;
  return missing.some(({ unavailable }) => unavailable) ? exitCode.unavailable : exitCode.nodeFailed;
}

/** What is in one image. */
export function listResult(name: string, contents: ImageContents | NoContents): Result {
  if (isUnknown(contents))
    return {
      exitCode: exitCodeOf([contents]),
      json: { schema: 1, image: name, notKept: contents.unknown },
      table: { head: ['image', 'why'], rows: [[name, contents.unknown]] },
    };
  const { image, node, run, listedAt, distribution, kernel, architecture, unknown } = contents;
  const texts = entryTexts(architecture);
  const rowsOf = (part: ContentsPart) =>
    (contents[part] as unknown[]).map((one) => {
      const text = (texts[part] as (one: unknown) => EntryText)(one);
      // Only a package has a source, which is of interest where it changes.
      const facts = text.facts.slice(0, part === 'packages' ? 1 : undefined);
      return [words[part][0], text.name, facts.map(([label, value]) => `${label}${value}`).join(', ')];
    });
  const parts = Object.keys(words) as ContentsPart[];
  return {
    exitCode: exitCode.done,
    json: { schema: 1, contents },
    table: {
      head: ['kind', 'name', 'what it is'],
      rows: [
        ['distribution', distribution.name, architecture],
        ['kernel', kernel, ''],
        ...parts.flatMap(rowsOf),
      ],
    },
    closing: [
      `${image} of ${node}, listed ${listedAt} by run ${run}: ${parts.map((part) => `${contents[part].length} ${words[part][1]}`).join(', ')}`,
      ...unknown.map((part) => `its ${words[part][1]} could not be listed`),
    ],
  };
}
