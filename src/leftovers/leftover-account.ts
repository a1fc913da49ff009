import { setTimeout as pause } from 'node:timers/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { cloudTime } from '../aws/connect.ts';
import { sdk } from '../aws/sdk.ts';
import { findResources, findResource } from './find-resources.ts';
import type { LeftoverRemovalDeps } from './remove-leftovers.ts';
import { resourceCalls } from './resource-calls.ts';
import type { BakeName, Resource } from './resource.ts';

const {
  CancelSpotInstanceRequestsCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  TerminateInstancesCommand,
  waitUntilInstanceTerminated,
} = sdk('@aws-sdk/client-ec2');

/** How long EC2 may take to terminate an instance. */
const endSeconds = 180;

/**
 * Implements the leftover removal over EC2.
 * @param bake only what this bake made; none: all runs
 */
export function leftoverDeps(ec2: EC2Client, bake?: BakeName): LeftoverRemovalDeps {
  const calls = resourceCalls(ec2);
  return {
    resources: () => findResources(calls, bake),
    now: cloudTime,
    current: (resource) => findResource(calls, resource),
    remove: (resource) => remove(ec2, resource),
    terminated: (id, abortSignal) =>
      waitUntilInstanceTerminated(
        { client: ec2, maxWaitTime: endSeconds, minDelay: 1, maxDelay: 5, abortSignal },
        { InstanceIds: [id] },
      ),
    pause,
  };
}

async function remove(ec2: EC2Client, { type, id }: Resource): Promise<unknown> {
  switch (type) {
    case 'spot-request':
      return ec2.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] }));
    case 'image':
      return ec2.send(new DeregisterImageCommand({ ImageId: id }));
    case 'instance':
      return ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    case 'snapshot':
      return ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
    case 'volume':
      return ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
    case 'key-pair':
      return ec2.send(new DeleteKeyPairCommand({ KeyPairId: id }));
    case 'security-group':
      return ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
  }
}
