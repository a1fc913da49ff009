import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';

/** A pack as Packer reads it. */
export interface PackData {
  variables?: unknown;
  builders: [Record<string, unknown>];
  provisioners?: unknown;
}

/** Something of a pack that decides what the image is but is not known here. */
export interface PackFinding {
  kind: 'pack';
  /** A sentence's rest: `the provisioner ansible reads files of its own`. */
  what: string;
}

/** A file or folder on the computer that bakes, that goes into the image or makes it. */
export interface PackPath {
  path: string;
  /** Below the folder of the packs; else as seen from where Packer is started. */
  inPacks: boolean;
  /** A script that runs on the computer that bakes may read its neighbours: its folder counts as a whole. */
  withNeighbours: boolean;
}

/** Variables of our template that only say where EC2 is. */
const ofTheCloud = new Set(['endpoint', 'region']);
/** Functions of Packer's template language whose value another day, or on another computer, is another. */
const unsteady = /\{\{[^}]*\b(env|consul_key|vault|aws_secretsmanager|timestamp|isotime|uuid)\b/;

/** The files that a pack lets Packer read, as far as its text says, and what only Packer knows. */
export function pathsOf(node: string, pack: PackData): { paths: PackPath[]; findings: PackFinding[] } {
  const paths: PackPath[] = [];
  const findings: PackFinding[] = [];
  const find = (what: string) => findings.push({ kind: 'pack', what });
  const add = (value: unknown, what: string, withNeighbours = false) => {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item === undefined || item === null || item === '' || isOurs(node, item)) continue;
      const path = pathOf(item);
      if (path === undefined) find(`${what} is ${JSON.stringify(item)}, which only Packer can read`);
      else paths.push({ ...path, withNeighbours });
    }
  };
  for (const [name, value] of Object.entries(mapping(pack.variables))) {
    if (!ofTheCloud.has(name) && typeof value === 'string' && unsteady.test(value))
      find(`the variable ${name} is ${JSON.stringify(value)}`);
  }
  add(pack.builders[0].user_data_file, 'user_data_file');
  for (const provisioner of list(pack.provisioners).map(mapping)) {
    const type = String(provisioner.type);
    if (provisioner.override !== undefined) find(`the provisioner ${type} has an override`);
    const { script, scripts, inline, command, source, sources } = provisioner;
    if (type === 'shell' || type === 'shell-local') {
      const isLocal = type === 'shell-local';
      add(script, `a script of ${type}`, isLocal);
      add(scripts, `a script of ${type}`, isLocal);
      if (isLocal && [inline, command].some((given) => given !== undefined && !isOurCommand(given)))
        find('a command of shell-local may read anything on the computer that bakes');
    } else if (type === 'file') {
      if (provisioner.direction === 'download') continue;
      if (provisioner.generated === true && !isOurs(node, source)) {
        find(`the upload ${JSON.stringify(source ?? sources)} is made in the bake`);
        continue;
      }
      add(source, 'the source of an upload');
      add(sources, 'the source of an upload');
    } else if (type !== 'breakpoint') find(`the provisioner ${type} reads files of its own`);
  }
  return { paths, findings };
}

const packs = '{{template_dir}}/';

function pathOf(value: unknown): Omit<PackPath, 'withNeighbours'> | undefined {
  if (typeof value !== 'string') return undefined;
  const inPacks = value.startsWith(packs);
  const path = inPacks ? value.slice(packs.length) : value;
  return path.includes('{{') ? undefined : { path, inPacks };
}

/** What collect.sh makes of the manifests and the facts, which count by themselves; and the facts. */
function isOurs(node: string, value: unknown): boolean {
  return [`{{ or (user \`work\`) template_dir }}/${node}.upload.tar`, `${packs}${node}.facts.json`].includes(
    value as string,
  );
}

/** What our template has run on the computer that bakes, beside collect.sh. */
function isOurCommand(given: unknown): boolean {
  return JSON.stringify(given) === JSON.stringify(['rm "$UPLOAD"']);
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The files that packs name, as digests (SHA-256, hexadecimal); each is read once, however many packs name it. */
export interface PackFileReader {
  /** @throws the file system's error, ENOENT for one. */
  digest: (path: string, withNeighbours: boolean) => Promise<string>;
}

/** Reads real files, each once: make a new reader to see later changes. */
export function packFileReader(): PackFileReader {
  const known = new Map<string, Promise<string>>();
  return {
    digest: (path, withNeighbours) => {
      const key = `${withNeighbours ? 'all' : 'one'} ${path}`;
      const digest = known.get(key) ?? digestOf(path, withNeighbours);
      known.set(key, digest);
      return digest;
    },
  };
}

async function digestOf(path: string, withNeighbours: boolean): Promise<string> {
  const own = await contentOf(path);
  return sha256(JSON.stringify(withNeighbours ? [own, await contentOf(dirname(path))] : [own]));
}

/** A file's or a whole folder's content, modes included, since an upload keeps them. */
async function contentOf(path: string): Promise<unknown> {
  const { mode, isFolder } = await stat(path).then((found) => ({
    mode: found.mode & 0o111,
    isFolder: found.isDirectory(),
  }));
  if (!isFolder) return [mode === 0 ? 'file' : 'program', sha256(await readFile(path))];
  const names = (await readdir(path)).sort();
  return Promise.all(names.map(async (name) => [name, await contentOf(join(path, name))]));
}

/**
 * The digest of all that a pack names.
 * @param where a path of the pack's on this computer
 */
export async function scriptsDigest(
  paths: readonly PackPath[],
  reader: PackFileReader,
  where: (path: PackPath) => string,
): Promise<{ digest: string } | { missing: PackPath; why: string }> {
  const parts: string[] = [];
  for (const path of paths) {
    try {
      parts.push(await reader.digest(where(path), path.withNeighbours));
    } catch (error) {
      const code = errnoOf(error);
      if (code === undefined) throw error;
      return { missing: path, why: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
    }
  }
  return { digest: sha256(JSON.stringify(parts)) };
}
