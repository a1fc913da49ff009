import { codeOf } from '../aws/ec2-failure.ts';
import { checkOnceMore, type CheckCalls } from './last-check.ts';
import type { Image, Snapshot } from '../aws/images.ts';
import { madeWith, notOursSentence, whySnapshotIsNotOurs } from '../aws/ours.ts';
import type { References } from '../references/reference.ts';
import type { Rules } from './retention.ts';

/** What deleting needs of EC2; each throws what EC2 throws. */
export interface DeletionWorld extends CheckCalls {
  /** A snapshot of this account. */
  snapshot: (snapshotId: string) => Promise<Snapshot | undefined>;
  /** This account's images that map the snapshot, disabled ones, too. */
  imagesOf: (snapshotId: string) => Promise<string[]>;
  deregister: (imageId: string) => Promise<unknown>;
  deleteSnapshot: (snapshotId: string) => Promise<unknown>;
  /** Nothing can be launched from it any more, until somebody enables it again. */
  disable: (imageId: string) => Promise<unknown>;
  tag: (ids: readonly string[], key: string, value: string) => Promise<unknown>;
  pause: (ms: number) => Promise<unknown>;
}

/** What became of an image that was to go. */
export interface Outcome {
  /** `spared`: it is not any more what was decided on. `gone`: somebody else was faster. */
  kind: 'deleted' | 'disabled' | 'gone' | 'spared' | 'failed' | 'not-done';
  why?: string;
  deletedSnapshots: string[];
  keptSnapshots: { id: string; why: string }[];
}

/** What became of one thing; `unavailable`: why the cloud was not there any more. */
export interface Deed {
  outcome: Outcome;
  unavailable?: string;
}

/**
 * Deregisters an image and deletes its snapshots, after {@link checkOnceMore}. Snapshots stay that another image or a
 * launch template maps, or that are not ours.
 * Does not throw for what EC2 does; answers `unavailable` when EC2 is not available to us.
 */
export async function deleteImage(planned: Image, rules: Rules, world: DeletionWorld): Promise<Deed> {
  return afterLastCheck(planned, rules, world, 'deleted', async (now, outcome) => {
    // Taken down before: when that fails, the image still stands and the next cleanup finds both.
    const deletable = await deletableSnapshots(now, rules.references, world, outcome);
    await orUndefined(world.deregister(now.id), 'InvalidAMIID.');
    await deleteSnapshots(deletable, world, outcome);
  });
}

/** What {@link afterLastCheck} does to an image that is still what was decided on. */
type Doing = (now: Image, outcome: Outcome) => Promise<void>;

/** Checks the image once more, and goes on only when it is what was decided on. */
export async function afterLastCheck(
  planned: Image,
  rules: Rules,
  world: CheckCalls,
  kind: 'deleted' | 'disabled',
  doIt: Doing,
): Promise<Deed> {
  const outcome: Outcome = { kind, deletedSnapshots: [], keptSnapshots: [] };
  try {
    const checked = await checkOnceMore(planned, rules, world);
    if (checked.kind !== 'goes') return { outcome: { ...outcome, ...checked } };
    await doIt(checked.now, outcome);
    const stay = outcome.keptSnapshots.map(({ id, why: because }) => `${id} stays: ${because}`).join('; ');
    return { outcome: stay === '' ? outcome : { ...outcome, why: stay } };
  } catch (error) {
    const { message } = error as Error;
    const left = { ...outcome, kind: 'failed' as const, why: message };
    return exitCodeIn(error) === 4 ? { outcome: left, unavailable: message } : { outcome: left };
  }
}

async function deletableSnapshots(
  image: Image,
  references: References,
  world: DeletionWorld,
  outcome: Outcome,
): Promise<string[]> {
  const deletable: string[] = [];
  for (const id of new Set(image.snapshotIds)) {
    const user = references.get(id)?.[0];
    const why = user === undefined ? await whySnapshotStays(id, image.id, world) : `${user.by} maps it`;
    if (why === undefined) deletable.push(id);
    else outcome.keptSnapshots.push({ id, why });
  }
  return deletable;
}

/**
 * Why a snapshot must not be deleted.
 * @param ofImage its own, which is about to go; undefined: it has none
 */
export async function whySnapshotStays(
  id: string,
  ofImage: string | undefined,
  world: Pick<DeletionWorld, 'image' | 'imagesOf' | 'snapshot'>,
): Promise<string | undefined> {
  const other = (await world.imagesOf(id)).find((image) => image !== ofImage);
  if (other !== undefined) return `${other} is made of it, too`;
  const snapshot = await orUndefined(world.snapshot(id), 'InvalidSnapshot.NotFound');
  if (snapshot === undefined) return 'it is gone already';
  if (snapshot.node === '') return 'it bears no tag of a bake';
  if (snapshot.keepTag) return 'it bears the tag bakehouse:keep';
  const notOurs = whySnapshotIsNotOurs(snapshot);
  if (notOurs !== undefined) return `not ours: ${notOursSentence(notOurs)}`;
  const { imageId } = madeWith(snapshot.description) ?? {};
  if (ofImage === undefined || imageId === undefined || imageId === ofImage) return undefined;
  // Of one that is gone it would be the next cleanup's to delete.
  const its = await orUndefined(world.image(imageId), 'InvalidAMIID.');
  return its === undefined ? undefined : `it was made with ${imageId}`;
}

/**
 * Deletes all that can be deleted.
 * @throws the first error of EC2, which says so; the next cleanup finds what stays, by its tag.
 */
async function deleteSnapshots(ids: string[], world: DeletionWorld, outcome: Outcome): Promise<void> {
  const errors: Error[] = [];
  for (const id of ids) {
    try {
      await deleteSnapshot(id, world);
      outcome.deletedSnapshots.push(id);
    } catch (error) {
      outcome.keptSnapshots.push({ id, why: (error as Error).message });
      errors.push(error as Error);
    }
  }
  if (errors[0] === undefined) return;
  const left = outcome.keptSnapshots.slice(-errors.length).map(({ id }) => id);
  const message = `deregistered, but not yet ${left.join(', ')}, which the next cleanup deletes: ${errors[0].message}`;
  throw Object.assign(new Error(message, { cause: errors[0] }), {
    exitCode: errors.map(exitCodeIn).find((code) => code !== undefined),
  });
}

const pauseMs = 2_000;
const attempts = 4;

/**
 * Deletes a snapshot; one that is gone is fine. For some seconds after an image is deregistered, EC2 may still count
 * its snapshots as in use.
 */
export async function deleteSnapshot(
  id: string,
  world: Pick<DeletionWorld, 'deleteSnapshot' | 'pause'>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await orUndefined(world.deleteSnapshot(id), 'InvalidSnapshot.NotFound');
      return;
    } catch (error) {
      if (codeOf(error) !== 'InvalidSnapshot.InUse' || attempt === attempts) throw error;
      await world.pause(pauseMs);
    }
  }
}

export function exitCodeIn(error: unknown): unknown {
  return (error as { exitCode?: unknown }).exitCode;
}

async function orUndefined<T>(call: Promise<T>, codeStart: string): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error).startsWith(codeStart)) return undefined;
    throw error;
  }
}
