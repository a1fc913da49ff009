import { join, resolve } from 'node:path';
import { exitCode, StageError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import { jsonText } from '../lib/json-file.ts';
import type { Node } from '../nodes/node.ts';
import type { PlanFile } from '../plan/plan-file.ts';
import type { PackFiles } from './pack.ts';
import { type PackData, type PackFileReader, pathsOf, scriptsDigest } from './pack-files.ts';
import { packInputs } from './pack-inputs.ts';
import { optionalKeys, type PackSettings } from './pack-settings.ts';

/** What the plan says of a node that it wants to be baked. */
export interface PlannedNode {
  digest: string;
  inputs: NonNullable<PlanFile['nodes'][number]['inputs']>;
  /** What the image is to say of its facts. */
  record: string;
  /** The source image, where it is known. */
  sourceAmi?: string | undefined;
}

/** What a planned pack says of itself; in a text, since Packer takes no other comments. */
interface Mark {
  digest: string;
  /** The template's folder as seen from the packs' folder. */
  templates: string;
  /** Hash of the rest of the pack and of the facts. */
  rest: string;
}

/**
 * What the plan says of a node that it wants to be baked.
 * @throws StageError
 */
export function plannedNode(plan: PlanFile, name: string): PlannedNode {
  const found = plan.nodes.find(({ node }) => node === name);
  if (found?.digest === undefined || found.inputs === undefined)
    throw new StageError(
      `the plan does not say what ${name} is made of: make a new one with plan`,
      exitCode.badInput,
    );
  const { digest, inputs, record = '', sourceAmi } = found;
  return { digest, inputs, record, sourceAmi };
}

/**
 * How generate makes the packs that plan judged: with the source image that plan found.
 * @param nodes those of the plan's that packs are made for
 * @param all of nodes.yaml
 * @throws StageError when a pack or its scripts are no longer what was planned, TemplateError
 */
export async function plannedPacks(
  plan: PlanFile,
  nodes: readonly Node[],
  all: readonly Node[],
  settings: Omit<PackSettings, 'optional'>,
  reader: PackFileReader,
): Promise<(node: Node, made: PackFiles) => PackFiles> {
  const judged = { ...settings, optional: optionalKeys(all) };
  const problems: string[] = [];
  for (const node of nodes) {
    const { inputs } = plannedNode(plan, node.name);
    const now = await packInputs(node, judged, reader);
    const what = [
      ...(now.pack === inputs.pack ? [] : ['pack']),
      ...(now.scripts === inputs.scripts ? [] : ['scripts']),
      ...(now.puppet === inputs.puppet ? [] : ['Puppet package']),
    ];
    if (what.length > 0)
      problems.push(
        `${node.name}: the ${what.join(' and ')} would no longer be what was planned: run plan again`,
      );
  }
  if (problems.length > 0) throw new StageError(problems.join('\n'), exitCode.badInput);
  return (node, made) => pinnedPack(made, plannedNode(plan, node.name), settings.templates);
}

/** The pack with the planned source image instead of a search for one, and with a mark that build checks. */
function pinnedPack(made: PackFiles, { digest, sourceAmi }: PlannedNode, templates: string): PackFiles {
  const pack = JSON.parse(made.pack) as PackData;
  const [builder] = pack.builders;
  const pinned = {
    ...pack,
    builders: [sourceAmi === undefined ? builder : withSource(builder, sourceAmi)],
  };
  const mark: Mark = { digest, templates, rest: restHash(pinned, made.facts) };
  return {
    pack: jsonText({ ...pinned, _planned: JSON.stringify(mark) }),
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
 * Why a pack must not be baked as planned, as a sentence's rest; undefined: the pack and the scripts that it names are
 * what was planned.
 * @param folder of the packs
 */
export async function whyNotPlanned(
  node: string,
  made: PackFiles,
  planned: PlannedNode,
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
  return scripts.digest === planned.inputs.scripts
    ? undefined
    : 'names scripts that are no longer what was planned';
}

function restHash(pack: object, facts: string): string {
  return sha256(JSON.stringify([pack, facts]));
}
