import { expect, test } from '@jest/globals';
import { fc, runs, shareOf } from '../runs.ts';
import { cleanUpImages } from '../../src/cleanup/clean-up-images.ts';
import type { CleanupSettings } from '../../src/cleanup/settings.ts';
import type { Image } from '../../src/aws/images.ts';
import { Account } from './account.ts';
import { anySettings } from './any-account.ts';
import { anyRegions, failingFrom, open, own, promoted, type Regions } from './any-regions.ts';

const catalogues = runs(5_000);

/** Those that are not there any more, of all regions. */
function goneOf(regions: Regions, accounts: ReadonlyMap<string, Account>): Set<string> {
  return new Set(
    [...regions].flatMap(([region, { images }]) =>
      images.filter(({ id }) => accounts.get(region)?.images.has(id) === false).map(({ id }) => id),
    ),
  );
}

function isUsed(regions: Regions, region: string, id: string): boolean {
  const { references = [], hidden = [] } = regions.get(region) ?? {};
  return [...references, ...hidden].some(([used]) => used === id);
}

/** The copies that keep an original, as plainly as it can be put. */
function isKeptByCopy(regions: Regions, { id, name }: Image): boolean {
  return [...promoted.keys()].some((region) =>
    (regions.get(region)?.images ?? []).some(
      (copy) =>
        copy.copiedFrom === `${own}/${id}` &&
        copy.name === name &&
        (isUsed(regions, region, copy.id) ||
          copy.keepTag ||
          copy.protection !== undefined ||
          ['pending', 'unknown'].includes(copy.state)),
    ),
  );
}

async function cleanUpAlone(regions: Regions, order: CleanupSettings): Promise<Set<string>> {
  const accounts = new Map([...regions].map(([region, contents]) => [region, new Account(contents)]));
  for (const account of accounts.values()) await cleanUpImages(order, account.world);
  return goneOf(regions, accounts);
}

test('in three regions just what goes in each alone goes, without the originals of copies that are needed', async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(anyRegions, anySettings, async (regions, order) => {
      const alone = await cleanUpAlone(regions, order);
      const { accounts, deps } = open(regions);
      await cleanUpImages(order, deps);
      const originals = (regions.get(own)?.images ?? []).filter((image) => isKeptByCopy(regions, image));
      kept += originals.filter(({ id }) => alone.has(id)).length;
      const stay = new Set(originals.map(({ id }) => id));
      expect([...goneOf(regions, accounts)].sort()).toEqual([...alone].filter((id) => !stay.has(id)).sort());
    }),
    catalogues,
  );
  expect(kept).toBeGreaterThan(shareOf(500));
}); // prettier-ignore

test('a region that fails at any call frees nothing: neither what is in use, nor the originals of copies that are needed', async () => {
  let freed = 0;
  await fc.assert(
    fc.asyncProperty(
      anyRegions,
      anySettings,
      fc.constantFrom(...promoted.keys()),
      fc.nat(15),
      async (regions, order, failing, atCall) => {
        const { accounts, deps } = open(regions, (region, account) =>
          region === failing ? failingFrom(atCall, account) : {},
        );
        const { otherRegions = [] } = await cleanUpImages(order, deps);
        const gone = goneOf(regions, accounts);
        freed += gone.size;
        for (const [region, { images }] of regions) {
          for (const image of images.filter(({ id }) => gone.has(id))) {
            expect({ id: image.id, used: isUsed(regions, region, image.id) }).toEqual({ id: image.id, used: false });
            if (region === own) expect({ id: image.id, kept: isKeptByCopy(regions, image) }).toEqual({ id: image.id, kept: false });
          }
        }
        // It fails while it is read: nothing goes there, nor any original that may have a copy there.
        if (atCall >= 4) return;
        expect(otherRegions.find(({ region }) => region === failing)).toEqual({ region: failing, unavailable: 'DescribeImages was denied' });
        expect((regions.get(failing)?.images ?? []).filter(({ id }) => gone.has(id))).toEqual([]);
        const nodes = promoted.get(failing);
        const mayBeThere = ({ node, name }: Image) => {
          const named = node === '' ? name.slice(0, -'-1767000000'.length) : node;
          return nodes?.has(named) === true || !order.keep.has(named);
        };
        expect((regions.get(own)?.images ?? []).filter((image) => gone.has(image.id) && mayBeThere(image))).toEqual([]);
      },
    ),
    catalogues,
  );
  expect(freed).toBeGreaterThan(shareOf(2_000));
}); // prettier-ignore

test('a limit for a run holds over all regions', async () => {
  await fc.assert(
    fc.asyncProperty(anyRegions, anySettings, fc.integer({ min: 1, max: 4 }), async (regions, order, maxDelete) => {
      const { accounts, deps } = open(regions);
      await cleanUpImages({ ...order, maxDelete }, deps);
      expect(goneOf(regions, accounts).size).toBeLessThanOrEqual(maxDelete);
    }),
    catalogues,
  );
}); // prettier-ignore

test('what comes between the plan and the deletion keeps the original: a copy that gets a user, or is just being made', async () => {
  let spared = 0;
  await fc.assert(
    fc.asyncProperty(
      anyRegions,
      anySettings,
      fc.constantFrom('used', 'new', 'promoted'),
      async (regions, order, change) => {
        const planned = new Set<string>();
        const { accounts, deps } = open(regions);
        const eu = accounts.get('eu-west-1');
        const record: typeof deps.record = ({ decisions, otherRegions = [] }) => {
          if (planned.size > 0 || eu === undefined) return Promise.resolve();
          const going = decisions.find(({ action, node }) => action === 'delete' && node !== '');
          if (going === undefined) return Promise.resolve();
          const { image } = going;
          planned.add(image.id);
          const copy = { ...image, id: 'ami-99999999', copiedFrom: `${own}/${image.id}`, sourceImageId: image.id };
          const states = { used: { keepTag: true }, new: { state: 'pending' }, promoted: { promotedMs: 1 } };
          eu.images.set(copy.id, { ...copy, state: 'available', ...states[change] });
          expect(otherRegions).toHaveLength(2);
          return Promise.resolve();
        };
        const { outcomes } = await cleanUpImages(order, { ...deps, record });
        for (const id of planned) {
          spared++;
          expect(accounts.get(own)?.images.has(id)).toBe(true);
          expect(outcomes.get(id)).toMatchObject({ kind: 'spared', why: expect.stringContaining('its copy in eu-west-1') });
        }
      },
    ),
    catalogues,
  );
  expect(spared).toBeGreaterThan(shareOf(500));
}); // prettier-ignore
