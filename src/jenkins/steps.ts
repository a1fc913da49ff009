import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadNodes } from '../nodes/load-nodes.ts';
import { ReportsFolder } from '../packer/reports-folder.ts';
import { asRunId, jenkinsRun } from '../packer/run-id.ts';
import { writeBuildFile } from './build-file.ts';
import { earlierRuns } from './earlier-runs.ts';
import { readResults } from './outcome.ts';
import { type Parameters, readParameters } from './parameters.ts';
import { orderOf, type Order, resultsFolder, type StageStep, stageSteps } from './stage-flags.ts';
import { summaryOf } from './summary.ts';

/** Wrong parameters, or a step that there is not. */
export class JenkinsError extends Error {
  readonly exitCode = 2;
}

/** What a step of ours hands back, as every stage does. */
interface StepResult {
  exitCode: number;
  json: unknown;
  table: { head: string[]; rows: string[][] };
  closing: string[];
}

const ownSteps = ['check', 'fan-out', 'summary', 'choices'] as const;

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
  const { outcomes } = step === 'cleanup' ? await readResults(resultsFolder, environment) : { outcomes: [] };
  const proved = outcomes.filter((outcome) => outcome.proved).map(({ node }) => node);
  const own = jenkinsRun(environment);
  const finished = [
    ...earlierRuns(environment.BUILD_TAG ?? '').map(asRunId),
    ...(own === undefined ? [] : [own]),
  ];
  // What is archived is what this build did, not what an earlier one left in this agent's workspace.
  if (step === 'generate') await forget(parameters.nodes);
  return orderOf(step, parameters, { proved, finished }, more);
}

/**
 * Does one of our own steps.
 * @throws JenkinsError (exit 2) with every wrong parameter
 */
export async function runStep(
  step: string,
  order: Order | undefined,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<StepResult> {
  if (order !== undefined && 'nothing' in order) return told(order.nothing);
  if (!isStageStep(step) && !ownSteps.some((own) => own === step))
    throw new JenkinsError(`there is no step '${step}': ${[...ownSteps, ...stageSteps].join(', ')}`);
  if (step === 'choices') return choices(say);
  // The Jenkinsfile must not read what an earlier build left here.
  await rm('build.json', { force: true });
  const number = environment.BUILD_NUMBER ?? '';
  const parameters = readParameters(environment);
  if ('problems' in parameters) {
    const description = parameters.problems.join('\n');
    const nothing = { bake: [], lock: [], parallel: 1 };
    if (step === 'summary') await writeBuildFile({ schema: 1, name: `#${number}`, description, ...nothing });
    throw new JenkinsError(description);
  }
  if (step === 'check') {
    for (const file of ['plan.json', 'reports/plan.junit.xml']) await rm(file, { force: true });
    return told(...parametersLines(parameters));
  }
  const over = step === 'summary';
  const names = over ? [] : (await loadNodes('nodes.yaml', [], say)).map(({ name }) => name);
  const results = await readResults(over ? resultsFolder : '.', environment);
  const { build, good, rows } = summaryOf(parameters, results, { over, number, all: names });
  await writeBuildFile(build);
  const head = ['node', 'image', 'result', 'why'];
  return {
    exitCode: over && !good ? 3 : 0,
    json: build,
    table: { head, rows },
    closing: [build.description],
  };
}

async function choices(say: (line: string) => void): Promise<StepResult> {
  const names = (await loadNodes('nodes.yaml', [], say)).map(({ name }) => name);
  return { ...told(...names), json: names };
}

async function forget(nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    await new ReportsFolder('reports', node).forget();
    await rm(join('packs', `${node}.json`), { force: true });
  }
}

function parametersLines({ nodes, manifests, force, dryRun, parallel, cleanupOnly }: Parameters): string[] {
  const which = nodes.length === 0 ? 'all nodes' : nodes.join(', ');
  const how = [
    ...(force ? ['forced'] : []),
    ...(dryRun === undefined ? [] : [`${dryRun}: plan only`]),
    ...(cleanupOnly ? ['cleanup only'] : []),
  ];
  return [`${[which, ...how].join(', ')}; manifests in ${manifests}; ${parallel} at a time`];
}

function told(...closing: string[]): StepResult {
  return { exitCode: 0, json: closing, table: { head: [], rows: [] }, closing };
}

function isStageStep(step: string): step is StageStep {
  return stageSteps.some((one) => one === step);
}
