import { parseNodes } from '../../../src/nodes/parse-nodes.ts';
import type { Node } from '../../../src/nodes/node.ts';
import type { SshSession } from '../../../src/verify/boot/ssh-session.ts';
import type { BuilderFacts, ServerFacts } from '../../../src/verify/boot/server-facts.ts';
import type { EntryDeps } from '../../../src/verify/boot/enter-server.ts';
import { type Examination, type ExamineDeps, examineImage } from '../../../src/verify/boot/examine-image.ts';
import type { ImageServers } from '../../../src/verify/boot/launch-servers.ts';
import type { SshEnd } from '../../../src/verify/boot/ssh-session.ts';

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
export function sessionOf(over: Partial<SshSession>): SshSession {
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

/** Debian's sshd, which takes passwords where nobody has one. */
const sshdSays = {
  passwordauthentication: 'yes',
  kbdinteractiveauthentication: 'no',
  usepam: 'yes',
  permitrootlogin: 'without-password',
  permitemptypasswords: 'no',
  authenticationmethods: 'any',
  hostbasedauthentication: 'no',
  trustedusercakeys: 'none',
  authorizedkeyscommand: 'none',
};

/** What a good server of the image shows, by its number. */
export function factsOf(number: number, over: Partial<ServerFacts> = {}): ServerFacts {
  return {
    system: 'running',
    failedUnits: [],
    machineId: `machine-${number}`,
    hostKeys: [`SHA256:rsa-${number}`, `SHA256:ed25519-${number}`],
    hostname: `ip-10-0-0-${number}`,
    seeds: [`/var/lib/systemd/credential.secret seed-${number}`],
    authorized: [
      { file: '/root/.ssh/authorized_keys', line: `no-pty,command="echo no" ssh-ed25519 ${launchKey} proof` },
      { file: '/home/admin/.ssh/authorized_keys', line: `ssh-ed25519 ${launchKey} proof` },
    ],
    logins: ['root', 'admin'].map((user) => ({ user, settings: new Map(Object.entries(sshdSays)) })),
    passwords: [],
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

/** The bake's session. */
export const builder: BuilderFacts = {
  machineId: 'machine-0',
  hostKeys: ['SHA256:rsa-0', 'SHA256:ed25519-0'],
  services: [
    { name: 'redis', ensure: 'running', enabled: 'enabled', active: 'active' },
    { name: 'exim4', ensure: 'stopped', enabled: 'disabled', active: 'inactive' },
  ],
};

/** What probe.sh prints on a server that shows these facts. */
export function probeOutput(facts: ServerFacts): string {
  const states = (kind: string, units: ServerFacts['units']) =>
    units.map(({ name, enabled, active, restarts = '' }) => [kind, name, enabled, active, restarts]);
  return [
    ['system', facts.system],
    ...facts.failedUnits.map((unit) => ['failed-unit', unit]),
    ['machine-id', facts.machineId],
    ...facts.hostKeys.map((key) => ['host-key', key]),
    ['hostname', facts.hostname],
    ...facts.seeds.map((seed) => ['seed', ...seed.split(' ')]),
    ...facts.authorized.map(({ file, line }) => ['authorized', file, line]),
    ...facts.logins.map(({ user, settings }) => [
      'login',
      user,
      ...[...settings].map((pair) => pair.join(' ')),
      '',
    ]),
    ...facts.passwords.map(({ user, state }) => ['password', user, state]),
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

/** sshd is not there yet. */
export const refused = ended(255, '', 'x\nssh: connect to host 10.0.0.1 port 22: Connection refused\n');

/** What the probe prints on a good server but for this. */
export const shows = (number: number, over: Partial<ServerFacts> = {}) =>
  ended(0, probeOutput(factsOf(number, over)));

/** Two servers of an image and how they fare; what is not said is good. */
export interface Scene {
  /** What the probe answers on each server, try by try; the last one for ever. */
  answers?: Record<string, SshEnd[]>;
  /** Each server's states; the last one for ever. */
  states?: Record<string, (string | undefined)[]>;
  yaml?: string;
  bake?: BuilderFacts;
  abort?: AbortController;
  bootMs?: number;
  over?: Over;
}

/** What is replaced: functions of EC2, of the clock and of ssh by their names, and trials. */
export type Over = Partial<
  ImageServers & EntryDeps['clock'] & Pick<ExamineDeps, 'ssh'> & Pick<Examination, 'trials'>
>;

/** Examines an image by two servers, i-1 and i-2, at 10.0.0.1 and 10.0.0.2; what is done to them is written down. */
export function examine({
  answers = {},
  states = {},
  yaml,
  bake = builder,
  abort = new AbortController(),
  bootMs = 60_000,
  over = {},
}: Scene) {
  const done: string[] = [];
  const { now, pause } = clockOf();
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  const tries: Record<string, SshEnd[]> = { '10.0.0.1': [shows(1)], '10.0.0.2': [shows(2)], ...answers };
  /** The first of a list, which stays when it is the last one. */
  const next = <T>(list: T[]) => (list.length > 1 ? list.shift() : list[0]);
  const found: Record<string, (string | undefined)[]> = { 'i-1': ['running'], 'i-2': ['running'], ...states };
  const deps: ExamineDeps = {
    clock: { now, pause, ...only(over, 'now', 'pause') },
    probe: 'the text of probe.sh',
    makeKey: () =>
      Promise.resolve({
        keyFile: '/k',
        publicKey: `ssh-ed25519 ${launchKey} bakehouse-proof`,
        forget: () => note('forget the key'),
      }),
    servers: {
      launch: async ({ node, run, imageId }, publicKey) => {
        await note(`launch ${imageId} of ${node.name} for ${run} with ${publicKey.split(' ')[0] ?? ''}`);
        return ['i-1', 'i-2'];
      },
      describe: (id, overPrivate) => {
        const state = next(found[id] ?? []);
        const address = `${overPrivate ? '192.168' : '10.0'}.0.${id.slice(2)}`;
        return Promise.resolve(state === undefined ? undefined : { state, address });
      },
      consoleTail: (id) => Promise.resolve(`${id}: Kernel panic`),
      remove: async ({ node, run }) => {
        await note(`remove ${node} ${run}`);
        return [];
      },
      ...only(over, 'launch', 'describe', 'consoleTail', 'remove'),
    },
    ssh: ({ host, user, keyFile }) =>
      sessionOf({
        run: async (script, [services = '']) => {
          const asked = Buffer.from(services, 'base64').toString().trim().split('\n').join('+');
          await note(
            `${user}@${host} ${keyFile} ${script === 'the text of probe.sh' ? 'probe' : script} ${asked}`,
          );
          return next(tries[host] ?? []) ?? ended(255);
        },
      }),
    progress: (_, line) => void note(`say ${line}`),
    ...only(over, 'ssh'),
  };
  const image = {
    node: nodeOf(yaml),
    imageId: 'ami-1',
    run: 'run-1',
    sshUser: 'admin',
    builder: bake,
    signal: abort.signal,
    bootMs,
    trials: over.trials ?? [],
  };
  return { done, end: examineImage(image, deps) };
}

/** Of these names those that are there. */
function only<K extends keyof Over>(over: Over, ...names: K[]): Pick<Over, K> {
  return Object.fromEntries(
    names.flatMap((name) => (over[name] === undefined ? [] : [[name, over[name]]])),
  ) as never;
}
