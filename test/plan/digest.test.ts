import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import {
  digestOf,
  inputNames,
  inputsTag,
  isDigest,
  type NodeInputs,
  readInputsTag,
} from '../../src/plan/digest.ts';
import { inputsOf } from './nodes.ts';

const anyInputs: fc.Arbitrary<NodeInputs> = fc.record({
  ...{ catalog: fc.string(), files: fc.string(), plugins: fc.string() },
  ...{ pack: fc.string(), scripts: fc.string(), source: fc.string() },
  puppet: fc.option(fc.string(), { nil: undefined }),
});

describe('the digest of a node', () => {
  test('is 64 digits, and of this scheme for ever: another would bake every node of every team', () => {
    expect(digestOf(inputsOf())).toBe('81b1fad17a66a0e3c9c63e6538f46027cc2899742fa30f4f5b7fe1e236fa16bd');
    expect(isDigest(digestOf(inputsOf()))).toBe(true);
  });

  test.each(inputNames)('is another with another %s', (name) => {
    expect(digestOf(inputsOf({ [name]: 'x' }))).not.toBe(digestOf(inputsOf()));
  });

  test('is the same for the same inputs only', () => {
    fc.assert(
      fc.property(anyInputs, anyInputs, (one, other) => {
        const same = inputNames.every((name) => one[name] === other[name]);
        expect(digestOf(one) === digestOf(other)).toBe(same);
        // Whatever stands where: nothing can be moved from one input to the next.
        const moved = { ...one, catalog: `${one.catalog}x${one.files}`, files: '' };
        expect(digestOf(moved)).not.toBe(digestOf(one));
        const reversed = Object.fromEntries(Object.entries(one).reverse()) as unknown as NodeInputs;
        expect(digestOf(reversed)).toBe(digestOf(one));
      }),
    );
  });

  test.each([undefined, '', 'unknown', 'A'.repeat(64), `${'a'.repeat(64)}\n`, 'a'.repeat(63)])(
    '%j is none',
    (text) => {
      expect(isDigest(text)).toBe(false);
    },
  );
});

describe('the tag of the inputs', () => {
  test('has the beginning of each, and the source image as it is', () => {
    expect(inputsTag(inputsOf())).toBe(
      'catalog=111111111111 files=222222222222 plugins=333333333333 pack=444444444444 scripts=555555555555 source=ami-0123456789abcdef0',
    );
  });

  test('is one that EC2 takes, whatever the inputs, and can be read back', () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const text = inputsTag(inputs);
        expect(text).toMatch(/^[\w =-]{1,256}$/);
        expect(Object.keys(readInputsTag(text))).toEqual(
          inputNames.filter((name) => inputs[name] !== undefined),
        );
      }),
    );
  });

  test.each<[string | undefined, object]>([
    [undefined, {}],
    ['', {}],
    ['unknown', {}],
    ['catalog=abc', { catalog: 'abc' }],
    ['  catalog=abc\tnew=1 files= pack=a=b source=ami-1 ', { catalog: 'abc', source: 'ami-1' }],
    ['__proto__=1 constructor=2', {}],
  ])('%j is read as far as it goes', (text, read) => {
    expect(readInputsTag(text)).toEqual(read);
  });
});
