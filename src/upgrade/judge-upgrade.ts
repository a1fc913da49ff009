import { baseOf } from '../init/earlier-versions.ts';
import { isCrlf, readStamp, withoutStamp, withStamp } from '../init/stamp.ts';
import type { TeamFile, TeamPackage } from '../init/team-files.ts';

/** The three texts of a merge, without stamps and with line feeds only. A byte in each character. */
export interface MergeTexts {
  /** The package's file in the version that the team's came from. */
  base: string;
  ours: string;
  theirs: string;
}

/** What upgrade can do about a file: nothing, and why; or a merge. */
export type UpgradeCase = NoUpgrade | { decision: 'merge'; from: string; texts: MergeTexts };

/** `own`: it bears no version; `gone`: the package has no such file any more. */
export interface NoUpgrade {
  decision: 'unchanged' | 'missing' | 'own' | 'refused' | 'gone';
  reason: string;
  from?: string;
}

const marker = /^(?:<{7}|>{7})(?: |\r?$)/m;

/**
 * Judges a team's copy of a file of the package.
 * @param text the copy; undefined: there is none
 */
export function judgeCopy(file: TeamFile, text: string | undefined, team: TeamPackage): UpgradeCase {
  const { path } = file;
  if (text === undefined) return { decision: 'missing', reason: 'not here; npx bakehouse init writes it' };
  const marked = marker.exec(text);
  if (marked !== null) {
    const line = lineAt(text, marked.index);
    return { decision: 'refused', reason: `a conflict of an earlier merge begins in line ${line}: resolve it first` };
  } // prettier-ignore
  const stamp = readStamp(text, path);
  if (stamp === undefined) {
    const line = withStamp('', path, team.version).trimEnd();
    return { decision: 'own', reason: `it bears no version; if it came from the package, add a line with the version that it came from: ${line}` };
  } // prettier-ignore
  const { version: from } = stamp;
  const base = baseOf(path, from, { ...team, text: file.text });
  if ('problem' in base) return { decision: 'refused', from, reason: base.problem };
  if (base.text === file.text) return { decision: 'unchanged', from, reason: '' };
  const ours = withoutStamp(text, path);
  const texts = {
    base: base.text,
    ours: isCrlf(ours) ? ours.replaceAll('\r\n', '\n') : ours,
    theirs: file.text,
  };
  return { decision: 'merge', from, texts };
}

/** What the package once had and has no longer, where a team still has it. */
export function judgeGone(path: string, text: string | undefined): NoUpgrade | undefined {
  const stamp = text === undefined ? undefined : readStamp(text, path);
  if (stamp === undefined) return undefined;
  const reason = 'the package has no such file any more: remove it unless something of yours needs it';
  return { decision: 'gone', from: stamp.version, reason };
}

/** The merged text where that needs no program: only the team or only the package has changed it, or both in the same way. */
export function plainMerge({ base, ours, theirs }: MergeTexts): string | undefined {
  if (ours === base || ours === theirs) return theirs;
  return theirs === base ? ours : undefined;
}

/** A merged text as the team's file: with its line ends, and the stamp of the new version. */
export function upgradedText(merged: string, old: string, path: string, version: string): string {
  const text = isCrlf(old) ? merged.replaceAll('\n', '\r\n') : merged;
  return withStamp(text, path, version);
}

/** The lines, from 1, in which a conflict begins. */
export function conflictLines(text: string): number[] {
  return [...text.matchAll(/^<{7} /gm)].map(({ index }) => lineAt(text, index));
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
