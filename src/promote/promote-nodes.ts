import pLimit from 'p-limit';
import type { Progress } from '../cli/progress.ts';
import type { ChangeText } from '../contents/change-text.ts';
import type { Node } from '../nodes/node.ts';
import { type Failure, failureOf, regionFailure } from '../aws/call-failure.ts';
import type { LockDeps } from './pointer-lock.ts';
import { type NodePlan, planNode, type PromoteOptions, type States } from './node-plan.ts';
import { CopyMaker } from './make-copies.ts';
import { type NodeResult, plannedRecord, promotedRecord, refusedRecord } from './node-result.ts';
import type { RegionAccount, RegionImage } from './promote-account.ts';
import { areRight, isDone, type RegionPlan } from './region-plan.ts';
import { nodesIn, readRegion, regionsOf } from './region-state.ts';
import { setPointers } from './set-pointers.ts';
import { shareImage } from './share-image.ts';

/** What promote needs of the outside. */
export interface PromoteDeps extends LockDeps {
  own: RegionAccount;
  /** Another region of the account. */
  connect: (region: string) => Promise<RegionAccount>;
  /** As `pause`, and ended by the signal. */
  pauseUnlessAborted: (ms: number) => Promise<unknown>;
  progress: Progress;
  /** What changed from an image to the one that takes its place; undefined: it is not known. Absent: nobody asks. */
  change?: (from: RegionImage, to: RegionImage) => Promise<ChangeText | undefined>;
}

const nodesAtOnce = 10;

/**
 * Makes an image of each node current in all its regions, or says what it would do. All checks of all nodes come before
 * anything is written; a node that fails keeps none of the others.
 * @throws CloudError when the account's own region cannot be read
 */
export async function promoteNodes(
  nodes: readonly Node[],
  options: PromoteOptions,
  deps: PromoteDeps,
): Promise<NodeResult[]> {
  const states = await readRegions(nodes, deps);
  const planned = await Promise.all(nodes.map((node) => planNode(node, states, options, deps.own.region)));
  const copies = new CopyMaker({
    ...{ now: deps.now, pause: deps.pauseUnlessAborted, signal: deps.signal, copyMs: options.copyMs },
  });
  const queue = pLimit(nodesAtOnce);
  return Promise.all(
    planned.map(async (plan) => {
      if ('failures' in plan) return refusedRecord(plan.node, options, plan.failures, plan.original);
      // Read meanwhile: a rollback must not wait for an archive that does not answer.
      const [result, notes] = await waitForBoth(promoteNode(plan), changeNotes(plan, deps));
      return { ...result, record: { ...result.record, notes: [...result.record.notes, ...notes] } };
    }),
  );

  async function promoteNode(plan: NodePlan): Promise<NodeResult> {
    if (!options.apply) return plannedRecord(plan, options);
    if (!plan.isCutOff && plan.regions.every((region) => isDone(region, plan.node)))
      return promotedRecord(plan, options, []);
    return queue(() => carryOut(plan, options, copies, deps));
  }
}

/** What both answer, once neither is pending any more. */
async function waitForBoth<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

/** What changes for the node's servers in the own region, in sentences; none: it is not known. */
async function changeNotes(
  { original, regions: [own] }: NodePlan,
  { change }: PromoteDeps,
): Promise<string[]> {
  const before = own.state.images.find(({ id }) => id === own.current);
  if (change === undefined || before === undefined || before.id === original.id) return [];
  const found = await change(before, original);
  if (found === undefined) return [];
  return [`contents of ${original.id} against ${before.id}: ${found.summary}`, ...found.lines];
}

async function readRegions(nodes: readonly Node[], { own, connect }: PromoteDeps): Promise<States> {
  const read = async (region: string) => {
    const account = region === own.region ? own : await connect(region);
    return readRegion(account, nodesIn(region, own.region, nodes));
  };
  const regions = regionsOf(own.region, nodes);
  const done = await Promise.allSettled(regions.map(read));
  const [ofOwn] = done;
  // The same credentials are refused everywhere: that says nothing of other regions.
  if (ofOwn?.status === 'rejected') throw ofOwn.reason;
  return new Map(
    done.map((one, index) => {
      const region = regions[index] ?? '';
      return [region, one.status === 'fulfilled' ? one.value : regionFailure(one.reason, region)];
    }),
  );
}

/** Copies, permissions, pointers; the next begins when the one before is done in all regions. */
async function carryOut(
  plan: NodePlan,
  options: PromoteOptions,
  copies: CopyMaker,
  deps: PromoteDeps,
): Promise<NodeResult> {
  const { node, original, regions } = plan;
  const { progress, own, signal } = deps;
  const missing = regions.filter(({ copy }) => copy.kind === 'make' || copy.kind === 'pending');
  const copying = `copying to ${missing.map(({ state }) => state.region).join(', ')}`;
  if (missing.length > 0) progress.phase(node.name, copying);
  const percents = new Map<RegionPlan, number>();
  const copiedTo = (region: RegionPlan, percent: number) => {
    percents.set(region, percent);
    const done = [...percents.values()].reduce((sum, one) => sum + one, 0);
    progress.portion(node.name, copying, { done, of: 100 * missing.length, unit: '%' });
  };
  const failed = (failures: Failure[]) => {
    progress.done(node.name, false, failures[0]?.message ?? 'failed');
    return refusedRecord(node, options, failures, original);
  };
  const copied = await inAll(regions, signal, async (region) => {
    const image = await copies.ensure(region, node, original, own.region, (percent) => {
      copiedTo(region, percent);
    });
    if (percents.has(region)) copiedTo(region, 100);
    if (region.copy.kind === 'make') progress.say(node.name, `${region.state.region}: ${image.id} is there`);
    return image;
  });
  if ('failures' in copied) return failed(copied.failures);
  const images = copied.results;
  const shared = await inAll(regions, signal, (region, index) =>
    shareImage(images[index] ?? original, region.state, node),
  );
  if ('failures' in shared) return failed(shared.failures);
  if (!plan.isCutOff && regions.every(areRight)) {
    progress.done(node.name, true, `${original.id} is current`);
    return promotedRecord(plan, options, []);
  }
  progress.phase(node.name, 'moving the pointers');
  const moves = regions.map((region, index) => ({
    account: region.state.account,
    imageId: images[index]?.id ?? '',
    current: region.current,
    ...(region.template?.kind === 'change' || region.template?.kind === 'there'
      ? { template: region.template.version }
      : {}),
  }));
  try {
    const move = { node, kind: options.kind, image: original.id, own, regions: moves };
    const say = (line: string) => {
      progress.say(node.name, line);
    };
    const moved = await setPointers(move, { ...deps, say });
    const result = promotedRecord(plan, options, moved);
    const [failure] = result.failures;
    progress.done(node.name, failure === undefined, failure?.message ?? `${original.id} is current`);
    return result;
  } catch (error) {
    return failed([failureIn(error, signal)]);
  }
}

/** What a task answers in all regions, or all that failed; no task is still under way. */
async function inAll<T>(
  regions: readonly RegionPlan[],
  signal: AbortSignal,
  task: (region: RegionPlan, index: number) => Promise<T>,
): Promise<{ results: T[] } | { failures: Failure[] }> {
  const done = await Promise.allSettled(regions.map(task));
  const failures = done.flatMap((one) => (one.status === 'rejected' ? [failureIn(one.reason, signal)] : []));
  if (failures.length > 0)
    return { failures: [...new Map(failures.map((failure) => [failure.message, failure])).values()] };
  return { results: done.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])) };
}

function failureIn(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted && error === signal.reason)
    return {
      message: 'interrupted: no pointer was moved; run promote again, which goes on with what is there',
      unavailable: true,
    };
  return failureOf(error);
}
