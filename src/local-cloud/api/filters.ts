import { isEc2Filter } from './ec2-filters.ts';
import { invalidValue, unsupported } from './fault.ts';
import { group, list, rawText, required, text } from './shapes.ts';

export const filterShape = list(group({ Name: required(text), Value: list(rawText) }));
export type Filter = NonNullable<ReturnType<typeof filterShape>[number]>;

/** The values that one item has under a filter's name. */
export type FilterTable<T> = Readonly<
  Record<string, (item: T) => string | number | boolean | undefined | readonly string[]>
>;

/**
 * Keeps the items that match every filter by at least one of its values; `*` and `?` are wildcards, as in EC2.
 * `tag:KEY`, `tag-key` and `tag-value` need no entry in the table. An unknown filter is a Fault,
 * which tells a filter that EC2 has for the action from one that it has not.
 */
export function applyFilters<T>(
  items: readonly T[],
  filters: readonly Filter[],
  table: FilterTable<T>,
  action: string,
  tagsOf: (item: T) => Readonly<Record<string, string>> = () => ({}),
): T[] {
  const tests = filters.map((filter) => {
    const valuesOf = lookUp(filter.Name, table, action, tagsOf);
    const patterns = filter.Value.map(wildcard);
    return (item: T) => valuesOf(item).some((value) => patterns.some((pattern) => pattern.test(value)));
  });
  return items.filter((item) => tests.every((test) => test(item)));
}

function lookUp<T>(
  name: string,
  table: FilterTable<T>,
  action: string,
  tagsOf: (item: T) => Readonly<Record<string, string>>,
): (item: T) => readonly string[] {
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (item) => {
      const tags = tagsOf(item);
      return Object.hasOwn(tags, key) ? [tags[key] ?? ''] : [];
    };
  }
  if (name === 'tag-key') return (item) => Object.keys(tagsOf(item));
  if (name === 'tag-value') return (item) => Object.values(tagsOf(item));
  const getter = Object.hasOwn(table, name) ? table[name] : undefined;
  if (getter === undefined) {
    throw isEc2Filter(action, name)
      ? unsupported(`The local cloud does not support the filter '${name}' of ${action}`)
      : invalidValue(`The filter '${name}' is invalid`);
  }
  return (item) => {
    const value = getter(item);
    if (value === undefined) return [];
    return typeof value === 'object' ? value : [String(value)];
  };
}

/** A filter value as a regular expression; a backslash takes the meaning from the character after it. */
export function wildcard(value: string): RegExp {
  const source = value.replace(
    /\\(.)|([*?])|([\s\S])/gu,
    (_, escaped?: string, special?: string, plain?: string) => {
      if (special !== undefined) return special === '*' ? '[\\s\\S]*' : '[\\s\\S]';
      return quote(escaped ?? plain ?? '');
    },
  );
  return new RegExp(`^${source}$`, 'u');
}

function quote(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
