import { orUnavailable } from '../aws/ec2-failure.ts';
import type { Snapshot } from '../aws/images.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import type { Confirmation } from '../references/confirm-unused.ts';
import { mergeReferences, type References } from '../references/reference.ts';
import { copiesOf, elsewhereOf, type UnreadRegion } from './copies-elsewhere.ts';
import type { EarlierPlan } from './earlier-plan.ts';
import { applyFuses, type ImageDecision } from './fuses.ts';
import type { CleanupPlanDeps, Reading } from './read-region.ts';
import { decideRetention, type RetentionRules } from './retention.ts';
import type { CleanupSettings } from './settings.ts';
import { decideSnapshots, holdSnapshots, type SnapshotDecision } from './snapshot-retention.ts';

/** What is to become of each image of a region, and of snapshots without one. */
export interface CleanupPlan {
  madeAt: Date;
  decisions: ImageDecision[];
  snapshotDecisions: SnapshotDecision[];
  snapshots: Snapshot[];
  /** The rules of the decisions, to decide again before an image is deleted. */
  rules: RetentionRules;
  crossCheck: Confirmation['crossCheck'];
}

/** A region that was read, to be decided on. */
export interface ReadyRegion {
  region: string;
  reading: Reading;
  /** Otherwise only its copies count, and their users. */
  isCleaned: boolean;
  /** The nodes whose images are promoted to it. */
  nodes: ReadonlySet<string>;
  /** What `--cleanup-plan` allows here; undefined: there is none. */
  allowed: Pick<EarlierPlan, 'images' | 'snapshots'> | undefined;
  confirm: CleanupPlanDeps['confirm'];
}

/** A region that could not be read to its end, with the cause. */
export interface LostRegion extends UnreadRegion {
  why: string;
}

/** What was decided in each region that is to be cleaned, and which regions could not be read. */
export interface RegionPlans {
  plans: Map<string, CleanupPlan>;
  unread: LostRegion[];
}

/** A region, with what is found out while it is decided on. */
interface State extends ReadyRegion {
  references: References;
  confirmed: Set<string>;
  crossCheck: Confirmation['crossCheck'];
}

/**
 * Decides in all regions by the same rules. An image that would go is first confirmed to be unused, and so are its copies
 * in other regions. Another region that fails then is one that could not be read.
 * @param regions the own one first
 * @throws whatever a call in the own region throws
 */
export async function planRegions(
  settings: CleanupSettings,
  regions: readonly ReadyRegion[],
  unread: readonly LostRegion[],
): Promise<RegionPlans> {
  const lost = [...unread];
  let states = regions.map((ready): State => ({
    ...ready,
    references: ready.reading.references,
    confirmed: new Set(),
    crossCheck: 'done',
  }));
  for (;;) {
    const { rules, decisions } = decideAll(settings, states, lost);
    const next = states.map((_, index) => toConfirm(index, states, rules, decisions));
    if (next.every((ids) => ids.length === 0))
      return { plans: plansOf(settings, states, rules, decisions), unread: lost };
    const failed = await Promise.all(
      states.map((state, index) => confirm(state, next[index] ?? [], index === 0)),
    );
    for (const [index, why] of failed.entries()) {
      const { region, nodes } = states[index] ?? {};
      if (why !== undefined && region !== undefined) lost.push({ region, nodes: nodes ?? new Set(), why });
    }
    states = states.filter((_, index) => failed[index] === undefined);
  }
}

/** What is decided in each region, in the order of the states, by what is known so far. */
function decideAll(settings: CleanupSettings, states: readonly State[], lost: readonly LostRegion[]) {
  const isAlone = states.length === 1 && lost.length === 0;
  const read = states.map(({ region, reading: { images }, references }) => ({ region, images, references }));
  const rules = states.map(({ region, reading: { runningRuns, madeAt }, references }): RetentionRules => {
    const others = read.filter((other) => other.region !== region);
    const elsewhere = isAlone ? undefined : elsewhereOf(region, others, lost);
    return { ...settings, references, runningRuns, nowMs: madeAt.getTime(), elsewhere };
  });
  const retentions = states.map(({ isCleaned, reading: { images }, allowed }, index) => {
    const ruled = rules[index];
    const all = isCleaned && ruled !== undefined ? decideRetention(images, ruled) : [];
    return { retentions: all.filter(({ node }) => isChosen(node, settings)), plan: allowed?.images };
  });
  const disableFirst = settings.disableFirstDays !== undefined;
  return { rules, decisions: applyFuses(retentions, { ...settings, disableFirst }) };
}

/** The images of a region that would go, and the copies there of images that would go elsewhere, once each. */
function toConfirm(
  index: number,
  states: readonly State[],
  rules: readonly RetentionRules[],
  decisions: readonly ImageDecision[][],
): string[] {
  const { region, confirmed } = states[index] ?? { region: '', confirmed: new Set() };
  const ids = states.flatMap((_, at) => {
    const elsewhere = rules[at]?.elsewhere;
    return (decisions[at] ?? [])
      .filter(({ action }) => action === 'delete' || action === 'disable')
      .flatMap(({ image }) => {
        if (at === index) return [image.id];
        const copies = elsewhere === undefined ? [] : copiesOf(image, elsewhere);
        return copies.filter((copy) => copy.region === region).map((copy) => copy.image.id);
      });
  });
  return [...new Set(ids)].filter((id) => !confirmed.has(id));
}

/** Why the region does not answer any more; undefined: it did. */
async function confirm(state: State, ids: readonly string[], isOwn: boolean): Promise<string | undefined> {
  if (ids.length === 0) return undefined;
  try {
    const confirmation = await orUnavailable(state.confirm(ids));
    state.references = mergeReferences(state.references, confirmation.references);
    state.crossCheck = confirmation.crossCheck;
    for (const id of ids) state.confirmed.add(id);
    return undefined;
  } catch (error) {
    if (isOwn || exitCodeOf(error) !== exitCode.unavailable) throw error;
    return (error as Error).message;
  }
}

function plansOf(
  settings: CleanupSettings,
  states: readonly State[],
  rules: readonly RetentionRules[],
  decisions: readonly ImageDecision[][],
): Map<string, CleanupPlan> {
  const found = states.map(({ isCleaned, reading: { images, snapshots }, allowed }, index) => {
    const ruled = rules[index];
    const orphans =
      isCleaned && ruled !== undefined
        ? decideSnapshots(snapshots, images, { ...ruled, plan: allowed?.snapshots })
        : [];
    const chosen = orphans.filter(({ snapshot: { node } }) => isChosen(node, settings));
    return { orphans: chosen, decisions: decisions[index] ?? [] };
  });
  const held = holdSnapshots(found, settings);
  return new Map(
    states.flatMap(
      ({ region, reading: { madeAt, snapshots }, crossCheck }, index): [string, CleanupPlan][] => {
        const ruled = rules[index];
        if (ruled === undefined) return [];
        const [ofImages, ofSnapshots] = [decisions[index] ?? [], held[index] ?? []];
        const plan = {
          decisions: ofImages,
          snapshotDecisions: ofSnapshots,
          snapshots,
          rules: ruled,
          crossCheck,
        };
        return [[region, { madeAt, ...plan }]];
      },
    ),
  );
}

function isChosen(node: string, { only }: CleanupSettings): boolean {
  return only.length === 0 || only.includes(node);
}
