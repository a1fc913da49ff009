import { setTimeout as pause } from 'node:timers/promises';
import { cloudProblemIn } from '../aws/cloud-problem.ts';
import { bakeImages } from './bake-images.ts';
import { bakeResult } from './bake-result.ts';
import { packFileReader } from '../generate/pack-files.ts';
import { runPacker } from './packer-process.ts';
import { startRun } from './start-run.ts';
import { checkRegion, plannedBakes } from './planned-bakes.ts';
import { chooseNodes } from '../plan/plan-file.ts';
import { environmentToBake } from '../puppet/environment/read-environment.ts';
import { certificateCleaner } from '../puppet/ca/certificates.ts';
import { consoleFailure } from '../puppet/report/console-failure.ts';
import type { buildCommand } from '../build.ts';
import { showProgress, watched } from '../cli/progress.ts';
import type { StageMain } from '../cli/run-stage.ts';

export const build: StageMain<typeof buildCommand> = async (flags, { say, signal }) => {
  const { nodes, plan } = await chooseNodes(flags, say);
  if (nodes.length === 0) return bakeResult([]);
  const cleanCertificate = await certificateCleaner(flags);
  const run = await startRun(nodes, flags, signal, say);
  const environment = await environmentToBake(flags);
  const planned = await plannedBakes(plan, nodes, { ...flags, ...environment, reader: packFileReader() });
  // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
  const { bakeAccount } = await import('./bake-account.ts');
  const account = await bakeAccount();
  checkRegion(plan, account.region);
  say(`build: run ${run.id}: ${nodes.length} node(s), ${run.parallel} at a time`);
  const names = nodes.map((node) => node.name);
  const progress = await showProgress(names, watched());
  const tools = { cleanCertificate, explain: consoleFailure, cloudProblemIn, runPacker, pause };
  const world = { ...account, ...progress, ...tools, now: () => new Date() };
  const { region } = account;
  const options = { reports: flags.reports, parallel: run.parallel };
  const ends = await bakeImages(nodes, { ...run, ...environment, region, planned }, options, world);
  await progress.end();
  return bakeResult(ends);
};
