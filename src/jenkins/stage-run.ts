import { existsSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asRunId, jenkinsRun } from '../cli/run-id.ts';
import { type Parameters, readParameters, resultsFolder, whyNotPromoted } from './parameters.ts';

/** What a step of the Jenkinsfile runs: a stage with these flags, or nothing, and why. */
export type StageRun = { stage: StageName; flags: string[] } | { nothing: string };

export type StageName =
  'plan' | 'generate' | 'build' | 'verify' | 'promote' | 'cleanup' | 'deploy' | 'report';

/** The steps that run a stage. */
export const stageSteps = [
  'plan',
  'generate',
  'build',
  'verify',
  'promote',
  'cleanup',
  'leftovers',
  'report',
] as const;
export type StageStep = (typeof stageSteps)[number];

const resultsPlan = `${resultsFolder}/plan.json`;
const inResults = ['--reports', `${resultsFolder}/reports`];

/** What a build knows besides its parameters. */
export interface BuildState {
  /** Nodes whose images this build has verified. */
  verified: readonly string[];
  /** The runs of this build and of earlier ones of its job, which have ended. */
  finished: readonly string[];
  /** Its plan is among its results. */
  hasPlan?: boolean;
}

/**
 * What a step runs, where it is one of the stages'.
 * @param more flags that the Jenkinsfile itself adds
 * @returns undefined for the other steps, and where the parameters are wrong: `runStep` says how
 */
export async function readStageRun(
  step: string,
  more: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<StageRun | undefined> {
  // The deploy job has parameters of its own.
  if (step === 'deploy') return { stage: 'deploy', flags: [...deployFlags(environment), ...more] };
  if (step === 'promote-by-hand') {
    const { promoteJobFlags, readPromoteJob, removeResults } = await import('./promote-job.ts');
    const job = readPromoteJob(environment);
    if ('problems' in job) return undefined;
    await removeResults();
    return { stage: 'promote', flags: [...promoteJobFlags(job), ...more] };
  }
  if (!isStageStep(step)) return undefined;
  const parameters = readParameters(environment);
  if ('problems' in parameters) return undefined;
  const verified = ['promote', 'cleanup'].includes(step) ? await verifiedNodes(environment) : [];
  const own = jenkinsRun(environment);
  const finished = [
    ...earlierRuns(environment.BUILD_TAG ?? '').map(asRunId),
    ...(own === undefined ? [] : [own]),
  ];
  // What is archived is what this build did, not what an earlier one left in this agent's workspace.
  if (step === 'generate') {
    await removeReports(parameters.nodes);
    if (parameters.archive === undefined) await removeOlderImages(parameters.nodes);
  }
  const hasPlan = existsSync(resultsPlan);
  return stageRun(step, parameters, { verified, finished, hasPlan }, more);
}

/**
 * The stage that a step stands for, with its flags.
 * @param more flags that the Jenkinsfile itself adds
 */
export function stageRun(
  step: StageStep,
  parameters: Parameters,
  { verified, finished, hasPlan = false }: BuildState,
  more: readonly string[],
): StageRun {
  const { nodesFile } = parameters;
  const file = nodesFile === 'nodes.yaml' ? [] : ['--nodes', nodesFile];
  const nodes = flagsFor('node', parameters.nodes);
  const manifests = ['--manifests', parameters.manifests];
  const planned = ['--plan', 'plan.json', ...nodes];
  const kept = parameters.archive === undefined ? [] : ['--archive', parameters.archive];
  const run = (stage: StageName, ...flags: string[]): StageRun => ({
    stage,
    flags: [...file, ...flags, ...more],
  });
  switch (step) {
    case 'plan':
      if (parameters.cleanupOnly) return { nothing: 'CLEANUP_ONLY is set: nothing is planned' };
      return run('plan', ...manifests, ...nodes, ...kept, ...(parameters.force ? ['--force'] : []));
    case 'generate':
      return run('generate', ...planned);
    case 'build':
      return run('build', ...planned, ...manifests, '--parallel', '1', ...kept);
    case 'verify':
      return run('verify', ...planned, ...manifests, '--boot', ...kept);
    case 'promote':
      return promoteRun(parameters, verified, (...flags) => run('promote', ...flags, ...kept));
    case 'cleanup':
      return cleanupRun(parameters, verified, (...flags) => run('cleanup', ...flags));
    case 'leftovers': {
      // A machine that this build, or a dead one before it, left running costs money, also where nothing else is deleted.
      const apply = parameters.dryRun === undefined && (parameters.apply || !parameters.cleanupOnly);
      const ended = flagsFor('finished', finished);
      return run('cleanup', '--leaks', ...(apply ? ['--apply'] : []), ...ended, ...inResults);
    }
    case 'report':
      // Of all nodes, whichever this build baked; it is archived with the rest of the results.
      return run(
        'report',
        ...['--out', `${resultsFolder}/site`],
        ...(hasPlan ? ['--plan', resultsPlan] : []),
        ...inResults,
        ...kept,
      );
  }
}

function promoteRun(
  parameters: Parameters,
  verified: readonly string[],
  promote: (...flags: string[]) => StageRun,
): StageRun {
  const why = whyNotPromoted(parameters);
  if (why !== undefined) return { nothing: `${why}: nothing is promoted` };
  if (verified.length === 0) return { nothing: 'no image was verified: nothing is promoted' };
  // Until somebody has approved it, promote only says what it would do.
  const apply = parameters.promote === 'yes' || parameters.approver !== undefined ? ['--apply'] : [];
  const planned = ['--plan', resultsPlan];
  return promote(...planned, ...flagsFor('node', verified), ...apply, ...inResults);
}

function cleanupRun(
  parameters: Parameters,
  verified: readonly string[],
  cleanup: (...flags: string[]) => StageRun,
): StageRun {
  const keep = parameters.keep === undefined ? [] : ['--keep', String(parameters.keep)];
  const shared = [...keep, ...inResults];
  if (parameters.cleanupOnly) {
    const apply = parameters.apply && parameters.dryRun === undefined ? ['--apply'] : [];
    return cleanup(...flagsFor('node', parameters.nodes), ...apply, ...shared);
  }
  if (parameters.dryRun !== undefined)
    return { nothing: `${parameters.dryRun}: nothing was baked, nothing is deleted` };
  // Older images of a node go only when a newer one is verified.
  if (verified.length === 0) return { nothing: 'no image was verified: nothing is deleted' };
  return cleanup(...flagsFor('node', verified), '--apply', ...shared);
}

function flagsFor(name: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [`--${name}`, value]);
}

/** How many builds back: a job may have lost that many since its last one that ran to its end. */
const earlierBuilds = 20;

/**
 * The runs of a job's earlier builds, by Jenkins' BUILD_TAG (`jenkins-<job>-<number>`). The job runs one build at a
 * time, so they have ended, and the leftovers of one that was killed can go, however young they are.
 */
export function earlierRuns(buildTag: string): string[] {
  const [, job, digits] = /^(jenkins-.+-)([1-9]\d{0,8})$/.exec(buildTag) ?? [];
  if (job === undefined || digits === undefined) return [];
  const number = Number(digits);
  const first = Math.max(1, number - earlierBuilds);
  return Array.from({ length: number - first }, (_, index) => `${job}${first + index}`);
}

/** The flags of deploy by the parameters of the deploy job. Whether they are good, deploy itself decides. */
function deployFlags({ BAKEHOUSE_NODES, NODE = '', FACTS = '', FILE = '' }: NodeJS.ProcessEnv): string[] {
  const given = (text: string) => text.trim();
  // At spaces only: a line break stays in its fact, where deploy refuses it.
  const facts = FACTS.split(' ').filter((fact) => fact !== '');
  return [
    ...(BAKEHOUSE_NODES === undefined ? [] : [`--nodes=${BAKEHOUSE_NODES}`]),
    `--node=${given(NODE)}`,
    ...facts.map((fact) => `--fact=${fact}`),
    ...(given(FILE) === '' ? [] : [`--file=${given(FILE)}`]),
  ];
}

async function removeReports(nodes: readonly string[]): Promise<void> {
  const { removeReportsButRecord } = await import('../build/bake-record.ts');
  for (const node of nodes) {
    await removeReportsButRecord('reports', node);
    await rm(join('packs', `${node}.json`), { force: true });
  }
}

/** Of how many images of a node the reports of an agent keep what is in them. */
const keptImages = 3;

/** Without an archive the reports have one folder for each image, and each build would archive all of them. */
async function removeOlderImages(nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    const folder = join('reports', node, 'images');
    const names = await readdir(folder).catch(() => []);
    const found = await Promise.all(
      names.map(async (name) => ({ name, ms: (await lstat(join(folder, name))).mtimeMs })),
    );
    const older = found.toSorted((a, b) => b.ms - a.ms).slice(keptImages);
    for (const { name } of older) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The nodes whose images this build has verified. */
async function verifiedNodes(environment: NodeJS.ProcessEnv): Promise<string[]> {
  // Here, not above: zod takes its time to load, which only this step needs to wait for.
  const { readResults } = await import('./node-outcomes.ts');
  const { outcomes } = await readResults(resultsFolder, environment);
  return outcomes.filter(({ verified }) => verified).map(({ node }) => node);
}

export function isStageStep(step: string): step is StageStep {
  return stageSteps.some((one) => one === step);
}
