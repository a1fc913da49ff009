import { deleteImages, type Deletions } from './delete-images.ts';
import type { DeletionWorld } from './delete-image.ts';
import type { Image } from './list-images.ts';
import type { References } from './references.ts';
import { decideRetention, type Decision } from './retention.ts';

/** What cleanup is asked for. */
export interface CleanupOrder {
  /** How many images of each node stay. */
  keep: ReadonlyMap<string, number>;
  /** Only the images of these nodes; none: all. */
  only: readonly string[];
  /** Delete; otherwise it stays a plan. */
  apply: boolean;
  signal: AbortSignal;
}

/** What cleanup needs of the world besides what deleting needs. */
export interface CleanupWorld extends DeletionWorld {
  region: string;
  images: () => Promise<Image[]>;
  references: () => Promise<References>;
  now: () => Date;
  /** Keeps what is known so far. */
  record: (cleanup: Cleanup) => Promise<void>;
}

/** What cleanup decided and did. */
export interface Cleanup extends Deletions {
  region: string;
  madeAt: Date;
  apply: boolean;
  decisions: Decision[];
}

/**
 * Decides which images go, and deletes them when asked to. The plan is on disk before the first is deleted.
 * @throws whatever a look-up throws, before anything is deleted.
 */
export async function cleanUp(order: CleanupOrder, world: CleanupWorld): Promise<Cleanup> {
  const { keep, only, apply, signal } = order;
  const all = await world.images();
  const images = only.length === 0 ? all : all.filter(({ node }) => only.includes(node));
  const references = await world.references();
  const madeAt = world.now();
  const decisions = decideRetention(images, { keep, references, nowMs: madeAt.getTime() });
  const plan: Cleanup = { region: world.region, madeAt, apply, decisions, outcomes: new Map() };
  await world.record(plan);
  if (!apply) return plan;
  const doomed = decisions.filter(({ action }) => action === 'delete').map(({ image }) => image);
  const done = { ...plan, ...(await deleteImages(doomed, world, signal)) };
  await world.record(done);
  return done;
}
