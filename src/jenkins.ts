import { printDiagnosis } from './cli/print.ts';
import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { json, help } = sharedFlags;

export const jenkinsCommand = {
  name: 'jenkins',
  summary:
    "runs a step of the Jenkinsfile by the build's parameters; steps: check, plan, fan-out, generate, build, verify, ask, promote, cleanup, leftovers, summary, report, choices, deploy, push, promote-locks, promote-by-hand, promote-report",
  example: 'NODES="redis web" bakehouse jenkins plan',
  flags: { json, help },
} as const;

/** The stages that a step may stand for. Each runs as this very process, so that a signal reaches it. */
const stages = {
  plan: async () => (await import('./plan.ts')).runPlan,
  generate: async () => (await import('./generate.ts')).runGenerate,
  build: async () => (await import('./build.ts')).runBuild,
  verify: async () => (await import('./verify.ts')).runVerify,
  promote: async () => (await import('./promote.ts')).runPromote,
  deploy: async () => (await import('./deploy.ts')).runDeploy,
  cleanup: async () => (await import('./cleanup.ts')).runCleanup,
  report: async () => (await import('./report.ts')).runReport,
};

/** Runs a step of the Jenkinsfile: a stage with flags made of the build's parameters, or a step of Jenkins' own. */
export async function runJenkinsStep([step = '--help', ...more]: readonly string[]): Promise<void> {
  const { readStageRun } = await import('./jenkins/stage-run.ts');
  const run = await readStageRun(step, more, process.env);
  if (run !== undefined && 'stage' in run) {
    printDiagnosis(`${run.stage} ${run.flags.join(' ')}`);
    const runIt = await stages[run.stage]();
    await runIt(run.flags);
    return;
  }
  const argv = ['--help', '--version'].includes(step) ? [step] : more;
  await runStage(jenkinsCommand, argv, async (_flags, { say }) =>
    (await import('./jenkins/steps.ts')).runStep(step, run, process.env, say),
  );
}

if (isMain(import.meta.url)) await runJenkinsStep(process.argv.slice(2));
