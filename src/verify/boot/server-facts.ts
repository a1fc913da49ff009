/** State of a systemd unit, in systemctl's words; empty where it said nothing. */
export interface UnitState {
  name: string;
  enabled: string;
  active: string;
  /** How often systemd has started it again by itself. */
  restarts?: number;
}

/** What sshd goes by when a user logs in, in the words of `sshd -T`. */
export interface LoginRule {
  user: string;
  settings: ReadonlyMap<string, string>;
}

/** A service that the manifests manage, as it stood after Puppet's run. */
export interface ManagedService extends UnitState {
  /** As the manifests have it: `running`, `true`, `stopped`, `false`, or `unset`. */
  ensure: string;
}

/** What probe.sh found on a server. */
export interface ServerFacts {
  /** `running`, `degraded`, …; empty when the system did not come up in time. */
  system: string;
  failedUnits: string[];
  /** SHA-256. */
  machineId: string;
  /** Fingerprints. */
  hostKeys: string[];
  hostname: string;
  /** File and SHA-256 of the seeds that a machine keeps for itself. */
  seeds: string[];
  authorized: { file: string; line: string }[];
  /** For each user, more than one where it depends on the address. */
  logins: LoginRule[];
  /** Of users whose password could be right; an empty one always is. */
  passwords: { user: string; state: 'set' | 'empty' }[];
  history: string[];
  ofPuppet: string[];
  ofBake: string[];
  units: UnitState[];
  services: UnitState[];
}

/** Reads the probe's output; undefined when it is not whole: then nothing of it counts. */
export function parseFacts(output: string): ServerFacts | undefined {
  const lines = output.trimEnd().split('\n');
  if (lines.pop() !== 'end') return undefined;
  const rows = lines.map((line) => line.split('\t'));
  const all = (kind: string) => rows.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  const texts = (kind: string) => all(kind).map((rest) => rest.join('\t'));
  const units = (kind: string) =>
    all(kind).map(([name = '', enabled = '', active = '', restarts = '']) => ({
      name,
      enabled,
      active,
      ...(/^\d+$/.test(restarts) ? { restarts: Number(restarts) } : {}),
    }));
  return {
    system: texts('system')[0] ?? '',
    failedUnits: texts('failed-unit'),
    machineId: texts('machine-id')[0] ?? '',
    hostKeys: texts('host-key').filter((key) => key !== ''),
    hostname: texts('hostname')[0] ?? '',
    seeds: all('seed').map((rest) => rest.join(' ')),
    authorized: all('authorized').map(([file = '', ...line]) => ({ file, line: line.join('\t') })),
    logins: all('login').map(([user = '', ...settings]) => ({
      user,
      settings: new Map(settings.flatMap((text) => setting(text))),
    })),
    passwords: all('password').map(([user = '', state]) => ({
      user,
      state: state === 'empty' ? 'empty' : 'set',
    })),
    history: texts('history'),
    ofPuppet: texts('of-puppet'),
    ofBake: texts('of-bake'),
    units: units('unit'),
    services: units('service'),
  };
}

/** `usepam yes`: a name and a value, which may have blanks. */
function setting(text: string): [string, string][] {
  const at = text.indexOf(' ');
  return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
}

/** What the bake's own machine was, by the lines of puppet.sh in the console output. */
export interface BuilderFacts {
  machineId?: string;
  hostKeys: string[];
  /** The services that the manifests manage, as they stood after Puppet's run; absent: it is not known which. */
  services?: ManagedService[];
}

/** Reads what puppet.sh says of the bake's machine. */
export function parseBuilder(consoleText: string): BuilderFacts {
  const said = (what: string) =>
    [...consoleText.matchAll(new RegExp(`^bakehouse: ${what} (.+)$`, 'gm'))].map(([, rest = '']) => rest);
  const [machineId] = said('builder machine-id');
  const services = said('service').map((rest) => {
    const words = rest.split(' ');
    const [active = '', enabled = '', ensure = ''] = [words.pop(), words.pop(), words.pop()];
    return { name: words.join(' '), ensure, enabled, active };
  });
  return {
    ...(machineId === undefined ? {} : { machineId }),
    hostKeys: said('builder host key'),
    ...(/^bakehouse: services known$/m.test(consoleText) ? { services } : {}),
  };
}
