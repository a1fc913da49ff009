import pLimit, { type LimitFunction } from 'p-limit';
import { failureOf } from '../aws/call-failure.ts';
import { codeOf } from '../aws/ec2-failure.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { durationText } from '../lib/printable.ts';
import type { Node } from '../nodes/node.ts';
import type { CopyRequest, RegionAccount, RegionImage } from './promote-account.ts';
import { copyRequest, type RegionPlan } from './region-plan.ts';

/** What copying needs besides the account. */
export interface CopyDeps {
  /** AWS's time. */
  now: () => Date;
  /** ms */
  pause: (ms: number) => Promise<unknown>;
  /** Aborted: nobody waits for a copy any more; those that have begun go on. */
  signal: AbortSignal;
  /** How long to wait for a copy, ms. */
  copyMs: number;
}

/** EC2 allows 100 at a time in a region; there may be other runs, and other people. */
const atOnce = 5;
const firstPauseMs = 2_000;
const longestPauseMs = 15_000;
/** A new image may be missing in answers for so long. */
const invisibleMs = 60_000;
/** What a copy was made of may come back again and again from one token. */
const attempts = 3;

type OnCopied = (percent: number) => void;

/** Makes copies of images in regions, a few at a time in each, and waits for them: one question for all of a region. */
export class CopyMaker {
  readonly #deps: CopyDeps;
  readonly #queues = new Map<string, LimitFunction>();
  readonly #watches = new Map<string, ImageWatch>();

  constructor(deps: CopyDeps) {
    this.#deps = deps;
  }

  /**
   * The image in the region of a plan, once it is available there.
   * @param onCopied gets how much of it EC2 has copied, in percent, where EC2 says so
   * @throws StageError exit 3 when EC2 could not make it, 4 when it takes too long; the signal's reason
   */
  async ensure(
    { state: { account, region }, copy }: RegionPlan,
    node: Node,
    original: RegionImage,
    own: string,
    onCopied: OnCopied = () => undefined,
  ): Promise<RegionImage> {
    if (copy.kind === 'original' || copy.kind === 'there') return copy.image;
    const queue = this.#queues.get(region) ?? pLimit(atOnce);
    this.#queues.set(region, queue);
    const { kind } = copy;
    return queue(async () => {
      this.#deps.signal.throwIfAborted();
      if (kind === 'pending')
        return available(await this.#wait(account, copy.image.id, onCopied), region, copy.image.id);
      const kmsKey = node.promote.regions[region]?.kmsKey;
      const request = (after: readonly string[]) => copyRequest(original, own, { region, kmsKey }, after);
      return this.#make(account, copy.failed?.id, request, onCopied);
    });
  }

  async #make(
    account: RegionAccount,
    failed: string | undefined,
    request: (after: readonly string[]) => CopyRequest,
    onCopied: OnCopied,
  ): Promise<RegionImage> {
    const after = failed === undefined ? [] : [failed];
    // It holds the name.
    if (failed !== undefined) await deregister(account, failed);
    for (;;) {
      this.#deps.signal.throwIfAborted();
      const id = await account.copyImage(request(after));
      const image = await this.#wait(account, id, onCopied);
      // An earlier copy, which somebody has deregistered: EC2 remembers a token for a day.
      if (image !== undefined || after.length >= attempts) return available(image, account.region, id);
      after.push(id);
    }
  }

  async #wait(account: RegionAccount, id: string, onCopied: OnCopied): Promise<RegionImage | undefined> {
    const watch = this.#watches.get(account.region) ?? new ImageWatch(account, this.#deps);
    this.#watches.set(account.region, watch);
    return watch.settled(id, onCopied);
  }
}

async function deregister(account: RegionAccount, id: string): Promise<void> {
  try {
    await account.deregister(id);
  } catch (error) {
    if (!codeOf(error).startsWith('InvalidAMIID.')) throw error;
  }
}

function available(image: RegionImage | undefined, region: string, id: string): RegionImage {
  if (image?.state === 'available') return image;
  const why =
    image === undefined
      ? 'is gone: somebody deregistered it'
      : `is ${image.state}${image.stateReason === undefined ? '' : ` (${image.stateReason})`}`;
  throw new StageError(
    `${region}: the copy ${id} ${why}; run promote again to make a new one`,
    exitCode.nodeFailed,
  );
}

/** An image that is no longer pending, undefined where it is gone; or why nobody waits for it any more: an error, or a signal's name. */
type Settled = { image: RegionImage | undefined } | { error: unknown };

interface Waiting {
  sinceMs: number;
  onCopied: OnCopied;
  end: (settled: Settled) => void;
}

/** Waits for images of a region that EC2 is making. */
class ImageWatch {
  readonly #account: RegionAccount;
  readonly #deps: CopyDeps;
  readonly #waiting = new Map<string, Waiting>();
  #isRunning = false;

  constructor(account: RegionAccount, deps: CopyDeps) {
    this.#account = account;
    this.#deps = deps;
  }

  /** The image once it is no longer pending; undefined: it is gone. */
  async settled(id: string, onCopied: OnCopied): Promise<RegionImage | undefined> {
    const ended = new Promise<Settled>((resolve) => {
      this.#waiting.set(id, { sinceMs: this.#deps.now().getTime(), onCopied, end: resolve });
    });
    if (!this.#isRunning) void this.#run();
    const settled = await ended;
    if ('error' in settled) throw settled.error;
    return settled.image;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { signal, pause } = this.#deps;
    // A copy takes minutes, but for one that is there already.
    let pauseMs = firstPauseMs;
    try {
      while (this.#waiting.size > 0) {
        signal.throwIfAborted();
        await this.#ask();
        if (this.#waiting.size > 0 && pauseMs > firstPauseMs) await this.#sayCopied();
        if (this.#waiting.size > 0) await pause(pauseMs);
        pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
      }
    } catch (error) {
      for (const id of this.#waiting.keys()) this.#end(id, { error });
    } finally {
      this.#isRunning = false;
    }
  }

  async #ask(): Promise<void> {
    const { now, copyMs } = this.#deps;
    const { region } = this.#account;
    const asked = [...this.#waiting.keys()];
    const found = new Map((await this.#account.imagesById(asked)).map((image) => [image.id, image]));
    for (const id of asked) {
      const image = found.get(id);
      const waitedMs = now().getTime() - (this.#waiting.get(id)?.sinceMs ?? 0);
      if (image !== undefined && image.state !== 'pending') this.#end(id, { image });
      else if (image === undefined && waitedMs >= invisibleMs) this.#end(id, { image: undefined });
      else if (waitedMs >= copyMs) {
        const message = `${region}: the copy ${id} is still pending after ${durationText(copyMs)} (--copy-timeout): run promote again, which goes on with it`;
        this.#end(id, { error: new StageError(message, exitCode.unavailable) });
      }
    }
  }

  /** How far the copies are; that it is not known stops none. */
  async #sayCopied(): Promise<void> {
    const copied = await this.#account.copied([...this.#waiting.keys()]).catch((error: unknown) => {
      failureOf(error);
      return new Map<string, number>();
    });
    for (const [id, percent] of copied) this.#waiting.get(id)?.onCopied(percent);
  }

  #end(id: string, settled: Settled): void {
    this.#waiting.get(id)?.end(settled);
    this.#waiting.delete(id);
  }
}
