import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, exitCode, StageError } from '../../lib/errors.ts';

/** Characters that a given key has at least. */
export const shortestKey = 16;
const made = /^[0-9a-f]{64}$/;

/**
 * The key under which Sensitive values are hashed: BAKEHOUSE_DIGEST_KEY, else one of 32 random bytes (64 hexadecimal
 * digits) that is kept in the cache folder. Where it cannot be kept, each plan has another, and nodes with Sensitive
 * values look changed.
 * @throws StageError, whose message does not hold the key
 */
export async function sensitiveKey(
  folder: string,
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Promise<string> {
  const { BAKEHOUSE_DIGEST_KEY: given = '' } = env;
  if (given.length >= shortestKey) return given;
  if (given !== '') {
    throw new StageError(
      `BAKEHOUSE_DIGEST_KEY is shorter than ${shortestKey} characters: make a longer one (openssl rand -hex 32)`,
      exitCode.badInput,
    );
  }
  const fresh = randomBytes(32).toString('hex');
  try {
    return await keptKey(folder, fresh);
  } catch (error) {
    const why = errnoOf(error) ?? (error as Error).message;
    warn(
      `${folder}: no key can be kept there (${why}): nodes with Sensitive values count as changed; set BAKEHOUSE_DIGEST_KEY`,
    );
    return fresh;
  }
}

async function keptKey(folder: string, fresh: string): Promise<string> {
  const file = join(folder, 'digest-key');
  const before = await readKey(file);
  if (before !== undefined && made.test(before)) {
    // A copied cache folder may have lost the mode.
    await chmod(file, 0o600).catch(() => undefined);
    return before;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}.${fresh.slice(0, 8)}`;
  try {
    await writeFile(own, `${fresh}\n`, { mode: 0o600, flag: 'wx' });
    // Of several plans at a time the first one's holds: a link does not replace. What is damaged is replaced.
    if (before === undefined) await link(own, file).catch(ignoreExisting);
    else await rename(own, file);
  } finally {
    await rm(own, { force: true });
  }
  const now = await readKey(file);
  if (now === undefined || !made.test(now)) throw new Error('it is damaged');
  return now;
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trimEnd();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function ignoreExisting(error: unknown): void {
  if (errnoOf(error) !== 'EEXIST') throw error;
}
