import { visible } from '../../lib/printable.ts';

/** A text on one line, with its control characters spelled out. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** At most so many characters, the middle left out. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 3) / 2);
  return `${text.slice(0, head)} … ${text.slice(text.length - (length - 3 - head))}`.toWellFormed();
}

/** Two texts, each cut to about so many characters so that the place where they begin to differ is still seen. */
export function cutAlike(before: string, after: string, length: number): [string, string] {
  if (before.length <= length && after.length <= length) return [before, after];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const from = same < length / 2 ? 0 : same - 20;
  const cut = (text: string) =>
    `${from === 0 ? '' : '… '}${cutMiddle(text.slice(from).toWellFormed(), length)}`;
  return [cut(before), cut(after)];
}
