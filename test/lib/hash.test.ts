import { expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { canonicalJson, sha256 } from '../../src/lib/hash.ts';

test('sha256 hashes its parts as one text', () => {
  // printf abc | sha256sum
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256('abc')).toBe(digest);
  expect(sha256('a', Buffer.from('b'), 'c')).toBe(digest);
});

test('canonicalJson gives equal values one text, whatever the order of their keys, and no other value that text', () => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, one]) => [key, shuffled(one)]),
          )
        : value;
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [one, other] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))] as unknown[];
      expect(JSON.parse(canonicalJson(one))).toEqual(one);
      expect(canonicalJson(shuffled(one))).toBe(canonicalJson(one));
      if (canonicalJson(one) === canonicalJson(other)) expect(one).toEqual(other);
    }),
  );
});

test('canonicalJson keeps a key __proto__ and leaves out what JSON leaves out', () => {
  expect(canonicalJson(JSON.parse('{"b":[1,{"__proto__":2}],"a":null}'))).toBe(
    '{"a":null,"b":[1,{"__proto__":2}]}',
  );
  expect(canonicalJson({ b: undefined, a: [undefined] })).toBe('{"a":[null]}');
});
