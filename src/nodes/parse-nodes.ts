import { distance } from 'fastest-levenshtein';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Node } from './node.ts';
import { toNode } from './to-node.ts';
import { type KnownKey, knownKeys, nodeShape } from './shape.ts';

/** Something to say of a place in nodes.yaml; line and column count from 1. */
export interface Remark {
  line: number;
  column: number;
  message: string;
}

/** What nodes.yaml says. With a problem, `nodes` must not be used. */
export interface ParsedNodes {
  nodes: Node[];
  problems: Remark[];
  warnings: Remark[];
}

const nodeName = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** X.509 ends a common name at 64 characters; a bake's is `<name>-<10 digits>.bake`. */
const maxCertifiedName = 48;

/** Reads the text of nodes.yaml, either form, and collects all that is wrong with it. */
export function parseNodes(text: string): ParsedNodes {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reader = new Reader(document, lines);
  for (const error of [...document.errors, ...document.warnings]) {
    reader.problem(error.pos[0], yamlMessage(error));
  }
  const nodes = reader.problems.length > 0 ? [] : reader.nodes();
  return { nodes, problems: reader.problems, warnings: reader.warnings };
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

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  problem(offset: number, message: string): void {
    this.problems.push(this.#remark(offset, message));
  }

  nodes(): Node[] {
    const top = this.#document.contents;
    if (top === null || (isScalar(top) && top.value === null)) {
      this.problem(0, 'the file is empty: name one node at least, such as `redis: {group: redis}`');
      return [];
    }
    if (!isMap(top)) {
      this.problem(offsetOf(top), 'the file is not a mapping of node names');
      return [];
    }
    const grouped = top.has('nodes') || top.has('defaults');
    return grouped ? this.#groupedForm(top) : this.#mapOfNodes(top, {});
  }

  /** `defaults: {…}` beside `nodes: {…}`. */
  #groupedForm(top: YAMLMap): Node[] {
    let nodes: YAMLMap | undefined;
    let defaults: Record<string, unknown> = {};
    for (const pair of top.items) {
      const key = keyOf(pair);
      const value = this.#resolve(pair.value);
      if (key === 'defaults' && (isMap(value) || isNull(value))) {
        defaults = isMap(value) ? this.#values(value, 'defaults') : {};
      } else if (key === 'nodes' && isMap(value)) {
        nodes = value;
      } else if (key === 'nodes' || key === 'defaults') {
        this.problem(offsetOf(pair.key), `\`${key}\` is not a mapping`);
      } else {
        this.problem(
          offsetOf(pair.key),
          `\`${key}\` stands beside \`nodes\` and \`defaults\`: move it into \`nodes\` (or remove the other two)`,
        );
      }
    }
    if (nodes === undefined && this.problems.length === 0) {
      this.problem(offsetOf(top), '`defaults` needs `nodes` beside it: put the nodes below `nodes:`');
    }
    return nodes === undefined ? [] : this.#mapOfNodes(nodes, defaults);
  }

  #mapOfNodes(map: YAMLMap, defaults: Record<string, unknown>): Node[] {
    if (map.items.length === 0) this.problem(offsetOf(map), 'there is no node: name one at least');
    return map.items.flatMap((pair) => {
      const name = keyOf(pair);
      const at = offsetOf(pair.key);
      if (!nodeName.test(name)) {
        this.problem(
          at,
          `node name ${shown(name)} is not 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit`,
        );
      }
      const value = this.#resolve(pair.value);
      if (!isMap(value) && !isNull(value)) {
        this.problem(offsetOf(pair.value), `${shown(name)}: not a mapping: write the node's keys below it`);
        return [];
      }
      const own = isMap(value) ? this.#values(value, name) : {};
      const all = { ...defaults, ...own };
      if (!('group' in all)) {
        this.problem(at, `${shown(name)}: \`group\` is missing: name the security group of its servers`);
        return [];
      }
      if (typeof all.puppet_server === 'string' && name.length > maxCertifiedName) {
        const limit = `a certificate name holds 64 characters, so with \`puppet_server\` a node's name at most ${maxCertifiedName}`;
        this.problem(at, `${shown(name)}: ${limit}`);
      }
      return this.problems.length > 0 ? [] : [toNode(name, all)];
    });
  }

  /** The keys of a node or of the defaults as plain values; what does not fit becomes a problem at its place. */
  #values(map: YAMLMap, of: string): Record<string, unknown> {
    const merged: Record<string, unknown> = {};
    const own: Record<string, unknown> = {};
    for (const pair of map.items) {
      const key = keyOf(pair);
      if (key === '<<') {
        Object.assign(merged, this.#merged(pair, of));
        continue;
      }
      const value = this.#plain(pair);
      own[key] = isKnown(key) ? this.#checked(of, key, value, pair) : value;
      if (!isKnown(key)) this.#warnOfSlip(of, key, pair);
    }
    return { ...merged, ...own };
  }

  /** What YAML 1.1's merge key (`<<: *base`) brings: teams share keys this way, and other tools read it. */
  #merged(pair: Pair, of: string): Record<string, unknown> {
    const base = this.#resolve(pair.value);
    if (isMap(base)) return this.#values(base, of);
    this.problem(offsetOf(pair.value), `${shown(of)}: \`<<\` does not name a mapping`);
    return {};
  }

  #checked(of: string, key: KnownKey, value: unknown, pair: Pair): unknown {
    const result = nodeShape[key].safeParse(value);
    if (result.success) return result.data;
    // Of a list each item has problems of its own; anything else is wrong as a whole.
    const list = isSeq(pair.value) && Array.isArray(value) ? pair.value : undefined;
    const told = new Set<number>();
    for (const { path, message } of result.error.issues) {
      const index = list === undefined ? undefined : path[0];
      const at = offsetOf(index === undefined ? (pair.value ?? pair.key) : list?.get(Number(index), true));
      if (told.has(at)) continue;
      told.add(at);
      const it = index === undefined ? value : (value as unknown[])[Number(index)];
      this.problem(at, `${shown(of)}: \`${key}\` ${message} (it is ${shown(it)})`);
    }
  }

  #warnOfSlip(of: string, key: string, pair: Pair): void {
    const flat = key.toLowerCase().replace(/[-_ ]/g, '');
    const meant = knownKeys.find((known) => {
      const other = known.replaceAll('_', '');
      return distance(flat, other) <= (other.length > 4 ? 2 : 1);
    });
    if (meant === undefined) return;
    const message = `${shown(of)}: \`${key}\` is not a key of Bakehouse's; did you mean \`${meant}\`?`;
    this.warnings.push(this.#remark(offsetOf(pair.key), message));
  }

  #plain(pair: Pair): unknown {
    try {
      const value = pair.value as { toJS?: (document: Document, options: object) => unknown } | null;
      // An alias bomb stops here (the library's limit), with the place that sets it off.
      return value?.toJS?.(this.#document, { maxAliasCount: 100 }) ?? null;
    } catch (error) {
      this.problem(offsetOf(pair.value), `cannot be read: ${(error as Error).message}`);
      return null;
    }
  }

  #resolve(value: unknown): unknown {
    if (!isAlias(value)) return value;
    const target = value.resolve(this.#document);
    if (target === undefined)
      this.problem(offsetOf(value), `not YAML: there is no anchor &${value.source} above`);
    return target;
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

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function offsetOf(node: unknown): number {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range?.[0] ?? 0;
}

/** A value inside a message: on one line and never longer than one. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
