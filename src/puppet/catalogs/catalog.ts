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
