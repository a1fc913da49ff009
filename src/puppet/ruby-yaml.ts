import { CORE_SCHEMA, FAILSAFE_SCHEMA, load, Type } from 'js-yaml';

/**
 * Ruby marks objects and values of its own (`!ruby/object:Puppet::Resource::Status`, `!ruby/sym failed`); what is
 * under the mark is all that a report needs, and no code belongs to any mark. Any other mark stays an error.
 */
const rubyTypes = (['scalar', 'sequence', 'mapping'] as const).map(
  (kind) => new Type('!ruby/', { kind, multi: true, construct: (data: unknown) => data }),
);

/** Ruby writes a string that is not UTF-8 as `!binary |` with base64, not as YAML's own `!!binary`. */
const binary = new Type('!binary', {
  kind: 'scalar',
  construct: (data: string) => Buffer.from(data, 'base64').toString('utf8'),
});

/** Without YAML's timestamp type: times stay text, whether Ruby quoted them or not. */
const schema = CORE_SCHEMA.extend({ implicit: [], explicit: [...rubyTypes, binary] });

const nothing = new Type('tag:yaml.org,2002:null', {
  kind: 'scalar',
  resolve: (data: unknown) =>
    data === null || (typeof data === 'string' && /^(?:|~|null|Null|NULL)$/.test(data)),
  construct: () => null,
});

/**
 * Each plain scalar is its own text but nothing. Ruby writes YAML 1.1, where `1e3` and `12345e7` are texts and need no quotes: what is
 * a number or a flag only the field that it stands in can say.
 */
const texts = FAILSAFE_SCHEMA.extend({
  implicit: [nothing],
  explicit: [
    ...(['scalar', 'sequence', 'mapping'] as const).flatMap((kind) =>
      ['!', 'tag:yaml.org,2002:'].map(
        (prefix) => new Type(prefix, { kind, multi: true, construct: (data: unknown) => data }),
      ),
    ),
    binary,
  ],
});

/** Puppet 2.7 to 4 share tags and versions by alias, a few for each resource and log line. */
const maxAliases = 1_000_000;
/** Of the data with each alias replaced by what it stands for: whoever walks it walks all of that. */
const maxUnfolded = 100_000_000;
/** What js-yaml allows of text; aliases can lead deeper. */
const maxDepth = 100;

/**
 * Reads YAML that Ruby wrote into plain data, which holds no cycles, is no deeper than 100 and, with its aliases
 * unfolded, no larger than about 100 MB.
 * @throws Error with a sentence; of what is not YAML, it names line and column.
 */
export function parseRubyYaml(text: string): unknown {
  return parsed(text, schema);
}

/** As parseRubyYaml, with every scalar but nothing as the text that stands there. */
export function parseRubyTexts(text: string): unknown {
  return parsed(text, texts);
}

function parsed(text: string, as: typeof schema): unknown {
  const aliases = aliasCount(text);
  if (aliases > maxAliases) throw new Error(`it has more than ${maxAliases} aliases`);
  const data = load(text, { schema: as });
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
