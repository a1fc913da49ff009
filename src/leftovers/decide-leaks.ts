import type { Reference, References } from '../references/reference.ts';
import { tag } from '../aws/tags.ts';
import { makersOf } from './makers.ts';
import { type Thing, thingTypes } from './thing.ts';
import { type NotABakes, whyNotABakes } from './whose-thing.ts';

/** Why a run is over. */
export type Over =
  /** Whoever called says so. */
  | { kind: 'finished' }
  /** Its newest thing is older than a run takes. */
  | { kind: 'old'; newestMs: number };

/** Why a run may go on. */
type MayGoOn =
  | { kind: 'live' }
  | { kind: 'young'; newestMs: number }
  /** Its bake was given longer than a run takes. */
  | { kind: 'until'; untilMs: number }
  | { kind: 'undated' }
  /** Its name fits several bakes, one of which may go on. */
  | { kind: 'ambiguous-name' };

export type KeepReason =
  | NotABakes
  | MayGoOn
  /** Retention's, or on its way to that. */
  | { kind: 'state'; state: string }
  | { kind: 'attached'; instanceId: string }
  | { kind: 'mapped'; imageIds: readonly string[] }
  | { kind: 'in-use'; users: readonly Reference[] }
  /** Retention may have left it on purpose, and nobody has looked who uses it. */
  | { kind: 'image-gone' };

/** What becomes of a thing, and why. `thing` bears node and run also where only another thing tells them. */
export type LeakDecision =
  { thing: Thing; action: 'delete'; reason: Over } | { thing: Thing; action: 'keep'; reason: KeepReason };

/** By what it is decided. */
export interface LeakRule {
  /** Runs that are known to be over. */
  finished: ReadonlySet<string>;
  nowMs: number;
  /** How long after its newest thing a run may still make another. */
  timeoutMs: number;
  /** Only the things of these nodes; none: all. */
  only?: readonly string[];
  /** Runs that go on, however old they are: our own. */
  live?: ReadonlySet<string>;
  /** Names of available images that are the leavings of a bake that failed, unless verify has passed them. */
  unwanted?: ReadonlySet<string>;
  /** What uses images and snapshots; undefined: nobody has looked. */
  references?: References | undefined;
}

/** An hour, as build's `--timeout` has it, and what may pass between two stages of a run. */
export const runTimeoutMs = 90 * 60_000;

/**
 * Decides what of the runs that are over is removed. Answers each thing that is a run's, by its tag or by what it was
 * made of, in an order that does not depend on that of `things`.
 */
export function decideLeaks(things: readonly Thing[], rule: LeakRule): LeakDecision[] {
  const { only = [] } = rule;
  const ours = [...things].sort(byPlace).flatMap(withMakers(things, rule));
  const ages = { newest: newestOf(ours), until: untilOf(ours) };
  const chosen = ours.filter(({ makers }) =>
    only.length === 0 ? true : makers.every(({ node }) => only.includes(node)),
  );
  const decided = new Map<string, LeakDecision>();
  const servers = new Map(things.map((thing) => [thing.id, whyServer(thing)]));
  // In this order: a snapshot goes if its image goes, a volume if its instance goes.
  for (const type of thingTypes) {
    for (const one of chosen.filter(({ thing }) => thing.type === type)) {
      const keep =
        whyNotABakes(one.thing) ?? ofServer(one.thing, servers) ?? stateReason(one.thing, rule, decided);
      const end = keep ?? endOf(one.makers, ages, rule);
      const { thing } = one;
      decided.set(
        thing.id,
        end.kind === 'finished' || end.kind === 'old'
          ? { thing, action: 'delete', reason: end }
          : { thing, action: 'keep', reason: end },
      );
    }
  }
  return [...decided.values()].sort((a, b) => byPlace(a.thing, b.thing));
}

/** Why an instance is a server and no machine of a bake. */
function whyServer(thing: Thing): NotABakes | undefined {
  const why = thing.type === 'instance' ? whyNotABakes(thing) : undefined;
  return why?.kind === 'keep-tag' ? undefined : why;
}

/** An image or a snapshot that was made of a server is that server's backup, whatever tags it bears. */
function ofServer(
  { type, instanceId = '' }: Thing,
  servers: ReadonlyMap<string, NotABakes | undefined>,
): NotABakes | undefined {
  return type === 'image' || type === 'snapshot' ? servers.get(instanceId) : undefined;
}

interface Owned {
  thing: Thing;
  /** One; several where a name fits several bakes. */
  makers: { node: string; run: string }[];
}

function withMakers(things: readonly Thing[], { finished, only = [] }: LeakRule): (thing: Thing) => Owned[] {
  const makers = makersOf(things, { runs: [...finished], nodes: only });
  return (thing) => {
    const found = makers(thing);
    const [first] = found;
    if (first === undefined) return [];
    return [{ thing: { ...thing, node: first.node, run: first.run }, makers: found }];
  };
}

/** When each run was last seen to make something. What was launched from its image later is not the run's doing. */
function newestOf(ours: readonly Owned[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { thing, makers } of ours) {
    const { createdMs } = thing;
    const why = whyNotABakes(thing)?.kind;
    if (createdMs === undefined || Number.isNaN(createdMs) || (why !== undefined && why !== 'keep-tag'))
      continue;
    for (const { run } of makers) newest.set(run, Math.max(newest.get(run) ?? -Infinity, createdMs));
  }
  return newest;
}

/** Until when the bakes of each run may take, where they say so. */
function untilOf(ours: readonly Owned[]): Map<string, number> {
  const until = new Map<string, number>();
  for (const { thing, makers } of ours) {
    const { untilMs } = thing;
    if (untilMs === undefined) continue;
    for (const { run } of makers) until.set(run, Math.max(until.get(run) ?? -Infinity, untilMs));
  }
  return until;
}

interface Ages {
  newest: ReadonlyMap<string, number>;
  until: ReadonlyMap<string, number>;
}

function endOf(makers: Owned['makers'], ages: Ages, rule: LeakRule): Over | MayGoOn {
  const ends = makers.map(({ run }) => endOfRun(run, ages, rule));
  const [first = { kind: 'undated' as const }] = ends;
  if (ends.length === 1) return first;
  return ends.every(({ kind }) => kind === 'finished' || kind === 'old') ? first : { kind: 'ambiguous-name' };
}

function endOfRun(run: string, { newest, until }: Ages, rule: LeakRule): Over | MayGoOn {
  const [newestMs, untilMs] = [newest.get(run), until.get(run)];
  if (rule.live?.has(run) === true) return { kind: 'live' };
  if (run !== '' && rule.finished.has(run)) return { kind: 'finished' };
  if (run === '' || newestMs === undefined) return { kind: 'undated' };
  if (untilMs !== undefined && rule.nowMs <= untilMs) return { kind: 'until', untilMs };
  // A date in the future is one of a wrong clock: as good as now.
  return { kind: rule.nowMs - newestMs > rule.timeoutMs ? 'old' : 'young', newestMs };
}

/** Why a thing stays whatever became of its run. */
function stateReason(
  thing: Thing,
  { unwanted, references }: LeakRule,
  decided: ReadonlyMap<string, LeakDecision>,
): KeepReason | undefined {
  const goes = (id: string) => decided.get(id)?.action === 'delete';
  const state = thing.state ?? 'unknown';
  const inState: KeepReason = { kind: 'state', state };
  switch (thing.type) {
    case 'instance':
      return state === 'terminated' ? inState : undefined;
    case 'spot-request':
      return state === 'open' || state === 'active' ? undefined : inState;
    case 'image': {
      // Packer tags an image last: one without any tag is half made, whatever EC2 says.
      const untagged = state === 'available' && Object.keys(thing.tags).length === 0;
      const half = state === 'pending' || state === 'failed' || untagged;
      const failed = unwanted?.has(thing.name ?? '') === true && thing.tags[tag.verified] !== 'true';
      return half || failed ? useOf(thing, references) : inState;
    }
    case 'snapshot': {
      const stay = (thing.imageIds ?? []).filter((id) => !goes(id));
      if (stay.length > 0) return { kind: 'mapped', imageIds: stay };
      return references === undefined && hasLostImage(thing)
        ? { kind: 'image-gone' }
        : useOf(thing, references);
    }
    case 'volume':
      if (state === 'available') return undefined;
      if (thing.instanceId === undefined) return inState;
      return goes(thing.instanceId) ? undefined : { kind: 'attached', instanceId: thing.instanceId };
    case 'key-pair':
    case 'security-group':
      return undefined;
  }
}

/**
 * Whether a snapshot bears the tags of an image that is gone. When that was deleted as too old, the snapshot may have
 * stayed since something maps it.
 */
function hasLostImage({ type, tags, imageIds = [] }: Thing): boolean {
  return type === 'snapshot' && imageIds.length === 0 && tag.run in tags;
}

/** Whether it must be known what uses a thing before it goes: it may have been whole. */
export function mayBeInUse(thing: Thing): boolean {
  return hasLostImage(thing) || (thing.type === 'image' && thing.state === 'available');
}

function useOf({ id }: Thing, references: References | undefined): KeepReason | undefined {
  const users = references?.get(id) ?? [];
  return users.length > 0 ? { kind: 'in-use', users } : undefined;
}

function byPlace(a: Thing, b: Thing): number {
  const place = ({ run, node, type, id }: Thing) =>
    [run, node, String(thingTypes.indexOf(type)), id].join('\0');
  const [left, right] = [place(a), place(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
