import { orUnavailable } from '../aws/ec2-failure.ts';
import type { References } from '../references/reference.ts';
import { decideLeaks, type LeakDecision, type LeakRule, mayBeInUse } from './decide-leaks.ts';
import { removeLeaks, type Removal, type RemovalWorld } from './remove-leaks.ts';
import type { Thing } from './thing.ts';

/** What the reaper is asked for. */
export interface LeakOrder extends Omit<LeakRule, 'nowMs' | 'references'> {
  /** Remove; otherwise it stays a plan. */
  apply: boolean;
  signal: AbortSignal;
}

/** What the reaper needs of the world. */
export interface LeakWorld extends RemovalWorld {
  things: () => Promise<Thing[]>;
  /** By the cloud's clock, once it has answered. */
  now: () => Date;
  /** What uses any image or snapshot of the region; none: it is not looked up. */
  references?: () => Promise<References>;
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
  const things = await orUnavailable(world.things());
  const nowMs = world.now().getTime();
  const decisions = await orUnavailable(decided(things, { ...order, nowMs }, world));
  const plan: Reaped = { madeAtMs: nowMs, apply: order.apply, decisions, outcomes: new Map() };
  await world.record?.(plan);
  if (!order.apply) return plan;
  const doomed = decisions.filter(({ action }) => action === 'delete').map(({ thing }) => thing);
  const done = { ...plan, ...(await removeLeaks(doomed, world, order.signal)) };
  await world.record?.(done);
  return done;
}

/** What uses images is only asked when it may matter: it takes many calls and permissions. */
async function decided(
  things: readonly Thing[],
  rule: LeakRule,
  world: Pick<LeakWorld, 'references'>,
): Promise<LeakDecision[]> {
  const atMost = decideLeaks(things, { ...rule, references: new Map() });
  if (!atMost.some(({ action, thing }) => action === 'delete' && mayBeInUse(thing))) return atMost;
  return decideLeaks(things, { ...rule, references: await world.references?.() });
}
