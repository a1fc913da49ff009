import semver from 'semver';
import type { TeamPackage } from './team-files.ts';

/** A file of the package, with what is known of its earlier versions. */
interface Versions {
  /** The package's. */
  version: string;
  /** The file's text now. */
  text: string;
  earlier: TeamPackage['earlier'];
}

/**
 * A file of the package as it was in an earlier version. The package keeps a file only as the last release before a change of it
 * had it: the first one kept from that version on is the same, and without one the file has not changed since.
 */
export function baseOf(
  path: string,
  version: string,
  { version: now, text, earlier }: Versions,
): { text: string } | { problem: string } {
  if (semver.valid(version) !== version)
    return { problem: `'${version}' is no version of Bakehouse: correct the line that says so` };
  if (semver.gt(version, now))
    return {
      problem: `of ${version}, which is newer than this package (${now}): install that or a newer one`,
    };
  const later = (earlier.get(path) ?? []).filter((kept) => semver.gte(kept.version, version));
  later.sort((a, b) => semver.compare(a.version, b.version));
  return { text: later[0]?.text ?? text };
}
