import type { CleanupDeps } from '../../src/cleanup/clean-up-images.ts';
import type { CopyCalls } from '../../src/cleanup/copies-now.ts';
import type { Image, Snapshot } from '../../src/aws/images.ts';
import type { Reference } from '../../src/references/reference.ts';
import { ec2Error } from '../aws/fixtures.ts';

/** An account as a test lays it out: plain data, which a cleanup may change. */
export interface Contents {
  images: Image[];
  /** `tagged` false: no bake's. */
  snapshots: (Snapshot & { tagged: boolean })[];
  /** Seen by the look-ups of the whole region. */
  references: [id: string, Reference][];
  /** Seen only when one image is looked at. */
  hidden: [id: string, Reference][];
  withInstances: string[];
  nowMs: number;
}

/** The account kills its caller at this call, before or after the call's effect. */
export interface Kill {
  atCall: number;
  after: boolean;
}

/** EC2 as far as a cleanup sees it, in memory: it refuses what EC2 refuses, and notes what was done. */
export class Account {
  readonly images: Map<string, Image>;
  readonly snapshots: Map<string, Snapshot & { tagged: boolean }>;
  calls = 0;
  readonly done: string[] = [];
  readonly #contents: Contents;
  readonly #kill: Kill | undefined;

  constructor(contents: Contents, kill?: Kill) {
    this.#contents = contents;
    this.#kill = kill;
    this.images = new Map(contents.images.map((image) => [image.id, { ...image }]));
    this.snapshots = new Map(contents.snapshots.map((snapshot) => [snapshot.id, { ...snapshot }]));
  }

  /** What is left, to begin anew with. */
  contents(over: Partial<Contents> = {}): Contents {
    return {
      ...this.#contents,
      images: [...this.images.values()],
      snapshots: [...this.snapshots.values()],
      ...over,
    };
  }

  readonly world: CleanupDeps & CopyCalls = {
    region: 'us-east-1',
    account: '123456789012',
    now: () => new Date(this.#contents.nowMs),
    record: () => Promise.resolve(),
    pause: () => Promise.resolve(),
    images: () => this.#call(() => [...this.images.values()]),
    snapshots: () => this.#call(() => [...this.snapshots.values()].filter(({ tagged }) => tagged)),
    runsWithInstances: () => this.#call(() => new Set(this.#contents.withInstances)),
    references: () => this.#call(() => byId(this.#contents.references)),
    confirm: (ids) =>
      this.#call(() => ({
        references: byId(this.#contents.hidden.filter(([id]) => ids.includes(id))),
        crossCheck: 'done' as const,
      })),
    image: (id) => this.#call(() => this.images.get(id)),
    users: (id) =>
      this.#call(() =>
        [...this.#contents.references, ...this.#contents.hidden]
          .filter(([used]) => used === id)
          .map(([, reference]) => reference),
      ),
    copiesTagged: (copiedFrom) =>
      this.#call(() => [...this.images.values()].filter((image) => image.copiedFrom === copiedFrom)),
    imagesOfNode: () => this.#call(() => [...this.images.values()]),
    assertThere: (ids) =>
      this.#call(() => {
        if (ids.some((id) => !this.images.has(id))) throw ec2Error('InvalidAMIID.NotFound');
      }),
    snapshot: (id) =>
      this.#call(() => {
        const found = this.snapshots.get(id);
        if (found === undefined) throw ec2Error('InvalidSnapshot.NotFound');
        return { ...found, node: found.tagged ? found.node : '' };
      }),
    imagesOf: (id) => this.#call(() => this.#imagesOf(id)),
    deregister: (id) =>
      this.#call(() => {
        const image = this.images.get(id);
        if (image === undefined) throw ec2Error('InvalidAMIID.Unavailable');
        if (image.protection !== undefined) throw ec2Error('OperationNotPermitted');
        this.images.delete(id);
        this.done.push(`deregister ${id}`);
      }),
    deleteSnapshot: (id) =>
      this.#call(() => {
        if (!this.snapshots.has(id)) throw ec2Error('InvalidSnapshot.NotFound');
        if (this.#imagesOf(id).length > 0) throw ec2Error('InvalidSnapshot.InUse');
        this.snapshots.delete(id);
        this.done.push(`delete ${id}`);
      }),
    disable: (id) =>
      this.#call(() => {
        const image = this.images.get(id);
        if (image === undefined) throw ec2Error('InvalidAMIID.NotFound');
        this.images.set(id, { ...image, state: 'disabled' });
        this.done.push(`disable ${id}`);
      }),
    tag: (ids, key, value) =>
      this.#call(() => {
        for (const id of ids) this.#tag(id, key, value);
      }),
  };

  #tag(id: string, key: string, value: string) {
    const image = this.images.get(id);
    if (image !== undefined) {
      const change = key === 'bakehouse:node' ? { node: value } : { deleteAfterMs: Date.parse(value) };
      this.images.set(id, { ...image, ...change });
    }
    const snapshot = this.snapshots.get(id);
    if (snapshot !== undefined) this.snapshots.set(id, { ...snapshot, tagged: true, node: value });
  }

  #imagesOf(snapshot: string): string[] {
    return [...this.images.values()]
      .filter(({ snapshotIds }) => snapshotIds.includes(snapshot))
      .map(({ id }) => id);
  }

  /** A killed caller does nothing more: from then on every call is refused. */
  async #call<T>(effect: () => T): Promise<T> {
    await Promise.resolve();
    const { atCall, after } = this.#kill ?? { atCall: Infinity, after: false };
    const call = this.calls++;
    if (call > atCall || (call === atCall && !after)) throw ec2Error('Killed');
    const result = effect();
    if (call === atCall) throw ec2Error('Killed');
    return result;
  }
}

function byId(found: readonly [string, Reference][]): Map<string, Reference[]> {
  const all = new Map<string, Reference[]>();
  for (const [id, reference] of found) all.set(id, [...(all.get(id) ?? []), reference]);
  return all;
}
