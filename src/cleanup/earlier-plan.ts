import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errnoOf, exitCode, StageError } from '../lib/errors.ts';

/** What an earlier plan deletes or disables; a cleanup with that plan does no more. */
export interface EarlierPlan {
  /** By the image's id. */
  images: ReadonlyMap<string, 'disable' | 'delete'>;
  snapshots: ReadonlySet<string>;
  /** The same of other regions; absent: the plan is of one region. */
  others?: ReadonlyMap<string, Omit<EarlierPlan, 'others'>>;
}

/** What a plan allows in a region: nothing where it does not know that. */
export function allowedIn(plan: EarlierPlan, region: string, own: string): Omit<EarlierPlan, 'others'> {
  if (region === own) return plan;
  return plan.others?.get(region) ?? { images: new Map(), snapshots: new Set() };
}

const regionSchema = z.object({
  decisions: z.array(
    z.object({
      image: z.object({ id: z.string(), snapshotIds: z.array(z.string()).default([]) }),
      action: z.enum(['keep', 'hold', 'disable', 'delete']),
    }),
  ),
  snapshots: z.array(
    z.object({ snapshot: z.object({ id: z.string() }), action: z.enum(['keep', 'hold', 'delete']) }),
  ),
});

const planSchema = regionSchema.extend({
  schema: z.literal(1),
  region: z.string(),
  account: z.string(),
  madeAt: z.iso.datetime(),
  otherRegions: z
    .array(
      z.union([
        regionSchema.extend({ region: z.string() }),
        z.object({ region: z.string(), unavailable: z.string() }),
      ]),
    )
    .optional(),
});

/** Where and when a plan is to be carried out. */
interface PlanScope {
  region: string;
  account: string;
  nowMs: number;
  staleOk: boolean;
}

const dayMs = 24 * 60 * 60_000;
/** This clock may be a little behind the one that dated the plan. */
const toleranceMs = 5 * 60_000;

/**
 * Reads a plan that cleanup wrote.
 * @throws StageError (exit 2) when there is none, or it is another region's or account's, of another schema, or older than a day
 */
export async function readCleanupPlan(file: string, place: PlanScope): Promise<EarlierPlan> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = errnoOf(error);
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? String(error)})`;
    throw planError(`the plan ${file} ${why}: make one with cleanup without --apply`);
  });
  return parseCleanupPlan(content, file, place);
}

/** {@link readCleanupPlan} of what the file holds. */
export function parseCleanupPlan(content: string, file: string, place: PlanScope): EarlierPlan {
  const again = 'make a new one with cleanup without --apply';
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch {
    throw planError(`the plan ${file} is not JSON: ${again}`);
  }
  const parsed = planSchema.safeParse(data);
  if (!parsed.success) {
    const why = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const shown = [...why.slice(0, 3), ...(why.length > 3 ? [`${why.length - 3} more`] : [])].join('; ');
    throw planError(`the plan ${file} is not one of cleanup's, of schema 1 (${shown}): ${again}`);
  }
  const plan = parsed.data;
  const ageMs = place.nowMs - Date.parse(plan.madeAt);
  const problems = [
    ...(plan.region === place.region ? [] : [`is of the region ${plan.region}, not ${place.region}`]),
    ...(plan.account === place.account ? [] : [`is of the account ${plan.account}, not ${place.account}`]),
    ...(ageMs > dayMs && !place.staleOk
      ? [`is of ${plan.madeAt}, over a day old (--stale-ok takes it)`]
      : []),
    ...(ageMs < -toleranceMs ? [`is of ${plan.madeAt}, in the future: check the clocks`] : []),
  ];
  if (problems.length > 0) {
    throw planError(problems.map((problem) => `the plan ${file} ${problem}: ${again}`).join('\n'));
  }
  const others = plan.otherRegions?.flatMap((one) =>
    'decisions' in one ? [[one.region, allowedBy(one)] as const] : [],
  );
  return { ...allowedBy(plan), ...(others !== undefined && { others: new Map(others) }) };
}

function allowedBy(plan: z.infer<typeof regionSchema>): Omit<EarlierPlan, 'others'> {
  return {
    images: new Map(
      plan.decisions.flatMap(({ image: { id }, action }) =>
        action === 'disable' || action === 'delete' ? [[id, action]] : [],
      ),
    ),
    snapshots: new Set([
      ...plan.snapshots.flatMap(({ snapshot: { id }, action }) => (action === 'delete' ? [id] : [])),
      // An apply that was interrupted after deregistering the image leaves them without one.
      ...plan.decisions.flatMap(({ image, action }) => (action === 'delete' ? image.snapshotIds : [])),
    ]),
  };
}

function planError(message: string): StageError {
  return new StageError(message, exitCode.badInput);
}
