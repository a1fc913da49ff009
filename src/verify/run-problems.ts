import { consoleError, plainText } from '../puppet/report/console.ts';
import type { Report } from '../puppet/report/report.ts';
import { runFailure } from '../puppet/report/run-failure.ts';
import type { MissingReport } from './read-evidence.ts';
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

/** How far the instance's clock may be from the builder's: it is set right by NTP only some time after boot. */
export const clockToleranceMs = 5 * 60_000;

const applying = /^info: Applying configuration version '/gim;
const uuid = /transaction[_ ]uuid\W{1,4}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/gi;

/**
 * Whether a report is of this bake: its time, its host, and what the console says was applied. Puppet prints no
 * transaction's id unless it is debugged, so the catalog's version is compared, and the id where there is one.
 */
export function identityProblems(
  node: string,
  report: Report,
  bake: BakeFacts | undefined,
  consoleText: string,
): Problem[] {
  const problems = bake === undefined ? [] : ageProblems(report.timeMs, bake);
  const host = bake?.certname ?? `${node}.bake`;
  if (report.host.toLowerCase() !== host.toLowerCase()) {
    problems.push(problem('other-host', `the report is of host ${report.host}; this bake's is ${host}`));
  }
  const text = plainText(consoleText);
  // The version may hold quotes and lines: only the report's own says where what was printed ends.
  const start = [...text.matchAll(applying)].at(-1);
  const printed = start && text.slice(start.index + start[0].length);
  const expected = plainText(`${report.configurationVersion ?? ''}'\n`);
  if (printed !== undefined && !`${printed}\n`.startsWith(expected)) {
    const version = printed.split('\n', 1)[0]?.replace(/'$/, '') ?? '';
    const other = report.configurationVersion ?? 'none';
    problems.push(
      problem(
        'other-transaction',
        `Puppet printed that it applied configuration version ${version}; the report is of ${other}: it is of another run`,
      ),
    );
  }
  const transaction = lastOf(text, uuid)?.toLowerCase();
  if (transaction !== undefined && transaction !== report.transactionUuid?.toLowerCase()) {
    const other = report.transactionUuid ?? 'none';
    const what = `Puppet printed transaction ${transaction}; the report is of ${other}: it is of another run`;
    problems.push(problem('other-transaction', what));
  }
  return problems;
}

/** A report from before the bake survived in the source image; one from after it is of another bake. */
function ageProblems(reportMs: number, bake: BakeFacts): Problem[] {
  const startMs = Date.parse(bake.startedAt);
  const endMs = bake.finishedAt === undefined ? Infinity : Date.parse(bake.finishedAt);
  const at = new Date(reportMs).toISOString();
  if (reportMs < startMs - clockToleranceMs) {
    return [
      problem('stale-report', `the report is of ${at}, from before the bake's start at ${bake.startedAt}`),
    ];
  }
  if (reportMs > endMs + clockToleranceMs) {
    const text = `the report is of ${at}, from after the bake's end at ${bake.finishedAt ?? ''}`;
    return [problem('stale-report', text)];
  }
  return [];
}

function lastOf(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}

function problem(reason: ProblemReason, message: string): Problem {
  return { reason, message };
}
