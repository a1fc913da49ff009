import type { Report, ReportEvent, ReportLog, ReportResource } from './report.ts';
import type { ResourceOutcome, ResourceResult } from './verdict.ts';

const errorLevels = new Set(['err', 'alert', 'emerg', 'crit']);
const maxValueLength = 200;

/** What became of a resource, from its status, its events and what the run logged about it. */
export function resourceOutcome(resource: ReportResource, logs: readonly ReportLog[]): ResourceOutcome {
  const result = resultOf(resource);
  return {
    resource: resource.resource,
    containedIn: resource.containmentPath.slice(0, -1),
    result,
    seconds: resource.seconds,
    ...(resource.file === undefined ? {} : { file: resource.file }),
    ...(resource.line === undefined ? {} : { line: resource.line }),
    messages: messagesOf(resource, result, logs),
  };
}

/** The errors in a report's log that no failed resource accounts for. */
export function unexplainedErrors(report: Report): ReportLog[] {
  const failed = report.resources.filter((resource) => resultOf(resource) === 'failed');
  const told = failed.flatMap((resource) => resource.events.map((event) => event.message));
  // What a provider logs has no source of its own; the resource's event quotes it.
  const isTold = (log: ReportLog) =>
    failed.some((resource) => isAbout(log, resource)) || told.some((text) => text.includes(log.message));
  return report.logs.filter((log) => errorLevels.has(log.level) && !isTold(log));
}

function resultOf(resource: ReportResource): ResourceResult {
  const failing = resource.events.some((event) => event.status === 'failure');
  if (resource.failed || resource.failedToRestart || failing) return 'failed';
  if (resource.skipped || resource.events.some((event) => event.status === 'noop')) return 'skipped';
  return resource.changed ? 'changed' : 'unchanged';
}

function messagesOf(resource: ReportResource, result: ResourceResult, logs: readonly ReportLog[]): string[] {
  if (result === 'skipped') {
    const said = logs.filter((log) => isAbout(log, resource)).map((log) => log.message);
    return unique(said);
  }
  if (result !== 'failed') return [];
  const events = resource.events.filter((event) => event.status === 'failure');
  const logged = logs.filter((log) => errorLevels.has(log.level) && isAbout(log, resource));
  const more = logged
    .map((log) => log.message)
    .filter((text) => !events.some((event) => event.message.includes(text)));
  const messages = unique([...events.map(eventText), ...more]);
  if (messages.length > 0) return messages;
  return [resource.failedToRestart ? 'failed to restart' : 'failed; the report does not say why'];
}

/** `ensure: stopped → running: change from 'stopped' to 'running' failed: …` */
function eventText(event: ReportEvent): string {
  if (event.property === undefined) return event.message;
  const values = event.redacted
    ? '[redacted]'
    : `${valueText(event.previousValue)} → ${valueText(event.desiredValue)}`;
  return `${event.property}: ${values}: ${event.message}`;
}

/** A value as a person reads it, with bounds: a report may hold whole files, and aliases that multiply. */
function valueText(value: unknown, depth = 0): string {
  const text = valueParts(value, depth);
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}

function valueParts(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (depth > 2) return '…';
  const parts = Array.isArray(value)
    ? value.slice(0, 10).map((item) => valueText(item, depth + 1))
    : Object.entries(value)
        .slice(0, 10)
        .map(([key, item]) => `${key}: ${valueText(item, depth + 1)}`);
  return `[${parts.join(', ')}]`;
}

function isAbout(log: ReportLog, resource: ReportResource): boolean {
  const path = `/${resource.containmentPath.join('/')}`;
  return log.source === path || log.source.startsWith(`${path}/`) || log.source === resource.resource;
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}
