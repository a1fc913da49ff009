import type { Reservation } from '@aws-sdk/client-ec2';
import { collectPages, type Page } from './pages.ts';
import { tag, tagMap } from './tags.ts';

/** A call of DescribeInstances by filters. */
export type DescribeTaggedInstances = (query: {
  Filters: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Reservations?: Reservation[] | undefined } & Page>;

/** Every state but terminated: one that is being stopped is still being made an image of. */
const alive = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];

/** The runs of ours that have an instance, and so go on, or were killed: then `cleanup --leaks` ends them. */
export async function runsWithInstances(describe: DescribeTaggedInstances): Promise<Set<string>> {
  const filters = [
    { Name: 'tag-key', Values: [tag.run] },
    { Name: 'instance-state-name', Values: alive },
  ];
  const runs = await collectPages(
    (next) => describe({ Filters: filters, MaxResults: 500, ...next }),
    ({ Reservations: reservations }) =>
      reservations
        ?.flatMap(({ Instances: instances = [] }) => instances)
        .map(({ Tags }) => tagMap(Tags).get(tag.run) ?? ''),
    'ec2:DescribeInstances',
  );
  return new Set(runs.filter((run) => run !== ''));
}
