import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { packagedPath } from '../cli/flags.ts';
import { errnoOf } from '../lib/errors.ts';
import { writeWhole } from '../lib/json-file.ts';

/** A file of the package of which a team gets a copy to edit. */
export interface TeamFile {
  /** Seen from the package's root; a stamp names it. */
  path: string;
  /** Where the copy lies in the team's repository. */
  target: string;
  /** Where the copy lies when the team has a file of its own at `target`. */
  beside?: string;
  /** A byte in each character (latin1). */
  text: string;
  isProgram: boolean;
}

/** What the package has for a team. */
export interface TeamPackage {
  version: string;
  /** Files that bear the version that they came from, and that upgrade merges. */
  files: TeamFile[];
  /** Files that are the team's from the first moment on: nodes.yaml and a Puppet environment, to begin with. */
  sample: { nodes: string; environment: TeamFile[] };
  /** Earlier versions of files, by path: each is what the last release before a change of the file had. */
  earlier: Map<string, { version: string; text: string }[]>;
}

/** The folder of the sample's Puppet environment, in the package and in a repository. */
export const sampleEnvironment = 'templates/environment';
/** It compiles the package; the rest of jobs/ is for Jenkins. */
const notForTeams = 'jobs/compile.mjs';
const earlierFolder = 'templates/earlier';
/** What makes a folder a Puppet environment comes last: an interrupted init goes on. */
const last = ['manifests/site.pp', 'environment.conf'];

/** Reads the package's files for a team. @param root the package's folder */
export async function readTeamPackage(root = packagedPath('')): Promise<TeamPackage> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const paths = [
    ...(await filesIn(root, 'templates', false)),
    ...(await filesIn(root, 'templates/provision', true)),
    'Jenkinsfile',
    ...(await filesIn(root, 'jobs', true)),
  ].filter((path) => path !== notForTeams);
  const environment = await filesIn(root, sampleEnvironment, true);
  const rank = (path: string) => last.findIndex((name) => path.endsWith(`/${name}`));
  environment.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return {
    version,
    files: await Promise.all(paths.map((path) => readTeamFile(root, path))),
    sample: {
      nodes: await bytesOf(join(root, 'nodes.yaml')),
      environment: await Promise.all(environment.map((path) => readTeamFile(root, path))),
    },
    earlier: await readEarlier(root),
  };
}

async function readTeamFile(root: string, path: string): Promise<TeamFile> {
  const text = await bytesOf(join(root, path));
  const isProgram = ((await stat(join(root, path))).mode & 0o111) !== 0;
  return { path, text, isProgram, ...placeOf(path) };
}

/** Where a team has its copy of a file of the package. */
export function placeOf(path: string): Pick<TeamFile, 'target' | 'beside'> {
  const name = basename(path);
  // Tools search for these two in the root, where a team may have its own.
  const isOfRoot = ['Jenkinsfile', 'Vagrantfile'].includes(name);
  return isOfRoot ? { target: name, beside: `${name}.bakehouse` } : { target: path };
}

async function readEarlier(root: string): Promise<TeamPackage['earlier']> {
  const earlier: TeamPackage['earlier'] = new Map();
  for (const file of await filesIn(root, earlierFolder, true)) {
    const [, version = '', path = ''] = /^templates\/earlier\/([^/]+)\/(.+)$/.exec(file) ?? [];
    if (path === '') continue;
    earlier.set(path, [...(earlier.get(path) ?? []), { version, text: await bytesOf(join(root, file)) }]);
  }
  return earlier;
}

/** A file's bytes, one in each character: no encoding can spoil them. */
export async function bytesOf(file: string): Promise<string> {
  return readFile(file, 'latin1');
}

/** Bytes as the text that a person reads. */
export function readable(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Writes a file of a team whole, and removes what a killed run that wrote the same text left beside it: that would count for
 * the digest of the scripts, and be committed.
 * @param bytes the whole text, a byte in each character
 */
export async function writeTeamFile(
  file: string,
  bytes: string,
  advice: string,
  options: { mode?: number } = {},
): Promise<void> {
  await writeWhole(file, Buffer.from(bytes, 'latin1'), advice, options);
  const start = `${basename(file)}.`;
  for (const name of await readdir(dirname(file))) {
    // So write-file-atomic names a file that is not yet whole. Another text is not ours, whatever its name.
    if (!name.startsWith(start) || !/^\d{5,10}$/.test(name.slice(start.length))) continue;
    const unfinished = join(dirname(file), name);
    const text = await bytesOf(unfinished).catch(() => undefined);
    if (text !== undefined && bytes.startsWith(text)) await rm(unfinished, { force: true });
  }
}

/** The files in a folder of the package, sorted; none where there is no such folder. */
async function filesIn(root: string, folder: string, deep: boolean): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: deep, withFileTypes: true }).catch(
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length))
    .sort();
}
