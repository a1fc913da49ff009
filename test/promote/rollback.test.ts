import { describe, expect, test } from '@jest/globals';
import { cloudError, type MemoryCloud } from './memory-account.ts';
import {
  account,
  currentOf,
  everywhere,
  nodesOf,
  one,
  own,
  problemsOf,
  run,
  three,
  two,
  web,
} from './promotion.ts';

const nodes = nodesOf(web);

const imageIn = (cloud: MemoryCloud, region: string) => {
  const image = [...cloud.region(region).images.values()].find(({ Name }) => Name === one);
  if (image === undefined) throw new Error('no image');
  return image;
};
const gone = (region: string) => (cloud: MemoryCloud) => {
  cloud.region(region).images.delete(imageIn(cloud, region).ImageId ?? '');
};
const tagged = (region: string, key: string) => (cloud: MemoryCloud) => {
  imageIn(cloud, region).Tags?.push({ Key: `bakehouse:${key}`, Value: 'x' });
};

describe('--rollback', () => {
  test('puts the image before back in all regions in one call, and once more the one before that', async () => {
    const cloud = account();
    for (const name of [two, three]) {
      await run(cloud, nodes);
      cloud.bake(own, name);
    }
    await run(cloud, nodes);
    await run(cloud, nodes, { kind: 'rollback' });
    expect(currentOf(cloud)).toEqual(everywhere(two));
    await run(cloud, nodes, { kind: 'rollback' });
    expect(currentOf(cloud)).toEqual(everywhere(one));
    expect(await problemsOf(run(cloud, nodes, { kind: 'rollback' }))).toEqual([
      expect.stringContaining('no image was in service before'),
    ]);
  });

  test("takes the parameter's history when the tag is missing", async () => {
    const cloud = account();
    await run(cloud, nodes);
    cloud.bake(own, two);
    await run(cloud, nodes);
    for (const image of cloud.region(own).images.values())
      image.Tags = image.Tags?.filter(({ Key }) => Key !== 'bakehouse:previous') ?? [];
    await run(cloud, nodes, { kind: 'rollback' });
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });

  test.each<[string, (cloud: MemoryCloud) => void, string]>([
    ['is gone in one region', gone('us-west-2'), 'us-west-2: the copy of .* is gone'],
    ['is gone in the own region', gone(own), 'in service before, is gone'],
    ['is revoked', tagged(own, 'revoked'), 'is revoked: x'],
    ['is rejected in one region', tagged('eu-west-1', 'rejected'), 'eu-west-1: the copy .* rejected'],
  ])('refuses all regions when the image before %s', async (_, change, why) => {
    const cloud = account();
    await run(cloud, nodes);
    cloud.bake(own, two);
    await run(cloud, nodes);
    change(cloud);
    cloud.writes.length = 0;
    expect(await problemsOf(run(cloud, nodes, { kind: 'rollback' }))).toEqual([expect.stringMatching(why)]);
    expect(cloud.writes).toEqual([]);
  });

  test('that stops between two regions goes on to the same image, at once, and not one further back', async () => {
    const cloud = account();
    for (const name of [two, three]) {
      await run(cloud, nodes);
      cloud.bake(own, name);
    }
    await run(cloud, nodes);
    cloud.gate = (region, call) => {
      if (region === 'us-west-2' && call === 'putParameter')
        throw cloudError('throttled', 'ThrottlingException');
    };
    expect(await problemsOf(run(cloud, nodes, { kind: 'rollback' }))).toEqual([
      expect.stringMatching(/^us-west-2: throttled/),
    ]);
    expect(currentOf(cloud)).toEqual({ ...everywhere(two), 'us-west-2': three });
    cloud.gate = () => undefined;
    const begin = cloud.nowMs;
    expect(await problemsOf(run(cloud, nodes, { kind: 'rollback' }))).toEqual([]);
    expect(currentOf(cloud)).toEqual(everywhere(two));
    expect(cloud.nowMs - begin).toBeLessThan(10_000);
  });
});
