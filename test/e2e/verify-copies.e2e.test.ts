import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CopyImageCommand, DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { root, stage } from '../cli/stage-process.ts';
import { type CleanupCloud, type Made, startCleanupCloud } from './cleanup-cloud.ts';
import { clientSettings } from './local-cloud.ts';

/** What verify says of an image reaches its copy in another region: by the real process, without a machine. */

const minutes = 60_000;
let cloud: CleanupCloud;
let eu: EC2Client;
let original: Made;
let copy = '';

beforeAll(async () => {
  cloud = await startCleanupCloud();
  eu = new EC2Client({ ...clientSettings(cloud.env), region: 'eu-west-1' });
  original = await cloud.image('redis');
  const { Images: [image] = [] } = await cloud.ec2.send(
    new DescribeImagesCommand({ ImageIds: [original.id] }),
  );
  const tags = [...(image?.Tags ?? []), { Key: 'bakehouse:copied-from', Value: `us-east-1/${original.id}` }];
  const { ImageId = '' } = await eu.send(
    new CopyImageCommand({
      SourceImageId: original.id,
      SourceRegion: 'us-east-1',
      Name: image?.Name ?? '',
      TagSpecifications: [{ ResourceType: 'image', Tags: tags }],
    }),
  );
  copy = ImageId;
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

/** Verifies a bake that left no report of Puppet, so that its image is rejected. */
async function verify(regions: string) {
  const { file, reports } = cloud.flags([]);
  writeFileSync(file, `redis:\n  group: redis\n  promote: {regions: {${regions}}}\n`);
  const bake = JSON.parse(readFileSync(join(root, 'test/build/fixtures/bake.json'), 'utf8')) as object;
  mkdirSync(join(reports, 'redis'));
  writeFileSync(join(reports, 'redis/bake.json'), JSON.stringify({ ...bake, imageId: original.id }));
  return stage('verify', ['--nodes', file, '--reports', reports], { env: cloud.env });
}

async function marksOf(ec2: EC2Client, id: string): Promise<string[]> {
  const { Images: [image] = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
  const marks = (image?.Tags ?? []).map(({ Key = '' }) => Key);
  return marks.filter((key) => /:(verified|rejected)$/.test(key));
}

test('a rejection that does not reach a copy ends with exit code 4 and names the region; run again, it does', async () => {
  cloud.order({ action: 'CreateTags', region: 'eu-west-1', error: { code: 'UnauthorizedOperation', status: 403 } });
  const cut = await verify('eu-west-1: {}');
  cloud.order();
  expect(cut.exitCode).toBe(4);
  expect(cut.stdout).toMatch(/is\s+rejected,\s+but\s+not\s+yet\s+its\s+copies\s+in\s+other\s+regions\s+\(eu-west-1:/);
  expect(await marksOf(cloud.ec2, original.id)).toEqual(['bakehouse:rejected']);
  // Fail-closed: it is not verified any more.
  expect(await marksOf(eu, copy)).toEqual([]);

  expect((await verify('eu-west-1: {}')).exitCode).toBe(3);
  expect(await marksOf(eu, copy)).toEqual(['bakehouse:rejected']);
}, minutes); // prettier-ignore

test('each region is asked once, and none where a node has no regions', async () => {
  const describesIn = async (regions: string) => {
    cloud.forgetCalls();
    await verify(regions);
    return cloud.calls().filter(({ action }) => action === 'DescribeImages').length;
  };
  expect(await describesIn('')).toBe(1);
  expect(await describesIn('eu-west-1: {}, us-west-2: {}')).toBe(3);
}, minutes); // prettier-ignore
