import type { Image } from '../aws/images.ts';

/** What is needed of an image to choose those that are compared. */
export type ComparedImage = Pick<
  Image,
  | 'id'
  | 'node'
  | 'notOurs'
  | 'state'
  | 'verified'
  | 'rejected'
  | 'revoked'
  | 'bakedMs'
  | 'createdMs'
  | 'promotedMs'
  | 'previous'
>;

/** Two images of a node. */
export interface ComparedImages<I> {
  newest: I;
  /** What the newest one is compared with; absent: there is none before it. */
  base?: { image: I; is: 'in service' | 'in service before' | 'verified before' };
  /** The newest one is in service itself. */
  inService: boolean;
}

/**
 * The node's newest image, and what it is to be compared with: the image in service; where it is in service itself, the
 * one that was before; where none is known to have been, the newest verified one before it.
 * @param images of any nodes, in one region
 * @returns undefined: the node has no image
 */
export function comparedImages<I extends ComparedImage>(
  node: string,
  images: readonly I[],
): ComparedImages<I> | undefined {
  const bakes = bakesOf(node, images);
  const [newest] = bakes;
  return newest === undefined ? undefined : comparedWith(newest, bakes);
}

/**
 * The same for an image that is given.
 * @param images of any nodes, in one region
 */
export function comparedWith<I extends ComparedImage>(image: I, images: readonly I[]): ComparedImages<I> {
  const bakes = bakesOf(image.node, images);
  const current = inService(bakes);
  if (current !== undefined && current.id !== image.id)
    return { newest: image, base: { image: current, is: 'in service' }, inService: false };
  const others = bakes.filter(({ id }) => id !== image.id);
  const previous = others.find(({ id }) => id === image.previous);
  const older = others.find((one) => isGood(one) && byAge(image, one) < 0);
  return {
    newest: image,
    ...(previous !== undefined
      ? { base: { image: previous, is: 'in service before' } }
      : older === undefined
        ? {}
        : { base: { image: older, is: 'verified before' } }),
    inService: current !== undefined,
  };
}

/** The image that promote put into service last, as far as its tag tells. */
function inService<I extends ComparedImage>(bakes: readonly I[]): I | undefined {
  const promoted = bakes.filter((image) => isGood(image) && image.promotedMs !== undefined);
  return promoted.sort((a, b) => (b.promotedMs ?? 0) - (a.promotedMs ?? 0))[0];
}

/** The newest first. */
function bakesOf<I extends ComparedImage>(node: string, images: readonly I[]): I[] {
  return images
    .filter((image) => image.node === node && image.notOurs === undefined && image.state === 'available')
    .sort(byAge);
}

function isGood({ verified, rejected, revoked }: ComparedImage): boolean {
  return verified && !rejected && revoked === undefined;
}

function byAge(a: ComparedImage, b: ComparedImage): number {
  const byBake = (b.bakedMs ?? 0) - (a.bakedMs ?? 0);
  return byBake === 0 ? (b.createdMs ?? 0) - (a.createdMs ?? 0) : byBake;
}
