import { describe, expect, test } from '@jest/globals';
import type { Progress } from '../../src/cli/progress.ts';
import { copiedPercent } from '../../src/promote/promote-account.ts';
import { awsError, MemoryCloud } from './memory-account.ts';
import {
  account,
  currentOf,
  everywhere,
  nodesOf,
  one,
  own,
  problemsOf,
  regions,
  run,
  web,
} from './promotion.ts';

const nodes = nodesOf(web);

const copyOf = (id: string) =>
  `Copied for DestinationAmi ${id} from SourceAmi ami-1 for SourceSnapshot snap-1`;

const nowhere = everywhere(undefined);

describe('a copy', () => {
  test('that fails moves no pointer, says why in the words of EC2, and is made anew by the next run', async () => {
    const cloud = account();
    cloud.copyFailures.set('eu-west-1', ['Given key is disabled']);
    expect(await problemsOf(run(cloud, nodes))).toEqual([
      expect.stringMatching(/^eu-west-1: .*Given key is disabled/),
    ]);
    expect(currentOf(cloud)).toEqual(nowhere);
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
    expect(cloud.region('eu-west-1').images.size).toBe(1);
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });

  test('that takes longer than --copy-timeout is gone on with by the next run', async () => {
    const cloud = account();
    cloud.copyMs = 300_000;
    const [result] = await run(cloud, nodes, { copyMs: 60_000 });
    expect(result?.failures.map(({ unavailable }) => unavailable)).toEqual([true, true]);
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
    expect(cloud.writes.filter((write) => write.endsWith('copyImage'))).toHaveLength(2);
  });

  test('whose original vanishes meanwhile moves no pointer', async () => {
    const cloud = account();
    cloud.gate = (_, call) => {
      if (call === 'imagesById') cloud.region(own).images.clear();
    };
    expect((await problemsOf(run(cloud, nodes))).join()).toContain('does not exist');
    expect(currentOf(cloud)).toEqual(nowhere);
  });

  test('that somebody deregistered is made anew although EC2 answers its token with the old id', async () => {
    const cloud = account();
    await run(cloud, nodes);
    cloud.region('eu-west-1').images.clear();
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });

  test('is made of at most five images of a region at a time', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const many = nodesOf(
      names.map((name) => `${name}: {group: g, promote: {regions: {eu-west-1: {}}}}`).join('\n'),
    );
    const cloud = new MemoryCloud(regions);
    for (const name of names) cloud.bake(own, `${name}-1700000001`);
    let most = 0;
    cloud.gate = () => {
      most = Math.max(most, cloud.region('eu-west-1').copying.size);
    };
    expect(await problemsOf(run(cloud, many))).toEqual([]);
    expect(most).toBe(5);
  });

  test('says how far it is, over all regions of its node', async () => {
    const cloud = account();
    cloud.copyMs = 60_000;
    const percents: number[] = [];
    const portion: Progress['portion'] = (node, phase, { done, of }) => {
      expect([node, phase]).toEqual(['web', 'copying to eu-west-1, us-west-2']);
      percents.push((100 * done) / of);
    };
    expect(await problemsOf(run(cloud, nodes, {}, { progress: { portion } }))).toEqual([]);
    expect(percents.length).toBeGreaterThan(4);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  test('goes on where EC2 does not say how far it is', async () => {
    const cloud = account();
    cloud.copyMs = 60_000;
    cloud.gate = (_, call) => {
      if (call === 'copied') throw awsError('UnauthorizedOperation');
    };
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });

  test.each<[string, Parameters<typeof copiedPercent>[0], [string, number][]]>([
    ['of one snapshot', [{ Description: copyOf('ami-0a'), Progress: '43%' }], [['ami-0a', 43]]],
    [
      'of two, the larger counting more',
      [
        { Description: copyOf('ami-0a'), Progress: '100%', VolumeSize: 30 },
        { Description: copyOf('ami-0a'), Progress: '0%', VolumeSize: 10 },
      ],
      [['ami-0a', 75]],
    ],
    ['unknown where EC2 says nothing', [{ Description: copyOf('ami-0a'), Progress: '' }], []],
    ['none of a backup', [{ Description: 'nightly', Progress: '50%' }], []],
  ])('is counted by its snapshots: %s', (_, snapshots, percents) => {
    expect([...copiedPercent(snapshots)]).toEqual(percents);
  });

  test('that is encrypted with a key lets the accounts read its snapshots, too', async () => {
    const cloud = account();
    const keyed = nodesOf(web.replace('eu-west-1: {}', 'eu-west-1: {kms_key: alias/images}'));
    expect(await problemsOf(run(cloud, keyed))).toEqual([]);
    expect([...cloud.region('eu-west-1').shares].map((share) => share.slice(0, 4))).toEqual(['ami-', 'snap']);
    cloud.writes.length = 0;
    await run(cloud, keyed);
    expect(cloud.writes).toEqual([]);
  });

  test("that is encrypted with AWS's own key cannot be shared: no pointer is moved", async () => {
    const cloud = account();
    cloud.gate = (region, call) => {
      const why = 'Snapshots encrypted with the AWS Managed CMK can’t be shared. Specify another snapshot';
      if (region === 'us-west-2' && call === 'shareImage') throw awsError('InvalidParameter', why);
    };
    expect(await problemsOf(run(cloud, nodes))).toEqual([
      expect.stringMatching(/^us-west-2: .*promote\.regions\.us-west-2\.kms_key/),
    ]);
    expect(currentOf(cloud)).toEqual(nowhere);
  });
});

describe('a signal', () => {
  test.each([
    ['while copies are waited for', 'imagesById', nowhere],
    ['under the lock', 'putLock', nowhere],
    ['once the first parameter is written', 'putParameter', everywhere(one)],
    ['at a template', 'addVersion', everywhere(one)],
  ])('%s leaves the regions in agreement', async (_, at, current) => {
    const cloud = account();
    const interruption = new AbortController();
    cloud.gate = (_region, call, when) => {
      if (call === at && when === 'after') interruption.abort('SIGTERM');
    };
    const [result] = await run(cloud, nodes, {}, { signal: interruption.signal });
    // A signal's reason is a text: no error, and no image.
    for (const problem of result?.record.problems ?? [])
      expect(problem).toMatch(/^interrupted: no pointer was moved/);
    expect(currentOf(cloud)).toEqual(current);
    expect([...cloud.region(own).parameters.keys()].filter((name) => name.includes('locks'))).toEqual([]);
    cloud.gate = () => undefined;
    await run(cloud, nodes);
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });
});
