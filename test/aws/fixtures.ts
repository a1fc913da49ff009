import type { DeletionDeps } from '../../src/cleanup/delete-image.ts';
import type { Image, Snapshot } from '../../src/aws/images.ts';
import { StageError } from '../../src/lib/errors.ts';

export const hour = 60 * 60_000;
export const nowMs = Date.UTC(2026, 0, 2, 12);

/** An available, unverified image of a node, an hour old. */
export function imageOfNode(node: string, over: Partial<Image> = {}): Image {
  return {
    id: 'ami-0a',
    node,
    name: `${node}-1`,
    notOurs: undefined,
    bearsOurTags: node !== '',
    bakedMs: undefined,
    createdMs: nowMs - hour,
    state: 'available',
    verified: false,
    rejected: false,
    rejection: undefined,
    revoked: undefined,
    contents: undefined,
    copiedFrom: undefined,
    promotedMs: undefined,
    previous: undefined,
    run: 'run-1',
    snapshotIds: [],
    keepTag: false,
    protection: undefined,
    deleteAfterMs: undefined,
    digest: undefined,
    inputs: undefined,
    commit: undefined,
    sourceAmi: undefined,
    sourceInstanceId: undefined,
    sourceImageId: undefined,
    sourceImageRegion: undefined,
    isPublic: false,
    ...over,
  };
}

/** A complete snapshot that a bake of a node made three hours ago, with an image that is gone. */
export function snapshotOfNode(node: string, over: Partial<Snapshot> = {}): Snapshot {
  return {
    id: 'snap-0a',
    node,
    run: 'run-1',
    startedMs: nowMs - 3 * hour,
    state: 'completed',
    size: 8,
    keepTag: false,
    description: 'Created by CreateImage(i-0a)',
    strayTag: undefined,
    ...over,
  };
}

/** Two verified images of redis, of which the old one may go. */
export const old = imageOfNode('redis', {
  id: 'ami-old',
  verified: true,
  createdMs: nowMs - 2 * hour,
  snapshotIds: ['snap-old'],
});
export const recent = imageOfNode('redis', { id: 'ami-new', verified: true, snapshotIds: ['snap-new'] });
export const never = new AbortController().signal;
/** What EC2 answers when it denies a call, as a failure that says so. */
export const unavailable = () => Promise.reject(new StageError('DeregisterImage was denied', 4));

/** An error as EC2's answers become one. */
export function ec2Error(name: string): Error {
  return Object.assign(new Error(`${name} happened`), { name });
}

/** A world that has these images, each snapshot tagged and used by none; what is done to it is written down. */
export function deletionDeps(images: readonly Image[], over: Partial<DeletionDeps> = {}) {
  const done: string[] = [];
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  const world: DeletionDeps = {
    image: (id) => Promise.resolve(images.find((image) => image.id === id)),
    users: () => Promise.resolve([]),
    imagesOfNode: () => Promise.resolve([...images]),
    assertThere: () => Promise.resolve(),
    snapshot: (id) => Promise.resolve(snapshotOfNode('redis', { id })),
    imagesOf: (snapshot) =>
      Promise.resolve(images.filter(({ snapshotIds }) => snapshotIds.includes(snapshot)).map(({ id }) => id)),
    deregister: (id) => note(`deregister ${id}`),
    deleteSnapshot: (id) => note(`delete ${id}`),
    disable: (id) => note(`disable ${id}`),
    tag: (ids, key, value) => note(`tag ${ids.join(' ')} ${key}=${value}`),
    pause: () => note('pause'),
    ...over,
  };
  return { world, done };
}
