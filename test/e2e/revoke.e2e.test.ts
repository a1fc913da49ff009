import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateLaunchConfigurationCommand } from '@aws-sdk/client-auto-scaling';
import {
  CopyImageCommand,
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { stage } from '../cli/stage-process.ts';
import { type CleanupCloud, type Made, startCleanupCloud, writesAmong } from './cleanup-cloud.ts';
import { clientSettings } from './local-cloud.ts';

/** Revocation by the real process, of images that are in service in two regions; promote is not needed for it. */

const minutes = 60_000;
const [own, other] = ['us-east-1', 'eu-west-1'];
const reason = 'CVE-2026-0001:\nits ssh lets everybody in';

let cloud: CleanupCloud;
let there: { ec2: EC2Client; ssm: SSMClient };
let reports: string;
let nodesFile: string;
let [first, second, child, backup]: Made[] = [];
let copies: string[];

/** The copy that promote would have made. */
async function copyTo(
  { id }: Made,
  node: string,
  name: string,
  tags: Record<string, string>,
): Promise<string> {
  const list = Object.entries({ 'bakehouse:node': node, 'bakehouse:verified': 'true', ...tags });
  const { ImageId: copy = '' } = await there.ec2.send(
    new CopyImageCommand({
      ...{ SourceImageId: id, SourceRegion: own, Name: name },
      TagSpecifications: [
        {
          ResourceType: 'image',
          Tags: [
            { Key: 'bakehouse:copied-from', Value: `${own}/${id}` },
            ...list.map(([Key, Value]) => ({ Key, Value })),
          ],
        },
      ],
    }),
  );
  return copy;
}

const revoke = (...args: string[]) =>
  stage('promote', ['--nodes', nodesFile, '--reports', reports, ...args], { env: cloud.env });

async function values(ssm: SSMClient): Promise<Record<string, string>> {
  const { Parameters: found = [] } = await ssm.send(
    new GetParametersCommand({ Names: ['/images/web', '/bakehouse/shop'] }),
  );
  return Object.fromEntries(found.map(({ Name = '', Value = '' }) => [Name, Value]));
}

async function revokedTags(ec2: EC2Client): Promise<Record<string, string | undefined>> {
  const { Images: found = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Object.fromEntries(
    found.map(({ ImageId = '', Tags: tags = [] }) => [
      ImageId,
      tags.find(({ Key }) => Key === 'bakehouse:revoked')?.Value,
    ]),
  );
}

beforeAll(async () => {
  cloud = await startCleanupCloud();
  const settings = { ...clientSettings(cloud.env), region: other };
  there = { ec2: new EC2Client(settings), ssm: new SSMClient(settings) };
  reports = mkdtempSync(join(cloud.state, 'reports-'));
  nodesFile = join(reports, 'nodes.yaml');
  writeFileSync(
    nodesFile,
    `web: {group: web, promote: {regions: {${other}: {}}, parameter: /images/web, launch_template: web}}\nshop: {group: web}\n`,
  );
  const served = { 'bakehouse:promoted': '2026-11-01T00:00:00.000Z' };
  first = await cloud.image('web', { name: 'web-1700000001', tags: served });
  second = await cloud.image('web', { name: 'web-1700000002', tags: served });
  child = await cloud.image('shop', { name: 'shop-1700000003', tags: { 'bakehouse:source-ami': second.id } });
  backup = await cloud.image('web', { name: 'nightly', tags: { 'bakehouse:source-ami': second.id } });
  copies = [
    await copyTo(first, 'web', 'web-1700000001', served),
    await copyTo(second, 'web', 'web-1700000002', served),
  ];
  const put = (ssm: SSMClient, Name: string, Value = '') =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', DataType: 'aws:ec2:image' }));
  await put(cloud.ssm, '/images/web', second.id);
  await put(there.ssm, '/images/web', copies[1]);
  await put(cloud.ssm, '/bakehouse/shop', child.id);
  for (const [ec2, ImageId = ''] of [
    [cloud.ec2, second.id],
    [there.ec2, copies[1]],
  ] as const) {
    const data = { LaunchTemplateData: { ImageId, InstanceType: 't3.small' as const } };
    await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'web', ...data }));
  }
  const configuration = { LaunchConfigurationName: 'old-web', ImageId: second.id, InstanceType: 't3.small' };
  await cloud.autoScaling.send(new CreateLaunchConfigurationCommand(configuration));
  const guest = { LaunchPermission: { Add: [{ UserId: '210987654321' }] } };
  await there.ec2.send(new ModifyImageAttributeCommand({ ImageId: copies[1] ?? '', ...guest }));
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

describe('promote --revoke', () => {
  const args = () => ['--revoke', second?.id ?? '', '--reason', reason];

  test(
    'only says what it would do without --apply',
    async () => {
      cloud.forgetCalls();
      const { exitCode, stdout } = await revoke(...args());
      expect(stdout).toContain('3 images would be revoked');
      expect(exitCode).toBe(3); // shop has no earlier image.
      expect(writesAmong(cloud.calls())).toEqual([]);
    },
    minutes,
  );

  test(
    'refuses an image that is not of a bake, and a copy, by what is wrong',
    async () => {
      const other = await revoke('--revoke', backup?.id ?? '', '--reason', 'x', '--apply');
      expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('its name nightly is not')]);
      const copy = await revoke('--revoke', copies[1] ?? '', '--reason', 'x', '--apply');
      const original = `revoke its original ${second?.id ?? ''}`;
      expect([copy.exitCode, copy.stderr]).toEqual([2, expect.stringContaining(original)]);
    },
    minutes,
  );

  test(
    'tags the image, its copy and what was baked from it, moves the pointers back and says who uses them',
    async () => {
      const { exitCode, stdout } = await revoke(...args(), '--apply', '--json');
      const text = reason.replace('\n', ' ');
      expect(await revokedTags(cloud.ec2)).toMatchObject({
        ...{ [second?.id ?? '']: text, [child?.id ?? '']: text },
        ...{ [first?.id ?? '']: undefined, [backup?.id ?? '']: undefined },
      });
      expect(await revokedTags(there.ec2)).toEqual({ [copies[0] ?? '']: undefined, [copies[1] ?? '']: text });
      // shop has no other image: its pointer stays, and that is said.
      expect(await values(cloud.ssm)).toEqual({ '/images/web': first?.id, '/bakehouse/shop': child?.id });
      expect(await values(there.ssm)).toEqual({ '/images/web': copies[0] });
      expect(exitCode).toBe(3);
      for (const [ec2, id] of [
        [cloud.ec2, first?.id],
        [there.ec2, copies[0]],
      ] as const) {
        const inService = { LaunchTemplateName: 'web', Versions: ['$Default'] };
        const found = await ec2.send(new DescribeLaunchTemplateVersionsCommand(inService));
        const [version] = found.LaunchTemplateVersions ?? [];
        expect(version?.LaunchTemplateData).toMatchObject({ ImageId: id, InstanceType: 't3.small' });
      }
      const { users } = JSON.parse(stdout) as { users: { imageId: string; users: { by: string }[] }[] };
      const uses = users.flatMap(({ imageId, users: all }) => all.map(({ by }) => `${imageId} ${by}`));
      expect(uses.sort()).toEqual(
        [
          `${second?.id ?? ''} launch configuration old-web`,
          `${child?.id ?? ''} parameter /bakehouse/shop`,
          `${copies[1] ?? ''} account 210987654321`,
        ].sort(),
      );
      const record = JSON.parse(readFileSync(join(reports, 'web/promote.json'), 'utf8')) as object;
      expect(record).toMatchObject({ kind: 'revoke', applied: true, image: first?.id, problems: [] });
    },
    minutes,
  );

  test(
    'run again writes nothing more',
    async () => {
      cloud.forgetCalls();
      const { exitCode } = await revoke(...args(), '--apply');
      expect(exitCode).toBe(3);
      expect(writesAmong(cloud.calls())).toEqual([]);
    },
    minutes,
  );
});
