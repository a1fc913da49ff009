import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import type { Node } from '../nodes/node.ts';
import { visible } from '../lib/printable.ts';
import type { BakeKey } from './bake-key.ts';
import type { BakeWorld, Run } from './bake-node.ts';
import type { BakeRecord } from './bake-record.ts';
import { diskWatch } from './disk-watch.ts';
import { causeOf } from './failure-cause.ts';
import { packerArguments, type Ready, uploadList } from './packer-arguments.ts';
import { PackerOutput } from './packer-output.ts';
import type { ReportsFolder } from './reports-folder.ts';
import { isAtLeast } from '../generate/installed-packer.ts';

/** How long EC2 may take to list an instance that has just been asked for. */
const lateInstanceMs = 5_000;
/** A Packer that could not write once hears no signal any more: it waits for ever for its output to be taken. */
const fullGraceMs = 30_000;

/** What one run of Packer adds to the record. */
export interface PackerBake {
  record: Partial<BakeRecord>;
  /** A tool, this computer's disk or the cloud is to blame: the same may well succeed later. */
  unavailable: boolean;
}

/** Runs Packer over a node's pack, to its end, to the run's or to that of its time. */
export async function bakeWithPacker(
  node: Node,
  run: Run,
  record: BakeRecord,
  ready: Ready,
  folder: ReportsFolder,
  world: BakeWorld,
  key: BakeKey | undefined,
): Promise<PackerBake> {
  const began = world.now();
  const output = new PackerOutput(run.region);
  const asides: Promise<void>[] = [];
  // Node's timers end at 2^31 ms.
  const timeout = AbortSignal.timeout(Math.min(run.timeoutMs, 2 ** 31 - 1));
  const disk = diskWatch(folder.work);
  const full = disk.problem();
  if (full !== undefined) {
    disk.end();
    return { record: { status: 'failed', error: full }, unavailable: true };
  }
  const stop = AbortSignal.any([run.signal, timeout, disk.full]);
  await writeFile(uploadList(folder), run.upload);
  const log = folder.log();
  log.once('error', disk.fail);
  const graceMs = () => (disk.full.aborted ? Math.min(run.graceMs, fullGraceMs) : run.graceMs);
  stop.addEventListener('abort', () => {
    const why = run.signal.aborted ? 'interrupted' : timeout.aborted ? 'out of time' : 'the disk is full';
    const wait = `waiting up to ${Math.round(graceMs() / 1000)} s for Packer to terminate its machine`;
    world.phase(node.name, `${why}: ${wait}`);
  });
  const end = await world.runPacker({
    args: packerArguments(node, run, record, ready, folder, key),
    rawLog: join(folder.work, 'packer.raw.log'),
    signal: stop,
    graceMs,
    onLine: (line) => {
      const news = output.take(line);
      if (news.text !== undefined) log.write(`${visible(news.text)}\n`);
      if (news.phase !== undefined) world.phase(node.name, news.phase);
      // From 1.7 on the pack says so itself.
      if (news.instanceId !== undefined && !isAtLeast(run.packerVersion, [1, 7, 0])) {
        asides.push(orSay(world.requireImdsV2(news.instanceId), node.name, world));
      }
    },
  });
  await finished(log.end()).catch(disk.fail);
  disk.end();
  await Promise.all(asides);
  const known = {
    ...(end.exitCode === undefined ? {} : { packerExitCode: end.exitCode }),
    ...definedCode(await folder.puppetExitCode()),
  };
  const { crashed } = output.failure;
  if (crashed) await folder.keepCrashLog(process.cwd(), began);
  const failed = (error: string, unavailable = false): PackerBake => ({
    record: { ...known, status: 'failed', error },
    unavailable,
  });
  // The image counts even when the signal came in its last second: Packer ended well, so nothing is half done.
  if (end.exitCode === 0 && output.imageId !== undefined) {
    await world.requireImdsV2OfServers(output.imageId);
    return { record: { ...known, status: 'baked', imageId: output.imageId }, unavailable: false };
  }
  // Packer 1.6 forgets an instance that it was told to end while asking for; it shows up in EC2 a little later.
  if (output.launching) await world.pause(lateInstanceMs);
  const how = [
    ...(end.killed ? ['Packer did not end in time and was killed'] : []),
    ...(crashed ? ['Packer crashed while it was told to stop (crash.log); what it left is removed now'] : []),
  ];
  const stopped = (status: 'interrupted' | 'timed-out', what: string): PackerBake => ({
    record: { ...known, status, error: [what, ...how].join('; ') },
    unavailable: false,
  });
  if (run.signal.aborted) return stopped('interrupted', 'interrupted');
  if (timeout.aborted) return stopped('timed-out', `took longer than ${run.timeoutMs / 60_000} min`);
  const problem = disk.problem();
  if (problem !== undefined) return failed([problem, ...how].join('; '), true);
  if (end.exitCode === 0) return failed('Packer named no image');
  // Packer knows only that judge.sh ended the bake; Puppet's own words are better.
  const failure = isPuppets(known.puppetExitCode) ? world.explain(await folder.console()) : undefined;
  if (failure === undefined) {
    const cause = causeOf(output.failure, world.cloudProblemIn);
    return failed(cause.message, cause.unavailable);
  }
  const { record: puppets } = failed(failure.message);
  const { reason } = failure;
  return {
    record: { ...puppets, ...(reason === undefined ? {} : { puppetFailure: reason }) },
    unavailable: false,
  };
}

/** Whether Puppet ran, and did not end well. */
function isPuppets(exitCode: number | undefined): boolean {
  return exitCode !== undefined && exitCode !== 0 && exitCode !== 2;
}

function definedCode(code: number | undefined): { puppetExitCode?: number } {
  return code === undefined ? {} : { puppetExitCode: code };
}

async function orSay(promise: Promise<void>, node: string, world: BakeWorld): Promise<void> {
  try {
    await promise;
  } catch (error) {
    world.say(node, `warning: the machine may answer to IMDSv1 as well: ${(error as Error).message}`);
  }
}
