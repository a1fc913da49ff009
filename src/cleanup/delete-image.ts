import { codeOf } from '../aws/ec2-failure.ts';
import type { Image, Snapshot } from '../aws/images.ts';
import { madeWith, notOursSentence, whySnapshotIsNotOurs } from '../aws/ours.ts';
import { tag } from '../aws/tags.ts';
import { exitCode, exitCodeOf, StageError } from '../lib/errors.ts';
import type { References } from '../references/reference.ts';
import { checkAgain, type LastCheckDeps } from './last-check.ts';
import type { RetentionRules } from './retention.ts';

/** What deleting needs of EC2; each throws what EC2 throws. */
export interface DeletionDeps extends LastCheckDeps {
  /** A snapshot of this account. */
  snapshot: (snapshotId: string) => Promise<Snapshot | undefined>;
  /** This account's images that map the snapshot, disabled ones, too. */
  imagesOf: (snapshotId: string) => Promise<string[]>;
  deregister: (imageId: string) => Promise<unknown>;
  deleteSnapshot: (snapshotId: string) => Promise<unknown>;
  /** Nothing can be launched from a disabled image until it is enabled again. */
  disable: (imageId: string) => Promise<unknown>;
  tag: (ids: readonly string[], key: string, value: string) => Promise<unknown>;
  pause: (ms: number) => Promise<unknown>;
}

/** What became of an image that was to be deleted or disabled. */
export interface ImageOutcome {
  /** `spared`: it has changed since the decision. `gone`: somebody else deleted it first. */
  kind: 'deleted' | 'disabled' | 'gone' | 'spared' | 'failed' | 'not-done';
  why?: string;
  deletedSnapshots: string[];
  keptSnapshots: { id: string; why: string }[];
}

/** One step and its outcome; `unavailable`: why the cloud was no longer available. */
export interface Attempt {
  outcome: ImageOutcome;
  unavailable?: string;
}

/**
 * Deregisters an image and deletes its snapshots, after {@link checkAgain}. Snapshots stay that another image or a
 * launch template maps, or that are not ours.
 * Does not throw for what EC2 does; answers `unavailable` when EC2 is not available to us.
 */
export async function deleteImage(
  planned: Image,
  rules: RetentionRules,
  deps: DeletionDeps,
): Promise<Attempt> {
  return afterLastCheck(planned, rules, deps, 'deleted', async (now, outcome) => {
    // Listed before: if that fails, the image is still there and the next cleanup finds both.
    const deletable = await deletableSnapshots(now, rules.references, deps, outcome);
    await orUndefined(deps.deregister(now.id), 'InvalidAMIID.');
    await deleteSnapshots(deletable, deps, outcome);
  });
}

/** What {@link afterLastCheck} does to an image that is still what was decided on. */
type Doing = (now: Image, outcome: ImageOutcome) => Promise<void>;

/** Checks the image again, and goes on only when it has not changed since the decision. */
async function afterLastCheck(
  planned: Image,
  rules: RetentionRules,
  deps: LastCheckDeps,
  kind: 'deleted' | 'disabled',
  doIt: Doing,
): Promise<Attempt> {
  const outcome: ImageOutcome = { kind, deletedSnapshots: [], keptSnapshots: [] };
  try {
    const checked = await checkAgain(planned, rules, deps);
    if (checked.kind !== 'goes') return { outcome: { ...outcome, ...checked } };
    await doIt(checked.now, outcome);
    const stay = outcome.keptSnapshots.map(({ id, why: because }) => `${id} stays: ${because}`).join('; ');
    return { outcome: stay === '' ? outcome : { ...outcome, why: stay } };
  } catch (error) {
    const { message } = error as Error;
    const left = { ...outcome, kind: 'failed' as const, why: message };
    return exitCodeOf(error) === exitCode.unavailable
      ? { outcome: left, unavailable: message }
      : { outcome: left };
  }
}

async function deletableSnapshots(
  image: Image,
  references: References,
  deps: DeletionDeps,
  outcome: ImageOutcome,
): Promise<string[]> {
  const deletable: string[] = [];
  for (const id of new Set(image.snapshotIds)) {
    const user = references.get(id)?.[0];
    const why = user === undefined ? await whySnapshotStays(id, image.id, deps) : `${user.by} maps it`;
    if (why === undefined) deletable.push(id);
    else outcome.keptSnapshots.push({ id, why });
  }
  return deletable;
}

/**
 * Why a snapshot must not be deleted.
 * @param ofImage its own image, which is about to be deleted; undefined: it has none
 */
export async function whySnapshotStays(
  id: string,
  ofImage: string | undefined,
  deps: Pick<DeletionDeps, 'image' | 'imagesOf' | 'snapshot'>,
): Promise<string | undefined> {
  const other = (await deps.imagesOf(id)).find((image) => image !== ofImage);
  if (other !== undefined) return `${other} is made from it, too`;
  const snapshot = await orUndefined(deps.snapshot(id), 'InvalidSnapshot.NotFound');
  if (snapshot === undefined) return 'it is gone already';
  if (snapshot.node === '') return 'it has no tag of a bake';
  if (snapshot.keepTag) return 'it has the tag bakehouse:keep';
  const notOurs = whySnapshotIsNotOurs(snapshot);
  if (notOurs !== undefined) return `not ours: ${notOursSentence(notOurs)}`;
  const { imageId } = madeWith(snapshot.description) ?? {};
  if (ofImage === undefined || imageId === undefined || imageId === ofImage) return undefined;
  // A snapshot whose image is gone would be deleted by the next cleanup.
  const its = await orUndefined(deps.image(imageId), 'InvalidAMIID.');
  return its === undefined ? undefined : `it was made with ${imageId}`;
}

/**
 * Deletes all that can be deleted.
 * @throws StageError with the first error of EC2; the next cleanup finds by their tags what stays.
 */
async function deleteSnapshots(ids: string[], deps: DeletionDeps, outcome: ImageOutcome): Promise<void> {
  const errors: Error[] = [];
  for (const id of ids) {
    try {
      await deleteSnapshot(id, deps);
      outcome.deletedSnapshots.push(id);
    } catch (error) {
      outcome.keptSnapshots.push({ id, why: (error as Error).message });
      errors.push(error as Error);
    }
  }
  if (errors[0] === undefined) return;
  const left = outcome.keptSnapshots.slice(-errors.length).map(({ id }) => id);
  const message = `deregistered, but not yet ${left.join(', ')}, which the next cleanup deletes: ${errors[0].message}`;
  const codes = errors.map(exitCodeOf);
  throw new StageError(message, codes.find((code) => code !== exitCode.bug) ?? exitCode.bug, {
    cause: errors[0],
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
  deps: Pick<DeletionDeps, 'deleteSnapshot' | 'pause'>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await orUndefined(deps.deleteSnapshot(id), 'InvalidSnapshot.NotFound');
      return;
    } catch (error) {
      if (codeOf(error) !== 'InvalidSnapshot.InUse' || attempt === attempts) throw error;
      await deps.pause(pauseMs);
    }
  }
}

async function orUndefined<T>(call: Promise<T>, codeStart: string): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error).startsWith(codeStart)) return undefined;
    throw error;
  }
}

const dayMs = 24 * 60 * 60_000;

/** The time from which an image that is disabled now may be deleted. */
export function deleteAfter(nowMs: number, days: number): string {
  return new Date(nowMs + days * dayMs).toISOString();
}

/**
 * Disables an image, after the same check as before deleting, and tags it with the time of its deletion. Does not
 * throw for what EC2 does.
 * @param until ISO 8601
 */
export async function disableImage(
  planned: Image,
  rules: RetentionRules,
  until: string,
  deps: DeletionDeps,
): Promise<Attempt> {
  return afterLastCheck(planned, rules, deps, 'disabled', async ({ id }) => {
    // In this order: cut off in between, it is an available image, which the next cleanup judges anew.
    await deps.tag([id], tag.deleteAfter, until);
    await deps.disable(id);
  });
}
