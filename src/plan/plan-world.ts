import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { compileCatalogs } from '../puppet/catalogs/compile-catalogs.ts';
import { installedPuppet, puppetVersionFile } from '../puppet/catalogs/find-ruby.ts';
import { cacheFolder } from '../puppet/environment/cache-folder.ts';
import { withCheckout } from '../puppet/environment/checkout.ts';
import { openCompileCache } from '../puppet/environment/compile-cache.ts';
import { readEnvironment } from '../puppet/environment/read-environment.ts';
import { readTree } from '../puppet/environment/read-tree.ts';
import { sensitiveKey } from '../puppet/environment/sensitive-key.ts';
import { redactor } from '../puppet/report/secrets.ts';
import type { OldWorld } from './explain.ts';
import type { Compile } from './judge-catalogs.ts';
import { rememberedCatalogs, type RememberWorld } from './remembered-catalogs.ts';
import { rememberedLines } from './remembered-lines.ts';

/** The flags of plan that say how catalogs are compiled, and where it writes. */
export interface CompileFlags {
  cache: string | undefined;
  out: string;
  reports: string;
  parallel: number | undefined;
  /** ms */
  'compile-timeout': number;
}

/**
 * The real world of plan but for EC2: files, git, and Puppet.
 * @throws CompilerError (exit code 4) without Puppet, SensitiveKeyError (2)
 */
export async function planWorld(
  flags: CompileFlags,
  io: { say: (line: string) => void; signal: AbortSignal },
): Promise<Omit<OldWorld, 'tag' | 'source'>> {
  const folder = cacheFolder(flags.cache, process.env);
  const warn = (line: string) => {
    io.say(`warning: ${line}`);
  };
  const key = await sensitiveKey(folder, process.env, warn);
  const puppet = await readFile(puppetVersionFile(), 'utf8');
  const made = await mark(key, puppet);
  const compile: Compile = (manifests, orders) => {
    io.say(`plan: compiling ${orders.length} catalog(s)`);
    return compileCatalogs(orders, {
      manifests,
      workers: flags.parallel ?? availableParallelism(),
      timeLimitMs: flags['compile-timeout'],
      sensitiveKey: Buffer.from(key),
      signal: io.signal,
    });
  };
  const open: RememberWorld['open'] = (kind, about, summary) =>
    openCompileCache({ folder, key: JSON.stringify([kind, made, about]), summary, warn, now: Date.now });
  return {
    puppetVersion: /^\s*PUPPETVERSION\s*=\s*['"]([^'"]+)/m.exec(puppet)?.[1] ?? 'unknown',
    compile,
    readTree: (manifests) => readEnvironment(manifests, [flags.out, flags.reports, folder]),
    withCheckout,
    signal: io.signal,
    redact: redactor([]),
    catalogs: rememberedCatalogs({ compile, readTree, open }),
    lines: rememberedLines((summary) => open('lines', '', summary)),
  };
}

/** What else decides a catalog and its digest: this Puppet, this code, and the key for Sensitive values. */
async function mark(key: string, puppet: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([installedPuppet(), puppet, key]));
  const code = fileURLToPath(new URL('../puppet/catalogs/', import.meta.url));
  for (const name of (await readdir(code, { recursive: true })).sort()) {
    if (/\.(?:ts|rb)$/.test(name)) hash.update(await readFile(`${code}/${name}`));
  }
  return hash.digest('hex');
}
