import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { type Finding, ok, unknown, warning, wrong } from './findings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The Node that runs us, by what package.json asks for. */
export async function nodeFinding(): Promise<Finding> {
  const { engines } = (await readJson('package.json')) as { engines: { node: string } };
  // Here, not above: the npm package may be missing.
  const { default: semver } = await import('semver');
  const satisfies = (version: string, range: string) =>
    semver.satisfies(version, range, { includePrerelease: true });
  return judgeNode(process.versions.node, engines.node, satisfies);
}

/** What is in node_modules, by package-lock.json. */
export async function packagesFinding(): Promise<Finding> {
  try {
    const { packages } = (await readJson('package-lock.json')) as { packages: Record<string, LockedPackage> };
    const versions = await Promise.all(
      Object.keys(packages).map(async (folder) => [folder, await versionIn(folder)] as const),
    );
    const installed = new Map(versions);
    return judgePackages(packages, (folder) => installed.get(folder));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && import.meta.url.endsWith('.js')) return ok('npm packages', 'compiled into the package');
    const why = `package-lock.json cannot be read: ${(error as Error).message}`;
    return unknown('npm packages', why, 'check this repository out again');
  }
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    return ((await readJson(join(folder, 'package.json'))) as { version?: string }).version;
  } catch {
    // Missing, or cut off: npm writes it anew in either case.
    return undefined;
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(root, file), 'utf8')) as unknown;
}

/**
 * Judges the Node that runs us.
 * @param version `20.19.1`
 * @param range of package.json's `engines`: `>=20.19`
 * @param satisfies of the package semver
 */
export function judgeNode(
  version: string,
  range: string,
  satisfies: (version: string, range: string) => boolean,
): Finding {
  if (satisfies(version, range)) return ok('Node', version);
  const advice = `install Node ${range.replace(/^>=\s*/, '')} or later (apt-get install npm; npm install -g node@22), first on PATH`;
  return wrong('Node', `${version} is too old`, advice);
}

/** An entry of package-lock.json, as far as it matters here. */
export interface LockedPackage {
  version?: string | undefined;
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
  const needed = Object.entries(locked).filter(([folder]) => folder !== '');
  const problems = needed.flatMap(([folder, { version = '', optional }]) => {
    const name = folder.replace(/^.*node_modules\//, '');
    const found = installed(folder);
    if (found === undefined) return optional === true ? [] : [`${name} is missing`];
    return found === version ? [] : [`${name} is ${found}, not ${version}`];
  });
  if (problems.length === 0) return ok('npm packages', `${needed.length}, as package-lock.json says`);
  const more = problems.length > mostNames ? `, and ${problems.length - mostNames} more` : '';
  return wrong('npm packages', `${problems.slice(0, mostNames).join(', ')}${more}`, 'npm ci --include=dev');
}

/** Reads nodes.yaml; throws an error with the exit code 2 and a line for each problem. */
export type LoadNodes = (
  file: string,
  only: readonly string[],
  say: (line: string) => void,
) => Promise<Node[]>;

/** Checks the nodes file; one that cannot be used has no nodes. */
export async function checkNodes(
  file: string,
  loadNodes: LoadNodes,
): Promise<{ finding: Finding; nodes: Node[] }> {
  const check = 'nodes';
  const warnings: string[] = [];
  try {
    const nodes = await loadNodes(file, [], (line) => warnings.push(line));
    const found = `${nodes.length} in ${file}`;
    if (warnings.length === 0) return { finding: ok(check, found), nodes };
    return { finding: warning(check, [found, ...warnings].join('\n'), 'correct what it warns of'), nodes };
  } catch (error) {
    if (exitCodeOf(error) !== exitCode.badInput) throw error;
    const advice = 'correct it, or name another with --nodes FILE';
    return { finding: wrong(check, (error as Error).message, advice), nodes: [] };
  }
}
