import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeTagsCommand,
  ModifyLaunchTemplateCommand,
  paginateDescribeLaunchTemplateVersions,
  type CreateLaunchTemplateCommandInput,
  type DescribeLaunchTemplateVersionsCommandInput,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const gone = '0123456789abcdef0';
const ami = (digit: number) => `ami-0000000${digit}`;
const create = async (
  name: string,
  data: RequestLaunchTemplateData,
  rest: Partial<CreateLaunchTemplateCommandInput> = {},
) => {
  const { LaunchTemplate } = await api.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData: data, ...rest }),
  );
  return LaunchTemplate?.LaunchTemplateId ?? 'none';
};
const addVersion = (id: string, data: RequestLaunchTemplateData, SourceVersion?: string) =>
  api.ec2.send(
    new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: data, SourceVersion }),
  );
const describeVersions = async (asked: DescribeLaunchTemplateVersionsCommandInput) => {
  const { LaunchTemplateVersions = [] } = await api.ec2.send(
    new DescribeLaunchTemplateVersionsCommand(asked),
  );
  return LaunchTemplateVersions;
};
const numbers = async (asked: DescribeLaunchTemplateVersionsCommandInput) =>
  (await describeVersions(asked)).map(({ VersionNumber }) => VersionNumber);

test('a version is made once for a client token', async () => {
  const LaunchTemplateId = await create('tokens', { ImageId: ami(1) });
  const version = { LaunchTemplateId, LaunchTemplateData: { ImageId: ami(2) }, ClientToken: 'once' };
  const add = async () =>
    (await api.ec2.send(new CreateLaunchTemplateVersionCommand(version))).LaunchTemplateVersion
      ?.VersionNumber;
  expect([await add(), await add()]).toEqual([2, 2]);
  expect(await numbers({ LaunchTemplateId })).toEqual([2, 1]);
});

test('a template is remembered with all that it says, and shown as it was given', async () => {
  await api.ssm.send(
    new PutParameterCommand({
      Name: '/golden/redis',
      Value: api.debian,
      Type: 'String',
      DataType: 'aws:ec2:image',
    }),
  );
  const data = {
    ImageId: 'resolve:ssm:/golden/redis:1',
    InstanceType: 't3.small' as const,
    KeyName: 'key',
    UserData: 'aGk=',
    EbsOptimized: true,
    SecurityGroupIds: ['sg-0a'],
    IamInstanceProfile: { Name: 'profile' },
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0a', VolumeSize: 9 } }],
    NetworkInterfaces: [{ DeviceIndex: 0, Groups: ['sg-0b', 'sg-0c'], AssociatePublicIpAddress: true }],
    TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'a', Value: '' }] }],
    MetadataOptions: { HttpTokens: 'required' as const },
  };
  const id = await create('whole', data, {
    VersionDescription: 'first',
    TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'team', Value: 'x' }] }],
  });
  expect(await describeVersions({ LaunchTemplateId: id })).toEqual([
    expect.objectContaining({
      LaunchTemplateId: id,
      LaunchTemplateName: 'whole',
      VersionNumber: 1,
      VersionDescription: 'first',
      DefaultVersion: true,
      LaunchTemplateData: data,
    }),
  ]);
  const { LaunchTemplates } = await api.ec2.send(
    new DescribeLaunchTemplatesCommand({ Filters: [{ Name: 'tag:team', Values: ['x'] }] }),
  );
  expect(LaunchTemplates).toMatchObject([
    {
      LaunchTemplateId: id,
      DefaultVersionNumber: 1,
      LatestVersionNumber: 1,
      Tags: [{ Key: 'team', Value: 'x' }],
    },
  ]);
});

describe('the versions of a template', () => {
  let id = '';
  beforeAll(async () => {
    id = await create('versions', { ImageId: ami(1), KeyName: 'kept' });
    await addVersion(id, { ImageId: ami(2) }, '1');
    await addVersion(id, { ImageId: ami(3) });
    await api.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '2' }));
  });

  test('begin with what their source version says, and without one with nothing', async () => {
    const data = (await describeVersions({ LaunchTemplateName: 'versions' })).map(
      ({ LaunchTemplateData }) => LaunchTemplateData,
    );
    expect(data).toEqual([
      { ImageId: ami(3) },
      { ImageId: ami(2), KeyName: 'kept' },
      { ImageId: ami(1), KeyName: 'kept' },
    ]);
  });

  test('are chosen by number, alias, range and image, the newest first', async () => {
    const chosen = (rest: DescribeLaunchTemplateVersionsCommandInput) =>
      numbers({ LaunchTemplateId: id, ...rest });
    expect(await chosen({ Versions: ['1', '$Latest'] })).toEqual([3, 1]);
    expect(await chosen({ Versions: ['$Default', '2'] })).toEqual([2]);
    expect(await chosen({ MinVersion: '2' })).toEqual([3, 2]);
    expect(await chosen({ MaxVersion: '$Default' })).toEqual([2, 1]);
    expect(await chosen({ Filters: [{ Name: 'image-id', Values: [ami(1)] }] })).toEqual([1]);
    expect(await chosen({ Filters: [{ Name: 'is-default-version', Values: ['true'] }] })).toEqual([2]);
  });

  test('of all templates are the latest and the default ones, each once', async () => {
    const all = await describeVersions({ Versions: ['$Latest', '$Default'] });
    expect(all.filter(({ LaunchTemplateName }) => LaunchTemplateName === 'versions')).toMatchObject([
      { VersionNumber: 3 },
      { VersionNumber: 2, DefaultVersion: true },
    ]);
    expect(all.filter(({ LaunchTemplateName }) => LaunchTemplateName === 'whole')).toHaveLength(1);
  });

  test('come in pages', async () => {
    const pages = [];
    for await (const { LaunchTemplateVersions = [] } of paginateDescribeLaunchTemplateVersions(
      { client: api.ec2, pageSize: 2 },
      { LaunchTemplateId: id },
    )) {
      pages.push(LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber));
    }
    expect(pages).toEqual([[3, 2], [1]]);
  });

  test('can be deleted but for the default one, and a number is given once only', async () => {
    const answer = await api.ec2.send(
      new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: ['$Latest', '2', '9'] }),
    );
    expect(answer.SuccessfullyDeletedLaunchTemplateVersions).toMatchObject([{ VersionNumber: 3 }]);
    expect(
      answer.UnsuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber, ResponseError }) => [
        VersionNumber,
        ResponseError?.Code,
      ]),
    ).toEqual([
      [2, 'unexpectedError'],
      [9, 'launchTemplateVersionDoesNotExist'],
    ]);
    const { LaunchTemplateVersion } = await addVersion(id, { ImageId: ami(4) });
    expect(LaunchTemplateVersion?.VersionNumber).toBe(4);
  });
});

test('a template is tagged later, deleted with its tags, and gone then', async () => {
  const id = await create('short-lived', { ImageId: ami(1) });
  await api.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] }));
  const tagsOf = async () =>
    (
      await api.ec2.send(
        new DescribeTagsCommand({ Filters: [{ Name: 'resource-type', Values: ['launch-template'] }] }),
      )
    ).Tags?.filter(({ ResourceId }) => ResourceId === id);
  expect(await tagsOf()).toMatchObject([{ Key: 'a', ResourceType: 'launch-template' }]);
  await api.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: 'short-lived' }));
  expect(await tagsOf()).toEqual([]);
  await expect(describeVersions({ LaunchTemplateId: id })).rejects.toMatchObject({
    name: 'InvalidLaunchTemplateId.NotFound',
  });
});

test.each<[string, () => Promise<unknown>]>([
  ['InvalidLaunchTemplateId.NotFound', () => describeVersions({ LaunchTemplateId: `lt-${gone}` })],
  ['InvalidLaunchTemplateId.Malformed', () => describeVersions({ LaunchTemplateId: 'lt-x' })],
  ['InvalidLaunchTemplateName.NotFoundException', () => describeVersions({ LaunchTemplateName: 'none' })],
  [
    'InvalidLaunchTemplateId.VersionNotFound',
    () => describeVersions({ LaunchTemplateName: 'whole', Versions: ['7'] }),
  ],
  ['InvalidLaunchTemplateName.AlreadyExistsException', () => create('whole', { ImageId: ami(1) })],
  ['InvalidLaunchTemplateName.MalformedException', () => create('with space', { ImageId: ami(1) })],
  ['MissingParameter', () => create('empty', {})],
  ['MissingParameter', () => describeVersions({})],
  ['InvalidParameterValue', () => describeVersions({ Versions: ['1'] })],
  [
    'InvalidParameterCombination',
    () => describeVersions({ LaunchTemplateName: 'whole', LaunchTemplateId: `lt-${gone}` }),
  ],
  ['UnsupportedOperation', () => create('enclave', { EnclaveOptions: { Enabled: true } })],
  [
    'InvalidParameterCombination',
    () => describeVersions({ LaunchTemplateName: 'whole', ResolveAlias: true }),
  ],
  ['DryRunOperation', () => create('dry', { ImageId: ami(1) }, { DryRun: true })],
  [
    'UnauthorizedOperation',
    () => api.readonly.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: 'whole' })),
  ],
])('%s is answered where EC2 does', async (name, call) => {
  await expect(call()).rejects.toMatchObject({ name });
});
