import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeJsonFile } from '../lib/json-file.ts';
import { errnoOf, exitCode, StageError } from '../lib/errors.ts';
import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import type { Node } from '../nodes/node.ts';
import { digestOf, inputsTag, type NodeInputs } from './digest.ts';
import { type PackParts, packRecord } from './pack-change.ts';
import { listed, reasonText } from './reason-text.ts';
import type { Decision } from './reason.ts';

const text = z.string();

/** `plan.json`: what plan decided, for generate, build and Jenkins. */
export interface PlanFile {
  schema: 1;
  /** As ISO 8601. */
  createdAt: string;
  /** Null: made without EC2. */
  region: string | null;
  manifests: {
    commit: string;
    dirty: boolean;
    /** Hash of the environment's files. */
    tree: string;
  };
  /** The nodes to bake, in the order of nodes.yaml; none: nothing is to be done. */
  bake: string[];
  nodes: PlannedNode[];
}

/** A node of nodes.yaml in the plan. */
export interface PlannedNode {
  node: string;
  action: 'bake' | 'skip' | 'failed';
  /** Each with its sentence, and what it rests on as data. */
  reasons: { kind: string; text: string; [fact: string]: unknown }[];
  /** SHA-256 of all that decides the image; only of a node that could be judged, as are its parts. */
  digest?: string | undefined;
  inputs?: (Omit<NodeInputs, 'puppet'> & { puppet?: string | undefined }) | undefined;
  /** What the image's tag of inputs says besides them, for a later plan to name a changed fact; absent in older plans. */
  record?: string | undefined;
  /** The source image that EC2 has for the pack; absent where it is not known. */
  sourceAmi?: string | undefined;
  /** The newest verified image of the node. */
  image?: string | undefined;
}

const nodeSchema = z.object({
  node: text,
  action: z.enum(['bake', 'skip', 'failed']),
  reasons: z.array(z.looseObject({ kind: text, text })),
  digest: text.regex(/^[0-9a-f]{64}$/).optional(),
  inputs: z
    .object({
      ...{ catalog: text, files: text, plugins: text, pack: text, scripts: text, source: text },
      puppet: text.optional(),
    })
    .optional(),
  record: text.regex(/^[\w .:/@+=-]{0,256}$/).optional(),
  sourceAmi: text.optional(),
  image: text.optional(),
});

const planSchema: z.ZodType<PlanFile> = z
  .object({
    schema: z.literal(1),
    createdAt: z.iso.datetime(),
    region: text.nullable(),
    manifests: z.object({
      commit: text,
      dirty: z.boolean(),
      tree: text,
    }),
    bake: z.array(text),
    nodes: z.array(nodeSchema),
  })
  .superRefine(({ bake, nodes }, context) => {
    for (const name of bake) {
      const found = nodes.find(({ node }) => node === name);
      if (found?.action !== 'bake' || found.inputs === undefined || found.digest === undefined)
        context.addIssue({ code: 'custom', message: `${name} is not judged`, path: ['bake'] });
      else if (found.digest !== digestOf(found.inputs))
        context.addIssue({
          code: 'custom',
          message: `the digest of ${name} is not that of its inputs`,
          path: ['nodes'],
        });
    }
  });

/** What a decision rests on. */
export interface PlannedInputs {
  inputs: NodeInputs;
  pack: PackParts;
  sourceAmi?: string;
}

/** Of a tag's value. */
const maxTag = 256;

/**
 * The plan of some decisions, which are in the order of nodes.yaml.
 * @param inputs of the nodes that could be judged, by their names
 */
export function planFileOf(
  decisions: readonly Decision[],
  inputs: ReadonlyMap<string, PlannedInputs>,
  about: Pick<PlanFile, 'createdAt' | 'region' | 'manifests'>,
): PlanFile {
  return {
    schema: 1,
    ...about,
    bake: decisions.flatMap(({ node, action }) => (action === 'bake' ? [node] : [])),
    nodes: decisions.map(({ node, action, reasons, image }) => {
      const judged = inputs.get(node);
      return {
        node,
        action,
        reasons: reasons.map((reason) => ({ ...reason, text: reasonText(reason) })),
        ...(judged === undefined ? {} : planned(judged)),
        ...(judged?.sourceAmi === undefined ? {} : { sourceAmi: judged.sourceAmi }),
        ...(image === undefined ? {} : { image }),
      };
    }),
  };
}

function planned({ inputs, pack }: PlannedInputs) {
  const record = packRecord(pack, maxTag - inputsTag(inputs).length - 1);
  return { digest: digestOf(inputs), inputs, record };
}

/**
 * Writes a plan, whole or not at all.
 * @throws FileError
 */
export async function writePlanFile(file: string, plan: PlanFile): Promise<void> {
  await writeJsonFile(file, plan, 'give a file that can be with --out');
}

/**
 * Reads a plan that is to be carried out.
 * @throws StageError when there is none, it is not one, or it was made without EC2.
 */
export async function readPlanFile(file: string): Promise<PlanFile & { region: string }> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = errnoOf(error) ?? '';
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new StageError(`the plan ${file} ${why}: make one with plan`, exitCode.badInput);
  });
  return parsePlanFile(content, file);
}

/** {@link readPlanFile} of what the file holds. */
export function parsePlanFile(content: string, file: string): PlanFile & { region: string } {
  const refuse = (why: string) =>
    new StageError(`the plan ${file} ${why}: make a new one with plan`, exitCode.badInput);
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch {
    throw refuse('is not JSON');
  }
  if (data !== null && typeof data === 'object' && 'decisions' in data) throw refuse("is one of cleanup's");
  const parsed = planSchema.safeParse(data);
  if (!parsed.success) {
    const why = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const shown = [...why.slice(0, 3), ...(why.length > 3 ? [`${why.length - 3} more`] : [])].join('; ');
    throw refuse(`is not one of plan's, of schema 1 (${shown})`);
  }
  const { region } = parsed.data;
  if (region === null) throw refuse('was made with --offline, without any image');
  return { ...parsed.data, region };
}

/** The flags that choose the nodes a stage works on. */
export interface NodeFlags {
  nodes: string;
  node: readonly string[];
  plan: string | undefined;
}

/** The nodes that a stage is to work on. */
export interface ChosenNodes {
  /** Of nodes.yaml, all. */
  all: Node[];
  /** Those to be worked on, in the same order; none: the plan has nothing to do. */
  nodes: Node[];
  plan?: PlanFile & { region: string };
}

/**
 * The nodes by nodes.yaml, `--node` and `--plan`. One that is named but that the plan leaves alone is said.
 * @throws StageError (exit 2)
 */
export async function chooseNodes(flags: NodeFlags, say: (line: string) => void): Promise<ChosenNodes> {
  const all = await loadNodes(flags.nodes, [], say);
  const chosen = selectNodes(all, flags.node, flags.nodes);
  if (flags.plan === undefined) return { all, nodes: chosen };
  const plan = await readPlanFile(flags.plan);
  const known = new Set(all.map(({ name }) => name));
  const gone = plan.bake.filter((name) => !known.has(name));
  if (gone.length > 0) {
    const names = listed(gone, 10);
    throw new StageError(
      `the plan ${flags.plan} names ${names}, not in ${flags.nodes}: make a new one with plan`,
      exitCode.badInput,
    );
  }
  const nodes = chosen.filter(({ name }) => plan.bake.includes(name));
  for (const { name } of chosen)
    if (flags.node.includes(name) && !plan.bake.includes(name))
      say(`${name}: left alone: ${whySkipped(plan, name)}`);
  if (nodes.length === 0) say(`the plan ${flags.plan} has nothing to bake`);
  return { all, nodes, plan };
}

function whySkipped(plan: PlanFile, name: string): string {
  const found = plan.nodes.find(({ node }) => node === name);
  return found === undefined ? 'the plan does not know it' : found.reasons.map(({ text }) => text).join('; ');
}
