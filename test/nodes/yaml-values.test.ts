import { describe, expect, test } from '@jest/globals';
import { character, fc, runs } from '../runs.ts';
import { load } from 'js-yaml';
import { stringify } from 'yaml';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

const node = (yaml: string) => {
  const { nodes, problems } = parseNodes(yaml);
  expect(problems).toEqual([]);
  return nodes.at(-1);
};
const problemsOf = (yaml: string) =>
  parseNodes(yaml).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('a number keeps its text unless it is plain decimal', () => {
  test.each<[written: string, read: unknown]>([
    ['20', 20],
    ['-5', -5],
    ['0.5', 0.5],
    ['123456789012', 123456789012],
    ['00420', '00420'],
    ['012345678901', '012345678901'],
    ['1.10', '1.10'],
    ['3.0', '3.0'],
    ['1e3', '1e3'],
    ['12345e7', '12345e7'],
    ['0x1f', '0x1f'],
    ['0o17', '0o17'],
    ['+1', '+1'],
    ['-0', '-0'],
    ['.5', '.5'],
    ['.inf', '.inf'],
    ['.nan', '.nan'],
    ['9007199254740993', '9007199254740993'],
    ['1234567890123456789012', '1234567890123456789012'],
    ['2026-11-27', '2026-11-27'],
    ['10:30', '10:30'],
    ['1_000', '1_000'],
    ['"20"', '20'],
    ['true', true],
    ['null', null],
  ])('%s', (written, read) => {
    const yaml = `a: {group: g, own: {x: [${written}]}, facts: {f: ${written}}, packer: {max_retries: ${written}}}`;
    expect(node(yaml)).toMatchObject({
      extra: { own: { x: [read] } },
      facts: { f: read },
      packer: { max_retries: read },
    });
  });

  test('also as the key of a mapping, and where the file says that it is YAML 1.1', () => {
    expect(node('a: {group: g, packer: {tags: {00420: x, 1.10: y, 1.1: z, true: t}}}')?.packer.tags).toEqual({
      '00420': 'x',
      '1.10': 'y',
      '1.1': 'z',
      true: 't',
    });
    const old = '%YAML 1.1\n---\na: {group: g, facts: {day: 2026-11-27, time: 10:30, id: 0420, one: 1_000}}';
    expect(node(old)?.facts).toEqual({ day: '2026-11-27', time: '10:30', id: '0420', one: '1_000' });
  });

  test('and so does a switch where Packer takes a text, which it would make a 1 of', () => {
    const yaml =
      'a: {group: g, packer: {tags: {Backup: true, Old: False}, ami_groups: [true], ssh_pty: true, subnet_filter: {filters: {"tag:X": true}, random: true}}, facts: {x: true}}';
    expect(node(yaml)).toMatchObject({
      packer: {
        tags: { Backup: 'true', Old: 'False' },
        ami_groups: ['true'],
        ssh_pty: true,
        subnet_filter: { filters: { 'tag:X': 'true' }, random: true },
      },
      facts: { x: true },
    });
  });

  test('for any digits, signs, points and exponents', () => {
    const piece = fc.constantFrom(
      '0',
      '1',
      '7',
      '9',
      '00',
      '.',
      'e',
      'E',
      '+',
      '-',
      'x',
      'o',
      'a',
      '_',
      '12345678',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        const { nodes, problems } = parseNodes(`a:\n  group: g\n  facts:\n    f: ${text}\n`);
        fc.pre(problems.length === 0);
        const read = nodes[0]?.facts.f;
        fc.pre(typeof read === 'string' || typeof read === 'number');
        expect(String(read)).toBe(text);
        expect(JSON.stringify(read)).toBe(typeof read === 'number' ? text : JSON.stringify(text));
      }),
      runs(2000),
    );
  });
});

test('data that the yaml package writes is read as it was', () => {
  const key = fc.string({ minLength: 1 }).filter((text) => text !== '<<' && text !== '__proto__');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.string({ unit: character }).filter((text) => text.isWellFormed()),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, tree, { noNullPrototype: true }), (own) => {
      const given = JSON.parse(JSON.stringify(own)) as unknown;
      expect(node(stringify({ a: { group: 'g', own: given } }))?.extra.own).toEqual(given);
    }),
    runs(500),
  );
});

describe('a merge key', () => {
  test('holds at every level, with lists of mappings, and is an ordinary key in quotes', () => {
    const yaml = `
x: &x {group: x, size: t3.nano}
y: &y {group: y, keep: 3}
z: {<<: [*x, *y], keep: 4}
a: {group: g, packer: &p {ssh_timeout: 3m, tags: &t {A: 1, B: 2}}}
b: {group: g, packer: {<<: *p, ssh_port: 22, tags: {B: 3, <<: *t}}, facts: {<<: {f: 1}, g: [{<<: *t}]}, own: {'<<': 1}}
`;
    const { nodes, problems } = parseNodes(yaml);
    expect(problems).toEqual([]);
    expect(nodes[2]).toMatchObject({ groups: ['x'], size: 't3.nano', keep: 4 });
    expect(nodes[4]).toMatchObject({
      packer: { ssh_timeout: '3m', ssh_port: 22, tags: { A: 1, B: 3 } },
      facts: { f: 1, g: [{ A: 1, B: 2 }] },
      extra: { own: { '<<': 1 } },
    });
  });

  test('holds among nodes, beside `defaults`, and in the defaults', () => {
    const yaml = `
defaults: {<<: {group: g}, keep: 2}
nodes:
  <<: {a: {size: t3.nano}}
  b:
`;
    expect(parseNodes(yaml).nodes).toMatchObject([
      { name: 'a', groups: ['g'], keep: 2, size: 't3.nano' },
      { name: 'b', groups: ['g'], keep: 2 },
    ]);
  });

  test.each([
    ['a: {group: g, <<: 5}', '1:19 "a": `<<` names neither'],
    ['a: {group: g, packer: {<<: [{}, 5]}}', '1:33 "a": `<<` names neither'],
    ['a: {group: g, <<: }', '1:19 "a": `<<` names neither'],
    ['a: {group: g, <<: *b}', '1:19 "a": not YAML: there is no anchor &b above'],
    ['a: {group: g, {x: 1}: 2}', '1:15 "a": a key is not a text'],
    ['a: {group: g, own: {__proto__: 2}}', '1:21 "a": `__proto__` cannot be a key'],
    ['a: {group: g, own: {1: x, "1": y}}', '1:27 this key stands twice'],
  ])('or another key that cannot be one is refused at its place: %s', (yaml, problem) => {
    expect(problemsOf(yaml)).toEqual([expect.stringContaining(problem)]);
  });

  test('brings what js-yaml says that it brings', () => {
    const name = fc.constantFrom('k', 'l', 'm');
    const mapping = fc.record({
      own: fc.dictionary(name, fc.constantFrom('1', '2', 'x', '{k: 5, n: 6}'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      merged: fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
      inList: fc.boolean(),
      first: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(mapping, { minLength: 1, maxLength: 6 }), (mappings) => {
        const lines = mappings.map(({ own, merged, inList, first }, index) => {
          const names = index === 0 ? [] : merged.map((pick) => `*m${pick % index}`);
          const [only] = names;
          const merge =
            only === undefined ? [] : [`<<: ${names.length > 1 || inList ? `[${names.join(', ')}]` : only}`];
          const keys = Object.entries(own).map(([key, value]) => `${key}: ${value}`);
          return `&m${index} {${(first ? [...merge, ...keys] : [...keys, ...merge]).join(', ')}}`;
        });
        const text = `- ${lines.join('\n    - ')}`;
        expect(node(`a:\n  group: g\n  own:\n    ${text}\n`)?.extra.own).toEqual(
          load(text.replaceAll('    ', '')),
        );
      }),
    );
  });
});

describe('an alias', () => {
  test.each([
    ['redis: &r {group: x, <<: *r}', '1:26 "redis": aliases go in a circle'],
    ['a: {group: g, facts: &f {a: *f}}', '1:29 "a": aliases go in a circle'],
    ['a: &a {group: g, own: *a}', '1:23 "a": aliases go in a circle'],
    ['a: {group: g, own: &l [1, [*l]]}', '1:28 "a": aliases go in a circle'],
    ['a: {group: g, own: &o {b: {<<: *o}}}', '1:27 "a": aliases go in a circle'],
    ['a: &a {group: g, <<: &m {x: {<<: *a, <<: *m}}}', '1:38 this key stands twice'],
    ['a: &a {group: g, packer: {<<: [{<<: *a}]}}', '1:26 "a": aliases go in a circle'],
    ['nodes: &n {a: {group: g, own: *n}}', '1:31 "a": aliases go in a circle'],
    ['nodes: &n {a: {group: g}, <<: *n}', '1:31 aliases go in a circle'],
    ['a: {group: g, packer: &p {tags: *p}}', '1:33 "a": aliases go in a circle'],
  ])('that names what it stands in is refused at its place: %s', (yaml, problem) => {
    expect(problemsOf(yaml)).toEqual([expect.stringContaining(problem)]);
  });

  const bomb = (level: (below: string) => string, levels = 14) =>
    [
      `l0: &l0 {group: g}`,
      ...Array.from({ length: levels }, (_, n) => `l${n + 1}: &l${n + 1} ${level(`*l${n}`)}`),
    ].join('\n');
  test.each([
    ['of lists', bomb((below) => `{group: g, x: [${Array(9).fill(below).join()}]}`)],
    [
      'of mappings',
      bomb(
        (below) =>
          `{group: g, ${Array.from('abcdefghi')
            .map((key) => `${key}x: ${below}`)
            .join()}}`,
      ),
    ],
    ['of merges', bomb((below) => `{group: g, <<: [${Array(9).fill(below).join()}]}`)],
    [
      'of merges of nothing',
      `a: {group: g, x0: &l0 {}, ${Array.from({ length: 12 }, (_, n) => `x${n + 1}: &l${n + 1} {<<: [${Array(9).fill(`*l${n}`).join()}]}`).join()}}`,
    ],
    [
      'in the settings of Packer',
      bomb((below) => `{group: g, packer: {tags: [${Array(9).fill(below).join()}]}}`),
    ],
  ])('that repeats without end is refused in one sentence, not followed: %s', (_, yaml) => {
    expect(problemsOf(yaml)).toEqual([expect.stringContaining('aliases repeat too much')]);
  });

  test('may be used a thousand times', () => {
    const keys = Array.from({ length: 100 }, (_, n) => `k${n}: ${n}`).join(', ');
    const nodes = Array.from(
      { length: 1000 },
      (_, n) => `n${n}: {group: g, <<: *own, packer: {tags: *tags}}`,
    );
    const yaml = `defaults: {own: &own {${keys}}, more: &tags {${keys}}}\nnodes:\n  ${nodes.join('\n  ')}`;
    expect(problemsOf(yaml)).toEqual([]);
  });
});

test('a file that is nested without end is refused, also where aliases nest it', () => {
  const deep = (levels: number, inner: string) => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
  expect(problemsOf(`a: {group: g, x: ${deep(50_000, '')}}`)[0]).toContain('not YAML');
  expect(problemsOf(`a: {group: g, x: ${deep(150, '')}}`)).toEqual([]);
  const chain = Array.from({ length: 100 }, (_, n) => `x${n + 1}: &x${n + 1} ${deep(100, `*x${n}`)}`);
  expect(problemsOf(`a: {group: g, x0: &x0 1, ${chain.join(', ')}}`)[0]).toContain('nested deeper than 200');
});
