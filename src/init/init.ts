import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { askPerson, hasPerson } from '../cli/print.ts';
import type { Result, StageMain } from '../cli/run-stage.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { decideFiles, type InitFile, type InitPlace, insidePath, pathsToDecide } from './decide-files.ts';
import { findRepository, type FoundRepository, occupantOf } from './find-repository.ts';
import { nextSteps } from './next-steps.ts';
import { readable, readTeamPackage, type TeamPackage, writeTeamFile } from './team-files.ts';

interface InitFlags {
  nodes: string | undefined;
  manifests: string | undefined;
  skip: string[];
  yes: boolean;
  check: boolean;
}

/** A person's answer to a question; undefined: there will be none. */
type Ask = (question: string) => Promise<string | undefined>;

/** A file with what became of it. */
interface InitOutcome extends Omit<InitFile, 'decision'> {
  decision: InitFile['decision'] | 'written' | 'added' | 'not written';
}

/** What init works on and with. */
interface InitDeps {
  /** The folder in which the stages will run. */
  root: string;
  team: TeamPackage;
  /** Absent: there is nobody to ask. */
  ask?: Ask | undefined;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** The stage init, in the working folder. */
export const init: StageMain<InitFlags> = async (flags, { say, signal }) => {
  const ask = hasPerson() ? (question: string) => askPerson(question, signal) : undefined;
  return initRepository(flags, { root: process.cwd(), team: await readTeamPackage(), ask, say, signal });
};

/** Decides what a repository lacks, shows it, and writes what a person, or `--yes`, agrees to. */
export async function initRepository(flags: InitFlags, deps: InitDeps): Promise<Result> {
  if (flags.check && flags.yes)
    throw new StageError('--check writes nothing: leave out --yes', exitCode.badInput);
  const { root, team, ask, say } = deps;
  const found = await findRepository(root, await chosenOf(flags, root));
  const paths = pathsToDecide(team).map(async (path) => [path, await occupantOf(root, path)] as const);
  const at = new Map(await Promise.all(paths));
  const skip = flags.skip.map((path) => insidePath(root, path));
  const place = decideFiles(found, team, at, skip);
  if (flags.check) return checkResult(found, place);
  if (!flags.yes && ask === undefined) {
    const isDone = place.files.every((file) => file.text === undefined);
    if (!isDone) say('init: there is no terminal to ask on, so nothing is written: give --yes to write it');
    return initResult(found, place, place.files, team.version, isDone ? exitCode.done : exitCode.badInput);
  }
  const outcomes = await carryOut(place.files, flags.yes ? undefined : ask, deps);
  return initResult(found, place, outcomes, team.version, codeOf(outcomes));
}

/** What the flags name, which must be there. */
async function chosenOf({ nodes, manifests }: InitFlags, root: string) {
  const problems: string[] = [];
  const is = async (path: string | undefined, kind: 'isFile' | 'isDirectory', sentence: string) => {
    if (path === undefined) return undefined;
    const found = await stat(join(root, insidePath(root, path))).catch(() => undefined);
    if (found?.[kind]() !== true) problems.push(sentence);
    return insidePath(root, path);
  };
  const chosen = {
    nodes: await is(nodes, 'isFile', `--nodes ${nodes ?? ''} is no file: without it, init writes nodes.yaml`),
    manifests: await is(manifests, 'isDirectory', `--manifests ${manifests ?? ''} is no folder: name that of your Puppet environment`),
  }; // prettier-ignore
  if (problems.length > 0) throw new StageError(problems.join('\n'), exitCode.badInput);
  return chosen;
}

/** Writes what is to be written, one whole file after the other. @param ask without it, all is written */
async function carryOut(
  files: readonly InitFile[],
  ask: Ask | undefined,
  { root, say, signal }: InitDeps,
): Promise<InitOutcome[]> {
  const outcomes: InitOutcome[] = [];
  let all = ask === undefined;
  let ended = false;
  let reason = 'as you answered';
  for (const file of files) {
    signal.throwIfAborted();
    if (file.text === undefined) {
      outcomes.push(file);
      continue;
    }
    if (!all && !ended) showFile(file, say);
    const answer: string = all || ended || ask === undefined ? 'y' : await answerTo(file, ask, say);
    all ||= answer === 'a';
    ended ||= ['q', 'none'].includes(answer);
    if (answer === 'n' || ended) {
      reason = answer === 'none' ? 'there was no answer' : reason;
      outcomes.push({ ...file, decision: 'not written', reason });
      continue;
    }
    outcomes.push(await writeFile(root, file));
  }
  return outcomes;
}

async function writeFile(root: string, file: InitFile): Promise<InitOutcome> {
  // A person takes their time to answer: what has appeared meanwhile is not overwritten.
  const now = await occupantOf(root, file.file);
  const isAdded = file.decision === 'add';
  if (isAdded ? now.kind !== 'file' || !file.text?.startsWith(now.text.trimEnd()) : now.kind !== 'nothing')
    return { ...file, decision: 'kept', reason: 'it has changed meanwhile: run init again' };
  await writeTeamFile(join(root, file.file), file.text ?? '', 'run init where you may write', {
    ...(file.isProgram === true && { mode: 0o755 }),
  });
  return { ...file, decision: isAdded ? 'added' : 'written' };
}

const shownLines = 12;

function showFile({ file, decision, reason, text = '' }: InitFile, say: (line: string) => void): void {
  const lines = readable(text).trimEnd().split('\n');
  say('');
  say(`${file}: ${decision === 'add' ? reason : `${lines.length} lines`}`);
  if (decision === 'add') return;
  for (const line of lines.slice(0, shownLines)) say(`  | ${line}`);
  if (lines.length > shownLines) say(`  | … ${lines.length - shownLines} more lines`);
}

/** `y`, `n`, `a` (this and all others), `q` (none any more) or `none`: there will be no answer any more. */
async function answerTo(
  { file, decision, text = '' }: InitFile,
  ask: Ask,
  say: (line: string) => void,
): Promise<string> {
  for (;;) {
    const verb = decision === 'add' ? 'Add to' : 'Write';
    const answer: string | undefined = await ask(`${verb} ${file}? [y]es, [n]o, [s]how it, [a]ll, [q]uit: `);
    const letter = answer?.trim().toLowerCase().slice(0, 1);
    if (letter === undefined) return 'none';
    if (letter === '') return 'y';
    if ('ynaq'.includes(letter)) return letter;
    if (letter === 's') for (const line of readable(text).trimEnd().split('\n')) say(`  | ${line}`);
  }
}

function codeOf(outcomes: readonly InitOutcome[]): number {
  return outcomes.some(({ decision }) => decision === 'blocked') ? exitCode.nodeFailed : exitCode.done;
}

function checkResult(found: FoundRepository, place: InitPlace): Result {
  const words = { write: 'missing', add: 'missing lines', blocked: 'missing' } as const;
  const files = place.files.map((file) => {
    const decision = Object.hasOwn(words, file.decision) ? words[file.decision as keyof typeof words] : file.decision; // prettier-ignore
    return { file: file.file, decision, reason: file.reason };
  });
  const isDone = files.every(({ decision }) => ['present', 'kept'].includes(decision));
  return {
    exitCode: isDone ? exitCode.done : exitCode.nodeFailed,
    json: { schema: 1, found: foundJson(found, place), files },
    table: tableOf(files),
  };
}

function initResult(
  found: FoundRepository,
  place: InitPlace,
  outcomes: readonly InitOutcome[],
  version: string,
  code: number,
): Result {
  const files = outcomes.map(({ file, decision, reason }) => ({ file, decision, reason }));
  const written = outcomes.filter(({ decision }) => !['not written', 'blocked', 'kept', 'older', 'present'].includes(decision)); // prettier-ignore
  const next = nextSteps(found, place, written, version);
  return {
    exitCode: code,
    json: { schema: 1, found: foundJson(found, place), files, next },
    table: tableOf(files),
    closing: ['', foundText(found), '', 'Next:', ...next.map((step, index) => `${index + 1}. ${step}`)],
  };
}

function foundJson({ git, packageJson, environments, nodesFiles }: FoundRepository, place: InitPlace) {
  return {
    git: git ?? null,
    packageJson: packageJson?.file ?? null,
    environments,
    nodesFiles: nodesFiles.map(({ file, verdict }) => ({ file, ...verdict })),
    nodes: place.nodes,
    manifests: place.manifests,
  };
}

function foundText({ git, environments, packageJson }: FoundRepository): string {
  const [environment, ...others] = environments;
  const parts = [
    git === undefined
      ? 'no git repository'
      : `git, default branch ${git.branch ?? 'unknown, taken for main'}${git.inside && `, folder ${git.inside}`}`,
    environment === undefined ? 'no Puppet environment' : `Puppet environment ${environment}`,
    ...(others.length > 0 ? [`not used: ${others.join(', ')} (name another one with --manifests)`] : []),
    packageJson === undefined ? 'no package.json' : packageJson.file,
  ];
  return `Found: ${parts.join('; ')}`;
}

function tableOf(files: readonly { file: string; decision: string; reason: string }[]): Result['table'] {
  return {
    head: ['file', 'decision', 'reason'],
    rows: files.map(({ file, decision, reason }) => [file, decision, reason]),
  };
}
