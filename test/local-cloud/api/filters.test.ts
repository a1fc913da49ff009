import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isEc2Filter } from '../../../src/local-cloud/api/ec2-filters.ts';
import { fc } from '../../runs.ts';
import { applyFilters, wildcard } from '../../../src/local-cloud/api/filters.ts';
import { registry } from '../../../src/local-cloud/registry.ts';
import { root } from '../../cli/stage-process.ts';

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
    'DescribeImages',
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

describe("EC2's filters", () => {
  test('that the local cloud has not are said to be not supported, not invalid', () => {
    expect(() => found(['platform', 'windows'])).toThrow(
      "does not support the filter 'platform' of DescribeImages",
    );
    expect(() => found(['group-id', 'x'])).toThrow("The filter 'group-id' is invalid");
  });

  // The SDK's types bring EC2's documentation along.
  test('are all known, for every action that the local cloud answers', () => {
    const documented = documentedFilters();
    const answered = Object.keys(registry.ec2).filter((action) => documented.has(action));
    expect(answered.length).toBeGreaterThan(15);
    for (const action of answered) {
      const unknown = [...(documented.get(action) ?? [])].filter((name) => !isEc2Filter(action, name));
      expect([action, unknown]).toEqual([action, []]);
    }
  });
});

/** The names of the filters by action, out of the types of the SDK for EC2. */
function documentedFilters(): Map<string, Set<string>> {
  const folder = join(root, 'node_modules/@aws-sdk/client-ec2/dist-types/models');
  const text = readdirSync(folder)
    .filter((name) => /^models_\d+\.d\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8').replace(/\n\s*\*(?!\/)/g, ' '))
    .join('\n');
  const requests = text.matchAll(/export interface (Describe\w+)Request \{([^]*?)\n\}/g);
  return new Map(
    [...requests].flatMap(([, action = '', body = '']) => {
      const [, comment] = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*Filters\?/.exec(body) ?? [];
      if (comment === undefined) return [];
      const names = [...comment.matchAll(/<li>\s*<p>\s*<code>\s*([^<]+?)\s*<\/code>/g)].map(
        ([, name = '']) => name,
      );
      return [[action, new Set(names.filter((name) => !name.startsWith('tag')))] as const];
    }),
  );
}

test('a wildcard without * and ? finds exactly itself, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const escaped = wildcard(text.replace(/[*?\\]/g, '\\$&'));
      expect(escaped.test(text)).toBe(true);
      expect(escaped.test(other)).toBe(text === other);
    }),
  );
});
