import { isAbsolute, relative } from 'node:path';
import { baseOf } from './earlier-versions.ts';
import type { FoundRepository, Occupant } from './find-repository.ts';
import { draftNodesFile } from './nodes-files.ts';
import { isCrlf, readStamp, withStamp } from './stamp.ts';
import { sampleEnvironment, type TeamFile, type TeamPackage } from './team-files.ts';

/** What init does about one file, and why. */
export interface InitFile {
  file: string;
  /**
   * `write`: it is missing; `add`: lines of it are. `present`: nothing to do; `kept`: a file of the team's own. `older`: upgrade
   * has something newer. `blocked`: it is missing and cannot be written.
   */
  decision: 'write' | 'add' | 'present' | 'kept' | 'older' | 'blocked';
  reason: string;
  /** What is to be written, the whole file. A byte in each character. */
  text?: string;
  isProgram?: boolean;
}

/** What init works with, in a repository. */
export interface InitPlace {
  /** The nodes file to use: found, or to be written. */
  nodes: string;
  manifests: string;
  settings: RepositorySettings;
  files: InitFile[];
}

/** What of a repository's working folder is never committed. */
const ignored = [
  ...['node_modules/', '/packs/', '/reports/', '/plan.json', '/packer_cache/', '/.vagrant/'],
  ...['/results/', '/manifests.checkout/', '/build.json', '/cloud.env'],
];

/**
 * Decides about each file that a team's repository needs.
 * @param at what lies at a path in the repository
 * @param skip files and folders that the team wants none of
 */
export function decideFiles(
  found: FoundRepository,
  team: TeamPackage,
  at: ReadonlyMap<string, Occupant>,
  skip: readonly string[],
): InitPlace {
  const manifests = found.environments[0] ?? sampleEnvironment;
  const nodes = decideNodes(found, team, at);
  const values = {
    BAKEHOUSE_BRANCH: found.git?.branch,
    BAKEHOUSE_NODES: nodes.file,
    BAKEHOUSE_MANIFESTS: manifests,
  };
  const samples =
    found.environments.length === 0 || isUnfinishedSample(manifests, team, at) ? team.sample.environment : [];
  const files = [
    nodes,
    ...samples.map((file) =>
      decideMissing(file.target, file.text, occupantAt(at, file.target), file.isProgram, 'no Puppet environment was found: a sample'),
    ),
    ...team.files.map((file) => decideTeamFile(fitted(file, values), file.text, team, at)),
    decideIgnored(occupantAt(at, '.gitignore')),
  ]; // prettier-ignore
  const isSkipped = (file: string) => skip.some((path) => file === path || file.startsWith(`${path}/`));
  return {
    nodes: nodes.file,
    manifests,
    settings: values,
    files: files.filter(({ file }) => !isSkipped(file)),
  };
}

/** The paths that {@link decideFiles} asks for. */
export function pathsToDecide(team: TeamPackage): string[] {
  const targets = [...team.files, ...team.sample.environment].flatMap(({ target, beside }) => [target, beside ?? target]);
  return [...new Set(['nodes.yaml', besideNodes, '.gitignore', ...targets])];
} // prettier-ignore

const besideNodes = 'nodes.bakehouse.yaml';

function occupantAt(at: ReadonlyMap<string, Occupant>, path: string): Occupant {
  const occupant = at.get(path);
  if (occupant === undefined) throw new Error(`what lies at ${path}?`);
  return occupant;
}

/** Whether an init was interrupted before the sample's last file: what was written is an environment already. */
function isUnfinishedSample(
  manifests: string,
  { sample }: TeamPackage,
  at: ReadonlyMap<string, Occupant>,
): boolean {
  const [manifest, last] = sample.environment.slice(-2);
  if (manifests !== sampleEnvironment || manifest === undefined || last === undefined) return false;
  const found = occupantAt(at, manifest.target);
  const isSample = found.kind === 'file' && found.text === manifest.text;
  return isSample && occupantAt(at, last.target).kind === 'nothing';
}

function decideNodes(
  { nodesFiles, drafts, environments }: FoundRepository,
  team: TeamPackage,
  at: ReadonlyMap<string, Occupant>,
): InitFile {
  const [usable, ...more] = nodesFiles.flatMap(({ file, verdict }) => ('nodes' in verdict ? [{ file, count: verdict.nodes.length }] : [])); // prettier-ignore
  if (usable !== undefined) {
    const others = more.length === 0 ? '' : `; not used: ${more.map(({ file }) => file).join(', ')}`;
    const count = `${usable.count} ${usable.count === 1 ? 'node' : 'nodes'}`;
    return { file: usable.file, decision: 'present', reason: `found, with ${count}${others}` };
  }
  const wrong = nodesFiles.flatMap(({ file, verdict }) =>
    'other' in verdict ? [`${file} is ${verdict.other}`] : [],
  );
  const isTaken = occupantAt(at, 'nodes.yaml').kind !== 'nothing';
  const file = isTaken ? besideNodes : 'nodes.yaml';
  const isSample = environments.length === 0;
  const text = isSample
    ? team.sample.nodes
    : draftNodesFile(drafts.nodes.length > 0 ? drafts.nodes : [{ name: 'web' }], drafts.nodes.length > 0 ? drafts.from : 'An example'); // prettier-ignore
  const source = isSample ? 'a sample' : drafts.nodes.length > 0 ? drafts.from.toLowerCase() : 'an example';
  const reason = [...wrong, `${source}, to edit`].join('; ');
  return decideMissing(file, text, occupantAt(at, file), false, reason);
}

function decideMissing(
  file: string,
  text: string,
  occupant: Occupant,
  isProgram: boolean,
  reason: string,
): InitFile {
  if (occupant.kind === 'nothing') return { file, decision: 'write', reason, text, isProgram };
  if (occupant.kind === 'other') return { file, decision: 'blocked', reason: `it is ${occupant.what}` };
  return { file, decision: 'present', reason: '' };
}

/** @param original the package's text, which may have been fitted to the repository since */
function decideTeamFile(
  team: TeamFile,
  original: string,
  { version, earlier }: TeamPackage,
  at: ReadonlyMap<string, Occupant>,
): InitFile {
  const { path, target, beside, isProgram } = team;
  const text = withStamp(team.text, path, version);
  const places = [target, ...(beside === undefined ? [] : [beside])];
  for (const file of places) {
    const occupant = occupantAt(at, file);
    const stamp = occupant.kind === 'file' ? readStamp(occupant.text, path) : undefined;
    if (stamp === undefined) continue;
    const base = baseOf(path, stamp.version, { version, earlier, text: original });
    if ('problem' in base) return { file, decision: 'kept', reason: base.problem };
    if (base.text === original) return { file, decision: 'present', reason: '' };
    return {
      file,
      decision: 'older',
      reason: `of ${stamp.version}: npx bakehouse upgrade shows what changed`,
    };
  }
  const [own, other] = places.map((file) => occupantAt(at, file));
  if (own?.kind === 'nothing') return decideMissing(target, text, own, isProgram, '');
  if (beside !== undefined && other !== undefined && other.kind !== 'file')
    return decideMissing(beside, text, other, isProgram, `${target} is your own and stays`);
  if (own?.kind === 'other') return { file: target, decision: 'blocked', reason: `it is ${own.what}` };
  return { file: target, decision: 'kept', reason: 'your own: it bears no version of Bakehouse' };
}

/** What the files for Jenkins and Vagrant say of a repository, with what the package has in its place. */
const settings = {
  BAKEHOUSE_BRANCH: 'main',
  BAKEHOUSE_NODES: 'nodes.yaml',
  BAKEHOUSE_MANIFESTS: sampleEnvironment,
};

/** The values of these settings in a repository; undefined: it is not known. */
export type RepositorySettings = Record<keyof typeof settings, string | undefined>;

/** Whether a value may stand in a string of Groovy or Ruby: no character of it ends the string. */
export function isHarmless(value: string): boolean {
  return /^[A-Za-z0-9._][A-Za-z0-9._/-]*$/.test(value);
}

/** A file for Jenkins or Vagrant with the repository's own values in place of the package's; those that are not harmless stay out. */
export function fitted(file: TeamFile, values: RepositorySettings): TeamFile {
  let { text } = file;
  for (const [name, standard] of Object.entries(settings)) {
    const value = values[name as keyof typeof settings];
    if (value === undefined || !isHarmless(value)) continue;
    for (const before of [`${name} = `, `['${name}'] || `]) text = text.replace(`${before}'${standard}'`, `${before}'${value}'`);
  }
  return { ...file, text };
} // prettier-ignore

function decideIgnored(occupant: Occupant): InitFile {
  const file = '.gitignore';
  if (occupant.kind === 'other') return { file, decision: 'blocked', reason: `it is ${occupant.what}` };
  const old = occupant.kind === 'file' ? occupant.text : '';
  const plain = (line: string) => line.trim().replace(/^\/|\/$/g, '');
  const known = new Set(old.split('\n').map(plain));
  const missing = ignored.filter((line) => !known.has(plain(line)));
  if (missing.length === 0) return { file, decision: 'present', reason: '' };
  const end = isCrlf(old) ? '\r\n' : '\n';
  const start = old === '' || old.endsWith('\n') ? old : `${old}${end}`;
  const text = `${start}${missing.map((line) => `${line}${end}`).join('')}`;
  const decision = occupant.kind === 'file' ? 'add' : 'write';
  return { file, decision, reason: decision === 'add' ? `without ${missing.join(' ')}` : '', text };
}

/** A path as a person would give it: below the folder, with `/`. */
export function insidePath(root: string, path: string): string {
  return (isAbsolute(path) ? relative(root, path) : path).replace(/^\.\/|\/+$/g, '') || '.';
}
