import { fc } from '../runs.ts';
import type { Image } from '../../src/aws/images.ts';
import type { CleanupDeps } from '../../src/cleanup/clean-up-images.ts';
import { StageError } from '../../src/lib/errors.ts';
import { Account, type Contents } from './account.ts';
import { anyAccount } from './any-account.ts';

export const own = 'us-east-1';
/** The other regions, each with the nodes that are promoted to it. */
export const promoted: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['eu-west-1', new Set(['redis', 'web'])],
  ['us-west-2', new Set(['redis'])],
]);
const all = [own, ...promoted.keys()];

/** What three regions hold, by their names. */
export type Regions = ReadonlyMap<string, Contents>;

/** Three regions, in which some images are copies of some of the own region's. */
export const anyRegions: fc.Arbitrary<Regions> = fc
  .tuple(
    fc.tuple(anyAccount, anyAccount, anyAccount),
    // Of the other regions' images, by their places: which of the own region's it is a copy of, if any.
    fc.array(fc.option(fc.nat(13), { freq: 3 }), { minLength: 28, maxLength: 28 }),
  )
  .map(([contents, links]) => {
    const regions = contents.map((one, at) => withIdsOf(one, at));
    const originals = regions[0]?.images ?? [];
    return new Map(
      regions.map((one, at) => [
        all[at] ?? '',
        at === 0
          ? { ...one, images: one.images.map((image, n) => (links.includes(n) ? { ...image, promotedMs: 1 } : image)) }
          : { ...one, images: one.images.map((image, n) => copyOf(image, originals[links[14 * (at - 1) + n] ?? -1])) },
      ]),
    );
  }); // prettier-ignore

/** Ids as EC2's are, and those of a region its own. */
function withIdsOf(contents: Contents, at: number): Contents {
  const idOf = (id: string) => id.replace(/^(ami|snap)-(\d+)$/, (_, kind: string, n: string) => `${kind}-${at}00000${n.padStart(2, '0')}`);
  return {
    ...contents,
    images: contents.images.map((image) => ({ ...image, id: idOf(image.id), snapshotIds: image.snapshotIds.map(idOf) })),
    snapshots: contents.snapshots.map((snapshot) => ({ ...snapshot, id: idOf(snapshot.id) })),
    references: contents.references.map(([id, reference]) => [idOf(id), reference]),
    hidden: contents.hidden.map(([id, reference]) => [idOf(id), reference]),
  };
} // prettier-ignore

function copyOf(image: Image, original: Image | undefined): Image {
  if (original === undefined) return image;
  const { node, name, run, bearsOurTags, id } = original;
  return { ...image, node, name, run, bearsOurTags, copiedFrom: `${own}/${id}`, sourceImageId: id };
}

/** The accounts of the regions, and what a cleanup of all of them is given. */
export function open(regions: Regions, over: (region: string, account: Account) => object = () => ({})) {
  const accounts = new Map([...regions].map(([region, contents]) => [region, new Account(contents)]));
  const world = (region: string) => {
    const account = accounts.get(region);
    if (account === undefined) throw new Error(`there is no ${region}`);
    return { ...account.world, region, ...over(region, account) };
  };
  const deps: CleanupDeps = {
    ...world(own),
    others: [...promoted].map(([region, nodes]) => ({
      region,
      nodes,
      connect: () => Promise.resolve(world(region)),
    })),
  };
  return { accounts, deps };
}

/** The calls of a region, of which all fail from one on. */
export function failingFrom(atCall: number, account: Account): object {
  const calls = Object.entries(account.world).filter(([, call]) => typeof call === 'function');
  return Object.fromEntries(
    calls
      .filter(([name]) => !['now', 'record', 'pause'].includes(name))
      .map(([name, call]) => [
        name,
        (...args: unknown[]) =>
          account.calls >= atCall
            ? Promise.reject(new StageError('DescribeImages was denied', 4))
            : (call as (...given: unknown[]) => unknown)(...args),
      ]),
  );
}
