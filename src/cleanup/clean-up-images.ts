import { waitForAll } from '../aws/answers.ts';
import { orUnavailable } from '../aws/ec2-failure.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { carryOut, type Outcomes } from './carry-out.ts';
import { type CopyCalls, copiesNow } from './copies-now.ts';
import { type DeletionDeps, deleteAfter } from './delete-image.ts';
import { allowedIn } from './earlier-plan.ts';
import { type CleanupPlan, type LostRegion, planRegions, type ReadyRegion } from './make-plan.ts';
import { type CleanupPlanDeps, readRegion } from './read-region.ts';
import type { CleanupSettings } from './settings.ts';

/** What cleanup needs in the account's own region besides what planning and deleting need, and of the others. */
export interface CleanupDeps extends CleanupPlanDeps, DeletionDeps {
  region: string;
  account: string;
  /** Writes what is known so far to disk. */
  record: (cleanup: Cleanup) => Promise<void>;
  /** Its own check of copies; only asked where there are other regions. */
  copiesTagged?: CopyCalls['copiesTagged'];
  /** Gets how many of a region's steps have been tried. */
  onStep?: (region: string, done: number, of: number) => void;
  /** None: no node is promoted to another region. */
  others?: readonly OtherRegion[];
}

/** A region that images of these nodes are promoted to. */
export interface OtherRegion {
  region: string;
  nodes: ReadonlySet<string>;
  /** @throws CloudError when it cannot be reached */
  connect: () => Promise<CleanupPlanDeps & DeletionDeps & CopyCalls>;
}

/** What was decided and done in a region. */
export interface RegionCleanup extends CleanupPlan, Outcomes {
  region: string;
}

/** A region that could not be read: nothing is deleted there. */
export interface UnavailableRegion {
  region: string;
  unavailable: string;
}

/** What cleanup decided and did, in the account's own region and in the others. */
export interface Cleanup extends RegionCleanup {
  account: string;
  settings: CleanupSettings;
  /** Absent: there are none. */
  otherRegions?: readonly (RegionCleanup | UnavailableRegion)[];
}

/** A region as a cleanup works on it. */
interface OpenRegion extends ReadyRegion {
  deps: CleanupPlanDeps & DeletionDeps & Partial<CopyCalls>;
}

/**
 * Decides which images and snapshots to delete, in all regions, and deletes them with `apply`. The plan is on disk before
 * anything is deleted. A region that does not answer does not keep the others from being cleaned.
 * @throws whatever a call in the account's own region throws, before anything is deleted.
 */
export async function cleanUpImages(settings: CleanupSettings, deps: CleanupDeps): Promise<Cleanup> {
  const { region, account, others = [] } = deps;
  const lost: LostRegion[] = [];
  const own = openRegion(
    settings,
    { region, nodes: new Set(), connect: () => Promise.resolve(deps) },
    region,
  );
  const read = await waitForAll([
    own,
    ...others.map((other) => unlessLost(openRegion(settings, other, region), other, lost)),
  ]);
  const open = read.filter((one) => one !== undefined);
  const { plans, unread } = await planRegions(settings, open, lost);
  const done = new Map<string, RegionCleanup | UnavailableRegion>();
  for (const { region: name, isCleaned } of open) {
    const plan = plans.get(name);
    if (plan !== undefined && (isCleaned || name === region))
      done.set(name, { region: name, ...plan, outcomes: new Map() });
  }
  for (const { region: name, why } of unread) done.set(name, { region: name, unavailable: why });
  const known = () => wholeOf(done, region, { account, settings });
  await deps.record(known());
  if (!settings.apply) return known();

  const lostLater = new Map<string, string>();
  // Copies before originals: an interruption leaves images that nothing was made of any more.
  for (const { region: name, deps: calls, isCleaned } of [...open.slice(1), ...open.slice(0, 1)]) {
    const plan = plans.get(name);
    if (plan === undefined || !isCleaned) continue;
    const execution = {
      deleteAfter: deleteAfter(plan.madeAt.getTime(), settings.disableFirstDays ?? 0),
      signal: settings.signal,
      onStep: (of: number, all: number) => deps.onStep?.(name, of, all),
    };
    const elsewhere = open.filter((other) => other.region !== name && plans.has(other.region));
    const check =
      elsewhere.length === 0 ? {} : { copiesNow: copiesNow(name, copyCalls(elsewhere), lostLater) };
    const outcomes = await carryOut(plan, execution, { ...calls, ...check });
    done.set(name, { region: name, ...plan, ...outcomes });
    for (const [other, why] of lostLater) done.set(other, withLoss(done.get(other), other, why));
    await deps.record(known());
  }
  return known();
}

/** Connects to a region and reads it. */
async function openRegion(
  settings: CleanupSettings,
  { region, nodes, connect }: OtherRegion | OwnRegion,
  own: string,
): Promise<OpenRegion> {
  const deps = await connect();
  const reading = await orUnavailable(readRegion(settings, deps));
  const isCleaned = settings.regions.length === 0 || settings.regions.includes(region);
  const allowed = settings.plan === undefined ? undefined : allowedIn(settings.plan, region, own);
  return { region, nodes, deps, reading, isCleaned, allowed, confirm: deps.confirm };
}

type OwnRegion = Omit<OtherRegion, 'connect'> & { connect: () => Promise<CleanupDeps> };

/** Undefined where a region does not answer: then it is among the lost ones. */
async function unlessLost<T>(
  opening: Promise<T>,
  { region, nodes }: OtherRegion,
  lost: LostRegion[],
): Promise<T | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (exitCodeOf(error) !== exitCode.unavailable) throw error;
    lost.push({ region, nodes, why: (error as Error).message });
    return undefined;
  }
}

function copyCalls(regions: readonly OpenRegion[]): Map<string, CopyCalls> {
  return new Map(
    regions.flatMap(({ region, deps: { copiesTagged, users } }): [string, CopyCalls][] =>
      copiesTagged === undefined ? [] : [[region, { copiesTagged, users }]],
    ),
  );
}

function withLoss(
  known: RegionCleanup | UnavailableRegion | undefined,
  region: string,
  why: string,
): RegionCleanup | UnavailableRegion {
  return known === undefined
    ? { region, unavailable: why }
    : { ...known, unavailable: known.unavailable ?? why };
}

function wholeOf(
  done: ReadonlyMap<string, RegionCleanup | UnavailableRegion>,
  region: string,
  about: { account: string; settings: CleanupSettings },
): Cleanup {
  const own = done.get(region);
  if (own === undefined || !('decisions' in own)) throw new Error('the own region has a plan');
  const otherRegions = [...done.values()]
    .filter((one) => one.region !== region)
    .sort((a, b) => (a.region < b.region ? -1 : 1));
  return { ...own, ...about, ...(otherRegions.length > 0 && { otherRegions }) };
}
