import { constants } from 'node:fs';
import { access, mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from './finding.ts';
import { type FolderFacts, judgeCache, judgeDigestKey, judgeFolder } from './judge-folder.ts';

/** The folder that stages are called in and the temporary one: can they be written to, and how much? */
export async function folderFindings(): Promise<Finding[]> {
  return [
    judgeFolder('workspace', await tryFolder(process.cwd())),
    judgeFolder('temporary folder', await tryFolder(tmpdir())),
  ];
}

/** What plan keeps between runs. Nothing is made: what only another user could remove must not be left here. */
export async function cacheFindings(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  // Here, not above: npm packages of theirs may be missing.
  const { cacheFolder } = await import('../puppet/environment/cache-folder.ts');
  const { shortestKey } = await import('../puppet/environment/sensitive-key.ts');
  const path = cacheFolder(undefined, env);
  const refusal = await refusalOf(resolve(path));
  return [judgeCache({ path, refusal }), judgeDigestKey(env.BAKEHOUSE_DIGEST_KEY ?? '', shortestKey)];
}

/** Only an attempt tells: to root, and of a full or read-only file system, permissions say nothing. */
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
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
