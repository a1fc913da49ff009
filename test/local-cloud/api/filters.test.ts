import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import { applyFilters, wildcard } from '../../../src/local-cloud/api/filters.ts';

const images = [
  { name: 'web-1', size: 8, users: ['a', 'b'], tags: { node: 'web', empty: '' } },
  { name: 'web-db-1', size: 16, users: [], tags: { node: 'web-db' } },
];
const table = {
  name: ({ name }: (typeof images)[number]) => name,
  size: ({ size }: (typeof images)[number]) => size,
  user: ({ users }: (typeof images)[number]) => users,
};
const found = (...filters: [name: string, ...values: string[]][]) =>
  applyFilters(
    images,
    filters.map(([Name, ...Value]) => ({ Name, Value })),
    table,
    ({ tags }) => tags as Record<string, string>,
  ).map(({ name }) => name);

describe('a filter', () => {
  test.each([
    [[['name', 'web-?']], ['web-1']],
    [[['name', 'web-*']], ['web-1', 'web-db-1']],
    [[['name', 'WEB-1']], []],
    [[['size', '16']], ['web-db-1']],
    [[['user', 'b']], ['web-1']],
    [[['tag:node', 'web']], ['web-1']],
    [[['tag:node', 'db', 'web-db']], ['web-db-1']],
    [[['tag:empty', '']], ['web-1']],
    [[['tag:constructor', '*']], []],
    [[['tag-key', 'empty']], ['web-1']],
    [[['tag-value', 'web*']], ['web-1', 'web-db-1']],
    [
      [
        ['name', 'web*'],
        ['size', '8'],
      ],
      ['web-1'],
    ],
    [[['name']], []],
  ] as [[string, ...string[]][], string[]][])('%j finds %j', (filters, names) => {
    expect(found(...filters)).toEqual(names);
  });

  test.each(['nmae', 'constructor', 'Tag:node'])('named %s is refused, not ignored', (name) => {
    expect(() => found([name, 'x'])).toThrow(`The filter '${name}' is invalid`);
  });
});

test('a wildcard without * and ? finds exactly itself, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const escaped = wildcard(text.replace(/[*?\\]/g, '\\$&'));
      expect(escaped.test(text)).toBe(true);
      expect(escaped.test(other)).toBe(text === other);
    }),
  );
});
