import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DeleteAutoScalingGroupCommand,
  DeleteLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CancelSpotInstanceRequestsCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteTagsCommand,
  DeregisterImageCommand,
  DisableImageDeregistrationProtectionCommand,
  EnableImageDeregistrationProtectionCommand,
  ModifyImageAttributeCommand,
  ModifyLaunchTemplateCommand,
  RequestSpotInstancesCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceRunning,
  waitUntilInstanceStopped,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { CleanupCloud, Made } from './cleanup-cloud.ts';

/** Takes a use of an image away again. */
export type Undo = () => Promise<unknown>;

/** Makes something in the account use an image. */
export type Use = (cloud: CleanupCloud, image: Made) => Promise<Undo>;

/** A launch template whose first version names the image; `newer` versions name another, and one of them is the default. */
export async function oldVersion({ ec2, base }: CleanupCloud, image: Made, newer: number): Promise<string> {
  const data = (ImageId: string) => ({ LaunchTemplateData: { ImageId, InstanceType: 't3.small' as const } });
  const { LaunchTemplate: template } = await ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: `of-${image.id}`, ...data(image.id) }),
  );
  const LaunchTemplateId = template?.LaunchTemplateId ?? '';
  for (let made = 0; made < newer; made++)
    await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, ...data(base) }));
  await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: '2' }));
  return LaunchTemplateId;
}

/** More versions than EC2's own look-up goes through, so that only the group's pin tells. */
export const pinnedOldVersion: Use = async (cloud, image) => {
  const LaunchTemplateId = await oldVersion(cloud, image, 11);
  const AutoScalingGroupName = `group-of-${image.id}`;
  await cloud.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: 0,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
      LaunchTemplate: { LaunchTemplateId, Version: '1' },
    }),
  );
  return async () => {
    await cloud.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName }));
    await cloud.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
  };
};

/** Nothing pins it, but it is among the ten newest. */
export const unpinnedOldVersion: Use = async (cloud, image) => {
  const LaunchTemplateId = await oldVersion(cloud, image, 9);
  return () => cloud.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
};

export const stoppedInstance: Use = async ({ ec2 }, image) => {
  const InstanceIds = [await launch(ec2, image)];
  const wait = { client: ec2, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  await waitUntilInstanceRunning(wait, { InstanceIds });
  await ec2.send(new StopInstancesCommand({ InstanceIds }));
  await waitUntilInstanceStopped(wait, { InstanceIds });
  return async () => {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    await waitUntilInstanceTerminated(wait, { InstanceIds });
  };
};

/** Launches a machine, and does not wait for it; answers its id. */
export async function launch(ec2: CleanupCloud['ec2'], { id }: Made): Promise<string> {
  const { Instances: [instance] = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: id, InstanceType: 't3.small', MinCount: 1, MaxCount: 1 }),
  );
  return instance?.InstanceId ?? '';
}

export const launchConfiguration: Use = async ({ autoScaling }, { id }) => {
  const LaunchConfigurationName = `configuration-of-${id}`;
  await autoScaling.send(
    new CreateLaunchConfigurationCommand({ LaunchConfigurationName, ImageId: id, InstanceType: 't3.small' }),
  );
  return () => autoScaling.send(new DeleteLaunchConfigurationCommand({ LaunchConfigurationName }));
};

export const spotRequest: Use = async ({ ec2 }, { id }) => {
  const { SpotInstanceRequests = [] } = await ec2.send(
    new RequestSpotInstancesCommand({
      InstanceCount: 1,
      SpotPrice: '0.05',
      LaunchSpecification: { ImageId: id, InstanceType: 't3.small' },
    }),
  );
  const ids = SpotInstanceRequests.map(({ SpotInstanceRequestId = '' }) => SpotInstanceRequestId);
  return () => ec2.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: ids }));
};

/** In the middle of a text, where EC2's own look-up does not find it. */
export const parameter: Use = async ({ ssm }, { id }) => {
  const Name = `/images/${id}`;
  await ssm.send(new PutParameterCommand({ Name, Type: 'String', Value: JSON.stringify({ blue: id }) }));
  return () => ssm.send(new DeleteParameterCommand({ Name }));
};

/** An image of another node that was baked from it. */
export const childImage: Use = async (cloud, { id }) => {
  const child = await cloud.image('child', { tags: { 'bakehouse:source-ami': id } });
  return () => cloud.ec2.send(new DeregisterImageCommand({ ImageId: child.id }));
};

export const launchPermission: Use = async ({ ec2 }, { id: ImageId }) => {
  const other = [{ UserId: '210987654321' }];
  await ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: other } }));
  return () => ec2.send(new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Remove: other } }));
};

export const keepTag: Use = async ({ ec2 }, { id }) => {
  const tagged = { Resources: [id], Tags: [{ Key: 'bakehouse:keep', Value: 'until the audit' }] };
  await ec2.send(new CreateTagsCommand(tagged));
  return () => ec2.send(new DeleteTagsCommand(tagged));
};

export const deregistrationProtection: Use = async ({ ec2 }, { id: ImageId }) => {
  await ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId }));
  return () => ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId }));
};
