import { structuredPatch } from 'diff';
import { cutMiddle, visible } from '../../lib/printable.ts';
import { placeText } from '../report/place.ts';
import { isSecret, type Redact } from '../report/secrets.ts';
import type { Json } from './catalog.ts';
import type { CatalogDifference, ParameterDifference } from './compare-catalogs.ts';

/** A resource that differs, in lines. */
export interface ShownResource {
  change: CatalogDifference['change'];
  /** `File[/etc/motd]` */
  name: string;
  /** `modules/base/manifests/init.pp:7`; empty where nobody knows. */
  place: string;
  /** `of` a difference: the lines of a diff, which may begin with `+` and `-`. */
  lines: { of: 'resource' | 'difference'; text: string }[];
}

const nameLength = 200;
const valueLength = 200;
const lineLength = 400;
/** Of one parameter; the rest is counted. */
const maxLines = 60;

/** All that differs of a resource, as a person reads it in a pull request. */
export function showResource(difference: CatalogDifference, redact: Redact): ShownResource {
  const { change, parameters } = difference;
  const moved = movedText(difference, redact);
  return {
    change,
    name: showName(difference.resource, redact),
    place: visibleLine(placeText(difference)),
    lines: [
      ...parameters.flatMap((one) => parameterLines(showParameter(difference, one, redact), change)),
      ...(moved === '' ? [] : [{ of: 'resource', text: moved } as const]),
    ],
  };
}

/** A resource's reference on one line. */
export function showName(resource: string, redact: Redact): string {
  return cutMiddle(visibleLine(redact(resource)), nameLength);
}

/** `now in Class[B], no longer in Class[A]`; empty when it did not move. */
export function movedText({ entered, left }: CatalogDifference, redact: Redact): string {
  const names = (list: readonly string[]) => list.map((one) => showName(one, redact)).join(', ');
  const parts = [
    ...(entered.length === 0 ? [] : [`now in ${names(entered)}`]),
    ...(left.length === 0 ? [] : [`no longer in ${names(left)}`]),
  ];
  return parts.join(', ');
}

/** `mode: "0644" → "0600"`, `mode: "0600" (new)`, `mode: gone`; values cut to so many characters. */
export function inlineText(
  { name, before, after }: { name: string; before?: string; after?: string },
  length: number,
): string {
  if (before === undefined) return `${name}: ${cutMiddle(after ?? '', length)} (new)`;
  if (after === undefined) return `${name}: ${cutMiddle(before, length)} (gone)`;
  return `${name}: ${cutAlike(before, after, length).join(' → ')}`;
}

function parameterLines(shown: ShownParameter, change: CatalogDifference['change']): ShownResource['lines'] {
  if ('note' in shown) return [{ of: 'resource', text: `${shown.name}: ${shown.note}` }];
  if (!('lines' in shown)) {
    const text = inlineText(shown, valueLength);
    return [{ of: 'resource', text: change === 'added' ? text.replace(/ \(new\)$/, '') : text }];
  }
  const lines = shown.lines.slice(0, maxLines).map((text) => cutMiddle(text, lineLength));
  const more = shown.lines.length - lines.length;
  return [
    { of: 'resource', text: `${shown.name}:` },
    ...lines.map((text) => ({ of: 'difference', text }) as const),
    ...(more === 0 ? [] : [{ of: 'resource', text: `… and ${more} more lines` } as const]),
  ];
}

/** A difference of a parameter as texts for a person, without secrets. */
export type ShownParameter =
  /** On one line each; absent: it has no such parameter. */
  | { name: string; before?: string; after?: string }
  /** Hunks of a unified diff. */
  | { name: string; lines: string[]; added: number; removed: number }
  /** Only what is not shown differs, or too much for a diff. */
  | { name: string; note: string };

const secret = '[secret]';
/** Beyond this, hashes and arrays are shown on several lines. */
const inlineLength = 80;
const contextLines = 2;
/** A diff with more changed lines takes too long, and nobody reads it. */
const maxChangedLines = 1_000;

/** What of a parameter's difference may be shown, and how. */
export function showParameter(
  { resource }: Pick<CatalogDifference, 'resource'>,
  difference: ParameterDifference,
  redact: Redact,
): ShownParameter {
  const { name } = difference;
  const shown = (value: Json) => withoutSecrets({ title: resource, name }, value, redact);
  const before = difference.before === undefined ? undefined : shown(difference.before);
  const after = difference.after === undefined ? undefined : shown(difference.after);
  if (before !== undefined && after !== undefined && JSON.stringify(before) === JSON.stringify(after)) {
    return { name: visibleLine(name), note: `${oneLine(after)}, with another value` };
  }
  if (![before, after].some(isLong)) {
    return {
      name: visibleLine(name),
      ...(before === undefined ? {} : { before: oneLine(before) }),
      ...(after === undefined ? {} : { after: oneLine(after) }),
    };
  }
  return { name: visibleLine(name), ...lineDifference(manyLines(before), manyLines(after)) };
}

/** A unified diff's hunks. Of a text that was not there before, all lines, without a hunk's header. */
function lineDifference(
  before: string,
  after: string,
): { lines: string[]; added: number; removed: number } | { note: string } {
  // One text has all lines: there is nothing to search for, however many they are.
  if (before === '' || after === '') {
    const lines = (before + after).replace(/\n$/, '').split('\n');
    const [sign, added, removed] = before === '' ? ['+', lines.length, 0] : ['-', 0, lines.length];
    return { lines: lines.map((line) => visible(`${sign}${line}`)), added, removed };
  }
  const options = { context: contextLines, maxEditLength: maxChangedLines };
  const patch = structuredPatch('', '', before, after, undefined, undefined, options);
  if (patch === undefined) return { note: 'differs in more lines than can be compared' };
  if (patch.hunks.length === 0) return { note: 'reads the same, but is of another type' };
  const changed = patch.hunks.flatMap(({ lines }) => lines);
  const withHeader = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
  return {
    lines: withHeader.map(visible),
    added: changed.filter((line) => line.startsWith('+')).length,
    removed: changed.filter((line) => line.startsWith('-')).length,
  };
}

function isLong(value: Json | undefined): boolean {
  if (value === undefined) return false;
  return typeof value === 'string' ? value.includes('\n') : oneLine(value).length > inlineLength;
}

function oneLine(value: Json): string {
  return visibleLine(JSON.stringify(value));
}

function manyLines(value: Json | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`;
}

/** Keys are sorted, since their order means nothing; what stands under a secret's name is one, as deep as it may be. */
function withoutSecrets({ title, name }: { title: string; name: string }, value: Json, redact: Redact): Json {
  if (typeof value === 'boolean' || value === null) return value;
  if (isSecret({ title }, { property: name, redacted: false })) return secret;
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') return redact(String(value)) === String(value) ? value : secret;
  if (Array.isArray(value)) return value.map((inner) => withoutSecrets({ title, name }, inner, redact));
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key) => [redact(key), withoutSecrets({ title, name: key }, value[key] ?? null, redact)]),
  );
}

/** A text on one line, with its control characters spelled out. */
function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** Two texts, each cut to about so many characters so that the place where they begin to differ is still seen. */
function cutAlike(before: string, after: string, length: number): [string, string] {
  if (before.length <= length && after.length <= length) return [before, after];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const from = same < length / 2 ? 0 : same - 20;
  const cut = (text: string) =>
    `${from === 0 ? '' : '… '}${cutMiddle(text.slice(from).toWellFormed(), length)}`;
  return [cut(before), cut(after)];
}
