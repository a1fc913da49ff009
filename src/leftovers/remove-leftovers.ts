import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { orUnavailable, CloudError, codeOf } from '../aws/ec2-failure.ts';
import type { References } from '../references/reference.ts';
import {
  decideLeftovers,
  type LeftoverDecision,
  type LeftoverRules,
  mayBeInUse,
} from './decide-leftovers.ts';
import { type Resource, resourceTypes } from './resource.ts';

/** Which leftovers to look for, and whether to remove them. */
export interface LeftoverRequest extends Omit<LeftoverRules, 'nowMs' | 'references'> {
  /** Remove; otherwise it stays a plan. */
  apply: boolean;
  signal: AbortSignal;
}

/** What finding and removing leftovers needs. */
export interface LeftoverRemovalDeps extends RemovalDeps {
  resources: () => Promise<Resource[]>;
  /** By the cloud's clock, once it has answered. */
  now: () => Date;
  /** What uses any image or snapshot of the region; none: it is not known. */
  references?: () => Promise<References>;
  /** Keeps what is known so far; called before the first resource is removed. */
  record?: (cleanup: LeftoverCleanup) => Promise<void>;
}

/** What was decided, and what was done. */
export interface LeftoverCleanup extends Removal {
  madeAtMs: number;
  apply: boolean;
  decisions: LeftoverDecision[];
}

/**
 * Decides what the ended runs left behind, and removes it with `apply`.
 * @throws whatever a call throws, before anything is removed.
 */
export async function removeLeftovers(
  request: LeftoverRequest,
  deps: LeftoverRemovalDeps,
): Promise<LeftoverCleanup> {
  const resources = await orUnavailable(deps.resources());
  const nowMs = deps.now().getTime();
  const decisions = await orUnavailable(decideKnowingUsers(resources, { ...request, nowMs }, deps));
  const plan: LeftoverCleanup = { madeAtMs: nowMs, apply: request.apply, decisions, outcomes: new Map() };
  await deps.record?.(plan);
  if (!request.apply) return plan;
  const toDelete = decisions.filter(({ action }) => action === 'delete').map(({ resource }) => resource);
  const done = { ...plan, ...(await removeResources(toDelete, deps, request.signal)) };
  await deps.record?.(done);
  return done;
}

/**
 * Decides what is a leftover. What uses images is only asked when it may matter: it takes many calls and permissions.
 * @throws whatever `references` throws
 */
export async function decideKnowingUsers(
  resources: readonly Resource[],
  rule: LeftoverRules,
  deps: Pick<LeftoverRemovalDeps, 'references'>,
): Promise<LeftoverDecision[]> {
  const atMost = decideLeftovers(resources, { ...rule, references: new Map() });
  if (!atMost.some(({ action, resource }) => action === 'delete' && mayBeInUse(resource))) return atMost;
  return decideLeftovers(resources, { ...rule, references: await deps.references?.() });
}

/** What removing needs of EC2; each throws what EC2 throws. */
interface RemovalDeps {
  /** The resource as it is now; undefined: it is gone. */
  current: (resource: Resource) => Promise<Resource | undefined>;
  remove: (resource: Resource) => Promise<unknown>;
  /** Waits until an instance is terminated; throws when that takes too long, or the signal is aborted. */
  terminated: (instanceId: string, signal: AbortSignal) => Promise<unknown>;
  pause: (ms: number) => Promise<unknown>;
  /** Gets of how many resources it is known what became of them. */
  onStep?: (done: number, of: number) => void;
}

/** What became of a resource that was to be removed. */
interface LeftoverOutcome {
  /** `spared`: it has changed since the decision. `gone`: it ended by itself, or somebody else removed it first. */
  kind: 'deleted' | 'gone' | 'spared' | 'failed' | 'not-done';
  why?: string;
}

/** What became of all, by the resources' ids. */
interface Removal {
  outcomes: ReadonlyMap<string, LeftoverOutcome>;
  /** Why the cloud was not available to us, if it was not. */
  unavailable?: string;
}

const pauseMs = 2_000;
const attempts = 5;

/** For some seconds after its user has gone, EC2 may still count a resource as in use. */
const stillUsed = /^(?:DependencyViolation|VolumeInUse|Invalid\w+\.InUse)$/;

/**
 * Removes resources in the order in which one frees the next, each after reading it again. A failure does not stop the
 * rest; a cloud that is not available, and an aborted signal, leave the rest as it is. An image goes before
 * its instance: one without a tag is only found by it, and EC2 forgets that an hour after its end.
 */
async function removeResources(
  resources: readonly Resource[],
  deps: RemovalDeps,
  signal: AbortSignal,
): Promise<Removal> {
  const outcomes = new Map<string, LeftoverOutcome>();
  const cloud: { unavailable?: string; away: boolean } = { away: false };
  const note = (resource: Resource, error: unknown) => {
    const why = (error as Error).message;
    outcomes.set(resource.id, { kind: 'failed', why });
    if (exitCodeOf(error) !== exitCode.unavailable) return;
    cloud.unavailable ??= why;
    // One call that is denied says nothing of the others.
    cloud.away ||= !(error instanceof CloudError && error.problem === 'denied');
  };
  for (const type of resourceTypes) {
    const ending: Resource[] = [];
    for (const resource of resources.filter((one) => one.type === type)) {
      if (cloud.away || signal.aborted) {
        outcomes.set(resource.id, {
          kind: 'not-done',
          why: cloud.away ? 'not tried after the error' : 'interrupted before its turn',
        });
        continue;
      }
      try {
        const outcome = await removeOne(resource, deps);
        outcomes.set(resource.id, outcome);
        if (type === 'instance' && outcome.kind === 'deleted') ending.push(resource);
      } catch (error) {
        note(resource, error);
      }
      deps.onStep?.(outcomes.size, resources.length);
    }
    await Promise.all(
      ending.map(async (resource) => {
        try {
          await deps.terminated(resource.id, signal);
        } catch (error) {
          if (signal.aborted)
            outcomes.set(resource.id, { kind: 'not-done', why: 'interrupted while it ended' });
          else note(resource, error);
        }
      }),
    );
  }
  return { outcomes, ...(cloud.unavailable === undefined ? {} : { unavailable: cloud.unavailable }) };
}

async function removeOne(planned: Resource, deps: RemovalDeps): Promise<LeftoverOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === attempts;
    const now = await deps.current(planned);
    const end = now === undefined ? ({ kind: 'gone' } as const) : changeSince(planned, now);
    if (end === undefined) {
      try {
        await deps.remove(planned);
        return { kind: 'deleted' };
      } catch (error) {
        const code = codeOf(error);
        if (/\.(?:NotFound|Unknown)$/.test(code)) return { kind: 'gone' };
        if (!stillUsed.test(code) || last) throw error;
      }
    } else if (!('soon' in end) || last) {
      return { kind: end.kind, ...('why' in end ? { why: end.why } : {}) };
    }
    await deps.pause(pauseMs);
  }
}

type Change = { kind: 'gone' } | { kind: 'spared'; why: string; soon?: true };

/** What has become of a resource since it was decided on; undefined: it may go. `soon`: worth reading again. */
function changeSince(planned: Resource, now: Resource): Change | undefined {
  if (!sameTags(planned, now)) return { kind: 'spared', why: 'its tags have changed' };
  const { state = '' } = now;
  switch (planned.type) {
    case 'spot-request':
      return state === 'open' || state === 'active' ? undefined : { kind: 'gone' };
    case 'image':
      if (now.usedBy !== undefined) return { kind: 'spared', why: `${now.usedBy} was launched from it` };
      // Without a tag it is half made, also when it became available meanwhile.
      if (state === planned.state || (state === 'available' && Object.keys(now.tags).length === 0))
        return undefined;
      return state === 'deregistered' ? { kind: 'gone' } : { kind: 'spared', why: `it is ${state} now` };
    case 'instance':
      return state === 'terminated' ? { kind: 'gone' } : undefined;
    case 'snapshot': {
      const [image] = now.imageIds ?? [];
      // Once its image is deregistered, EC2 may list that for a moment more.
      const expected = image !== undefined && planned.imageIds?.includes(image) === true;
      if (image === undefined) return undefined;
      return { kind: 'spared', why: `it belongs to ${image} now`, ...(expected ? { soon: true } : {}) };
    }
    case 'volume':
      if (state === 'available') return undefined;
      if (state === 'deleting' || state === 'deleted') return { kind: 'gone' };
      return {
        kind: 'spared',
        why: now.instanceId === undefined ? `it is ${state} now` : `it is attached to ${now.instanceId}`,
        ...(now.instanceId === planned.instanceId ? { soon: true } : {}),
      };
    case 'key-pair':
    case 'security-group':
      return undefined;
  }
}

function sameTags(a: Resource, b: Resource): boolean {
  const keys = Object.keys(a.tags);
  return keys.length === Object.keys(b.tags).length && keys.every((key) => a.tags[key] === b.tags[key]);
}
