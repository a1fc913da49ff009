import { showProgress, watched } from '../cli/progress.ts';
import type { Io, Result, StageMain } from '../cli/run-stage.ts';
import { keptChange } from '../contents/change-text.ts';
import { openArchive } from '../contents/open-archive.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { chooseNodes } from '../plan/plan-file.ts';
import type { PromoteOptions } from './node-plan.ts';
import type { RegionAccount, RegionImage } from './promote-account.ts';
import { checkPromoteFlags, type PromoteFlags } from './promote-flags.ts';
import { promoteNodes } from './promote-nodes.ts';
import { writePromoteRecords } from './promote-record.ts';
import { promoteResult } from './promote-result.ts';

/** Of what changed in an image: `bakehouse contents` has the rest. */
const maxLines = 20;

/** The stage promote: puts verified images into service, rolls back, revokes. */
export const promote: StageMain<PromoteFlags> = async (flags, io) => {
  checkPromoteFlags(flags);
  try {
    if (flags.revoke !== undefined) return await (await import('./revoke.ts')).revoke(flags, io);
    return await promoteChosen(flags, io);
  } finally {
    if (flags.verbose) {
      const { callCounts, callLines } = await import('../aws/connect.ts');
      for (const line of callLines(callCounts())) io.say(line);
    }
  }
};

async function promoteChosen(flags: PromoteFlags, { say, signal }: Io): Promise<Result> {
  const archive = await openArchive(flags.archive, flags.reports);
  const { all, nodes: chosen, plan } = await chooseNodes(flags, say);
  if (chosen.length === 0) return promoteResult([]);
  // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
  const { connectRegion } = await import('./promote-account.ts');
  const { lockDeps, pauseUntil } = await import('./promote-deps.ts');
  const own = await connectRegion();
  if (plan !== undefined && plan.region !== own.region)
    throw new StageError(
      `the plan ${flags.plan ?? ''} is of ${plan.region}, and AWS_REGION is ${own.region}: correct one of them`,
      exitCode.badInput,
    );
  const { nodes, image } =
    flags.image === undefined
      ? { nodes: chosen, image: undefined }
      : await nodeOfImage(flags.image, flags, { all, chosen }, own);
  const { apply, force } = flags;
  const progress = await showProgress(
    nodes.map(({ name }) => name),
    apply && watched(),
  );
  const options: PromoteOptions = {
    kind: flags.rollback ? 'rollback' : 'promote',
    image,
    inPipeline: plan !== undefined,
    ...{ apply, force, copyMs: flags['copy-timeout'] },
  };
  const results = await promoteNodes(nodes, options, {
    ...lockDeps({ say, signal }),
    ...{ own, connect: connectRegion, progress },
    change: (from, to) => keptChange(archive, from, to, { limit: maxLines, warn: say }),
    pauseUnlessAborted: pauseUntil(signal),
  });
  await progress.end();
  await writePromoteRecords(
    flags.reports,
    results.map(({ record }) => record),
  );
  return promoteResult(results);
}

/**
 * The node of the image that `--image` names.
 * @throws StageError (exit 3) when there is no such image, or it is of no node that was chosen
 */
async function nodeOfImage(
  id: string,
  { nodes: file, node: only }: PromoteFlags,
  { all, chosen }: { all: readonly Node[]; chosen: readonly Node[] },
  own: RegionAccount,
): Promise<{ nodes: Node[]; image: RegionImage }> {
  const image = await own.anyImage(id);
  const refuse = (why: string) => new StageError(`the image ${id} ${why}`, exitCode.nodeFailed);
  if (image === undefined)
    throw refuse(`is not in ${own.region}: it is gone, or --image was given a copy's id, not the original's`);
  if (image.node === '') throw refuse('is not ours: it has no tag bakehouse:node');
  const node = chosen.find(({ name }) => name === image.node);
  if (node !== undefined) return { nodes: [node], image };
  const isKnown = all.some(({ name }) => name === image.node);
  throw refuse(
    isKnown
      ? `is an image of ${image.node}, not of ${only.join(', ')}`
      : `is an image of ${image.node}, which is not in ${file}`,
  );
}
