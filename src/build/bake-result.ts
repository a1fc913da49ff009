import type { BakeEnd } from './bake-node.ts';

/** The result of a run as build shows it: a row for each node, and the exit code of design: 0, 3 or 4. */
export function bakeResult(ends: readonly BakeEnd[]) {
  const rows = ends.map(({ record }) => [
    record.node,
    record.status,
    record.imageId ?? '-',
    `${seconds(record.startedAt, record.finishedAt)} s`,
    record.error ?? '',
  ]);
  const failed = ends.filter(({ record }) => record.status !== 'baked');
  const retry = failed.length > 0 && failed.every(({ unavailable }) => unavailable);
  const left = ends.flatMap(({ record }) => record.leftovers);
  const undigested = ends.flatMap(({ record: { node, status, digest } }) =>
    status === 'baked' && digest === undefined ? [node] : [],
  );
  return {
    exitCode: failed.length === 0 ? 0 : retry ? 4 : 3,
    json: { schema: 1, bakes: ends.map(({ record }) => record) },
    table: { head: ['node', 'result', 'image', 'took', 'why'], rows },
    closing: [
      ...(left.length === 0 ? [] : ['', 'Left behind, remove by hand:', ...left.map((what) => `  ${what}`)]),
      ...(undigested.length === 0
        ? []
        : [
            '',
            `Baked without --plan: the next plan bakes ${undigested.join(', ')} again, since no digest says of what.`,
          ]),
    ],
  };
}

function seconds(from: string, to: string | undefined): number {
  return to === undefined ? 0 : Math.round((Date.parse(to) - Date.parse(from)) / 1000);
}
