import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { fc, runs, shareOf } from '../runs.ts';
import { cleanUpImages } from '../../src/cleanup/clean-up-images.ts';
import type { CleanupSettings } from '../../src/cleanup/settings.ts';
import type { Image } from '../../src/aws/images.ts';
import { Account, type Contents } from './account.ts';
import { anyAccount, asBaked, anySettings } from './any-account.ts';
import { hour } from '../aws/fixtures.ts';

const catalogues = runs(10_000);

/** `toEqual` takes longer than all else here: it is only asked where the two may differ. */
function expectEqual(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted);
}

/** What may go by docs/cleanup.md, as plainly as they can be put: no code of the decision is used. */
function mayGo(
  image: Image,
  { images, references, hidden, withInstances, nowMs }: Contents,
  order: CleanupSettings,
): boolean {
  const nodeOf = ({ node, name }: Image) => {
    const named = name.slice(0, -'-1767000000'.length);
    return node !== '' || !order.adopt || !order.keep.has(named) ? node : named;
  };
  const node = nodeOf(image);
  if (node === '' || (order.only.length > 0 && !order.only.includes(node))) return false;
  if ([...references, ...hidden].some(([id]) => id === image.id)) return false;
  if (image.keepTag || image.protection !== undefined) return false;
  const keep = order.keep.get(node);
  if (keep === undefined && !order.gone) return false;
  const isGood = ({ state, rejected, revoked, createdMs }: Image) =>
    state === 'available' &&
    !rejected &&
    revoked === undefined &&
    createdMs !== undefined &&
    createdMs <= nowMs;
  const good = images.filter((other) => nodeOf(other) === node && isGood(other));
  const isOfPending = images.some(({ state, run }) => state === 'pending' && run === image.run);
  const goesOn = isOfPending || withInstances.includes(image.run);
  if (goesOn && !order.finished.has(image.run)) return false;
  if (image.state === 'disabled') {
    const isDue = image.deleteAfterMs !== undefined && image.deleteAfterMs <= nowMs;
    const replaces = good.some(({ verified }) => verified || !image.verified || image.revoked !== undefined);
    return isDue && (keep === undefined || replaces);
  }
  if (!['available', 'failed'].includes(image.state)) return false;
  const age = image.createdMs === undefined ? -1 : nowMs - image.createdMs;
  if (age < 0 || age < order.minAgeMs) return false;
  if (keep === undefined || !isGood(image)) return true;
  const isNewer = (other: Image) =>
    (other.createdMs ?? 0) > (image.createdMs ?? 0) ||
    (other.createdMs === image.createdMs && other.id > image.id);
  const newer = good.filter(isNewer);
  const isAmongVerified = image.verified && newer.filter(({ verified }) => verified).length < keep;
  return newer.length >= keep && !isAmongVerified;
}

const planned = async (contents: Contents, order: CleanupSettings) => {
  const plan = await cleanUpImages({ ...order, apply: false }, new Account(contents).world);
  const images = plan.decisions.filter(({ action }) => action !== 'keep' && action !== 'hold');
  return { plan, ids: images.map(({ image: { id } }) => id).sort() };
};
const applied = async (contents: Contents, order: CleanupSettings) => {
  const account = new Account(contents);
  const cleanup = await cleanUpImages(order, account.world);
  return { account, cleanup, left: leftOf(account) };
};
const leftOf = ({ images, snapshots }: Account) => ({
  images: [...images.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  snapshots: [...snapshots.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
});

test('exactly those that may be deleted are deleted: none that is in use or kept, and all the rest', async () => {
  let gone = 0;
  await fc.assert(
    fc.asyncProperty(anyAccount, anySettings, async (contents, order) => {
      const { ids } = await planned(contents, order);
      expectEqual(ids, contents.images.filter((image) => mayGo(image, contents, order)).map(({ id }) => id).sort());
      gone += ids.length;
    }),
    catalogues,
  );
  // The catalogues are not all such that nothing goes.
  expect(gone).toBeGreaterThan(shareOf(2_000));
}); // prettier-ignore

test('two plans are equal, whatever the order of the answers', async () => {
  await fc.assert(
    fc.asyncProperty(anyAccount, anySettings, async (contents, order) => {
      const { plan } = await planned(contents, order);
      const turned = {
        ...contents,
        images: contents.images.toReversed(),
        snapshots: contents.snapshots.toReversed(),
      };
      const again = (await planned(turned, order)).plan;
      expectEqual([again.decisions, again.snapshotDecisions], [plan.decisions, plan.snapshotDecisions]);
    }),
    catalogues,
  );
});

test('applying deletes what the plan said, no snapshot that is mapped or not ours, and a second time changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyAccount, anySettings, async (contents, order) => {
      const { ids } = await planned(contents, order);
      const { account, left } = await applied(contents, order);
      const stay = contents.images.filter(({ id }) => !ids.includes(id));
      expectEqual(left.images.map(({ id }) => id), stay.map(({ id }) => id).sort());
      const mapped = new Set(stay.flatMap(({ snapshotIds }) => snapshotIds));
      const adopted = new Set(order.adopt ? contents.images.flatMap((one) => (one.node === '' ? one.snapshotIds : [])) : []);
      const used = new Set([...contents.references].map(([id]) => id));
      for (const { id, tagged } of contents.snapshots) {
        if (account.snapshots.has(id)) continue;
        expectEqual({ id, mapped: mapped.has(id), used: used.has(id), ours: tagged || adopted.has(id) }, { id, mapped: false, used: false, ours: true });
      }
      const twice = await applied(account.contents(), order);
      expectEqual(twice.left, left);
    }),
    catalogues,
  );
}); // prettier-ignore

test('applying again after a kill at any call ends as applying once', async () => {
  let killed = 0;
  await fc.assert(
    fc.asyncProperty(
      anyAccount,
      anySettings,
      fc.nat(15),
      fc.boolean(),
      async (random, order, atCall, after) => {
        const contents = asBaked(random);
        const once = await applied(contents, order);
        const account = new Account(contents, { atCall, after });
        await cleanUpImages(order, account.world).catch(() => undefined);
        if (account.calls > atCall) killed++;
        const again = await applied(account.contents(), order);
        expectEqual(again.left, once.left);
      },
    ),
    catalogues,
  );
  expect(killed).toBeGreaterThan(shareOf(5_000));
});

test('limits hold: never more than they say, the oldest first, and nothing that would stay anyway', async () => {
  const fuses = fc.record({ maxDelete: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }), half: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(anyAccount, anySettings, fuses, async (contents, order, fused) => {
      const free = await planned(contents, order);
      const { ids, plan } = await planned(contents, { ...order, ...fused });
      expectEqual(ids.filter((id) => !free.ids.includes(id)), []);
      expect(ids.length).toBeLessThanOrEqual(fused.maxDelete ?? Infinity);
      const held = plan.decisions.filter(({ action }) => action === 'hold');
      const both = [...ids, ...held.map(({ image: { id } }) => id)];
      expectEqual(free.ids.filter((id) => !both.includes(id)), []);
      // What is held is not looked at once more: some of it may be in use.
      const hidden = contents.hidden.map(([id]) => id);
      expectEqual(both.filter((id) => !free.ids.includes(id) && !hidden.includes(id)), []);
      for (const node of new Set(plan.decisions.map((one) => one.node))) {
        const ofNode = plan.decisions.filter((one) => one.node === node && one.reason.kind !== 'untagged');
        const going = ofNode.filter(({ action }) => action === 'delete');
        if (fused.half) expect(going.length).toBeLessThanOrEqual(ofNode.length / 2);
        for (const { image, hold } of ofNode.filter(({ action }) => action === 'hold')) {
          const youngest = Math.max(...going.map((one) => one.image.createdMs ?? 0));
          expectEqual({ hold, is: (image.createdMs ?? 0) >= youngest }, { hold, is: true });
        }
      }
    }),
    catalogues,
  );
}); // prettier-ignore

test('a plan is a limit: what it does not name stays, whatever has happened since', async () => {
  await fc.assert(
    fc.asyncProperty(anyAccount, anySettings, fc.subarray(['ami-0', 'ami-1', 'ami-2', 'ami-3', 'ami-4']), async (contents, order, named) => {
      const plan = { images: new Map(named.map((id) => [id, 'delete' as const])), snapshots: new Set<string>() };
      const free = await planned(contents, order);
      const { account } = await applied(contents, { ...order, plan });
      const gone = contents.images.filter(({ id }) => !account.images.has(id)).map(({ id }) => id);
      expectEqual(gone.sort(), free.ids.filter((id) => named.includes(id)));
    }),
    catalogues,
  );
}); // prettier-ignore

test('with disabling first, nothing is deleted before its days have passed, and then only what was disabled', async () => {
  await fc.assert(
    fc.asyncProperty(anyAccount, anySettings, async (contents, order) => {
      const first = { ...order, disableFirstDays: 7 };
      const { account, cleanup } = await applied(contents, first);
      const disabled = cleanup.decisions.filter(({ action }) => action === 'disable').map(({ image }) => image.id);
      for (const { image, action } of cleanup.decisions) if (action === 'delete') expect(image.state).not.toBe('available');
      for (const id of disabled) expect(account.images.get(id)?.state).toBe('disabled');
      const before = await planned(account.contents({ nowMs: contents.nowMs + 7 * 24 * hour - 1 }), first);
      expectEqual(disabled.filter((id) => before.ids.includes(id)), []);
      const due = await planned(account.contents({ nowMs: contents.nowMs + 7 * 24 * hour }), order);
      const stay = due.plan.decisions.filter(({ image: { id } }) => disabled.includes(id) && !due.ids.includes(id));
      // Unless the node would be left without any image.
      expectEqual(stay.filter(({ reason }) => reason.kind !== 'only-disabled'), []);
    }),
    runs(2_000),
  );
}); // prettier-ignore
