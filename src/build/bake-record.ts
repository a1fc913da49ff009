import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jenkinsRun } from '../cli/run-id.ts';
import { factsOf } from '../generate/pack.ts';
import { errnoOf } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';

const text = z.string();

/** `reports/<node>/bake.json`: what is known of a node's newest bake, from its first second to its end. */
const bakeRecordSchema = z.object({
  schema: z.literal(1),
  node: text,
  run: text,
  /** `running` until the bake has ended; one that was killed stays so. */
  status: z.enum(['running', 'baked', 'failed', 'timed-out', 'interrupted']),
  imageName: text,
  /** Only of a bake that ended well. */
  imageId: text.optional(),
  region: text,
  commit: text,
  /** Only of a bake by a plan: of all that decides what the image is. */
  digest: text.optional(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  /** The process that bakes: whoever finds `running` can tell if it still lives. */
  process: z.object({ host: text, pid: z.int(), startTicks: z.int() }),
  packerVersion: text,
  packerExitCode: z.int().optional(),
  /** Of `puppet apply --detailed-exitcodes` in the instance; absent: Puppet did not get to its end. */
  puppetExitCode: z.int().optional(),
  /** Where it was baked, and in which groups. */
  place: z.object({ vpc: text, subnet: text.optional(), groups: z.array(text).optional() }).optional(),
  /** Whom the pack lets Packer log in as. */
  sshUser: text.optional(),
  /** Devices whose volumes servers of the image leave behind, since the pack says so; absent: none. */
  keptVolumes: z.array(text).optional(),
  /** Only of a bake against a Puppet server: the name of its certificate there. */
  certname: text.optional(),
  puppetServer: text.optional(),
  /** The server has no certificate or request of that name any more. */
  certificateCleaned: z.boolean().optional(),
  /** How long it was in each of Packer's phases, in their order; absent in older records. */
  phases: z.array(z.object({ phase: text, seconds: z.number() })).optional(),
  /** SHA-256 of contents.json; absent: there is none. */
  contents: text.optional(),
  /** Why the bake failed, for a person. */
  error: text.optional(),
  /** What kind of failure of Puppet's ended it: `certificate-refused`. */
  puppetFailure: text.optional(),
  /** What was left in EC2 or on the Puppet server and could not be removed: `i-… (reason)`. */
  leftovers: z.array(text),
});

export type BakeRecord = z.infer<typeof bakeRecordSchema>;

/** A bake.json that is missing or not one of ours, in a sentence for a person. */
export class BakeRecordError extends Error {}

/** What a bake and its verify write of Puppet's run. */
export const puppetFiles = ['puppet-report.yaml', 'puppet-console.log', 'facts.yaml'];
/** What a bake and its verify write besides the record. */
const otherFiles = [
  ...['packer.log', 'crash.log', ...puppetFiles, 'junit.xml', 'verify.json', 'noop'],
  ...['contents.txt', 'contents.json', 'sbom.cdx.json'],
];

/** Removes what earlier bakes and their verify left in a node's folder, so that none of it is taken for the new bake's. */
export async function removeReports(folder: string): Promise<void> {
  for (const name of ['bake.json', ...otherFiles])
    await rm(join(folder, name), { recursive: true, force: true });
}

/** Removes all of earlier bakes but their record, by which the next bake finds what they left running. */
export async function removeReportsButRecord(reports: string, node: string): Promise<void> {
  for (const name of otherFiles) await rm(join(reports, node, name), { recursive: true, force: true });
}

/**
 * The node's record, or why there is none, as data. Under Jenkins the record of another build does not count: the bake of
 * this build never began.
 */
export async function bakeOfThisRun(
  reports: string,
  node: string,
  environment: NodeJS.ProcessEnv,
): Promise<BakeRecord | { unknown: string }> {
  try {
    const record = await readBakeRecord(reports, node);
    const run = jenkinsRun(environment);
    if (run === undefined || run === record.run) return record;
    return {
      unknown: `${join(reports, node, 'bake.json')} is of run ${record.run}, not of this one (${run})`,
    };
  } catch (error) {
    if (error instanceof BakeRecordError) return { unknown: error.message };
    throw error;
  }
}

/**
 * Reads `<reports>/<node>/bake.json`.
 * @throws BakeRecordError with a sentence for a person.
 */
export async function readBakeRecord(reports: string, node: string): Promise<BakeRecord> {
  const file = join(reports, node, 'bake.json');
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new BakeRecordError(
      errnoOf(error) === 'ENOENT'
        ? `${file} is missing: node ${node} was not built with these reports; run build first`
        : `${file} cannot be read: ${(error as Error).message}`,
    );
  });
  return parseBakeRecord(content, file, node);
}

/**
 * The record that a bake.json holds.
 * @param file its name, for the sentence
 * @throws BakeRecordError with a sentence for a person.
 */
export function parseBakeRecord(content: string, file: string, node: string): BakeRecord {
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch {
    throw new BakeRecordError(`${file} is not JSON: remove it and build the node again`);
  }
  const parsed = bakeRecordSchema.safeParse(data);
  if (!parsed.success) {
    const why = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new BakeRecordError(`${file} is not a bake record of schema 1 (${why}): build the node again`);
  }
  if (parsed.data.node !== node) {
    throw new BakeRecordError(`${file} is of node ${parsed.data.node}, not ${node}: build ${node} again`);
  }
  return parsed.data;
}

/** What Puppet was given in a bake, so that it can be given the same again. */
export function puppetInputs(node: Node, bake: BakeRecord) {
  const { certname = `${node.name}.bake`, puppetServer } = bake;
  return {
    node: node.name,
    certname,
    run: bake.run,
    ...(puppetServer === undefined ? {} : { puppetServer }),
    puppetEnvironment: node.puppetEnvironment,
    facts: factsOf(node),
  };
}
