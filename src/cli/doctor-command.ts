import { sharedFlags } from './flags.ts';

const { nodes, json, help } = sharedFlags;

/** What the doctor takes on its command line, and what it says in `--help`. */
export const doctorCommand = {
  name: 'doctor',
  summary: 'examines this machine and the AWS account, and says what to do before bakes can run',
  example: 'npm run doctor -- --nodes ../servers/nodes.yaml',
  flags: {
    nodes,
    offline: { kind: 'switch', help: 'this machine only, without AWS' },
    json,
    help,
  },
} as const;
