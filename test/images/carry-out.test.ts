import { describe, expect, test } from '@jest/globals';
import type { DeletionWorld } from '../../src/images/delete-image.ts';
import { carryOut } from '../../src/images/carry-out.ts';
import type { Decision } from '../../src/images/fuses.ts';
import type { Image } from '../../src/images/list-images.ts';
import { deletionWorld, ec2Error, never, nowMs, old, recent, unavailable } from './world.ts';

async function remove(images: Image[], over: Partial<DeletionWorld> = {}, there = images, signal = never) {
  const { world, done } = deletionWorld(there, over);
  const decisions = images.map((image): Decision => {
    return { image, node: image.node, action: 'delete', reason: { kind: 'rejected' } };
  });
  const plan = {
    madeAt: new Date(nowMs),
    decisions,
    orphans: [],
    snapshots: [],
    references: new Map(),
    crossCheck: 'done' as const,
  };
  const deletions = await carryOut(plan, { deleteAfter: '', signal }, world);
  return { done, outcome: deletions.outcomes.get(images[0]?.id ?? ''), ...deletions };
}

describe('deleting an image', () => {
  test('deregisters it, then deletes its snapshots', async () => {
    const { done, outcome } = await remove([old]);
    expect(done).toEqual(['deregister ami-old', 'delete snap-old']);
    expect(outcome).toEqual({ kind: 'deleted', deletedSnapshots: ['snap-old'], keptSnapshots: [] });
  });

  test('takes the oldest first, so that an interruption leaves the newer ones', async () => {
    const { done } = await remove([recent, old]);
    expect(done).toEqual(['deregister ami-old', 'delete snap-old', 'deregister ami-new', 'delete snap-new']);
  });

  test.each<[string, Image | undefined, Partial<DeletionWorld>, string, string]>([
    ['an instance was started from it', old, { users: () => Promise.resolve([{ kind: 'instance', by: 'instance i-1 (pending)' }]) }, 'spared', 'used by instance i-1 (pending)'],
    ['it was given to another node', { ...old, node: 'web' }, {}, 'spared', "node tag is now 'web'"],
    ['its mark was taken away', { ...old, verified: false }, {}, 'spared', 'not verified now'],
    ['somebody tagged it', { ...old, keepTag: true }, {}, 'spared', 'bakehouse:keep now'],
    ['somebody protected it', { ...old, protection: 'enabled' }, {}, 'spared', 'protected from deregistration now'],
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
    [
      'that no bake tagged',
      { snapshotTags: () => Promise.resolve({ node: undefined, keepTag: false }) },
      [old],
      'no tag of a bake',
    ],
    [
      'that a person tagged',
      { snapshotTags: () => Promise.resolve({ node: 'redis', keepTag: true }) },
      [old],
      'tag bakehouse:keep',
    ],
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
    for (const what of ['image', 'users', 'imagesOf', 'snapshotTags'] as const) {
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
      why: 'deregistered, but not yet snap-1, which the next cleanup deletes: InvalidSnapshot.InUse happened',
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
