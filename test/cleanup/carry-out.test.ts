import { describe, expect, test } from '@jest/globals';
import type { DeletionDeps } from '../../src/cleanup/delete-image.ts';
import { carryOut } from '../../src/cleanup/carry-out.ts';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import type { ImageDecision } from '../../src/cleanup/fuses.ts';
import type { Image } from '../../src/aws/images.ts';
import type { RetentionRules } from '../../src/cleanup/retention.ts';
import {
  deletionDeps,
  ec2Error,
  hour,
  imageOfNode,
  never,
  nowMs,
  old,
  recent,
  snapshotOfNode,
  unavailable,
} from '../aws/fixtures.ts';

/** Every image goes, of a node that is gone from nodes.yaml. */
const rules: RetentionRules = {
  keep: new Map(),
  references: new Map(),
  minAgeMs: 0,
  runningRuns: new Set(),
  gone: true,
  adopt: false,
  nowMs,
};

async function remove(
  images: Image[],
  over: Partial<DeletionDeps> = {},
  there = images,
  signal = never,
  given: Partial<RetentionRules> = {},
) {
  const { world, done } = deletionDeps(there, over);
  const decisions = images.map((image): ImageDecision => {
    return { image, node: image.node, action: 'delete', reason: { kind: 'rejected' } };
  });
  const plan = {
    madeAt: new Date(nowMs),
    decisions,
    snapshotDecisions: [],
    snapshots: [],
    rules: { ...rules, ...given },
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

  test('deletes the oldest first, so that an interruption leaves the newer ones', async () => {
    const { done } = await remove([recent, old]);
    expect(done).toEqual(['deregister ami-old', 'delete snap-old', 'deregister ami-new', 'delete snap-new']);
  });

  test.each<[string, Image | undefined, Partial<DeletionDeps>, string, string]>([
    ['an instance was started from it', old, { users: () => Promise.resolve([{ kind: 'instance', by: 'instance i-1 (pending)' }]) }, 'spared', 'used by instance i-1 (pending)'],
    ['it was given to another node', { ...old, node: 'web' }, {}, 'spared', "node tag is now 'web'"],
    ['promote has put it into service', { ...old, promotedMs: 1 }, {}, 'spared', 'promote has put it into service since'],
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

  test.each<[string, Partial<DeletionDeps>, Image[], string]>([
    [
      'that another image maps',
      {},
      [old, { ...recent, snapshotIds: ['snap-old'] }],
      'ami-new is made from it',
    ],
    [
      'that no bake tagged',
      { snapshot: () => Promise.resolve(snapshotOfNode('')) },
      [old],
      'no tag of a bake',
    ],
    [
      'that a person tagged',
      { snapshot: () => Promise.resolve(snapshotOfNode('redis', { keepTag: true })) },
      [old],
      'tag bakehouse:keep',
    ],
    [
      'that a backup tool made',
      { snapshot: () => Promise.resolve(snapshotOfNode('redis', { description: 'nightly' })) },
      [old],
      'not ours: it was not made with an image',
    ],
    [
      'that was made with another image, which is there',
      {
        snapshot: () =>
          Promise.resolve(snapshotOfNode('redis', { description: 'Copied for DestinationAmi ami-2' })),
      },
      [old, { ...recent, id: 'ami-2' }],
      'made with ami-2',
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

  test('deletes a snapshot that was made with another image, which is gone', async () => {
    const description = 'Copied for DestinationAmi ami-2';
    const snapshot = () => Promise.resolve(snapshotOfNode('redis', { description }));
    const { done } = await remove([old], { snapshot });
    expect(done).toEqual(['deregister ami-old', 'delete snap-old']);
  });

  test('counts what is already gone as deleted', async () => {
    const gone = (name: string) => () => Promise.reject(ec2Error(name));
    const over = {
      deregister: gone('InvalidAMIID.Unavailable'),
      deleteSnapshot: gone('InvalidSnapshot.NotFound'),
    };
    expect((await remove([old], over)).outcome?.kind).toBe('deleted');
  });

  test('touches nothing when a look-up fails', async () => {
    for (const what of ['image', 'users', 'imagesOf', 'imagesOfNode', 'snapshot'] as const) {
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

describe('an older image, of which one is to be kept,', () => {
  const keepOne = { keep: new Map([['redis', 1]]), gone: false };
  const removeOld = (over: Partial<DeletionDeps>, there = [old, recent]) =>
    remove([old], over, there, never, keepOne);

  test('is deleted while the newer one exists', async () => {
    const asked: string[][] = [];
    const assertThere = (ids: readonly string[]) => Promise.resolve(asked.push([...ids]));
    expect((await removeOld({ assertThere })).outcome?.kind).toBe('deleted');
    expect(asked).toEqual([['ami-new']]);
  });

  test.each<[string, Partial<DeletionDeps>, Image[], string]>([
    ['is gone', {}, [old], 'it is to stay now: verified, the newest'],
    ['was rejected', {}, [old, { ...recent, verified: false, rejected: true }], 'it is to stay now: verified, the newest'],
    ['was disabled', {}, [old, { ...recent, state: 'disabled' }], 'it is to stay now: verified, the newest'],
    ['is gone, though all that reads still lists it', { assertThere: () => Promise.reject(ec2Error('InvalidAMIID.NotFound')) }, [old, recent], 'an image that replaces it is gone: InvalidAMIID.NotFound happened'],
  ])('stays when the newer one %s', async (_, over, there, why) => {
    const { done, outcome } = await removeOld(over, there);
    expect(done).toEqual([]);
    expect(outcome).toMatchObject({ kind: 'spared', why });
  }); // prettier-ignore

  test('is deleted by what was read where EC2 does not allow a dry run', async () => {
    const denied = new CloudError('denied', 'CreateTags was denied', undefined);
    expect((await removeOld({ assertThere: () => Promise.reject(denied) })).outcome?.kind).toBe('deleted');
  });

  test('needs no newer image when it is rejected, since nothing replaces it', async () => {
    const rejected = imageOfNode('redis', { ...old, verified: false, rejected: true, createdMs: nowMs - 9 * hour });
    const { outcome } = await remove([rejected], { assertThere: unavailable }, [rejected, recent], never, keepOne);
    expect(outcome?.kind).toBe('deleted');
  }); // prettier-ignore
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
