import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { reasonsOf, type VerifiedNode } from './verify-result.ts';

const text = z.string();

const schema = z.object({
  schema: z.literal(1),
  node: text,
  /** The run of the bake that was judged; absent where no bake of this run is known. */
  run: text.optional(),
  imageId: text.optional(),
  /** The image bears the tag of a verified one. */
  verified: z.boolean(),
  /** Why it does not, in sentences. */
  reasons: z.array(text),
  /** What was launched to prove it and could not be removed: `i-… (reason)`. */
  leftovers: z.array(text).default([]),
});

/** `reports/<node>/verify.json`: what verify said of the node's newest bake. */
export type VerifyRecord = z.infer<typeof schema>;

/** A verify.json that cannot be written, in a sentence for a person. */
class VerifyRecordError extends Error {
  readonly exitCode = 2;
}

/**
 * Writes `<reports>/<node>/verify.json` for each node.
 * @throws VerifyRecordError when the folder does not take it.
 */
export async function writeVerifyRecords(reports: string, nodes: readonly VerifiedNode[]): Promise<void> {
  for (const verified of nodes) {
    const { node, run, imageId } = verified.verdict;
    const { leftovers } = verified;
    const found = { ...(run === undefined ? {} : { run }), ...(imageId === undefined ? {} : { imageId }) };
    const reasons = verified.tagged ? [] : reasonsOf(verified);
    const record: VerifyRecord = { schema: 1, node, ...found, verified: verified.tagged, reasons, leftovers };
    const file = join(reports, node, 'verify.json');
    try {
      await mkdir(join(reports, node), { recursive: true });
      await writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new VerifyRecordError(
        `${file} cannot be written (${code}): give a folder that can be with --reports`,
        { cause: error },
      );
    }
  }
}

/** The node's record, or in a sentence why there is none. */
export async function readVerifyRecord(
  reports: string,
  node: string,
): Promise<VerifyRecord | { unknown: string }> {
  const file = join(reports, node, 'verify.json');
  try {
    const record = schema.parse(JSON.parse(await readFile(file, 'utf8')));
    return record.node === node ? record : { unknown: `${file} is of node ${record.node}` };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { unknown: missing ? 'verify did not get to its end' : `${file} is not one of verify's` };
  }
}
