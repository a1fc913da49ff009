import { type Finding, missing, ok, unknown, wrong } from './finding.ts';
import type { Ended, Ran, Silent } from './run-program.ts';

/** A program that stages call, and how to get it. */
export interface Program {
  check: string;
  /** Its name on PATH. */
  name: string;
  /** What to do when it is not there. */
  install: string;
}

/** What is to be said of a program that gave no answer. */
export function judgeSilent({ check, name, install }: Program, ran: Silent): Finding {
  switch (ran.kind) {
    case 'missing':
      return missing(check, `there is no \`${name}\` on PATH`, install);
    case 'unstartable':
      return wrong(check, `\`${name}\` cannot be started (${ran.why})`, install);
    case 'hung':
      return unknown(
        check,
        `\`${name}\` said nothing of itself within ${ran.seconds} s, and was ended`,
        `see with \`command -v ${name}\` which one this is; ${install}`,
      );
  }
}

/**
 * Judges a program by what it says of itself.
 * @param pattern finds its version, its first group, in what it prints
 */
export function judgeProgram(program: Program, ran: Ran, pattern: RegExp): Finding {
  if (ran.kind !== 'ended') return judgeSilent(program, ran);
  const version = pattern.exec(`${ran.stdout}\n${ran.stderr}`)?.[1];
  if (version !== undefined && ran.exitCode === 0) return ok(program.check, version);
  const { check, name, install } = program;
  return wrong(check, `\`${name}\` is not what is needed: ${lastWords(ran)}`, install);
}

/** The last line that a program printed, or how it ended. */
export function lastWords(ran: Ended): string {
  const line = (ran.stderr.trim() || ran.stdout.trim()).split('\n').at(-1) ?? '';
  const code = ran.exitCode === undefined ? 'a signal' : `exit code ${ran.exitCode}`;
  return line === '' ? `it ended with ${code} and said nothing` : `it said '${line.slice(0, 120)}'`;
}
