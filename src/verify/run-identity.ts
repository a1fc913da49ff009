import { plainText } from '../puppet/report/console.ts';
import type { Report } from '../puppet/report/report.ts';
import type { BakeFacts } from './run-problems.ts';
import type { Problem, ProblemReason } from './verdict.ts';

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
