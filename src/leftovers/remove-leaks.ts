import { CloudError, codeOf } from '../aws/ec2-failure.ts';
import { type Thing, thingTypes } from './thing.ts';

/** What removing needs of EC2; each throws what EC2 throws. */
export interface RemovalWorld {
  /** The thing as it is now. */
  look: (thing: Thing) => Promise<Thing | undefined>;
  remove: (thing: Thing) => Promise<unknown>;
  /** Waits until an instance is terminated; throws when that takes too long, or the signal is aborted. */
  terminated: (instanceId: string, signal: AbortSignal) => Promise<unknown>;
  pause: (ms: number) => Promise<unknown>;
}

/** What became of a thing that was to be removed. */
interface LeakOutcome {
  /** `spared`: it is not any more what was decided on. `gone`: it went by itself, or somebody was faster. */
  kind: 'deleted' | 'gone' | 'spared' | 'failed' | 'not-done';
  why?: string;
}

/** What became of all, by the things' ids. */
export interface Removal {
  outcomes: ReadonlyMap<string, LeakOutcome>;
  /** Why the cloud was not available to us, if it was not. */
  unavailable?: string;
}

const pauseMs = 2_000;
const attempts = 5;

/** For some seconds after its user has gone, EC2 may still count a thing as in use. */
const stillUsed = /^(?:DependencyViolation|VolumeInUse|Invalid\w+\.InUse)$/;

/**
 * Removes things in the order in which one sets the next one free, each after another look at it. What fails does not
 * keep the rest; a cloud that is not available, and an aborted signal, leave the rest as it is. An image goes before
 * its instance: one without a tag is only found by it, and EC2 forgets that an hour after its end.
 */
export async function removeLeaks(
  things: readonly Thing[],
  world: RemovalWorld,
  signal: AbortSignal,
): Promise<Removal> {
  const outcomes = new Map<string, LeakOutcome>();
  const cloud: { unavailable?: string; away: boolean } = { away: false };
  const note = (thing: Thing, error: unknown) => {
    const why = (error as Error).message;
    outcomes.set(thing.id, { kind: 'failed', why });
    if (exitCodeOf(error) !== 4) return;
    cloud.unavailable ??= why;
    // One call that is denied says nothing of the others.
    cloud.away ||= !(error instanceof CloudError && error.problem === 'denied');
  };
  for (const type of thingTypes) {
    const ending: Thing[] = [];
    for (const thing of things.filter((one) => one.type === type)) {
      if (cloud.away || signal.aborted) {
        outcomes.set(thing.id, {
          kind: 'not-done',
          why: cloud.away ? 'not tried after the error' : 'interrupted before its turn',
        });
        continue;
      }
      try {
        const outcome = await removeOne(thing, world);
        outcomes.set(thing.id, outcome);
        if (type === 'instance' && outcome.kind === 'deleted') ending.push(thing);
      } catch (error) {
        note(thing, error);
      }
    }
    await Promise.all(
      ending.map(async (thing) => {
        try {
          await world.terminated(thing.id, signal);
        } catch (error) {
          if (signal.aborted) outcomes.set(thing.id, { kind: 'not-done', why: 'interrupted while it ended' });
          else note(thing, error);
        }
      }),
    );
  }
  return { outcomes, ...(cloud.unavailable === undefined ? {} : { unavailable: cloud.unavailable }) };
}

async function removeOne(planned: Thing, world: RemovalWorld): Promise<LeakOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === attempts;
    const now = await world.look(planned);
    const end = now === undefined ? ({ kind: 'gone' } as const) : changeSince(planned, now);
    if (end === undefined) {
      try {
        await world.remove(planned);
        return { kind: 'deleted' };
      } catch (error) {
        const code = codeOf(error);
        if (/\.(?:NotFound|Unknown)$/.test(code)) return { kind: 'gone' };
        if (!stillUsed.test(code) || last) throw error;
      }
    } else if (!('soon' in end) || last) {
      return { kind: end.kind, ...('why' in end ? { why: end.why } : {}) };
    }
    await world.pause(pauseMs);
  }
}

type Change = { kind: 'gone' } | { kind: 'spared'; why: string; soon?: true };

/** What has become of a thing since it was decided on; undefined: it may go. `soon`: worth another look. */
function changeSince(planned: Thing, now: Thing): Change | undefined {
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

function sameTags(a: Thing, b: Thing): boolean {
  const keys = Object.keys(a.tags);
  return keys.length === Object.keys(b.tags).length && keys.every((key) => a.tags[key] === b.tags[key]);
}

function exitCodeOf(error: unknown): unknown {
  return (error as { exitCode?: unknown }).exitCode;
}
