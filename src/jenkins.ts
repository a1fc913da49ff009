import { stageOrder } from './jenkins/stage-order.ts';
import { jenkinsCommand } from './cli/commands.ts';
import { printDiagnosis } from './cli/print.ts';
import { runStage } from './cli/run-stage.ts';

/** A step of the Jenkinsfile: a stage with flags made of the build's parameters, or one of our own. */

const stages = {
  plan: () => import('./plan.ts'),
  generate: () => import('./generate.ts'),
  build: () => import('./build.ts'),
  verify: () => import('./verify.ts'),
  cleanup: () => import('./cleanup.ts'),
};

const [step = '--help', ...more] = process.argv.splice(2);
const order = await stageOrder(step, more, process.env);
if (order !== undefined && 'stage' in order) {
  // The stage is this very process, so that a signal reaches it, and takes its flags from the command line.
  process.argv.push(...order.flags);
  printDiagnosis(`${order.stage} ${order.flags.join(' ')}`);
  await stages[order.stage]();
} else {
  process.argv.push(...(['--help', '--version'].includes(step) ? [step] : more));
  await runStage(jenkinsCommand, async (_flags, { say }) => {
    const { runStep } = await import('./jenkins/steps.ts');
    return runStep(step, order, process.env, say);
  });
}
