import { compileAll, type Compile } from './judge-catalogs.ts';
import type { JudgedSide, SideNode } from './judge-side.ts';

/**
 * The side with the catalogs of the named nodes: those that were only remembered are compiled.
 * @param manifests the side's environment
 */
export async function withCatalogs(
  side: JudgedSide,
  manifests: string,
  names: ReadonlySet<string>,
  compile: Compile,
): Promise<JudgedSide> {
  const lacking = side.nodes.filter(
    ({ node, inputs, catalog }) => names.has(node.name) && inputs !== undefined && catalog === undefined,
  );
  if (lacking.length === 0) return side;
  const { compilations } = await compileAll(
    manifests,
    lacking.map(({ order }) => order),
    compile,
  );
  const catalogs = new Map(compilations.map((one) => [one.node, 'catalog' in one ? one.catalog : undefined]));
  const nodes = side.nodes.map((one): SideNode => {
    const catalog = catalogs.get(one.node.name);
    return catalog === undefined ? one : { ...one, catalog };
  });
  return { ...side, nodes };
}
