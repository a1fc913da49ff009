import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reportsAdvice } from '../cli/shared-flags.ts';
import { writeJsonFile } from '../lib/json-file.ts';
import { type PuppetOverview, puppetOverview, type ResourceLine } from './puppet-overview.ts';
import { reasonsOf, type VerifiedNode } from './verify-result.ts';

export type { PuppetOverview, ResourceLine };

const text = z.string();

/** `reports/<node>/verify.json`: what verify said of the node's newest bake. */
export interface VerifyRecord {
  schema: 1;
  node: string;
  /** The run of the bake that was judged; absent where no bake of this run is known. */
  run?: string | undefined;
  imageId?: string | undefined;
  /** The image has the tag of a verified one. */
  verified: boolean;
  /** Why it does not, in sentences. */
  reasons: string[];
  /** Servers of the image, and what belongs to them, that could not be removed: `i-… (reason)`. */
  leftovers: string[];
  /** Puppet's run in the bake; absent without a report. */
  puppet?: PuppetOverview | undefined;
  /** What changed from the image before, in a few words; absent: it is not known. */
  contents?: string | undefined;
}

const lineShape = {
  resource: text,
  file: text.optional(),
  line: z.int().optional(),
  messages: z.array(text),
};
const puppetSchema = z.object({
  ...{ changed: z.int(), unchanged: z.int(), failed: z.int(), skipped: z.int() },
  changes: z.array(z.object(lineShape)),
  slowest: z.array(z.object({ ...lineShape, seconds: z.number() })),
});

const schema: z.ZodType<VerifyRecord> = z.object({
  schema: z.literal(1),
  node: text,
  run: text.optional(),
  imageId: text.optional(),
  verified: z.boolean(),
  reasons: z.array(text),
  leftovers: z.array(text).default([]),
  puppet: puppetSchema.optional(),
  contents: text.optional(),
});

/** What verify says of a node, as its record has it. */
export function verifyRecordOf(verified: VerifiedNode): VerifyRecord {
  const { node, run, imageId, contents } = verified.verdict;
  const { leftovers } = verified;
  const puppet = puppetOverview(verified.verdict);
  return {
    ...{ schema: 1, node },
    ...(run === undefined ? {} : { run }),
    ...(imageId === undefined ? {} : { imageId }),
    verified: verified.tagged,
    reasons: verified.tagged ? [] : reasonsOf(verified),
    leftovers,
    ...(puppet === undefined ? {} : { puppet }),
    ...(contents?.summary === undefined ? {} : { contents: contents.summary }),
  };
}

/**
 * Writes `<reports>/<node>/verify.json` for each node.
 * @throws FileError
 */
export async function writeVerifyRecords(reports: string, nodes: readonly VerifiedNode[]): Promise<void> {
  for (const verified of nodes)
    await writeJsonFile(
      join(reports, verified.verdict.node, 'verify.json'),
      verifyRecordOf(verified),
      reportsAdvice,
    );
}

/** The node's record, or in a sentence why there is none. */
export async function readVerifyRecord(
  reports: string,
  node: string,
): Promise<VerifyRecord | { unknown: string }> {
  const file = join(reports, node, 'verify.json');
  try {
    return parseVerifyRecord(await readFile(file, 'utf8'), file, node);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { unknown: missing ? 'verify did not get to its end' : notVerifys(file) };
  }
}

/**
 * The record that a verify.json holds, or in a sentence why it holds none of the node.
 * @param file its name, for the sentence
 */
export function parseVerifyRecord(
  content: string,
  file: string,
  node: string,
): VerifyRecord | { unknown: string } {
  try {
    const record = schema.parse(JSON.parse(content));
    return record.node === node ? record : { unknown: `${file} is of node ${record.node}` };
  } catch {
    return { unknown: notVerifys(file) };
  }
}

const notVerifys = (file: string) => `${file} is not one of verify's`;
