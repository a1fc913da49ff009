import type { Redact } from '../report/secrets.ts';
import type { CatalogDifference } from './compare-catalogs.ts';
import { type ShownParameter, showParameter } from './show-parameter.ts';
import { inlineText, movedText, showName } from './show-resource.ts';

const valueLength = 40;

/**
 * The differences in at most so many lines, one for each parameter: `File[/etc/motd] mode: "0644" → "0600"`; what has
 * no room is counted in the last.
 */
export function differenceLines(
  differences: readonly CatalogDifference[],
  redact: Redact,
  max = 10,
): string[] {
  const lines = differences.flatMap((difference) => linesOf(difference, redact));
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max - 1), `and ${lines.length - max + 1} more`];
}

function linesOf(difference: CatalogDifference, redact: Redact): string[] {
  const name = showName(difference.resource, redact);
  if (difference.change === 'added') return [`${name} is new`];
  if (difference.change === 'removed') return [`${name} is gone`];
  const moved = movedText(difference, redact);
  return [
    ...difference.parameters.map((one) => `${name} ${parameterText(showParameter(difference, one, redact))}`),
    ...(moved === '' ? [] : [`${name} is ${moved}`]),
  ];
}

function parameterText(shown: ShownParameter): string {
  if ('note' in shown) return `${shown.name}: ${shown.note}`;
  if ('lines' in shown) return `${shown.name}: +${shown.added} -${shown.removed} lines`;
  return inlineText(shown, valueLength);
}
