import type { Node } from '../nodes/node.ts';

/** What images are made of: nodes and files, as they are now or as they were at a commit. */
export interface Side {
  /** The nodes to look at. */
  nodes: readonly Node[];
  /** Keys beyond Bakehouse's own that any node of the file gives: the template may name them. */
  optional: ReadonlySet<string>;
  /** The Puppet environment's folder. */
  manifests: string;
  /** The packs' template, a file. */
  template: string;
  /** The folder of pinned facts. */
  facts: string;
}

/** The names that a template may use besides Bakehouse's own. */
export function optionalKeys(nodes: readonly Node[]): Set<string> {
  return new Set(nodes.flatMap((node) => Object.keys(node.extra)));
}
