import type { EarlierPlan } from './earlier-plan.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { type ReferenceKind, referenceKinds } from '../references/reference.ts';

/** What cleanup is asked for. */
export interface CleanupSettings {
  /** How many images of each node stay. */
  keep: ReadonlyMap<string, number>;
  /** Only these nodes; none: all. */
  only: readonly string[];
  /** Only these regions; none: the own one and all that images are promoted to. */
  regions: readonly string[];
  minAgeMs: number;
  gone: boolean;
  adopt: boolean;
  /** Runs that have ended, whatever resources of them are still there. */
  finished: ReadonlySet<string>;
  /** How many images, and snapshots without an image, one run deletes; undefined: any number. */
  maxDelete: number | undefined;
  /** Never more than half of a node's images, nor of its snapshots. */
  half: boolean;
  /** Days between disabling an image and deleting it; undefined: it is not disabled first. */
  disableFirstDays: number | undefined;
  plan: EarlierPlan | undefined;
  /** Delete; otherwise it stays a plan. */
  apply: boolean;
  /** US dollars for a GiB of snapshots and a month. */
  price: number;
  /** Kinds of references that are not checked. */
  ignored: readonly string[];
  signal: AbortSignal;
}

/** The flags of cleanup that make its settings, as they are read from the command line. */
export interface CleanupFlags {
  keep: number;
  node: string[];
  regions: string[];
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
const notForLeaks = [
  'regions',
  'cleanup-plan',
  'gone',
  'adopt',
  'disable-first',
  'no-fuse',
  'max-delete',
] as const;

/**
 * Flags that do not go together, or that name what does not exist.
 * @throws StageError (exit 2) that names everything that is wrong
 */
export function checkCleanupFlags(flags: CleanupFlags): void {
  const problems: string[] = [];
  if (flags['cleanup-plan'] !== undefined && !flags.apply)
    problems.push('--cleanup-plan FILE goes with --apply: it says what may be deleted');
  if (flags['stale-ok'] && flags['cleanup-plan'] === undefined)
    problems.push('--stale-ok goes with --cleanup-plan FILE');
  if (flags.leaks) {
    for (const name of notForLeaks) {
      const given = flags[name];
      if (given !== undefined && given !== false && !(Array.isArray(given) && given.length === 0))
        problems.push(`--${name} has no meaning with --leaks`);
    }
  }
  for (const kind of flags['ignore-reference']) {
    if (!isKind(kind)) problems.push(`--ignore-reference '${kind}' is none of ${referenceKinds.join(', ')}`);
  }
  if (problems.length > 0) throw new StageError(`${problems.join('\n')}\nSee --help.`, exitCode.badInput);
}

/**
 * The regions that a cleanup works in besides the own one, each with the nodes whose images are promoted to it.
 * @param asked those of `--regions`
 * @throws StageError (exit 2) when one of these is none of them
 */
export function otherRegions(
  own: string,
  nodes: readonly Pick<Node, 'name' | 'promote'>[],
  asked: readonly string[],
): Map<string, Set<string>> {
  const regions = new Map<string, Set<string>>();
  for (const { name, promote } of nodes) {
    for (const region of Object.keys(promote.regions)) {
      if (region !== own) regions.set(region, (regions.get(region) ?? new Set()).add(name));
    }
  }
  const known = [own, ...[...regions.keys()].sort()];
  const wrong = asked.filter((region) => !known.includes(region));
  if (wrong.length > 0) {
    const problems = wrong.map((region) => `--regions '${region}' is none of ${known.join(', ')}`);
    const advice = 'these are the own region and those of `promote` in nodes.yaml';
    throw new StageError(`${problems.join('\n')}: ${advice}`, exitCode.badInput);
  }
  return regions;
}

/**
 * The settings of a cleanup.
 * @param keep how many images each node of nodes.yaml keeps; undefined: as `--keep` says
 */
export function cleanupSettings(
  flags: CleanupFlags,
  keep: ReadonlyMap<string, number | undefined>,
  plan: EarlierPlan | undefined,
  signal: AbortSignal,
): CleanupSettings {
  return {
    keep: new Map([...keep].map(([node, own]) => [node, own ?? flags.keep])),
    only: flags.node,
    regions: flags.regions,
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

/** The kinds of references that are not checked. */
export function ignoredKinds(flags: Pick<CleanupFlags, 'ignore-reference'>): ReadonlySet<ReferenceKind> {
  return new Set(flags['ignore-reference'].filter(isKind));
}

function isKind(word: string): word is ReferenceKind {
  return (referenceKinds as readonly string[]).includes(word);
}
