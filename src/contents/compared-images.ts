/** What is needed of an image to know which one is in service. */
export interface ServiceImage {
  id: string;
  node: string;
  notOurs?: object | undefined;
  state: string;
  verified: boolean;
  rejected: boolean;
  revoked?: string | undefined;
  bakedMs?: number | undefined;
  createdMs: number | undefined;
  promotedMs?: number | undefined;
}

/** What is needed of an image to choose those that are compared. */
export interface ComparedImage extends ServiceImage {
  previous: string | undefined;
}

/** Two images of a node. */
export interface ComparedImages<I> {
  newest: I;
  /** What the newest one is compared with; absent: there is none before it. */
  base?: { image: I; is: 'promoted last' | 'promoted before' | 'verified before' };
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
    return { newest: image, base: { image: current, is: 'promoted last' }, inService: false };
  const others = bakes.filter(({ id }) => id !== image.id);
  const previous = others.find(({ id }) => id === image.previous);
  const older = others.find((one) => isGood(one) && byAge(image, one) < 0);
  return {
    newest: image,
    ...(previous !== undefined
      ? { base: { image: previous, is: 'promoted before' } }
      : older === undefined
        ? {}
        : { base: { image: older, is: 'verified before' } }),
    inService: current !== undefined,
  };
}

/** The node's newest good image, where another one is in service; undefined: it is in service itself, or none is. */
export function waitingImage<I extends ServiceImage>(
  node: string,
  images: readonly I[],
): { newest: I; inService: I } | undefined {
  const bakes = bakesOf(node, images);
  const newest = bakes.find(isGood);
  const current = inService(bakes);
  if (newest === undefined || current === undefined || current.id === newest.id) return undefined;
  // After a rollback the newer one was taken out of service: nobody waits for it.
  if ((newest.promotedMs ?? 0) > 0) return undefined;
  return { newest, inService: current };
}

/** The image that promote put into service last, as far as its tag tells. */
function inService<I extends ServiceImage>(bakes: readonly I[]): I | undefined {
  const promoted = bakes.filter((image) => isGood(image) && image.promotedMs !== undefined);
  return promoted.sort((a, b) => (b.promotedMs ?? 0) - (a.promotedMs ?? 0))[0];
}

/** The newest first. */
function bakesOf<I extends ServiceImage>(node: string, images: readonly I[]): I[] {
  return images
    .filter((image) => image.node === node && image.notOurs === undefined && image.state === 'available')
    .sort(byAge);
}

function isGood({ verified, rejected, revoked }: ServiceImage): boolean {
  return verified && !rejected && revoked === undefined;
}

function byAge(a: ServiceImage, b: ServiceImage): number {
  const byBake = (b.bakedMs ?? 0) - (a.bakedMs ?? 0);
  return byBake === 0 ? (b.createdMs ?? 0) - (a.createdMs ?? 0) : byBake;
}
