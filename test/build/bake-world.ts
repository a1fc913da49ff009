import type { BakeWorld, Run } from '../../src/build/bake-node.ts';
import type { PackerRun } from '../../src/build/packer-process.ts';
import { ownMark } from '../../src/build/process-mark.ts';

export const artifact = '1,amazon-ebs,artifact,0,id,us-east-1:ami-0a';
export const instance = '1,amazon-ebs,ui,message,    amazon-ebs: Instance ID: i-0a';
const interruption = new AbortController();

export async function runOf(over: Partial<Run> = {}): Promise<Run> {
  return {
    id: 'run-1',
    commit: 'c0ffee',
    region: 'us-east-1',
    // None lie there: whatever this folder's own packs say must not decide a test.
    packs: '/nonexistent/packs',
    manifests: 'a folder',
    upload: Buffer.from('./manifests/site.pp\0'),
    timeoutMs: 60_000,
    graceMs: 1_000,
    certificateWaitMs: undefined,
    planned: new Map(),
    packerVersion: [1, 6, 6],
    process: await ownMark(),
    signal: interruption.signal,
    ...over,
  };
}

/** A world in which Packer prints `lines` and ends with `exitCode`; what is done to it is written down. */
export function worldOf(lines: string[], exitCode: number | undefined, over: Partial<BakeWorld> = {}) {
  const done: string[] = [];
  const runs: PackerRun[] = [];
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  const world: BakeWorld = {
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    runPacker: (run) => {
      runs.push(run);
      for (const line of lines) run.onLine(line);
      return Promise.resolve({ exitCode, killed: false });
    },
    preflight: () => Promise.resolve({ vpc: 'vpc-1' }),
    removeLeftovers: async (bake) => {
      const but = bake.imageId === undefined ? '' : ` but ${bake.imageId}`;
      await note(`sweep ${bake.run} ${bake.imageName}${but}`);
      return { removed: [], left: [] };
    },
    removeProof: async ({ run }) => {
      await note(`sweep proof of ${run}`);
      return [];
    },
    reap: () => Promise.resolve({ removed: [], left: [] }),
    importKey: async ({ node, run }, _, until) => {
      await note(`key of ${node} in ${run} until ${until.toISOString()}`);
      return 'a key';
    },
    deleteKey: (name) => note(`delete ${name}`),
    cleanCertificate: async (server, certname) => {
      await note(`clean ${certname} on ${server}`);
      return undefined;
    },
    explain: () => undefined,
    cloudProblemIn: (message) => /Capacity/.exec(message)?.[0],
    requireImdsV2: (id) => note(`v2 ${id}`),
    requireImdsV2OfServers: (id) => note(`v2 servers of ${id}`),
    pause: () => note('pause'),
    phase: () => undefined,
    say: () => undefined,
    done: () => undefined,
    ...over,
  };
  return { world, done, runs };
}
