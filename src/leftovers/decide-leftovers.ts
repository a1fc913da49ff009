import type { Reference, References } from '../references/reference.ts';
import { tag } from '../aws/tags.ts';
import { bakesOf, isPackersFirst, type NotOfBake, whyNotOfBake } from './whose-resource.ts';
import { type Resource, resourceTypes } from './resource.ts';

/** Why a run counts as ended. */
export type RunEnded =
  /** Whoever called says so. */
  | { kind: 'finished' }
  /** Its newest resource is older than any run takes. */
  | { kind: 'old'; newestMs: number };

/** Why a run may still be going on. */
type RunMayGoOn =
  | { kind: 'live' }
  | { kind: 'young'; newestMs: number }
  /** Its bake has more time than a run usually takes. */
  | { kind: 'until'; untilMs: number }
  | { kind: 'undated' }
  /** Its name fits several bakes, one of which may still be going on. */
  | { kind: 'ambiguous-name' };

export type LeftoverKeepReason =
  | NotOfBake
  | RunMayGoOn
  /** Retention's, or on its way to that. */
  | { kind: 'state'; state: string }
  | { kind: 'attached'; instanceId: string }
  | { kind: 'mapped'; imageIds: readonly string[] }
  | { kind: 'in-use'; users: readonly Reference[] }
  /** Retention may have left it on purpose, and its users are not known. */
  | { kind: 'image-gone' };

/** What becomes of a resource, and why. `resource` has node and run also where only another resource gives them. */
export type LeftoverDecision =
  | { resource: Resource; action: 'delete'; reason: RunEnded }
  | { resource: Resource; action: 'keep'; reason: LeftoverKeepReason };

/** What the decision depends on. */
export interface LeftoverRules {
  /** Runs that are known to have ended. */
  finished: ReadonlySet<string>;
  nowMs: number;
  /** How long after its newest resource a run may still make another. */
  timeoutMs: number;
  /** Only the resources of these nodes; none: all. */
  only?: readonly string[];
  /** Runs that are going on, whatever their age: our own. */
  live?: ReadonlySet<string>;
  /** Names of available images that a failed bake left behind, unless they are verified. */
  unwanted?: ReadonlySet<string>;
  /** What uses images and snapshots; undefined: not known. */
  references?: References | undefined;
}

/** An hour, as build's `--timeout` has it, and what may pass between two stages of a run. */
export const runTimeoutMs = 90 * 60_000;

/**
 * Decides what is removed of the runs that have ended. Answers each resource that is a run's, by its tag or by what it was
 * made from, in an order that does not depend on that of `resources`.
 */
export function decideLeftovers(resources: readonly Resource[], rule: LeftoverRules): LeftoverDecision[] {
  const { only = [] } = rule;
  const ours = [...resources].sort(byPlace).flatMap(withBakes(resources, rule));
  const ages = { newest: newestOf(ours), until: untilOf(ours) };
  const chosen = ours.filter(({ makers }) =>
    only.length === 0 ? true : makers.every(({ node }) => only.includes(node)),
  );
  const decided = new Map<string, LeftoverDecision>();
  const servers = new Map(resources.map((resource) => [resource.id, whyServer(resource)]));
  // In this order: a snapshot goes if its image goes, a volume if its instance goes.
  for (const type of resourceTypes) {
    for (const one of chosen.filter(({ resource }) => resource.type === type)) {
      const keep =
        whyNotOfBake(one.resource) ??
        ofServer(one.resource, servers) ??
        stateReason(one.resource, rule, decided);
      const end = keep ?? endOf(one.makers, ages, rule);
      const { resource } = one;
      decided.set(
        resource.id,
        end.kind === 'finished' || end.kind === 'old'
          ? { resource, action: 'delete', reason: end }
          : { resource, action: 'keep', reason: end },
      );
    }
  }
  return [...decided.values()].sort((a, b) => byPlace(a.resource, b.resource));
}

/** Why an instance is a server and no machine of a bake. */
function whyServer(resource: Resource): NotOfBake | undefined {
  const why = resource.type === 'instance' ? whyNotOfBake(resource) : undefined;
  return why?.kind === 'keep-tag' ? undefined : why;
}

/** An image or a snapshot that was made of a server is that server's backup, whatever tags it has. */
function ofServer(
  { type, instanceId = '' }: Resource,
  servers: ReadonlyMap<string, NotOfBake | undefined>,
): NotOfBake | undefined {
  return type === 'image' || type === 'snapshot' ? servers.get(instanceId) : undefined;
}

interface Owned {
  resource: Resource;
  /** One; several where a name fits several bakes. */
  makers: { node: string; run: string }[];
}

function withBakes(
  resources: readonly Resource[],
  { finished, only = [] }: LeftoverRules,
): (resource: Resource) => Owned[] {
  const makers = bakesOf(resources, { runs: [...finished], nodes: only });
  return (resource) => {
    const found = makers(resource);
    const [first] = found;
    if (first === undefined) return [];
    return [{ resource: { ...resource, node: first.node, run: first.run }, makers: found }];
  };
}

/** When each run was last seen to make something. What was launched from its image later is not the run's doing. */
function newestOf(ours: readonly Owned[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { resource, makers } of ours) {
    const { createdMs } = resource;
    const why = whyNotOfBake(resource)?.kind;
    if (createdMs === undefined || Number.isNaN(createdMs) || (why !== undefined && why !== 'keep-tag'))
      continue;
    for (const { run } of makers) newest.set(run, Math.max(newest.get(run) ?? -Infinity, createdMs));
  }
  return newest;
}

/** Until when the bakes of each run may take, where they say so. */
function untilOf(ours: readonly Owned[]): Map<string, number> {
  const until = new Map<string, number>();
  for (const { resource, makers } of ours) {
    const { untilMs } = resource;
    if (untilMs === undefined) continue;
    for (const { run } of makers) until.set(run, Math.max(until.get(run) ?? -Infinity, untilMs));
  }
  return until;
}

interface Ages {
  newest: ReadonlyMap<string, number>;
  until: ReadonlyMap<string, number>;
}

function endOf(makers: Owned['makers'], ages: Ages, rule: LeftoverRules): RunEnded | RunMayGoOn {
  const ends = makers.map(({ run }) => endOfRun(run, ages, rule));
  const [first = { kind: 'undated' as const }] = ends;
  if (ends.length === 1) return first;
  return ends.every(({ kind }) => kind === 'finished' || kind === 'old') ? first : { kind: 'ambiguous-name' };
}

function endOfRun(run: string, { newest, until }: Ages, rule: LeftoverRules): RunEnded | RunMayGoOn {
  const [newestMs, untilMs] = [newest.get(run), until.get(run)];
  if (rule.live?.has(run) === true) return { kind: 'live' };
  if (run !== '' && rule.finished.has(run)) return { kind: 'finished' };
  if (run === '' || newestMs === undefined) return { kind: 'undated' };
  if (untilMs !== undefined && rule.nowMs <= untilMs) return { kind: 'until', untilMs };
  // A date in the future is one of a wrong clock: as good as now.
  return { kind: rule.nowMs - newestMs > rule.timeoutMs ? 'old' : 'young', newestMs };
}

/** Why a resource stays whatever became of its run. */
function stateReason(
  resource: Resource,
  { unwanted, references }: LeftoverRules,
  decided: ReadonlyMap<string, LeftoverDecision>,
): LeftoverKeepReason | undefined {
  const goes = (id: string) => decided.get(id)?.action === 'delete';
  const state = resource.state ?? 'unknown';
  const inState: LeftoverKeepReason = { kind: 'state', state };
  switch (resource.type) {
    case 'instance':
      return state === 'terminated' ? inState : undefined;
    case 'spot-request':
      return state === 'open' || state === 'active' ? undefined : inState;
    case 'image': {
      // Packer 1.6 tags an image last: one without any tag is half made, whatever EC2 says. With a newer amazon plugin it
      // bears its machine's tags at once: once it is available, it is an unverified image, and retention's.
      const unfinished = Object.keys(resource.tags).length === 0 || isPackersFirst(resource);
      const half = state === 'pending' || state === 'failed' || (state === 'available' && unfinished);
      const failed = unwanted?.has(resource.name ?? '') === true && resource.tags[tag.verified] !== 'true';
      return half || failed ? useOf(resource, references) : inState;
    }
    case 'snapshot': {
      const stay = (resource.imageIds ?? []).filter((id) => !goes(id));
      if (stay.length > 0) return { kind: 'mapped', imageIds: stay };
      return references === undefined && hasLostImage(resource)
        ? { kind: 'image-gone' }
        : useOf(resource, references);
    }
    case 'volume':
      if (state === 'available') return undefined;
      if (resource.instanceId === undefined) return inState;
      return goes(resource.instanceId) ? undefined : { kind: 'attached', instanceId: resource.instanceId };
    case 'key-pair':
    case 'security-group':
      return undefined;
  }
}

/**
 * Whether a snapshot has the tags of an image that is gone. When that was deleted as too old, the snapshot may have
 * stayed since something maps it.
 */
function hasLostImage({ type, tags, imageIds = [] }: Resource): boolean {
  return type === 'snapshot' && imageIds.length === 0 && tag.run in tags;
}

/** Whether it must be known what uses a resource before it goes: it may have been whole. */
export function mayBeInUse(resource: Resource): boolean {
  return hasLostImage(resource) || (resource.type === 'image' && resource.state === 'available');
}

function useOf({ id }: Resource, references: References | undefined): LeftoverKeepReason | undefined {
  const users = references?.get(id) ?? [];
  return users.length > 0 ? { kind: 'in-use', users } : undefined;
}

function byPlace(a: Resource, b: Resource): number {
  const place = ({ run, node, type, id }: Resource) =>
    [run, node, String(resourceTypes.indexOf(type)), id].join('\0');
  const [left, right] = [place(a), place(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
