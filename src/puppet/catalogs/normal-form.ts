import { canonicalJson } from './canonical-json.ts';
import type { Catalog, CatalogResource, Json } from './catalog.ts';

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
export function normalForm(catalog: Catalog): NormalForm {
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
