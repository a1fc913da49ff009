import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { codeOf } from '../aws/ec2-failure.ts';
import {
  type Attempt,
  deleteImage,
  deleteSnapshot,
  type DeletionDeps,
  type ImageOutcome,
  whySnapshotStays,
  disableImage,
} from './delete-image.ts';
import { type ImageDecision, oldestFirst } from './fuses.ts';
import type { CleanupPlan } from './make-plan.ts';
import type { RetentionReason } from './retention.ts';
import type { Snapshot } from '../aws/images.ts';
import { tag } from '../aws/tags.ts';

/** What became of the images and snapshots that were to be deleted. */
export interface Outcomes {
  /** By the id of the image, or of the snapshot without an image. */
  outcomes: ReadonlyMap<string, ImageOutcome>;
  /** Why the cloud was not available any more, if it was not. */
  unavailable?: string;
}

/** How a plan is carried out. */
interface Execution {
  /** ISO 8601: the time from which an image that is disabled now may be deleted. */
  deleteAfter: string;
  signal: AbortSignal;
  /** Gets how many of the steps have been tried. */
  onStep?: ((done: number, of: number) => void) | undefined;
}

/**
 * Carries a plan out, step by step. A step that fails does not stop the others; a cloud that is not available, and an
 * aborted signal, leave the rest as it is.
 */
export async function carryOut(
  plan: CleanupPlan,
  execution: Execution,
  deps: DeletionDeps,
): Promise<Outcomes> {
  const outcomes = new Map<string, ImageOutcome>();
  let unavailable: string | undefined;
  const all = steps(plan, execution, deps);
  for (const [index, [id, doIt]] of all.entries()) {
    if (unavailable !== undefined) outcomes.set(id, notDone('not tried after the error'));
    else if (execution.signal.aborted) outcomes.set(id, notDone('interrupted before its turn'));
    // The adoption failed: a second step must not hide why.
    else if (outcomes.get(id)?.kind !== 'failed') {
      const attempt = await doIt();
      if (attempt !== undefined) outcomes.set(id, attempt.outcome);
      unavailable = attempt?.unavailable;
      execution.onStep?.(index + 1, all.length);
    }
  }
  return { outcomes, ...(unavailable === undefined ? {} : { unavailable }) };
}

type Step = readonly [id: string, doIt: () => Promise<Attempt | undefined>];

function steps(
  { decisions, snapshotDecisions, snapshots, rules }: CleanupPlan,
  { deleteAfter }: Execution,
  deps: DeletionDeps,
): Step[] {
  const ours = new Set(snapshots.map(({ id }) => id));
  return [
    // First, so that the next cleanup finds by their tag what an interruption leaves.
    ...decisions
      .filter(isAdopted)
      .map((decision) => [decision.image.id, () => adopt(decision, ours, deps)] as const),
    // The oldest first: an interruption leaves the newer ones, which are more useful for a rollback.
    ...decisions.toSorted(oldestFirst).flatMap(({ image: found, node, action }): Step[] => {
      const image = { ...found, node };
      if (action === 'delete') return [[image.id, () => deleteImage(image, rules, deps)]];
      return action === 'disable' ? [[image.id, () => disableImage(image, rules, deleteAfter, deps)]] : [];
    }),
    ...snapshotDecisions
      .filter(({ action }) => action === 'delete')
      .map(({ snapshot }) => [snapshot.id, () => deleteCheckedSnapshot(snapshot, deps)] as const),
  ];
}

/** An image that cannot be judged yet may still be in the making: its maker tags it. */
const notAdopted: ReadonlySet<RetentionReason['kind']> = new Set([
  'not-ours',
  'untagged',
  'state',
  'no-date',
  'in-the-future',
  'young',
] as const);

function isAdopted({ image, reason }: ImageDecision): boolean {
  return image.node === '' && !notAdopted.has(reason.kind);
}

/** Tags an image as the node's, with its untagged snapshots. Answers only what went wrong. */
async function adopt(
  { image: { id, snapshotIds }, node }: ImageDecision,
  ours: ReadonlySet<string>,
  deps: DeletionDeps,
): Promise<Attempt | undefined> {
  const untagged = snapshotIds.filter((snapshot) => !ours.has(snapshot));
  try {
    await deps.tag([id, ...untagged], tag.node, node).catch(async (error: unknown) => {
      // A snapshot that another account owns.
      if (!codeOf(error).startsWith('InvalidSnapshot.')) throw error;
      await deps.tag([id], tag.node, node);
    });
    return undefined;
  } catch (error) {
    return codeOf(error).startsWith('InvalidAMIID.') ? undefined : failed(error);
  }
}

async function deleteCheckedSnapshot({ id }: Snapshot, deps: DeletionDeps): Promise<Attempt> {
  try {
    const why = await whySnapshotStays(id, undefined, deps);
    if (why !== undefined) return { outcome: { ...none, kind: 'spared', why } };
    await deleteSnapshot(id, deps);
    return { outcome: { ...none, kind: 'deleted', deletedSnapshots: [id] } };
  } catch (error) {
    return failed(error);
  }
}

const none = { deletedSnapshots: [], keptSnapshots: [] };

function failed(error: unknown): Attempt {
  const { message } = error as Error;
  const outcome: ImageOutcome = { ...none, kind: 'failed', why: message };
  return exitCodeOf(error) === exitCode.unavailable ? { outcome, unavailable: message } : { outcome };
}

function notDone(why: string): ImageOutcome {
  return { ...none, kind: 'not-done', why };
}
