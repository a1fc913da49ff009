import { describe, expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { revokeImage, type RevokeDeps } from '../../src/promote/revoke-image.ts';
import { revokeResult } from '../../src/promote/revoke-result.ts';
import { awsError, type MemoryCloud } from './memory-account.ts';
import {
  account,
  currentOf,
  everywhere,
  nodesOf,
  one,
  own,
  regions,
  run,
  stateOf,
  two,
  web,
  withoutLock,
} from './promotion.ts';

const nodes = nodesOf(`${web}shop: {group: web}\n`);
const reason = 'leaks its key';

/** Two images of web were in service in all regions, one after the other; shop was baked from the second. */
async function inService(): Promise<{ cloud: MemoryCloud; bad: string }> {
  const cloud = account();
  const [ofWeb] = nodes;
  await run(cloud, ofWeb === undefined ? [] : [ofWeb]);
  const bad = cloud.bake(own, two);
  await run(cloud, ofWeb === undefined ? [] : [ofWeb]);
  cloud.bake(own, 'shop-1700000009', { 'bakehouse:source-ami': bad });
  return { cloud, bad };
}

let runs = 0;

function revoke(cloud: MemoryCloud, imageId: string, over: Partial<RevokeDeps> = {}, apply = true) {
  const [first, ...others] = regions.map((region) => cloud.account(region));
  if (first === undefined) throw new Error('there is a region');
  return revokeImage(
    { imageId, reason, nodes, apply },
    {
      regions: [first, ...others],
      users: () => Promise.resolve(new Map()),
      run: `revoke-${++runs}`,
      now: () => new Date(cloud.nowMs),
      pause: (ms) => Promise.resolve(void (cloud.nowMs += ms)),
      say: () => undefined,
      signal: new AbortController().signal,
      ...over,
    },
  );
}

/** `us-east-1 web-1700000002`: the images with the tag, and what it says. */
function revokedIn(cloud: MemoryCloud): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stateOf(cloud)).flatMap(([region, { images }]) =>
      images.flatMap(({ Name = '', tags }) => {
        const why = (tags as Record<string, string>)['bakehouse:revoked'];
        return why === undefined ? [] : [[`${region} ${Name}`, why]];
      }),
    ),
  );
}

const all = {
  ...Object.fromEntries(regions.map((region) => [`${region} ${two}`, reason])),
  [`${own} shop-1700000009`]: reason,
};

describe('a revocation', () => {
  test('tags the image, its copies and what was baked from it, and moves the pointers back in all regions', async () => {
    const { cloud, bad } = await inService();
    const result = revokeResult(await revoke(cloud, bad));
    expect(revokedIn(cloud)).toEqual(all);
    expect(currentOf(cloud)).toEqual(everywhere(one));
    for (const { templates } of Object.values(stateOf(cloud)))
      expect(templates).toMatchObject([{ image: one, latest: one }]);
    expect(result.exitCode).toBe(0);
  });

  test('writes nothing without --apply, and nothing when it is run again', async () => {
    const { cloud, bad } = await inService();
    const before = cloud.writes.length;
    await revoke(cloud, bad, {}, false);
    expect(cloud.writes).toHaveLength(before);
    await revoke(cloud, bad);
    const after = cloud.writes.length;
    await revoke(cloud, bad);
    expect(cloud.writes).toHaveLength(after);
  });

  test("refuses a copy's id, and says which is the original: a server of another region names the copy", async () => {
    const { cloud, bad } = await inService();
    const copy = [...cloud.region('eu-west-1').images.values()].find(({ Name }) => Name === two);
    const refused = revoke(cloud, copy?.ImageId ?? '');
    await expect(refused).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(bad) });
    await expect(revoke(cloud, 'ami-00000000')).rejects.toMatchObject({ exitCode: 2 });
    expect(revokedIn(cloud)).toEqual({});
  });

  test('keeps the reason of an image that was revoked before', async () => {
    const { cloud, bad } = await inService();
    await cloud.account(own).tag([bad], { 'bakehouse:revoked': 'an older reason' });
    await revoke(cloud, bad);
    expect(revokedIn(cloud)).toEqual({ ...all, [`${own} ${two}`]: 'an older reason' });
  });

  test('leaves the pointer where no earlier image is good, says so and ends with 3', async () => {
    const { cloud } = await inService();
    const [first = ''] = [...cloud.region(own).images.keys()];
    const result = revokeResult(await revoke(cloud, first));
    expect(result.exitCode).toBe(0);
    // web-2 is current and not of that family.
    expect(currentOf(cloud)).toEqual(everywhere(two));
    const { cloud: other, bad } = await inService();
    await other.account(own).tag([first], { 'bakehouse:rejected': 'does not boot' });
    const stays = revokeResult(await revoke(other, bad));
    expect(stays.exitCode).toBe(3);
    expect(currentOf(other)).toEqual(everywhere(two));
    expect(JSON.stringify(stays.table.rows)).toContain('STAYS current');
    expect(revokedIn(other)).toEqual(all);
  });

  test.each(['taggedImages', 'tag', 'putParameter'])(
    'does the other regions where %s is denied in one, names that one, ends with 4, and goes on when run again',
    async (denied) => {
      const { cloud, bad } = await inService();
      cloud.gate = (region, call, when) => {
        if (region === 'eu-west-1' && call === denied && when === 'before')
          throw new CloudError('denied', `${denied} was denied`, undefined);
      };
      const result = revokeResult(await revoke(cloud, bad));
      expect(result.exitCode).toBe(4);
      expect(JSON.stringify(result.table.rows)).toContain(`${denied} was denied`);
      expect(revokedIn(cloud)[`${own} ${two}`]).toBe(reason);
      expect(currentOf(cloud)[own]).toBe(one);
      cloud.gate = () => undefined;
      expect(revokeResult(await revoke(cloud, bad)).exitCode).toBe(0);
      expect(revokedIn(cloud)).toEqual(all);
      expect(currentOf(cloud)).toEqual(everywhere(one));
    },
  );

  test('calls a region that is not enabled so, and not credentials that are refused', async () => {
    const { cloud, bad } = await inService();
    cloud.gate = (region, call) => {
      if (region === 'eu-west-1' && call === 'taggedImages')
        throw new CloudError('credentials', 'AWS refuses these credentials', awsError('AuthFailure'));
    };
    const result = revokeResult(await revoke(cloud, bad));
    expect(JSON.stringify(result.table.rows)).toContain(
      'eu-west-1: the region is not enabled for this account',
    );
    expect(currentOf(cloud)[own]).toBe(one);
    expect(result.exitCode).toBe(3);
  });

  test.each(['before', 'after'] as const)(
    'that is killed at any of its calls and run again ends as one that was not (%s the effect)',
    async (when) => {
      const whole = await inService();
      await revoke(whole.cloud, whole.bad);
      const expected = withoutLock(stateOf(whole.cloud));
      let at = 0;
      for (; ; at += 1) {
        const { cloud, bad } = await inService();
        const killed = { calls: 0, is: false };
        cloud.gate = (_region, _call, now) => {
          if (now === 'before') killed.calls += 1;
          killed.is ||= killed.calls > at && now === when;
          if (killed.is) throw new Error('killed');
        };
        await revoke(cloud, bad).catch(() => undefined);
        cloud.gate = () => undefined;
        // No region gets another image than the one before.
        for (const name of Object.values(currentOf(cloud))) expect([one, two]).toContain(name);
        if (!hasEnded(killed)) await revoke(cloud, bad);
        expect({ at, state: withoutLock(stateOf(cloud)) }).toEqual({ at, state: expected });
        if (hasEnded(killed)) break;
      }
      expect(at).toBeGreaterThan(20);
    },
  );
});

/** As a function, since the gate changes it. */
function hasEnded({ is }: { is: boolean }): boolean {
  return !is;
}
