import { describe, expect, test } from '@jest/globals';
import { cleanUp, type Cleanup, type CleanupOrder, type CleanupWorld } from '../../src/images/clean-up.ts';
import { cleanupData, cleanupResult } from '../../src/images/cleanup-result.ts';
import type { DeletionWorld } from '../../src/images/delete-image.ts';
import { deleteImages } from '../../src/images/delete-images.ts';
import type { Image } from '../../src/images/list-images.ts';
import { deletionWorld, ec2Error, hour, imageOfNode, nowMs } from './world.ts';

const old = imageOfNode('redis', {
  id: 'ami-old',
  verified: true,
  createdMs: nowMs - 2 * hour,
  snapshotIds: ['snap-old'],
});
const recent = imageOfNode('redis', { id: 'ami-new', verified: true, snapshotIds: ['snap-new'] });
const never = new AbortController().signal;
const unavailable = () =>
  Promise.reject(Object.assign(new Error('DeregisterImage was denied'), { exitCode: 4 }));

async function remove(images: Image[], over: Partial<DeletionWorld> = {}, there = images, signal = never) {
  const { world, done } = deletionWorld(there, over);
  const deletions = await deleteImages(images, world, signal);
  return { done, outcome: deletions.outcomes.get(images[0]?.id ?? ''), ...deletions };
}

describe('deleting an image', () => {
  test('deregisters it, then deletes its snapshots', async () => {
    const { done, outcome } = await remove([old]);
    expect(done).toEqual(['deregister ami-old', 'delete snap-old']);
    expect(outcome).toEqual({ kind: 'deleted', deletedSnapshots: ['snap-old'], keptSnapshots: [] });
  });

  test.each<[string, Image | undefined, Partial<DeletionWorld>, string, string]>([
    ['an instance was started from it', old, { users: () => Promise.resolve(['instance i-1 (pending)']) }, 'spared', 'used by instance i-1 (pending)'],
    ['it was given to another node', { ...old, node: 'web' }, {}, 'spared', "node tag is now 'web'"],
    ['its mark was taken away', { ...old, verified: false }, {}, 'spared', 'not verified now'],
    ['its state changed', { ...old, state: 'disabled' }, {}, 'spared', 'disabled now'],
    ['somebody else deleted it', undefined, {}, 'gone', 'gone already'],
    ['EC2 does not know its id any more', old, { image: () => Promise.reject(ec2Error('InvalidAMIID.NotFound')) }, 'gone', 'gone already'],
  ])('leaves everything as it is when meanwhile %s', async (_, now, over, kind, why) => {
    const { done, outcome } = await remove([old], over, now === undefined ? [] : [now]);
    expect(done).toEqual([]);
    expect(outcome).toMatchObject({ kind, why: expect.stringContaining(why) });
  }); // prettier-ignore

  test.each<[string, Partial<DeletionWorld>, Image[], string]>([
    ['that another image maps', {}, [old, { ...recent, snapshotIds: ['snap-old'] }], 'ami-new is made of it'],
    ['that no bake tagged', { snapshotNode: () => Promise.resolve(undefined) }, [old], 'no tag of a bake'],
  ])('leaves a snapshot %s, and says so', async (_, over, there, why) => {
    const { done, outcome } = await remove([old], over, there);
    expect(done).toEqual(['deregister ami-old']);
    expect(outcome).toMatchObject({
      kind: 'deleted',
      deletedSnapshots: [],
      why: expect.stringContaining(why),
    });
  });

  test('takes what is gone for deleted', async () => {
    const gone = (name: string) => () => Promise.reject(ec2Error(name));
    const over = {
      deregister: gone('InvalidAMIID.Unavailable'),
      deleteSnapshot: gone('InvalidSnapshot.NotFound'),
    };
    expect((await remove([old], over)).outcome?.kind).toBe('deleted');
  });

  test('touches nothing when a look-up fails', async () => {
    for (const what of ['image', 'users', 'imagesOf', 'snapshotNode'] as const) {
      const { done, outcome } = await remove([old], {
        [what]: () => Promise.reject(ec2Error('InternalError')),
      });
      expect(done).toEqual([]);
      expect(outcome).toMatchObject({ kind: 'failed', why: 'InternalError happened' });
    }
  });

  test('waits for a snapshot that EC2 still counts as in use', async () => {
    let times = 0;
    const deleteSnapshot = () =>
      times++ < 2 ? Promise.reject(ec2Error('InvalidSnapshot.InUse')) : Promise.resolve();
    const { done, outcome } = await remove([old], { deleteSnapshot });
    expect(done).toEqual(['deregister ami-old', 'pause', 'pause']);
    expect(outcome?.deletedSnapshots).toEqual(['snap-old']);
  });

  test('tries every snapshot, and names those to delete by hand', async () => {
    const image = { ...old, snapshotIds: ['snap-1', 'snap-2'] };
    const deleteSnapshot = (id: string) =>
      id === 'snap-1' ? Promise.reject(ec2Error('InvalidSnapshot.InUse')) : Promise.resolve();
    const { outcome } = await remove([image], { deleteSnapshot });
    expect(outcome).toMatchObject({
      kind: 'failed',
      why: 'deregistered, but delete snap-1 by hand: InvalidSnapshot.InUse happened',
      deletedSnapshots: ['snap-2'],
    });
  });
});

describe('deleting several images', () => {
  test('goes on after one that EC2 does not let go', async () => {
    const deregister = (id: string) =>
      id === 'ami-old' ? Promise.reject(ec2Error('OperationNotPermitted')) : Promise.resolve();
    const { outcomes, unavailable: why } = await remove([old, recent], { deregister });
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['failed', 'deleted']);
    expect(why).toBeUndefined();
  });

  test.each(['deregister', 'deleteSnapshot', 'users'] as const)(
    'ends when EC2 denies it (%s)',
    async (what) => {
      const { outcomes, unavailable: why } = await remove([old, recent], { [what]: unavailable });
      expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['failed', 'not-done']);
      expect(why).toContain('DeregisterImage was denied');
    },
  );

  test('ends after the current image when it is interrupted', async () => {
    const interruption = new AbortController();
    const deregister = () => {
      interruption.abort();
      return Promise.resolve();
    };
    const { outcomes, done } = await remove(
      [old, recent],
      { deregister },
      [old, recent],
      interruption.signal,
    );
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['deleted', 'not-done']);
    expect(done).toEqual(['delete snap-old']);
  });
});

describe('a cleanup', () => {
  const order: CleanupOrder = { keep: new Map([['redis', 1]]), only: [], apply: true, signal: never };
  function run(over: Partial<CleanupOrder> = {}, world: Partial<CleanupWorld> = {}, images = [old, recent]) {
    const { world: deletion, done } = deletionWorld(images, world);
    const records: Cleanup[] = [];
    const whole: CleanupWorld = {
      ...deletion,
      region: 'us-east-1',
      images: () => Promise.resolve(images),
      references: () => Promise.resolve(new Map()),
      now: () => new Date(nowMs),
      record: (cleanup) => {
        records.push(cleanup);
        done.push('record');
        return Promise.resolve();
      },
      ...world,
    };
    const end = cleanUp({ ...order, ...over }, whole);
    return { end, done, records };
  }

  test('writes its plan before it deletes, and what became of it after', async () => {
    const { end, done, records } = run();
    const result = cleanupResult(await end);
    expect(done).toEqual(['record', 'deregister ami-old', 'delete snap-old', 'record']);
    expect(result.closing).toEqual(['1 image and 1 snapshot deleted']);
    expect(result.exitCode).toBe(0);
    expect(result.table.rows).toEqual([
      ['redis', 'ami-new', '2026-01-02T11:00:00', 'yes', 'keep', 'verified, the newest'],
      [
        'redis',
        'ami-old',
        '2026-01-02T10:00:00',
        'yes',
        'deleted',
        'verified, but only the newest 1 stay and it is number 2',
      ],
    ]);
    expect(records.map(cleanupData)).toMatchObject([
      {
        applied: true,
        decisions: [
          { action: 'keep' },
          { action: 'delete', reason: { kind: 'older-verified', rank: 2, keep: 1 } },
        ],
      },
      {
        applied: true,
        region: 'us-east-1',
        madeAt: '2026-01-02T12:00:00.000Z',
        decisions: [{}, { outcome: { kind: 'deleted' } }],
      },
    ]);
  });

  test('without --apply is a plan only', async () => {
    const { end, done } = run({ apply: false });
    const result = cleanupResult(await end);
    expect(done).toEqual(['record']);
    expect(result.table.rows.map((row) => row[4])).toEqual(['keep', 'delete']);
    expect(result.closing).toEqual(['1 image would be deleted (a plan only: --apply deletes)']);
    expect(result.json).toMatchObject({ schema: 1, applied: false });
  });

  test('of one node does not see the images of another', async () => {
    const web = imageOfNode('web', { id: 'ami-web' });
    const { end } = run({ only: ['redis'] }, {}, [old, recent, web]);
    expect((await end).decisions.map(({ image }) => image.id)).toEqual(['ami-new', 'ami-old']);
  });

  test.each(['images', 'references'] as const)(
    'deletes nothing when the %s cannot be looked up',
    async (what) => {
      const { end, done } = run({}, { [what]: unavailable });
      await expect(end).rejects.toMatchObject({ exitCode: 4 });
      expect(done).toEqual([]);
    },
  );

  test('deletes nothing that is in use', async () => {
    const { end, done } = run(
      {},
      { references: () => Promise.resolve(new Map([['ami-old', ['instance i-1 (stopped)']]])) },
    );
    expect(cleanupResult(await end).table.rows[1]?.slice(4)).toEqual([
      'keep',
      'used by instance i-1 (stopped)',
    ]);
    expect(done).toEqual(['record', 'record']);
  });

  test.each<[string, Partial<CleanupWorld>, number, string]>([
    ['an image stays', { deregister: () => Promise.reject(ec2Error('OperationNotPermitted')) }, 3, '0 images and 0 snapshots deleted, 1 failed'],
    ['EC2 is not available', { deregister: unavailable }, 4, '0 images and 0 snapshots deleted, 1 failed'],
  ])('ends with its own exit code when %s', async (_, world, exitCode, closing) => {
    const { end, records } = run({}, world);
    expect(cleanupResult(await end)).toMatchObject({ exitCode, closing: [closing] });
    expect(records).toHaveLength(2);
  }); // prettier-ignore
});
