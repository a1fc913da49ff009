import { decideLeaks, type LeakDecision, type LeakRule } from './decide-leaks.ts';
import { removeLeaks, type Removal, type RemovalWorld } from './remove-leaks.ts';
import type { Thing } from './thing.ts';

/** What the reaper is asked for. */
export interface LeakOrder extends LeakRule {
  /** Remove; otherwise it stays a plan. */
  apply: boolean;
  signal: AbortSignal;
}

/** What the reaper needs of the world. */
export interface LeakWorld extends RemovalWorld {
  things: () => Promise<Thing[]>;
  /** Keeps what is known so far; called before the first thing is removed. */
  record?: (reaped: Reaped) => Promise<void>;
}

/** What the reaper decided and did. */
export interface Reaped extends Removal {
  madeAtMs: number;
  apply: boolean;
  decisions: LeakDecision[];
}

/**
 * Decides what the runs that are over have left behind, and removes it when asked to.
 * @throws whatever a look-up throws, before anything is removed.
 */
export async function reapLeaks(order: LeakOrder, world: LeakWorld): Promise<Reaped> {
  const decisions = decideLeaks(await world.things(), order);
  const plan: Reaped = { madeAtMs: order.nowMs, apply: order.apply, decisions, outcomes: new Map() };
  await world.record?.(plan);
  if (!order.apply) return plan;
  const doomed = decisions.filter(({ action }) => action === 'delete').map(({ thing }) => thing);
  const done = { ...plan, ...(await removeLeaks(doomed, world, order.signal)) };
  await world.record?.(done);
  return done;
}
