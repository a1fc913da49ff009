import type { CleanupOrder } from './clean-up.ts';
import type { EarlierPlan } from './make-plan.ts';
import { type ReferenceKind, referenceKinds } from '../references/reference.ts';

/** Flags that do not go together, or that name what there is not; all of it in one message. */
class OrderError extends Error {
  readonly exitCode = 2;
}

/** The flags of cleanup that make its order, as they are read from the command line. */
export interface CleanupFlags {
  keep: number;
  node: string[];
  apply: boolean;
  'min-age': number;
  'max-delete': number | undefined;
  'no-fuse': boolean;
  gone: boolean;
  adopt: boolean;
  'disable-first': number | undefined;
  'ignore-reference': string[];
  'all-template-versions': boolean;
  'cleanup-plan': string | undefined;
  'stale-ok': boolean;
  leaks: boolean;
  finished: string[];
  price: number;
}

const defaultMaxDelete = 20;

/** Flags that mean nothing to `--leaks`. */
const notForLeaks = ['cleanup-plan', 'gone', 'adopt', 'disable-first', 'no-fuse', 'max-delete'] as const;

/** @throws OrderError (exit 2) that names everything that is wrong. */
export function checkFlags(flags: CleanupFlags): void {
  const problems: string[] = [];
  if (flags['cleanup-plan'] !== undefined && !flags.apply)
    problems.push('--cleanup-plan FILE goes with --apply: it says what may be deleted');
  if (flags['stale-ok'] && flags['cleanup-plan'] === undefined)
    problems.push('--stale-ok goes with --cleanup-plan FILE');
  if (flags.leaks) {
    for (const name of notForLeaks) {
      if (flags[name] !== undefined && flags[name] !== false)
        problems.push(`--${name} has no meaning with --leaks`);
    }
  }
  for (const kind of flags['ignore-reference']) {
    if (!isKind(kind)) problems.push(`--ignore-reference '${kind}' is none of ${referenceKinds.join(', ')}`);
  }
  if (problems.length > 0) throw new OrderError(`${problems.join('\n')}\nSee --help.`);
}

/**
 * The order of a cleanup.
 * @param keep of nodes.yaml's nodes, where they say it themselves
 */
export function cleanupOrder(
  flags: CleanupFlags,
  keep: ReadonlyMap<string, number | undefined>,
  plan: EarlierPlan | undefined,
  signal: AbortSignal,
): CleanupOrder {
  return {
    keep: new Map([...keep].map(([node, own]) => [node, own ?? flags.keep])),
    only: flags.node,
    apply: flags.apply,
    minAgeMs: flags['min-age'],
    gone: flags.gone,
    adopt: flags.adopt,
    finished: new Set(flags.finished),
    maxDelete: flags['max-delete'] ?? (flags['no-fuse'] ? undefined : defaultMaxDelete),
    half: !flags['no-fuse'],
    disableFirstDays: flags['disable-first'],
    ignored: flags['ignore-reference'],
    price: flags.price,
    plan,
    signal,
  };
}

/** The kinds of references that are not to be looked up. */
export function ignoredKinds(flags: Pick<CleanupFlags, 'ignore-reference'>): ReadonlySet<ReferenceKind> {
  return new Set(flags['ignore-reference'].filter(isKind));
}

function isKind(word: string): word is ReferenceKind {
  return (referenceKinds as readonly string[]).includes(word);
}
