import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reportsAdvice } from '../cli/shared-flags.ts';
import { writeJsonFile } from '../lib/json-file.ts';

const text = z.string();

/** What promote did, or would do, in a region. */
export interface RegionRecord {
  region: string;
  /** The node's image there; absent: there is none yet. */
  imageId?: string | undefined;
  /** `original`: the own region's image. `there`: an earlier run made the copy. */
  copied: 'made' | 'there' | 'original' | 'would-make';
  /** The image that was current before, in this region. */
  previous?: string | undefined;
  parameter: PointerRecord;
  /** Absent: nodes.yaml names none. */
  launchTemplate?: PointerRecord | undefined;
  /** The accounts that may launch the image. */
  accounts: string[];
}

/** A parameter or a launch template. */
export interface PointerRecord {
  name: string;
  /** The version in service; absent: there is none, or it is not known. */
  version?: number | undefined;
  /** Without `applied`: it would be. */
  changed: boolean;
}

/** `reports/<node>/promote.json`: what promote did with the node. */
export interface PromoteRecord {
  schema: 1;
  kind: 'promote' | 'rollback' | 'revoke';
  node: string;
  /** False: promote only said what it would do. */
  applied: boolean;
  /** The image in the own region; absent: none could be chosen. */
  image?: string | undefined;
  /** The run that baked it. */
  run?: string | undefined;
  /** The own region first. */
  regions: RegionRecord[];
  /** Why the node's image is not in service in all regions, in sentences; none: it is. */
  problems: string[];
  /** What else a person should know, in sentences. */
  notes: string[];
}

const pointer = z.object({ name: text, version: z.number().optional(), changed: z.boolean() });

const schema: z.ZodType<PromoteRecord> = z.object({
  schema: z.literal(1),
  kind: z.enum(['promote', 'rollback', 'revoke']),
  node: text,
  applied: z.boolean(),
  image: text.optional(),
  run: text.optional(),
  regions: z.array(
    z.object({
      region: text,
      imageId: text.optional(),
      copied: z.enum(['made', 'there', 'original', 'would-make']),
      previous: text.optional(),
      parameter: pointer,
      launchTemplate: pointer.optional(),
      accounts: z.array(text),
    }),
  ),
  problems: z.array(text),
  notes: z.array(text).default([]),
});

/**
 * Writes `<reports>/<node>/promote.json` for each node.
 * @throws FileError
 */
export async function writePromoteRecords(reports: string, records: readonly PromoteRecord[]): Promise<void> {
  for (const record of records)
    await writeJsonFile(join(reports, record.node, 'promote.json'), record, reportsAdvice);
}

/** The node's record, or in a sentence why there is none. */
export async function readPromoteRecord(
  reports: string,
  node: string,
): Promise<PromoteRecord | { unknown: string }> {
  const file = join(reports, node, 'promote.json');
  try {
    const record = schema.parse(JSON.parse(await readFile(file, 'utf8')));
    return record.node === node ? record : { unknown: `${file} is of node ${record.node}` };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { unknown: missing ? 'promote did not get to its end' : `${file} is not one of promote's` };
  }
}
