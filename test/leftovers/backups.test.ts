import type { Image as Ec2Image, Snapshot as Ec2Snapshot } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { fc, runs, shareOf } from '../runs.ts';
import { cleanUpImages } from '../../src/cleanup/clean-up-images.ts';
import type { CleanupSettings } from '../../src/cleanup/settings.ts';
import { decideLeftovers } from '../../src/leftovers/decide-leftovers.ts';
import { imageResource, knownImages, snapshotResource } from '../../src/leftovers/read-resources.ts';
import { listImages, listSnapshots } from '../../src/aws/images.ts';
import { findRelatedImages } from '../../src/references/related-images.ts';
import { decide } from '../../src/plan/decide.ts';
import { judged } from '../plan/nodes.ts';
import { Account } from '../cleanup/account.ts';
import { anySettings } from '../cleanup/any-account.ts';
import { hour, nowMs } from '../aws/fixtures.ts';

/**
 * Accounts of bakes' images as Packer leaves them, beside anybody's backups of servers that were launched from them:
 * with any of the tags, of any name that is no bake's. What becomes of the bakes' is the same without the backups.
 */

const nodes = ['redis', 'web', 'web-db', 'left'];
const tagsOf = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

interface Parts {
  images: Ec2Image[];
  snapshots: Ec2Snapshot[];
}

/** A bake's image with its snapshot; a lost one has left only that. */
const bake = fc.record({
  node: fc.constantFrom(...nodes),
  age: fc.integer({ min: 0, max: 40 }),
  mark: fc.constantFrom({}, { 'bakehouse:verified': 'true' }, { 'bakehouse:rejected': 'no' }),
  isLost: fc.boolean(),
});
const bakes = fc.array(bake, { minLength: 2, maxLength: 8 }).map((all): Parts => {
  const made = all.map(({ node, age, mark, isLost }, at) => {
    const id = `ami-${at}`;
    const time = new Date(nowMs - age * hour - at * 1000);
    const tags = {
      'bakehouse:node': node,
      'bakehouse:run': `run-${at}`,
      'bakehouse:digest': `d${at}`,
      'bakehouse:source-ami': 'ami-debian',
    };
    const snapshot: Ec2Snapshot = {
      SnapshotId: `snap-${at}`,
      State: 'completed',
      StartTime: time,
      Description: `Created by CreateImage(i-${at}) for ${id}`,
      Tags: tagsOf(tags),
    };
    const image: Ec2Image = {
      ImageId: id,
      Name: `${node}-${Math.floor(time.getTime() / 1000) - 600}`,
      State: 'available',
      CreationDate: time.toISOString(),
      SourceInstanceId: `i-${at}`,
      SourceImageId: 'ami-debian',
      BlockDeviceMappings: [{ Ebs: { SnapshotId: `snap-${at}` } }],
      Tags: tagsOf({ ...tags, ...mark }),
    };
    return { snapshot, images: isLost ? [] : [image] };
  });
  return {
    images: made.flatMap(({ images }) => images),
    snapshots: made.map(({ snapshot }) => snapshot),
  };
});

const allTags = {
  'bakehouse:run': 'run-0',
  'bakehouse:digest': 'd0',
  'bakehouse:source-ami': 'ami-debian',
  'bakehouse:verified': 'true',
  'bakehouse:rejected': 'no',
  Name: 'web',
};
const copy = fc.record({
  node: fc.constantFrom(...nodes),
  tags: fc.subarray(Object.entries(allTags)).map((some) => Object.fromEntries(some)),
  name: fc.oneof(
    fc.constantFrom('nightly-backup-1', 'web', 'web-1', 'other-1767225600', 'redis-1767225600-copy', ''),
    fc.string(),
  ),
  description: fc.oneof(fc.constantFrom('', 'nightly', 'Created by backup for ami-0'), fc.string()),
  of: fc.constantFrom('ami-0', 'ami-1', 'ami-gone', undefined),
  byCreateImage: fc.boolean(),
  age: fc.integer({ min: 0, max: 40 }),
});
const copies = fc.array(copy, { minLength: 1, maxLength: 5 }).map((all): Parts => {
  const made = all.map(({ node, tags, name, description, of, byCreateImage, age }, at) => {
    const time = new Date(nowMs - age * hour);
    const Tags = tagsOf({ ...tags, 'bakehouse:node': node });
    const backup: Ec2Snapshot = {
      SnapshotId: `snap-backup-${at}`,
      State: 'completed',
      StartTime: time,
      Description: description,
      Tags,
    };
    const ofImage: Ec2Snapshot = {
      ...backup,
      SnapshotId: `snap-copy-${at}`,
      Description: `Created by CreateImage(i-server) for ami-copy-${at}`,
    };
    const image: Ec2Image = {
      ImageId: `ami-copy-${at}`,
      Name: name,
      State: 'available',
      CreationDate: time.toISOString(),
      ...(of === undefined ? {} : { SourceImageId: of }),
      ...(byCreateImage ? { SourceInstanceId: 'i-server' } : {}),
      BlockDeviceMappings: [{ Ebs: { SnapshotId: `snap-copy-${at}` } }],
      Tags,
    };
    return { image, snapshots: [backup, ofImage] };
  });
  return {
    images: made.map(({ image }) => image),
    snapshots: made.flatMap(({ snapshots }) => snapshots),
  };
});

/** What cleanup decides and what it leaves, by id. */
async function cleanedUp({ images, snapshots }: Parts, order: CleanupSettings) {
  const listed = await listImages(() => Promise.resolve({ Images: images }));
  const relatives = findRelatedImages(listed, 'us-east-1').map(
    ({ id, kind, by }) => [id, { kind, by }] as const,
  );
  const found = await listSnapshots(() => Promise.resolve({ Snapshots: snapshots }));
  const account = new Account({
    images: listed,
    snapshots: found.map((snapshot) => ({ ...snapshot, tagged: true })),
    references: relatives.map(([id, reference]) => [id, reference]),
    hidden: [],
    withInstances: [],
    nowMs,
  });
  const { decisions, snapshotDecisions } = await cleanUpImages(order, account.world);
  const decided = [
    ...decisions.map(({ image: { id }, action, reason, hold }) => ({ id, action, reason, hold })),
    ...snapshotDecisions.map(({ snapshot: { id }, action, reason, hold }) => ({ id, action, reason, hold })),
  ];
  const left = new Set([...account.images.keys(), ...account.snapshots.keys()]);
  const isNode = (name: string) => ({ name, assumePure: true, result: judged().result });
  const planned = nodes.map((node) => decide(isNode(node), listed, nowMs, { forced: false }));
  return { decided, left, planned };
}

const isCopy = (id: string) => id.includes('-copy-') || id.includes('-backup-');

test("backups with any of our tags never go nor count, and what becomes of the bakes' images does not depend on them", async () => {
  let [gone, lost] = [0, 0];
  const fuses = fc.record({ maxDelete: fc.constantFrom(undefined, 1, 3), half: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(bakes, copies, anySettings, fuses, async (own, others, order, fused) => {
      // What a name says agrees by chance is no backup's: see ours.test.ts for those.
      fc.pre(others.images.every(({ Name = '' }) => !/^(redis|web|web-db|left)-\d{10}$/.test(Name)));
      const asked = { ...order, ...fused };
      const alone = await cleanedUp(own, asked);
      const both = { images: [...others.images, ...own.images], snapshots: [...others.snapshots, ...own.snapshots] };
      const beside = await cleanedUp(both, asked);
      expect(beside.decided.filter(({ id }) => !isCopy(id))).toEqual(alone.decided);
      expect(beside.planned).toEqual(alone.planned);
      for (const { ImageId: id = '' } of others.images) expect(beside.left).toContain(id);
      for (const { SnapshotId: id = '' } of others.snapshots) expect(beside.left).toContain(id);
      for (const { action, reason } of beside.decided.filter(({ id }) => isCopy(id)))
        expect([action, reason.kind]).toEqual(['keep', 'not-ours']);
      gone += own.images.filter(({ ImageId: id = '' }) => !beside.left.has(id)).length;
      lost += alone.decided.filter(({ id, action }) => id.startsWith('snap-') && action === 'delete').length;
    }),
    runs(600),
  );
  // The accounts are not all such that nothing goes.
  expect(gone).toBeGreaterThan(shareOf(50));
  expect(lost).toBeGreaterThan(shareOf(50));
}); // prettier-ignore

test('decideLeftovers keeps every backup, whichever run has ended', () => {
  fc.assert(
    fc.property(bakes, copies, (own, others) => {
      const images = knownImages([...own.images, ...others.images]);
      const resources = [
        ...[...own.images, ...others.images].map(imageResource),
        ...[...own.snapshots, ...others.snapshots].map((snapshot) => snapshotResource(snapshot, images)),
      ];
      const finished = new Set(Array.from({ length: 9 }, (_, at) => `run-${at}`));
      const decisions = decideLeftovers(resources, {
        finished,
        nowMs,
        timeoutMs: hour,
        references: new Map(),
      });
      const gone = decisions.filter(({ action }) => action === 'delete').map(({ resource }) => resource.id);
      const lost = own.snapshots.filter(({ SnapshotId: id = '' }) => !images.ofSnapshot.has(id));
      expect(gone.sort()).toEqual(lost.map(({ SnapshotId: id = '' }) => id).sort());
    }),
    runs(500),
  );
});
