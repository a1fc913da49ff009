import { createHash } from 'node:crypto';
import type { Catalog } from './catalog.ts';
import { normalForm } from './normal-form.ts';

/**
 * SHA-256 (hexadecimal) of all in a catalog that decides what a machine becomes: two catalogs of one digest differ in
 * nothing but the order of what has none, and in the places of the declarations.
 */
export function catalogDigest(catalog: Catalog): string {
  const { resources, edges } = normalForm(catalog);
  const hash = createHash('sha256');
  // Texts of JSON hold no line break, so no resource can read as two, nor as an edge.
  hash.update(resources.join('\n'));
  hash.update('\n\n');
  hash.update(edges.join('\n'));
  return hash.digest('hex');
}
