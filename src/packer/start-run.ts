import { availableParallelism } from 'node:os';
import type { Node } from '../nodes/node.ts';
import type { Run } from './bake-node.ts';
import { checkManifests, commitOf } from './manifests.ts';
import { ensureAmazonPlugin, packerCommand } from './plugin.ts';
import { ownMark } from './process-mark.ts';
import { runId } from './run-id.ts';
import { installedPackerVersion } from './version.ts';

/** The flags of build that a run needs. */
interface RunFlags {
  packs: string;
  manifests: string;
  timeout: number;
  parallel: number | undefined;
  'no-plugin-install': boolean;
}

/** Long enough for EC2 to stop and terminate an instance. */
const graceMs = 180_000;

/**
 * What all bakes of this run share, once it is sure that they can begin.
 * @throws ManifestsError, PackerError
 */
export async function startRun(
  nodes: Node[],
  flags: RunFlags,
  region: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Run & { parallel: number }> {
  if (nodes.some((node) => node.puppetServer === undefined)) await checkManifests(flags.manifests);
  const packerVersion = await installedPackerVersion();
  await ensureAmazonPlugin(packerVersion, !flags['no-plugin-install'], packerCommand, say);
  return {
    id: runId(process.env, new Date()),
    commit: await commitOf(flags.manifests),
    region,
    packs: flags.packs,
    manifests: flags.manifests,
    timeoutMs: flags.timeout,
    graceMs,
    packerVersion,
    process: await ownMark(),
    signal,
    parallel: flags.parallel ?? availableParallelism(),
  };
}
