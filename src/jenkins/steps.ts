import { rm } from 'node:fs/promises';
import type { Result } from '../cli/run-stage.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { loadNodes } from '../nodes/load-nodes.ts';
import { type Moment, summaryOf, writeBuildFile } from './build-summary.ts';
import { pushDeploy } from './deploy-job.ts';
import { readResults } from './node-outcomes.ts';
import { checkedPromoteJob, promoteJobLocks, promoteJobReport } from './promote-job.ts';
import { type Parameters, readParameters, resultsFolder } from './parameters.ts';
import { isStageStep, type StageRun, stageSteps } from './stage-run.ts';

/** Those that write build.json, each with what is known by then. */
const moments: Record<string, Moment> = { 'fan-out': 'planned', ask: 'asked', summary: 'ended' };
const ownSteps = ['check', ...Object.keys(moments), 'choices', 'push', 'promote-locks', 'promote-report'];
/** Those of the jobs that have parameters of their own. */
const ofOtherJobs = ['deploy', 'promote-by-hand'];

/**
 * Runs a step of Jenkins' own.
 * @throws StageError (exit 2) with every wrong parameter
 */
export async function runStep(
  step: string,
  run: StageRun | undefined,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<Result> {
  if (run !== undefined && 'nothing' in run) return linesOnly(run.nothing);
  if (!isStageStep(step) && ![...ownSteps, ...ofOtherJobs].includes(step))
    throw new StageError(
      `unknown step '${step}'; the steps are ${[...ownSteps, ...stageSteps, ...ofOtherJobs].join(', ')}`,
      exitCode.badInput,
    );
  if (step === 'push') return linesOnly(await pushDeploy(environment, say));
  if (step.startsWith('promote-')) checkedPromoteJob(environment);
  if (step === 'promote-locks') return linesOnly(...(await promoteJobLocks(environment, say)));
  if (step === 'promote-report') return linesOnly(...(await promoteJobReport(environment, say)));
  const parameters = readParameters(environment);
  if (step === 'choices' && 'nodesFile' in parameters) return choices(parameters, say);
  // The Jenkinsfile must not read what an earlier build left here.
  await rm('build.json', { force: true });
  const number = environment.BUILD_NUMBER ?? '';
  if ('problems' in parameters) {
    const description = parameters.problems;
    const nothing = {
      bake: [],
      lock: [],
      cleanupLocks: [],
      promoteLocks: [],
      parallel: 1,
      promote: 'no' as const,
      question: '',
    };
    if (step === 'summary') await writeBuildFile({ schema: 1, name: `#${number}`, description, ...nothing });
    throw new StageError(description.join('\n'), exitCode.badInput);
  }
  if (step === 'check') {
    for (const file of ['plan.json', 'reports/plan.junit.xml']) await rm(file, { force: true });
    return linesOnly(...parametersLines(parameters));
  }
  const at = moments[step] ?? 'ended';
  const isFirst = at === 'planned';
  const names = isFirst ? (await loadNodes(parameters.nodesFile, [], say)).map(({ name }) => name) : [];
  const results = await readResults(isFirst ? '.' : resultsFolder, environment);
  const { build, good, rows } = summaryOf(parameters, results, { at, number, all: names });
  await writeBuildFile(build);
  const head = ['node', 'image', 'result', 'why'];
  return {
    exitCode: at === 'ended' && !good ? exitCode.nodeFailed : exitCode.done,
    json: build,
    table: { head, rows },
    closing: build.description,
  };
}

async function choices({ nodesFile }: Parameters, say: (line: string) => void): Promise<Result> {
  const names = (await loadNodes(nodesFile, [], say)).map(({ name }) => name);
  return { ...linesOnly(...names), json: names };
}

function parametersLines(parameters: Parameters): string[] {
  const { nodes, manifests, force, dryRun, parallel, cleanupOnly, promote } = parameters;
  const which = nodes.length === 0 ? 'all nodes' : nodes.join(', ');
  const how = [
    ...(force ? ['forced'] : []),
    ...(dryRun === undefined ? [] : [`${dryRun}: plan only`]),
    ...(cleanupOnly ? ['cleanup only'] : []),
    ...(promote === 'no' ? [] : [promote === 'yes' ? 'promoted when verified' : 'promoted when approved']),
  ];
  return [`${[which, ...how].join(', ')}; manifests in ${manifests}; ${parallel} at the same time`];
}

function linesOnly(...closing: string[]): Result {
  return { exitCode: exitCode.done, json: closing, table: { head: [], rows: [] }, closing };
}
