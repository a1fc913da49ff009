import type { EC2Client } from '@aws-sdk/client-ec2';
import { sdk } from '../aws/sdk.ts';
import type { ResourceCalls } from './find-resources.ts';

const {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
} = sdk('@aws-sdk/client-ec2');

/** Implements {@link ResourceCalls} over EC2. It only reads. */
export function resourceCalls(ec2: EC2Client): ResourceCalls {
  return {
    instances: (query) => ec2.send(new DescribeInstancesCommand(query)),
    volumes: (query) => ec2.send(new DescribeVolumesCommand(query)),
    groups: (query) => ec2.send(new DescribeSecurityGroupsCommand(query)),
    spotRequests: (query) => ec2.send(new DescribeSpotInstanceRequestsCommand(query)),
    snapshots: (query) => ec2.send(new DescribeSnapshotsCommand(query)),
    images: (query) => ec2.send(new DescribeImagesCommand(query)),
    keyPairs: (query) => ec2.send(new DescribeKeyPairsCommand(query)),
  };
}
