import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asRunId, jenkinsRun } from '../cli/run-id.ts';
import { earlierRuns } from './earlier-runs.ts';
import { readParameters } from './parameters.ts';
import { orderOf, type Order, resultsFolder, type StageStep, stageSteps } from './stage-flags.ts';

/**
 * What a step runs, where it is one of the stages'.
 * @returns undefined for the others, and where the parameters are wrong: {@link runStep} says how
 */
export async function stageOrder(
  step: string,
  more: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Order | undefined> {
  if (!isStageStep(step)) return undefined;
  const parameters = readParameters(environment);
  if ('problems' in parameters) return undefined;
  const proved = step === 'cleanup' ? await provedNodes(environment) : [];
  const own = jenkinsRun(environment);
  const finished = [
    ...earlierRuns(environment.BUILD_TAG ?? '').map(asRunId),
    ...(own === undefined ? [] : [own]),
  ];
  // What is archived is what this build did, not what an earlier one left in this agent's workspace.
  if (step === 'generate') await forget(parameters.nodes);
  return orderOf(step, parameters, { proved, finished }, more);
}

async function forget(nodes: readonly string[]): Promise<void> {
  const { ReportsFolder } = await import('../build/reports-folder.ts');
  for (const node of nodes) {
    await new ReportsFolder('reports', node).forget();
    await rm(join('packs', `${node}.json`), { force: true });
  }
}

/** The nodes whose images this build has proved. */
async function provedNodes(environment: NodeJS.ProcessEnv): Promise<string[]> {
  // Here, not above: zod takes its time to load, which only this step needs to wait for.
  const { readResults } = await import('./outcome.ts');
  const { outcomes } = await readResults(resultsFolder, environment);
  return outcomes.filter(({ proved }) => proved).map(({ node }) => node);
}

export function isStageStep(step: string): step is StageStep {
  return stageSteps.some((one) => one === step);
}
