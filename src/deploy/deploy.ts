import { dirname, join, normalize } from 'node:path';
import type { Result, StageMain } from '../cli/run-stage.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { writeWhole } from '../lib/json-file.ts';
import {
  factsReader,
  missingAsEmpty,
  parseFactsFile,
  type PlainFact,
  type ReadFactsText,
} from '../nodes/facts-file.ts';
import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import type { Node } from '../nodes/node.ts';
import { givenFacts, textWithFacts, typedFact } from './given-facts.ts';

interface DeployFlags {
  nodes: string;
  node: string[];
  fact: string[];
  file: string | undefined;
}

/** A fact that a deploy changed; null: the node had none. */
interface Change {
  fact: string;
  was: unknown;
  is: PlainFact;
}

/** The stage deploy: writes facts of a node into its file. It commits nothing. */
export const deploy: StageMain<DeployFlags> = async (flags, { say }) => {
  const { facts: given, problems } = givenFacts(flags.fact);
  const [name, ...more] = flags.node;
  if (name === undefined || more.length > 0)
    problems.unshift('name the one node that is deployed: --node NAME');
  if (problems.length > 0) refuse([...problems, 'See --help.']);

  // Also the files of other nodes, whose first deploy comes later.
  const read = missingAsEmpty(factsReader(flags.nodes));
  const all = await loadNodes(flags.nodes, [], say, read);
  const [node] = selectNodes(all, flags.node, flags.nodes);
  if (node === undefined) throw new Error('no node is selected');
  const file = fileOf(node, flags);
  const text = textOf(read, file);
  const had = parseFactsFile(text, file).facts;
  const facts = new Map([...given].map(([fact, value]) => [fact, typedFact(value, had[fact])] as const));
  const isSame = [...facts].every(([fact, value]) => had[fact] === value);
  const written = isSame ? text : textWithFacts(text, facts);
  // Read as the next plan reads it, before anything is written.
  const withIt: ReadFactsText = (path) => (path === file ? { text: written } : read(path));
  const after = await loadNodes(flags.nodes, [], () => undefined, withIt);
  checkOutcome(node, after, { file, had, facts, now: parseFactsFile(written, file).facts });
  const place = join(dirname(flags.nodes), file);
  if (!isSame) await writeWhole(place, written, 'make it writable, or name another one with --file');
  return resultOf(node, place, !isSame, {
    changes: [...facts].flatMap(([fact, is]): Change[] =>
      node.facts[fact] === is ? [] : [{ fact, was: node.facts[fact] ?? null, is }],
    ),
    others: changedNodes(all, after).filter((other) => other !== node.name),
  });
};

function refuse(lines: readonly string[]): never {
  throw new StageError(lines.join('\n'), exitCode.badInput);
}

function textOf(read: ReadFactsText, file: string): string {
  const found = read(file);
  return 'text' in found ? found.text : '';
}

/** The file that is written: one of the node's own, since that of the defaults would change every node. */
function fileOf({ name, factsFrom }: Node, { nodes, file }: DeployFlags): string {
  const [first, ...others] = factsFrom;
  if (first === undefined)
    refuse([`${name} has no file of facts in ${nodes}: add the line \`facts_from: deploys/${name}.yaml\` below \`${name}:\``]);
  if (file === undefined && others.length > 0)
    refuse([`${name} has several files of facts: say which one with --file: ${factsFrom.join(', ')}`]);
  const chosen = file === undefined ? first : normalize(file);
  if (!factsFrom.includes(chosen))
    refuse([`--file ${JSON.stringify(file)} is not in \`facts_from\` of ${name}: it has ${factsFrom.join(', ')}`]);
  return chosen;
} // prettier-ignore

/** What a file had and will have. */
interface Outcome {
  file: string;
  had: Record<string, PlainFact>;
  facts: ReadonlyMap<string, PlainFact>;
  now: Record<string, PlainFact>;
}

/** Makes sure that the file changes in these facts only, and that the node will have them. */
function checkOutcome({ name }: Node, after: readonly Node[], { file, had, facts, now }: Outcome): void {
  const expected = { ...had, ...Object.fromEntries(facts) };
  const names = [...new Set([...Object.keys(expected), ...Object.keys(now)])];
  if (names.some((one) => expected[one] !== now[one]))
    refuse([`${file} cannot be changed by a program, as its values hang together: edit it by hand`]);
  const node = after.find((one) => one.name === name);
  const lost = [...facts].filter(([fact, value]) => node?.facts[fact] !== value);
  if (lost.length === 0) return;
  const where = `\`facts\` of ${name}, or a later file of its facts_from, has it as well and wins: remove it there`;
  refuse(
    lost.map(
      ([fact]) => `${fact} of ${name} would stay ${JSON.stringify(node?.facts[fact] ?? null)}: ${where}`,
    ),
  );
}

function changedNodes(before: readonly Node[], after: readonly Node[]): string[] {
  const facts = new Map(before.map((node) => [node.name, JSON.stringify(node.facts)]));
  return after.filter((node) => facts.get(node.name) !== JSON.stringify(node.facts)).map(({ name }) => name);
}

function resultOf(
  { name }: Node,
  file: string,
  written: boolean,
  { changes, others }: { changes: Change[]; others: string[] },
): Result {
  const rows = changes.map(({ fact, was, is }) => [fact, was === null ? 'none' : shown(was), shown(is)]);
  return {
    exitCode: exitCode.done,
    json: { schema: 1, node: name, file, written, changes, others },
    table: { head: ['fact', 'was', 'is'], rows },
    closing: written
      ? [
          `${file} is written. The commit is yours: git add ${file}, then git commit`,
          ...(others.length > 0 ? [`the file has facts of other nodes, too, which plan bakes as well: ${others.join(', ')}`] : []),
        ]
      : [`nothing is written: ${file} says so already`],
  };
} // prettier-ignore

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
