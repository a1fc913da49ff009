import type { Result } from '../cli/run-stage.ts';
import { exitCode } from '../lib/errors.ts';
import type { NodeResult } from './node-result.ts';
import type { PromoteRecord, RegionRecord } from './promote-record.ts';

/**
 * The result as promote shows it: a row for each region of a node, and one for each reason why nothing was done. Exit code
 * 4 when a retry may help with one of them, else 3 when a node failed.
 */
export function promoteResult(results: readonly NodeResult[]): Result {
  const failures = results.flatMap((result) => result.failures);
  return {
    exitCode: failures.some(({ unavailable }) => unavailable)
      ? exitCode.unavailable
      : failures.length > 0
        ? exitCode.nodeFailed
        : exitCode.done,
    json: { schema: 1, nodes: results.map(({ record }) => record) },
    table: {
      head: ['node', 'region', 'image', 'result', 'why'],
      rows: results.flatMap(({ record }) => rowsOf(record)),
    },
    closing: closingLines(results.map(({ record }) => record)),
  };
}

function rowsOf(record: PromoteRecord): string[][] {
  const { node, image = '-', regions, problems } = record;
  if (regions.length === 0) return problems.map((problem) => [node, '-', image, 'FAILED', problem]);
  return regions.map((region) => {
    const problem = problems.find((text) => text.startsWith(`${region.region}: `));
    const why = [...(problem === undefined ? [] : [problem]), ...stepsOf(region, record)].join('; ');
    const word = problem === undefined ? wordOf(region, record) : 'FAILED';
    return [node, region.region, region.imageId ?? '-', word, why];
  });
}

const words = {
  promote: ['promoted', 'would be promoted'],
  rollback: ['rolled back', 'would be rolled back'],
  revoke: ['replaced', 'would be replaced'],
} as const;

function isChanged({ copied, parameter, launchTemplate }: RegionRecord): boolean {
  return (
    copied === 'made' || copied === 'would-make' || parameter.changed || launchTemplate?.changed === true
  );
}

function wordOf(region: RegionRecord, { kind, applied }: PromoteRecord): string {
  if (!isChanged(region)) return 'current already';
  const [done, planned] = words[kind];
  return applied ? done : planned;
}

function stepsOf(region: RegionRecord, { applied }: PromoteRecord): string[] {
  const { copied, previous, parameter, launchTemplate, accounts } = region;
  const pointer = (what: string, { name, version, changed }: typeof parameter) => {
    if (!changed) return `${what} ${name} as it is`;
    return applied && version !== undefined ? `${what} ${name} version ${version}` : `${what} ${name}`;
  };
  return [
    ...(copied === 'made' ? ['copied'] : copied === 'would-make' ? ['to be copied'] : []),
    ...(previous === undefined ? [] : [`instead of ${previous}`]),
    ...(isChanged(region)
      ? [
          pointer('parameter', parameter),
          ...(launchTemplate === undefined ? [] : [pointer('launch template', launchTemplate)]),
        ]
      : []),
    ...(accounts.length === 0 || !isChanged(region) ? [] : [`accounts ${accounts.join(', ')}`]),
  ];
}

function closingLines(records: readonly PromoteRecord[]): string[] {
  const notes = records.flatMap(({ node, notes: its }) => its.map((note) => `${node}: ${note}`));
  const failed = records.filter(({ problems }) => problems.length > 0).length;
  const done = records.filter(({ problems }) => problems.length === 0);
  const changed = done.filter(({ regions }) => regions.some(isChanged)).length;
  const [first] = records;
  if (first === undefined) return [];
  const verb = words[first.kind][first.applied ? 0 : 1];
  const parts = [
    ...(changed > 0 ? [`${nodes(changed)} ${verb}`] : []),
    ...(done.length > changed ? [`${nodes(done.length - changed)} current already`] : []),
    ...(failed > 0 ? [`${nodes(failed)} failed`] : []),
  ].join(', ');
  return [...notes, `${parts}${!first.applied && changed > 0 ? ' (a plan only: --apply does it)' : ''}`];
}

function nodes(count: number): string {
  return `${count} node${count === 1 ? '' : 's'}`;
}
