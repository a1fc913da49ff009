import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../cli/progress.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { certnameOf, type CleanCertificate } from '../puppet/ca/certificates.ts';
import type { BakeAccount } from './bake-account.ts';
import type { BakeRecord } from './bake-record.ts';
import { type ContentsDeps, keepContents, keepRecord } from './keep-contents.ts';
import { type BakeKey, bakeWithPacker, type PackerBake, type PackerDeps } from './bake-with-packer.ts';
import {
  removeLeftoversOf,
  removeCertificate,
  removeEarlierLeftovers,
  removeEndedRuns,
} from './node-leftovers.ts';
import type { Ready } from './preflight.ts';
import { type PackFacts, readPack } from './read-pack.ts';
import type { ReportsFolder } from './reports-folder.ts';
import { type BakeRun, packFile, stillRuns } from './start-run.ts';

/** What a bake needs besides its node and its run. */
export interface BakeDeps extends PackerDeps, Pick<ContentsDeps, 'archive' | 'sbom'> {
  account: BakeAccount;
  cleanCertificate: CleanCertificate;
  progress: Pick<Progress, 'phase' | 'say' | 'done'>;
}

/** How a bake ended. */
export interface BakeEnd {
  record: BakeRecord;
  /** It failed because a tool or the cloud is not available: the same bake may well succeed later. */
  unavailable: boolean;
}

/** A bake of one node, for its steps. */
interface Bake {
  node: Node;
  run: BakeRun;
  pack: PackFacts;
  folder: ReportsFolder;
  deps: BakeDeps;
}

/** Bakes one image of a node. Whatever happens is in the record, which is written as well; only bugs are thrown. */
export async function bakeNode(
  node: Node,
  run: BakeRun,
  folder: ReportsFolder,
  deps: BakeDeps,
): Promise<BakeEnd> {
  const started = deps.clock.now();
  const pack = await readPack(packFile(run, node.name));
  const bake: Bake = { node, run, pack, folder, deps };
  const record = newRecord(bake, started);
  const begun = await beginRecord(record, folder);
  if ('refused' in begun) return begun.refused;
  const prepared = await prepare(bake, record, begun.earlier);
  const end =
    'notBegun' in prepared
      ? prepared.notBegun
      : await cleanUp(bake, await bakeImage(bake, record, prepared.ready), prepared.leftovers);
  const last = await endRecord(await withContents(bake, end), folder, deps.clock.now());
  await keepRecord(last.record, deps);
  const { status, error, imageId = '' } = last.record;
  deps.progress.done(node.name, status === 'baked', error ?? `baked ${imageId}`);
  return last;
}

function newRecord({ node, run, pack }: Bake, started: Date): BakeRecord {
  const digest = run.planned.get(node.name)?.digest;
  const { sshUser, keptVolumes } = pack;
  return {
    schema: 1,
    node: node.name,
    run: run.id,
    status: 'running',
    imageName: imageName(node, started),
    region: run.region,
    commit: run.commit,
    ...(digest !== undefined && { digest }),
    startedAt: started.toISOString(),
    process: run.process,
    packerVersion: run.packerVersion,
    ...(sshUser !== undefined && { sshUser }),
    ...(keptVolumes.length > 0 && { keptVolumes }),
    // Masterless bakes have no certificate.
    ...(node.puppetServer !== undefined && {
      certname: certnameOf(node.name, run.id),
      puppetServer: node.puppetServer,
    }),
    leftovers: [],
  };
}

function imageName(node: Node, time: Date): string {
  return `${node.name}-${Math.floor(time.getTime() / 1000)}`;
}

/** Writes the first record, unless another process bakes the node. Answers the record of the bake before. */
async function beginRecord(
  record: BakeRecord,
  folder: ReportsFolder,
): Promise<{ earlier: BakeRecord | undefined } | { refused: BakeEnd }> {
  const earlier = await folder.earlier();
  if (earlier?.status === 'running' && stillRuns(earlier.process) === true) {
    // Nothing is written: the other process owns the folder.
    const error = `is being baked by process ${earlier.process.pid} already (run ${earlier.run})`;
    return { refused: { record: { ...record, status: 'failed', error }, unavailable: false } };
  }
  try {
    await folder.begin();
    await folder.write(record);
    return { earlier };
  } catch (error) {
    return { refused: failed(record, error) };
  }
}

/** Removes what earlier runs left, and asks the account for all that the bake needs. */
async function prepare(
  bake: Bake,
  record: BakeRecord,
  earlier: BakeRecord | undefined,
): Promise<{ ready: Ready; leftovers: string[] } | { notBegun: BakeEnd }> {
  const { node, run, deps } = bake;
  const leftovers: string[] = [];
  const showInterruption = () => {
    deps.progress.phase(node.name, 'interrupted: ending');
  };
  run.signal.addEventListener('abort', showInterruption);
  try {
    if (earlier !== undefined) leftovers.push(...(await removeEarlierLeftovers(earlier, deps)));
    await removeEndedRuns(record, run, deps);
    const ready = await checkAccount(bake);
    return ready === undefined ? { notBegun: interrupted({ ...record, leftovers }) } : { ready, leftovers };
  } catch (error) {
    return { notBegun: failed({ ...record, leftovers }, error) };
  } finally {
    run.signal.removeEventListener('abort', showInterruption);
  }
}

/** Whether the account has all that the bake needs; undefined: interrupted. */
async function checkAccount({ node, run, pack, deps }: Bake): Promise<Ready | undefined> {
  if (isInterrupted(run)) return undefined;
  deps.progress.phase(node.name, 'checking the account');
  const ready = await deps.account.preflight(node, pack.query);
  return isInterrupted(run) ? undefined : ready;
}

/** Bakes with Packer; once more where only a name was taken that is free now. */
async function bakeImage(bake: Bake, record: BakeRecord, ready: Ready): Promise<BakeEnd> {
  const { node, run, folder, deps } = bake;
  const from = { ...record, ...placeOf(ready) };
  try {
    const first = await bakeWithKey(bake, from, ready);
    const taken = takenName(first.record);
    if (taken === undefined || isInterrupted(run)) return first;
    const left = [
      ...(await removeCertificate(first.record, deps)),
      ...(await removeLeftoversOf(first.record, deps)),
    ];
    if (left.length > 0) return first;
    deps.progress.say(node.name, `${taken}: cleaned, and tried once more`);
    await folder.retry();
    return await bakeWithKey(bake, { ...from, imageName: imageName(node, deps.clock.now()) }, ready);
  } catch (error) {
    return failed(from, error);
  }
}

/** Which name of a failed bake was taken already, so that another try may succeed. */
function takenName(record: BakeRecord): string | undefined {
  const { status, puppetFailure, error = '', certname = 'its certificate', imageName: name } = record;
  if (status !== 'failed') return undefined;
  if (puppetFailure === 'certificate-known') return `${certname} was signed before`;
  // Two bakes of a node began in the same second. Packer asks for the name before the bake, EC2 refuses it at the end.
  const taken = /InvalidAMIName\.Duplicate|is used by an existing AMI/.test(error);
  return taken ? `${name} is another image already` : undefined;
}

/** Bakes with a key pair of the bake's own, which is deleted whatever happens, unless the pack leaves it to Packer. */
async function bakeWithKey(bake: Bake, record: BakeRecord, ready: Ready): Promise<BakeEnd> {
  const { node, run, pack, folder, deps } = bake;
  const withPacker = async (key: BakeKey | undefined): Promise<BakeEnd> => {
    const baked: PackerBake = await bakeWithPacker({ node, run, record, ready, folder, key }, deps);
    return { record: { ...record, ...baked.record }, unavailable: baked.unavailable };
  };
  if (!pack.takesKey) return withPacker(undefined);
  const file = join(folder.work, 'key.pem');
  const latestEnd = new Date(deps.clock.now().getTime() + run.timeoutMs + 2 * run.graceMs);
  const name = await deps.account.importKey(record, file, latestEnd);
  try {
    return await withPacker({ name, file });
  } finally {
    await rm(file, { force: true });
    // Its tags are known: if it stays, a later build or cleanup finds it.
    await deps.account.deleteKey(name).catch((error: unknown) => {
      const why = (error as Error).message;
      deps.progress.say(node.name, `warning: key pair ${name} could not be deleted: ${why}`);
    });
  }
}

/** Removes the bake's certificate and leftovers. `earlier` is what earlier bakes left that is still there. */
async function cleanUp({ deps }: Bake, end: BakeEnd, earlier: readonly string[]): Promise<BakeEnd> {
  const { record } = end;
  const certificate = await removeCertificate(record, deps);
  // Packer ends well also when it could not terminate its instance, or leaves a volume behind.
  const left = await removeLeftoversOf(record, deps);
  const isCleaned = record.certname !== undefined && { certificateCleaned: certificate.length === 0 };
  return { ...end, record: { ...record, ...isCleaned, leftovers: [...earlier, ...certificate, ...left] } };
}

async function withContents({ folder, deps }: Bake, end: BakeEnd): Promise<BakeEnd> {
  const contents = await keepContents(end.record, folder, deps);
  return contents === undefined ? end : { ...end, record: { ...end.record, contents } };
}

/** Writes the last record. A bake that cannot be recorded has failed: it cannot be verified. */
async function endRecord(end: BakeEnd, folder: ReportsFolder, now: Date): Promise<BakeEnd> {
  const record = { ...end.record, finishedAt: now.toISOString() };
  try {
    await folder.end();
    await folder.write(record);
    return { ...end, record };
  } catch (error) {
    const made = record.imageId === undefined ? '' : `${record.imageId} was baked, but `;
    return failed(record, error, made);
  }
}

function failed(record: BakeRecord, error: unknown, before = ''): BakeEnd {
  return {
    record: { ...record, status: 'failed', error: `${before}${(error as Error).message}` },
    unavailable: exitCodeOf(error) === exitCode.unavailable,
  };
}

function interrupted(record: BakeRecord): BakeEnd {
  return {
    record: { ...record, status: 'interrupted', error: 'interrupted before it began' },
    unavailable: false,
  };
}

/** As a function, since the signal may come at any await. */
function isInterrupted({ signal }: BakeRun): boolean {
  return signal.aborted;
}

function placeOf({ place }: Ready): Pick<BakeRecord, 'place'> {
  return place === undefined ? {} : { place };
}
