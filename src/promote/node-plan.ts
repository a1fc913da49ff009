import type { Node } from '../nodes/node.ts';
import { type Choice, chooseNamed, chooseNewest, choosePrevious } from './choose-image.ts';
import type { Failure } from '../aws/call-failure.ts';
import { type LockValue, readLock } from './pointer-lock.ts';
import type { RegionImage } from './promote-account.ts';
import { planRegion, type RegionPlan } from './region-plan.ts';
import { regionsOf, type RegionState } from './region-state.ts';

/** What is asked of promote. */
export interface PromoteOptions {
  kind: 'promote' | 'rollback';
  /** Of one node, whose image it is; absent: the newest. */
  image?: RegionImage | undefined;
  /** The newest bake has to be the one: it is this pipeline's. */
  inPipeline: boolean;
  apply: boolean;
  force: boolean;
  /** How long to wait for copies, ms. */
  copyMs: number;
}

/** A node whose image is chosen and may be promoted in all its regions. */
export interface NodePlan {
  node: Node;
  original: RegionImage;
  /** The own region first. */
  regions: [RegionPlan, ...RegionPlan[]];
  notes: string[];
  /** A run was cut off and left its lock, which has to go, even if nothing else is to be done. */
  isCutOff: boolean;
}

/** A node that cannot be promoted. */
export interface RefusedNode {
  node: Node;
  /** All of them at once. */
  failures: Failure[];
  original?: RegionImage;
}

/** Each region's state, or why it cannot be read. */
export type States = ReadonlyMap<string, RegionState | Failure>;

/** What is to be done for a node, or all that stands against it. */
export async function planNode(
  node: Node,
  states: States,
  options: PromoteOptions,
  own: string,
): Promise<NodePlan | RefusedNode> {
  const { kind, force } = options;
  const regions = regionsOf(own, [node]);
  const unread = regions.flatMap((region) => {
    const state = states.get(region);
    return state === undefined || 'account' in state ? [] : [state];
  });
  const state = states.get(own);
  if (state === undefined || !('account' in state)) throw new Error('the own region was read');
  const cutOff = kind === 'rollback' ? await readLock(state.account, node.name) : undefined;
  const choice = await choose(node, state, options, cutOff);
  if ('why' in choice) return { node, failures: [...unread, { message: choice.why, unavailable: false }] };
  const { image: original, notes } = choice;
  const asked = { node, original, own, force, mayCopy: kind === 'promote' };
  const plans = regions.flatMap((region) => {
    const known = states.get(region);
    return known !== undefined && 'account' in known ? [planRegion(known, asked)] : [];
  });
  const problems = plans.flatMap((one) => ('problems' in one ? one.problems : []));
  const [first, ...others] = plans.flatMap((one) => ('plan' in one ? [one.plan] : []));
  const failures = [...unread, ...problems.map((message) => ({ message, unavailable: false }))];
  if (failures.length > 0 || first === undefined) return { node, failures, original };
  return { node, original, regions: [first, ...others], notes, isCutOff: cutOff !== undefined };
}

async function choose(
  node: Node,
  { account, images, parameters, region }: RegionState,
  { kind, image, inPipeline }: PromoteOptions,
  cutOff: LockValue | undefined,
): Promise<Choice> {
  const { parameter } = node.promote;
  const current = parameters.get(parameter)?.value;
  if (kind === 'rollback')
    return choosePrevious({ node, images, current }, region, {
      cutOff,
      history: () => account.parameterHistory(parameter),
    });
  if (image === undefined) return chooseNewest({ node, images, current }, inPipeline);
  // In the list it is judged along with the images that it may be a copy of.
  const listed = images.find(({ id }) => id === image.id) ?? image;
  return chooseNamed(image.id, listed, node.name, region);
}
