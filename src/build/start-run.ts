import { availableParallelism } from 'node:os';
import type { Node } from '../nodes/node.ts';
import type { Run } from './bake-node.ts';
import { checkInputs } from './inputs.ts';
import { ensureAmazonPlugin, packerCommand } from '../generate/installed-packer.ts';
import { ownMark } from './process-mark.ts';
import { runId } from '../cli/run-id.ts';
import { installedPackerVersion } from '../generate/installed-packer.ts';

/** The flags of build that a run needs. */
interface RunFlags {
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
 * @throws InputError, PackerError
 */
export async function startRun(
  nodes: Node[],
  flags: RunFlags,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Omit<Run, 'region' | 'planned' | 'commit' | 'upload'> & { parallel: number }> {
  await checkInputs(nodes, flags.packs, flags.manifests, process.env);
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
    process: await ownMark(),
    signal,
    parallel: flags.parallel ?? availableParallelism(),
  };
}
