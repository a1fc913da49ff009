import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import type { Node } from '../nodes/node.ts';
import { certificateOf, cleanUpCertificate } from './bake-certificate.ts';
import { type BakeKey, withKey } from './bake-key.ts';
import type { BakeRecord } from './bake-record.ts';
import { type PackOrder, readPackOrder } from './pack-order.ts';
import { recordOfPack } from './pack-record.ts';
import { packerArguments, packFile, type Ready, uploadList } from './packer-arguments.ts';
import { PackerOutput } from './packer-output.ts';
import type { PackerEnd, PackerRun } from './packer-process.ts';
import { type ProcessMark, stillRuns } from './process-mark.ts';
import type { ReportsFolder } from './reports-folder.ts';
import { reapEarlier, sweep, sweepEarlier } from './sweep.ts';
import { isAtLeast, type PackerVersion } from './version.ts';

/** How long EC2 may take to list an instance that has just been asked for. */
const lateInstanceMs = 5_000;

/** What all bakes of a run share. */
export interface Run {
  id: string;
  commit: string;
  region: string;
  /** The folder of the packs, and of the Puppet environment. */
  packs: string;
  manifests: string;
  /** The environment's files that go up, each with a zero byte behind it: what tar reads. */
  upload: Buffer;
  timeoutMs: number;
  /** How long an interrupted Packer may take to terminate its instance. */
  graceMs: number;
  /** How long an agent may wait for its certificate to be signed; undefined: as collect.sh says. */
  certificateWaitMs: number | undefined;
  /** What the images are tagged with, by node; empty without a plan. */
  planned: ReadonlyMap<string, { digest: string; inputs: string }>;
  packerVersion: PackerVersion;
  process: ProcessMark;
  /** Aborted: every bake ends early, cleaning up. */
  signal: AbortSignal;
}

/** What a bake needs of the world. */
export interface BakeWorld {
  now: () => Date;
  runPacker: (run: PackerRun) => Promise<PackerEnd>;
  /** Judges what the node's pack needs of the account; throws with a sentence when it lacks something. */
  preflight: (node: Node, pack: PackOrder) => Promise<Ready>;
  /** Of a bake with an image id that stays, with its snapshots. */
  removeLeftovers: (
    bake: Pick<BakeRecord, 'node' | 'run' | 'imageName' | 'imageId'>,
  ) => Promise<{ removed: string[]; left: string[] }>;
  /** Terminates the servers that a verify of this run may have left, which was killed; answers what is still there. */
  removeProof: (bake: Pick<BakeRecord, 'node' | 'run'>) => Promise<string[]>;
  /** Removes what other runs of this node have left that are over by their age; answers what, and what is still there. */
  reap: (order: {
    node: string;
    run: string;
    timeoutMs: number;
    signal: AbortSignal;
  }) => Promise<{ removed: string[]; left: string[] }>;
  /** Makes the key pair of a bake that may take until then, whose private key goes to `file`; answers its name. */
  importKey: (bake: Pick<BakeRecord, 'node' | 'run'>, file: string, until: Date) => Promise<string>;
  deleteKey: (name: string) => Promise<void>;
  /** Takes a certificate off a Puppet server; answers why it may still be there. */
  cleanCertificate: (server: string, certname: string) => Promise<string | undefined>;
  /** What Puppet's console output says of a failed run. */
  explain: (consoleText: string) => { reason: string; message: string } | undefined;
  requireImdsV2: (instanceId: string) => Promise<void>;
  requireImdsV2OfServers: (imageId: string) => Promise<void>;
  pause: (ms: number) => Promise<unknown>;
  /** A new phase of the node's bake, or a line to say about it. */
  phase: (node: string, phase: string) => void;
  say: (node: string, line: string) => void;
  done: (node: string, good: boolean, text: string) => void;
}

/** How a bake ended. */
export interface BakeEnd {
  record: BakeRecord;
  /** It failed because a tool or the cloud is not available: the same may well succeed later. */
  unavailable: boolean;
}

/** Bakes one image of a node. Whatever happens is in the record, which is written, too; only bugs are thrown. */
export async function bakeNode(
  node: Node,
  run: Run,
  folder: ReportsFolder,
  world: BakeWorld,
): Promise<BakeEnd> {
  const started = world.now();
  let record: BakeRecord = {
    schema: 1,
    node: node.name,
    run: run.id,
    status: 'running',
    imageName: imageName(node, started),
    region: run.region,
    commit: run.commit,
    ...digestOf(node, run),
    startedAt: started.toISOString(),
    process: run.process,
    packerVersion: run.packerVersion.join('.'),
    ...(await recordOfPack(packFile(node, run))),
    ...certificateOf(node, run.id),
    leftovers: [],
  };
  const earlier = await folder.earlier();
  if (earlier?.status === 'running' && (await stillRuns(earlier.process)) === true) {
    // Not ours to write: the other process owns the folder.
    const error = `is being baked by process ${earlier.process.pid} already (run ${earlier.run})`;
    return { record: { ...record, status: 'failed', error }, unavailable: false };
  }
  await folder.begin();
  await folder.write(record);
  let [begun, unavailable] = [false, false];
  const leftovers: string[] = [];
  try {
    if (earlier !== undefined) leftovers.push(...(await sweepEarlier(earlier, world)));
    await reapEarlier(record, run, world);
    const ready = await readyFor(node, run, world);
    begun = ready !== undefined;
    const asked = { ...record, ...(ready?.place && { place: ready.place }) };
    const bake = async (from: BakeRecord, inPlace: Ready): Promise<BakeRecord> => {
      const how = (key?: BakeKey) => packed(node, run, from, inPlace, folder, world, key);
      return {
        ...from,
        ...(await withKey(from, latestEnd(run, world), packFile(node, run), folder.work, world, how)),
      };
    };
    record = ready === undefined ? { ...asked, ...unbegun } : await bake(asked, ready);
    const taken = takenName(record);
    if (ready !== undefined && taken !== undefined && !isOver(run)) {
      const left = [...(await cleanUpCertificate(record, world)), ...(await sweep(record, world))];
      if (left.length === 0) {
        world.say(node.name, `${taken}: cleaned, and tried once more`);
        await folder.again();
        record = await bake({ ...asked, imageName: imageName(node, world.now()) }, ready);
      }
    }
  } catch (error) {
    unavailable = (error as { exitCode?: unknown }).exitCode === 4;
    record = { ...record, status: 'failed', error: (error as Error).message };
  }
  if (begun) {
    const certificate = await cleanUpCertificate(record, world);
    if (record.certname !== undefined) record = { ...record, certificateCleaned: certificate.length === 0 };
    leftovers.push(...certificate);
    // Packer ends well also when it could not terminate its instance, or leaves a volume behind.
    leftovers.push(...(await sweep(record, world)));
  }
  record = { ...record, leftovers, finishedAt: world.now().toISOString() };
  await folder.end();
  await folder.write(record);
  world.done(node.name, record.status === 'baked', record.error ?? `baked ${record.imageId ?? ''}`);
  return { record, unavailable };
}

function imageName(node: Node, time: Date): string {
  return `${node.name}-${Math.floor(time.getTime() / 1000)}`;
}

function digestOf({ name }: Node, { planned }: Run): Pick<BakeRecord, 'digest'> {
  const digest = planned.get(name)?.digest;
  return digest === undefined ? {} : { digest };
}

/** When a bake that begins now has ended, its cleaning up and all. */
function latestEnd({ timeoutMs, graceMs }: Run, world: BakeWorld): Date {
  return new Date(world.now().getTime() + timeoutMs + 2 * graceMs);
}

/** Which name of a failed bake was taken already, so that another try may go well. */
function takenName({
  status,
  puppetFailure,
  error = '',
  certname,
  imageName,
}: BakeRecord): string | undefined {
  if (status !== 'failed') return undefined;
  if (puppetFailure === 'certificate-known') return `${certname ?? 'its certificate'} was signed before`;
  // Two bakes of a node began in the same second; Packer looks itself before, EC2 at the end.
  const taken = /InvalidAMIName\.Duplicate|is used by an existing AMI/.test(error);
  return taken ? `${imageName} is another image already` : undefined;
}

const unbegun = { status: 'interrupted', error: 'interrupted before it began' } as const;

/** What Packer is to be told, once the account is known to have all that the node needs; undefined: interrupted. */
async function readyFor(node: Node, run: Run, world: BakeWorld): Promise<Ready | undefined> {
  if (isOver(run)) return undefined;
  world.phase(node.name, 'checking the account');
  const ready = await world.preflight(node, await readPackOrder(packFile(node, run)));
  return isOver(run) ? undefined : ready;
}

/** Runs Packer; answers what it adds to the record. */
async function packed(
  node: Node,
  run: Run,
  record: BakeRecord,
  ready: Ready,
  folder: ReportsFolder,
  world: BakeWorld,
  key: BakeKey | undefined,
): Promise<Partial<BakeRecord>> {
  const output = new PackerOutput(run.region);
  await writeFile(uploadList(folder), run.upload);
  const log = folder.log();
  const asides: Promise<void>[] = [];
  // Node's timers end at 2^31 ms.
  const timeout = AbortSignal.timeout(Math.min(run.timeoutMs, 2 ** 31 - 1));
  const end = await world.runPacker({
    args: packerArguments(node, run, record, ready, folder, key),
    rawLog: join(folder.work, 'packer.raw.log'),
    signal: AbortSignal.any([run.signal, timeout]),
    graceMs: run.graceMs,
    onLine: (line) => {
      const news = output.take(line);
      if (news.text !== undefined) log.write(`${news.text}\n`);
      if (news.phase !== undefined) world.phase(node.name, news.phase);
      // From 1.7 on the pack says so itself.
      if (news.instanceId !== undefined && !isAtLeast(run.packerVersion, [1, 7, 0])) {
        asides.push(orSay(world.requireImdsV2(news.instanceId), node.name, world));
      }
    },
  });
  await finished(log.end());
  await Promise.all(asides);
  const known = {
    ...(end.exitCode === undefined ? {} : { packerExitCode: end.exitCode }),
    ...definedCode(await folder.puppetExitCode()),
  };
  // The image counts even when the signal came in its last second: Packer ended well, so nothing is half done.
  if (end.exitCode === 0 && output.imageId !== undefined) {
    await world.requireImdsV2OfServers(output.imageId);
    return { ...known, status: 'baked', imageId: output.imageId };
  }
  // Packer 1.6 forgets an instance that it was told to end while asking for; it shows up in EC2 a little later.
  if (output.launching) await world.pause(lateInstanceMs);
  const killed = end.killed ? '; Packer did not end in time and was killed' : '';
  if (run.signal.aborted) return { ...known, status: 'interrupted', error: `interrupted${killed}` };
  if (timeout.aborted) {
    return {
      ...known,
      status: 'timed-out',
      error: `took longer than ${run.timeoutMs / 60_000} min${killed}`,
    };
  }
  if (end.exitCode === 0) return { ...known, status: 'failed', error: 'Packer named no image' };
  // Packer knows only that judge.sh ended the bake; Puppet's own words are better.
  const failure = world.explain(await folder.console());
  if (failure === undefined || !isPuppets(known.puppetExitCode))
    return { ...known, status: 'failed', error: output.reason };
  return { ...known, status: 'failed', error: failure.message, puppetFailure: failure.reason };
}

/** Whether Puppet ran, and did not end well. */
function isPuppets(exitCode: number | undefined): boolean {
  return exitCode !== undefined && exitCode !== 0 && exitCode !== 2;
}

function isOver(run: Run): boolean {
  return run.signal.aborted;
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
