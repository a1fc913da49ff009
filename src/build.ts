import { setTimeout as pause } from 'node:timers/promises';
import { loadNodes } from './nodes/load-nodes.ts';
import { bakeImages } from './packer/bake-images.ts';
import { bakeResult } from './packer/bake-result.ts';
import { runPacker } from './packer/packer-process.ts';
import { startRun } from './packer/start-run.ts';
import { certificateCleaner } from './puppet/certificates.ts';
import { runFailure } from './puppet/run-failure.ts';
import { buildCommand } from './stage/commands.ts';
import { showProgress, watched } from './stage/progress.ts';
import { runStage } from './stage/run-stage.ts';

await runStage(buildCommand, async (flags, { say, signal }) => {
  const nodes = await loadNodes(flags.nodes, flags.node, say);
  const cleanCertificate = await certificateCleaner(flags);
  const run = await startRun(nodes, flags, signal, say);
  // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
  const { bakeAccount } = await import('./images/bake-account.ts');
  const account = await bakeAccount();
  say(`build: run ${run.id}: ${nodes.length} node(s), ${run.parallel} at a time`);
  const names = nodes.map((node) => node.name);
  const progress = await showProgress(names, watched());
  const puppet = { cleanCertificate, explain: runFailure };
  const world = { ...account, ...progress, ...puppet, runPacker, pause, now: () => new Date() };
  const ends = await bakeImages(
    nodes,
    { ...run, region: account.region },
    { reports: flags.reports, parallel: run.parallel },
    world,
  );
  await progress.end();
  return bakeResult(ends);
});
