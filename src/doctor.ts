import { isMain, runStage } from './cli/run-stage.ts';
import { sharedFlags } from './cli/shared-flags.ts';

const { nodes, json, help } = sharedFlags;

export const doctorCommand = {
  name: 'doctor',
  summary: 'checks this machine and the AWS account, and says what to fix before bakes can run',
  example: 'npm run doctor -- --nodes ../servers/nodes.yaml',
  flags: {
    nodes,
    offline: { kind: 'switch', help: 'check this machine only; do not ask AWS' },
    json,
    help,
  },
} as const;

if (isMain(import.meta.url))
  await runStage(doctorCommand, process.argv.slice(2), async (flags, io) =>
    (await import('./doctor/doctor.ts')).doctor(flags, io),
  );
