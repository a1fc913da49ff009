import { codeOf } from './ec2-failure.ts';
import type { Image } from './list-images.ts';

/** What deleting needs of EC2; each throws what EC2 throws. */
export interface DeletionWorld {
  /** The image as it is now. */
  image: (id: string) => Promise<Image | undefined>;
  /** Who uses it now: `instance i-0a (running)`. */
  users: (imageId: string) => Promise<readonly string[]>;
  /** The tags of a snapshot of this account. */
  snapshotNode: (snapshotId: string) => Promise<string | undefined>;
  /** This account's images that map the snapshot. */
  imagesOf: (snapshotId: string) => Promise<string[]>;
  deregister: (imageId: string) => Promise<unknown>;
  deleteSnapshot: (snapshotId: string) => Promise<unknown>;
  pause: (ms: number) => Promise<unknown>;
}

/** What became of an image that was to be deleted. */
export interface Outcome {
  /** `spared`: it is not any more what was decided on. `gone`: somebody else was faster. */
  kind: 'deleted' | 'gone' | 'spared' | 'failed' | 'not-done';
  why?: string;
  deletedSnapshots: string[];
  keptSnapshots: { id: string; why: string }[];
}

/**
 * Deregisters an image and deletes its snapshots, after another look at it: since the decision, an instance may have
 * been started from it or verify may have passed it. Snapshots stay that another image maps, or that no bake tagged.
 * Does not throw for what EC2 does; answers `unavailable` when EC2 is not available to us.
 */
export async function deleteImage(
  planned: Image,
  world: DeletionWorld,
): Promise<{ outcome: Outcome; unavailable?: string }> {
  const outcome: Outcome = { kind: 'deleted', deletedSnapshots: [], keptSnapshots: [] };
  try {
    const now = await orUndefined(world.image(planned.id), 'InvalidAMIID.');
    const users = now === undefined ? [] : await world.users(planned.id);
    const why = now === undefined ? 'it is gone already' : changeSince(planned, now, users);
    if (now === undefined || why !== undefined) {
      return { outcome: { ...outcome, kind: now === undefined ? 'gone' : 'spared', ...(why && { why }) } };
    }
    // Looked up before: when that fails, the image still stands and the next cleanup finds both.
    const deletable = await deletableSnapshots(now, world, outcome);
    await orUndefined(world.deregister(now.id), 'InvalidAMIID.');
    await deleteSnapshots(deletable, world, outcome);
    const stay = outcome.keptSnapshots.map(({ id, why: because }) => `${id} stays: ${because}`).join('; ');
    return { outcome: stay === '' ? outcome : { ...outcome, why: stay } };
  } catch (error) {
    const { message } = error as Error;
    const left = { ...outcome, kind: 'failed' as const, why: message };
    return exitCodeIn(error) === 4 ? { outcome: left, unavailable: message } : { outcome: left };
  }
}

function changeSince(planned: Image, now: Image, users: readonly string[]): string | undefined {
  if (now.node !== planned.node) return `its node tag is now '${now.node}'`;
  if (now.verified !== planned.verified) return `it is ${now.verified ? '' : 'not '}verified now`;
  if (planned.rejected && !now.rejected) return 'it is not rejected any more';
  if (now.state !== planned.state) return `it is ${now.state} now`;
  return users[0] === undefined ? undefined : `it is used by ${users[0]} now`;
}

async function deletableSnapshots(image: Image, world: DeletionWorld, outcome: Outcome): Promise<string[]> {
  const deletable: string[] = [];
  for (const id of new Set(image.snapshotIds)) {
    const others = (await world.imagesOf(id)).filter((other) => other !== image.id);
    const node = await orUndefined(world.snapshotNode(id), 'InvalidSnapshot.NotFound');
    if (others[0] !== undefined) outcome.keptSnapshots.push({ id, why: `${others[0]} is made of it, too` });
    else if (node === undefined) outcome.keptSnapshots.push({ id, why: 'it bears no tag of a bake' });
    else deletable.push(id);
  }
  return deletable;
}

/**
 * Deletes all that can be deleted: with the image gone, no later cleanup finds what stays.
 * @throws the first error of EC2, which says so.
 */
async function deleteSnapshots(ids: string[], world: DeletionWorld, outcome: Outcome): Promise<void> {
  const errors: Error[] = [];
  const failed: string[] = [];
  for (const id of ids) {
    try {
      await orUndefined(deleteOnceFree(id, world), 'InvalidSnapshot.NotFound');
      outcome.deletedSnapshots.push(id);
    } catch (error) {
      outcome.keptSnapshots.push({ id, why: (error as Error).message });
      errors.push(error as Error);
      failed.push(id);
    }
  }
  if (errors[0] === undefined) return;
  const left = failed.join(', ');
  const message = `deregistered, but delete ${left} by hand: ${errors[0].message}`;
  throw Object.assign(new Error(message, { cause: errors[0] }), {
    exitCode: errors.map(exitCodeIn).find((code) => code !== undefined),
  });
}

const pauseMs = 2_000;
const attempts = 4;

/** For some seconds after an image is deregistered, EC2 may still count its snapshots as in use. */
async function deleteOnceFree(id: string, world: DeletionWorld): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await world.deleteSnapshot(id);
      return;
    } catch (error) {
      if (codeOf(error) !== 'InvalidSnapshot.InUse' || attempt === attempts) throw error;
      await world.pause(pauseMs);
    }
  }
}

function exitCodeIn(error: unknown): unknown {
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
