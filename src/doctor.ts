import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { nodes, json, help } = sharedFlags;

export const doctorCommand = {
  name: 'doctor',
  summary: 'checks this machine and the AWS account, and says what to fix before bakes can run',
  example: 'bakehouse doctor --nodes ../servers/nodes.yaml',
  cleaningUp: 'ending',
  flags: {
    nodes,
    offline: { kind: 'switch', help: 'check this machine only; do not ask AWS' },
    json,
    help,
  },
} as const;

/** Runs doctor as this process; its code is loaded once the flags are right. */
export const runDoctor = (argv: readonly string[]) =>
  runStage(doctorCommand, argv, async (flags, io) => (await import('./doctor/doctor.ts')).doctor(flags, io));

if (isMain(import.meta.url)) await runDoctor(process.argv.slice(2));
