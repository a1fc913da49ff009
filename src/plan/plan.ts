import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { tag } from '../aws/tags.ts';
import type { StageMain } from '../cli/run-stage.ts';
import { openArchive } from '../contents/open-archive.ts';
import { sha256 } from '../lib/hash.ts';
import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import { openCompileCache } from '../puppet/catalogs/compile-cache.ts';
import { compileCatalogs } from '../puppet/catalogs/compile-catalogs.ts';
import {
  installedPuppet,
  type Puppet,
  puppetOf,
  readPuppetVersion,
} from '../puppet/catalogs/installed-puppet.ts';
import { cacheFolder } from '../puppet/environment/cache-folder.ts';
import { withCheckout } from '../puppet/environment/checkout.ts';
import { readEnvironment } from '../puppet/environment/read-environment.ts';
import { readTree } from '../puppet/environment/read-tree.ts';
import { sensitiveKey } from '../puppet/environment/sensitive-key.ts';
import { redactor } from '../puppet/report/secrets.ts';
import { waitingImages } from './waiting-images.ts';
import { writePlanJunit } from './plan-junit.ts';
import { type ExplainDeps, rememberedLines } from './lines-since.ts';
import { type Compile, rememberedCatalogs, type MemoryDeps } from './node-catalogs.ts';
import { planStage, type StageFlags } from './plan-stage.ts';

interface PlanFlags extends StageFlags, CompileFlags {
  out: string;
  archive: string | undefined;
}

/** The stage plan: decides which nodes are to be baked, and why. */
export const plan: StageMain<PlanFlags> = async (flags, io) => {
  const archive = await openArchive(flags.archive, flags.reports);
  return planStage(flags, {
    ...(await compileDeps(flags, io)),
    tag,
    // Here, not above: the SDK takes 0.4 s to load, which --help and a plan without EC2 need not wait for.
    connect: async () => (await import('./plan-account.ts')).planAccount(),
    loadNodes: (file, say) => loadNodes(file, [], say),
    select: (all) => selectNodes(all, flags.node, flags.nodes),
    waiting: (nodes, images) => waitingImages(nodes, images, archive, io.say),
    writeJunit: (cases) => writePlanJunit(flags.reports, cases),
    say: io.say,
  });
};

/** The flags of plan that say how catalogs are compiled, and where it writes. */
export interface CompileFlags {
  puppet: string | undefined;
  cache: string | undefined;
  out: string;
  reports: string;
  parallel: number | undefined;
  /** ms */
  'compile-timeout': number;
}

/**
 * All that plan needs but for EC2: files, git, and Puppet with what is remembered of it.
 * @throws StageError: exit code 4 without Puppet, 2 with a wrong --puppet or a key that is too short
 */
export async function compileDeps(
  flags: CompileFlags,
  io: { say: (line: string) => void; signal: AbortSignal },
): Promise<Omit<ExplainDeps, 'tag' | 'source'>> {
  const folder = cacheFolder(flags.cache, process.env);
  const warn = (line: string) => {
    io.say(`warning: ${line}`);
  };
  const key = await sensitiveKey(folder, process.env, warn);
  const puppet = flags.puppet === undefined ? installedPuppet() : puppetOf(flags.puppet);
  const { text, version } = readPuppetVersion(puppet);
  const made = await mark(key, puppet, text);
  const compile: Compile = (manifests, requests) => {
    io.say(`plan: compiling ${requests.length} catalog(s)`);
    return compileCatalogs(requests, {
      puppet,
      manifests,
      workers: flags.parallel ?? availableParallelism(),
      timeLimitMs: flags['compile-timeout'],
      sensitiveKey: Buffer.from(key),
      signal: io.signal,
    });
  };
  const open: MemoryDeps['open'] = (kind, about, summary) =>
    openCompileCache({ folder, key: JSON.stringify([kind, made, about]), summary, warn, now: Date.now });
  return {
    puppetVersion: version,
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
async function mark(key: string, puppet: Puppet, version: string): Promise<string> {
  const code = fileURLToPath(new URL('../puppet/catalogs/', import.meta.url));
  // jobs/compile.mjs puts these beside what it makes of them.
  const names = (await readdir(code, { recursive: true })).filter((name) => /\.(?:ts|rb)$/.test(name)).sort();
  const files = [
    ...names.map((name) => `${code}/${name}`),
    fileURLToPath(new URL('../lib/hash.ts', import.meta.url)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file)));
  return sha256(JSON.stringify([puppet, version, key]), ...texts);
}
