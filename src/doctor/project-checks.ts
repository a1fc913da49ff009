import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finding, unknown } from './finding.ts';
import { judgeNode } from './judge-node.ts';
import { judgePackages, type LockedPackage } from './judge-packages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The Node that runs us, by what package.json asks for. */
export async function nodeFinding(): Promise<Finding> {
  const { engines } = (await readJson('package.json')) as { engines: { node: string } };
  return judgeNode(process.versions.node, engines.node);
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
