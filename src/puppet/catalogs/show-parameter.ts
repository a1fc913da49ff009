import { structuredPatch } from 'diff';
import { isSecret, type Redact } from '../report/secrets.ts';
import type { Json } from './catalog.ts';
import type { CatalogDifference, ParameterDifference } from './compare-catalogs.ts';
import { visible } from '../../lib/printable.ts';
import { visibleLine } from './show-text.ts';

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
  // One side has all lines: nothing to search for, however many they are.
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

/** Keys sorted, as their order tells nothing; what stands under a secret's name is one, as deep as it may be. */
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
