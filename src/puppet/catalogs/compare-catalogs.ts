import { type Catalog, type CatalogResource, type Json, nameOf, normalValue, placeOf } from './catalog.ts';

/** A parameter that one of two resources lacks, or that has another value; sensitive values are never in it. */
export interface ParameterDifference {
  /** `content`; `(exported)` for whether the resource is. */
  name: string;
  before?: Json;
  after?: Json;
}

/** How a resource of one catalog differs from that of another. */
export interface CatalogDifference {
  /** `File[/etc/motd]` */
  resource: string;
  change: 'added' | 'removed' | 'changed';
  /** Those that differ, by name; of an added resource all, of a removed one none. */
  parameters: ParameterDifference[];
  /** What contains it now and did not before, and the reverse: `Class[Base]`. Of a changed resource only. */
  entered: string[];
  left: string[];
  /** Where the manifests declare it, the later ones if they do. */
  file?: string;
  line?: number;
}

const sensitive = '[sensitive]';

/** All that differs between two catalogs, by resource; nothing exactly where their digests are equal. */
export function compareCatalogs(before: Catalog, after: Catalog): CatalogDifference[] {
  const old = byReference(before);
  const now = byReference(after);
  const differences = new Map<string, CatalogDifference>();
  for (const [key, resource] of old)
    if (!now.has(key)) differences.set(key, difference(resource, 'removed', []));
  for (const [key, resource] of now) {
    const was = old.get(key);
    const parameters = parameterDifferences(was, resource);
    if (was === undefined) differences.set(key, difference(resource, 'added', parameters));
    else if (parameters.length > 0) {
      differences.set(key, difference({ ...placeOf(was), ...resource }, 'changed', parameters));
    }
  }
  const contained = containment(before, after, [...old, ...now], differences);
  return [...differences.values(), ...contained].sort((a, b) => compare(a.resource, b.resource));
}

/** Writes down what moved; returns the resources of which nothing else differs. */
function containment(
  before: Catalog,
  after: Catalog,
  resources: readonly (readonly [string, CatalogResource])[],
  differences: ReadonlyMap<string, CatalogDifference>,
): CatalogDifference[] {
  const known = new Map([...differences.values()].map((one) => [one.resource, one]));
  const placeByName = new Map(resources.map(([, resource]) => [nameOf(resource), placeOf(resource)]));
  const was = containers(before);
  const is = containers(after);
  const alone: CatalogDifference[] = [];
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const entered = [...(is.get(name) ?? [])].filter((one) => was.get(name)?.has(one) !== true).sort();
    const left = [...(was.get(name) ?? [])].filter((one) => is.get(name)?.has(one) !== true).sort();
    if (entered.length + left.length === 0) continue;
    const one = known.get(name);
    if (one === undefined) {
      alone.push({
        resource: name,
        change: 'changed',
        parameters: [],
        entered,
        left,
        ...placeByName.get(name),
      });
    } else if (one.change === 'changed') Object.assign(one, { entered, left });
  }
  return alone;
}

function parameterDifferences(was: CatalogResource | undefined, is: CatalogResource): ParameterDifference[] {
  const before = was?.parameters ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(is.parameters)])].sort();
  const found = names
    .filter((name) => textOf(before, name) !== textOf(is.parameters, name))
    .map((name) => ({
      name,
      ...(Object.hasOwn(before, name) ? { before: withoutSensitive(before[name] ?? null) } : {}),
      ...(Object.hasOwn(is.parameters, name) ? { after: withoutSensitive(is.parameters[name] ?? null) } : {}),
    }));
  if ((was?.exported ?? false) === is.exported) return found;
  return [...found, { name: '(exported)', before: !is.exported, after: is.exported }];
}

function textOf(parameters: CatalogResource['parameters'], name: string): string | undefined {
  return Object.hasOwn(parameters, name) ? normalValue(name, parameters[name] ?? null) : undefined;
}

/** The value with no trace of a sensitive one: its hash, too, would show that two nodes have one password. */
function withoutSensitive(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSensitive);
  if (Object.hasOwn(value, '__sensitive')) return sensitive;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSensitive(inner)]));
}

function difference(
  resource: CatalogResource,
  change: CatalogDifference['change'],
  parameters: ParameterDifference[],
): CatalogDifference {
  return { resource: nameOf(resource), change, parameters, entered: [], left: [], ...placeOf(resource) };
}

function byReference({ resources }: Catalog): Map<string, CatalogResource> {
  return new Map(resources.map((resource) => [JSON.stringify([resource.type, resource.title]), resource]));
}

function containers({ edges }: Catalog): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { source, target } of edges) {
    const known = found.get(target) ?? new Set();
    found.set(target, known.add(source));
  }
  return found;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Differences that several nodes have, and only they. */
export interface NodeDifferences {
  /** In the order that they were given in. */
  nodes: string[];
  differences: CatalogDifference[];
}

/** Shows each difference once, with all nodes that have it; first what most of them have. */
export function groupDifferences(
  perNode: readonly { node: string; differences: readonly CatalogDifference[] }[],
): NodeDifferences[] {
  const owners = new Map<string, { difference: CatalogDifference; nodes: string[] }>();
  for (const { node, differences } of perNode) {
    for (const difference of differences) {
      const text = JSON.stringify(difference);
      const owner = owners.get(text) ?? { difference, nodes: [] };
      // A node has a difference once, however often it was given.
      if (owner.nodes.at(-1) !== node) owner.nodes.push(node);
      owners.set(text, owner);
    }
  }
  const groups = new Map<string, NodeDifferences>();
  for (const { difference, nodes } of owners.values()) {
    const key = JSON.stringify(nodes);
    const group = groups.get(key) ?? { nodes, differences: [] };
    group.differences.push(difference);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.nodes.length - a.nodes.length);
}
