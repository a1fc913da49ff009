import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Kind } from './builder-keys.ts';

/** What cannot be read; `offset` is its place in the file's text. After an `endless` one nothing more can be. */
export class YamlFault extends Error {
  readonly offset: number;
  readonly endless: boolean;

  constructor(offset: number, message: string, endless = false) {
    super(message);
    this.offset = offset;
    this.endless = endless;
  }
}

/** A key of a mapping with its value, aliases followed. */
export interface YamlEntry {
  key: string;
  value: unknown;
  /** Where the key stands, and the value (or its alias); the key's place where there is no value. */
  keyAt: number;
  at: number;
}

/** Of a whole file, aliases and merges followed. Only a file made to fill the memory has more. */
const maxValues = 500_000;
const maxDepth = 200;

/** The values of a YAML document as they are written: aliases and merge keys followed, numbers by their text. */
export class YamlValues {
  /** What each alias names: the last anchor of that name before it. */
  readonly #targets = new Map<unknown, unknown>();
  /** The collections that are being read, and the mappings that are being merged, from the outermost on. */
  readonly #reading = new Set<unknown>();
  readonly #merging = new Set<unknown>();
  #count = 0;

  /** @param hasAnchors whether the document may have any: to look for them takes as long as to read it */
  constructor(document: Document, hasAnchors: boolean) {
    if (!hasAnchors) return;
    const anchors = new Map<string, unknown>();
    visit(document, {
      Node: (_, node) => {
        if (isAlias(node)) this.#targets.set(node, anchors.get(node.source));
        else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
  }

  /**
   * What an alias names; any other node as it is.
   * @throws YamlFault when no anchor above has that name.
   */
  resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    const target = this.#targets.get(node);
    if (target === undefined)
      throw new YamlFault(offsetOf(node), `not YAML: there is no anchor &${node.source} above`);
    return target;
  }

  /**
   * The keys of a mapping, with those of its merge keys (`<<`) as YAML 1.1 says: the mapping's own win, and of several
   * merged mappings the first that has the key.
   * @throws YamlFault when a key is not a text, or a merge names no mapping, goes in a circle or repeats too much.
   */
  entries(map: YAMLMap, at = offsetOf(map)): YamlEntry[] {
    return guarded(this.#merging, map, at, () => {
      const merged = new Map<string, YamlEntry>();
      const own = new Map<string, YamlEntry>();
      for (const { key, value } of map.items) {
        const keyAt = offsetOf(key);
        if (isMergeKey(key)) {
          for (const entry of this.#mergedBy(value, keyAt))
            if (!merged.has(entry.key)) merged.set(entry.key, entry);
          continue;
        }
        const name = keyText(key);
        if (name === undefined) throw new YamlFault(keyAt, 'a key is not a text: write it in quotes');
        if (name === '__proto__') throw new YamlFault(keyAt, '`__proto__` cannot be a key');
        own.set(name, {
          key: name,
          value: this.resolve(value),
          keyAt,
          at: isNode(value) ? offsetOf(value) : keyAt,
        });
      }
      return [...(merged.size === 0 ? own : new Map([...merged, ...own])).values()];
    });
  }

  #mergedBy(value: unknown, keyAt: number): YamlEntry[] {
    const named = this.resolve(value);
    const bases = isSeq(named) ? named.items : [value];
    return bases.flatMap((base) => {
      const at = isNode(base) ? offsetOf(base) : keyAt;
      const map = this.resolve(base);
      if (!isMap(map)) throw new YamlFault(at, '`<<` names neither a mapping nor a list of mappings');
      const entries = this.entries(map, at);
      this.#add(1 + entries.length, at);
      return entries;
    });
  }

  /**
   * A value as plain data. A number stays one when its text is plain decimal; else it is its text, as `00420`, `1.10`,
   * `0x1f` and `9007199254740993` are. Where Packer takes a text, `true` is a text as well.
   * @param kind what Packer takes there, if the value is Packer's
   * @throws YamlFault as {@link entries}, and when aliases go in a circle or repeat too much.
   */
  plain({ value, at }: Pick<YamlEntry, 'value' | 'at'>, kind?: Kind): unknown {
    this.#add(1, at);
    if (isScalar(value)) return scalarValue(value, kind);
    if (isSeq(value))
      return guarded(this.#reading, value, at, () => value.items.map((item) => this.#item(item, at, kind)));
    if (!isMap(value)) return null;
    return guarded(this.#reading, value, at, () =>
      Object.fromEntries(
        this.entries(value, at).map((entry) => [entry.key, this.plain(entry, kindBelow(kind, entry.key))]),
      ),
    );
  }

  #item(item: unknown, at: number, kind: Kind | undefined): unknown {
    return this.plain({ value: this.resolve(item), at: isNode(item) ? offsetOf(item) : at }, kind);
  }

  #add(more: number, at: number): void {
    this.#count += more;
    if (this.#count > maxValues)
      throw new YamlFault(
        at,
        `aliases repeat too much: with them the file has over ${maxValues} values`,
        true,
      );
  }
}

/** Whether a text is a number that loses nothing when it is read and written as one. */
export function isPlainDecimal(text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/.test(text) && String(Number(text)) === text;
}

/** Where a node begins in the file's text. */
export function offsetOf(node: unknown): number {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range?.[0] ?? 0;
}

/** A key as it is written; undefined: it is not a text. */
export function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  if (!isScalar(key)) return undefined;
  const text = typeof key.value === 'string' ? key.value : key.source;
  return text === undefined || text === '' ? undefined : text;
}

/** In quotes it is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && (key.type === undefined || key.type === 'PLAIN');
}

function scalarValue({ value, source }: Scalar, kind: Kind | undefined): unknown {
  if (typeof value === 'string' || value === null || source === undefined) return value;
  if (typeof value === 'number') return isPlainDecimal(source) ? value : source;
  // What is neither: a date, in a file that says it is YAML 1.1.
  return typeof value === 'boolean' && kind !== 'text' ? value : source;
}

/** Below a text are texts: a list or a mapping of them. */
function kindBelow(kind: Kind | undefined, key: string): Kind | undefined {
  return typeof kind === 'object' ? kind[key] : kind;
}

function guarded<T>(open: Set<unknown>, node: unknown, at: number, read: () => T): T {
  if (open.has(node)) throw new YamlFault(at, 'aliases go in a circle here: this is part of itself');
  if (open.size >= maxDepth) throw new YamlFault(at, `this is nested deeper than ${maxDepth} levels`);
  open.add(node);
  try {
    return read();
  } finally {
    open.delete(node);
  }
}
