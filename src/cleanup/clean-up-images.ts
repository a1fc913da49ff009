import type { CleanupSettings } from './settings.ts';
import { carryOut, type Outcomes } from './carry-out.ts';
import { type DeletionDeps, deleteAfter } from './delete-image.ts';
import { orUnavailable } from '../aws/ec2-failure.ts';
import { makePlan, type CleanupPlan, type CleanupPlanDeps } from './make-plan.ts';

/** What cleanup needs besides what planning and deleting need. */
export interface CleanupDeps extends CleanupPlanDeps, DeletionDeps {
  region: string;
  account: string;
  /** Writes what is known so far to disk. */
  record: (cleanup: Cleanup) => Promise<void>;
}

/** What cleanup decided and did. */
export interface Cleanup extends CleanupPlan, Outcomes {
  region: string;
  account: string;
  settings: CleanupSettings;
}

/**
 * Decides which images and snapshots to delete, and deletes them with `apply`. The plan is on disk before anything is
 * deleted.
 * @throws whatever a call throws, before anything is deleted.
 */
export async function cleanUpImages(settings: CleanupSettings, deps: CleanupDeps): Promise<Cleanup> {
  const { region, account } = deps;
  const plan = await orUnavailable(makePlan(settings, deps));
  const planned: Cleanup = { ...plan, region, account, settings, outcomes: new Map() };
  await deps.record(planned);
  if (!settings.apply) return planned;
  const execution = {
    deleteAfter: deleteAfter(plan.madeAt.getTime(), settings.disableFirstDays ?? 0),
    signal: settings.signal,
  };
  const done = { ...planned, ...(await carryOut(plan, execution, deps)) };
  await deps.record(done);
  return done;
}
