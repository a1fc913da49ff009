import type { SpotInstanceRequest } from '@aws-sdk/client-ec2';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import { requiredImageUses } from './launch-source.ts';
import type { Found } from './reference.ts';

/** A call of DescribeSpotInstanceRequests. */
export type DescribeSpotInstanceRequests = (query: {
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ SpotInstanceRequests?: SpotInstanceRequest[] | undefined } & Page>;

const call = 'ec2:DescribeSpotInstanceRequests';
/** These launch nothing any more. `disabled` is a persistent request whose instance was stopped. */
const over = new Set(['closed', 'cancelled', 'failed']);

/** The images and snapshots of spot requests that may still launch an instance. */
export async function findSpotRequests(describe: DescribeSpotInstanceRequests): Promise<Found[]> {
  return collectPages(
    (next) => describe({ MaxResults: 500, ...next }),
    ({ SpotInstanceRequests: requests }) => requests?.flatMap(usesOf),
    call,
  );
}

function usesOf(request: SpotInstanceRequest): Found[] {
  const id = known(request.SpotInstanceRequestId, call, "a spot request's id");
  const state = known(request.State, call, `the state of ${id}`);
  if (over.has(state)) return [];
  const by = `spot request ${id} (${state})`;
  return requiredImageUses(request.LaunchSpecification ?? {}, { kind: 'spot-request', by, call });
}
