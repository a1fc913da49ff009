import type { Node } from '../nodes/node.ts';
import { certificateOf, cleanUpCertificate } from './bake-certificate.ts';
import { type BakeKey, withKey } from './bake-key.ts';
import type { BakeRecord } from './bake-record.ts';
import { bakeWithPacker } from './bake-with-packer.ts';
import type { CloudProblemIn } from './failure-cause.ts';
import type { PackQuery } from '../generate/pack-query.ts';
import { readPack } from './read-pack.ts';
import { packFile, type Ready } from './packer-arguments.ts';
import type { PackerEnd, PackerRun } from './packer-process.ts';
import { type ProcessMark, stillRuns } from './process-mark.ts';
import type { ReportsFolder } from './reports-folder.ts';
import { reapEarlier, sweep, sweepEarlier } from './sweep.ts';
import type { PackerVersion } from '../generate/installed-packer.ts';

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
  preflight: (node: Node, pack: PackQuery) => Promise<Ready>;
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
  explain: (consoleText: string) => { reason?: string; message: string } | undefined;
  /** Which problem of the cloud's a message of Packer's names. */
  cloudProblemIn: CloudProblemIn;
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
  const pack = await readPack(packFile(node, run));
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
    ...(pack.sshUser !== undefined && { sshUser: pack.sshUser }),
    ...(pack.keptVolumes.length > 0 && { keptVolumes: pack.keptVolumes }),
    ...certificateOf(node, run.id),
    leftovers: [],
  };
  const earlier = await folder.earlier();
  if (earlier?.status === 'running' && (await stillRuns(earlier.process)) === true) {
    // Not ours to write: the other process owns the folder.
    const error = `is being baked by process ${earlier.process.pid} already (run ${earlier.run})`;
    return { record: { ...record, status: 'failed', error }, unavailable: false };
  }
  try {
    await folder.begin();
    await folder.write(record);
  } catch (error) {
    return { record: { ...record, status: 'failed', error: (error as Error).message }, ...atFault(error) };
  }
  let [begun, unavailable] = [false, false];
  const leftovers: string[] = [];
  try {
    const ready = await answering(
      run.signal,
      () => {
        world.phase(node.name, 'interrupted: ending');
      },
      async () => {
        if (earlier !== undefined) leftovers.push(...(await sweepEarlier(earlier, world)));
        await reapEarlier(record, run, world);
        return readyFor(node, pack.query, run, world);
      },
    );
    begun = ready !== undefined;
    const asked = { ...record, ...(ready?.place && { place: ready.place }) };
    const bake = async (from: BakeRecord, inPlace: Ready): Promise<BakeRecord> => {
      const how = (key?: BakeKey) => bakeWithPacker(node, run, from, inPlace, folder, world, key);
      const end = latestEnd(run, world);
      const baked = await withKey(from, end, pack.takesKey, folder.work, world, how);
      ({ unavailable } = baked);
      return { ...from, ...baked.record };
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
    ({ unavailable } = atFault(error));
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
  try {
    await folder.end();
    await folder.write(record);
  } catch (error) {
    // What cannot be recorded cannot be verified either.
    const made = record.imageId === undefined ? '' : `${record.imageId} was baked, but `;
    record = { ...record, status: 'failed', error: `${made}${(error as Error).message}` };
    ({ unavailable } = atFault(error));
  }
  world.done(node.name, record.status === 'baked', record.error ?? `baked ${record.imageId ?? ''}`);
  return { record, unavailable };
}

/** Whether what was thrown says that a tool, the cloud or this computer is to blame. */
function atFault(error: unknown): { unavailable: boolean } {
  return { unavailable: (error as { exitCode?: unknown }).exitCode === 4 };
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

/** Does something, and answers an interruption meanwhile at once: what is begun ends first. */
async function answering<T>(signal: AbortSignal, answer: () => void, what: () => Promise<T>): Promise<T> {
  signal.addEventListener('abort', answer);
  try {
    return await what();
  } finally {
    signal.removeEventListener('abort', answer);
  }
}

const unbegun = { status: 'interrupted', error: 'interrupted before it began' } as const;

/** What Packer is to be told, once the account is known to have all that the node needs; undefined: interrupted. */
async function readyFor(
  node: Node,
  query: PackQuery,
  run: Run,
  world: BakeWorld,
): Promise<Ready | undefined> {
  if (isOver(run)) return undefined;
  world.phase(node.name, 'checking the account');
  const ready = await world.preflight(node, query);
  return isOver(run) ? undefined : ready;
}

function isOver(run: Run): boolean {
  return run.signal.aborted;
}
