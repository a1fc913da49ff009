import { fc } from '../runs.ts';
import type { CleanupSettings } from '../../src/cleanup/settings.ts';
import { referenceKinds } from '../../src/references/reference.ts';
import type { Contents } from './account.ts';
import { hour, imageOfNode, nowMs } from '../aws/fixtures.ts';

const ids = (stem: string, count: number) => Array.from({ length: count }, (_, index) => `${stem}-${index}`);
const imageIds = ids('ami', 14);
const snapshotIds = ids('snap', 8);
const runs = ids('run', 4);

/** In half hours, so that what lies exactly on a border comes up, too; of the future, and of no date. */
const times = fc.constantFrom(
  ...[-3, -1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8].map((age) => nowMs - age * hour),
  undefined,
);
const states = fc.constantFrom(
  ...Array.from({ length: 14 }, () => 'available'),
  ...(['pending', 'failed', 'disabled', 'disabled', 'error', 'deregistered', 'unknown'] as const),
);
const rare = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const image = fc
  .record({
    node: fc.constantFrom(...Array.from({ length: 12 }, () => 'redis'), 'web', 'web-db', 'left', ''),
    name: fc.constantFrom('redis-1767000000', 'web-db-1767000000', 'left-1767000000', 'golden'),
    createdMs: times,
    state: states,
    verified: fc.boolean(),
    rejected: rare(fc.constant(true)).map((given) => given ?? false),
    revoked: rare(fc.constant('CVE-2026-1')),
    run: fc.constantFrom('', ...runs),
    snapshotIds: fc.uniqueArray(fc.constantFrom(...snapshotIds), { maxLength: 2 }),
    keepTag: rare(fc.constant(true)).map((given) => given ?? false),
    protection: rare(fc.constant('enabled-without-cooldown')),
    deleteAfterMs: fc.option(fc.oneof(times.map((ms) => ms ?? NaN)), { nil: undefined }),
  })
  .map((given) => ({ ...given, verified: given.verified && !given.rejected }));

const images = fc
  .uniqueArray(fc.constantFrom(...imageIds), { minLength: 3, maxLength: imageIds.length, size: 'max' })
  .chain((some) =>
    fc.tuple(...some.map((id) => image.map((given) => imageOfNode(given.node, { ...given, id })))),
  );

const snapshots = fc.subarray(snapshotIds).chain((some) =>
  fc.tuple(
    ...some.map((id) =>
      fc.record({
        id: fc.constant(id),
        tagged: fc.boolean(),
        node: fc.constantFrom('redis', 'web', 'left'),
        run: fc.constantFrom('', ...runs),
        startedMs: times,
        state: fc.constantFrom('completed', 'completed', 'completed', 'pending', 'error'),
        size: fc.integer({ min: 1, max: 40 }),
        keepTag: rare(fc.constant(true)).map((given) => given ?? false),
        description: fc.constantFrom(
          'Created by CreateImage(i-0a)',
          'Created by CreateImage(i-0a)',
          'nightly',
        ),
        strayTag: rare(fc.constant('aws:backup:source-resource')),
      }),
    ),
  ),
);

const references = fc.array(
  fc.tuple(
    fc.constantFrom(...imageIds, ...snapshotIds),
    fc.constantFrom(...referenceKinds).map((kind) => ({ kind, by: `a ${kind}` })),
  ),
  { maxLength: 3 },
);

/** Accounts with shared snapshots, odd states, dates of the future and none, all kinds of references. */
export const anyAccount: fc.Arbitrary<Contents> = fc.record({
  images,
  snapshots,
  references,
  hidden: references.map((some) => some.slice(0, 1)),
  withInstances: fc.subarray(runs, { maxLength: 1 }),
  nowMs: fc.constant(nowMs),
});

/**
 * The same account with snapshots as bakes leave them: complete, old enough, of the node and run of the image that they
 * were made with, and shared within a node only.
 */
export function asBaked(contents: Contents): Contents {
  const named = contents.images.map((image) => ({
    ...image,
    snapshotIds: image.snapshotIds.map((id) => `${id}-${image.node === '' ? image.name : image.node}`),
  }));
  const snapshots = contents.snapshots.flatMap((snapshot) => {
    const first = new Map<string, Contents['images'][number]>();
    for (const image of named.toSorted((a, b) => (a.createdMs ?? -Infinity) - (b.createdMs ?? -Infinity))) {
      for (const id of image.snapshotIds)
        if (id.startsWith(`${snapshot.id}-`) && !first.has(id)) first.set(id, image);
    }
    return [...first].map(([id, { node, run }]) => {
      return {
        ...snapshot,
        id,
        node,
        run,
        startedMs: nowMs - 9 * hour,
        state: 'completed',
        tagged: node !== '',
        description: 'Created by CreateImage(i-0a)',
        strayTag: undefined,
      };
    });
  });
  return { ...contents, images: named, snapshots };
}

const never = new AbortController().signal;

/** What cleanup may be asked for, without fuses. */
export const anySettings: fc.Arbitrary<CleanupSettings> = fc.record({
  keep: fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }))
    .map(([redis, web, db]) => new Map([['redis', redis], ['web', web], ['web-db', db]])),
  only: fc.constantFrom<string[]>([], [], [], ['redis'], ['web', 'left']),
  regions: fc.constant([]),
  apply: fc.constant(true),
  minAgeMs: fc.constantFrom(0, hour, 3 * hour),
  gone: fc.boolean(),
  adopt: fc.boolean(),
  finished: fc.subarray(runs, { maxLength: 1 }).map((some) => new Set(some)),
  maxDelete: fc.constant(undefined),
  half: fc.constant(false),
  disableFirstDays: fc.constant(undefined),
  plan: fc.constant(undefined),
  ignored: fc.constant([]),
  price: fc.constant(0.05),
  signal: fc.constant(never),
}); // prettier-ignore
