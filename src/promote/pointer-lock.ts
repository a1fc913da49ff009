import { z } from 'zod';
import { codeOf } from '../aws/ec2-failure.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { PromoteRecord } from './promote-record.ts';
import type { RegionAccount } from './promote-account.ts';

/** What the lock of a node says: who holds it, until when, and what it is moving the pointers to. */
export interface LockValue {
  /** Of one process: two processes of a pipeline run differ. */
  run: string;
  /** ISO 8601; from then on it is nobody's. */
  until: string;
  kind: PromoteRecord['kind'];
  /** The image in the own region that becomes current. */
  image: string;
}

const schema: z.ZodType<LockValue> = z.object({
  run: z.string(),
  until: z.iso.datetime(),
  kind: z.enum(['promote', 'rollback', 'revoke']),
  image: z.string(),
});

/** What a lock needs besides the account. */
export interface LockDeps {
  run: string;
  /** AWS's time. */
  now: () => Date;
  /** ms */
  pause: (ms: number) => Promise<unknown>;
  say: (line: string) => void;
  /** Aborted: nobody waits for a lock any more. */
  signal: AbortSignal;
}

/** A lock that is held. */
export interface PointerLock {
  /** @throws StageError (exit 4) when so much time has passed that another run may have taken it over */
  assertHeld: () => void;
  /** All is done: the lock goes. Does not throw for what AWS does: it ends by itself. */
  release: () => Promise<void>;
  /** Pointers differ between regions: the lock stays, as nobody's, to tell the next run what was being done. */
  abandon: () => Promise<void>;
}

/** Pointers take seconds; a run that was killed holds the others up no longer than this. */
const heldMs = 120_000;
/** Before the end nothing more is begun: a call that is repeated may take so long. */
const marginMs = 30_000;
const pollMs = 2_000;
/** How long others may hold it, one after the other. */
const patienceMs = 10 * 60_000;

/** The name of a node's lock, a parameter in the account's own region. */
export function lockName(node: string): string {
  return `/bakehouse/locks/${node}`;
}

/** What the last holder of a node's lock was doing; undefined: nothing is under way or was cut off. */
export async function readLock(own: RegionAccount, node: string): Promise<LockValue | undefined> {
  const name = lockName(node);
  const parameter = (await own.parameters([name])).get(name);
  return parameter === undefined ? undefined : lockValue(name, parameter.value);
}

function lockValue(name: string, text: string): LockValue {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StageError(
      `the parameter ${name} holds no lock of promote: delete it if no promote is running`,
      exitCode.nodeFailed,
      { cause },
    );
  }
}

/**
 * Takes the lock of a node's pointers, once no other run has it. PutParameter without Overwrite is the only conditional
 * write of Systems Manager. An expired lock is taken over with Overwrite; versions count up, so that of several that try
 * only one gets the version after the expired one's.
 * @throws StageError (exit 4) when others hold it for too long; the signal's reason
 */
export async function takeLock(
  own: RegionAccount,
  node: string,
  doing: Pick<LockValue, 'kind' | 'image'>,
  deps: LockDeps,
): Promise<PointerLock> {
  const name = lockName(node);
  const { run, now, pause, say, signal } = deps;
  const started = now().getTime();
  let isSaid = false;
  const put = async (value: LockValue, overwrite: boolean) =>
    own.putParameter({
      ...{ name, value: JSON.stringify(value), dataType: 'text', overwrite },
      description: `lock of bakehouse promote for ${node}; safe to delete when no promote is running`,
    });
  for (;;) {
    signal.throwIfAborted();
    const untilMs = now().getTime() + heldMs;
    const mine: LockValue = { run, until: new Date(untilMs).toISOString(), ...doing };
    if (await putNew(() => put(mine, false))) return held(mine, untilMs);
    const seen = (await own.parameters([name])).get(name);
    // It has been released since.
    if (seen === undefined) continue;
    const other = lockValue(name, seen.value);
    const waited = now().getTime() - started;
    if (Date.parse(other.until) > now().getTime()) {
      if (waited > patienceMs)
        throw new StageError(
          `other runs have held the lock ${name} for ${Math.round(waited / 60_000)} min (last ${other.run}): run promote again`,
          exitCode.unavailable,
        );
      if (!isSaid) say(`waits for ${other.run}, which is moving the pointers (at most until ${other.until})`);
      isSaid = true;
      await pause(pollMs);
      continue;
    }
    const version = await put(mine, true);
    // One: it was deleted in between, so that this made it anew.
    if (version === 1) return held(mine, untilMs);
    const history = await own.parameterHistory(name);
    const valueOf = (number: number) => history.find((one) => one.version === number)?.value;
    // The value too: a lock that was deleted and taken anew counts from 1 again.
    if (version === seen.version + 1 && valueOf(seen.version) === seen.value) return held(mine, untilMs);
    // Another was first: what it wrote is put back, so that it finds its own lock when it releases it.
    const first = valueOf(version - 1);
    if (first !== undefined) await put(lockValue(name, first), true);
  }

  function held(mine: LockValue, untilMs: number): PointerLock {
    const isMine = async () => {
      const parameter = (await own.parameters([name])).get(name);
      return parameter !== undefined && lockValue(name, parameter.value).run === mine.run;
    };
    // AWS may be gone, or a person may have written there: the lock ends by itself.
    const unlessFailed = async (change: () => Promise<unknown>) => {
      try {
        if (await isMine()) await change();
      } catch (error) {
        say(`the lock ${name} stays until ${mine.until}: ${error instanceof Error ? error.message : ''}`);
      }
    };
    return {
      assertHeld: () => {
        if (now().getTime() < untilMs - marginMs) return;
        throw new StageError(`the lock ${name} has expired: run promote again`, exitCode.unavailable);
      },
      release: () => unlessFailed(() => own.deleteParameter(name)),
      abandon: () => unlessFailed(() => put({ ...mine, until: now().toISOString() }, true)),
    };
  }
}

/** Whether a parameter was made; false: there is one already. */
async function putNew(put: () => Promise<unknown>): Promise<boolean> {
  try {
    await put();
    return true;
  } catch (error) {
    if (codeOf(error) === 'ParameterAlreadyExists') return false;
    throw error;
  }
}
