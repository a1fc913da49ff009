import { canonicalJson, sha256 } from '../../lib/hash.ts';

/** Plain data, as JSON has it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A resource of a catalog, as the compiler made it. */
export interface CatalogResource {
  /** `File`, `Redis::Instance`. */
  type: string;
  title: string;
  /** Sensitive values are `{"__sensitive": "<keyed hash>"}`, wherever they stand: their text never leaves the compiler. */
  parameters: Record<string, Json>;
  exported: boolean;
  /** Where the manifests declare it, as seen from the environment's folder; not part of what the image becomes. */
  file?: string;
  line?: number;
}

/** What Puppet would make of a machine. Paths in the environment's folder read as they do in a bake. */
export interface Catalog {
  resources: CatalogResource[];
  /** Containment: `Class[Redis]` contains `File[/etc/redis.conf]`. */
  edges: { source: string; target: string }[];
}

/** The name of a resource: `File[/etc/motd]`. */
export function nameOf({ type, title }: Pick<CatalogResource, 'type' | 'title'>): string {
  return `${type}[${title}]`;
}

/** Where the manifests declare a resource, as far as that is known. */
export function placeOf({ file, line }: CatalogResource): { file?: string; line?: number } {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/**
 * SHA-256 (hexadecimal) of all in a catalog that decides what a machine becomes: two catalogs of one digest differ in
 * nothing but the order of what has none, and in the places of the declarations.
 */
export function catalogDigest(catalog: Catalog): string {
  const { resources, edges } = normalForm(catalog);
  // Texts of JSON hold no line break, so no resource can read as two, nor as an edge.
  return sha256(resources.join('\n'), '\n\n', edges.join('\n'));
}

/** What these hold is a set to Puppet: one or many, nested or not, in any order. */
const sets = new Set(['alias', 'before', 'notify', 'require', 'subscribe', 'tag']);

/** A catalog in the one form that all catalogs of the same meaning have; each entry a JSON text. */
export interface NormalForm {
  /** `["File","/etc/motd",false,{…}]`: type, title, exported or not, parameters. */
  resources: string[];
  /** `["Class[Base]","File[/etc/motd]"]`: what contains what. */
  edges: string[];
}

/**
 * The normal form of a catalog: resources and edges sorted, since their order is only that of the declarations, which a
 * reordered hash in Hiera changes. Where a resource is declared is no part of it.
 */
function normalForm(catalog: Catalog): NormalForm {
  const edges = new Set(catalog.edges.map(({ source, target }) => JSON.stringify([source, target])));
  return { resources: catalog.resources.map(normalResource).sort(), edges: [...edges].sort() };
}

/** A parameter's value as one JSON text: equal for values that Puppet takes as the same. */
export function normalValue(name: string, value: Json): string {
  if (!sets.has(name)) return canonicalJson(value);
  const members = new Set(flattened(value).map(canonicalJson));
  return `[${[...members].sort().join(',')}]`;
}

function normalResource({ type, title, exported, parameters }: CatalogResource): string {
  const members = Object.keys(parameters)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${normalValue(name, parameters[name] ?? null)}`);
  return `[${JSON.stringify(type)},${JSON.stringify(title)},${exported},{${members.join(',')}}]`;
}

function flattened(value: Json): Json[] {
  return Array.isArray(value) ? value.flatMap(flattened) : [value];
}
