import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type AgentWish, type BuildEnd, type BuildWish, Controller } from '../jenkins/controller.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';

/** A team's Jenkins: a controller, agents, and its repositories; everything in a folder with a space in its name. */
export interface Site {
  folder: string;
  /** A repository with this project's files, as `edit` changed them; answers its path. */
  project: (name: string, edit: (folder: string) => void) => Promise<string>;
  /** A team's repository, of which this project is a package as `npm ci` installs it; answers its path. */
  team: (name: string, edit: (folder: string) => void) => Promise<string>;
  /** A repository of just what `write` writes. */
  repository: (name: string, write: (folder: string) => void) => Promise<string>;
  /** `isNew`: nothing is installed in its workspace yet. */
  agent: (
    name: string,
    job: string,
    more?: { path?: string; labels?: string[]; isNew?: boolean },
  ) => Promise<AgentWish>;
  /** The controller as it runs now; another one after {@link crash}. */
  controller: () => Controller;
  /** The controller and all that its builds run die at once; a new one starts over its folder. */
  crash: () => Promise<void>;
  build: (wish: Omit<BuildWish, 'controller' | 'file'>) => Promise<BuildEnd>;
  wish: (wish: Omit<BuildWish, 'controller' | 'file'>) => BuildWish;
  stop: () => Promise<void>;
}

const files = [
  '.gitignore',
  'Jenkinsfile',
  'jobs',
  'nodes.yaml',
  'package-lock.json',
  'package.json',
  'src',
  'templates',
  'tsconfig.json',
];

export const minutes = 60_000;

/** @param cloudEnv what an agent's environment has to reach the cloud */
export async function openSite(cloudEnv: Record<string, string>): Promise<Site> {
  const temporary = temporaryFolder();
  const folder = temporary.path;
  let controller = await Controller.start();
  const wish = (given: Omit<BuildWish, 'controller' | 'file'>): BuildWish => ({
    controller: join(folder, 'jenkins home'),
    file: join(root, 'Jenkinsfile'),
    ...given,
  });
  const repository: Site['repository'] = async (name, write) => {
    const place = join(folder, 'repositories', name);
    mkdirSync(place, { recursive: true });
    write(place);
    await commitAll(place);
    return place;
  };
  return {
    folder,
    repository,
    project: (name, edit) =>
      repository(name, (place) => {
        for (const file of files) cpSync(join(root, file), join(place, file), { recursive: true });
        edit(place);
      }),
    team: async (name, edit) => {
      const made = join(folder, 'package');
      await makePackage(made);
      return repository(name, (place) => {
        cpSync(made, place, { recursive: true });
        for (const file of ['.gitignore', 'Jenkinsfile', 'jobs/install.sh'])
          cpSync(join(root, file), join(place, file));
        edit(place);
      });
    },
    agent: async (
      name,
      job,
      { path = process.env.PATH ?? '', labels = ['bakehouse'], isNew = false } = {},
    ) => {
      const agentRoot = join(folder, `agent ${name}`);
      const home = join(agentRoot, 'home');
      mkdirSync(home, { recursive: true });
      if (!isNew) await installIn(join(agentRoot, 'workspace', job));
      return { name, labels, root: agentRoot, env: { ...cloudEnv, PATH: path, HOME: home } };
    },
    controller: () => controller,
    crash: async () => {
      await controller.stop();
      controller = await Controller.start();
    },
    wish,
    build: (given) => controller.build(wish(given)),
    stop: async () => {
      await controller.stop();
      temporary.remove();
    },
  };
}

/** This package's tarball, of what test/run.ts has compiled, with a package.json and package-lock.json that ask for it. */
async function makePackage(place: string): Promise<void> {
  const compiled = process.env.BAKEHOUSE_TEST_STAGES;
  if (compiled === undefined) throw new Error('test/run.ts compiles the stages: start the tests by it');
  const unpacked = join(place, 'unpacked');
  cpSync(compiled, join(unpacked, 'dist'), { recursive: true });
  for (const file of ['package.json', 'templates', 'jobs'])
    cpSync(join(root, file), join(unpacked, file), { recursive: true });
  const npm = (args: string[], cwd: string) => execa('npm', [...args, '--no-audit', '--no-fund'], { cwd });
  await npm(['pack', '--ignore-scripts', '--pack-destination', place], unpacked);
  rmSync(unpacked, { recursive: true });
  const [tarball = ''] = readdirSync(place);
  writeFileSync(join(place, 'package.json'), '{"private": true}');
  await npm(['install', '--offline', '--package-lock-only', '--save-dev', `./${tarball}`], place);
}

/** Commits all that is in a folder to its branch `main`. */
export async function commitAll(place: string): Promise<void> {
  const git = (...args: string[]) =>
    execa('git', ['-C', place, '-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args]);
  if (!existsSync(join(place, '.git'))) await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'a change');
}

/** What jobs/install.sh would install, as links, which take no time; as copies where links cannot be. */
async function installIn(workspace: string): Promise<void> {
  mkdirSync(workspace, { recursive: true });
  const copy = (how: string) =>
    execa('cp', [how, join(root, 'node_modules'), join(workspace, 'node_modules')], { reject: false });
  if ((await copy('-al')).failed) {
    rmSync(join(workspace, 'node_modules'), { recursive: true, force: true });
    await copy('-a');
  }
  cpSync(join(root, 'package-lock.json'), join(workspace, 'node_modules/.bakehouse-lock'));
}

/** A PATH on which all of this computer's programs are but these. */
export function pathWithout(folder: string, ...missing: string[]): string {
  const place = join(folder, `bin without ${missing.join(' ')}`);
  mkdirSync(place, { recursive: true });
  for (const from of ['/usr/local/bin', '/usr/bin', '/usr/sbin'].filter((name) => existsSync(name)))
    for (const name of readdirSync(from))
      if (!missing.includes(name) && !existsSync(join(place, name)))
        symlinkSync(join(from, name), join(place, name));
  return place;
}

/** An environment of Puppet in which each of these nodes is configured by these lines. */
export function writeEnvironment(place: string, nodes: Record<string, string>): void {
  mkdirSync(join(place, 'manifests'), { recursive: true });
  const blocks = Object.entries(nodes).map(([node, lines]) => `node /^${node}[-.]/ {\n  ${lines}\n}\n`);
  writeFileSync(join(place, 'manifests/site.pp'), blocks.join(''));
}

/** The labels of a build's shell steps in their order, or those of a branch. */
export function shellSteps({ steps }: BuildEnd, branch?: string): string[] {
  return steps
    .filter((one) => one.step === 'sh' && (branch === undefined || one.branch === branch))
    .map(({ label }) => label ?? '');
}
