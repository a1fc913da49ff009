import type { CleanupSettings } from './settings.ts';
import { applyFuses, type ImageDecision } from './fuses.ts';
import type { Image, Snapshot } from '../aws/images.ts';
import { decideSnapshots, holdSnapshots, type SnapshotDecision } from './snapshot-retention.ts';
import type { Confirmation } from '../references/confirm-unused.ts';
import { mergeReferences, type References } from '../references/reference.ts';
import { decideRetention, type RetentionRules } from './retention.ts';

/** What a plan needs of the account; each throws a CloudError when it cannot be answered fully. */
export interface CleanupPlanDeps {
  /** By the cloud's clock, once it has answered. */
  now: () => Date;
  images: () => Promise<Image[]>;
  snapshots: () => Promise<Snapshot[]>;
  /** The runs with an instance of a bake or of verify; a server that has a run's tags is none. */
  runsWithInstances: (images: readonly Image[]) => Promise<ReadonlySet<string>>;
  /** What uses any image of the region. */
  references: (images: readonly Image[]) => Promise<References>;
  /** Confirms that the few images that would go are unused, by what can only be asked image by image. */
  confirm: (imageIds: readonly string[]) => Promise<Confirmation>;
}

/** What is to become of each image, and of snapshots without one. */
export interface CleanupPlan {
  madeAt: Date;
  decisions: ImageDecision[];
  snapshotDecisions: SnapshotDecision[];
  snapshots: Snapshot[];
  /** The rules of the decisions, to decide again before an image is deleted. */
  rules: RetentionRules;
  crossCheck: Confirmation['crossCheck'];
}

/**
 * Reads the account and decides. Nothing is changed.
 * @throws whatever a call throws: what could not be read must not count as unused
 */
export async function makePlan(settings: CleanupSettings, deps: CleanupPlanDeps): Promise<CleanupPlan> {
  const images = await deps.images();
  const snapshots = await deps.snapshots();
  const madeAt = deps.now();
  const nowMs = madeAt.getTime();
  const runningRuns = new Set(await deps.runsWithInstances(images));
  for (const { state, run, notOurs } of images) {
    if (state === 'pending' && notOurs === undefined) runningRuns.add(run);
  }
  for (const run of settings.finished) runningRuns.delete(run);
  // After the images: a user that came in between is found.
  let references = await deps.references(images);
  const confirmed = new Set<string>();
  let crossCheck: Confirmation['crossCheck'] = 'done';
  for (;;) {
    const rules = { ...settings, references, runningRuns, nowMs };
    const retentions = decideRetention(images, rules).filter(({ node }) => isChosen(node, settings));
    const decisions = applyFuses(retentions, {
      ...settings,
      plan: settings.plan?.images,
      disableFirst: settings.disableFirstDays !== undefined,
    });
    const next = decisions
      .filter(
        ({ action, image: { id } }) => (action === 'delete' || action === 'disable') && !confirmed.has(id),
      )
      .map(({ image: { id } }) => id);
    if (next.length === 0) {
      const orphans = decideSnapshots(snapshots, images, { ...rules, plan: settings.plan?.snapshots });
      const chosen = orphans.filter(({ snapshot: { node } }) => isChosen(node, settings));
      const held = holdSnapshots(chosen, decisions, settings);
      return { madeAt, decisions, snapshotDecisions: held, snapshots, rules, crossCheck };
    }
    const confirmation = await deps.confirm(next);
    references = mergeReferences(references, confirmation.references);
    crossCheck = confirmation.crossCheck;
    for (const id of next) confirmed.add(id);
  }
}

function isChosen(node: string, { only }: CleanupSettings): boolean {
  return only.length === 0 || only.includes(node);
}
