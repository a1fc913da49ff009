import { type Document, LineCounter, parseDocument } from 'yaml';
import { keyText, YamlFault, YamlValues } from './yaml-values.ts';

/** Something to say of a place in nodes.yaml, or in a file that it names; line and column count from 1. */
export interface Remark {
  /** As nodes.yaml names it; absent: nodes.yaml itself. */
  file?: string;
  line: number;
  column: number;
  message: string;
}

/** The text of a YAML file with what is wrong with it. */
export class YamlText {
  readonly problems: Remark[] = [];
  readonly document: Document;
  readonly values: YamlValues;
  readonly #lines = new LineCounter();
  readonly #file: { file?: string };

  /** @param file its name in remarks; undefined: nodes.yaml */
  constructor(text: string, file?: string) {
    this.#file = file === undefined ? {} : { file };
    // By their texts: `1` and `"1"` are one key, `1` and `1.0` are two.
    const uniqueKeys = (a: unknown, b: unknown) => a === b || sameKey(keyText(a), keyText(b));
    this.document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys });
    this.values = new YamlValues(this.document, text.includes('&'));
    for (const error of [...this.document.errors, ...this.document.warnings])
      this.problem(error.pos[0], yamlMessage(error));
  }

  remark(offset: number, message: string): Remark {
    const { line, col } = this.#lines.linePos(offset);
    return { ...this.#file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  }

  problem(offset: number, message: string): void {
    this.problems.push(this.remark(offset, message));
  }

  /** What can be read of a text without problems; of one that has some, or a fault, nothing. */
  read<T>(read: () => T, nothing: T): T {
    if (this.problems.length > 0) return nothing;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof YamlFault)) throw error;
      this.problem(error.offset, error.message);
      return nothing;
    }
  }
}

function sameKey(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}

function yamlMessage(error: { code: string; message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key stands twice in its mapping: remove one of the two';
  return `not YAML: ${error.message}`;
}

/** A value inside a message: on one line and never longer than one. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
