import { codeOf } from '../aws/ec2-failure.ts';
import {
  type Deed,
  deleteImage,
  deleteSnapshot,
  type DeletionWorld,
  exitCodeIn,
  type Outcome,
  whySnapshotStays,
} from './delete-image.ts';
import { disableImage } from './disable-image.ts';
import { type Decision, oldestFirst } from './fuses.ts';
import type { Plan } from './make-plan.ts';
import type { Reason } from './retention.ts';
import type { Snapshot } from '../aws/images.ts';
import { tag } from '../aws/tags.ts';

/** What became of what was to go. */
export interface Deeds {
  /** By the id of the image or of the snapshot without one. */
  outcomes: ReadonlyMap<string, Outcome>;
  /** Why the cloud was not available any more, if it was not. */
  unavailable?: string;
}

/** How a plan is carried out. */
interface Execution {
  /** ISO 8601: what is disabled now may be deleted from then on. */
  deleteAfter: string;
  signal: AbortSignal;
}

/**
 * Carries a plan out, one thing after the other. What cannot be deleted does not keep the others; a cloud that is not
 * available, and an aborted signal, leave the rest as it is.
 */
export async function carryOut(plan: Plan, execution: Execution, world: DeletionWorld): Promise<Deeds> {
  const outcomes = new Map<string, Outcome>();
  let unavailable: string | undefined;
  for (const [id, doIt] of steps(plan, execution, world)) {
    if (unavailable !== undefined) outcomes.set(id, notDone('not tried after the error'));
    else if (execution.signal.aborted) outcomes.set(id, notDone('interrupted before its turn'));
    // Not adopted: what a second step says must not hide why.
    else if (outcomes.get(id)?.kind !== 'failed') {
      const deed = await doIt();
      if (deed !== undefined) outcomes.set(id, deed.outcome);
      unavailable = deed?.unavailable;
    }
  }
  return { outcomes, ...(unavailable === undefined ? {} : { unavailable }) };
}

type Step = readonly [id: string, doIt: () => Promise<Deed | undefined>];

function steps(
  { decisions, orphans, snapshots, rules }: Plan,
  { deleteAfter }: Execution,
  world: DeletionWorld,
): Step[] {
  const ours = new Set(snapshots.map(({ id }) => id));
  return [
    // First, so that whatever is cut off later is found by its tag.
    ...decisions
      .filter(isAdopted)
      .map((decision) => [decision.image.id, () => adopt(decision, ours, world)] as const),
    // The oldest first: what an interruption leaves are the newer ones, which somebody may rather go back to.
    ...decisions.toSorted(oldestFirst).flatMap(({ image: found, node, action }): Step[] => {
      const image = { ...found, node };
      if (action === 'delete') return [[image.id, () => deleteImage(image, rules, world)]];
      return action === 'disable' ? [[image.id, () => disableImage(image, rules, deleteAfter, world)]] : [];
    }),
    ...orphans
      .filter(({ action }) => action === 'delete')
      .map(({ snapshot }) => [snapshot.id, () => deleteOrphan(snapshot, world)] as const),
  ];
}

/** One that cannot be judged yet may still be in the making: whoever makes it tags it. */
const notAdopted: ReadonlySet<Reason['kind']> = new Set([
  'not-ours',
  'untagged',
  'state',
  'no-date',
  'in-the-future',
  'young',
] as const);

function isAdopted({ image, reason }: Decision): boolean {
  return image.node === '' && !notAdopted.has(reason.kind);
}

/** Tags an image, and those of its snapshots that no bake tagged, as the node's; answers only what went wrong. */
async function adopt(
  { image: { id, snapshotIds }, node }: Decision,
  ours: ReadonlySet<string>,
  world: DeletionWorld,
): Promise<Deed | undefined> {
  const untagged = snapshotIds.filter((snapshot) => !ours.has(snapshot));
  try {
    await world.tag([id, ...untagged], tag.node, node).catch(async (error: unknown) => {
      // A snapshot that another account owns.
      if (!codeOf(error).startsWith('InvalidSnapshot.')) throw error;
      await world.tag([id], tag.node, node);
    });
    return undefined;
  } catch (error) {
    return codeOf(error).startsWith('InvalidAMIID.') ? undefined : failed(error);
  }
}

async function deleteOrphan({ id }: Snapshot, world: DeletionWorld): Promise<Deed> {
  try {
    const why = await whySnapshotStays(id, undefined, world);
    if (why !== undefined) return { outcome: { ...none, kind: 'spared', why } };
    await deleteSnapshot(id, world);
    return { outcome: { ...none, kind: 'deleted', deletedSnapshots: [id] } };
  } catch (error) {
    return failed(error);
  }
}

const none = { deletedSnapshots: [], keptSnapshots: [] };

function failed(error: unknown): Deed {
  const { message } = error as Error;
  const outcome: Outcome = { ...none, kind: 'failed', why: message };
  return exitCodeIn(error) === 4 ? { outcome, unavailable: message } : { outcome };
}

function notDone(why: string): Outcome {
  return { ...none, kind: 'not-done', why };
}
