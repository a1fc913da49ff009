import {
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  EC2Client,
  type RunInstancesCommandInput,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type Cloud, clientSettings } from './local-cloud.ts';

/** A region of a local cloud, as one who launches servers there sees it. */
export type ServiceRegion = ReturnType<typeof serviceRegion>;

/**
 * A region of a cloud.
 * @param parameter that names the current image; `template` is the launch template that launches it
 */
export function serviceRegion(cloud: Cloud, region: string, parameter: string, template: string) {
  const settings = { ...clientSettings(cloud.env), region };
  const ec2 = new EC2Client(settings);
  const ssm = new SSMClient(settings);
  const launched: string[] = [];
  const current = async () => {
    const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name: parameter }));
    return found?.Value ?? '';
  };
  /** The image of a new server. */
  const launch = async (how: Partial<RunInstancesCommandInput>) => {
    const one = { MinCount: 1, MaxCount: 1, InstanceType: 't3.small' as const };
    const { Instances: [server] = [] } = await ec2.send(new RunInstancesCommand({ ...one, ...how }));
    launched.push(server?.InstanceId ?? '');
    return server?.ImageId ?? '';
  };
  return {
    region,
    ec2,
    current,
    /** By hand, before the first promotion, with an image of anybody's. */
    makeTemplate: async (ImageId: string) => {
      const LaunchTemplateData = { ImageId, InstanceType: 't3.small' as const };
      await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: template, LaunchTemplateData }));
    },
    /** The images of servers that are launched by the parameter's value, by the template, and by resolve:ssm. */
    launch: async () => [
      await launch({ ImageId: await current() }),
      await launch({ LaunchTemplate: { LaunchTemplateName: template } }),
      await launch({ ImageId: `resolve:ssm:${parameter}` }),
    ],
    terminate: () => ec2.send(new TerminateInstancesCommand({ InstanceIds: launched })),
    /** This account's images, by what tells them. */
    images: async () => {
      const { Images: found = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
      return found.map(
        ({ ImageId: id = '', Name: name = '', Tags: tags = [], BlockDeviceMappings: disks = [] }) => ({
          id,
          name,
          tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
          encrypted: disks.some(({ Ebs: ebs }) => ebs?.Encrypted === true),
        }),
      );
    },
  };
}
