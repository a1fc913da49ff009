import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstanceAttributeCommand,
  DescribeLaunchTemplateVersionsCommand,
  RunInstancesCommand,
  type RequestLaunchTemplateData,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, type PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
let id = '';
beforeAll(async () => {
  api = await serveApi();
  id = await create('base', {
    ImageId: api.debian,
    InstanceType: 't3.small',
    UserData: 'aGk=',
    SecurityGroups: ['redis'],
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 11, DeleteOnTermination: false } }],
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'template' }] }],
  });
});
afterAll(() => api.close());

async function create(LaunchTemplateName: string, LaunchTemplateData: RequestLaunchTemplateData) {
  const { LaunchTemplate } = await api.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }),
  );
  return LaunchTemplate?.LaunchTemplateId ?? 'none';
}
const run = async (asked: Partial<RunInstancesCommandInput>) =>
  (await api.ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1, ...asked }))).Instances?.[0];

test('a template says what the call does not, and the call what it does', async () => {
  const instance = await run({ LaunchTemplate: { LaunchTemplateId: id }, InstanceType: 't3.micro' });
  expect(instance).toMatchObject({
    ImageId: api.debian,
    InstanceType: 't3.micro',
    SecurityGroups: [{ GroupName: 'redis' }],
    BlockDeviceMappings: [{ Ebs: { DeleteOnTermination: false } }],
  });
  expect(instance?.Tags).toEqual([
    { Key: 'from', Value: 'template' },
    { Key: 'aws:ec2launchtemplate:id', Value: id },
    { Key: 'aws:ec2launchtemplate:version', Value: '1' },
  ]);
  const InstanceId = instance?.InstanceId;
  const { UserData } = await api.ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' }),
  );
  expect(UserData?.Value).toBe('aGk=');
  const volume = Object.values(api.state.volumes).find(
    ({ attachment }) => attachment?.instanceId === InstanceId,
  );
  expect(volume?.size).toBe(11);
});

test('the default version is taken, or the one that is asked for', async () => {
  const other = await create('versions', { ImageId: api.debian, InstanceType: 't3.small' });
  await api.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: other,
      SourceVersion: '1',
      LaunchTemplateData: { InstanceType: 't3.micro' },
    }),
  );
  const typeOf = async (Version?: string) =>
    (await run({ LaunchTemplate: { LaunchTemplateName: 'versions', ...(Version && { Version }) } }))
      ?.InstanceType;
  expect([await typeOf(), await typeOf('$Latest')]).toEqual(['t3.small', 't3.micro']);
  await expect(typeOf('3')).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.VersionNotFound' });
});

test.each<[string, RequestLaunchTemplateData]>([
  ['MissingParameter', { InstanceType: 't3.small' }],
  ['InvalidAMIID.NotFound', { ImageId: 'ami-00000000' }],
  ['UnsupportedOperation', { ImageId: 'ami-00000000', IamInstanceProfile: { Name: 'p' } }],
])('%s is the answer to a launch of what cannot be launched: %j', async (name, data) => {
  const LaunchTemplateId = await create(
    `bad-${name}-${Object.keys(data).join('-')}-${data.ImageId?.length ?? 0}`,
    data,
  );
  await expect(run({ LaunchTemplate: { LaunchTemplateId } })).rejects.toMatchObject({ name });
});

test('a launch without a template still needs its image and its counts', async () => {
  await expect(run({})).rejects.toMatchObject({ name: 'MissingParameter' });
  await expect(run({ ImageId: api.debian, MinCount: undefined })).rejects.toMatchObject({
    name: 'MissingParameter',
  });
});

describe('an image that a parameter names', () => {
  const put = (Value: string, more: Partial<PutParameterCommandInput> = {}) =>
    api.ssm.send(
      new PutParameterCommand({
        Name: '/golden',
        Value,
        Type: 'String',
        DataType: 'aws:ec2:image',
        Overwrite: true,
        ...more,
      }),
    );
  let image = '';
  beforeAll(async () => {
    image = api.newImage('golden').imageId;
    await put(image);
    await put(api.debian);
    await put(image, { Name: '/text', DataType: 'text' });
  });

  test('is launched as it is at that time, by the parameter or by one of its versions', async () => {
    expect((await run({ ImageId: 'resolve:ssm:/golden' }))?.ImageId).toBe(api.debian);
    expect((await run({ ImageId: 'resolve:ssm:/golden:1' }))?.ImageId).toBe(image);
    const LaunchTemplateId = await create('by-parameter', { ImageId: 'resolve:ssm:/golden' });
    const launched = async () => (await run({ LaunchTemplate: { LaunchTemplateId } }))?.ImageId;
    expect(await launched()).toBe(api.debian);
    await put(image);
    expect(await launched()).toBe(image);
    await put(api.debian);
  });

  test('is the one of the region in which it is launched', async () => {
    const { ec2, ssm, debian } = api.inRegion('eu-west-1');
    const asked = { ImageId: 'resolve:ssm:/golden', MinCount: 1, MaxCount: 1 };
    const launch = () => ec2.send(new RunInstancesCommand(asked));
    await expect(launch()).rejects.toMatchObject({ name: 'SsmInvalidParameter' });
    const DataType = 'aws:ec2:image';
    await ssm.send(new PutParameterCommand({ Name: '/golden', Value: debian, Type: 'String', DataType }));
    expect((await launch()).Instances?.[0]?.ImageId).toBe(debian);
    expect(debian).not.toBe(api.debian);
  });

  test('is shown by its parameter, and resolved for one version of a template', async () => {
    const LaunchTemplateId = await create('shown', { ImageId: 'resolve:ssm:/golden' });
    const shown = async (ResolveAlias: boolean, Versions?: string[]) => {
      const answer = await api.ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions, ResolveAlias }),
      );
      return answer.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
    };
    expect(await shown(false)).toBe('resolve:ssm:/golden');
    expect(await shown(true, ['$Default'])).toBe(api.debian);
    await expect(shown(true)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  test.each(['/none', '/golden:9', '/golden:label', '/text'])(
    'is refused where %s names none, at the launch and in a template',
    async (name) => {
      const refused = { name: 'SsmInvalidParameter', $metadata: { httpStatusCode: 400 } };
      const ImageId = `resolve:ssm:${name}`;
      await expect(run({ ImageId })).rejects.toMatchObject(refused);
      await expect(create('wrong', { ImageId })).rejects.toMatchObject(refused);
      const version = new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: id,
        LaunchTemplateData: { ImageId },
      });
      await expect(api.ec2.send(version)).rejects.toMatchObject(refused);
    },
  );
});
