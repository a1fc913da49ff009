import { z } from 'zod';
import { parseRubyYaml } from './ruby-yaml.ts';

/** What Puppet wrote about its run, as far as a verdict needs it. */
export interface Report {
  /** Start of the run, milliseconds since the epoch, by the clock of the instance. */
  timeMs: number;
  /** 10 (Puppet 5.5), 11 (6) or 12 (7, 8). */
  format: number;
  puppetVersion: string;
  status: 'failed' | 'changed' | 'unchanged';
  completed: boolean;
  noop: boolean;
  /** `on_failure`: the server gave no catalog, an old one was applied. */
  cachedCatalog: string;
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

/** `:err` is how Ruby writes a symbol that has no mark. */
const word = z.string().transform((text) => text.replace(/^:/, ''));
const place = {
  file: z.string().nullish(),
  line: z.int().positive().nullish(),
};
const logSchema = z.object({ level: word, message: z.string(), source: z.string().nullish(), ...place });
const eventSchema = z.object({
  property: z.string().nullish(),
  status: word,
  message: z.string().nullish(),
  previous_value: z.unknown(),
  desired_value: z.unknown(),
  redacted: z.boolean().nullish(),
});
const resourceSchema = z.object({
  resource: z.string().min(1),
  resource_type: z.string(),
  title: z.string(),
  ...place,
  containment_path: z.array(z.string()).nullish(),
  // Absent of a skipped resource.
  evaluation_time: z.number().nonnegative().nullish(),
  failed: z.boolean(),
  failed_to_restart: z.boolean().nullish(),
  changed: z.boolean(),
  out_of_sync: z.boolean(),
  skipped: z.boolean(),
  events: z.array(eventSchema),
});
const reportSchema = z
  .object({
    time: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is not a time'),
    report_format: z.int().min(10, 'is older than 10 (Puppet 5.5)').max(12, 'is newer than 12 (Puppet 8)'),
    puppet_version: z.string(),
    status: word.pipe(z.enum(['failed', 'changed', 'unchanged'])),
    transaction_completed: z.boolean().nullish(),
    noop: z.boolean(),
    cached_catalog_status: word.nullish(),
    logs: z.array(logSchema),
    resource_statuses: z.record(z.string(), resourceSchema),
  })
  // Puppet 5.5 could leave it out; where it always stands, its absence is no proof of a finished run.
  .refine((report) => report.report_format < 11 || typeof report.transaction_completed === 'boolean', {
    path: ['transaction_completed'],
    message: 'is missing',
  });

/**
 * Reads the text of `last_run_report.yaml`, report formats 10 to 12.
 * @throws ReportError when it is empty, not YAML, or not such a report.
 */
export function parseReport(text: string): Report {
  if (text.trim() === '') throw new ReportError('it is empty');
  let data: unknown;
  try {
    data = parseRubyYaml(text);
  } catch (error) {
    throw new ReportError(`it is not YAML: ${firstLine((error as Error).message)}`);
  }
  const parsed = reportSchema.safeParse(data);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
    const more = issues.length > 3 ? `; and ${issues.length - 3} more` : '';
    throw new ReportError(`it is not a report of Puppet: ${issues.slice(0, 3).join('; ')}${more}`);
  }
  return reportOf(parsed.data);
}

function reportOf(data: z.infer<typeof reportSchema>): Report {
  return {
    timeMs: Date.parse(data.time),
    format: data.report_format,
    puppetVersion: data.puppet_version,
    status: data.status,
    completed: data.transaction_completed ?? true,
    noop: data.noop,
    cachedCatalog: data.cached_catalog_status ?? 'not_used',
    logs: data.logs.map((log) => ({
      level: log.level,
      message: log.message,
      source: log.source ?? '',
      ...placeOf(log),
    })),
    resources: Object.values(data.resource_statuses).map(resourceOf),
  };
}

function resourceOf(data: z.infer<typeof resourceSchema>): ReportResource {
  return {
    resource: data.resource,
    type: data.resource_type,
    title: data.title,
    ...placeOf(data),
    containmentPath: data.containment_path ?? [],
    seconds: data.evaluation_time ?? 0,
    failed: data.failed,
    failedToRestart: data.failed_to_restart ?? false,
    changed: data.changed,
    outOfSync: data.out_of_sync,
    skipped: data.skipped,
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
    ...(data.file == null ? {} : { file: data.file }),
    ...(data.line == null ? {} : { line: data.line }),
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
