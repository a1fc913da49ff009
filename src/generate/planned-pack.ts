import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { PackFiles } from './pack.ts';
import { type PackFileReader, scriptsDigest } from './pack-files.ts';
import { type PackData, pathsOf } from './pack-paths.ts';

/** What a plan says of a node, as far as its pack must keep to it. */
export interface Planned {
  digest: string;
  /** Of the scripts. */
  scripts: string;
  /** The source image, where it is known. */
  sourceAmi?: string;
}

/** What a planned pack says of itself; in a text, since Packer takes no other comments. */
interface Mark {
  digest: string;
  /** The template's folder as seen from the packs' folder. */
  templates: string;
  /** Hash of the rest of the pack and of the facts. */
  rest: string;
}

/** The pack with the planned source image instead of a search for one, and with a mark by which build knows it again. */
export function plannedPack(made: PackFiles, planned: Planned, templates: string): PackFiles {
  const pack = JSON.parse(made.pack) as PackData;
  const [builder] = pack.builders;
  const { sourceAmi } = planned;
  const pinned = {
    ...pack,
    builders: [sourceAmi === undefined ? builder : withSource(builder, sourceAmi)],
  };
  const mark: Mark = { digest: planned.digest, templates, rest: restHash(pinned, made.facts) };
  return {
    pack: `${JSON.stringify({ ...pinned, _planned: JSON.stringify(mark) }, null, 2)}\n`,
    facts: made.facts,
  };
}

function withSource(builder: Record<string, unknown>, id: string): Record<string, unknown> {
  const others = Object.entries(builder).filter(
    ([key]) => key !== 'source_ami_filter' && key !== 'source_ami',
  );
  return { ...Object.fromEntries(others), source_ami: id };
}

/**
 * Why a pack must not be baked as planned, as a sentence's rest; undefined: it is what was planned, and so are the
 * scripts that it names.
 * @param folder of the packs
 */
export async function whyNotPlanned(
  node: string,
  made: PackFiles,
  planned: Planned,
  folder: string,
  reader: PackFileReader,
): Promise<string | undefined> {
  let data: (PackData & { _planned?: unknown }) | null;
  let mark: Partial<Mark> | null;
  try {
    data = JSON.parse(made.pack) as PackData;
    mark = JSON.parse(String(data._planned)) as Partial<Mark>;
  } catch {
    return 'was not generated with this plan';
  }
  const rest = Object.fromEntries(Object.entries(data).filter(([key]) => key !== '_planned'));
  const { templates } = mark;
  if (mark.digest !== planned.digest || templates === undefined) return 'was generated with another plan';
  if (mark.rest !== restHash(rest, made.facts)) return 'was changed after it was generated';
  const paths = pathsOf(node, data).paths.filter(
    ({ path, inPacks }) => !inPacks || path.startsWith(`${templates}/`),
  );
  const scripts = await scriptsDigest(paths, reader, ({ path, inPacks }) =>
    inPacks ? join(resolve(folder), path) : path,
  );
  if ('missing' in scripts) return `names ${scripts.missing.path}, which ${scripts.why}`;
  return scripts.digest === planned.scripts ? undefined : 'names scripts that are no longer what was planned';
}

function restHash(pack: object, facts: string): string {
  return createHash('sha256')
    .update(JSON.stringify([pack, facts]))
    .digest('hex');
}
