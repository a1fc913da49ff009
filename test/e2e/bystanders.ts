import {
  CopyImageCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type EC2Client,
  ImportKeyPairCommand,
  RunInstancesCommand,
  waitUntilImageAvailable,
  waitUntilInstanceRunning,
} from '@aws-sdk/client-ec2';

/** What must not be touched, by id (key pairs by name). */
export interface Bystanders {
  images: string[];
  instances: string[];
  volumes: string[];
  keyPairs: string[];
  groups: string[];
}

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmvVl5o2R3RkP9BpbmTqcxO5p0xKvUsxVYPgkPPZdZt test';
const waiting = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

/**
 * Makes what looks like a leak of `run` but is none: a server, with the image's tags copied to it and its volume, of an
 * image of that run; and machine, volume, group and keys of another run of the node, whose name begins like the first.
 */
export async function bystanders(ec2: EC2Client, node: string, run: string): Promise<Bystanders> {
  const live = `${run}-live`;
  const tags = (ofRun: string) => [
    { Key: 'bakehouse:node', Value: node },
    { Key: 'bakehouse:run', Value: ofRun },
  ];
  const on = (type: 'instance' | 'volume' | 'key-pair' | 'security-group', ofRun = live) => ({
    ResourceType: type,
    Tags: tags(ofRun),
  });
  const { Images: [base] = [] } = await ec2.send(
    new DescribeImagesCommand({ Filters: [{ Name: 'state', Values: ['available'] }] }),
  );
  const source = base?.ImageId ?? '';
  const copy = { Name: `${node}-1`, SourceImageId: source, SourceRegion: 'us-east-1' };
  const { ImageId: image = '' } = await ec2.send(new CopyImageCommand(copy));
  await waitUntilImageAvailable({ client: ec2, ...waiting }, { ImageIds: [image] });
  await ec2.send(new CreateTagsCommand({ Resources: [image], Tags: tags(run) }));
  const instances: string[] = [];
  for (const [from, ofRun] of [
    [image, run],
    [source, live],
  ] as const) {
    const { Instances: [machine] = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: from,
        MinCount: 1,
        MaxCount: 1,
        InstanceType: 't3.small',
        TagSpecifications: [on('instance', ofRun), on('volume', ofRun)],
      }),
    );
    instances.push(machine?.InstanceId ?? '');
  }
  await waitUntilInstanceRunning({ client: ec2, ...waiting }, { InstanceIds: instances });
  const { VolumeId: volume = '' } = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 8, TagSpecifications: [on('volume')] }),
  );
  const { GroupId: group = '' } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'of a run that goes on',
      Description: 'x',
      TagSpecifications: [on('security-group')],
    }),
  );
  const keyPairs = [`bakehouse-${node}-${live}`, `bakehouse-${node}-${run}1`];
  for (const name of keyPairs) {
    const material = { KeyName: name, PublicKeyMaterial: Buffer.from(publicKey) };
    // The second bears no tag: it is nobody's.
    const tagged = name === keyPairs[0] ? { TagSpecifications: [on('key-pair')] } : {};
    await ec2.send(new ImportKeyPairCommand({ ...material, ...tagged }));
  }
  return { images: [image], instances, volumes: [volume], keyPairs, groups: [group] };
}

/** All that EC2 says of them, as it is now. */
export async function describeAll(ec2: EC2Client, there: Bystanders) {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ InstanceIds: there.instances }),
  );
  const roots = { Filters: [{ Name: 'attachment.instance-id', Values: there.instances }] };
  return {
    instances: Reservations.flatMap(({ Instances = [] }) => Instances),
    images: (await ec2.send(new DescribeImagesCommand({ ImageIds: there.images }))).Images,
    volumes: (await ec2.send(new DescribeVolumesCommand({ VolumeIds: there.volumes }))).Volumes,
    roots: (await ec2.send(new DescribeVolumesCommand(roots))).Volumes,
    keyPairs: (await ec2.send(new DescribeKeyPairsCommand({ KeyNames: there.keyPairs }))).KeyPairs,
    groups: (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: there.groups }))).SecurityGroups,
  };
}

/** What bears the tag of a run, without servers of its image: those are not to go. */
export async function ofRun(ec2: EC2Client, run: string) {
  const Filters = [{ Name: 'tag:bakehouse:run', Values: [run] }];
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters }));
  const images = Images.filter(({ Name = '' }) => !Name.endsWith('-1')).map(({ ImageId: id = '' }) => id);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  const ownImages = Images.map(({ ImageId: id }) => id);
  const machines = Reservations.flatMap(({ Instances = [] }) => Instances).filter(
    ({ State: state, ImageId: image }) => state?.Name !== 'terminated' && !ownImages.includes(image),
  );
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters }));
  const servers = Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(({ ImageId: image }) => ownImages.includes(image))
    .map(({ InstanceId: id }) => id);
  const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({ Filters }));
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }));
  return {
    images,
    instances: machines.map(({ InstanceId: id = '' }) => id),
    volumes: Volumes.filter(({ Attachments = [] }) => !servers.includes(Attachments[0]?.InstanceId)).map(
      ({ VolumeId: id = '' }) => id,
    ),
    keyPairs: KeyPairs.map(({ KeyName: name = '' }) => name),
    snapshots: Snapshots.map(({ SnapshotId: id = '' }) => id),
  };
}
