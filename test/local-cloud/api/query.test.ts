import { expect, test } from '@jest/globals';
import { parseQuery, type Tree } from '../../../src/local-cloud/api/query.ts';

const plain = (tree: Tree): unknown =>
  typeof tree === 'string'
    ? tree
    : Object.fromEntries([...tree].map(([name, inner]) => [name, plain(inner)]));

test('unfolds dotted names', () => {
  const text = 'Action=X&Filter.1.Name=tag%3Aa&Filter.1.Value.1=b+c&Filter.1.Value.2=';
  expect(plain(parseQuery(text))).toEqual({
    Action: 'X',
    Filter: { 1: { Name: 'tag:a', Value: { 1: 'b c', 2: '' } } },
  });
});

test('keeps a name that would be a trap in an object', () => {
  expect(parseQuery('__proto__.x=1').get('__proto__')).toEqual(new Map([['x', '1']]));
});

test.each(['A=1&A=2', 'A=1&A.1=2', 'A.1=2&A=1'])('refuses %s, which contradicts itself', (text) => {
  expect(() => parseQuery(text)).toThrow(/given twice or contradicts/);
});

test('refuses names without an end', () => {
  expect(() => parseQuery(`${'A.'.repeat(50)}A=1`)).toThrow(/contradicts/);
});

test('refuses names without number', () => {
  const text = Array.from({ length: 20_001 }, (_, number) => `A.${number}=1`).join('&');
  expect(() => parseQuery(text)).toThrow('too many parameters');
});
