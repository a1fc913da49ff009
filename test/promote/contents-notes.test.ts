import { describe, expect, test } from '@jest/globals';
import type { PromoteDeps } from '../../src/promote/promote-nodes.ts';
import { account, nodesOf, one, own, run, two, web } from './promotion.ts';

const nodes = nodesOf(web);

/** Promotes a second image in place of a first one. */
async function promoteSecond(change: NonNullable<PromoteDeps['change']>, apply = true) {
  const cloud = account();
  await run(cloud, nodes);
  cloud.bake(own, two);
  const [result] = await run(cloud, nodes, { apply }, { change });
  return { cloud, ...result };
}

describe('what changes for the servers of a node', () => {
  const asked: string[][] = [];
  const change: NonNullable<PromoteDeps['change']> = (from, to) => {
    asked.push([from.name, to.name]);
    return Promise.resolve({ summary: '1 package changed', lines: ['openssl 3.0.15 → 3.0.17'] });
  };

  test.each([true, false])('is noted, with --apply %j', async (apply) => {
    asked.length = 0;
    const { record } = await promoteSecond(change, apply);
    expect(record?.notes).toEqual([
      expect.stringMatching(/^contents of ami-\w+ against ami-\w+: 1 package changed$/),
      'openssl 3.0.15 → 3.0.17',
    ]);
    expect(asked).toEqual([[one, two]]);
  });

  test('is not asked where the image is in service already, or none was', async () => {
    asked.length = 0;
    const cloud = account();
    await run(cloud, nodes, {}, { change });
    await run(cloud, nodes, {}, { change });
    expect(asked).toEqual([]);
  });

  test('keeps nothing from being promoted where it is not known', async () => {
    const { record, failures } = await promoteSecond(() => Promise.resolve(undefined));
    expect([record?.notes, failures, record?.regions.every(({ parameter }) => parameter.changed)]).toEqual([
      [],
      [],
      true,
    ]);
  });
});
