import type { Snapshot as Ec2Snapshot } from '@aws-sdk/client-ec2';
import { malformed } from './ec2-failure.ts';
import { strayTag } from './ours.ts';
import { collectPages, type Page } from './pages.ts';
import { tag, tagMap } from './tags.ts';

/** A snapshot that bears a bake's tags; whose it is, `ours.ts` says. */
export interface Snapshot {
  id: string;
  node: string;
  run: string;
  /** Milliseconds since the epoch; undefined when EC2 does not say. */
  startedMs: number | undefined;
  state: string;
  /** GiB; what EC2 says that a full copy of it takes, else its volume's size. */
  size: number;
  keepTag: boolean;
  /** As whoever made it wrote, EC2 for instance. */
  description: string;
  /** A tag that no bake puts on a snapshot. */
  strayTag: string | undefined;
}

/** A call of DescribeSnapshots. */
export type DescribeSnapshots = (query: {
  OwnerIds: string[];
  Filters: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Snapshots?: Ec2Snapshot[] | undefined } & Page>;

const pageSize = 500;
const gib = 2 ** 30;

/** The snapshots of this account that bear a node's tag, in no order. */
export async function listSnapshots(describe: DescribeSnapshots): Promise<Snapshot[]> {
  const filters = [{ Name: 'tag-key', Values: [tag.node] }];
  const found = await collectPages(
    (next) => describe({ OwnerIds: ['self'], Filters: filters, MaxResults: pageSize, ...next }),
    ({ Snapshots: snapshots }) => snapshots?.map(snapshotOf),
    'ec2:DescribeSnapshots',
  );
  return [...new Map(found.map((snapshot) => [snapshot.id, snapshot])).values()];
}

/**
 * A snapshot as EC2 describes it, in our words.
 * @throws CloudError when it has no id
 */
export function snapshotOf(snapshot: Ec2Snapshot): Snapshot {
  const tags = tagMap(snapshot.Tags);
  const { SnapshotId: id, State: state = 'unknown', FullSnapshotSizeInBytes: bytes } = snapshot;
  if (id === undefined) throw malformed('ec2:DescribeSnapshots', 'a snapshot has no id');
  return {
    id,
    node: tags.get(tag.node) ?? '',
    run: tags.get(tag.run) ?? '',
    startedMs: snapshot.StartTime?.getTime(),
    state,
    // 0 is what EC2 says as long as it does not know.
    size: bytes === undefined || bytes === 0 ? (snapshot.VolumeSize ?? 0) : bytes / gib,
    keepTag: tags.has(tag.keep),
    description: snapshot.Description ?? '',
    strayTag: strayTag(tags.keys()),
  };
}
