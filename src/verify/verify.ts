import { dirname } from 'node:path';
import { bakeOfThisRun } from '../build/bake-record.ts';
import type { StageMain } from '../cli/run-stage.ts';
import { openArchive } from '../contents/open-archive.ts';
import type { Node } from '../nodes/node.ts';
import { chooseNodes, type NodeFlags } from '../plan/plan-file.ts';
import type { NoopFlags } from './boot/noop-puppet.ts';
import { judgeRun } from './judge-run.ts';
import { removeEarlier, writeVerdict } from './verdict-junit.ts';
import { readEvidence } from './read-evidence.ts';
import { type JudgedBake, untilExamined, type VerifyAccount, verifyImages } from './verify-images.ts';
import { keepVerifyRecords, withContentsChanges } from './contents-change.ts';
import type { NodeImages } from './verify-account.ts';
import { writeVerifyRecords } from './verify-record.ts';
import { verifyResult } from './verify-result.ts';

interface VerifyFlags extends NodeFlags, Omit<NoopFlags, 'plan'> {
  boot: boolean;
  /** ms */
  'boot-timeout': number;
  parallel: number;
  archive: string | undefined;
}

/** Judges the nodes' newest bakes, writes JUnit, with --boot examines servers of the images, and tags these. */
export const verify: StageMain<VerifyFlags> = async (flags, { say, signal }) => {
  const { reports, boot, secret } = flags;
  const archive = await openArchive(flags.archive, reports);
  const { nodes } = await chooseNodes(flags, say);
  await removeEarlier(reports, nodes);
  // Loaded for servers only: it takes a tenth of a second.
  const { noopPuppet } = boot ? await import('./boot/noop-puppet.ts') : {};
  const puppet = await noopPuppet?.(flags, nodes, say);
  const judged: JudgedBake[] = [];
  // One after the other: a large report takes much memory while it is read.
  for (const node of nodes) {
    const one = await judgeBake(node, reports, secret);
    await writeVerdict(reports, boot ? untilExamined(one.verdict) : one.verdict);
    judged.push(one);
  }
  const options = { reports, nodes, folder: dirname(flags.nodes), bootMs: flags['boot-timeout'], puppet };
  let account: ReturnType<typeof connect> | undefined;
  const examined = await verifyImages(judged, flags, {
    // Without an image to tag neither the SDK nor an account is needed.
    account: () => (account ??= connect()),
    junit: { write: (verdict) => writeVerdict(reports, verdict) },
    signal,
  });
  const deps = { reports, archive, imagesOf: async (name: string) => (await account)?.imagesOf(name) ?? [] };
  const verified = signal.aborted ? examined : await withContentsChanges(examined, deps);
  await writeVerifyRecords(reports, verified);
  if (!signal.aborted) await keepVerifyRecords(archive, verified, say);
  return verifyResult(verified);

  async function connect(): Promise<VerifyAccount & NodeImages> {
    const { connectAccount } = await import('./verify-account.ts');
    return connectAccount({ ...options, progress: say, signal });
  }
};

async function judgeBake(node: Node, reports: string, secret: readonly RegExp[]): Promise<JudgedBake> {
  const bake = await bakeOfThisRun(reports, node.name, process.env);
  const evidence = await readEvidence(reports, node.name);
  const verdict = judgeRun(node.name, bake, evidence, secret, node.allowSkipped);
  return { node, verdict, ...('unknown' in bake ? {} : { bake }) };
}
