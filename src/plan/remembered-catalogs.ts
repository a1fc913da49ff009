import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { CompileOrder, EnvironmentDescription } from '../puppet/catalogs/compilation.ts';
import type { FileLookUp } from '../puppet/catalogs/files-digest.ts';
import type { CompileCache } from '../puppet/environment/compile-cache.ts';
import { type ReadTree, treeId } from '../puppet/environment/read-tree.ts';
import type { Tree } from '../puppet/environment/tree.ts';
import {
  type CatalogSummary,
  compileAll,
  type Compile,
  type JudgedCatalog,
  summaryOf,
} from './judge-catalogs.ts';
import type { JudgeWorld } from './judge-side.ts';

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

/** What remembering needs of the world. */
export interface RememberWorld {
  compile: Compile;
  readTree: (folder: string) => Promise<ReadTree>;
  /**
   * Opens the cache of one kind of summaries. `key`: all that decides them besides the environment's files and the
   * order.
   */
  open: <T>(kind: string, key: string, summary: z.ZodType<T>) => CompileCache<T>;
}

/** Catalogs that are compiled only where nothing is remembered of the same files, facts, Puppet and code. */
export function rememberedCatalogs(world: RememberWorld): JudgeWorld['catalogs'] {
  return async (folder, tree, orders) => {
    const manifests = resolve(folder);
    const environments = world.open('environment', '', environmentShape);
    const outsideOf = readOutside(manifests, world.readTree);
    const whole = wholeOrder(orders);
    const remembered = (await environments.find(tree, [whole])).get(whole.node);
    const before = remembered && { ...remembered, modulepath: absolute(manifests, remembered.modulepath) };
    const outside = before === undefined ? undefined : await outsideOf(before.modulepath);
    const known = before !== undefined && outside !== undefined && isSame(before.outside, idsOf(outside));
    const found = known
      ? await world.open('catalogs', JSON.stringify(before.outside), summaryShape).find(tree, orders)
      : new Map<string, CatalogSummary>();
    const missing = orders.filter(({ node }) => !found.has(node));
    if (known && missing.length === 0) {
      return answer(orders, found, new Map(), before, lookUpOf(manifests, tree, before, outside));
    }
    const { compilations, environment } = await compileAll(manifests, missing, world.compile);
    const trees = await outsideOf(environment.modulepath);
    const fresh = new Map<string, JudgedCatalog>();
    const made: {
      order: CompileOrder;
      data: { folders: string[]; paths: string[] };
      summary: CatalogSummary;
    }[] = [];
    for (const order of missing) {
      const compilation = compilations.find(({ node }) => node === order.node);
      if (compilation === undefined) throw new Error(`${order.node} was not compiled`);
      const judged = summaryOf(compilation, order.environment);
      fresh.set(order.node, judged);
      if ('summary' in judged && 'data' in compilation)
        made.push({ order, data: compilation.data, summary: judged.summary });
    }
    const ids = idsOf(trees);
    await world.open('catalogs', JSON.stringify(ids), summaryShape).store(tree, made);
    // Hiera's data decides nothing of the environment as a whole.
    const folders = [...new Set(made.flatMap(({ data }) => data.folders))];
    await environments.store(tree, [
      {
        order: whole,
        data: { folders, paths: [] },
        summary: { ...environment, modulepath: asSeen(manifests, environment.modulepath), outside: ids },
      },
    ]);
    return answer(orders, found, fresh, environment, lookUpOf(manifests, tree, environment, trees));
  };
}

function answer(
  orders: readonly CompileOrder[],
  found: ReadonlyMap<string, CatalogSummary>,
  fresh: ReadonlyMap<string, JudgedCatalog>,
  environment: EnvironmentDescription,
  lookUp: FileLookUp,
) {
  const judged = orders.map(({ node }): JudgedCatalog => {
    const summary = found.get(node);
    const one = fresh.get(node) ?? (summary === undefined ? undefined : { summary });
    if (one === undefined) throw new Error(`${node} is neither remembered nor compiled`);
    return one;
  });
  return { judged, environment, lookUp };
}

/** In place of an order, for what is remembered of the environment by its name. */
function wholeOrder(orders: readonly CompileOrder[]): CompileOrder {
  const names = [...new Set(orders.map(({ environment }) => environment))].sort().join(' ');
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
function readOutside(manifests: string, readTree: RememberWorld['readTree']) {
  return async (modulepath: readonly string[]): Promise<Outside> => {
    const folders = modulepath.filter((folder) => insideOf(manifests, folder) === undefined);
    const trees = await Promise.all(
      folders.map(async (folder) => {
        // One that has gone is another than it was.
        const read = await readTree(folder).catch((error: unknown) => {
          if ((error as { exitCode?: unknown }).exitCode === undefined) throw error;
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
