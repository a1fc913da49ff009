import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { EarlierPlan } from './make-plan.ts';

/** A plan that must not be carried out, in a sentence for a person. */
class PlanFileError extends Error {
  readonly exitCode = 2;
}

const planSchema = z.object({
  schema: z.literal(1),
  region: z.string(),
  account: z.string(),
  madeAt: z.iso.datetime(),
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

/** Where and when a plan is to be carried out. */
interface PlanPlace {
  region: string;
  account: string;
  nowMs: number;
  staleOk: boolean;
}

const dayMs = 24 * 60 * 60_000;
/** A clock may be a little ahead of the one that the plan was made by. */
const toleranceMs = 5 * 60_000;

/**
 * Reads a plan that cleanup wrote.
 * @throws PlanFileError when there is none, or it is another region's or account's, of another schema, or older than a day
 */
export async function readPlan(file: string, place: PlanPlace): Promise<EarlierPlan> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new PlanFileError(`the plan ${file} ${why}: make one with cleanup without --apply`);
  });
  return parsePlan(content, file, place);
}

/** {@link readPlan} of what the file holds. */
export function parsePlan(content: string, file: string, place: PlanPlace): EarlierPlan {
  const again = 'make a new one with cleanup without --apply';
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch {
    throw new PlanFileError(`the plan ${file} is not JSON: ${again}`);
  }
  const parsed = planSchema.safeParse(data);
  if (!parsed.success) {
    const why = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const shown = [...why.slice(0, 3), ...(why.length > 3 ? [`${why.length - 3} more`] : [])].join('; ');
    throw new PlanFileError(`the plan ${file} is not one of cleanup's, of schema 1 (${shown}): ${again}`);
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
    throw new PlanFileError(problems.map((problem) => `the plan ${file} ${problem}: ${again}`).join('\n'));
  }
  return {
    images: new Map(
      plan.decisions.flatMap(({ image: { id }, action }) =>
        action === 'disable' || action === 'delete' ? [[id, action]] : [],
      ),
    ),
    snapshots: new Set([
      ...plan.snapshots.flatMap(({ snapshot: { id }, action }) => (action === 'delete' ? [id] : [])),
      // They are without an image once an apply was cut off after its deregistration.
      ...plan.decisions.flatMap(({ image, action }) => (action === 'delete' ? image.snapshotIds : [])),
    ]),
  };
}
