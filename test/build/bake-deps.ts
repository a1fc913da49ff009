import type { BakeDeps } from '../../src/build/bake-node.ts';
import type { PackerRun } from '../../src/build/packer-process.ts';
import { type BakeRun, ownProcess } from '../../src/build/start-run.ts';

export const artifact = '1,amazon-ebs,artifact,0,id,us-east-1:ami-0a';
export const instance = '1,amazon-ebs,ui,message,    amazon-ebs: Instance ID: i-0a';
const never = new AbortController().signal;

export function runOf(over: Partial<BakeRun> = {}): BakeRun {
  return {
    id: 'run-1',
    commit: 'c0ffee',
    region: 'us-east-1',
    // There is no such folder: whatever this project's own packs say must not decide a test.
    packs: '/nonexistent/packs',
    manifests: 'a folder',
    upload: Buffer.from('./manifests/site.pp\0'),
    timeoutMs: 60_000,
    graceMs: 1_000,
    certificateWaitMs: undefined,
    planned: new Map(),
    packerVersion: '1.6.6',
    process: ownProcess(),
    signal: never,
    ...over,
  };
}

/** Other answers than those of {@link depsOf}. */
interface Over extends Partial<Pick<BakeDeps, 'cleanCertificate' | 'runPacker' | 'archive'>> {
  account?: Partial<BakeDeps['account']>;
  progress?: Partial<BakeDeps['progress']>;
  now?: () => Date;
}

/** A Packer that prints `lines` and ends with `exitCode`, in an account that has all. What changes something is in `done`. */
export function depsOf(lines: string[], exitCode: number | undefined, over: Over = {}) {
  const done: string[] = [];
  const runs: PackerRun[] = [];
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  const account: BakeDeps['account'] = {
    preflight: () => Promise.resolve({ vpc: 'vpc-1' }),
    removeLeftovers: async (bake) => {
      const but = bake.imageId === undefined ? '' : ` but ${bake.imageId}`;
      await note(`remove ${bake.run} ${bake.imageName}${but}`);
      return { removed: [], left: [] };
    },
    removeServers: async ({ run }) => {
      await note(`remove servers of ${run}`);
      return [];
    },
    removeEndedRuns: () => Promise.resolve({ removed: [], left: [] }),
    importKey: async ({ node, run }, _, until) => {
      await note(`key of ${node} in ${run} until ${until.toISOString()}`);
      return 'a key';
    },
    deleteKey: (name) => note(`delete ${name}`),
    tagContents: async (id, digest) => {
      await note(`contents of ${id} ${digest.slice(0, 4)}`);
    },
    requireImdsV2: (id) => note(`v2 ${id}`),
    requireImdsV2OfServers: (id) => note(`v2 servers of ${id}`),
    ...over.account,
  };
  const deps: BakeDeps = {
    account,
    cleanCertificate: async (server, certname) => {
      await note(`clean ${certname} on ${server}`);
      return undefined;
    },
    runPacker: (run) => {
      runs.push(run);
      for (const line of lines) run.onLine(line);
      return Promise.resolve({ exitCode, killed: false });
    },
    sbom: () => import('../../src/contents/sbom.ts'),
    archive: over.archive ?? {
      name: 'nowhere',
      read: () => Promise.resolve(undefined),
      write: () => Promise.resolve(),
    },
    ...(over.cleanCertificate && { cleanCertificate: over.cleanCertificate }),
    ...(over.runPacker && { runPacker: over.runPacker }),
    progress: { phase: () => undefined, say: () => undefined, done: () => undefined, ...over.progress },
    clock: { now: over.now ?? (() => new Date('2026-01-02T03:04:05.678Z')), pause: () => note('pause') },
  };
  return { deps, done, runs };
}
