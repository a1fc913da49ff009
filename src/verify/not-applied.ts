import type { Report, ReportResource } from '../puppet/report/report.ts';
import { resultOf } from './resource-outcome.ts';
import type { Problem } from './verdict.ts';

/** What nodes.yaml allows a run to leave out: every resource, or those with these names (`File[/etc/motd]`). */
export type AllowSkipped = boolean | readonly string[];

/** A resource of the manifests that a run left out although nothing that it depends on failed. */
export interface NotApplied {
  resource: ReportResource;
  /** `noop`: by its own parameter, or a default. `skipped`: by a schedule, a tag, or since it is not for this machine. */
  how: 'skipped' | 'noop';
}

/**
 * The resources that a run left out without a failure. In a run with a failure there are none: it is no good anyway, and
 * Puppet names a failure only to the first resource that it keeps from being applied.
 */
export function notApplied({ resources }: Pick<Report, 'resources'>): NotApplied[] {
  if (resources.some((resource) => resultOf(resource) === 'failed')) return [];
  return (
    resources
      // Puppet's own schedules and file bucket stand in no manifest; a tag skips them as well.
      .filter(({ containmentPath }) => containmentPath.length > 1)
      .flatMap((resource): NotApplied[] => {
        if (resource.skipped) return [{ resource, how: 'skipped' }];
        return resource.events.some(({ status }) => status === 'noop') ? [{ resource, how: 'noop' }] : [];
      })
  );
}

/** A problem for the resources that a bake left out and nodes.yaml does not allow it to. */
export function notAppliedProblems(report: Report, allowed: AllowSkipped): Problem[] {
  if (allowed === true || report.noop) return [];
  const names = new Set(allowed === false ? [] : allowed);
  const left = notApplied(report).filter(({ resource }) => !names.has(resource.resource));
  const [first] = left;
  if (first === undefined) return [];
  const more = left.length > 1 ? ` and ${left.length - 1} more` : '';
  const why =
    first.how === 'noop' ? 'it is in noop mode' : 'skipped by a schedule or a tag, or not for this machine';
  const { resource, file, line } = first.resource;
  return [
    {
      reason: 'not-applied',
      message: `Puppet did not apply ${resource}${more}: ${why}; \`allow_skipped\` in nodes.yaml permits it`,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    },
  ];
}
