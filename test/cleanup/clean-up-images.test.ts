import { describe, expect, test } from '@jest/globals';
import type { CleanupSettings } from '../../src/cleanup/settings.ts';
import { cleanUpImages, type Cleanup, type CleanupDeps } from '../../src/cleanup/clean-up-images.ts';
import { cleanupData, cleanupResult } from '../../src/cleanup/cleanup-report.ts';
import type { Snapshot } from '../../src/aws/images.ts';
import {
  deletionDeps,
  ec2Error,
  hour,
  imageOfNode,
  never,
  nowMs,
  old,
  recent,
  unavailable,
} from '../aws/fixtures.ts';

describe('a cleanup', () => {
  const order: CleanupSettings = {
    keep: new Map([['redis', 1]]),
    only: [],
    regions: [],
    apply: true,
    minAgeMs: hour,
    gone: false,
    adopt: false,
    finished: new Set(),
    maxDelete: 20,
    half: true,
    disableFirstDays: undefined,
    plan: undefined,
    ignored: [],
    price: 0.05,
    signal: never,
  };
  const snapshot = {
    node: 'redis',
    run: 'run-1',
    startedMs: nowMs - 3 * hour,
    state: 'completed',
    size: 8,
    keepTag: false,
    description: 'Created by CreateImage(i-0a)',
    strayTag: undefined,
  };
  function run(
    over: Partial<CleanupSettings> = {},
    world: Partial<CleanupDeps> = {},
    images = [old, recent],
  ) {
    const { world: deletion, done } = deletionDeps(images, world);
    const records: Cleanup[] = [];
    const whole: CleanupDeps = {
      ...deletion,
      region: 'us-east-1',
      account: '123456789012',
      snapshots: () => Promise.resolve(['snap-old', 'snap-new'].map((id) => ({ ...snapshot, id }))),
      runsWithInstances: () => Promise.resolve(new Set()),
      confirm: () => Promise.resolve({ references: new Map(), crossCheck: 'done' as const }),
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
    const end = cleanUpImages({ ...order, ...over }, whole);
    return { end, done, records };
  }

  test('writes its plan before it deletes, and what became of it after', async () => {
    const { end, done, records } = run();
    const result = cleanupResult(await end);
    expect(done).toEqual(['record', 'deregister ami-old', 'delete snap-old', 'record']);
    expect(result.closing).toEqual([
      '1 image and 1 snapshot deleted',
      'freed 8 GiB at most, $0.40 a month at $0.05 for a GiB',
    ]);
    expect(result.exitCode).toBe(0);
    expect(result.table.rows).toEqual([
      ['redis', 'ami-new', '2026-01-02T11:00:00', 'yes', 'keep', 'verified, the newest'],
      [
        'redis',
        'ami-old',
        '2026-01-02T10:00:00',
        'yes',
        'deleted',
        'verified, but number 2 of the verified images (keep: 1)',
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
    expect(result.closing).toEqual([
      '1 image and 1 snapshot would be deleted (a plan only: --apply does it)',
      'frees 8 GiB at most, $0.40 a month at $0.05 for a GiB',
    ]);
    expect(result.json).toMatchObject({ schema: 1, applied: false });
  });

  test('of one node does not see the images of another', async () => {
    const web = imageOfNode('web', { id: 'ami-web' });
    const { end } = run({ only: ['redis'] }, {}, [old, recent, web]);
    expect((await end).decisions.map(({ image }) => image.id)).toEqual(['ami-new', 'ami-old']);
  });

  test.each(['images', 'snapshots', 'runsWithInstances', 'references', 'confirm'] as const)(
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
      {
        references: () =>
          Promise.resolve(new Map([['ami-old', [{ kind: 'instance', by: 'instance i-1 (stopped)' }]]])),
      },
    );
    expect(cleanupResult(await end).table.rows[1]?.slice(4)).toEqual([
      'keep',
      'used by instance i-1 (stopped)',
    ]);
    expect(done).toEqual(['record', 'record']);
  });

  test.each<[string, Partial<CleanupDeps>, number, string]>([
    ['an image stays', { deregister: () => Promise.reject(ec2Error('OperationNotPermitted')) }, 3, '0 images and 0 snapshots deleted, 1 failed'],
    ['EC2 is not available', { deregister: unavailable }, 4, '0 images and 0 snapshots deleted, 1 failed'],
  ])('ends with its own exit code when %s', async (_, world, exitCode, closing) => {
    const { end, records } = run({}, world);
    expect(cleanupResult(await end)).toMatchObject({ exitCode, closing: [closing] });
    expect(records).toHaveLength(2);
  }); // prettier-ignore

  test('treats an unexpected answer as an EC2 that is not available', async () => {
    const answer = Object.assign(ec2Error('PendingVerification'), { $metadata: {} });
    const { end, done } = run({}, { references: () => Promise.reject(answer) });
    await expect(end).rejects.toMatchObject({ exitCode: 4 });
    expect(done).toEqual([]);
  });

  test('looks a second time at those to delete, and at those that take their place', async () => {
    const third = { ...old, id: 'ami-third', createdMs: nowMs - 3 * hour, snapshotIds: [] };
    const asked: string[][] = [];
    const confirm = (ids: readonly string[]) => {
      asked.push([...ids]);
      const shared = ids.includes('ami-third')
        ? [{ kind: 'launch-permission' as const, by: 'account 1' }]
        : [];
      return Promise.resolve({ references: new Map([['ami-third', shared]]), crossCheck: 'done' as const });
    };
    const { end } = run({ apply: false, maxDelete: 1 }, { confirm }, [old, recent, third]);
    expect((await end).decisions.map(({ image: { id }, action }) => `${id} ${action}`)).toEqual([
      'ami-new keep',
      'ami-old delete',
      'ami-third keep',
    ]);
    expect(asked).toEqual([['ami-third'], ['ami-old']]);
  });

  test('finishes an interrupted one: it deletes a snapshot of ours whose image is gone', async () => {
    const { end, done } = run({}, {}, [recent]);
    expect(cleanupResult(await end).table.rows[1]).toEqual(['redis', 'snap-old', '2026-01-02T09:00:00', '-', 'deleted', 'its image is gone, as after a cleanup that was interrupted']); // prettier-ignore
    expect(done).toEqual(['record', 'delete snap-old', 'record']);
  });

  test.each<[string, Partial<CleanupSettings>, Partial<Snapshot>, string]>([
    ['young', {}, { startedMs: nowMs - hour + 1 }, 'young'],
    ['without a date', {}, { startedMs: undefined }, 'young'],
    ['tagged to be kept', {}, { keepTag: true }, 'keep-tag'],
    ['not complete', {}, { state: 'pending' }, 'state'],
    ['of a node that nodes.yaml does not have', {}, { node: 'left' }, 'unknown-node'],
    ['of a run that goes on', {}, { run: 'run-9' }, 'going-on'],
    ['a backup', {}, { description: 'nightly backup' }, 'not-ours'],
    ["one of AWS's own backups", { gone: true, half: false, maxDelete: undefined }, { strayTag: 'aws:backup:source-resource' }, 'not-ours'],
    ['of which the plan knows nothing', { plan: { images: new Map(), snapshots: new Set() } }, {}, 'not-in-plan'],
  ])('leaves a snapshot without image that is %s', async (_, over, of, kind) => {
    const snapshots = () => Promise.resolve([{ ...snapshot, id: 'snap-1', ...of }]);
    const runsWithInstances = () => Promise.resolve(new Set(['run-9']));
    const { end, done } = run(over, { snapshots, runsWithInstances }, [recent]);
    expect((await end).snapshotDecisions).toMatchObject([{ action: 'keep', reason: { kind } }]);
    expect(done).toEqual(['record', 'record']);
  }); // prettier-ignore

  test('disables first: with the time of the deletion in a tag, before', async () => {
    const { end, done } = run({ disableFirstDays: 7 });
    const result = cleanupResult(await end);
    const tagged = 'tag ami-old bakehouse:delete-after=2026-01-09T12:00:00.000Z';
    expect(done).toEqual(['record', tagged, 'disable ami-old', 'record']);
    expect(result.table.rows[1]?.[4]).toBe('disabled');
    expect(result.closing).toEqual(['0 images and 0 snapshots deleted, 1 disabled']);
  });

  test('adopts an image that is only named like one, with its snapshots, before it deletes it', async () => {
    const named = imageOfNode('', {
      ...old,
      id: 'ami-named',
      node: '',
      bearsOurTags: false,
      name: 'redis-1767000000',
      snapshotIds: ['snap-x', 'snap-old'],
    });
    const { end, done } = run({ adopt: true, minAgeMs: 0 }, {}, [recent, named]);
    await end;
    expect(done[1]).toBe('tag ami-named snap-x bakehouse:node=redis');
  });

  test('leaves an image that it cannot adopt, and says so', async () => {
    const named = { ...old, id: 'ami-named', node: '', bearsOurTags: false, name: 'redis-1700000000' };
    const tag = () => Promise.reject(ec2Error('TagLimitExceeded'));
    const { end, done } = run({ adopt: true, minAgeMs: 0 }, { tag }, [recent, named]);
    const result = await end;
    expect(done).toEqual(['record', 'record']);
    expect(result.outcomes.get('ami-named')).toMatchObject({ kind: 'failed' });
    expect(cleanupResult(result).exitCode).toBe(3);
  });

  test('says what is held back, and why', async () => {
    const rejected = { ...old, verified: false, rejected: true };
    const held = cleanupResult(await run({}, {}, [rejected]).end);
    expect(held.table.rows[0]?.slice(4)).toEqual(['hold', "verify rejected it; held back: one run deletes at most half of a node's 1, so 0 (--no-fuse)"]);
    expect(held.closing[0]).toBe('0 images and 1 snapshot deleted, 1 held back');
  }); // prettier-ignore
});
