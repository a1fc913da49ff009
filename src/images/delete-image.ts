import { codeOf } from './ec2-failure.ts';
import type { Image } from './list-images.ts';
import type { Reference, References } from './references/reference.ts';

/** What deleting needs of EC2; each throws what EC2 throws. */
export interface DeletionWorld {
  /** The image as it is now. */
  image: (id: string) => Promise<Image | undefined>;
  /** What uses it now. */
  users: (imageId: string) => Promise<readonly Reference[]>;
  /** How a snapshot of this account is tagged. */
  snapshotTags: (snapshotId: string) => Promise<SnapshotTags>;
  /** This account's images that map the snapshot, disabled ones, too. */
  imagesOf: (snapshotId: string) => Promise<string[]>;
  deregister: (imageId: string) => Promise<unknown>;
  deleteSnapshot: (snapshotId: string) => Promise<unknown>;
  /** Nothing can be launched from it any more, until somebody enables it again. */
  disable: (imageId: string) => Promise<unknown>;
  tag: (ids: readonly string[], key: string, value: string) => Promise<unknown>;
  pause: (ms: number) => Promise<unknown>;
}

/** What of a snapshot's tags decides whether it may go. */
export interface SnapshotTags {
  /** undefined: no bake made it. */
  node: string | undefined;
  /** A person tagged it as one to keep. */
  keepTag: boolean;
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
 * Deregisters an image and deletes its snapshots, after another look at it: since the decision, an instance may have
 * been started from it or verify may have passed it. Snapshots stay that another image or a launch template maps, or
 * that no bake tagged.
 * Does not throw for what EC2 does; answers `unavailable` when EC2 is not available to us.
 */
export async function deleteImage(
  planned: Image,
  references: References,
  world: DeletionWorld,
): Promise<Deed> {
  return afterAnotherLook(planned, world, 'deleted', async (now, outcome) => {
    // Taken down before: when that fails, the image still stands and the next cleanup finds both.
    const deletable = await deletableSnapshots(now, references, world, outcome);
    await orUndefined(world.deregister(now.id), 'InvalidAMIID.');
    await deleteSnapshots(deletable, world, outcome);
  });
}

/** What {@link afterAnotherLook} does to an image that is still what was decided on. */
type Doing = (now: Image, outcome: Outcome) => Promise<void>;

/** Looks at the image once more, and goes on only when it is what was decided on. */
export async function afterAnotherLook(
  planned: Image,
  world: Pick<DeletionWorld, 'image' | 'users'>,
  kind: 'deleted' | 'disabled',
  doIt: Doing,
): Promise<Deed> {
  const outcome: Outcome = { kind, deletedSnapshots: [], keptSnapshots: [] };
  try {
    const now = await orUndefined(world.image(planned.id), 'InvalidAMIID.');
    if (now === undefined) return { outcome: { ...outcome, kind: 'gone', why: 'it is gone already' } };
    const why = changeSince(planned, now) ?? useOf(await world.users(planned.id));
    if (why !== undefined) return { outcome: { ...outcome, kind: 'spared', why } };
    await doIt(now, outcome);
    const stay = outcome.keptSnapshots.map(({ id, why: because }) => `${id} stays: ${because}`).join('; ');
    return { outcome: stay === '' ? outcome : { ...outcome, why: stay } };
  } catch (error) {
    const { message } = error as Error;
    const left = { ...outcome, kind: 'failed' as const, why: message };
    return exitCodeIn(error) === 4 ? { outcome: left, unavailable: message } : { outcome: left };
  }
}

function changeSince(planned: Image, now: Image): string | undefined {
  if (now.node !== planned.node) return `its node tag is now '${now.node}'`;
  if (now.verified !== planned.verified) return `it is ${now.verified ? '' : 'not '}verified now`;
  if (planned.rejected && !now.rejected) return 'it is not rejected any more';
  if (now.keepTag) return 'it bears the tag bakehouse:keep now';
  if (now.protection !== undefined) return `it is protected from deregistration now (${now.protection})`;
  return now.state === planned.state ? undefined : `it is ${now.state} now`;
}

function useOf([first]: readonly Reference[]): string | undefined {
  return first === undefined ? undefined : `it is used by ${first.by} now`;
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
  world: Pick<DeletionWorld, 'imagesOf' | 'snapshotTags'>,
): Promise<string | undefined> {
  const other = (await world.imagesOf(id)).find((image) => image !== ofImage);
  if (other !== undefined) return `${other} is made of it, too`;
  const tags = await orUndefined(world.snapshotTags(id), 'InvalidSnapshot.NotFound');
  if (tags?.node === undefined) return 'it bears no tag of a bake';
  return tags.keepTag ? 'it bears the tag bakehouse:keep' : undefined;
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
