import { mkdir, readdir, readFile, stat, unlink, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import { replaceFile } from '../../lib/json-file.ts';

/** Where what can be made again is kept: `--cache`, else where the system keeps such things for its user. */
export function cacheFolder(flag: string | undefined, env: NodeJS.ProcessEnv): string {
  if (flag !== undefined) return flag;
  const { XDG_CACHE_HOME: given = '' } = env;
  // What is not absolute does not count: so the XDG base directory specification.
  return join(isAbsolute(given) ? given : join(env.HOME ?? homedir(), '.cache'), 'bakehouse');
}

const dayMs = 86_400_000;
const oldestMs = 30 * dayMs;
const mostFiles = 100;
const ours = /^(?:compiled|folders)-[0-9a-f]{64}\.json/;

/** Files of one line of JSON, under a line with its hash: a file that was cut or changed is like none. */
export class CacheFiles {
  readonly #folder: string;
  readonly #warn: (line: string) => void;
  #warned = false;

  constructor(folder: string, warn: (line: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /** What a file holds; undefined without one that can be used. */
  async read(name: string, now: number): Promise<unknown> {
    const file = join(this.#folder, name);
    try {
      const text = await readFile(file, 'utf8');
      const end = text.indexOf('\n');
      const json = text.slice(end + 1);
      if (end === -1 || text.slice(0, end) !== sha256(json)) throw new Error('it is damaged');
      const data: unknown = JSON.parse(json);
      await this.#touch(file, now);
      return data;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#say(`${file}: ${messageOf(error)}`);
      return undefined;
    }
  }

  async write(name: string, data: unknown): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const json = JSON.stringify(data);
      // Nothing is lost that cannot be made again: without fsync.
      await replaceFile(join(this.#folder, name), `${sha256(json)}\n${json}`, {
        mode: 0o600,
        fsync: false,
      });
    } catch (error) {
      this.#say(`${this.#folder}: ${messageOf(error)}`);
    }
  }

  /** Removes files that were not used for a month, those above a hundred, and what killed writers left. */
  async prune(now: number): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => ours.test(name));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        return {
          path,
          whole: name.endsWith('.json'),
          usedMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0,
        };
      }),
    );
    const newest = files.filter(({ whole }) => whole).sort((one, other) => other.usedMs - one.usedMs);
    const unused = [
      ...newest.filter(({ usedMs }, index) => index >= mostFiles || now - usedMs > oldestMs),
      ...files.filter(({ whole, usedMs }) => !whole && now - usedMs > dayMs),
    ];
    for (const { path } of unused) await unlink(path).catch(() => undefined);
  }

  async #touch(file: string, now: number): Promise<void> {
    const used = await stat(file).catch(() => undefined);
    if (used !== undefined && now - used.mtimeMs > dayMs)
      await utimes(file, now / 1000, now / 1000).catch(() => undefined);
  }

  #say(what: string): void {
    if (!this.#warned) this.#warn(`the cache is of no use this time, which costs time only: ${what}`);
    this.#warned = true;
  }
}

function messageOf(error: unknown): string {
  return errnoOf(error) ?? (error as Error).message;
}
