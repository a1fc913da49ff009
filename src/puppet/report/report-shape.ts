import { z } from 'zod';

/** The shapes of reports as Puppet 2.7 to 8 write them; what a format lacks is optional here. */

/** `:err` is how Ruby writes a symbol that has no mark. */
const word = z.string().transform((text) => text.replace(/^:/, ''));
/** What no verdict needs never voids a report: an odd value costs its own field only. */
const shown = z.string().nullish().catch('unreadable');
const number = z
  .string()
  .regex(/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i, 'is not a number')
  .transform(Number);
const place = {
  file: z.string().nullish().catch(undefined),
  line: number.pipe(z.int().positive()).nullish().catch(undefined),
};
const flag = z
  .enum(['true', 'false'], 'is neither true nor false')
  .transform((text) => text === 'true')
  .nullish();

const logShape = z.object({ level: word, message: z.string().catch('unreadable'), source: shown, ...place });

const eventShape = z.object({
  property: word.nullish().catch('unreadable'),
  status: word.pipe(z.enum(['noop', 'success', 'failure', 'audit'])),
  message: shown,
  // Puppet 4 leaves out what was never set.
  previous_value: z.unknown().optional(),
  desired_value: z.unknown().optional(),
  redacted: flag.catch(true),
});

const resourceShape = z.object({
  resource: z.string().min(1),
  resource_type: z.string(),
  title: z.string().catch('unreadable'),
  ...place,
  containment_path: z.array(z.string()).nullish(),
  // Absent of a skipped resource.
  evaluation_time: number.pipe(z.number().nonnegative()).nullish().catch(undefined),
  failed: flag,
  failed_to_restart: flag,
  changed: flag,
  out_of_sync: flag,
  skipped: flag,
  events: z.array(eventShape),
});

/** `values: [[total, Total, 11], [failed, Failed, 0], …]` */
const metricShape = z.object({ values: z.array(z.tuple([word, z.string(), number])) });

export const reportShape = z.object({
  host: z.string().min(1),
  time: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is not a time'),
  configuration_version: z.string().nullish(),
  transaction_uuid: z.string().nullish(),
  puppet_version: z.string().catch('unreadable'),
  kind: word.nullish(),
  status: word.pipe(z.enum(['failed', 'changed', 'unchanged'])),
  transaction_completed: flag,
  noop: flag,
  corrective_change: flag,
  cached_catalog_status: word.nullish(),
  logs: z.array(logShape),
  // A run that broke off has none.
  metrics: z.looseObject({ resources: metricShape.nullish() }).nullish(),
  resource_statuses: z.record(z.string(), resourceShape),
});

export type ReportData = z.infer<typeof reportShape>;
export type ResourceData = z.infer<typeof resourceShape>;

/** 3 came with Puppet 2.7.20, 12 with Puppet 7. */
const known = { oldest: 3, newest: 12 };

/** The first format in which a field always stands, so that its absence means that the report is broken. */
// corrective_change stands behind the resources: without it a report was cut off among them.
const alwaysSince = {
  transaction_uuid: 4,
  noop: 6,
  transaction_completed: 11,
  corrective_change: 11,
} as const;
const resourceAlwaysSince = {
  failed: 10,
  failed_to_restart: 11,
  changed: 10,
  out_of_sync: 10,
  skipped: 10,
} as const;

/** The report's format, or what is wrong with it. */
export function formatOf(data: unknown): number | string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return `it is ${Array.isArray(data) ? 'a list' : 'bare text'}, not fields with values`;
  }
  if (!('report_format' in data)) return 'report_format is missing';
  const format = /^\d+$/.test(String(data.report_format)) ? Number(data.report_format) : undefined;
  if (format === undefined) return 'report_format is not a whole number';
  if (format < known.oldest) return `report_format ${format} is older than 3 (Puppet 2.7)`;
  if (format > known.newest) return `report_format ${format} is newer than 12 (Puppet 8)`;
  return format;
}

/** What a report lacks that its format always has: `transaction_completed`, `File[/a] failed`. */
export function missingFields(data: ReportData, format: number): string[] {
  const lacks = (of: object, since: Record<string, number>) =>
    Object.keys(since).filter(
      (name) => format >= (since[name] ?? 0) && (of as Record<string, unknown>)[name] == null,
    );
  return [
    ...lacks(data, alwaysSince),
    ...Object.values(data.resource_statuses).flatMap((status) =>
      lacks(status, resourceAlwaysSince).map((name) => `${status.resource} ${name}`),
    ),
  ];
}
