import { character, fc } from '../../runs.ts';
import type { Catalog, Json } from '../../../src/puppet/catalogs/catalog.ts';

/** Names and titles as manifests have them, and as somebody would choose them to confuse a hash. */
export const text = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    ' ',
    '1',
    'null',
    '[',
    ']',
    '"',
    '","',
    '\\',
    '\n',
    '\n\n',
    '{}',
    'é',
    'e\u0301',
    'File[/a]',
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: character, maxLength: 4 }),
);
export const reference = fc.constantFrom('File[/a]', 'File[/b]', 'Class[A]', 'Exec[x]', 'Exec[a]b]');

export const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5, '0', '1', 'true'),
    fc.array(tie('json'), { maxLength: 4 }),
    dictionary(tie('json')),
  ),
})).json;

/** A hash that may have a key of its own named `__proto__`, as parsed JSON can. */
export function dictionary<T extends Json>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.uniqueArray(fc.tuple(text, value), { maxLength: 4, selector: ([key]) => key }).map(fromEntries);
}

/** Unlike an object literal, with `__proto__` as a key like others. */
export function fromEntries<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const made: Record<string, T> = {};
  for (const [key, value] of entries)
    Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
  return made;
}

const parameters = fc
  .tuple(
    dictionary(json),
    fc.option(fc.array(reference, { maxLength: 3 })),
    fc.option(fc.oneof(reference, fc.array(reference, { maxLength: 3 }))),
  )
  .map(([plain, require, notify]) => ({
    ...plain,
    ...(require === null ? {} : { require }),
    ...(notify === null ? {} : { notify }),
  }));

export const catalogs: fc.Arbitrary<Catalog> = fc.record({
  resources: fc.uniqueArray(
    fc.record({
      type: fc.oneof(fc.constantFrom('File', 'Exec', 'Class', 'Redis::Instance'), text),
      title: text,
      parameters,
      exported: fc.boolean(),
    }),
    { maxLength: 8, selector: ({ type, title }) => JSON.stringify([type, title]) },
  ),
  edges: fc.uniqueArray(fc.record({ source: fc.oneof(reference, text), target: fc.oneof(reference, text) }), {
    maxLength: 6,
    selector: ({ source, target }) => JSON.stringify([source, target]),
  }),
});
