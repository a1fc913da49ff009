import { carryOut, type Deeds } from './carry-out.ts';
import type { DeletionWorld } from './delete-image.ts';
import { deleteAfter } from './disable-image.ts';
import { orUnavailable } from '../aws/ec2-failure.ts';
import { makePlan, type Plan, type PlanOrder, type PlanWorld } from './make-plan.ts';

/** What cleanup is asked for. */
export interface CleanupOrder extends PlanOrder {
  /** Delete; otherwise it stays a plan. */
  apply: boolean;
  /** US dollars for a GiB of snapshots and a month. */
  price: number;
  /** Kinds of references that are not looked up. */
  ignored: readonly string[];
  signal: AbortSignal;
}

/** What cleanup needs of the world besides what planning and deleting need. */
export interface CleanupWorld extends PlanWorld, DeletionWorld {
  region: string;
  account: string;
  /** Keeps what is known so far. */
  record: (cleanup: Cleanup) => Promise<void>;
}

/** What cleanup decided and did. */
export interface Cleanup extends Plan, Deeds {
  region: string;
  account: string;
  order: CleanupOrder;
}

/**
 * Decides what goes, and lets it go when asked to. The plan is on disk before anything is deleted.
 * @throws whatever a look-up throws, before anything is deleted.
 */
export async function cleanUp(order: CleanupOrder, world: CleanupWorld): Promise<Cleanup> {
  const { region, account } = world;
  const plan = await orUnavailable(makePlan(order, world));
  const planned: Cleanup = { ...plan, region, account, order, outcomes: new Map() };
  await world.record(planned);
  if (!order.apply) return planned;
  const execution = {
    deleteAfter: deleteAfter(plan.madeAt.getTime(), order.disableFirstDays ?? 0),
    signal: order.signal,
  };
  const done = { ...planned, ...(await carryOut(plan, execution, world)) };
  await world.record(done);
  return done;
}
