import { constants } from 'node:fs';
import { access, mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errnoOf } from '../lib/errors.ts';
import { type Finding, ok, unknown, warning, wrong } from './findings.ts';

/** The folder that stages are called in and the temporary one: whether they can be written to, and how much. */
export async function folderFindings(): Promise<Finding[]> {
  return [
    judgeFolder('workspace', await tryFolder(process.cwd())),
    judgeFolder('temporary folder', await tryFolder(tmpdir())),
  ];
}

/** What plan keeps between runs. Nothing is made here: another user may be unable to remove it. */
export async function cacheFindings(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  // Here, not above: npm packages of theirs may be missing.
  const { cacheFolder } = await import('../puppet/environment/cache-folder.ts');
  const { shortestKey } = await import('../puppet/environment/sensitive-key.ts');
  const path = cacheFolder(undefined, env);
  const refusal = await refusalOf(resolve(path));
  return [judgeCache({ path, refusal }), judgeDigestKey(env.BAKEHOUSE_DIGEST_KEY ?? '', shortestKey)];
}

/** Tries it: permissions say nothing to root, or of a full or read-only file system. */
async function tryFolder(path: string): Promise<FolderFacts> {
  try {
    await rmdir(await mkdtemp(join(path, '.bakehouse-doctor-')));
  } catch (error) {
    return { path, refusal: codeOf(error) };
  }
  const free = await statfs(path).catch(() => undefined);
  return { path, freeBytes: free && free.bavail * free.bsize };
}

/** Why a folder cannot be written to, or not be made; undefined when it can. */
async function refusalOf(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' && dirname(path) !== path ? refusalOf(dirname(path)) : code;
  }
}

function codeOf(error: unknown): string {
  return errnoOf(error) ?? String(error);
}

/** The facts about a folder that stages write to. */
export interface FolderFacts {
  path: string;
  /** Why nothing can be written there, as an error's code; undefined when a file could be made. */
  refusal?: string | undefined;
  /** Bytes that this user may still write; undefined when the file system does not say. */
  freeBytes?: number | undefined;
}

const mebibyte = 1024 ** 2;
/** Node's packages, the manifests' history, and the reports of a dozen nodes. */
const scarceBytes = 1024 * mebibyte;
const tooFewBytes = 256 * mebibyte;

/** Judges a folder by whether something can be written there, and how much. */
export function judgeFolder(check: string, { path, refusal, freeBytes }: FolderFacts): Finding {
  if (refusal !== undefined) {
    return wrong(check, `${path} is not writable (${refusal})`, `let this user write to ${path}`);
  }
  if (freeBytes === undefined) {
    return unknown(check, `${path} is writable; its free space is unknown`, `see df ${path}`);
  }
  const found = `${path}, ${size(freeBytes)} free`;
  if (freeBytes < tooFewBytes) return wrong(check, found, `free some space: at least ${size(tooFewBytes)}`);
  if (freeBytes < scarceBytes) return warning(check, found, 'free some space before it is full');
  return ok(check, found);
}

/** Judges where plan remembers catalogs: without it a plan takes longer only. */
export function judgeCache({ path, refusal }: FolderFacts): Finding {
  if (refusal === undefined) return ok('cache folder', path);
  const found = `${path} is not writable (${refusal}): each plan compiles all catalogs again`;
  return warning('cache folder', found, 'let this user write there, or set XDG_CACHE_HOME');
}

/**
 * Judges the key for Sensitive values, which is not shown.
 * @param shortest characters that it must have
 */
export function judgeDigestKey(key: string, shortest: number): Finding {
  const check = 'digest key';
  const advice = 'set BAKEHOUSE_DIGEST_KEY to the same on every agent (openssl rand -hex 32)';
  if (key.length >= shortest) return ok(check, 'BAKEHOUSE_DIGEST_KEY is set');
  if (key !== '') return wrong(check, `BAKEHOUSE_DIGEST_KEY is shorter than ${shortest} characters`, advice);
  const found = 'BAKEHOUSE_DIGEST_KEY is not set: another agent finds nodes with Sensitive values changed';
  return warning(check, found, advice);
}

function size(bytes: number): string {
  return bytes < 1024 * mebibyte
    ? `${Math.floor(bytes / mebibyte)} MiB`
    : `${(bytes / (1024 * mebibyte)).toFixed(1)} GiB`;
}
