import { FAILSAFE_SCHEMA, load, type Schema, Type } from 'js-yaml';

/**
 * Ruby marks objects and values of its own (`!ruby/object:Puppet::Resource::Status`, `!ruby/sym failed`, `!float 1`); what
 * is under a mark is all that is needed, and no code belongs to any.
 */
const marks = (...prefixes: string[]) =>
  prefixes.flatMap((prefix) =>
    (['scalar', 'sequence', 'mapping'] as const).map(
      (kind) => new Type(prefix, { kind, multi: true, construct: (data: unknown) => data }),
    ),
  );

/** Ruby writes a string that is not UTF-8 as `!binary |` with base64; YAML's own mark for that is `!!binary`. */
const binary = ['!binary', 'tag:yaml.org,2002:binary'].map(
  (mark) =>
    new Type(mark, {
      kind: 'scalar',
      construct: (data: string) => Buffer.from(data, 'base64').toString('utf8'),
    }),
);

/** Ruby writes nil as nothing, and quotes a text that looks like it. */
const nothing = new Type('tag:yaml.org,2002:null', {
  kind: 'scalar',
  resolve: (data: string | null) => data === null || /^(?:~|null|)$/i.test(data),
  construct: () => null,
});

/** A number or a truth value, as Ruby's reader of YAML 1.1 takes a plain text for one (psych's scalar_scanner.rb). */
const value = new Type('tag:bakehouse,2026:value', {
  kind: 'scalar',
  resolve: (data: string | null) => data !== null && valueOf(data) !== undefined,
  construct: (data: string) => valueOf(data),
});

function valueOf(text: string): number | boolean | undefined {
  if (/^(?:yes|true|on)$/i.test(text)) return true;
  if (/^(?:no|false|off)$/i.test(text)) return false;
  const special = /^([-+]?)\.inf$/i.exec(text);
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity;
  if (/^\.nan$/i.test(text)) return NaN;
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '').replace(/[_,]/g, '');
  if (/^[-+]?0[0-7_,]+$/.test(text)) return sign * parseInt(digits, 8) + 0;
  if (/^[-+]?(?:0|[1-9](?:[\d]|[,_]\d)*|0x[_,]*[\da-f][\da-f_,]*|0b[_,]*[01][01_,]*)$/i.test(text))
    return sign * Number(digits) + 0;
  if (/^[-+]?(?:\d[\d_,]*)?\.\d*(?:e[-+]\d+)?$/i.test(text) && /\d/.test(text)) return sign * Number(digits);
  if (!/^[-+]?\d[\d_]*(?::[0-5]?\d){1,2}(?:\.[\d_]*)?$/.test(text)) return undefined;
  const parts = text.split(':').map((part) => Number(part.replaceAll('_', '')));
  return parts.reduce((sum, part, index) => sum + part * 60 ** Math.abs(index - 2), 0);
}

/**
 * Each plain scalar is its own text but nothing. Ruby writes YAML 1.1, where `1e3` and `12345e7` are texts and need no
 * quotes: what is a number or a flag only the field that it stands in can say.
 */
const texts = FAILSAFE_SCHEMA.extend({ implicit: [nothing], explicit: [...binary, ...marks('!', 'tag:')] });
/** A report's odd mark costs its field only; a file of a person's is refused for one. */
const values = FAILSAFE_SCHEMA.extend({
  implicit: [nothing, value],
  explicit: [...binary, ...marks('!ruby/')],
});

/** A line ends at these, too, in the YAML 1.1 that Ruby writes; js-yaml reads 1.2. Which of them it was is lost. */
const lineEnds = /[\u0085\u2028\u2029]/g;

/** Puppet 2.7 to 4 share tags and versions by alias, a few for each resource and log line. */
const maxAliases = 1_000_000;
/** Of the data with each alias replaced by what it stands for: whoever walks it walks all of that. */
const maxUnfolded = 100_000_000;
/** What js-yaml allows of text; aliases can lead deeper. */
const maxDepth = 100;

/**
 * Reads YAML that Ruby wrote into plain data, with numbers and truth values as Ruby reads them; dates stay texts. It holds
 * no cycles, is no deeper than 100 and, with its aliases unfolded, no larger than about 100 MB.
 * @throws Error with a sentence; of what is not YAML, it names line and column.
 */
export function parseRubyYaml(text: string): unknown {
  return parsed(text, values);
}

/** As parseRubyYaml, with every scalar but nothing as the text that stands there. */
export function parseRubyTexts(text: string): unknown {
  return parsed(text, texts);
}

function parsed(text: string, as: Schema): unknown {
  const aliases = aliasCount(text);
  if (aliases > maxAliases) throw new Error(`it has more than ${maxAliases} aliases`);
  const data = load(text.replace(lineEnds, '\n'), { schema: as });
  if (aliases > 0) weigh(data, new Map(), 0);
  return data;
}

/** What looks like an alias; a few more in messages do no harm. Looked for before YAML's reader makes objects of them. */
function aliasCount(text: string): number {
  let count = 0;
  for (let at = text.indexOf('*'); at !== -1 && count <= maxAliases; at = text.indexOf('*', at + 1)) {
    if (/[\s,[{:-]/.test(text[at - 1] ?? ' ') && /\S/.test(text[at + 1] ?? '')) count += 1;
  }
  return count;
}

/**
 * The size of a value with its aliases unfolded: characters, and 16 for each value. Each object is looked at once,
 * however many aliases lead to it.
 */
function weigh(value: unknown, known: Map<object, number>, depth: number): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 16;
  const before = known.get(value);
  if (Number.isNaN(before)) throw new Error('an alias in it contains itself');
  if (before !== undefined) return before;
  if (depth > maxDepth) throw new Error(`it is nested deeper than ${maxDepth}`);
  known.set(value, Number.NaN);
  let weight = 16;
  for (const inner of Object.values(value)) weight += weigh(inner, known, depth + 1);
  if (weight > maxUnfolded) throw new Error('its aliases unfold to more than 100 MB');
  known.set(value, weight);
  return weight;
}
