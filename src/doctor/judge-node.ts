import { type Finding, ok, wrong } from './finding.ts';

/**
 * Judges the Node that runs us.
 * @param version `20.19.1`
 * @param range of package.json's `engines`: `>=20.19`
 */
export function judgeNode(version: string, range: string): Finding {
  const oldest = range.replace(/^>=\s*/, '');
  if (!/^\d+(\.\d+){0,2}$/.test(oldest))
    throw new Error(`engines.node of package.json is not '>=': ${range}`);
  if (isAtLeast(numbers(version), numbers(oldest))) return ok('Node', version);
  const advice = `install Node ${oldest} or later (apt-get install npm; npm install -g node@22), first on PATH`;
  return wrong('Node', `${version} is too old`, advice);
}

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part));
}

function isAtLeast(version: readonly number[], oldest: readonly number[]): boolean {
  const differs = oldest.findIndex((part, index) => part !== (version[index] ?? 0));
  return differs === -1 || (version[differs] ?? 0) > (oldest[differs] ?? 0);
}
