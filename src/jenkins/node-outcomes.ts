import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runId } from '../cli/run-id.ts';
import { errnoOf } from '../lib/errors.ts';
import { parsePlanFile, type PlanFile } from '../plan/plan-file.ts';
import { type PromoteRecord, readPromoteRecord } from '../promote/promote-record.ts';
import { readVerifyRecord } from '../verify/verify-record.ts';

/** What became of a node that was to be baked. */
export interface Outcome {
  node: string;
  imageId?: string;
  /** Its image was verified and tagged, in this build. */
  verified: boolean;
  /** What changed from the image before, in a few words; absent: it is not known. */
  contents?: string;
  /** Why not. */
  reasons: string[];
  /** Of a verified image: what promote did with it, or would do, or why that is not known. */
  promotion?: PromoteRecord | { unknown: string };
}

/** What a build's agents reported, gathered in one folder. */
export interface Results {
  /** Or why there is none. */
  plan: PlanFile | { unknown: string };
  /** Of the nodes that the plan says should be baked, in its order. */
  outcomes: Outcome[];
}

/**
 * Reads what a build's agents reported. What is missing, cannot be read or is of another run verifies nothing.
 * @param folder holds `plan.json`, `reports/<node>/verify.json` and `promote.json` beside it
 */
export async function readResults(folder: string, environment: NodeJS.ProcessEnv): Promise<Results> {
  const plan = await readPlan(join(folder, 'plan.json'));
  if ('unknown' in plan) return { plan, outcomes: [] };
  const run = runId(environment, new Date());
  const outcomes: Outcome[] = [];
  for (const node of plan.bake) outcomes.push(await outcomeOf(join(folder, 'reports'), node, run));
  return { plan, outcomes };
}

async function readPlan(file: string): Promise<PlanFile | { unknown: string }> {
  try {
    return parsePlanFile(await readFile(file, 'utf8'), file);
  } catch (error) {
    const missing = errnoOf(error) === 'ENOENT';
    return { unknown: missing ? 'no plan was made' : (error as Error).message };
  }
}

async function outcomeOf(reports: string, node: string, run: string): Promise<Outcome> {
  const record = await readVerifyRecord(reports, node);
  if ('unknown' in record) return { node, verified: false, reasons: [record.unknown] };
  const { imageId, reasons, contents } = record;
  const found = { node, ...(imageId === undefined ? {} : { imageId }) };
  if (!record.verified) return { ...found, verified: false, reasons };
  if (record.run === run)
    return {
      ...found,
      ...(contents && { contents }),
      verified: true,
      reasons: [],
      promotion: await readPromoteRecord(reports, node),
    };
  return {
    ...found,
    verified: false,
    reasons: [`its report is of run ${String(record.run)}, not of this one`],
  };
}
