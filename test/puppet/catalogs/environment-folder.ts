import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileCatalogs, type CompilerOptions } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import type { Compilation, Compiled, CompileRequest } from '../../../src/puppet/catalogs/compilation.ts';

const folders: string[] = [];

/** A new folder with these files, gone after `removeFolders`. */
export function environmentFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'an environment '));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** An order for a node of this name, which is also its role. */
export function requestOf(node: string, facts: Record<string, unknown> = {}): CompileRequest {
  const networking = { hostname: node, fqdn: `${node}.example` };
  return {
    node,
    certname: `${node}.bake`,
    environment: 'production',
    authenticated: 'local',
    facts: { role: node, os: { family: 'Debian' }, networking, ...facts },
  };
}

export function compilerOptions(manifests: string, options: Partial<CompilerOptions> = {}): CompilerOptions {
  return {
    manifests,
    workers: 1,
    timeLimitMs: 60_000,
    sensitiveKey: Buffer.alloc(32, 7),
    signal: new AbortController().signal,
    ...options,
  };
}

/** The compilations by their nodes. */
export async function compileNodes(
  manifests: string,
  nodes: string[],
  options: Partial<CompilerOptions> = {},
) {
  const requests = nodes.map((node) => requestOf(node));
  const { compilations } = await compileCatalogs(requests, compilerOptions(manifests, options));
  return new Map(compilations.map((compilation) => [compilation.node, compilation]));
}

/** The one that must have a catalog. */
export function compiled(compilation: Compilation | undefined): Compiled {
  if (compilation === undefined || !('catalog' in compilation)) {
    throw new Error(`no catalog: ${JSON.stringify(compilation)}`);
  }
  return compilation;
}
