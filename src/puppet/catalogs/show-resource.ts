import { placeText } from '../report/place.ts';
import type { Redact } from '../report/secrets.ts';
import type { CatalogDifference } from './compare-catalogs.ts';
import { type ShownParameter, showParameter } from './show-parameter.ts';
import { cutAlike, cutMiddle, visibleLine } from './show-text.ts';

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
