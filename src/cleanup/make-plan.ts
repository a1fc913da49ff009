import { applyFuses, type Decision } from './fuses.ts';
import type { Image, Snapshot } from '../aws/images.ts';
import { decideOrphans, holdOrphans, type OrphanDecision } from './orphans.ts';
import type { Confirmation } from '../references/confirm-unused.ts';
import { mergeReferences, type References } from '../references/reference.ts';
import { decideRetention, type Rules } from './retention.ts';

/** What an earlier plan said was to go; a cleanup that is bound to it does no more. */
export interface EarlierPlan {
  /** By the image's id. */
  images: ReadonlyMap<string, 'disable' | 'delete'>;
  snapshots: ReadonlySet<string>;
}

/** What cleanup is asked for. */
export interface PlanOrder {
  /** How many images of each node stay. */
  keep: ReadonlyMap<string, number>;
  /** Only these nodes; none: all. */
  only: readonly string[];
  minAgeMs: number;
  gone: boolean;
  adopt: boolean;
  /** Runs that are over, whatever is still there of them. */
  finished: ReadonlySet<string>;
  /** Images, and snapshots that have lost theirs, that go in one run; undefined: any number. */
  maxDelete: number | undefined;
  /** Never more than half of a node's images, nor of its snapshots. */
  half: boolean;
  /** Days between disabling an image and deleting it; undefined: it is not disabled first. */
  disableFirstDays: number | undefined;
  plan: EarlierPlan | undefined;
}

/** What a plan needs of the account; each throws a CloudError when it cannot be answered fully. */
export interface PlanWorld {
  /** By the cloud's clock, once it has answered. */
  now: () => Date;
  images: () => Promise<Image[]>;
  snapshots: () => Promise<Snapshot[]>;
  /** The runs whose bake or proof has an instance; a server that bears a run's tags is none. */
  runsWithInstances: (images: readonly Image[]) => Promise<ReadonlySet<string>>;
  /** What uses any image of the region. */
  references: (images: readonly Image[]) => Promise<References>;
  /** A second look at the few that would go, by what can only be asked for each image. */
  confirm: (imageIds: readonly string[]) => Promise<Confirmation>;
}

/** What is to become of each image, and of snapshots without one. */
export interface Plan {
  madeAt: Date;
  decisions: Decision[];
  orphans: OrphanDecision[];
  snapshots: Snapshot[];
  /** By what the images were judged, to judge them again before one goes. */
  rules: Rules;
  crossCheck: Confirmation['crossCheck'];
}

/**
 * Looks at the account and decides. Nothing is changed.
 * @throws whatever a look-up throws: what could not be looked up must not count as unused
 */
export async function makePlan(order: PlanOrder, world: PlanWorld): Promise<Plan> {
  const images = await world.images();
  const snapshots = await world.snapshots();
  const madeAt = world.now();
  const nowMs = madeAt.getTime();
  const goingOn = new Set(await world.runsWithInstances(images));
  for (const { state, run, notOurs } of images) {
    if (state === 'pending' && notOurs === undefined) goingOn.add(run);
  }
  for (const run of order.finished) goingOn.delete(run);
  // After the images: what began to use one in between is seen.
  let references = await world.references(images);
  const confirmed = new Set<string>();
  let crossCheck: Confirmation['crossCheck'] = 'done';
  for (;;) {
    const rules = { ...order, references, goingOn, nowMs };
    const retentions = decideRetention(images, rules).filter(({ node }) => isChosen(node, order));
    const decisions = applyFuses(retentions, {
      ...order,
      plan: order.plan?.images,
      disableFirst: order.disableFirstDays !== undefined,
    });
    const next = decisions
      .filter(
        ({ action, image: { id } }) => (action === 'delete' || action === 'disable') && !confirmed.has(id),
      )
      .map(({ image: { id } }) => id);
    if (next.length === 0) {
      const orphans = decideOrphans(snapshots, images, { ...rules, plan: order.plan?.snapshots });
      const chosen = orphans.filter(({ snapshot: { node } }) => isChosen(node, order));
      const held = holdOrphans(chosen, decisions, order);
      return { madeAt, decisions, orphans: held, snapshots, rules, crossCheck };
    }
    const confirmation = await world.confirm(next);
    references = mergeReferences(references, confirmation.references);
    crossCheck = confirmation.crossCheck;
    for (const id of next) confirmed.add(id);
  }
}

function isChosen(node: string, { only }: PlanOrder): boolean {
  return only.length === 0 || only.includes(node);
}
