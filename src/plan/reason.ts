import type { CompileProblem, Finding } from '../puppet/catalogs/compilation.ts';
import type { NodeInputs } from './digest.ts';
import type { PackChange } from './pack-change.ts';

/** An input that differs from the image's, both in short, or `none`; `was` is unknown where the image does not say. */
export interface Cause {
  input: keyof NodeInputs;
  was?: string;
  is: string;
  /** Only of `pack`, and only where the image says what its pack was made of. */
  change?: PackChange;
}

/** Why a node is to be baked, is left alone, or cannot be baked. */
export type Reason = BakeReason | SkipReason | Failure;

export type BakeReason =
  /** None that is available and that verify passed. */
  | { kind: 'no-image' }
  /** Without a cause: the image does not say what it was made of. */
  | { kind: 'differs'; image: string; causes: Cause[]; lines: string[] }
  | { kind: 'no-digest'; image: string }
  /** It may be the newest one, or not. */
  | { kind: 'age-unknown'; image: string }
  | { kind: 'too-old'; image: string; ageMs: number; maxAgeMs: number }
  /** A person took the newest image out of service; `why` is what that person wrote. */
  | { kind: 'revoked'; image: string; why: string }
  | { kind: 'forced' }
  | { kind: 'not-judged'; findings: Finding[] };

export interface SkipReason {
  kind: 'unchanged';
  image: string;
}

/** What must be corrected before the node can be baked. */
export type Failure =
  | { kind: 'not-compiled'; problem: CompileProblem }
  /** A sentence's rest: `no image of owner … has a name like …`. */
  | { kind: 'no-source'; why: string };

export type Action = 'bake' | 'skip' | 'failed';

/** What is to be done about a node, and why. */
export interface Decision {
  node: string;
  action: Action;
  /** One at least. */
  reasons: Reason[];
  /** The image that the node was compared with: the newest verified one. */
  image?: string;
}

/** The findings that a node's `assume_pure` leaves: none of them with `true`, else those that no entry names. */
export function notAssumed(findings: readonly Finding[], assumePure: boolean | readonly string[]): Finding[] {
  if (typeof assumePure === 'boolean') return assumePure ? [] : [...findings];
  return findings.filter((finding) => !assumePure.some((entry) => isNamed(finding, entry)));
}

/** The `assume_pure` that takes these findings for unchanged: `[env STDLIB_X, function nginx::x]`, or `true`. */
export function assumeText(findings: readonly Finding[]): string {
  const entries = findings.map(entryOf);
  if (entries.includes(undefined)) return 'true';
  return `[${[...new Set(entries)].join(', ')}]`;
}

/** What names a finding most narrowly; undefined: no entry does. */
function entryOf({ kind, subject, functions }: Finding): string | undefined {
  if (kind === 'environment-variable' && subject !== undefined) return `env ${subject}`;
  const innermost = functions?.at(-1);
  return innermost === undefined ? undefined : `function ${innermost}`;
}

/** `*` in an entry stands for any characters. */
function isNamed({ kind, subject, functions = [] }: Finding, entry: string): boolean {
  const [what = '', name = ''] = entry.split(' ');
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`);
  if (what === 'function') return functions.some((one) => pattern.test(one));
  return kind === 'environment-variable' && subject !== undefined && pattern.test(subject);
}
