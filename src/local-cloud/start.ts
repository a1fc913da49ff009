import { parseArgs } from 'node:util';
import { demonstrate } from './demo/demonstrate.ts';
import { ensureOsPackages, hasPacker } from './os-packages.ts';

const help = `npm start: bakes the nodes of nodes.yaml on a local cloud, and deletes an old image

  --node NAME      only this node (repeatable; default: all nodes)
  --puppet-server  bake and launch a Puppet server first, then bake the nodes
                   of templates/puppet-server/nodes.yaml against it
  --state DIR      folder of the local cloud's images (default:
                   BAKEHOUSE_STATE, else /var/lib/bakehouse)
  --help           print this help

Example:
  npm start -- --node redis
`;

const say = (line: string) => void process.stderr.write(`${line}\n`);
try {
  const { values } = parseArgs({
    options: {
      node: { type: 'string', multiple: true, default: [] },
      'puppet-server': { type: 'boolean', default: false },
      state: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
  } else {
    const packages = ['puppet-agent', 'openssh-client', ...((await hasPacker()) ? [] : ['packer'])];
    const absent = await ensureOsPackages({ packages, optional: ['packer'], say });
    process.exitCode = await demonstrate({
      nodes: values.node,
      stateArgs: values.state === undefined ? [] : ['--state', values.state],
      withServer: values['puppet-server'],
      bakes: absent.length === 0,
    });
  }
} catch (error) {
  const { message, exitCode, code } = error as Error & { exitCode?: number; code?: string };
  const known = code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : exitCode;
  say(`npm start: ${known === undefined ? ((error as Error).stack ?? message) : message}`);
  process.exitCode = known ?? 1;
}
