import { rm } from 'node:fs/promises';
import { loadNodes } from '../nodes/load-nodes.ts';
import { summaryOf, writeBuildFile } from './build-summary.ts';
import { readResults } from './node-outcomes.ts';
import { type Parameters, readParameters } from './parameters.ts';
import { isStageStep, resultsFolder, type StageRun, stageSteps } from './stage-run.ts';

/** Wrong parameters, or a step that there is not. */
class JenkinsError extends Error {
  readonly exitCode = 2;
}

/** The result of a step of Jenkins' own, as every stage has it. */
interface StepResult {
  exitCode: number;
  json: unknown;
  table: { head: string[]; rows: string[][] };
  closing: string[];
}

const ownSteps = ['check', 'fan-out', 'summary', 'choices'] as const;

/**
 * Runs a step of Jenkins' own.
 * @throws JenkinsError (exit 2) with every wrong parameter
 */
export async function runStep(
  step: string,
  run: StageRun | undefined,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<StepResult> {
  if (run !== undefined && 'nothing' in run) return linesOnly(run.nothing);
  if (!isStageStep(step) && !ownSteps.some((own) => own === step))
    throw new JenkinsError(`there is no step '${step}': ${[...ownSteps, ...stageSteps].join(', ')}`);
  if (step === 'choices') return choices(say);
  // The Jenkinsfile must not read what an earlier build left here.
  await rm('build.json', { force: true });
  const number = environment.BUILD_NUMBER ?? '';
  const parameters = readParameters(environment);
  if ('problems' in parameters) {
    const description = parameters.problems;
    const nothing = { bake: [], lock: [], parallel: 1 };
    if (step === 'summary') await writeBuildFile({ schema: 1, name: `#${number}`, description, ...nothing });
    throw new JenkinsError(description.join('\n'));
  }
  if (step === 'check') {
    for (const file of ['plan.json', 'reports/plan.junit.xml']) await rm(file, { force: true });
    return linesOnly(...parametersLines(parameters));
  }
  const atEnd = step === 'summary';
  const names = atEnd ? [] : (await loadNodes('nodes.yaml', [], say)).map(({ name }) => name);
  const results = await readResults(atEnd ? resultsFolder : '.', environment);
  const { build, good, rows } = summaryOf(parameters, results, { atEnd, number, all: names });
  await writeBuildFile(build);
  const head = ['node', 'image', 'result', 'why'];
  return {
    exitCode: atEnd && !good ? 3 : 0,
    json: build,
    table: { head, rows },
    closing: build.description,
  };
}

async function choices(say: (line: string) => void): Promise<StepResult> {
  const names = (await loadNodes('nodes.yaml', [], say)).map(({ name }) => name);
  return { ...linesOnly(...names), json: names };
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

function linesOnly(...closing: string[]): StepResult {
  return { exitCode: 0, json: closing, table: { head: [], rows: [] }, closing };
}
