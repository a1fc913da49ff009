import { createHash } from 'node:crypto';
import { access, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { mountsUnder, unmountDisk } from '../machines/disk.ts';
import { LocalCloudError } from '../local-cloud-error.ts';
import { acquireLock } from '../state/lock.ts';
import { takeFolder } from '../state/own-folder.ts';
import { runMmdebstrap } from './run-mmdebstrap.ts';
import { debianSources, carriedAptOptions } from './apt-sources.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const certificates = '/usr/local/share/ca-certificates';
const files = [
  'customize.sh',
  'first-boot.sh',
  'user-data.sh',
  'cloud-init.sh',
  'cloud-init.cfg',
  'cloud-init-generator.sh',
  'data-source.py',
  'first-boot.service',
  'user-data.service',
];
const packages = [
  'ca-certificates',
  'cloud-init',
  'curl',
  'dbus',
  'iproute2',
  'iputils-ping',
  'less',
  'openssh-server',
  'procps',
  'sudo',
  'systemd-sysv',
];

/** Debian's releases that a cloud offers, by their code names. */
export const releases = { bookworm: '12', trixie: '13' } as const;
export type Release = keyof typeof releases;

/** A Debian as its official cloud image has it: known by its recipe, also before it is built. */
export interface BaseImage {
  readonly release: Release;
  /** The hash of all that decides its files. */
  readonly hash: string;
  /** The folder of its files, once it is built. */
  readonly directory: string;
  /** Builds it where it is not there yet (about a minute). */
  readonly build: (say: (line: string) => void, signal: AbortSignal) => Promise<void>;
}

/** The base image of a release, kept under `cache` for all clouds of this computer. */
export async function baseImage(cache: string, release: Release): Promise<BaseImage> {
  await takeFolder(cache);
  const recipe = await readRecipe(release);
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const directory = join(cache, `debian-${releases[release]}-${hash}`);
  let building: Promise<void> | undefined;
  return {
    release,
    hash,
    directory,
    // Two machines of one cloud wait for one build; the lock is for other clouds.
    build: (say, signal) =>
      (building ??= buildOnce({ cache, directory, recipe, say, signal }).finally(() => {
        building = undefined;
      })),
  };
}

interface Recipe {
  readonly release: Release;
  readonly packages: readonly string[];
  readonly sources: readonly string[];
  readonly aptOptions: readonly string[];
  readonly files: readonly string[];
  readonly certificates: readonly string[];
}

async function readRecipe(release: Release): Promise<Recipe> {
  const { stdout } = await execa('apt-config', ['dump']);
  return {
    release,
    packages,
    sources: debianSources(release, await readAptSources()),
    aptOptions: carriedAptOptions(stdout),
    files: await Promise.all(files.map((file) => readFile(join(here, file), 'utf8'))),
    certificates: await Promise.all((await list(certificates)).map((file) => readFile(file, 'utf8'))),
  };
}

interface Build {
  readonly cache: string;
  readonly directory: string;
  readonly recipe: Recipe;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** It is built under a temporary name and renamed, so that a half-built one is never used. */
async function buildOnce({ cache, directory, recipe, say, signal }: Build): Promise<void> {
  if (await exists(directory)) return;
  const lock = await acquireLock(`${directory}.lock`, {
    waitMs: 15 * 60_000,
    onWait: (pid) => {
      say(`process ${pid} is building the base image in ${cache}: waiting for it`);
    },
  });
  try {
    if (!(await exists(directory))) await build({ cache, directory, recipe, say, signal });
  } finally {
    await lock.release();
  }
}

async function build({ cache, directory, recipe, say, signal }: Build): Promise<void> {
  const name = `Debian ${releases[recipe.release]} (${recipe.release})`;
  say(`building the base image of ${name} in ${cache}: this takes about a minute, once`);
  // What a killed builder left; the lock says that nobody else is at it.
  for (const name of await readdir(cache)) {
    if (name.startsWith(`${basename(directory)}.building-`)) {
      await removeBuild(join(cache, name));
    }
  }
  const work = await mkdtemp(`${directory}.building-`);
  const root = join(work, 'root');
  const started = Date.now();
  const args = [
    '--mode=root',
    '--variant=minbase',
    `--include=${recipe.packages.join(',')}`,
    ...recipe.aptOptions.map((option) => `--aptopt=${option}`),
    // mmdebstrap runs this line in a shell of its own; the folders come through the environment, unquoted by nobody.
    '--customize-hook=sh "$BASE_FILES/customize.sh" "$1" "$BASE_FILES" "$BASE_CERTIFICATES"',
    recipe.release,
    root,
    ...recipe.sources,
  ];
  // TMPDIR: what it leaves there when it is killed goes with the rest.
  const { failed, all } = await runMmdebstrap(
    args,
    { TMPDIR: work, BASE_FILES: here, BASE_CERTIFICATES: certificates },
    signal,
    (step) => {
      say(`base image, ${Math.round((Date.now() - started) / 1000)} s: ${step}`);
    },
  );
  if (failed) {
    await removeBuild(work);
    signal.throwIfAborted();
    const tail = all.split('\n').slice(-12).join('\n  ');
    throw new LocalCloudError(
      `mmdebstrap could not build ${name} in ${cache}: check that the mirrors of apt's sources have this release, and the free space on the disk. It said:\n  ${tail}`,
    );
  }
  await rename(root, directory);
  await removeBuild(work);
  say(`built the base image in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Removes a half-built image, and never through something that is still mounted in it. */
async function removeBuild(work: string): Promise<void> {
  for (const point of await mountsUnder(work)) await unmountDisk(point);
  await rm(work, { recursive: true, force: true });
}

async function readAptSources(): Promise<{ name: string; content: string }[]> {
  const names = ['/etc/apt/sources.list', ...(await list('/etc/apt/sources.list.d'))];
  const found = names.filter((name) => /\.(?:list|sources)$/.test(name));
  return Promise.all(
    found.map(async (name) => ({ name, content: await readFile(name, 'utf8').catch(() => '') })),
  );
}

async function list(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort().map((name) => join(folder, name));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
