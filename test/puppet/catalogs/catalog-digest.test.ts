import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import {
  type Catalog,
  catalogDigest,
  type CatalogResource,
  type Json,
} from '../../../src/puppet/catalogs/catalog.ts';
import { catalogs, fromEntries, json } from './arbitrary-catalog.ts';

const file = (parameters: Record<string, Json>, over: Partial<CatalogResource> = {}): Catalog => ({
  resources: [{ type: 'File', title: '/a', parameters, exported: false, ...over }],
  edges: [],
});
const parsed = (text: string) => JSON.parse(text) as Record<string, Json>;

/** The same catalog in another sequence, from other places. */
function shuffled(catalog: Catalog, request: (n: number) => number[]): Catalog {
  const reordered = <T>(list: readonly T[]): T[] => request(list.length).map((at) => list[at] as T);
  const value = (one: Json): Json => {
    if (Array.isArray(one)) return one.map(value);
    if (typeof one !== 'object' || one === null) return one;
    return fromEntries(reordered(Object.keys(one)).map((key) => [key, value(one[key] as Json)] as const));
  };
  return {
    edges: reordered(catalog.edges),
    resources: reordered(catalog.resources).map((resource) => ({
      ...resource,
      file: 'manifests/other.pp',
      line: 7,
      parameters: fromEntries(
        reordered(Object.keys(resource.parameters)).map((name) => {
          const old = resource.parameters[name] as Json;
          const set = name === 'require' || name === 'notify';
          return [name, set && Array.isArray(old) ? reordered(old) : value(old)] as const;
        }),
      ),
    })),
  };
}

const permutations = fc.infiniteStream(fc.nat()).map((stream) => (n: number) => {
  const keys = [...stream.take(n)].map((key, at) => ({ at, key }));
  return keys.sort((a, b) => a.key - b.key || a.at - b.at).map(({ at }) => at);
});

describe('the digest of a catalog', () => {
  test('is 64 hexadecimal digits, the same today as ever', () => {
    expect(catalogDigest({ resources: [], edges: [] })).toBe(
      '75a11da44c802486bc6f65640aa48a730f0f684c5c07a42ba3cd1735eb3fb070',
    );
  });

  test('is the same in any order of resources, edges, keys and relationships', () => {
    fc.assert(
      fc.property(catalogs, permutations, (catalog, request) => {
        expect(catalogDigest(shuffled(catalog, request))).toBe(catalogDigest(catalog));
      }),
    );
  });

  test('is another after any change', () => {
    fc.assert(
      fc.property(catalogs, json, fc.nat(), (catalog, value, pick) => {
        const at = pick % (catalog.resources.length + 1);
        const resource = catalog.resources[at];
        const others = catalog.resources.filter((_, index) => index !== at);
        const withResource = (changed: CatalogResource) => ({
          ...catalog,
          resources: [...others, changed],
        });
        const changed: Catalog[] = [
          { ...catalog, edges: [...catalog.edges, { source: 'New[x]', target: 'y' }] },
        ];
        if (catalog.edges.length > 0) changed.push({ ...catalog, edges: catalog.edges.slice(1) });
        if (resource !== undefined) {
          const { parameters } = resource;
          const names = Object.keys(parameters);
          changed.push(
            { ...catalog, resources: others },
            withResource({ ...resource, title: `${resource.title}x` }),
            withResource({ ...resource, type: `${resource.type}x` }),
            withResource({ ...resource, exported: !resource.exported }),
            withResource({
              ...resource,
              parameters: fromEntries([...Object.entries(parameters), ['new parameter', value]]),
            }),
            ...names.map((name) =>
              withResource({
                ...resource,
                parameters: fromEntries(Object.entries(parameters).filter(([key]) => key !== name)),
              }),
            ),
            ...names.map((name) =>
              withResource({
                ...resource,
                parameters: fromEntries(
                  Object.entries(parameters).map(([key, old]) => [key, key === name ? ['other', old] : old]),
                ),
              }),
            ),
          );
        }
        const digests = [catalog, ...changed].map(catalogDigest);
        expect(digests.slice(1)).not.toContain(digests[0]);
      }),
    );
  });

  test.each<[string, Record<string, Json>, Record<string, Json>]>([
    ['a number and its digits', { a: 1 }, { a: '1' }],
    ['null and nothing', { a: null }, {}],
    ['null and its word', { a: null }, { a: 'null' }],
    ['true and its word', { a: true }, { a: 'true' }],
    ['a value and a list of it', { a: 'x' }, { a: ['x'] }],
    ['a list in another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }],
    ['a list with one twice', { a: ['x'] }, { a: ['x', 'x'] }],
    ['a list and its text', { a: ['x'] }, { a: '["x"]' }],
    ['a list and a hash', { a: [] }, { a: {} }],
    ['one member and two', { a: 'x', b: 'y' }, { a: 'x","b":"y' }],
    ['a member of a hash and of the resource', { a: { b: 'x' } }, { a: {}, b: 'x' }],
    ['ways to write é', { a: 'é' }, { a: 'e\u0301' }],
    ['upper and lower case', { a: 'X' }, { a: 'x' }],
    ['a key __proto__ and none', parsed('{"a":{"__proto__":"x"}}'), { a: {} }],
    ['values of a key __proto__', parsed('{"a":{"__proto__":"x"}}'), parsed('{"a":{"__proto__":"y"}}')],
    ['a parameter __proto__ and none', parsed('{"__proto__":"x"}'), {}],
    ['what is required', { require: 'File[/a]' }, { require: 'File[/b]' }],
    ['require and before', { require: 'File[/a]' }, { before: 'File[/a]' }],
    ['an empty require and none', { require: [] }, {}],
    ['sensitive values', { a: { __sensitive: '0a' } }, { a: { __sensitive: '0b' } }],
  ])('tells apart %s', (_, one, other) => {
    expect(catalogDigest(file(one))).not.toBe(catalogDigest(file(other)));
  });

  test.each<[string, Record<string, Json>, Record<string, Json>]>([
    ['one requirement alone or in a list', { require: 'File[/a]' }, { require: ['File[/a]'] }],
    ['requirements in nested lists', { require: ['A[a]', ['A[b]']] }, { require: ['A[b]', 'A[a]'] }],
    ['a requirement that is there twice', { notify: ['A[a]', 'A[a]'] }, { notify: 'A[a]' }],
    ['tags in any order', { tag: ['a', 'b'] }, { tag: ['b', 'a'] }],
    ['aliases in any order', { alias: ['a', 'b'] }, { alias: ['b', 'a'] }],
    ['keys of a nested hash', { a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }] }],
  ])('is the same for %s', (_, one, other) => {
    expect(catalogDigest(file(one))).toBe(catalogDigest(file(other)));
  });

  test.each([
    ['type and title share a text otherwise', { type: 'A', title: 'b[c' }, { type: 'A[b', title: 'c' }],
    ['a title ends the text', { title: '/a","x' }, { title: '/a' }],
    ['a file path ends in a slash', { title: '/a/' }, { title: '/a' }],
  ])('differs when %s', (_, one, other) => {
    expect(catalogDigest(file({}, one))).not.toBe(catalogDigest(file({}, other)));
  });

  test('of an edge is not that of its reverse, nor of a resource that reads like it', () => {
    const edge = (source: string, target: string): Catalog => ({
      resources: [],
      edges: [{ source, target }],
    });
    const digests = [edge('A[a]', 'B[b]'), edge('B[b]', 'A[a]'), edge('A[a],B[b]', ''), file({})].map(
      catalogDigest,
    );
    expect(new Set(digests).size).toBe(4);
  });

  test('takes a hundred catalogs of 200 resources in a second of the processor', () => {
    const many: Catalog = {
      resources: Array.from({ length: 200 }, (_, at) => ({
        type: 'File',
        title: `/etc/app/${(at * 7919) % 200}.conf`,
        parameters: {
          ensure: 'file',
          owner: 'root',
          mode: '0644',
          content: 'x'.repeat(300),
          require: `Package[${at}]`,
        },
        exported: false,
      })),
      edges: Array.from({ length: 200 }, (_, at) => ({
        source: 'Class[App]',
        target: `File[/etc/app/${at}.conf]`,
      })),
    };
    const start = process.cpuUsage();
    for (let at = 0; at < 100; at += 1) catalogDigest(many);
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  });
});
