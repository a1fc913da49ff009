import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { errnoOf } from '../lib/errors.ts';
import { git } from '../puppet/environment/git.ts';
import { judgeNodesFile, type NodesVerdict } from './nodes-files.ts';
import { environmentsIn, type NodeDraft, nodesOfManifest, rolesIn } from './puppet-folders.ts';
import { bytesOf, readable } from './team-files.ts';

/** What lies at a place where init may write. */
export type Occupant =
  | { kind: 'nothing' }
  | { kind: 'file'; text: string }
  /** Something that is no file, or whose folder leads elsewhere: a sentence's rest. */
  | { kind: 'other'; what: string };

/** What was found in a team's repository. Paths are seen from its folder. */
export interface FoundRepository {
  /** Absent: it is no git repository. */
  git?: {
    /** The default branch; absent where nothing says it. */
    branch?: string;
    /** The folder as seen from the repository's top; empty: it is the top. */
    inside: string;
  };
  /** A package.json here or above, in the repository; and whether it names Bakehouse. */
  packageJson?: {
    file: string;
    hasBakehouse: boolean;
    /** The file that Bakehouse was installed from, where it was one. */
    tarball?: string;
  };
  nodesFiles: { file: string; verdict: NodesVerdict }[];
  environments: string[];
  /** Of the first environment. */
  drafts: { nodes: NodeDraft[]; from: string };
  /** A Puppetfile of the first environment whose modules are not there. */
  puppetfile?: string;
}

const deepest = 4;
const most = 20_000;
const left = new Set(['node_modules', 'vendor', 'packs', 'reports', 'results', 'manifests.checkout']);

/** Files and folders below a folder, sorted, a few levels deep; without what begins with a dot, and without following links. */
async function pathsIn(root: string): Promise<string[]> {
  const paths: string[] = [];
  let folders = [''];
  for (let depth = 0; depth <= deepest && paths.length < most; depth += 1) {
    const entries = folders.map(async (folder) => {
      const list = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
      return list
        .filter(({ name }) => !name.startsWith('.') && !left.has(name))
        .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
    });
    const level = (await Promise.all(entries)).flat().sort();
    paths.push(...level);
    folders = level.filter((path) => path.endsWith('/'));
  }
  return paths;
}

/**
 * Finds what a repository has that matters to Bakehouse.
 * @param root the folder in which the stages will run
 * @param chosen what the flags name, before what is found
 */
export async function findRepository(
  root: string,
  chosen: { nodes?: string | undefined; manifests?: string | undefined },
): Promise<FoundRepository> {
  const paths = await pathsIn(root);
  const depth = (path: string) => path.split('/').length;
  const nodesFiles = chosen.nodes === undefined ? paths.filter((path) => /(^|\/)nodes\.ya?ml$/.test(path)) : [chosen.nodes]; // prettier-ignore
  nodesFiles.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  const verdicts = nodesFiles.map(async (file) => {
    const text = await bytesOf(join(root, file)).catch(() => undefined);
    return text === undefined ? [] : [{ file, verdict: judgeNodesFile(readable(text), file) }];
  });
  const environments = chosen.manifests === undefined ? environmentsIn(paths) : [chosen.manifests];
  const repository = await findGit(root);
  const packageJson = await findPackageJson(root, repository?.inside ?? '');
  const puppetfile = environments[0] && missingModules(paths, environments[0]);
  return {
    ...(repository && { git: repository }),
    ...(packageJson && { packageJson }),
    nodesFiles: (await Promise.all(verdicts)).flat(),
    environments,
    drafts: await findDrafts(root, paths, environments[0]),
    ...(puppetfile && { puppetfile }),
  };
}

async function findDrafts(
  root: string,
  paths: readonly string[],
  environment: string | undefined,
): Promise<FoundRepository['drafts']> {
  if (environment === undefined) return { nodes: [], from: '' };
  const place = environment === '.' ? 'this folder' : environment;
  const roles = rolesIn(paths, environment);
  if (roles.length > 0) return { nodes: roles, from: `Found as roles in ${place}` };
  const manifests = join(root, environment, 'manifests');
  const files = (await readdir(manifests).catch(() => [])).filter((name) => name.endsWith('.pp')).sort();
  const texts = await Promise.all(files.map((name) => bytesOf(join(manifests, name)).catch(() => '')));
  return { nodes: nodesOfManifest(texts.join('\n')), from: `Found as node definitions in ${place}` };
}

function missingModules(paths: readonly string[], environment: string): string | undefined {
  const start = environment === '.' ? '' : `${environment}/`;
  const isFilled = paths.some((path) => path.startsWith(`${start}modules/`) && path !== `${start}modules/`);
  return paths.includes(`${start}Puppetfile`) && !isFilled ? `${start}Puppetfile` : undefined;
}

async function findGit(root: string): Promise<FoundRepository['git']> {
  const answer = async (...args: string[]) => {
    const { failed, stdout } = await git(root, args);
    return failed ? undefined : stdout.toString().replace(/\n$/, '');
  };
  const inside = await answer('rev-parse', '--show-prefix');
  if (inside === undefined) return undefined;
  const origin = await answer('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD');
  const local = async (name: string) =>
    (await answer('rev-parse', '--verify', '--quiet', `refs/heads/${name}`)) === undefined ? undefined : name;
  const branch =
    origin?.replace(/^origin\//, '') ??
    (await local('main')) ??
    (await local('master')) ??
    // Also that of a repository without a commit.
    (await answer('symbolic-ref', '--quiet', '--short', 'HEAD'));
  return { inside: inside.replace(/\/$/, ''), ...(branch && { branch }) };
}

/** The package.json in which npm would install: here, or in a folder above within the repository. */
async function findPackageJson(root: string, inside: string): Promise<FoundRepository['packageJson']> {
  const above = inside === '' ? [] : inside.split('/').map((_, index) => '../'.repeat(index + 1));
  for (const folder of ['', ...above]) {
    const text = await bytesOf(join(root, folder, 'package.json')).catch(() => undefined);
    if (text === undefined) continue;
    const [entry, tarball] = /"bakehouse"\s*:(?:\s*"file:([^"]+)")?/.exec(text) ?? [];
    return {
      file: `${folder}package.json`,
      hasBakehouse: entry !== undefined,
      ...(tarball === undefined ? {} : { tarball: folder + tarball }),
    };
  }
  return undefined;
}

/** What lies at a path below `root`, in which a team's files lie. */
export async function occupantOf(root: string, path: string): Promise<Occupant> {
  const file = join(root, path);
  const away = await leadsAway(root, dirname(file));
  if (away !== undefined) return { kind: 'other', what: away };
  try {
    const found = await lstat(file);
    if (found.isDirectory()) return { kind: 'other', what: 'a folder' };
    if (!found.isFile() && !found.isSymbolicLink()) return { kind: 'other', what: 'no file' };
    const linked = found.isSymbolicLink() ? await leadsAway(root, file) : undefined;
    return linked === undefined
      ? { kind: 'file', text: await bytesOf(file) }
      : { kind: 'other', what: linked };
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    const link = await readlink(file).catch(() => undefined);
    if (link !== undefined)
      return { kind: 'other', what: `a link to ${link}, which cannot be read (${code})` };
    if (code === 'ENOTDIR') return { kind: 'other', what: `in ${dirname(path)}, which is no folder` };
    return code === 'ENOENT' ? { kind: 'nothing' } : { kind: 'other', what: `unreadable (${code})` };
  }
}

/** Why this path would not lie in `root`: it, or a folder on the way, is a link out of it, or no folder. */
async function leadsAway(root: string, folder: string): Promise<string | undefined> {
  const name = relative(root, folder);
  try {
    const real = await realpath(folder);
    const top = await realpath(root);
    if (real === top || real.startsWith(join(top, '/'))) return undefined;
    return `behind the link ${name}, which leads to ${real}, outside of this folder`;
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'ENOENT') return `in ${name}, which is no folder (${code ?? String(error)})`;
    const isLink = await readlink(folder).catch(() => undefined);
    if (isLink !== undefined) return `in ${name}, which is a link to nothing`;
    return resolve(folder) === resolve(root) ? 'in no folder' : leadsAway(root, dirname(folder));
  }
}
