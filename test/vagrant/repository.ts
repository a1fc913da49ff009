import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { root, temporaryFolder } from '../cli/stage-process.ts';

/** What the Vagrantfile says of one node's machine, by the names that Vagrant's settings have. */
export interface Machine {
  define: { autostart: boolean };
  vm: {
    box: string;
    hostname: string;
    network?: [string, Record<string, unknown>][];
    synced_folder: [string, string, Record<string, unknown>][];
    provision: [string, { type: string; inline: string; run?: string }][];
    [provider: `provider ${string}`]: { memory?: number; cpus?: number };
  };
}

/** What it makes of a nodes.yaml. */
export type Machines = { machines: Record<string, Machine> } | { problem: string };

/** A team's repository as `init` leaves it: the Vagrantfile at its top, and the templates. */
export function repository() {
  const folder = temporaryFolder();
  copyFileSync(join(root, 'templates/Vagrantfile'), join(folder.path, 'Vagrantfile'));
  symlinkSync(join(root, 'templates'), join(folder.path, 'templates'));
  return folder;
}

/** What the Vagrantfile makes of each of these nodes.yaml (and their neighbours), in one Ruby without Vagrant. */
export async function machinesOf(
  files: readonly (string | Record<string, string>)[],
  env: Record<string, string> = {},
): Promise<Machines[]> {
  const folder = repository();
  try {
    const args = [join(root, 'test/vagrant/machines.rb'), join(folder.path, 'Vagrantfile')];
    const { stdout } = await execa('ruby', args, {
      input: JSON.stringify(files.map((one) => (typeof one === 'string' ? { 'nodes.yaml': one } : one))),
      env,
      maxBuffer: 1e9,
    });
    return JSON.parse(stdout) as Machines[];
  } finally {
    folder.remove();
  }
}

/** The script of a machine that stands in for a script of the bake. */
export function scriptOf(machine: Machine | undefined, name: string): string {
  return machine?.vm.provision.find(([given]) => given === name)?.[1].inline ?? '';
}

/** Whether Vagrant is here: Ubuntu has no package of it since 24.04. */
export async function hasVagrant(): Promise<boolean> {
  const { failed } = await execa('vagrant', ['--version'], { reject: false, stdin: 'ignore' });
  if (failed) process.stderr.write('there is no vagrant on PATH: its tests are skipped\n');
  return !failed;
}

/** Debian's Vagrant in a repository, with a provider of its own (provider.rb), for none else is here. */
export function vagrantIn(folder: string, env: () => Record<string, string> = () => ({})) {
  const home = join(folder, 'home');
  mkdirSync(home);
  const provider = join(root, 'test/vagrant/provider.rb');
  const settings = `require '${provider}'\nVagrant.configure('2') { |config| config.vm.boot_timeout = 60 }\n`;
  writeFileSync(join(home, 'Vagrantfile'), settings);
  return async (...args: string[]) => {
    const { exitCode, all } = await execa('vagrant', args, {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        VAGRANT_HOME: home,
        VAGRANT_CHECKPOINT_DISABLE: '1',
        VAGRANT_NO_COLOR: '1',
        VAGRANT_DEFAULT_PROVIDER: 'ready',
        ...env(),
      },
      extendEnv: false,
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    return { exitCode, all };
  };
}
