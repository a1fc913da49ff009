import { connect, connectEc2 } from '../aws/connect.ts';
import { sdk } from '../aws/sdk.ts';
import { required } from '../aws/answers.ts';
import { confirmUnused, usersOf } from './confirm-unused.ts';
import { findReferences, type ReferenceOptions } from './find-references.ts';
import type { ReferenceCalls } from './reference-calls.ts';

const {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLaunchConfigurationsCommand,
} = sdk('@aws-sdk/client-auto-scaling');
const {
  DescribeFleetsCommand,
  DescribeImageAttributeCommand,
  DescribeImageReferencesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSpotFleetRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
} = sdk('@aws-sdk/client-ec2');
const { DescribeParametersCommand, GetParametersCommand, SSMClient } = sdk('@aws-sdk/client-ssm');
const { GetCallerIdentityCommand, STSClient } = sdk('@aws-sdk/client-sts');

/** An account may hide what AWS's own services run in it; it uses images all the same. */
const managed = { IncludeManagedResources: true };

/**
 * Finds who uses images of a region, over one client for each service.
 * @param inRegion none: the account's own
 * @param knownAccount the account's id where it is known; else it is asked for once it is needed
 * @throws CloudError when region or credentials are missing.
 */
export async function referenceAccount(options: ReferenceOptions, inRegion?: string, knownAccount?: string) {
  const calls = await referenceCalls(inRegion, knownAccount);
  return {
    /** Everything in the region that uses an image. */
    references: () => findReferences(calls, options),
    /** Users of the images that are to be deleted, by the calls that take image ids. */
    confirm: (ids: readonly string[]) => confirmUnused(ids, calls, options),
    /** Our own account's id. */
    accountId: calls.accountId,
    /** The users of one image right before it is deleted. */
    users: (id: string) => usersOf(id, calls, options),
  };
}

async function referenceCalls(
  inRegion: string | undefined,
  knownAccount: string | undefined,
): Promise<ReferenceCalls> {
  const ec2 = await connectEc2(inRegion);
  const autoScaling = await connect('autoscaling', (common) => new AutoScalingClient(common), inRegion);
  const ssm = await connect('ssm', (common) => new SSMClient(common), inRegion);
  let account = knownAccount === undefined ? undefined : Promise.resolve(knownAccount);
  return {
    describeInstances: (query) => ec2.send(new DescribeInstancesCommand({ ...query, ...managed })),
    describeLaunchTemplates: (query) =>
      ec2.send(new DescribeLaunchTemplatesCommand({ ...query, ...managed })),
    describeLaunchTemplateVersions: (query) =>
      ec2.send(new DescribeLaunchTemplateVersionsCommand({ ...query, ...managed })),
    describeLaunchConfigurations: (query) => autoScaling.send(new DescribeLaunchConfigurationsCommand(query)),
    describeAutoScalingGroups: (query) =>
      autoScaling.send(new DescribeAutoScalingGroupsCommand({ ...query, ...managed })),
    describeInstanceRefreshes: (query) => autoScaling.send(new DescribeInstanceRefreshesCommand(query)),
    describeSpotInstanceRequests: (query) => ec2.send(new DescribeSpotInstanceRequestsCommand(query)),
    describeSpotFleetRequests: (query) => ec2.send(new DescribeSpotFleetRequestsCommand(query)),
    describeFleets: (query) => ec2.send(new DescribeFleetsCommand(query)),
    describeParameters: (query) => ssm.send(new DescribeParametersCommand(query)),
    getParameters: (query) => ssm.send(new GetParametersCommand(query)),
    describeImages: (query) => ec2.send(new DescribeImagesCommand(query)),
    describeImageAttribute: (query) => ec2.send(new DescribeImageAttributeCommand(query)),
    describeImageReferences: (query) => ec2.send(new DescribeImageReferencesCommand(query)),
    accountId: () => (account ??= accountId()),
  };
}

async function accountId(): Promise<string> {
  const sts = await connect('sts', (common) => new STSClient(common));
  const { Account: id } = await sts.send(new GetCallerIdentityCommand({}));
  return required(id, 'sts:GetCallerIdentity', "the account's id");
}
