import { describe, expect, test } from '@jest/globals';
import { readTags, readTagSpecifications } from '../../../src/local-cloud/api/tags.ts';

const tag = (Key: string, Value?: string) => ({ Key, Value });

describe('tags', () => {
  test('may have any key, and an absent value is the empty one', () => {
    expect(Object.entries(readTags([tag('__proto__', 'x'), tag('b')]))).toEqual([
      ['__proto__', 'x'],
      ['b', ''],
    ]);
  });

  test.each([
    [[tag('k'.repeat(128), '')], 'maximum length of 127'],
    [[tag('k', 'v'.repeat(257))], 'maximum length of 256'],
    [[tag('AWS:x', '')], 'reserved'],
    [[tag('a', '1'), tag('a', '2')], 'Duplicate tag key'],
    [Array.from({ length: 51 }, (_, n) => tag(`k${n}`)), 'maximum number of Tags'],
  ])('that EC2 refuses are refused: %#', (tags, message) => {
    expect(() => readTags(tags)).toThrow(message);
  });

  test('are given to the kind of resource that they name, and only to one that is made', () => {
    const given = [
      { ResourceType: 'instance', Tag: [tag('a', '1')] },
      { ResourceType: 'volume', Tag: [tag('b', '2')] },
    ];
    const tagsFor = readTagSpecifications(given, 'instance', 'volume', 'network-interface');
    expect([tagsFor('instance'), tagsFor('volume'), tagsFor('network-interface')]).toEqual([
      { a: '1' },
      { b: '2' },
      {},
    ]);
    expect(() => readTagSpecifications(given, 'instance')).toThrow(
      "'volume' is not a valid taggable resource type",
    );
  });
});
