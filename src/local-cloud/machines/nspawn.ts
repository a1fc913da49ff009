import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstMachineUser, machineUsers } from './disk.ts';
import { makeCgroup, removeCgroup } from './cgroup.ts';
import { endProcesses, markOf } from './processes.ts';

/** systemd's signals to its init: `man 1 systemd`, SIGNALS. Linux counts SIGRTMIN from 34 (glibc). */
const powerOffSignal = 34 + 4;
/** What nspawn returns when the machine rebooted and it may not start it again itself (`--keep-unit`). */
const rebooted = 133;

export interface MachineSpec {
  /** At most 12 characters, for its {@link portOf} to be whole. */
  readonly name: string;
  /** The machine's own, which has its `root`, `drive` and `console.log`. */
  readonly folder: string;
  readonly bridge: string;
  readonly hostname: string;
  /** User 0 of the machine is {@link firstMachineUser} here, and so on. */
  readonly ownUsers: boolean;
}

/** A machine that runs, until `ended`. */
export interface Machine {
  readonly cgroup: string | undefined;
  readonly ended: Promise<void>;
  /** Waits until it is on the network. Throws when it ends before that, or takes more than `timeoutMs`. */
  readonly online: (timeoutMs: number) => Promise<void>;
  /** Asks its systemd to power off; kills it when it has not by `timeoutMs`. */
  readonly powerOff: (timeoutMs: number) => Promise<void>;
  readonly reboot: () => void;
}

/** The network interface of this computer behind which a machine is, or what the names of several begin with. */
export function portOf(name: string): string {
  return `vb-${name}`;
}

/** Says whether systemd runs this host; then nspawn makes a scope of its own for each machine. */
const hostHasSystemd = () => existsSync('/run/systemd/system');

/** Boots the system in the machine's `root`. */
export function startMachine(spec: MachineSpec): Machine {
  const cgroup = hostHasSystemd() ? undefined : makeCgroup(spec.name);
  let child: ChildProcess;
  let over = false;
  let stopping = false;

  const run = () =>
    new Promise<number | null>((resolve) => {
      const log = openSync(join(spec.folder, 'console.log'), 'a', 0o600);
      // A session of its own: Ctrl-C at the terminal is for the server, which then stops its machines in order.
      child = spawn('setpriv', machineArguments(spec, cgroup), {
        stdio: ['ignore', log, log],
        detached: true,
        cwd: '/',
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          // Debian 12's systemd wants cgroup v2 also where the host has both.
          SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
          // /tmp on the disk, as on EC2.
          SYSTEMD_NSPAWN_TMPFS_TMP: '0',
        },
      });
      closeSync(log);
      child.once('error', () => {
        resolve(null);
      });
      child.once('exit', (code) => {
        resolve(code);
      });
    });

  const live = async () => {
    while ((await run()) === rebooted && !stopping);
    // Where nspawn was killed its init is still there.
    await endProcesses(spec.folder, 0);
    over = true;
    if (cgroup !== undefined) await removeCgroup(cgroup);
  };
  const ended = live();

  return {
    cgroup,
    ended,
    online: async (timeoutMs) => {
      const deadline = Date.now() + timeoutMs;
      while (linkState(spec.name) !== 'up') {
        if (over) throw new Error(`systemd-nspawn ended: ${lastLine(join(spec.folder, 'console.log'))}`);
        if (Date.now() > deadline) throw new Error(`not on the network after ${timeoutMs / 1000} s`);
        await sleep(25);
      }
    },
    powerOff: async (timeoutMs) => {
      stopping = true;
      const deadline = Date.now() + timeoutMs;
      while (!over && Date.now() < deadline) {
        // Again and again: an init that has only just begun does not listen yet, and the signal is lost.
        signalInit(child, powerOffSignal);
        await Promise.race([ended, sleep(1000)]);
      }
      if (over) return;
      signalInit(child, 'SIGKILL');
      child.kill('SIGKILL');
      await ended;
    },
    reboot: () => {
      signalInit(child, 'SIGINT');
    },
  };
}

function machineArguments(spec: MachineSpec, cgroup: string | undefined): string[] {
  const escape = (path: string) => path.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
  const drive = escape(join(spec.folder, 'drive'));
  const nspawn = [
    'systemd-nspawn',
    markOf(spec.folder),
    `--directory=${join(spec.folder, 'root')}`,
    '--boot',
    '--quiet',
    '--settings=no',
    '--register=no',
    // Cannot be had without systemd on the host; with it (not tried on our own machines) nspawn makes its scope.
    ...(hostHasSystemd() ? [] : ['--keep-unit']),
    `--machine=${spec.name}`,
    `--hostname=${spec.hostname}`,
    `--resolv-conf=${resolvConf()}`,
    ...(spec.ownUsers ? [`--private-users=${firstMachineUser}:${machineUsers}`] : []),
    '--timezone=off',
    '--link-journal=no',
    '--console=read-only',
    '--kill-signal=SIGRTMIN+4',
    `--network-bridge=${spec.bridge}`,
    `--bind-ro=${drive}:/run/config-drive`,
    // With users of its own a machine could not write in the folders that nspawn makes for this: the base has a link.
    ...(spec.ownUsers ? [] : [`--bind-ro=${drive}/host0.network:/run/systemd/network/10-host0.network`]),
  ];
  // A killed server takes its machines along: nspawn makes an orderly power-off of SIGTERM.
  const guard = ['--pdeathsig', 'TERM', '--'];
  if (cgroup === undefined) return [...guard, ...nspawn];
  return [...guard, 'sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', cgroup, ...nspawn];
}

/** A resolver on the host's loopback cannot be reached from a machine: take the one that it asks in turn. */
function resolvConf(): string {
  const uplink = '/run/systemd/resolve/resolv.conf';
  const local = /^nameserver\s+127\./m.test(readFileSync('/etc/resolv.conf', 'utf8'));
  return local && existsSync(uplink) ? 'copy-uplink' : 'copy-host';
}

/** The machine's init is nspawn's only child. */
function signalInit(nspawn: ChildProcess, signal: NodeJS.Signals | number): void {
  try {
    const init =
      readFileSync(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, 'utf8').trim().split(' ')[0] ?? '';
    if (init !== '') process.kill(Number(init), signal);
  } catch {
    // It has just ended.
  }
}

function linkState(name: string): string {
  try {
    return readFileSync(`/sys/class/net/${portOf(name)}/operstate`, 'utf8').trim();
  } catch {
    return 'absent';
  }
}

function lastLine(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.at(-1) ?? 'it said nothing';
}
