import { catalogDigest } from '../puppet/catalogs/catalog-digest.ts';
import type { Catalog } from '../puppet/catalogs/catalog.ts';
import type {
  Compilation,
  CompileOrder,
  CompileProblem,
  EnvironmentDescription,
  Finding,
} from '../puppet/catalogs/compilation.ts';
import type { CompiledCatalogs } from '../puppet/catalogs/compile-catalogs.ts';
import { fileReferences, type NamedFiles } from '../puppet/catalogs/file-references.ts';

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
export type Compile = (manifests: string, orders: CompileOrder[]) => Promise<CompiledCatalogs>;

/** Compiles all orders, whose environments may have several names, and describes the environment, also for no order. */
export async function compileAll(
  manifests: string,
  orders: readonly CompileOrder[],
  compile: Compile,
): Promise<{ compilations: Compilation[]; environment: EnvironmentDescription }> {
  const names = [...new Set(orders.map((order) => order.environment))];
  const [first = [], ...others] = names.map((name) => orders.filter((order) => order.environment === name));
  const { compilations, environment } = await compile(manifests, first);
  for (const some of others) compilations.push(...(await compile(manifests, some)).compilations);
  return { compilations, environment };
}

/** What is to be kept of a compilation. */
export function summaryOf(compilation: Compilation, environment: string): JudgedCatalog {
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
