import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { showProgress, watched } from '../cli/progress.ts';
import type { StageMain } from '../cli/run-stage.ts';
import { packFileReader } from '../generate/pack-files.ts';
import { openArchive } from '../contents/open-archive.ts';
import { chooseNodes, type NodeFlags } from '../plan/plan-file.ts';
import { certificateCleaner, type CertificateFlags } from '../puppet/ca/certificates.ts';
import { environmentToBake } from '../puppet/environment/read-environment.ts';
import { type BakeEnd, bakeNode } from './bake-node.ts';
import { runPacker } from './packer-process.ts';
import { checkRegion, plannedBakes } from './planned-bakes.ts';
import { ReportsFolder } from './reports-folder.ts';
import { type RunFlags, startRun } from './start-run.ts';

interface BuildFlags extends NodeFlags, RunFlags, CertificateFlags {
  reports: string;
  archive: string | undefined;
}

/** The stage build: an image of each chosen node, several at a time. One that fails does not stop the others. */
export const build: StageMain<BuildFlags> = async (flags, { say, signal }) => {
  const { nodes, plan } = await chooseNodes(flags, say);
  if (nodes.length === 0) return bakeResult([]);
  const archive = await openArchive(flags.archive, flags.reports);
  const cleanCertificate = await certificateCleaner(flags);
  // While Packer says its version. Not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
  const connected = import('./bake-account.ts').then(({ connectAccount }) => connectAccount());
  // What is wrong with Packer or the files is said first.
  connected.catch(() => undefined);
  const { parallel, ...started } = await startRun(nodes, flags, signal, say);
  const environment = await environmentToBake(flags);
  const planned = await plannedBakes(plan, nodes, { ...flags, ...environment, reader: packFileReader() });
  const { account, region } = await connected;
  checkRegion(plan, region);
  say(`build: run ${started.id}: ${nodes.length} node(s), ${parallel} at a time`);
  const progress = await showProgress(
    nodes.map(({ name }) => name),
    watched(),
  );
  const run = { ...started, ...environment, region, planned };
  // Loaded while Packer bakes.
  const loading = import('../contents/sbom.ts');
  const deps = {
    ...{ account, archive, cleanCertificate, runPacker, progress },
    ...{ sbom: () => loading, clock: { now: () => new Date(), pause } },
  };
  const queue = pLimit(parallel);
  const bakes = nodes.map((node) =>
    queue(() => bakeNode(node, run, new ReportsFolder(flags.reports, node.name), deps)),
  );
  const ends = await Promise.all(bakes);
  await progress.end();
  return bakeResult(ends);
};

/** The result of a run: a row for each node, and the exit code 0, 3 or 4. */
export function bakeResult(ends: readonly BakeEnd[]) {
  const records = ends.map(({ record }) => record);
  const failed = ends.filter(({ record }) => record.status !== 'baked');
  const retry = failed.length > 0 && failed.every(({ unavailable }) => unavailable);
  const left = records.flatMap(({ leftovers }) => leftovers);
  const undigested = records.flatMap(({ node, status, digest }) =>
    status === 'baked' && digest === undefined ? [node] : [],
  );
  const rows = records.map(({ node, status, imageId = '-', startedAt, finishedAt, error = '' }) => {
    return [node, status, imageId, `${secondsBetween(startedAt, finishedAt)} s`, error];
  });
  return {
    exitCode: failed.length === 0 ? 0 : retry ? 4 : 3,
    json: { schema: 1, bakes: records },
    table: { head: ['node', 'result', 'image', 'took', 'why'], rows },
    closing: [
      ...(left.length === 0 ? [] : ['', 'Left behind, remove by hand:', ...left.map((what) => `  ${what}`)]),
      ...(undigested.length === 0
        ? []
        : [
            '',
            `Baked without --plan: the next plan bakes ${undigested.join(', ')} again, since no digest says of what.`,
          ]),
    ],
  };
}

function secondsBetween(from: string, to: string | undefined): number {
  return to === undefined ? 0 : Math.round((Date.parse(to) - Date.parse(from)) / 1000);
}
