import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { builderKeys, type Kind } from './builder-keys.ts';
import { laidOverDefaults } from './defaults.ts';
import type { Node } from './node.ts';
import { type KnownKey, nodeShape } from './shape.ts';
import { type Slip, slipOfBuilderKey, slipOfNodeKey } from './slips.ts';
import { toNode } from './to-node.ts';
import { type YamlEntry, keyText, offsetOf, YamlFault, YamlValues } from './yaml-values.ts';

/** Something to say of a place in nodes.yaml; line and column count from 1. */
export interface Remark {
  line: number;
  column: number;
  message: string;
}

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
 * Reads the text of nodes.yaml, either form, and collects all that is wrong with it.
 * @param file its name, for what is said later of a place in it
 */
export function parseNodes(text: string, file = 'nodes.yaml'): ParsedNodes {
  const lines = new LineCounter();
  // By their texts: `1` and `"1"` are one key, `1` and `1.0` are two.
  const uniqueKeys = (a: unknown, b: unknown) => a === b || sameKey(keyText(a), keyText(b));
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys });
  const reader = new Reader(document, lines, file, text.includes('&'));
  for (const error of [...document.errors, ...document.warnings]) {
    reader.problem(error.pos[0], yamlMessage(error));
  }
  const nodes = reader.problems.length > 0 ? [] : reader.nodes();
  return { nodes, problems: reader.problems, warnings: reader.warnings };
}

function sameKey(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}

function yamlMessage(error: { code: string; message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key stands twice in its mapping: remove one of the two';
  return `not YAML: ${error.message}`;
}

class Reader {
  readonly problems: Remark[] = [];
  readonly warnings: Remark[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #file: string;
  readonly #yaml: YamlValues;

  constructor(document: Document, lines: LineCounter, file: string, hasAnchors: boolean) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
    this.#yaml = new YamlValues(document, hasAnchors);
  }

  problem(offset: number, message: string): void {
    this.problems.push(this.#remark(offset, message));
  }

  nodes(): Node[] {
    try {
      return this.#nodes();
    } catch (error) {
      if (!(error instanceof YamlFault)) throw error;
      this.problem(error.offset, error.message);
      return [];
    }
  }

  #nodes(): Node[] {
    const top = this.#document.contents;
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
        defaults = (isMap(value) ? this.#values(value, 'defaults') : undefined) ?? {};
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
    return entries.flatMap(({ key: name, value, keyAt, at }) => {
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
      const all = laidOverDefaults(defaults, own);
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
  }

  /** Where the first of these mappings that asks for a Puppet does so: `nodes.yaml:4:14`. */
  #askedAt(mappings: readonly unknown[]): string {
    const entriesOf = (map: unknown) => (isMap(map) ? this.#yaml.entries(map) : []);
    const puppets = mappings.map((map) => entriesOf(map).find(({ key }) => key === 'puppet')?.value);
    const asked = puppets.flatMap(entriesOf).find(({ value }) => !isNull(value));
    const { line, column } = this.#remark(asked?.at ?? 0, '');
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
      return result.data;
    }
    // Of a list each item has problems of its own, and so has each key of `puppet`; anything else is wrong as a whole.
    const list = isSeq(entry.value) && Array.isArray(value) ? entry.value : undefined;
    const reported = new Set<number>();
    for (const issue of result.error.issues) {
      const { path, message } = issue;
      if (key === 'puppet') {
        this.#puppetProblem(of, entry, issue);
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

  /** Says what is wrong with a key within `puppet`, at its place. Not what it is: an address may hold a password. */
  #puppetProblem(of: string, entry: YamlEntry, issue: z.core.$ZodIssue): void {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const path = [...issue.path.map(String), ...unknown];
    let { value, at } = entry;
    for (const name of path) {
      const inner = isMap(value) ? this.#yaml.entries(value).find(({ key }) => key === name) : undefined;
      if (inner === undefined) break;
      at = unknown.includes(name) ? inner.keyAt : inner.at;
      ({ value } = inner);
    }
    this.problem(at, `${shown(of)}: \`${['puppet', ...path].join('.')}\` ${issue.message}`);
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
    (slip.severity === 'error' ? this.problems : this.warnings).push(this.#remark(keyAt, message));
  }

  #remark(offset: number, message: string): Remark {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), message };
  }
}

function isKnown(key: string): key is KnownKey {
  return Object.hasOwn(nodeShape, key);
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined || (isScalar(value) && value.value === null);
}

/** A value inside a message: on one line and never longer than one. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
