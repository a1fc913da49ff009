import type { LogsOf } from './resource-log.ts';

const dependency = /^Dependency (.+) has failures: (?:true|false)$/;
const skipping = 'Skipping because of failed dependencies';

/** Why a resource was skipped: the failures that it depends on, or, where Puppet does not say, one of them. */
export interface Cause {
  roots: string[];
  /** Only some of the roots, perhaps: from version 5 on Puppet names a failure once, to the first that it hits. */
  unsure: boolean;
}

/**
 * The resources whose failure kept this one from being applied, undefined when no failure did. Old Puppet names the
 * nearest one, which may have been skipped itself; that is followed to the failure.
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
  const names = cause.roots.slice(0, maxNames).map(shown);
  const more = cause.roots.length - names.length;
  const list = [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return cause.unsure ? `skipped because one of these failed: ${list}` : `skipped because ${list} failed`;
}

const maxNames = 5;
