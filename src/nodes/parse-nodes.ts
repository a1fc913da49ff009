import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { builderKeys, type Kind } from './builder-keys.ts';
import { laidOverDefaults, withFactsBelow } from './defaults.ts';
import { parseFactsFile, type PlainFact, type ReadFactsText } from './facts-file.ts';
import type { Node } from './node.ts';
import { sharedPointers } from './shared-pointers.ts';
import { type KnownKey, nodeShape } from './shape.ts';
import { type Slip, slipOfBuilderKey, slipOfNodeKey } from './slips.ts';
import { toNode } from './to-node.ts';
import { type Remark, shown, YamlText } from './yaml-text.ts';
import { type YamlEntry, offsetOf, YamlFault, type YamlValues } from './yaml-values.ts';

/** What nodes.yaml says. With a problem, `nodes` must not be used. */
interface ParsedNodes {
  nodes: Node[];
  problems: Remark[];
  warnings: Remark[];
}

const nodeName = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** X.509 ends a common name at 64 characters; a bake's is `<name>-<10 digits>.bake`. */
const maxCertifiedName = 48;

/**
 * Reads the text of nodes.yaml, either form, and collects all that is wrong with it and with its files of facts.
 * @param file its name, for what is said later of a place in it
 * @param readFacts reads the files that `facts_from` names
 */
export function parseNodes(
  text: string,
  file = 'nodes.yaml',
  readFacts: ReadFactsText = () => ({ why: 'is not read here' }),
): ParsedNodes {
  const yaml = new YamlText(text);
  const reader = new Reader(yaml, file, readFacts);
  const nodes = yaml.read(() => reader.nodes(), []);
  return { nodes, problems: reader.problems, warnings: reader.warnings };
}

class Reader {
  readonly problems: Remark[];
  readonly warnings: Remark[] = [];
  readonly #text: YamlText;
  readonly #file: string;
  readonly #yaml: YamlValues;
  readonly #readFacts: ReadFactsText;
  /** The facts of each file, which is read and judged once. */
  readonly #files = new Map<string, Record<string, PlainFact>>();

  constructor(text: YamlText, file: string, readFacts: ReadFactsText) {
    this.problems = text.problems;
    this.#text = text;
    this.#file = file;
    this.#yaml = text.values;
    this.#readFacts = readFacts;
  }

  problem(offset: number, message: string): void {
    this.#text.problem(offset, message);
  }

  nodes(): Node[] {
    const top = this.#text.document.contents;
    if (top === null || (isScalar(top) && top.value === null)) {
      this.problem(0, 'the file is empty: name one node at least, such as `redis: {group: redis}`');
      return [];
    }
    if (!isMap(top)) {
      this.problem(offsetOf(top), 'the file is not a mapping of node names');
      return [];
    }
    const entries = this.#yaml.entries(top);
    const grouped = entries.some(({ key }) => key === 'nodes' || key === 'defaults');
    return grouped ? this.#groupedForm(top, entries) : this.#mapOfNodes(top, entries, {});
  }

  /** `defaults: {…}` beside `nodes: {…}`. */
  #groupedForm(top: YAMLMap, entries: YamlEntry[]): Node[] {
    let nodes: YAMLMap | undefined;
    let defaults: Record<string, unknown> = {};
    let shared: unknown;
    for (const { key, value, keyAt } of entries) {
      if (key === 'defaults' && (isMap(value) || isNull(value))) {
        shared = value;
        const own = (isMap(value) ? this.#values(value, 'defaults') : undefined) ?? {};
        const { facts_from: files, ...others } = own;
        defaults = laidOverDefaults(withFactsBelow({}, this.#factsOf(files)), others);
      } else if (key === 'nodes' && isMap(value)) {
        nodes = value;
      } else if (key === 'nodes' || key === 'defaults') {
        this.problem(keyAt, `\`${key}\` is not a mapping`);
      } else {
        this.problem(
          keyAt,
          `\`${key}\` stands beside \`nodes\` and \`defaults\`: move it into \`nodes\` (or remove the other two)`,
        );
      }
    }
    if (nodes === undefined && this.problems.length === 0) {
      this.problem(offsetOf(top), '`defaults` needs `nodes` beside it: put the nodes below `nodes:`');
    }
    return nodes === undefined ? [] : this.#mapOfNodes(nodes, this.#yaml.entries(nodes), defaults, shared);
  }

  #mapOfNodes(
    map: YAMLMap,
    entries: YamlEntry[],
    defaults: Record<string, unknown>,
    shared?: unknown,
  ): Node[] {
    if (entries.length === 0) this.problem(offsetOf(map), 'there is no node: name one at least');
    const nodes = entries.flatMap(({ key: name, value, keyAt, at }) => {
      if (!nodeName.test(name)) {
        this.problem(
          keyAt,
          `node name ${shown(name)} is not 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit`,
        );
      }
      if (!isMap(value) && !isNull(value)) {
        this.problem(at, `${shown(name)}: not a mapping: write the node's keys below it`);
        return [];
      }
      const own = isMap(value) ? this.#values(value, name) : {};
      if (own === undefined) return [];
      const all = laidOverDefaults(withFactsBelow(defaults, this.#factsOf(own.facts_from)), own);
      if (!('group' in all)) {
        this.problem(keyAt, `${shown(name)}: \`group\` is missing: name the security group of its servers`);
        return [];
      }
      if (typeof all.puppet_server === 'string' && name.length > maxCertifiedName) {
        const limit = `a certificate name holds 64 characters, so with \`puppet_server\` a node's name at most ${maxCertifiedName}`;
        this.problem(keyAt, `${shown(name)}: ${limit}`);
      }
      return this.problems.length > 0 ? [] : [toNode(name, all, this.#askedAt([value, shared]))];
    });
    for (const { node, key, message } of sharedPointers(nodes)) {
      const entry = entries.find((one) => one.key === node);
      this.problem(
        this.#placeIn(entry?.value, ['promote', key]) ?? entry?.keyAt ?? 0,
        `${shown(node)}: \`promote.${key}\` ${message}`,
      );
    }
    return nodes;
  }

  /** Where the value of a key in mappings stands; undefined: it stands elsewhere, as in the defaults. */
  #placeIn(map: unknown, [key, ...inner]: readonly string[]): number | undefined {
    const entry = isMap(map) ? this.#yaml.entries(map).find((one) => one.key === key) : undefined;
    return inner.length === 0 ? entry?.at : this.#placeIn(entry?.value, inner);
  }

  /** Where the first of these mappings that asks for a Puppet does so: `nodes.yaml:4:14`. */
  #askedAt(mappings: readonly unknown[]): string {
    const entriesOf = (map: unknown) => (isMap(map) ? this.#yaml.entries(map) : []);
    const puppets = mappings.map((map) => entriesOf(map).find(({ key }) => key === 'puppet')?.value);
    const asked = puppets.flatMap(entriesOf).find(({ value }) => !isNull(value));
    const { line, column } = this.#text.remark(asked?.at ?? 0, '');
    return `${this.#file}:${line}:${column}`;
  }

  /**
   * The keys of a node or of the defaults as plain values; what does not fit becomes a problem at its place. Undefined
   * where the mapping itself cannot be read.
   */
  #values(map: YAMLMap, of: string): Record<string, unknown> | undefined {
    const entries = this.#readable(of, () => this.#yaml.entries(map));
    if (entries === undefined) return undefined;
    const beside = entries.map(({ key }) => key);
    const values = entries.map((entry): [string, unknown] => {
      const { key } = entry;
      const value = this.#readable(of, () =>
        this.#yaml.plain(entry, key === 'packer' ? builderKeys : undefined),
      );
      if (value === undefined) return [key, undefined];
      if (isKnown(key)) return [key, this.#checked(of, key, value, entry)];
      this.#tellSlip(of, entry, slipOfNodeKey(key, value, beside));
      return [key, value];
    });
    return Object.fromEntries(values);
  }

  /** What can be read; a fault becomes a problem at its place, unless no more of the file can be read after it. */
  #readable<T>(of: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof YamlFault) || error.endless) throw error;
      this.problem(error.offset, `${shown(of)}: ${error.message}`);
      return undefined;
    }
  }

  #checked(of: string, key: KnownKey, value: unknown, entry: YamlEntry): unknown {
    const result = nodeShape[key].safeParse(value);
    if (result.success) {
      if (key === 'packer') this.#checkBuilder(of, entry.value, builderKeys);
      if (key === 'facts_from') this.#readFiles(of, result.data as string[], entry);
      return result.data;
    }
    // Of a list each item has problems of its own, and so has each key of some mappings; anything else is wrong as a whole.
    const list = isSeq(entry.value) && Array.isArray(value) ? entry.value : undefined;
    const reported = new Set<number>();
    for (const issue of result.error.issues) {
      const { path, message } = issue;
      if (key === 'promote' || key === 'puppet' || key === 'vagrant') {
        this.#innerProblem(of, entry, issue);
        continue;
      }
      const index = list === undefined ? undefined : path[0];
      const at = index === undefined ? entry.at : offsetOf(list?.get(Number(index), true));
      if (reported.has(at)) continue;
      reported.add(at);
      const it = index === undefined ? value : (value as unknown[])[Number(index)];
      this.problem(at, `${shown(of)}: \`${key}\` ${message} (it is ${shown(it)})`);
    }
  }

  /** Reads files of facts that were not read yet; one that cannot be read is a problem of the entry that names it. */
  #readFiles(of: string, paths: readonly string[], { value, at }: YamlEntry): void {
    for (const [index, path] of paths.entries()) {
      if (this.#files.has(path)) continue;
      const read = this.#readFacts(path);
      if ('why' in read) {
        const place = isSeq(value) ? offsetOf(value.items[index]) : at;
        this.problem(place, `${shown(of)}: \`facts_from\` names ${path}, which ${read.why}`);
        continue;
      }
      const { facts, problems } = parseFactsFile(read.text, path);
      this.problems.push(...problems);
      this.#files.set(path, facts);
    }
  }

  /** The facts of the files that a checked `facts_from` names: a later file wins. */
  #factsOf(paths: unknown): Record<string, PlainFact> {
    const files = (paths as string[] | undefined) ?? [];
    return Object.assign({}, ...files.map((path) => this.#files.get(path))) as Record<string, PlainFact>;
  }

  /** Says what is wrong with a key of this mapping, at its place. Not what it is: an address may hold a password. */
  #innerProblem(of: string, entry: YamlEntry, issue: z.core.$ZodIssue): void {
    const path = issue.path.map(String);
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    for (const keys of unknown.length === 0 ? [path] : unknown.map((key) => [...path, key])) {
      let { value, at } = entry;
      for (const name of keys) {
        const inner = isMap(value) ? this.#yaml.entries(value).find(({ key }) => key === name) : undefined;
        if (inner === undefined) break;
        at = unknown.includes(name) ? inner.keyAt : inner.at;
        ({ value } = inner);
      }
      this.problem(at, `${shown(of)}: \`${[entry.key, ...keys].join('.')}\` ${issue.message}`);
    }
  }

  /** Packer would say of a slip only that it cannot prepare the bake. */
  #checkBuilder(of: string, value: unknown, known: Kind | undefined): void {
    if (typeof known !== 'object') return;
    if (isSeq(value)) {
      for (const item of value.items) this.#checkBuilder(of, this.#yaml.resolve(item), known);
    } else if (isMap(value)) {
      for (const entry of this.#yaml.entries(value)) {
        const meant = slipOfBuilderKey(entry.key, known);
        this.#tellSlip(of, entry, meant === undefined ? undefined : { meant, severity: 'error' }, "Packer's");
        this.#checkBuilder(of, entry.value, Object.hasOwn(known, entry.key) ? known[entry.key] : undefined);
      }
    }
  }

  #tellSlip(of: string, { key, keyAt }: YamlEntry, slip: Slip | undefined, whose = "Bakehouse's"): void {
    if (slip === undefined) return;
    const message = `${shown(of)}: \`${key}\` is not a key of ${whose}; did you mean \`${slip.meant}\`?`;
    (slip.severity === 'error' ? this.problems : this.warnings).push(this.#text.remark(keyAt, message));
  }
}

function isKnown(key: string): key is KnownKey {
  return Object.hasOwn(nodeShape, key);
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined || (isScalar(value) && value.value === null);
}
