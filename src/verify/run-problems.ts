import { consoleError } from '../puppet/report/console.ts';
import { runFailure } from '../puppet/report/run-failure.ts';
import type { MissingReport } from './read-evidence.ts';
import type { Report } from '../puppet/report/report.ts';
import type { Problem, ProblemReason } from './verdict.ts';

/** What a verdict needs to know of the bake. Times are ISO 8601, by the clock of the machine that built. */
export interface BakeFacts {
  status: string;
  run: string;
  imageId?: string | undefined;
  startedAt: string;
  finishedAt?: string | undefined;
  puppetExitCode?: number | undefined;
  /** The certificate name of a bake against a Puppet server; a masterless one runs as `<node>.bake`. */
  certname?: string | undefined;
  error?: string | undefined;
}

/** Of `--detailed-exitcodes`; 0 and 2 are the good ones. */
const exitCodeMeanings: Record<number, string> = {
  1: 'the run itself failed, e.g. the catalog did not compile',
  4: 'resources failed',
  6: 'some resources changed, others failed',
};

/** Problems that the bake's own record shows. */
export function bakeProblems(bake: BakeFacts | { unknown: string }): Problem[] {
  if ('unknown' in bake) return [problem('bake-unknown', bake.unknown)];
  return [
    ...(bake.status === 'baked' ? [] : [problem('bake-not-done', bakeText(bake))]),
    ...(bake.imageId === undefined ? [problem('no-image', 'the bake made no image')] : []),
    ...(bake.puppetExitCode === undefined
      ? [problem('no-exit-code', "the bake has no exit code of Puppet: it did not get to Puppet's end")]
      : []),
  ];
}

const bakeEnds: Readonly<Record<string, string>> = {
  running: 'the bake has not ended',
  failed: 'the bake failed',
  'timed-out': 'the bake was ended',
  interrupted: 'the bake was interrupted',
};

function bakeText({ status, error = '' }: BakeFacts): string {
  // Its own error begins with the same word.
  const why = error.replace(/^interrupted(?:[;:] )?/, '');
  return [bakeEnds[status] ?? `the bake is ${status}`, ...(why === '' ? [] : [why])].join(': ');
}

/**
 * Problems with Puppet's exit code, and with a report that says something else.
 * @param report its status, and how many resources failed in it
 */
export function exitCodeProblems(
  code: number | undefined,
  report: { status: Report['status']; failed: number } | undefined,
): Problem[] {
  if (code === undefined) return [];
  const good = code === 0 || code === 2;
  const meaning = exitCodeMeanings[code] ?? 'it did not end by itself';
  const problems = good ? [] : [problem('exit-code', `Puppet ended with exit code ${code}: ${meaning}`)];
  if (report === undefined) return problems;
  // Puppet takes code and status from the same counts, so they differ only in reports of different runs; but a
  // resource that could not be generated fails the status and leaves the code as it was.
  if (report.status !== 'failed' && code !== (report.status === 'changed' ? 2 : 0)) {
    const text = `Puppet ended with exit code ${code} but the report says '${report.status}': it may be of another run`;
    problems.push(problem('disagreement', text));
  }
  if (report.status === 'failed' && good && report.failed > 0) {
    const text = `Puppet ended with exit code ${code}, as if nothing had failed, but the report lists failures (${report.failed})`;
    problems.push(problem('disagreement', text));
  }
  if (report.status === 'failed' && (code === 4 || code === 6) && report.failed === 0) {
    const text = `Puppet ended with exit code ${code} for failed resources, but the report lists none: it may be of another run`;
    problems.push(problem('disagreement', text));
  }
  return problems;
}

/** The problem of a run without a report, with the error that Puppet printed, if any. */
export function missingReportProblem(report: MissingReport, consoleText: string): Problem {
  const failure = runFailure(consoleText);
  if (failure !== undefined) return failure;
  const printed = consoleError(consoleText);
  if (printed === undefined) return problem(report.missing, report.message);
  const what =
    report.missing === 'no-report' ? 'Puppet ended without a report' : `${report.message}; it said`;
  return { ...printed, reason: report.missing, message: `${what}: ${printed.message}` };
}

function problem(reason: ProblemReason, message: string): Problem {
  return { reason, message };
}
