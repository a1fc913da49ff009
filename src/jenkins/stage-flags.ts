import type { Parameters } from './parameters.ts';

/** What a step of the pipeline is to run: a stage's program with these flags, or nothing, and why. */
export type Order = { stage: StageName; flags: string[] } | { nothing: string };

export type StageName = 'plan' | 'generate' | 'build' | 'verify' | 'cleanup';

/** The steps that run a stage. */
export const stageSteps = ['plan', 'generate', 'build', 'verify', 'cleanup', 'reap'] as const;
export type StageStep = (typeof stageSteps)[number];

/** Where the Jenkinsfile brings together what the agents report. */
export const resultsFolder = 'results';
const inResults = ['--reports', `${resultsFolder}/reports`];

/** What a build knows besides its parameters. */
export interface BuildState {
  /** Nodes whose images this build has proved, once that is known. */
  proved: readonly string[];
  /** The runs of this build and of earlier ones of its job, which are over. */
  finished: readonly string[];
}

/**
 * The flags of the stage that a step stands for.
 * @param more flags that the Jenkinsfile itself adds
 */
export function orderOf(
  step: StageStep,
  parameters: Parameters,
  { proved, finished }: BuildState,
  more: readonly string[],
): Order {
  const nodes = flagsFor('node', parameters.nodes);
  const manifests = ['--manifests', parameters.manifests];
  const planned = ['--plan', 'plan.json', ...nodes];
  const stage = (name: StageName, ...flags: string[]): Order => ({ stage: name, flags: [...flags, ...more] });
  switch (step) {
    case 'plan':
      if (parameters.cleanupOnly) return { nothing: 'CLEANUP_ONLY is set: nothing is planned' };
      return stage('plan', ...manifests, ...nodes, ...(parameters.force ? ['--force'] : []));
    case 'generate':
      return stage('generate', ...planned);
    case 'build':
      return stage('build', ...planned, ...manifests, '--parallel', '1');
    case 'verify':
      return stage('verify', ...planned, ...manifests, '--boot');
    case 'cleanup':
      return cleanupOrder(parameters, proved, (...flags) => stage('cleanup', ...flags));
    case 'reap': {
      // What this build, or a dead one before it, left running costs money, also where nothing else is deleted.
      const apply = parameters.dryRun === undefined && (parameters.apply || !parameters.cleanupOnly);
      const over = flagsFor('finished', finished);
      return stage('cleanup', '--leaks', ...(apply ? ['--apply'] : []), ...over, ...inResults);
    }
  }
}

function cleanupOrder(
  parameters: Parameters,
  proved: readonly string[],
  cleanup: (...flags: string[]) => Order,
): Order {
  const keep = parameters.keep === undefined ? [] : ['--keep', String(parameters.keep)];
  const shared = [...keep, ...inResults];
  if (parameters.cleanupOnly) {
    const apply = parameters.apply && parameters.dryRun === undefined ? ['--apply'] : [];
    return cleanup(...flagsFor('node', parameters.nodes), ...apply, ...shared);
  }
  if (parameters.dryRun !== undefined)
    return { nothing: `${parameters.dryRun}: nothing was baked, nothing is deleted` };
  // Older images of a node go only when a newer one is proved.
  if (proved.length === 0) return { nothing: 'no image was proved: nothing is deleted' };
  return cleanup(...flagsFor('node', proved), '--apply', ...shared);
}

function flagsFor(name: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [`--${name}`, value]);
}
