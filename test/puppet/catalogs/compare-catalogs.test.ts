import { describe, expect, test } from '@jest/globals';
import { fc, runs } from '../../runs.ts';
import {
  type Catalog,
  catalogDigest,
  type CatalogResource,
  type Json,
} from '../../../src/puppet/catalogs/catalog.ts';
import { compareCatalogs, groupDifferences } from '../../../src/puppet/catalogs/compare-catalogs.ts';
import { catalogs } from './arbitrary-catalog.ts';

const file = (title: string, parameters: Record<string, Json>, over: Partial<CatalogResource> = {}) => ({
  type: 'File',
  title,
  parameters,
  exported: false,
  file: 'modules/a/manifests/init.pp',
  line: 3,
  ...over,
});
const catalog = (resources: CatalogResource[], edges: Catalog['edges'] = []): Catalog => ({
  resources,
  edges,
});
const changed = (over: object) => ({
  resource: 'File[/a]',
  change: 'changed',
  parameters: [],
  entered: [],
  left: [],
  ...over,
});
const place = { file: 'modules/a/manifests/init.pp', line: 3 };

const proto = JSON.parse('{"__proto__":1}') as Json;

describe('two catalogs', () => {
  test('differ exactly where their digests do', () => {
    fc.assert(
      fc.property(catalogs, catalogs, (one, other) => {
        expect(compareCatalogs(one, one)).toEqual([]);
        expect(compareCatalogs(one, other).length > 0).toBe(catalogDigest(one) !== catalogDigest(other));
      }),
    );
  });

  test('also where nearly all is the same', () => {
    const value = fc.constantFrom<Json[]>(
      null,
      1,
      '1',
      [],
      ['A[a]'],
      'A[a]',
      { __sensitive: '0a' },
      { __sensitive: '0b' },
    );
    const resource = fc.record({ a: value, require: value }, { requiredKeys: [] });
    const edge = fc.constantFrom(
      { source: 'A[a]', target: 'File[/a]' },
      { source: 'B[b]', target: 'File[/a]' },
    );
    const near = fc
      .tuple(fc.array(resource, { maxLength: 2 }), fc.subarray([0, 1]), fc.array(edge, { maxLength: 2 }))
      .map(([resources, request, edges]) =>
        catalog(
          resources.map((parameters, at) =>
            file(`/${request[at] ?? 'a'}`, parameters, { exported: at === 1 }),
          ),
          edges,
        ),
      );
    fc.assert(
      fc.property(near, near, (one, other) => {
        const titles = [one, other].map(({ resources }) => resources.map(({ title }) => title));
        fc.pre(titles.every((list) => new Set(list).size === list.length));
        expect(compareCatalogs(one, other).length > 0).toBe(catalogDigest(one) !== catalogDigest(other));
      }),
      runs(2_000),
    );
  });

  test('differ by a resource that one of them lacks, with all that a new one has', () => {
    const one = catalog([file('/a', { mode: '0644' })]);
    const other = catalog([file('/b', { mode: '0600', ensure: 'file' }, { line: 9 })]);
    expect(compareCatalogs(one, other)).toEqual([
      changed({ change: 'removed', ...place }),
      changed({
        resource: 'File[/b]',
        change: 'added',
        parameters: [
          { name: 'ensure', after: 'file' },
          { name: 'mode', after: '0600' },
        ],
        ...place,
        line: 9,
      }),
    ]);
  });

  test.each<[string, Record<string, Json>, Record<string, Json>, object[]]>([
    ['another value', { a: '1' }, { a: 1 }, [{ name: 'a', before: '1', after: 1 }]],
    ['null for nothing', {}, { a: null }, [{ name: 'a', after: null }]],
    ['none any more', { a: [] }, {}, [{ name: 'a', before: [] }]],
    [
      'a requirement',
      { require: 'A[a]' },
      { require: ['A[a]', 'A[b]'] },
      [{ name: 'require', before: 'A[a]', after: ['A[a]', 'A[b]'] }],
    ],
    ['a key __proto__', { a: {} }, { a: proto }, [{ name: 'a', before: {}, after: proto }]],
    [
      'a sensitive value, which is not shown, nor its hash',
      { a: { __sensitive: '0a' }, b: [{ c: { __sensitive: '0a' } }] },
      { a: { __sensitive: '0b' }, b: [{ c: 'open' }] },
      [
        { name: 'a', before: '[sensitive]', after: '[sensitive]' },
        { name: 'b', before: [{ c: '[sensitive]' }], after: [{ c: 'open' }] },
      ],
    ],
  ])('differ by %s', (_, before, after, parameters) => {
    expect(compareCatalogs(catalog([file('/a', before)]), catalog([file('/a', after)]))).toEqual([
      changed({ parameters, ...place }),
    ]);
  });

  test('differ by what is exported, at the later place', () => {
    const one = catalog([file('/a', {})]);
    const other = catalog([file('/a', {}, { exported: true, line: 8 })]);
    expect(compareCatalogs(one, other)).toEqual([
      changed({ parameters: [{ name: '(exported)', before: false, after: true }], ...place, line: 8 }),
    ]);
  });

  test('differ by what contains a resource, also one that they do not have', () => {
    const resources = [file('/a', {}), file('/new', {})];
    const one = catalog(resources.slice(0, 1), [
      { source: 'Class[A]', target: 'File[/a]' },
      { source: 'Class[A]', target: 'Whit[x]' },
    ]);
    const other = catalog(resources, [
      { source: 'Class[B]', target: 'File[/a]' },
      { source: 'Class[B]', target: 'File[/new]' },
    ]);
    expect(compareCatalogs(one, other)).toEqual([
      changed({ entered: ['Class[B]'], left: ['Class[A]'], ...place }),
      changed({ resource: 'File[/new]', change: 'added', ...place }),
      changed({ resource: 'Whit[x]', left: ['Class[A]'] }),
    ]);
  });
});

describe('differences of several nodes', () => {
  const [a, b, c] = ['/a', '/b', '/c'].map((title) =>
    compareCatalogs(catalog([]), catalog([file(title, {})])),
  );

  test('stand together where the same nodes have them, the most common first', () => {
    const grouped = groupDifferences([
      { node: 'db', differences: [...(c ?? []), ...(a ?? [])] },
      { node: 'redis', differences: [...(a ?? []), ...(b ?? [])] },
      { node: 'same', differences: [] },
      { node: 'web', differences: [...(a ?? []), ...(b ?? [])] },
    ]);
    expect(
      grouped.map(({ nodes, differences }) => [nodes, differences.map(({ resource }) => resource)]),
    ).toEqual([
      [['db', 'redis', 'web'], ['File[/a]']],
      [['redis', 'web'], ['File[/b]']],
      [['db'], ['File[/c]']],
    ]);
  });

  test('are all reported, for each node', () => {
    const pool = [...(a ?? []), ...(b ?? []), ...(c ?? [])];
    fc.assert(
      fc.property(fc.array(fc.subarray(pool), { maxLength: 5 }), (lists) => {
        const groups = groupDifferences(lists.map((differences, at) => ({ node: `n${at}`, differences })));
        for (const [at, differences] of lists.entries()) {
          const found = groups
            .filter(({ nodes }) => nodes.includes(`n${at}`))
            .flatMap((group) => group.differences);
          expect(new Set(found)).toEqual(new Set(differences));
        }
      }),
    );
  });
});
