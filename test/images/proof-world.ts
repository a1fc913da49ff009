import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import type { Node } from '../../src/nodes/node.ts';
import type { Machine } from '../../src/images/machine.ts';
import type { BuilderFacts, MachineFacts } from '../../src/images/machine-facts.ts';
import type { SshEnd } from '../../src/images/ssh.ts';

/** The words of a public key between its kind and its comment. */
export const launchKey = 'AAAAC3NzaC1lZDI1NTE5AAAAILaunch';

/** A node as nodes.yaml gives it. */
export function nodeOf(yaml = 'redis: {group: redis}'): Node {
  const [node] = parseNodes(yaml).nodes;
  if (node === undefined) throw new Error(`not a node: ${yaml}`);
  return node;
}

/** How a command over ssh ended. */
export function ended(exitCode: number | undefined, stdout = '', stderr = ''): SshEnd {
  return { exitCode, stdout, stderr };
}

/** A server on which nothing may be done but what is given. */
export function machineOf(over: Partial<Machine>): Machine {
  return {
    run: (script) => Promise.reject(new Error(`nobody expected to run ${script}`)),
    send: (file) => Promise.reject(new Error(`nobody expected to send ${file}`)),
    ...over,
  };
}

/** A clock that only a pause moves on. */
export function clockOf(startMs = 1_000_000) {
  let nowMs = startMs;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => nowMs,
    pause: (ms: number) => {
      pauses.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    /** Whatever else takes its time. */
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const masked = (name: string) => ({ name, enabled: 'masked', active: 'inactive' });

/** What a good server of the image shows, by its number. */
export function factsOf(number: number, over: Partial<MachineFacts> = {}): MachineFacts {
  return {
    system: 'running',
    failedUnits: [],
    machineId: `machine-${number}`,
    hostKeys: [`SHA256:rsa-${number}`, `SHA256:ed25519-${number}`],
    hostname: `ip-10-0-0-${number}`,
    seeds: [`/var/lib/systemd/random-seed seed-${number}`],
    authorized: [
      { file: '/root/.ssh/authorized_keys', line: `no-pty,command="echo no" ssh-ed25519 ${launchKey} proof` },
      { file: '/home/admin/.ssh/authorized_keys', line: `ssh-ed25519 ${launchKey} proof` },
    ],
    history: [],
    ofPuppet: [],
    ofBake: [],
    units: ['puppet.service', 'puppet-run.timer', 'puppet-run.service', 'pxp-agent.service'].map(masked),
    services: [
      { name: 'redis', enabled: 'enabled', active: 'active' },
      { name: 'exim4', enabled: 'disabled', active: 'inactive' },
    ],
    ...over,
  };
}

/** The bake's machine. */
export const builder: BuilderFacts = {
  machineId: 'machine-0',
  hostKeys: ['SHA256:rsa-0', 'SHA256:ed25519-0'],
  services: [
    { name: 'redis', enabled: 'enabled', active: 'active' },
    { name: 'exim4', enabled: 'disabled', active: 'inactive' },
  ],
};

/** What probe.sh prints on a server that shows these facts. */
export function probeOutput(facts: MachineFacts): string {
  const states = (kind: string, units: MachineFacts['units']) =>
    units.map(({ name, enabled, active }) => [kind, name, enabled, active]);
  return [
    ['system', facts.system],
    ...facts.failedUnits.map((unit) => ['failed-unit', unit]),
    ['machine-id', facts.machineId],
    ...facts.hostKeys.map((key) => ['host-key', key]),
    ['hostname', facts.hostname],
    ...facts.seeds.map((seed) => ['seed', ...seed.split(' ')]),
    ...facts.authorized.map(({ file, line }) => ['authorized', file, line]),
    ...facts.history.map((file) => ['history', file]),
    ...facts.ofPuppet.map((file) => ['of-puppet', file]),
    ...facts.ofBake.map((file) => ['of-bake', file]),
    ...states('unit', facts.units),
    ...states('service', facts.services),
    ['end'],
  ]
    .map((words) => `${words.join('\t')}\n`)
    .join('');
}
