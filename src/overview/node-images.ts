import { isCopyOf, originalOf } from '../aws/copies.ts';
import type { Image } from '../aws/images.ts';
import type { Node } from '../nodes/node.ts';
import type { Reference } from '../references/reference.ts';
import type { CurrentImage, ImageOverview, ImageUse } from './overview.ts';
import type { RegionFacts } from './region-facts.ts';

/** What was read of the account's own region, whose images are known. */
export type OwnFacts = RegionFacts & { images: readonly Image[] };

/** What was read of all regions, by what is looked up in it. */
export interface AllFacts {
  own: OwnFacts;
  others: readonly RegionFacts[];
  /** The images of the own region, by their nodes, the newest first. */
  byNode: ReadonlyMap<string, readonly Image[]>;
  /** By the original's id: what says of itself that it is a copy. */
  copies: ReadonlyMap<string, readonly { region: string; image: Image }[]>;
  /** GiB, by region and id. */
  sizes: ReadonlyMap<string, number>;
}

/** What was read of all regions, ready to be looked up. */
export function allFacts(own: OwnFacts, others: readonly RegionFacts[]): AllFacts {
  const byNode = grouped(
    own.images.filter(({ node, notOurs }) => node !== '' && notOurs === undefined).sort(newestFirst),
    ({ node }) => node,
  );
  const placed = others.flatMap(({ region, images = [] }) => images.map((image) => ({ region, image })));
  const copies = grouped(placed, ({ image }) => {
    const original = originalOf(image);
    return original?.region === own.region ? original.id : undefined;
  });
  const sizes = [own, ...others].flatMap(({ region, snapshots = [] }) =>
    snapshots.map(({ id, size }): [string, number] => [`${region} ${id}`, size]),
  );
  return { own, others, byNode, copies, sizes: new Map(sizes) };
}

function newestFirst(a: Image, b: Image): number {
  const byBake = (b.bakedMs ?? 0) - (a.bakedMs ?? 0);
  const byTime = byBake === 0 ? (b.createdMs ?? 0) - (a.createdMs ?? 0) : byBake;
  return byTime === 0 ? (a.id < b.id ? -1 : 1) : byTime;
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key === undefined) continue;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return groups;
}

/** The regions in which a node is promoted, the own one first. */
function regionsOf({ promote }: Pick<Node, 'promote'>, { own, others }: AllFacts): RegionFacts[] {
  return [own, ...others.filter(({ region }) => Object.hasOwn(promote.regions, region))];
}

/** What the node's parameter names in each of its regions. */
export function currentImages(node: Node, facts: AllFacts): CurrentImage[] {
  const { own } = facts;
  const images = facts.byNode.get(node.name) ?? [];
  return regionsOf(node, facts).map((there): CurrentImage => {
    const { region } = there;
    const { parameter } = node.promote;
    if (there.parameters === undefined)
      return { region, parameter, unknown: `the parameters in ${region} could not be read` };
    const image = there.parameters.get(parameter);
    if (image === undefined) return { region, parameter };
    if (region === own.region) {
      const isOurs = images.some(({ id }) => id === image);
      return { region, parameter, image, ...(isOurs && { original: image }) };
    }
    if (there.images === undefined)
      return {
        ...{ region, parameter, image },
        unknown: `of which image ${image} is a copy is not known: the images in ${region} could not be read`,
      };
    const original = images.find((one) =>
      copiesOf(one, facts).some((copy) => copy.region === region && copy.image.id === image),
    );
    return { region, parameter, image, ...(original && { original: original.id }) };
  });
}

/** The copies of an image that promote made. */
function copiesOf({ id, name }: Image, { own: { region }, copies }: AllFacts) {
  return (copies.get(id) ?? []).filter(({ image }) => isCopyOf(image, { id, region, name }));
}

/** The node's images in the own region, the newest first. */
export function imagesOfNode(node: Node, current: readonly CurrentImage[], facts: AllFacts): ImageOverview[] {
  return (facts.byNode.get(node.name) ?? []).map((image): ImageOverview => {
    const { id, name, bakedMs, commit, run, sourceAmi, digest, promotedMs } = image;
    const copies = copiesOf(image, facts);
    return {
      ...{ id, name, bakedMs },
      ...verdictOf(image),
      ...(image.state !== 'available' && { unavailable: image.state }),
      ...(commit !== undefined && { commit }),
      ...(run !== '' && { run }),
      ...(sourceAmi !== undefined && { sourceAmi }),
      ...(digest !== undefined && { digest }),
      ...(promotedMs !== undefined && { promotedMs }),
      copies: copies.map((copy) => ({ region: copy.region, id: copy.image.id })),
      currentIn: current.flatMap(({ original, region }) => (original === id ? [region] : [])),
      users: [{ region: facts.own.region, image }, ...copies].flatMap((one) => usersOf(one, node, facts)),
      usersUnknownIn: unknownIn(image, copies, node, facts),
      gib: sizeOf([{ region: facts.own.region, image }, ...copies], facts),
    };
  });
}

function verdictOf({ revoked, rejected, rejection = '', verified }: Image) {
  if (revoked !== undefined) return { state: 'revoked' as const, ...(revoked !== '' && { reason: revoked }) };
  if (rejected) return { state: 'rejected' as const, ...(rejection !== '' && { reason: rejection }) };
  return { state: verified ? ('verified' as const) : ('unverified' as const) };
}

/** What uses an image, or a snapshot of it, in its region; that it is current is no use. */
function usersOf(
  { region, image: { id, snapshotIds } }: { region: string; image: Image },
  { promote }: Node,
  { own, others }: AllFacts,
): ImageUse[] {
  const references = [own, ...others].find((one) => one.region === region)?.references;
  const found = [id, ...snapshotIds].flatMap((used) => references?.get(used) ?? []);
  const isPointer = ({ kind, by }: Reference) =>
    kind === 'ssm-parameter' && by === `parameter ${promote.parameter}`;
  // What maps a snapshot of its image is one user.
  const users = new Map(found.filter((one) => !isPointer(one)).map((one) => [`${one.kind} ${one.by}`, one]));
  return [...users.values()].map(({ kind, by }) => ({ region, kind, by }));
}

/** Where it is not known what uses an image or a copy of it. */
function unknownIn(
  { promotedMs }: Image,
  copies: readonly { region: string }[],
  { promote }: Node,
  { own, others }: AllFacts,
): string[] {
  const unread = others.filter(({ region, images, references }) => {
    if (images !== undefined)
      return references === undefined && copies.some((copy) => copy.region === region);
    // nodes.yaml may have named the region until yesterday: whatever was in service may have a copy there.
    return promotedMs !== undefined || Object.hasOwn(promote.regions, region);
  });
  return [...(own.references === undefined ? [own] : []), ...unread].map(({ region }) => region);
}

/** GiB of the snapshots of an image and its copies; undefined: EC2 did not say of all of them. */
function sizeOf(
  placed: readonly { region: string; image: Image }[],
  { sizes }: AllFacts,
): number | undefined {
  const keys = placed.flatMap(({ region, image }) => image.snapshotIds.map((id) => `${region} ${id}`));
  return keys.reduce<number | undefined>((sum, key) => {
    const size = sizes.get(key);
    return sum === undefined || size === undefined ? undefined : sum + size;
  }, 0);
}
