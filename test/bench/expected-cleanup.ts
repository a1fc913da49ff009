import {
  type AccountSize,
  createdMs,
  imageId,
  isPinning,
  parentOf,
  usedImages,
  verdictOf,
} from './large-account.ts';

/** Images of each node that cleanup keeps, unless it is told otherwise. */
const keep = 5;

/** The images of such an account that may go, the oldest first: worked out anew, not by what is measured. */
export function expectedToGo(size: AccountSize, nowMs: number): string[] {
  const used = usedImages(size);
  const going: { id: string; created: number }[] = [];
  const indexes = Array.from({ length: size.imagesPerNode }, (_, index) => index);
  for (let node = 0; node < size.nodes; node += 1)
    for (const index of indexes) used.add(parentOf(node, index));
  for (let node = 0; node < size.nodes; node += 1) {
    const good = indexes.filter((index) => verdictOf(index) !== 'rejected');
    const kept = new Set([
      ...good.slice(0, keep),
      ...good.filter((index) => verdictOf(index) === 'verified').slice(0, keep),
    ]);
    for (const index of indexes) {
      const id = imageId(node, index);
      if (!kept.has(index) && !used.has(id)) going.push({ id, created: createdMs(node, index, nowMs) });
    }
  }
  return going.sort((a, b) => a.created - b.created).map(({ id }) => id);
}

/** The calls that a plan cannot do without, by the sizes of pages that the services allow (or cleanup asks for). */
export function expectedCalls(size: AccountSize, fuse: number): Map<string, number> {
  const pages = (count: number, perPage: number) => Math.max(1, Math.ceil(count / perPage));
  const images = size.nodes * size.imagesPerNode;
  const pinned = Array.from({ length: size.groups }, (_, n) => n).filter(isPinning);
  return new Map([
    ['autoscaling:DescribeAutoScalingGroups', pages(size.groups, 100)],
    // Of one group, the API has no other.
    ['autoscaling:DescribeInstanceRefreshes', size.groups],
    ['autoscaling:DescribeLaunchConfigurations', 1],
    ['ec2:DescribeFleets', 1],
    // Of one image; only for those that are to go.
    ['ec2:DescribeImageAttribute', fuse],
    ['ec2:DescribeImageReferences', pages(fuse, 10)],
    ['ec2:DescribeImages', pages(images, 500)],
    // Those that use an image, and the runs that go on.
    ['ec2:DescribeInstances', pages(size.instances, 500) + 1],
    // The default and the latest of all, and one call for each template of which another version is pinned.
    [
      'ec2:DescribeLaunchTemplateVersions',
      pages(2 * size.templates, 200) + new Set(pinned.map((n) => n % size.templates)).size,
    ],
    ['ec2:DescribeSnapshots', pages(images, 500)],
    ['ec2:DescribeSpotFleetRequests', 1],
    ['ec2:DescribeSpotInstanceRequests', 1],
    ['ssm:DescribeParameters', pages(size.parameters, 50)],
    ['ssm:GetParameters', pages(size.parameters, 10)],
    ['sts:GetCallerIdentity', 1],
  ]);
}

/** The calls that `--verbose` says on stderr: `ec2:DescribeImages 20 calls`. */
export function callsIn(stderr: string): Map<string, number> {
  return new Map(
    [...stderr.matchAll(/^(\w+:\w+) (\d+) calls?\b/gm)].map(([, action = '', count]) => [
      action,
      Number(count),
    ]),
  );
}
