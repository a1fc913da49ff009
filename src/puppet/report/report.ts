import { formatOf, missingFields, type ReportData, reportShape, type ResourceData } from './report-shape.ts';
import { parseRubyTexts } from './ruby-yaml.ts';

/** What Puppet wrote about its run, as far as a verdict needs it. */
export interface Report {
  /** The certificate name that Puppet ran as. */
  host: string;
  /** Start of the run, milliseconds since the epoch, by the clock of the instance. */
  timeMs: number;
  /** 3 (Puppet 2.7 to 3.2), 4 (3.3 to 4.3), 5 (4.4), 6 (4.6), 7 (5.0), 8 (5.4), 10 (5.5), 11 (6), 12 (7, 8). */
  format: number;
  puppetVersion: string;
  /** Of the catalog that was applied; absent when there was none. */
  configurationVersion?: string;
  transactionUuid?: string;
  status: 'failed' | 'changed' | 'unchanged';
  completed: boolean;
  noop: boolean;
  /** `on_failure`: the server gave no catalog, an old one was applied. */
  cachedCatalog: string;
  /** How many resources Puppet counted, listed or not; absent where it did not come to count. */
  counted?: { total: number; failed: number };
  logs: ReportLog[];
  /** In the order in which Puppet came to them. */
  resources: ReportResource[];
}

export interface ReportLog {
  level: string;
  message: string;
  /** `/Stage[main]/Redis/File[/etc/redis.conf]/content`, or `Puppet`. */
  source: string;
  file?: string;
  line?: number;
}

export interface ReportResource {
  /** `File[/etc/redis.conf]` */
  resource: string;
  type: string;
  title: string;
  file?: string;
  line?: number;
  /** From the stage down to the resource itself. */
  containmentPath: string[];
  seconds: number;
  failed: boolean;
  failedToRestart: boolean;
  changed: boolean;
  outOfSync: boolean;
  skipped: boolean;
  events: ReportEvent[];
}

export interface ReportEvent {
  /** Absent for a resource that failed as a whole. */
  property?: string;
  status: string;
  message: string;
  previousValue: unknown;
  desiredValue: unknown;
  /** The values are secret. */
  redacted: boolean;
}

/** A report that is not one, in a sentence for a person. */
export class ReportError extends Error {}

/**
 * Reads the text of `last_run_report.yaml`, report formats 3 to 12. What an old format lacks is what Puppet itself
 * would have said: a resource failed if an event of it did, a run was noop if an event was.
 * @throws ReportError when it is empty, not YAML, or not such a report.
 */
export function parseReport(text: string): Report {
  if (text.trim() === '') throw new ReportError('it is empty');
  let data: unknown;
  try {
    data = parseRubyTexts(text);
  } catch (error) {
    throw new ReportError(`it is not YAML that can be read: ${firstLine((error as Error).message)}`);
  }
  const format = formatOf(data);
  if (typeof format === 'string') throw new ReportError(`it is not a report of Puppet: ${format}`);
  const parsed = reportShape.safeParse(data);
  const problems = parsed.success
    ? missingFields(parsed.data, format).map((name) => `${name} is missing`)
    : parsed.error.issues.map(({ path, message }) => {
        const what = message.endsWith('received undefined') ? 'is missing' : message;
        return `${path.join('.')} ${what}`.trim();
      });
  if (!parsed.success || problems.length > 0) {
    const more = problems.length > 3 ? `; and ${problems.length - 3} more` : '';
    throw new ReportError(`it is not a report of Puppet: ${problems.slice(0, 3).join('; ')}${more}`);
  }
  if ((parsed.data.kind ?? 'apply') !== 'apply') {
    throw new ReportError(`it is of puppet ${parsed.data.kind ?? ''}, which applies nothing`);
  }
  return reportOf(parsed.data, format);
}

function reportOf(data: ReportData, format: number): Report {
  const counted = Object.fromEntries(
    (data.metrics?.resources?.values ?? []).map(([name, , count]) => [name, count]),
  );
  const sources = data.logs.map((log) => log.source ?? '');
  const resources = Object.values(data.resource_statuses);
  const paths = pathsInLogs(
    sources,
    resources.filter((resource) => resource.containment_path == null).map(({ resource }) => resource),
  );
  return {
    host: data.host,
    timeMs: Date.parse(data.time),
    format,
    puppetVersion: data.puppet_version,
    ...(data.configuration_version == null ? {} : { configurationVersion: data.configuration_version }),
    ...(data.transaction_uuid == null ? {} : { transactionUuid: data.transaction_uuid }),
    status: data.status,
    // Where there is no such field, the status is 'failed' until a run has finished.
    completed: data.transaction_completed ?? true,
    noop: data.noop ?? isNoop(resources),
    cachedCatalog: data.cached_catalog_status ?? 'not_used',
    ...(counted.total === undefined
      ? {}
      : { counted: { total: counted.total, failed: counted.failed ?? 0 } }),
    logs: data.logs.map((log) => ({
      level: log.level,
      message: log.message,
      source: log.source ?? '',
      ...placeOf(log),
    })),
    resources: resources.map((resource) => resourceOf(resource, paths)),
  };
}

/** A single resource may be in noop by itself. */
function isNoop(resources: readonly ResourceData[]): boolean {
  const seen = new Set(resources.flatMap(({ events }) => events.map(({ status }) => status)));
  return seen.has('noop') && !seen.has('success');
}

function resourceOf(data: ResourceData, paths: ReadonlyMap<string, string[]>): ReportResource {
  const some = (status: string) => data.events.some((event) => event.status === status);
  return {
    resource: data.resource,
    type: data.resource_type,
    title: data.title,
    ...placeOf(data),
    containmentPath:
      data.containment_path ?? paths.get(data.resource) ?? pathByFile(data.resource, data.file),
    seconds: data.evaluation_time ?? 0,
    failed: data.failed ?? some('failure'),
    failedToRestart: data.failed_to_restart ?? false,
    changed: data.changed ?? some('success'),
    outOfSync: data.out_of_sync ?? data.events.some((event) => event.status !== 'audit'),
    skipped: data.skipped ?? false,
    events: data.events.map((event) => ({
      ...(event.property == null ? {} : { property: event.property }),
      status: event.status,
      message: event.message ?? '',
      previousValue: event.previous_value,
      desiredValue: event.desired_value,
      redacted: event.redacted ?? false,
    })),
  };
}

function placeOf(data: { file?: string | null | undefined; line?: number | null | undefined }) {
  return {
    // Ruby 1.8 wrote what is unknown as ''.
    ...(data.file == null || data.file === '' ? {} : { file: data.file }),
    ...(data.line == null ? {} : { line: data.line }),
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

/**
 * Where resources stand that come without a containment path, as in formats 3 and earlier: what they logged bears it
 * as its source, `/Stage[main]/Redis/File[/etc/redis.conf]/ensure`.
 */
function pathsInLogs(sources: readonly string[], resources: readonly string[]): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  const names = new Set(resources);
  if (names.size === 0) return paths;
  for (const source of new Set(sources)) {
    const name = ownerOf(source, names);
    if (name === undefined || !source.startsWith('/')) continue;
    const above = source.slice(1, source.lastIndexOf(`/${name}`));
    // A title may hold slashes, but only between brackets.
    paths.set(name, [...(above.match(/[^/[]+(?:\[[^\]]*\])?/g) ?? []), name]);
  }
  return paths;
}

/** By Puppet's autoloader the manifest `modules/redis/manifests/config.pp` holds class `redis::config`. */
function pathByFile(resource: string, file: string | null | undefined): string[] {
  if (file == null || file === '') return [resource];
  const [, module, below] = /\/([a-z]\w*)\/manifests\/((?:\w+\/)*\w+)\.pp$/.exec(file) ?? [];
  const names = [module ?? '', ...(below === 'init' ? [] : (below ?? '').split('/'))];
  const name = names.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('::');
  return ['Stage[main]', module === undefined || !file.includes('/modules/') ? 'Main' : name, resource];
}

/**
 * The resource that a source of log lines speaks of: itself, its path, or a property below that. Among several that
 * fit, the longest name: a title may look like a path.
 */
export function ownerOf(source: string, resources: { has: (name: string) => boolean }): string | undefined {
  const below = source.lastIndexOf('/');
  for (const path of [source, ...(source.endsWith(']') || below <= 0 ? [] : [source.slice(0, below)])]) {
    if (resources.has(path)) return path;
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const name = path.slice(at + 1);
      if (resources.has(name)) return name;
    }
  }
  return undefined;
}
