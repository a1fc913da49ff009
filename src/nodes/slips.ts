import { distance } from 'fastest-levenshtein';
import { type BuilderKeys, builderKeys } from './builder-keys.ts';
import { type KnownKey, knownKeys, nodeShape } from './shape.ts';

/** A key that is taken for a slip of a known one; an error where it can hardly be a key of the team's own. */
export interface Slip {
  meant: string;
  severity: 'error' | 'warning';
}

/** The usual form of a value of these keys, whose shape also admits other values. */
const usual: Partial<Record<KnownKey, (value: unknown) => boolean>> = {
  // `site: example.com` has the shape of an instance type.
  size: (value) =>
    typeof value === 'string' && /\.(nano|micro|small|medium|\d*x?large|metal(-\w+)?)$/.test(value),
  goss: (value) => typeof value === 'string' && /\.(ya?ml|json)$/.test(value),
  packer: (value) => Object.keys(value as object).some((key) => Object.hasOwn(builderKeys, key)),
};

/**
 * Whether an unknown key of a node is a slip of a known one. One edit away is an error, unless the known key stands beside
 * it or its value would not fit: then it may well be the team's own (`sizes`, a list).
 * @param beside the keys of the same mapping
 */
export function slipOfNodeKey(key: string, value: unknown, beside: readonly string[]): Slip | undefined {
  const { near, similar } = knownLike(key);
  const fits = near !== undefined && !beside.includes(near) && nodeShape[near].safeParse(value).success;
  if (fits && (usual[near]?.(value) ?? true)) return { meant: near, severity: 'error' };
  return similar === undefined ? undefined : { meant: similar, severity: 'warning' };
}

interface KnownLike {
  /** One edit away. */
  near: KnownKey | undefined;
  /** Like it but for its case, its dashes or two letters. */
  similar: KnownKey | undefined;
}

/** The nodes of a file have mostly the same keys. */
const remembered = new Map<string, KnownLike>();

function knownLike(key: string): KnownLike {
  const flat = key.toLowerCase().replace(/[-_ ]/g, '');
  const like = remembered.get(key) ?? {
    near: knownKeys.find((known) => isOneEdit(key, known)),
    similar: knownKeys.find((known) => {
      const other = known.replaceAll('_', '');
      return distance(flat, other) <= (other.length > 4 ? 2 : 1);
    }),
  };
  remembered.set(key, like);
  return like;
}

/** The key of Packer's builder that was meant: Packer refuses a key that it does not know. */
export function slipOfBuilderKey(key: string, known: BuilderKeys): string | undefined {
  if (Object.hasOwn(known, key)) return undefined;
  return Object.keys(known).find((other) => isOneEdit(key, other));
}

/** Whether one letter too many, too few, wrong or swapped with its neighbour tells two texts apart. */
export function isOneEdit(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charAt(start) === b.charAt(start)) start++;
  let end = 0;
  while (end < shorter - start && a.charAt(a.length - 1 - end) === b.charAt(b.length - 1 - end)) end++;
  const [inA, inB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (inA.length + inB.length === 1 || (inA.length === 1 && inB.length === 1)) return true;
  return inA.length === 2 && inB.length === 2 && inA === inB.charAt(1) + inB.charAt(0);
}
