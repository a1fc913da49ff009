import type { AutoScalingGroup, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import { codeOf } from '../aws/ec2-failure.ts';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import { nameOf, sourceOfGroup, usesOfConfiguration } from './auto-scaling-group.ts';
import { allUses, type User, type Uses } from './launch-source.ts';
import { together } from './together.ts';

/** A call of DescribeInstanceRefreshes: of one group, the API has no other. */
export type DescribeInstanceRefreshes = (query: {
  AutoScalingGroupName: string;
  MaxRecords: number;
  NextToken?: string;
}) => Promise<{ InstanceRefreshes?: InstanceRefresh[] | undefined } & Page>;

const call = 'autoscaling:DescribeInstanceRefreshes';
/** In any other state it goes on, or goes back. */
const over = new Set(['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful']);

/** What the refreshes that are going on in these groups bring in, and what they would go back to. */
export async function findRefreshes(
  groups: readonly AutoScalingGroup[],
  describe: DescribeInstanceRefreshes,
): Promise<Uses> {
  return allUses(await together(groups.map((group) => refreshesOf(group, describe))));
}

async function refreshesOf(group: AutoScalingGroup, describe: DescribeInstanceRefreshes): Promise<Uses> {
  const name = nameOf(group);
  try {
    const uses = await collectPages(
      (next) => describe({ AutoScalingGroupName: name, MaxRecords: 100, ...next }),
      ({ InstanceRefreshes: refreshes }) => refreshes?.map((refresh) => usesOfRefresh(refresh, group)),
      call,
    );
    return allUses(uses);
  } catch (error) {
    if (isGone(error)) return { found: [], pins: [] };
    throw error;
  }
}

function usesOfRefresh(refresh: InstanceRefresh, group: AutoScalingGroup): Uses {
  const id = known(refresh.InstanceRefreshId, call, "an instance refresh's id");
  const by = `instance refresh ${id} of Auto Scaling group ${nameOf(group)}`;
  if (over.has(known(refresh.Status, call, `the status of ${by}`))) return { found: [], pins: [] };
  const user: User = { kind: 'instance-refresh', by, call };
  return allUses([
    usesOfConfiguration(refresh.DesiredConfiguration ?? {}, user),
    sourceOfGroup(group, { ...user, by: `a rollback of ${by}` }),
  ]);
}

/** Deleted since the groups were listed. Auto Scaling has no code of its own for that. */
function isGone(error: unknown): boolean {
  return (
    codeOf(error) === 'ValidationError' && /AutoScalingGroup name not found/i.test((error as Error).message)
  );
}
