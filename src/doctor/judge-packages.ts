import { type Finding, ok, wrong } from './finding.ts';

/** An entry of package-lock.json, as far as it matters here. */
export interface LockedPackage {
  version?: string | undefined;
  /** For development only, which an agent may be without. */
  dev?: boolean | undefined;
  /** For some platforms only. */
  optional?: boolean | undefined;
}

const mostNames = 3;

/**
 * Judges whether what is installed is what package-lock.json says.
 * @param locked by folder: `node_modules/zod`
 * @param installed the version that a folder's package.json has; undefined without one
 */
export function judgePackages(
  locked: Readonly<Record<string, LockedPackage>>,
  installed: (folder: string) => string | undefined,
): Finding {
  const needed = Object.entries(locked).filter(([folder, { dev }]) => folder !== '' && dev !== true);
  const problems = needed.flatMap(([folder, { version = '', optional }]) => {
    const name = folder.replace(/^.*node_modules\//, '');
    const found = installed(folder);
    if (found === undefined) return optional === true ? [] : [`${name} is missing`];
    return found === version ? [] : [`${name} is ${found}, not ${version}`];
  });
  if (problems.length === 0) return ok('npm packages', `${needed.length}, as package-lock.json says`);
  const more = problems.length > mostNames ? `, and ${problems.length - mostNames} more` : '';
  return wrong('npm packages', `${problems.slice(0, mostNames).join(', ')}${more}`, 'npm ci');
}
