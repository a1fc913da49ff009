import type { LaunchSource } from '../state/auto-scaling.ts';
import { templatesOf } from './launch-source.ts';

/** Why a refresh of a group cannot be rolled back; undefined when it can. */
export function noRollback(source: LaunchSource, desired: LaunchSource | undefined): string | undefined {
  if (desired === undefined) return 'the instance refresh has no desired configuration';
  const floating = templatesOf(source).find(({ version = '$Default' }) => version.startsWith('$'));
  if (floating === undefined) return undefined;
  return `the group uses the version ${floating.version ?? '$Default'} of a launch template instead of a numbered one`;
}
