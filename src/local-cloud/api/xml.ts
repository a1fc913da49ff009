/**
 * What an answer is made of: an array is a list, a Named one of elements of that name, an undefined field
 * is left out.
 */
export type Xml =
  string | number | boolean | Date | undefined | Named | readonly Xml[] | { readonly [name: string]: Xml };

/** A list whose items are not called `item`. */
export class Named {
  readonly name: string;
  readonly items: readonly Xml[];
  constructor(name: string, items: readonly Xml[]) {
    this.name = name;
    this.items = items;
  }
}

/** Renders the inside of an element; each of a list's elements is named `item`. */
export function renderXml(value: Xml, item = 'item'): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Named)
    return value.items.map((each) => `<${value.name}>${renderXml(each, item)}</${value.name}>`).join('');
  if (Array.isArray(value))
    return value.map((each: Xml) => `<${item}>${renderXml(each, item)}</${item}>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]: [string, Xml]) =>
        inner === undefined ? '' : `<${name}>${renderXml(inner, item)}</${name}>`,
      )
      .join('');
  }
  return escapeXml(String(value));
}

/** Escapes text, and drops what XML 1.0 cannot carry at all (most control characters, U+FFFE). */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
