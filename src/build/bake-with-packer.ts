import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { join, resolve } from 'node:path';
import type { Progress } from '../cli/progress.ts';
import { hasImdsOptions } from '../generate/installed-packer.ts';
import { durationText, visible } from '../lib/printable.ts';
import type { Node } from '../nodes/node.ts';
import { consoleFailure } from '../puppet/report/console-failure.ts';
import type { BakeAccount } from './bake-account.ts';
import type { BakeRecord } from './bake-record.ts';
import { type DiskWatch, diskWatch } from './disk-watch.ts';
import { causeOf } from './failure-cause.ts';
import { PackerOutput } from './packer-output.ts';
import type { PackerEnd, runPacker } from './packer-process.ts';
import type { Ready } from './preflight.ts';
import type { ReportsFolder } from './reports-folder.ts';
import { type BakeRun, packFile } from './start-run.ts';

/** How long EC2 may take to list an instance that has just been asked for. */
const lateInstanceMs = 5_000;
/** A Packer that could not write once hears no signal any more: it waits for ever for its output to be taken. */
const fullGraceMs = 30_000;

/** The key pair that a bake's machine is launched with. */
export interface BakeKey {
  name: string;
  /** Of the private key, mode 600. */
  file: string;
}

/** One run of Packer over a node's pack. */
export interface PackerTask {
  node: Node;
  run: BakeRun;
  record: BakeRecord;
  /** What preflight found out of the account. */
  ready: Ready;
  folder: ReportsFolder;
  /** Undefined: Packer makes one itself. */
  key: BakeKey | undefined;
}

/** What a run of Packer needs. */
export interface PackerDeps {
  account: Pick<BakeAccount, 'requireImdsV2' | 'requireImdsV2OfServers'>;
  runPacker: typeof runPacker;
  progress: Pick<Progress, 'phase' | 'say'>;
  clock: { now: () => Date; pause: (ms: number) => Promise<unknown> };
}

/** What one run of Packer adds to the record. */
export interface PackerBake {
  record: Partial<BakeRecord>;
  /** A tool, this computer's disk or the cloud is to blame: the same bake may well succeed later. */
  unavailable: boolean;
}

/** Runs Packer over a node's pack, until it ends, the run is interrupted or its time has passed. */
export async function bakeWithPacker(task: PackerTask, deps: PackerDeps): Promise<PackerBake> {
  const { node, run, folder } = task;
  const began = deps.clock.now();
  // Node's timers end at 2^31 ms.
  const timeout = AbortSignal.timeout(Math.min(run.timeoutMs, 2 ** 31 - 1));
  const disk = diskWatch(folder.work);
  const full = disk.problem();
  if (full !== undefined) {
    disk.end();
    return { record: { status: 'failed', error: full }, unavailable: true };
  }
  const { end, output, phases } = await followPacker(task, timeout, disk, deps);
  const puppetExitCode = await folder.puppetExitCode();
  const codes = {
    phases,
    ...(end.exitCode !== undefined && { packerExitCode: end.exitCode }),
    ...(puppetExitCode !== undefined && { puppetExitCode }),
  };
  if (output.failure.crashed) await folder.keepCrashLog(process.cwd(), began);
  // The image counts even when the signal came in its last second: Packer ended well, so nothing is half done.
  if (end.exitCode === 0 && output.imageId !== undefined) {
    await deps.account.requireImdsV2OfServers(output.imageId);
    return { record: { ...codes, status: 'baked', imageId: output.imageId }, unavailable: false };
  }
  // A Packer 1.6 that is terminated while it asks for an instance forgets it; EC2 lists it a little later.
  if (output.launching) await deps.clock.pause(lateInstanceMs);
  const { record, unavailable } = whyNotBaked({
    node,
    end,
    output,
    interrupted: run.signal.aborted,
    timedOutMs: timeout.aborted ? run.timeoutMs : undefined,
    diskProblem: disk.problem(),
    puppetExitCode,
    console: await folder.console(),
  });
  return { record: { ...codes, ...record }, unavailable };
}

/** Runs Packer and follows its output: to packer.log, and to the progress. */
async function followPacker(
  { run, record, ready, folder, key }: PackerTask,
  timeout: AbortSignal,
  disk: DiskWatch,
  { account, runPacker, progress, clock }: PackerDeps,
): Promise<{ end: PackerEnd; output: PackerOutput; phases: PhaseTime[] }> {
  const { node } = record;
  const output = new PackerOutput(run.region);
  const requests: Promise<void>[] = [];
  const begun = [{ phase: 'starting Packer', at: clock.now() }];
  await writeFile(folder.uploadList, run.upload);
  const log = folder.log();
  log.once('error', disk.fail);
  const graceMs = () => (disk.full.aborted ? Math.min(run.graceMs, fullGraceMs) : run.graceMs);
  const stop = AbortSignal.any([run.signal, timeout, disk.full]);
  stop.addEventListener('abort', () => {
    const why = run.signal.aborted ? 'interrupted' : timeout.aborted ? 'out of time' : 'the disk is full';
    const wait = `waiting up to ${Math.round(graceMs() / 1000)} s for Packer to terminate its machine`;
    progress.phase(node, `${why}: ${wait}`);
  });
  const requireImdsV2 = async (instanceId: string) => {
    await account.requireImdsV2(instanceId).catch((error: unknown) => {
      progress.say(node, `warning: the machine may answer to IMDSv1 as well: ${(error as Error).message}`);
    });
  };
  const end = await runPacker({
    args: packerArguments({ run, record, ready, folder, key }),
    rawLog: join(folder.work, 'packer.raw.log'),
    signal: stop,
    graceMs,
    onLine: (line) => {
      const { text, phase, instanceId } = output.take(line);
      if (text !== undefined) log.write(`${visible(text)}\n`);
      if (phase !== undefined) {
        progress.phase(node, phase);
        begun.push({ phase, at: clock.now() });
      }
      // For a newer Packer the pack requires it itself.
      if (instanceId !== undefined && !hasImdsOptions(run.packerVersion))
        requests.push(requireImdsV2(instanceId));
    },
  });
  await finished(log.end()).catch(disk.fail);
  disk.end();
  await Promise.all(requests);
  return { end, output, phases: phaseTimes(begun, clock.now()) };
}

type PhaseTime = NonNullable<BakeRecord['phases']>[number];

/** How long each phase took, until the next began or Packer ended. */
function phaseTimes(begun: readonly { phase: string; at: Date }[], end: Date): PhaseTime[] {
  return begun.map(({ phase, at }, index) => {
    const until = begun[index + 1]?.at ?? end;
    return { phase, seconds: (until.getTime() - at.getTime()) / 1000 };
  });
}

/** Each value is an argument of its own: none ever passes through a shell. */
function packerArguments({ run, record, ready, folder, key }: Omit<PackerTask, 'node'>): string[] {
  const variables = {
    region: run.region,
    time: record.imageName.slice(record.node.length + 1),
    run: run.id,
    commit: run.commit,
    // For the images' tags.
    ...run.planned.get(record.node),
    vpc: ready.vpc,
    ...(ready.source === undefined ? {} : { source: ready.source }),
    manifests: resolve(run.manifests),
    environment_files: folder.uploadList,
    reports: folder.path,
    work: folder.work,
    ...(key === undefined ? {} : { keypair: key.name, key_file: key.file }),
    ...(record.certname === undefined ? {} : { certname: record.certname }),
    ...(run.certificateWaitMs === undefined
      ? {}
      : { certificate_wait: String(Math.ceil(run.certificateWaitMs / 1000)) }),
  };
  const flags = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
  return ['build', '-machine-readable', ...flags, packFile(run, record.node)];
}

/** What is known of a run of Packer that made no image. */
interface NotBaked {
  node: Node;
  end: PackerEnd;
  output: Pick<PackerOutput, 'failure'>;
  interrupted: boolean;
  /** The time that it was given, once that has passed. */
  timedOutMs: number | undefined;
  /** Why nothing can be written any more. */
  diskProblem: string | undefined;
  puppetExitCode: number | undefined;
  /** What Puppet printed. */
  console: string;
}

/** Why a run of Packer made no image, by the nearest cause. */
function whyNotBaked(known: NotBaked): PackerBake {
  const { end, output, timedOutMs, diskProblem, puppetExitCode } = known;
  const failed = (error: string, unavailable = false, status: BakeRecord['status'] = 'failed') => ({
    record: { status, error },
    unavailable,
  });
  const withEnd = (what: string) =>
    [
      what,
      ...(end.killed ? ['Packer did not end in time and was killed'] : []),
      ...(output.failure.crashed
        ? ['Packer crashed when it was asked to stop (crash.log); what it left is removed now']
        : []),
    ].join('; ');
  if (known.interrupted) return failed(withEnd('interrupted'), false, 'interrupted');
  if (timedOutMs !== undefined)
    return failed(withEnd(`took longer than ${durationText(timedOutMs)}`), false, 'timed-out');
  if (diskProblem !== undefined) return failed(withEnd(diskProblem), true);
  if (end.exitCode === 0) return failed('Packer named no image');
  // Packer knows only that judge.sh ended the bake; Puppet's own words are better.
  const puppetFailed = puppetExitCode !== undefined && puppetExitCode !== 0 && puppetExitCode !== 2;
  const failure = puppetFailed ? consoleFailure(known.console) : undefined;
  if (failure === undefined) {
    const cause = causeOf(output.failure, known.node);
    return failed(cause.message, cause.unavailable);
  }
  const { message, reason } = failure;
  return {
    record: { status: 'failed', error: message, ...(reason !== undefined && { puppetFailure: reason }) },
    unavailable: false,
  };
}
