import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BakeRecordError, type BakeRecord, parseBakeRecord } from '../build/bake-record.ts';
import { errnoOf, exitCode, StageError } from '../lib/errors.ts';
import { type PlanFile, readPlanFile } from '../plan/plan-file.ts';
import { parseVerifyRecord, type VerifyRecord } from '../verify/verify-record.ts';
import type { BakeOverview, LastPlan } from './overview.ts';

/** Where plan writes its decisions unless it is told otherwise. */
const usualPlan = 'plan.json';

/**
 * The plan that is to be shown.
 * @param file as `--plan` names it; undefined: plan's usual one, if it is there and of this region
 * @param note gets in a sentence why the usual plan cannot be shown, unless it is of another region
 * @throws StageError (exit 2) when the plan that was named cannot be
 */
export async function planToShow(
  file: string | undefined,
  region: string,
  note: (problem: string) => void,
): Promise<PlanFile | undefined> {
  if (file === undefined && !(await isThere(usualPlan))) return undefined;
  try {
    const plan = await readPlanFile(file ?? usualPlan);
    if (plan.region === region) return plan;
    // It lies here for something else, which is no problem of the nodes.
    if (file === undefined) return undefined;
    throw new StageError(
      `the plan ${file} is of ${plan.region}, and AWS_REGION is ${region}: it says nothing of the nodes here`,
      exitCode.badInput,
    );
  } catch (error) {
    if (file !== undefined || !(error instanceof StageError)) throw error;
    note(error.message);
    return undefined;
  }
}

async function isThere(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: unknown) => errnoOf(error) !== 'ENOENT',
  );
}

/**
 * What a plan decided of a node.
 * @param newestMs when the node's newest image was baked, by its name; undefined: there is none
 */
export function lastPlanOf(
  node: string,
  plan: PlanFile | undefined,
  newestMs: number | undefined,
): LastPlan | undefined {
  const planned = plan?.nodes.find((one) => one.node === node);
  if (plan === undefined || planned === undefined) return undefined;
  const madeMs = Date.parse(plan.createdAt);
  return {
    action: planned.action,
    reasons: planned.reasons.map(({ text }) => text),
    madeMs,
    commit: `${plan.manifests.commit}${plan.manifests.dirty ? '-dirty' : ''}`,
    // An image's name has whole seconds.
    bakedSince: newestMs !== undefined && newestMs + 1000 > madeMs,
  };
}

/**
 * The newest bake of the reports; undefined: there is none.
 * @param note gets in a sentence why a record cannot be shown
 */
export async function lastBakeOf(
  reports: string,
  node: string,
  note: (problem: string) => void,
): Promise<BakeOverview | undefined> {
  const file = (name: string) => join(reports, node, name);
  const read = (name: string) =>
    readFile(file(name), 'utf8').catch((error: unknown) => {
      const code = errnoOf(error) ?? '';
      if (code !== 'ENOENT' && code !== 'ENOTDIR') note(`${file(name)} cannot be read (${code})`);
      return undefined;
    });
  const bake = recordIn(await read('bake.json'), file('bake.json'), node, note);
  if (bake === undefined) return undefined;
  const text = await read('verify.json');
  const verify = text === undefined ? undefined : parseVerifyRecord(text, file('verify.json'), node);
  if (verify !== undefined && 'unknown' in verify) note(verify.unknown);
  return bakeOverview(bake, verify);
}

/** The record that a bake.json of a node holds; undefined: there is none, or `note` gets why it is none. */
export function recordIn(
  text: string | undefined,
  file: string,
  node: string,
  note: (problem: string) => void,
): BakeRecord | undefined {
  if (text === undefined) return undefined;
  try {
    return parseBakeRecord(text, file, node);
  } catch (error) {
    if (!(error instanceof BakeRecordError)) throw error;
    note(error.message);
    return undefined;
  }
}

/** A bake as its record tells it, and verify's, where that is of the same bake. */
export function bakeOverview(
  bake: BakeRecord,
  verify: VerifyRecord | { unknown: string } | undefined,
): BakeOverview {
  const { status, imageId, startedAt, finishedAt, phases = [], error } = bake;
  const startedMs = Date.parse(startedAt);
  const puppet =
    verify === undefined || 'unknown' in verify || verify.run !== bake.run ? undefined : verify.puppet;
  return {
    ...{ status, startedMs, phases },
    ...(imageId !== undefined && { image: imageId }),
    ...(finishedAt !== undefined && { seconds: (Date.parse(finishedAt) - startedMs) / 1000 }),
    ...(error !== undefined && { error }),
    ...(puppet !== undefined && { puppet }),
  };
}
