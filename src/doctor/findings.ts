import type { Result } from '../cli/run-stage.ts';

/** How a check ended; `unknown`: it could not be made, which is never fine. */
export type State = 'ok' | 'warning' | 'missing' | 'wrong' | 'unknown';

/** What a check has found out. */
export interface Finding {
  check: string;
  state: State;
  /** What is there, or why the check could not be made; of several lines where there is more to say. */
  found: string;
  /** What to do about it; empty when there is nothing to do. */
  advice: string;
}

const finding =
  (state: State) =>
  (check: string, found: string, advice: string): Finding => ({ check, state, found, advice });

export const ok = (check: string, found: string): Finding => finding('ok')(check, found, '');
export const warning = finding('warning');
export const missing = finding('missing');
export const wrong = finding('wrong');
export const unknown = finding('unknown');

/**
 * The findings as every stage's result. Exit code 2 when this machine or the account needs a change, also where another
 * check could not be made; else 4 when one could not be made: trying again may help.
 * @param closing lines after the table
 */
export function doctorResult(findings: readonly Finding[], closing: string[]): Result {
  const shown = findings.map(({ check, state, found, advice }) => ({
    check,
    state,
    found: masked(found),
    advice: masked(advice),
  }));
  return {
    exitCode: exitCodeFor(findings),
    json: { schema: 1, findings: shown },
    table: {
      head: ['check', 'state', 'found', 'what to do'],
      rows: shown.map(({ check, state, found, advice }) => [check, state, found.split('\n'), advice]),
    },
    closing: [...closing, countLine(findings)],
  };
}

function exitCodeFor(findings: readonly Finding[]): number {
  const has = (...states: State[]) => findings.some(({ state }) => states.includes(state));
  if (has('missing', 'wrong')) return 2;
  return has('unknown') ? 4 : 0;
}

/** `3 ok, 1 warning, 2 errors, 0 unknown`. */
function countLine(findings: readonly Finding[]): string {
  const count = (...states: State[]) => findings.filter(({ state }) => states.includes(state)).length;
  const counted = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return [
    `${count('ok')} ok`,
    counted(count('warning'), 'warning'),
    counted(count('missing', 'wrong'), 'error'),
    `${count('unknown')} unknown`,
  ].join(', ');
}

/** A text without secrets that an error or a setting may hold: credentials in a URL, whole access key ids. */
export function masked(text: string): string {
  return text
    .replace(/:\/\/[^/@\s]*@/g, '://')
    .replace(/\b((?:A3T[A-Z0-9]|A[A-Z]{2}A)[A-Z0-9]{12,})\b/g, (id) => shortKeyId(id));
}

/** An access key id as far as it helps to find it again: `AKIA…WXYZ`. */
export function shortKeyId(id: string): string {
  return id.length < 12 ? `${id.slice(0, 2)}…` : `${id.slice(0, 4)}…${id.slice(-4)}`;
}
