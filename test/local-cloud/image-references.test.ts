import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeImageReferencesCommand,
  paginateDescribeImageReferences,
  RunInstancesCommand,
  type DescribeImageReferencesCommandInput,
} from '@aws-sdk/client-ec2';
import { firstAccount } from '../../src/local-cloud/state/first-account.ts';
import type { Parameter } from '../../src/local-cloud/state/parameter.ts';
import { serveApi, type ApiUnderTest } from './api-under-test.ts';

const old = 'ami-00000001';
const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:123456789012:${rest}`;

const parameter = (name: string, value: string): Parameter => ({
  name,
  value,
  type: 'String',
  dataType: 'text',
  version: 1,
  modifiedAt: '2026-01-02T03:04:05.000Z',
  older: [],
});

let api: ApiUnderTest;
let instanceId = '';
let templateId = '';
beforeAll(async () => {
  api = await serveApi(() => ({
    ...firstAccount(),
    parameters: {
      '/golden/old': parameter('/golden/old', old),
      flat: parameter('flat', old),
      other: parameter('other', 'ami-00000002'),
    },
  }));
  const { Instances } = await api.ec2.send(
    new RunInstancesCommand({ ImageId: api.debian, InstanceType: 't3.small', MinCount: 1, MaxCount: 1 }),
  );
  instanceId = Instances?.[0]?.InstanceId ?? 'none';
  const { LaunchTemplate } = await api.ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: 'many', LaunchTemplateData: { ImageId: old } }),
  );
  templateId = LaunchTemplate?.LaunchTemplateId ?? 'none';
  for (let number = 2; number <= 11; number += 1) {
    await api.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: templateId,
        LaunchTemplateData: { ImageId: api.debian },
      }),
    );
  }
});
afterAll(() => api.close());

const arns = async (asked: DescribeImageReferencesCommandInput) =>
  ((await api.ec2.send(new DescribeImageReferencesCommand(asked))).ImageReferences ?? []).map(
    ({ Arn }) => Arn,
  );
const all = { IncludeAllResourceTypes: true };

test('an image is named by instances, by the ten newest versions of templates, and by parameters', async () => {
  expect(await arns({ ImageIds: [api.debian], ...all })).toEqual([
    arn('ec2', `instance/${instanceId}`),
    arn('ec2', `launch-template/${templateId}`),
  ]);
  expect(await arns({ ImageIds: [old], ...all })).toEqual([
    arn('ssm', 'parameter/flat'),
    arn('ssm', 'parameter/golden/old'),
  ]);
});

test('a greater depth finds the eleventh version, beside all other types', async () => {
  const ResourceTypes = [
    {
      ResourceType: 'ec2:LaunchTemplate' as const,
      ResourceTypeOptions: [{ OptionName: 'version-depth' as const, OptionValues: ['11'] }],
    },
  ];
  expect(await arns({ ImageIds: [old], ResourceTypes })).toEqual([
    arn('ec2', `launch-template/${templateId}`),
  ]);
  expect(await arns({ ImageIds: [old], ResourceTypes, ...all })).toHaveLength(3);
});

test('instances are looked at by their states', async () => {
  const inStates = (...OptionValues: string[]) =>
    arns({
      ImageIds: [api.debian],
      ResourceTypes: [
        { ResourceType: 'ec2:Instance', ResourceTypeOptions: [{ OptionName: 'state-name', OptionValues }] },
      ],
    });
  expect(await inStates('stopped', 'pending')).toHaveLength(1);
  expect(await inStates('terminated')).toEqual([]);
});

test('references come in pages', async () => {
  const pages = [];
  for await (const { ImageReferences = [] } of paginateDescribeImageReferences(
    { client: api.ec2, pageSize: 3 },
    { ImageIds: [old, api.debian], ...all },
  )) {
    pages.push(ImageReferences.length);
  }
  expect(pages).toEqual([3, 1]);
});

const option = (
  ResourceType: 'ec2:Instance' | 'ec2:LaunchTemplate' | 'ssm:Parameter',
  ...OptionValues: string[]
) => [{ ResourceType, ResourceTypeOptions: [{ OptionName: 'version-depth' as const, OptionValues }] }];

test.each<[string, DescribeImageReferencesCommandInput]>([
  ['MissingParameter', { ImageIds: [old] }],
  ['MissingParameter', { ImageIds: [], ...all }],
  ['InvalidAMIID.Malformed', { ImageIds: ['old'], ...all }],
  [
    'InvalidParameterValue',
    { ImageIds: Array.from({ length: 11 }, (_, i) => `ami-${String(i).padStart(8, '0')}`), ...all },
  ],
  ['InvalidParameterValue', { ImageIds: [old], ResourceTypes: option('ec2:LaunchTemplate', '0') }],
  ['InvalidParameterValue', { ImageIds: [old], ResourceTypes: option('ec2:LaunchTemplate', '1', '2') }],
  ['InvalidParameterValue', { ImageIds: [old], ResourceTypes: option('ec2:Instance', '5') }],
  ['InvalidParameterValue', { ImageIds: [old], ResourceTypes: option('ssm:Parameter', '5') }],
  ['DryRunOperation', { ImageIds: [old], ...all, DryRun: true }],
])('%s is the answer to %j', async (name, asked) => {
  await expect(api.ec2.send(new DescribeImageReferencesCommand(asked))).rejects.toMatchObject({ name });
});
