import type { Image, Snapshot } from '../aws/images.ts';
import type { Confirmation } from '../references/confirm-unused.ts';
import type { References } from '../references/reference.ts';
import type { CleanupSettings } from './settings.ts';

/** What a plan needs of a region; each throws a CloudError when it cannot be answered fully. */
export interface CleanupPlanDeps {
  /** By the cloud's clock, once it has answered. */
  now: () => Date;
  images: () => Promise<Image[]>;
  snapshots: () => Promise<Snapshot[]>;
  /** The runs with an instance of a bake or of verify; a server that has a run's tags is none. */
  runsWithInstances: (images: readonly Image[]) => Promise<ReadonlySet<string>>;
  /** What uses any image of the region. */
  references: (images: readonly Image[]) => Promise<References>;
  /** Confirms that the few images that would go are unused, by what can only be asked image by image. */
  confirm: (imageIds: readonly string[]) => Promise<Confirmation>;
}

/** What was read of a region before anything is decided. */
export interface Reading {
  images: Image[];
  snapshots: Snapshot[];
  references: References;
  /** The runs that are going on there. */
  runningRuns: ReadonlySet<string>;
  madeAt: Date;
}

/**
 * Reads a region. Nothing is changed.
 * @throws whatever a call throws: what could not be read must not count as unused
 */
export async function readRegion(
  { finished }: Pick<CleanupSettings, 'finished'>,
  deps: CleanupPlanDeps,
): Promise<Reading> {
  const images = await deps.images();
  const snapshots = await deps.snapshots();
  const madeAt = deps.now();
  const runningRuns = new Set(await deps.runsWithInstances(images));
  for (const { state, run, notOurs } of images) {
    if (state === 'pending' && notOurs === undefined) runningRuns.add(run);
  }
  for (const run of finished) runningRuns.delete(run);
  // After the images: a user that came in between is found.
  return { images, snapshots, madeAt, runningRuns, references: await deps.references(images) };
}
