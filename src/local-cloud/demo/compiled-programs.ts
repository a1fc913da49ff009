import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Kept in the project's folder: compiled programs find its templates from there. */
const prefix = 'dist.start-';

/**
 * The folder of this project's programs as JavaScript, of which each starts a second sooner than by tsx. `compile` makes
 * it, and answers its exit code; what it made serves until a source changes. Undefined: it cannot be made.
 */
export async function compiledPrograms(
  compile: (folder: string) => Promise<number>,
  root = '.',
): Promise<string | undefined> {
  const folder = join(root, prefix + sourcesHash(root));
  if (existsSync(folder)) return folder;
  // Another start may make it at the same time.
  const made = join(root, `${prefix}${process.pid}`);
  try {
    if ((await compile(made)) !== 0) return undefined;
    // Of older sources.
    for (const name of readdirSync(root).filter((one) => /^dist\.start-[0-9a-f]{16}$/.test(one)))
      if (join(root, name) !== folder) await rm(join(root, name), { recursive: true, force: true });
    await rename(made, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    for (const left of [made, `${made}.new`]) await rm(left, { recursive: true, force: true });
  }
  return folder;
}

/** Of all that decides what the compiled programs do. */
function sourcesHash(root: string): string {
  const sources = readdirSync(join(root, 'src'), { encoding: 'utf8', recursive: true });
  const files = sources.map((name) => `src/${name}`).filter((path) => statSync(join(root, path)).isFile());
  const hash = createHash('sha256');
  for (const path of ['jobs/compile.mjs', 'package.json', 'package-lock.json', ...files.sort()]) {
    const content = readFileSync(join(root, path));
    hash.update(`${path} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}
