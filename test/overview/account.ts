import type { Image, Snapshot } from '../../src/aws/images.ts';
import type { Resource } from '../../src/leftovers/resource.ts';
import type { Node } from '../../src/nodes/node.ts';
import type { OverviewAccount } from '../../src/overview/read-overview.ts';
import type { RegionCalls } from '../../src/overview/region-facts.ts';
import type { FoundReference } from '../../src/references/reference.ts';
import { byId } from '../../src/references/reference.ts';
import { imageOfNode, nowMs, snapshotOfNode } from '../aws/fixtures.ts';
import { nodesOf } from '../promote/promotion.ts';

/** What a region has, as a test lays it out. */
export interface RegionContents {
  images?: Image[];
  snapshots?: Snapshot[];
  references?: FoundReference[];
  parameters?: Record<string, string>;
}

/** The calls of a region that fail, each with what it throws; `connect`: it cannot be reached. */
export type Failures = Partial<Record<keyof RegionCalls | 'connect' | 'resources' | 'account', Error>>;

export const own = 'us-east-1';
export const other = 'eu-west-1';

/** An account in memory that notes which calls were made. */
export function memoryAccount(
  regions: Record<string, RegionContents>,
  failures: Record<string, Failures> = {},
  resources: Resource[] = [],
) {
  const calls: string[] = [];
  const answer = <T>(region: string, call: keyof Failures, value: T): Promise<T> => {
    calls.push(`${region} ${call}`);
    const failure = failures[region]?.[call];
    return failure === undefined ? Promise.resolve(value) : Promise.reject(failure);
  };
  const account: OverviewAccount = {
    region: own,
    account: () => answer(own, 'account', '123456789012'),
    now: () => new Date(nowMs),
    resources: () => answer(own, 'resources', resources),
    connect: (region) => {
      const { images = [], snapshots = [], references = [], parameters = {} } = regions[region] ?? {};
      return answer(region, 'connect', {
        images: () => answer(region, 'images', images),
        snapshots: () => answer(region, 'snapshots', snapshots),
        references: () => answer(region, 'references', byId(references)),
        parameters: (names: readonly string[]) =>
          answer(
            region,
            'parameters',
            new Map(Object.entries(parameters).filter(([name]) => names.includes(name))),
          ),
      });
    },
  };
  return { account, calls };
}

const [first] = nodesOf(
  `redis: {group: redis, max_age: 30d, promote: {regions: {${other}: {}}, parameter: /images/redis}}`,
);
if (first === undefined) throw new Error('there is a node');
/** A node that is promoted to the other region, too. */
export const redis: Node = first;

/** A verified image of a node, baked some hours ago. */
export function bakeOf(node: string, id: string, hoursAgo: number, over: Partial<Image> = {}): Image {
  const bakedMs = nowMs - hoursAgo * 3_600_000;
  return imageOfNode(node, {
    ...{ id, name: `${node}-${Math.floor(bakedMs / 1000)}`, bakedMs, createdMs: bakedMs + 60_000 },
    ...{ verified: true, snapshotIds: [`snap-${id}`], ...over },
  });
}

/** promote's copy of an image. */
export function copyOf(image: Image, id: string, over: Partial<Image> = {}): Image {
  return {
    ...image,
    ...{ id, copiedFrom: `${own}/${image.id}`, sourceImageId: image.id, sourceImageRegion: own },
    ...{ snapshotIds: [`snap-${id}`], ...over },
  };
}

/** The snapshots of images. */
export function snapshotsOf(images: readonly Image[]): Snapshot[] {
  return images.flatMap(({ node, snapshotIds }) => snapshotIds.map((id) => snapshotOfNode(node, { id })));
}
