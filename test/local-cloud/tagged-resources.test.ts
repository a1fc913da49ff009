import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

const specification = (ResourceType: TagSpecification['ResourceType']) => [
  { ResourceType, Tags: [{ Key: 'left', Value: 'over' }] },
];

let api: ApiUnderTest;
let groupId = '';
beforeAll(async () => {
  api = await serveApi();
  const { ec2 } = api;
  await ec2.send(
    new CreateKeyPairCommand({
      KeyName: 'k',
      KeyType: 'ed25519',
      TagSpecifications: specification('key-pair'),
    }),
  );
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'g',
      Description: 'd',
      TagSpecifications: specification('security-group'),
    }),
  );
  groupId = GroupId;
  await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: 'us-east-1a',
      Size: 1,
      TagSpecifications: specification('volume'),
    }),
  );
  await ec2.send(
    new RunInstancesCommand({
      ImageId: api.debian,
      InstanceType: 't3.small',
      MinCount: 1,
      MaxCount: 1,
      SecurityGroupIds: [groupId],
      TagSpecifications: specification('instance'),
    }),
  );
  const { imageId, snapshotId } = api.newImage('tagged');
  await ec2.send(
    new CreateTagsCommand({ Resources: [imageId, snapshotId], Tags: [{ Key: 'left', Value: 'over' }] }),
  );
});
afterAll(() => api.close());

test.each([
  ['tag:left', 'over', 1],
  ['tag:left', 'under', 0],
  ['tag-key', 'left', 1],
  ['tag-key', 'over', 0],
])('%s=%s finds what is tagged so, of each kind', async (Name, value, count) => {
  const Filters = [{ Name, Values: [value] }];
  const { ec2 } = api;
  const found = [
    (await ec2.send(new DescribeKeyPairsCommand({ Filters }))).KeyPairs,
    (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups,
    (await ec2.send(new DescribeVolumesCommand({ Filters }))).Volumes,
    (await ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations,
    (await ec2.send(new DescribeImagesCommand({ Filters }))).Images,
    (await ec2.send(new DescribeSnapshotsCommand({ Filters }))).Snapshots,
  ];
  expect(found.map((items) => items?.length)).toEqual([count, count, count, count, count, count]);
});

test('a group that an instance is in cannot be deleted', async () => {
  await expect(api.ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId }))).rejects.toMatchObject({
    name: 'DependencyViolation',
  });
});
