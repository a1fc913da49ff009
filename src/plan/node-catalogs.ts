import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { type Catalog, catalogDigest } from '../puppet/catalogs/catalog.ts';
import type {
  Compilation,
  CompileRequest,
  CompileProblem,
  EnvironmentDescription,
  Finding,
} from '../puppet/catalogs/compilation.ts';
import type { CompileCache } from '../puppet/catalogs/compile-cache.ts';
import type { CompiledCatalogs } from '../puppet/catalogs/compile-catalogs.ts';
import { fileReferences, type NamedFiles } from '../puppet/catalogs/file-references.ts';
import type { FileLookUp } from '../puppet/catalogs/files-digest.ts';
import { type ReadTree, treeId } from '../puppet/environment/read-tree.ts';
import type { Tree } from '../puppet/environment/tree.ts';

/** What is kept of a catalog. */
export interface CatalogSummary {
  digest: string;
  /** The files that it names. */
  named: NamedFiles[];
  findings: Finding[];
  warnings: string[];
}

/** A node's catalog in short, with the catalog itself if it was compiled just now; or why there is none. */
export type JudgedCatalog = { summary: CatalogSummary; catalog?: Catalog } | { problem: CompileProblem };

/** Compiles catalogs of one environment. */
export type Compile = (manifests: string, requests: CompileRequest[]) => Promise<CompiledCatalogs>;

/** Compiles all requests, whose environments may have several names, and describes the environment, also for none. */
export async function compileAll(
  manifests: string,
  requests: readonly CompileRequest[],
  compile: Compile,
): Promise<{ compilations: Compilation[]; environment: EnvironmentDescription }> {
  const names = [...new Set(requests.map((request) => request.environment))];
  const [first = [], ...others] = names.map((name) =>
    requests.filter((request) => request.environment === name),
  );
  const { compilations, environment } = await compile(manifests, first);
  for (const some of others) compilations.push(...(await compile(manifests, some)).compilations);
  return { compilations, environment };
}

/** What is to be kept of a compilation. */
function summaryOf(compilation: Compilation, environment: string): JudgedCatalog {
  if ('problem' in compilation) return { problem: compilation.problem };
  const { catalog, findings, warnings } = compilation;
  const references = fileReferences(catalog, environment);
  return {
    catalog,
    summary: {
      digest: catalogDigest(catalog),
      named: references.named,
      findings: [...findings, ...references.findings],
      warnings,
    },
  };
}

/** What is remembered of an environment as a whole. */
const environmentShape = z.object({
  puppetVersion: z.string(),
  /** Folders in the environment as seen from it: it may lie elsewhere the next time. */
  modulepath: z.array(z.string()),
  plugins: z.string(),
  pluginFiles: z.record(z.string(), z.string()),
  /** The folders of the modulepath that lie outside, by the ids of their trees. */
  outside: z.record(z.string(), z.string()),
});

/** What is remembered of a catalog; a looser shape would take what an older version has written. */
const summaryShape = z.object({
  digest: z.string(),
  named: z.array(z.custom<CatalogSummary['named'][number]>((value) => typeof value === 'object')),
  findings: z.array(z.custom<CatalogSummary['findings'][number]>((value) => typeof value === 'object')),
  warnings: z.array(z.string()),
});

/** The catalogs of some requests, one for each, compiled or remembered; `tree`: the files of the environment. */
export type NodeCatalogs = (
  manifests: string,
  tree: Tree,
  requests: CompileRequest[],
) => Promise<{ judged: JudgedCatalog[]; environment: EnvironmentDescription; lookUp: FileLookUp }>;

/** What remembering needs. */
export interface MemoryDeps {
  compile: Compile;
  readTree: (folder: string) => Promise<ReadTree>;
  /**
   * Opens the cache of one kind of summaries. `key`: all that decides them besides the environment's files and the
   * request.
   */
  open: <T>(kind: string, key: string, summary: z.ZodType<T>) => CompileCache<T>;
}

/** Catalogs that are compiled only where nothing is remembered of the same files, facts, Puppet and code. */
export function rememberedCatalogs(deps: MemoryDeps): NodeCatalogs {
  return async (folder, tree, requests) => {
    const manifests = resolve(folder);
    const environments = deps.open('environment', '', environmentShape);
    const outsideOf = readOutside(manifests, deps.readTree);
    const whole = wholeRequest(requests);
    const remembered = (await environments.find(tree, [whole])).get(whole.node);
    const before = remembered && { ...remembered, modulepath: absolute(manifests, remembered.modulepath) };
    const outside = before === undefined ? undefined : await outsideOf(before.modulepath);
    const known = before !== undefined && outside !== undefined && isSame(before.outside, idsOf(outside));
    const found = known
      ? await deps.open('catalogs', JSON.stringify(before.outside), summaryShape).find(tree, requests)
      : new Map<string, CatalogSummary>();
    const missing = requests.filter(({ node }) => !found.has(node));
    if (known && missing.length === 0) {
      return answer(requests, found, new Map(), before, lookUpOf(manifests, tree, before, outside));
    }
    const { compilations, environment } = await compileAll(manifests, missing, deps.compile);
    const trees = await outsideOf(environment.modulepath);
    const fresh = new Map<string, JudgedCatalog>();
    const made: {
      request: CompileRequest;
      data: { folders: string[]; paths: string[] };
      summary: CatalogSummary;
    }[] = [];
    for (const request of missing) {
      const compilation = compilations.find(({ node }) => node === request.node);
      if (compilation === undefined) throw new Error(`${request.node} was not compiled`);
      const judged = summaryOf(compilation, request.environment);
      fresh.set(request.node, judged);
      if ('summary' in judged && 'data' in compilation)
        made.push({ request, data: compilation.data, summary: judged.summary });
    }
    const ids = idsOf(trees);
    await deps.open('catalogs', JSON.stringify(ids), summaryShape).store(tree, made);
    // Hiera's data decides nothing of the environment as a whole.
    const folders = [...new Set(made.flatMap(({ data }) => data.folders))];
    await environments.store(tree, [
      {
        request: whole,
        data: { folders, paths: [] },
        summary: { ...environment, modulepath: asSeen(manifests, environment.modulepath), outside: ids },
      },
    ]);
    return answer(requests, found, fresh, environment, lookUpOf(manifests, tree, environment, trees));
  };
}

function answer(
  requests: readonly CompileRequest[],
  found: ReadonlyMap<string, CatalogSummary>,
  fresh: ReadonlyMap<string, JudgedCatalog>,
  environment: EnvironmentDescription,
  lookUp: FileLookUp,
) {
  const judged = requests.map(({ node }): JudgedCatalog => {
    const summary = found.get(node);
    const one = fresh.get(node) ?? (summary === undefined ? undefined : { summary });
    if (one === undefined) throw new Error(`${node} is neither remembered nor compiled`);
    return one;
  });
  return { judged, environment, lookUp };
}

/** In place of a request, for what is remembered of the environment by its name. */
function wholeRequest(requests: readonly CompileRequest[]): CompileRequest {
  const names = [...new Set(requests.map(({ environment }) => environment))].sort().join(' ');
  return { node: '', certname: '', environment: names, authenticated: 'local', facts: {} };
}

function asSeen(manifests: string, modulepath: readonly string[]): string[] {
  return modulepath.map((folder) =>
    insideOf(manifests, folder) === undefined ? folder : `./${relative(manifests, folder)}`,
  );
}

function absolute(manifests: string, modulepath: readonly string[]): string[] {
  return modulepath.map((folder) => (folder.startsWith('./') ? join(manifests, folder) : folder));
}

type Outside = Map<string, Tree>;

/** Reads the folders of a modulepath that lie outside of the environment. */
function readOutside(manifests: string, readTree: MemoryDeps['readTree']) {
  return async (modulepath: readonly string[]): Promise<Outside> => {
    const folders = modulepath.filter((folder) => insideOf(manifests, folder) === undefined);
    const trees = await Promise.all(
      folders.map(async (folder) => {
        // A folder that is gone counts as empty, which is another state.
        const read = await readTree(folder).catch((error: unknown) => {
          if (exitCodeOf(error) === exitCode.bug) throw error;
          return undefined;
        });
        return [folder, read?.tree ?? new Map()] as const;
      }),
    );
    return new Map(trees);
  };
}

function idsOf(trees: Outside): Record<string, string> {
  return Object.fromEntries([...trees].map(([folder, tree]) => [folder, treeId(tree)]));
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  const pairs = Object.entries(one);
  return pairs.length === Object.keys(other).length && pairs.every(([folder, id]) => other[folder] === id);
}

/** A folder as seen from the environment, with `/` behind it; undefined: it lies outside. */
function insideOf(manifests: string, folder: string): string | undefined {
  const path = relative(manifests, folder);
  if (path === '') return '';
  return path === '..' || path.startsWith('../') || path.startsWith('/') ? undefined : `${path}/`;
}

function lookUpOf(
  manifests: string,
  tree: Tree,
  { modulepath }: Pick<EnvironmentDescription, 'modulepath'>,
  outside: Outside,
): FileLookUp {
  return {
    environment: tree,
    modulepath: modulepath.map((folder) => {
      const prefix = insideOf(manifests, folder);
      return prefix === undefined ? { tree: outside.get(folder) ?? new Map(), prefix: '' } : { tree, prefix };
    }),
  };
}
