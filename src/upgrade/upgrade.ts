import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { join } from 'node:path';
import type { Result, StageMain } from '../cli/run-stage.ts';
import { occupantOf } from '../init/find-repository.ts';
import { readStamp } from '../init/stamp.ts';
import {
  placeOf,
  readable,
  readTeamPackage,
  type TeamFile,
  type TeamPackage,
  writeTeamFile,
} from '../init/team-files.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import {
  conflictLines,
  judgeCopy,
  judgeGone,
  type MergeTexts,
  plainMerge,
  type NoUpgrade,
  type UpgradeCase,
  upgradedText,
} from './judge-upgrade.ts';
import { mergeTexts } from './merge-file.ts';

/** A file with what upgrade does about it. */
export interface FileUpgrade {
  file: string;
  /** The version that it came from. */
  from?: string;
  /** `new`: yours was as the package had it; `merged`: your changes stay in it; `conflict`: both changed the same lines. */
  decision: NoUpgrade['decision'] | 'new' | 'merged' | 'conflict';
  reason: string;
  /** What the package changed since, as a unified diff. */
  diff?: string;
  /** The lines of the new text where a conflict begins. */
  conflicts?: number[];
  /** The whole new text. A byte in each character. */
  text?: string;
}

/** The stage upgrade, in the working folder. */
export const upgrade: StageMain<{ apply: boolean }> = async ({ apply }, { signal }) =>
  upgradeRepository(apply, { root: process.cwd(), team: await readTeamPackage(), signal });

/** Says what is new for a team's repository, and writes it with `apply`, one whole file after the other. */
export async function upgradeRepository(
  apply: boolean,
  { root, team, signal }: { root: string; team: TeamPackage; signal: AbortSignal },
): Promise<Result> {
  const files = await upgradesOf(team, root);
  for (const { file, text } of apply ? files : []) {
    signal.throwIfAborted();
    if (text !== undefined) await writeTeamFile(join(root, file), text, 'run upgrade where you may write');
  }
  return upgradeResult(files, apply);
}

/** What the package has for each file of a team's repository. Nothing is written. */
async function upgradesOf(team: TeamPackage, root: string): Promise<FileUpgrade[]> {
  const upgrades: FileUpgrade[] = [];
  for (const file of team.files) {
    const copy = await copyOf(file, root);
    const judged: UpgradeCase =
      copy.other === undefined
        ? judgeCopy(file, copy.text, team)
        : { decision: 'refused', reason: `it is ${copy.other}` };
    const found = judged.decision === 'merge' ? await merge(copy, judged, file, team.version) : judged;
    upgrades.push({ file: copy.file, ...found });
  }
  const known = new Set(team.files.map(({ path }) => path));
  const past = [...team.earlier.keys()].filter((path) => !known.has(path)).sort();
  for (const path of past) {
    const { file, text } = await copyOf({ path, ...placeOf(path) }, root);
    const gone = judgeGone(path, text);
    if (gone !== undefined) upgrades.push({ file, ...gone });
  }
  return upgrades;
}

/** What a team has of a file of the package; `other`: something that is no file in its repository. */
interface Copy {
  file: string;
  text?: string;
  other?: string;
}

/** The team's copy: at its own place, or beside a file of the team's. */
async function copyOf(
  { path, target, beside }: Pick<TeamFile, 'path' | 'target' | 'beside'>,
  root: string,
): Promise<Copy> {
  const copies: Copy[] = [];
  for (const file of beside === undefined ? [target] : [target, beside]) {
    const occupant = await occupantOf(root, file);
    if (occupant.kind === 'file') copies.push({ file, text: occupant.text });
    if (occupant.kind === 'other') copies.push({ file, other: occupant.what });
  }
  const stamped = copies.find(({ text = '' }) => readStamp(text, path) !== undefined);
  return stamped ?? copies[0] ?? { file: target };
}

async function merge(
  copy: Copy,
  { from, texts }: { from: string; texts: MergeTexts },
  { path }: TeamFile,
  version: string,
): Promise<Omit<FileUpgrade, 'file'>> {
  const { file, text: old = '' } = copy;
  const diff = readable(
    createTwoFilesPatch(`${path} ${from}`, `${path} ${version}`, texts.base, texts.theirs, '', '', { headerOptions: FILE_HEADERS_ONLY }),
  ); // prettier-ignore
  const labels = { ours: `${file} (yours)`, base: `bakehouse ${from}`, theirs: `bakehouse ${version}` };
  let merged: string;
  try {
    merged = plainMerge(texts) ?? (await mergeTexts(texts, labels));
  } catch (error) {
    if (exitCodeOf(error) !== exitCode.nodeFailed) throw error;
    return { from, decision: 'refused', reason: (error as Error).message, diff };
  }
  const text = upgradedText(merged, old, path, version);
  const conflicts = conflictLines(text);
  if (conflicts.length > 0) {
    const places = conflicts.map((line) => `${file}:${line}`).join(', ');
    return { from, decision: 'conflict', reason: `you and the package changed the same lines: ${places}`, diff, conflicts, text };
  } // prettier-ignore
  if (merged === texts.theirs)
    return { from, decision: 'new', reason: 'you have not changed it', diff, text };
  return { from, decision: 'merged', reason: 'your changes stay', diff, text };
}

/** The result for a person and a program; with `--apply`, conflicts and refused files are failures. */
function upgradeResult(files: readonly FileUpgrade[], apply: boolean): Result {
  const isFailed = files.some(({ decision }) => ['conflict', 'refused'].includes(decision));
  const isNew = files.some(({ text }) => text !== undefined);
  const rows = files.map(({ file, from = '', decision, reason }) => [file, from, decision, reason]);
  const diffs = files.flatMap(({ diff }) => (diff === undefined ? [] : ['', ...diff.trimEnd().split('\n')]));
  const resolve = 'Resolve the conflicts, remove their markers (<<<<<<<, =======, >>>>>>>), then commit.';
  const closing = isNew
    ? apply
      ? [isFailed ? resolve : 'Check the changes with git diff, then commit.']
      : ['Nothing was written: npx bakehouse upgrade --apply writes this.']
    : [isFailed ? 'Nothing was upgraded: correct what was refused.' : 'Nothing to upgrade.'];
  return {
    exitCode: apply && isFailed ? exitCode.nodeFailed : exitCode.done,
    json: { schema: 1, applied: apply, files: files.map((file) => ({ ...file, text: undefined })) },
    table: { head: ['file', 'from', 'decision', 'reason'], rows },
    closing: [...diffs, '', ...closing],
  };
}
