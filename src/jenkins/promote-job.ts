import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, StageError } from '../lib/errors.ts';
import { printable, printableMarkup } from '../lib/printable.ts';
import { loadNodes } from '../nodes/load-nodes.ts';
import { readPromoteRecord } from '../promote/promote-record.ts';
import { promoteLock } from './build-summary.ts';
import { archive, resultsFolder } from './parameters.ts';
import { recordLines } from './promotions.ts';

/** What a person asks of the job `promote`, checked. */
export interface PromoteJob {
  action: 'promote' | 'rollback' | 'revoke';
  /** Empty with `revoke`, which acts on every node whose current image it revokes. */
  node: string;
  /** Empty: the node's newest verified one. */
  image: string;
  /** For a person; with `revoke` it also stands in a tag of the images. */
  reason: string;
  /** Do it, not only say what would be done. */
  apply: boolean;
  nodesFile: string;
  /** Where contents of images are kept; empty: nowhere else than in the reports. */
  archive: string;
}

const nodeName = /^[a-z0-9][a-z0-9-]*$/;
/** As EC2 writes ids: 8 digits in old accounts, 17 since 2016. */
const imageId = /^ami-[0-9a-f]{8,17}$/;
const maxReason = 255;

/** The parameters of the job `promote`, from the environment of its steps, or every problem, each in a sentence that names its parameter. */
export function readPromoteJob(environment: NodeJS.ProcessEnv): PromoteJob | { problems: string[] } {
  const value = (name: string) => environment[name]?.trim() ?? '';
  const [action, node, image, reason] = ['ACTION', 'NODE', 'IMAGE', 'REASON'].map(value) as [string, string, string, string]; // prettier-ignore
  const apply = value('APPLY');
  const nodesFile = value('BAKEHOUSE_NODES') || 'nodes.yaml';
  const kept = value('BAKEHOUSE_ARCHIVE');
  const isRevoke = action === 'revoke';
  const wrong: [name: string, isWrong: boolean, why: string][] = [
    ['ACTION', !['promote', 'rollback', 'revoke'].includes(action), 'is none of promote, rollback and revoke'],
    ['NODE', !isRevoke && node === '', 'is empty: choose a node of nodes.yaml'],
    ['NODE', node !== '' && !nodeName.test(node), 'is not the name of a node'],
    ['NODE', isRevoke && node !== '', 'must be empty for revoke, which acts on every node whose current image it revokes'],
    ['IMAGE', image !== '' && !imageId.test(image), 'is not the id of an image, such as ami-0123456789abcdef0'],
    ['IMAGE', isRevoke && image === '', 'is empty: name the image to revoke'],
    ['IMAGE', action === 'rollback' && image !== '', 'must be empty for rollback, which takes the image that was current before'],
    ['REASON', isRevoke && reason === '', 'is empty: say why the image is revoked'],
    ['REASON', reason.length > maxReason || /\p{Cc}/u.test(reason), `is not a sentence of one line, of ${maxReason} characters at most`],
    ['BAKEHOUSE_ARCHIVE', archive(kept) !== undefined, archive(kept) ?? ''],
    ['APPLY', !['', 'true', 'false'].includes(apply), 'is neither true nor false'],
    ['AWS_CREDENTIALS', !/^[A-Za-z0-9_.-]{0,200}$/.test(value('AWS_CREDENTIALS')), "is not a credential's id: letters, digits and _ . -"],
  ]; // prettier-ignore
  const problems = wrong.flatMap(([name, isWrong, why]) => (isWrong ? [`parameter ${name} ${why}`] : []));
  if (problems.length > 0) return { problems };
  return {
    action: action as PromoteJob['action'],
    node,
    image,
    reason,
    apply: apply === 'true',
    nodesFile,
    archive: kept,
  };
}

/**
 * The parameters of the job `promote`.
 * @throws StageError (exit 2) that names every wrong one
 */
export function checkedPromoteJob(environment: NodeJS.ProcessEnv): PromoteJob {
  const job = readPromoteJob(environment);
  if ('problems' in job) throw new StageError(job.problems.join('\n'), exitCode.badInput);
  return job;
}

/** The flags of the stage promote that do what was asked. */
export function promoteJobFlags({
  action,
  node,
  image,
  reason,
  apply,
  nodesFile,
  archive: where,
}: PromoteJob): string[] {
  const target = {
    promote: [`--node=${node}`, ...(image === '' ? [] : [`--image=${image}`])],
    rollback: [`--node=${node}`, '--rollback'],
    revoke: [`--revoke=${image}`, `--reason=${reason}`],
  }[action];
  const reports = `--reports=${resultsFolder}/reports`;
  return [
    `--nodes=${nodesFile}`,
    ...target,
    ...(apply ? ['--apply'] : []),
    reports,
    ...(where === '' ? [] : [`--archive=${where}`]),
  ];
}

/** Removes what an earlier build left in this workspace, so that it is not taken for this one's. */
export async function removeResults(): Promise<void> {
  await rm(resultsFolder, { recursive: true, force: true });
}

/**
 * What the job locks: its node, or all nodes where the image is revoked, since only AWS knows whose it is.
 * @throws StageError (exit 2) for wrong parameters, and for a node that nodes.yaml does not have
 */
export async function promoteJobLocks(
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string[]> {
  const { node, nodesFile } = checkedPromoteJob(environment);
  const nodes = await loadNodes(nodesFile, node === '' ? [] : [node], say);
  return nodes.map(({ name }) => promoteLock(name));
}

/** The build's name, and then the lines of its description: what was done, where, and why. */
export async function promoteJobReport(
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string[]> {
  const { action, node, image, reason, apply, nodesFile } = checkedPromoteJob(environment);
  const names = node === '' ? (await loadNodes(nodesFile, [], say)).map(({ name }) => name) : [node];
  const records = await Promise.all(
    names.map((name) => readPromoteRecord(join(resultsFolder, 'reports'), name)),
  );
  const lines = records.flatMap((record) => ('unknown' in record ? [] : recordLines(record)));
  const unknown = records.flatMap((record) => ('unknown' in record ? [record.unknown] : []));
  const name = `#${environment.BUILD_NUMBER ?? ''} ${action} ${node === '' ? image : node}`;
  return [
    printable(name),
    ...[
      ...(reason === '' ? [] : [reason]),
      ...(apply ? [] : ['APPLY is not set: nothing was changed']),
      ...(lines.length > 0 ? lines : unknown.slice(0, 1)),
    ].map(printableMarkup),
  ];
}
