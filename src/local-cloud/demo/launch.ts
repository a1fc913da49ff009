import {
  AuthorizeSecurityGroupIngressCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  DeleteKeyPairCommand,
  DescribeImagesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';

/** What the demonstration asks of EC2, in the words of awscli. */
export interface Ec2 {
  /** The newest image of a node that verify has proved. */
  newestVerified: (node: string) => Promise<string | undefined>;
  /** Whether there is a security group of this name. */
  hasGroup: (name: string) => Promise<boolean>;
  /** Makes one that lets the ports in from private addresses. */
  createGroup: (name: string, ports: readonly number[]) => Promise<void>;
  /** Answers the private key. */
  createKey: (name: string) => Promise<string>;
  deleteKey: (name: string) => Promise<void>;
  run: (wanted: { image: string; type: string; group: string; key: string }) => Promise<Launched>;
  consoleOf: (id: string) => Promise<string>;
  /** Answers when it is gone. */
  terminate: (id: string) => Promise<void>;
}

export interface Launched {
  id: string;
  address: string;
}

const goneSeconds = 180;

/** EC2 as the environment says: region, credentials and endpoint are found the SDK's own way. */
export function ec2OfEnvironment(): Ec2 {
  const ec2 = new EC2Client({});
  const one = (Name: string, value: string) => ({ Name, Values: [value] });
  return {
    newestVerified: async (node) => {
      const Filters = [one('tag:bakehouse:node', node), one('tag:bakehouse:verified', 'true')];
      const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters }));
      return Images.sort((a, b) => (a.CreationDate ?? '').localeCompare(b.CreationDate ?? '')).at(-1)
        ?.ImageId;
    },
    hasGroup: async (name) => {
      const Filters = [one('group-name', name)];
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      return SecurityGroups.length > 0;
    },
    createGroup: async (name, ports) => {
      await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: `${name} servers` }));
      const IpPermissions = ports.map((port) => ({
        IpProtocol: 'tcp',
        FromPort: port,
        ToPort: port,
        IpRanges: [{ CidrIp: '10.0.0.0/8' }],
      }));
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupName: name, IpPermissions }));
    },
    createKey: async (name) => {
      const made = await ec2.send(new CreateKeyPairCommand({ KeyName: name, KeyType: 'ed25519' }));
      return made.KeyMaterial ?? '';
    },
    deleteKey: async (name) => {
      await ec2.send(new DeleteKeyPairCommand({ KeyName: name }));
    },
    run: async ({ image, type, group, key }) => {
      const { Instances: [instance] = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: image,
          InstanceType: type as 't3.small',
          SecurityGroups: [group],
          KeyName: key,
          MinCount: 1,
          MaxCount: 1,
        }),
      );
      return { id: instance?.InstanceId ?? '', address: instance?.PrivateIpAddress ?? '' };
    },
    consoleOf: async (id) => {
      const { Output = '' } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
      return Buffer.from(Output, 'base64').toString();
    },
    terminate: async (id) => {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      const patience = { client: ec2, minDelay: 1, maxDelay: 1, maxWaitTime: goneSeconds };
      await waitUntilInstanceTerminated(patience, { InstanceIds: [id] });
    },
  };
}
