import { whyFailed } from '../puppet/report/console-failure.ts';
import { inEnvironment, placeText } from '../puppet/report/place.ts';
import {
  ownerOf,
  type Report,
  type ReportEvent,
  type ReportLog,
  type ReportResource,
} from '../puppet/report/report.ts';
import { withoutQuoted } from '../puppet/report/secret-forms.ts';
import { isSecret, loggedText, type Redact } from '../puppet/report/secrets.ts';
import type { ResourceOutcome, ResourceResult } from './verdict.ts';

const maxValueLength = 200;
/** Of failures that are named as the cause of one skipped resource. */
const maxCauses = 5;
const maxMessageLength = 20_000;
/** Jenkins shows 100,000 characters of what a failed case printed, and 1,000 of any other. */
const maxLogLength = { failed: 50_000, skipped: 1_000, changed: 1_000, unchanged: 1_000 };

interface Context {
  logsOf: LogsOf;
  redact: Redact;
  failed: ReadonlySet<string>;
  /** A failed resource with its place. */
  shown: (name: string) => string;
}

/** How each resource ended, from its status, its events and what the run logged about it, without secrets. */
export function resourceOutcomes(report: Report, redact: Redact): ResourceOutcome[] {
  const failures = new Map(
    report.resources.filter((one) => resultOf(one) === 'failed').map((one) => [one.resource, one]),
  );
  const shown = (name: string) => {
    const text = placeText(inEnvironment(failures.get(name) ?? {}));
    return text === '' ? name : `${name} (${text})`;
  };
  const context = { logsOf: logsByResource(report), redact, failed: new Set(failures.keys()), shown };
  return report.resources.map((resource) => outcomeOf(resource, context));
}

function outcomeOf(resource: ReportResource, context: Context): ResourceOutcome {
  const result = resultOf(resource);
  const log = shownLog(resource, result, context);
  return {
    resource: context.redact(resource.resource),
    containedIn: resource.containmentPath.slice(0, -1).map(context.redact),
    result,
    seconds: resource.seconds,
    ...(resource.file === undefined ? {} : { file: resource.file }),
    ...(resource.line === undefined ? {} : { line: resource.line }),
    messages: messagesOf(resource, result, context).map((text) =>
      cut(context.redact(text), maxMessageLength),
    ),
    ...(log.length === 0 ? {} : { log }),
  };
}

/** The errors in a report's log that no failed resource accounts for. */
export function unexplainedErrors(report: Report): ReportLog[] {
  const failed = report.resources.filter((resource) => resultOf(resource) === 'failed');
  const names = new Set(failed.map(({ resource }) => resource));
  const logsOf = logsByResource(report);
  const explained = new Set([...names].flatMap((name) => logsOf(name)));
  const eventTexts = failed.flatMap((resource) => resource.events.map((event) => event.message));
  // What a provider logs has no source of its own; the resource's event quotes it.
  return report.logs.filter(
    (log) => isError(log) && !explained.has(log) && !eventTexts.some((text) => text.includes(log.message)),
  );
}

/** How a resource ended as a whole: the worst that its flags and events say. */
export function resultOf(resource: ReportResource): ResourceResult {
  const failing = resource.events.some((event) => event.status === 'failure');
  if (resource.failed || resource.failedToRestart || failing) return 'failed';
  if (resource.skipped || resource.events.some((event) => event.status === 'noop')) return 'skipped';
  return resource.changed ? 'changed' : 'unchanged';
}

function messagesOf(resource: ReportResource, result: ResourceResult, context: Context): string[] {
  if (result === 'failed') return failureMessages(resource, context);
  if (result !== 'skipped') return [];
  const cause = rootFailures(resource.resource, context.logsOf, context.failed);
  const said = context.logsOf(resource.resource).map((log) => loggedText(resource, log));
  const messages = unique([...(cause === undefined ? [] : [causeText(cause, context.shown)]), ...said]);
  return messages.length > 0 ? messages : ['skipped; the report does not say why (a schedule, or a tag)'];
}

function failureMessages(resource: ReportResource, { logsOf, redact }: Context): string[] {
  const events = resource.events.filter((event) => event.status === 'failure');
  const more = logsOf(resource.resource)
    .filter((log) => isError(log) && !events.some((event) => event.message.includes(log.message)))
    .map((log) => loggedText(resource, log));
  const messages = unique([...events.map((event) => eventText(resource, event, redact)), ...more]).map(
    redact,
  );
  const [first] = messages;
  if (first === undefined)
    return [resource.failedToRestart ? 'failed to restart' : 'failed; the report does not say why'];
  const output = lastOutput(resource, logsOf);
  const lines = first.split('\n');
  // One line stays whole: of a request that failed, its end says why.
  if (lines.length === 1 && output === undefined) return messages;
  return unique([whyFailed(lines, output && redact(output)), ...messages]);
}

/** What a command of the resource printed last: Puppet logs it before the error, which names the exit code only. */
function lastOutput(resource: ReportResource, logsOf: LogsOf): string | undefined {
  const printed = logsOf(resource.resource).findLast(
    (log) => log.source.endsWith('/returns') && !isError(log) && log.message.trim() !== '',
  );
  return printed && loggedText(resource, printed);
}

/** `ensure: stopped → running: change from 'stopped' to 'running' failed: …` */
export function eventText(resource: ReportResource, event: ReportEvent, redact: Redact): string {
  if (event.property === undefined) return event.message;
  if (isSecret(resource, event)) {
    return `${event.property}: ${event.redacted ? '[redacted]' : '[secret]'}: ${withoutQuoted(event.message)}`;
  }
  const values = [event.previousValue, event.desiredValue].map((value) => valueText(value, redact));
  return `${event.property}: ${values.join(' → ')}: ${event.message}`;
}

function shownLog(resource: ReportResource, result: ResourceResult, { logsOf, redact }: Context): string[] {
  let left = maxLogLength[result];
  const lines: string[] = [];
  for (const log of logsOf(resource.resource)) {
    const line = cut(`${log.level}: ${redact(loggedText(resource, log))}`, left);
    lines.push(line);
    left -= line.length;
    if (left <= 0) break;
  }
  return lines;
}

/** A value as a person reads it, with bounds: a report may hold whole files. */
function valueText(value: unknown, redact: Redact, depth = 0): string {
  return cut(valueParts(value, redact, depth), maxValueLength);
}

function valueParts(value: unknown, redact: Redact, depth: number): string {
  if (value === null || value === undefined) return 'nothing';
  // Before it is cut: of a secret that is cut in two neither half would be known. Symbols lose their colon.
  if (typeof value === 'string') return redact(value.replace(/^:(?=\w+$)/, ''));
  if (typeof value !== 'object') return JSON.stringify(value);
  if (depth > 2) return '…';
  const parts = Array.isArray(value)
    ? value.slice(0, 10).map((item) => valueText(item, redact, depth + 1))
    : Object.entries(value)
        .slice(0, 10)
        .map(([key, item]) => redact(`${key}: ${valueText(item, redact, depth + 1)}`));
  return `[${parts.join(', ')}]`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(length, 0))}…` : text;
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}

const dependency = /^Dependency (.+) has failures: (?:true|false)$/;
const skipping = 'Skipping because of failed dependencies';

/** Why a resource was skipped: the failures that it depends on, or, where Puppet does not say, one of them. */
interface Cause {
  roots: string[];
  /** Only some of the roots, perhaps: from version 5 on Puppet names a failure once, to the first that it hits. */
  unsure: boolean;
}

/**
 * The resources whose failure kept this one from being applied, undefined when no failure did. Old Puppet names
 * the nearest one, which may have been skipped itself: it is followed to the failure.
 */
export function rootFailures(
  resource: string,
  logsOf: LogsOf,
  failed: ReadonlySet<string>,
): Cause | undefined {
  if (!logsOf(resource).some((log) => log.message === skipping)) return undefined;
  const roots = new Set<string>();
  const seen = new Set([resource]);
  for (const name of seen) {
    for (const log of logsOf(name)) {
      const on = dependency.exec(log.message)?.[1];
      if (on === undefined) continue;
      if (failed.has(on)) roots.add(on);
      else seen.add(on);
    }
  }
  if (roots.size > 0) return { roots: [...roots], unsure: false };
  return failed.size === 0 ? undefined : { roots: [...failed], unsure: failed.size > 1 };
}

/** `skipped because Exec[start redis] failed (modules/redis/manifests/init.pp:11)` */
export function causeText(cause: Cause, shown: (resource: string) => string): string {
  const names = cause.roots.slice(0, maxCauses).map(shown);
  const more = cause.roots.length - names.length;
  const list = [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return cause.unsure ? `skipped because one of these failed: ${list}` : `skipped because ${list} failed`;
}

const errorLevels = new Set(['err', 'alert', 'emerg', 'crit']);

function isError(log: ReportLog): boolean {
  return errorLevels.has(log.level);
}

/** What a report logged, by the resource that it is about. */
type LogsOf = (resource: string) => readonly ReportLog[];

function logsByResource(report: Report): LogsOf {
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
