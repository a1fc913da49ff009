import type { Finding, State } from './finding.ts';
import { masked } from './masked.ts';

const head = ['check', 'state', 'found', 'what to do'];

/**
 * The findings as every stage's result. Exit code 2 when this machine or the account needs a change, also where something
 * else could not be seen; else 4 when something could not be: trying again may help.
 * @param closing lines after the table
 */
export function doctorResult(findings: readonly Finding[], closing: string[]) {
  const shown = findings.map(({ check, state, found, advice }) => ({
    check,
    state,
    found: masked(found),
    advice: masked(advice),
  }));
  return {
    exitCode: exitCodeOf(findings),
    json: { schema: 1, findings: shown },
    table: {
      head,
      rows: shown.map(({ check, state, found, advice }) => [check, state, found.split('\n'), advice]),
    },
    closing: [...closing, summary(findings)],
  };
}

function exitCodeOf(findings: readonly Finding[]): number {
  const has = (...states: State[]) => findings.some(({ state }) => states.includes(state));
  if (has('missing', 'wrong')) return 2;
  return has('unknown') ? 4 : 0;
}

function summary(findings: readonly Finding[]): string {
  const count = (...states: State[]) => findings.filter(({ state }) => states.includes(state)).length;
  const parts = [
    `${count('ok')} ok`,
    `${count('warning')} to mind`,
    `${count('missing', 'wrong')} to mend`,
    `${count('unknown')} unknown`,
  ];
  return parts.join(', ');
}
