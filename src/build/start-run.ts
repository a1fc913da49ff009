import { stat } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { runId } from '../cli/run-id.ts';
import { ensureAmazonPlugin, installedPackerVersion, packerCommand } from '../generate/installed-packer.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { startTicks } from '../lib/run-program.ts';
import type { Node } from '../nodes/node.ts';
import type { BakeRecord } from './bake-record.ts';
import type { PlanTags } from './planned-bakes.ts';

/** What all bakes of a run share. */
export interface BakeRun {
  id: string;
  commit: string;
  region: string;
  /** The folder of the packs, and of the Puppet environment. */
  packs: string;
  manifests: string;
  /** The environment's files that are uploaded, each followed by a zero byte, as tar reads them. */
  upload: Buffer;
  timeoutMs: number;
  /** How long an interrupted Packer may take to terminate its instance. */
  graceMs: number;
  /** How long an agent may wait for its certificate to be signed; undefined: as collect.sh says. */
  certificateWaitMs: number | undefined;
  /** What the images are tagged with, by node; empty without a plan. */
  planned: ReadonlyMap<string, PlanTags>;
  packerVersion: string;
  process: BakeRecord['process'];
  /** Aborted: every bake cleans up and ends. */
  signal: AbortSignal;
}

/** The file of a node's pack. */
export function packFile({ packs }: Pick<BakeRun, 'packs'>, node: string): string {
  return resolve(packs, `${node}.json`);
}

/** The flags of build that a run needs. */
export interface RunFlags {
  packs: string;
  manifests: string;
  timeout: number;
  'certificate-wait': number | undefined;
  parallel: number | undefined;
  'no-plugin-install': boolean;
}

/** Long enough for EC2 to stop and terminate an instance. */
const graceMs = 180_000;

/**
 * What all bakes of this run share but the region, the plan and the environment's files, once it is sure that they can begin.
 * @throws StageError, PackerError
 */
export async function startRun(
  nodes: readonly Node[],
  flags: RunFlags,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Omit<BakeRun, 'region' | 'planned' | 'commit' | 'upload'> & { parallel: number }> {
  await checkFiles(nodes, flags.packs, flags.manifests, process.env);
  const packerVersion = await installedPackerVersion();
  await ensureAmazonPlugin(packerVersion, !flags['no-plugin-install'], packerCommand, say);
  return {
    id: runId(process.env, new Date()),
    packs: flags.packs,
    manifests: flags.manifests,
    timeoutMs: flags.timeout,
    graceMs,
    certificateWaitMs: flags['certificate-wait'],
    packerVersion,
    process: ownProcess(),
    signal,
    parallel: flags.parallel ?? availableParallelism(),
  };
}

/**
 * Checks that each node has its pack, the nodes without a Puppet server the environment to apply, and the others a
 * secret that can be sent, if any.
 * @throws StageError that names all that is missing, a line for each
 */
async function checkFiles(
  nodes: readonly Node[],
  packs: string,
  manifests: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const missing: string[] = [];
  for (const { name } of nodes) {
    const file = join(packs, `${name}.json`);
    if (!(await stat(file).catch(() => undefined))?.isFile())
      missing.push(`${file} is missing: run generate first`);
  }
  const masterless = nodes.some((node) => node.puppetServer === undefined);
  if (masterless && !(await stat(manifests).catch(() => undefined))?.isDirectory()) {
    missing.push(`${manifests}: there is no such folder: name the Puppet environment with --manifests DIR`);
  }
  // The message never shows the secret itself.
  const secret = environment.BAKEHOUSE_AUTOSIGN_SECRET ?? '';
  const askServer = nodes.some((node) => node.puppetServer !== undefined);
  if (secret !== '' && askServer && !/^[A-Za-z0-9._~+/=-]{16,256}$/.test(secret)) {
    missing.push(
      'BAKEHOUSE_AUTOSIGN_SECRET is not 16 to 256 of A-Z, a-z, 0-9 and . _ ~ + / = -: make another',
    );
  }
  if (missing.length > 0) throw new StageError(missing.join('\n'), exitCode.badInput);
}

/** This process, as a record names it: also a later process with the same number differs. */
export function ownProcess(): BakeRecord['process'] {
  return { host: hostname(), pid: process.pid, startTicks: startTicks(process.pid) ?? 0 };
}

/** Whether the process of a record still runs; undefined when that is not known here (another host). */
export function stillRuns({ host, pid, startTicks: started }: BakeRecord['process']): boolean | undefined {
  if (host !== hostname() || process.platform !== 'linux') return undefined;
  return startTicks(pid) === started;
}
