import { ownerOf, type Report, type ReportLog } from '../puppet/report/report.ts';

const errorLevels = new Set(['err', 'alert', 'emerg', 'crit']);

export function isError(log: ReportLog): boolean {
  return errorLevels.has(log.level);
}

/** What a report logged, by the resource that it is about. */
export type LogsOf = (resource: string) => readonly ReportLog[];

export function logsByResource(report: Report): LogsOf {
  const names = new Set(report.resources.map(({ resource }) => resource));
  const logs = new Map<string, ReportLog[]>();
  for (const log of report.logs) {
    const owner = ownerOf(log.source, names);
    if (owner === undefined) continue;
    const known = logs.get(owner);
    if (known === undefined) logs.set(owner, [log]);
    else known.push(log);
  }
  return (resource) => logs.get(resource) ?? [];
}
