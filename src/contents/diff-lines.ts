import { cutMiddle, printable } from '../lib/printable.ts';
import type { ContentsDiff, Difference } from './diff-contents.ts';
import { entryTexts, type EntryText, words } from './entry-texts.ts';
import type { ContentsPart, ImageContents } from './image-contents.ts';

/** A name of others is cut at so many characters. */
const maxTextLength = 200;

/**
 * A difference for a person, a line each: `openssl 3.0.15 → 3.0.17`, `+ package curl 7.88`, `- service x`. Without one
 * there are no lines.
 * @param limit no more lines than this; the last one then says how many more there are. Each part keeps some.
 */
export function diffLines(diff: ContentsDiff, { limit = Infinity }: { limit?: number } = {}): string[] {
  const parts = linesByPart(diff);
  const total = parts.reduce((sum, { lines }) => sum + lines.length, 0);
  const shown = shares(
    parts.map(({ lines }) => lines.length),
    total > limit ? Math.max(0, limit - 1) : total,
  );
  const left = parts.flatMap(({ name, lines }, index) => {
    const count = lines.length - (shown[index] ?? 0);
    return count === 0 ? [] : [name === undefined ? String(count) : counted(count, name)];
  });
  return [
    ...parts.flatMap(({ lines }, index) => lines.slice(0, shown[index])),
    ...(left.length === 0 ? [] : [`… and more: ${left.join(', ')}`]),
  ];
}

/** A difference in a few words: `12 packages changed, 1 added; 1 port added`; empty: there is none. */
export function diffSummary(diff: ContentsDiff): string {
  const system = (['distribution', 'kernel'] as const).flatMap((name) =>
    diff[name] === undefined ? [] : [`another ${name}`],
  );
  const lists = (Object.keys(words) as ContentsPart[]).flatMap((name) => {
    const { added, removed, changed } = diff[name] as Difference<unknown>;
    const counts = Object.entries({ changed, added, removed }).filter(([, { length }]) => length > 0);
    const texts = counts.map(([verb, { length }], index) =>
      index === 0 ? `${counted(length, name)} ${verb}` : `${length} ${verb}`,
    );
    return texts.length === 0 ? [] : [texts.join(', ')];
  });
  const { unknown } = diff;
  return [...system, ...lists, ...(unknown.length === 0 ? [] : [notCompared(unknown)])].join('; ');
}

function counted(count: number, part: ContentsPart): string {
  return `${count} ${words[part][count === 1 ? 0 : 1]}`;
}

function notCompared(unknown: readonly ContentsPart[]): string {
  return `${unknown.map((part) => words[part][1]).join(', ')} not compared`;
}

/** How many lines of each part are shown, so that many packages do not hide the one new port. */
function shares(counts: readonly number[], places: number): number[] {
  const shown = counts.map(() => 0);
  let left = Math.min(
    places,
    counts.reduce((sum, count) => sum + count, 0),
  );
  while (left > 0)
    for (const [index, count] of counts.entries()) {
      const taken = shown[index] ?? 0;
      if (left === 0 || taken === count) continue;
      shown[index] = taken + 1;
      left--;
    }
  return shown;
}

function linesByPart(diff: ContentsDiff): { name?: ContentsPart; lines: string[] }[] {
  const system = (['distribution', 'kernel'] as const).flatMap((name) => {
    const changed = diff[name];
    return changed === undefined ? [] : [line(arrow(name, changed.from, changed.to))];
  });
  const { unknown } = diff;
  const texts = entryTexts(diff.architecture);
  return [
    { lines: system },
    part(diff, 'packages', texts.packages),
    part(diff, 'services', texts.services),
    part(diff, 'ports', texts.ports),
    part(diff, 'users', texts.users),
    part(diff, 'setuid', texts.setuid),
    {
      lines:
        unknown.length === 0 ? [] : [`${notCompared(unknown)}: one of the two images has no list of them`],
    },
  ];
}

function part<P extends ContentsPart>(
  diff: ContentsDiff,
  name: P,
  textOf: (one: ImageContents[P][number]) => EntryText,
) {
  type Entry = ImageContents[P][number];
  const { changed, added, removed } = diff[name] as Difference<Entry>;
  const [word] = words[name];
  const whole = (sign: string) => (one: Entry) => {
    const text = textOf(one);
    const [first = '', ...others] = text.facts.map(([label, value]) => `${label}${value}`);
    const facts = name === 'packages' ? ` ${first}` : ` (${[first, ...others].join(', ')})`;
    return line(`${sign} ${word} ${short(text.name)}${short(facts)}`);
  };
  const lines = [
    ...changed.map(({ from, to }) => {
      const [before, after] = [textOf(from), textOf(to)];
      const differing = after.facts.flatMap(([label, value], index) => {
        const earlier = before.facts[index]?.[1] ?? '';
        return earlier === value ? [] : [arrow(label.trim(), earlier, value)];
      });
      if (name === 'packages') return line(`${short(after.name)} ${differing[0] ?? ''}`);
      return line(`${word} ${short(after.name)} ${differing.join(', ')}`);
    }),
    ...added.map(whole('+')),
    ...removed.map(whole('-')),
  ];
  return { name, lines };
}

function arrow(label: string, from: string, to: string): string {
  return `${label === '' ? '' : `${label} `}${short(from)} → ${short(to)}`;
}

/** Package names and paths come from a machine: they make no lines of their own, and no long ones. */
function line(text: string): string {
  return printable(text).trimEnd();
}

function short(text: string): string {
  return cutMiddle(text, maxTextLength);
}
