import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CopyImageCommand,
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { stage } from '../cli/stage-process.ts';
import {
  type CleanupCloud,
  type CleanupEnd,
  decisionOn,
  keepOne,
  type Made,
  readReport,
  rowOf,
  startCleanupCloud,
} from './cleanup-cloud.ts';
import { clientSettings } from './local-cloud.ts';

/** Copies of images in two other regions, some in use there: all by the real processes. */

const minutes = 60_000;
type Region = 'us-east-1' | 'eu-west-1' | 'us-west-2';
let cloud: CleanupCloud;
let clients: Record<Region, { ec2: EC2Client; ssm: SSMClient }>;
/** The oldest first; the last is the one that stays as the newest. */
let originals: [Made, Made, Made, Made];
/** By region, as the originals. */
const copies = { 'eu-west-1': new Map<string, Made>(), 'us-west-2': new Map<string, Made>() };

/** A copy as promote makes one. */
async function copyTo(region: 'eu-west-1' | 'us-west-2', original: Made): Promise<Made> {
  const { Images: [image] = [] } = await clients['us-east-1'].ec2.send(new DescribeImagesCommand({ ImageIds: [original.id] })); // prettier-ignore
  const tags = [...(image?.Tags ?? []), { Key: 'bakehouse:copied-from', Value: `us-east-1/${original.id}` }];
  const ofSnapshots = tags.filter(({ Key = '' }) => /:(node|run|copied-from)$/.test(Key));
  const { ec2 } = clients[region];
  const { ImageId: id = '' } = await ec2.send(
    new CopyImageCommand({
      SourceImageId: original.id,
      SourceRegion: 'us-east-1',
      Name: image?.Name ?? '',
      TagSpecifications: [
        { ResourceType: 'image', Tags: tags },
        { ResourceType: 'snapshot', Tags: ofSnapshots },
      ],
    }),
  );
  const { Images: [copy] = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
  const made = { id, snapshot: copy?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '' };
  copies[region].set(original.id, made);
  return made;
}
const copyOf = (region: 'eu-west-1' | 'us-west-2', { id }: Made) =>
  copies[region].get(id) ?? { id: 'none', snapshot: '' };

/** The images of the account that are there, in each region. */
async function idsOf(region: Region): Promise<string[]> {
  const { Images = [] } = await clients[region].ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Images.map(({ ImageId: id = '' }) => id).sort();
}
const all = async () => [await idsOf('us-east-1'), await idsOf('eu-west-1'), await idsOf('us-west-2')];

async function cleanup(args: readonly string[], regions = 'eu-west-1: {}, us-west-2: {}'): Promise<CleanupEnd> {
  const { file, reports } = cloud.flags([]);
  writeFileSync(file, `redis:\n  group: redis\n  promote: {regions: {${regions}}}\nweb: {group: web}\n`);
  const end = await stage('cleanup', ['--nodes', file, '--reports', reports, ...args], { env: cloud.env });
  return { ...end, report: readReport(reports) };
} // prettier-ignore
const inRegion = ({ report }: CleanupEnd, region: string) =>
  report?.otherRegions?.find((one) => one.region === region);
/** The line of the table about an image; the reasons of others may name it in the regions before. */
const rowIn = (region: Region, end: CleanupEnd, made: Made) =>
  rowOf({ ...end, stdout: end.stdout.slice(end.stdout.indexOf(`\n${region} `)) }, made);
const sorted = (...made: Made[]) => made.map(({ id }) => id).sort();

beforeAll(async () => {
  cloud = await startCleanupCloud();
  const clientsOf = (region: Region) => {
    const settings = { ...clientSettings(cloud.env), region };
    return { ec2: new EC2Client(settings), ssm: new SSMClient(settings) };
  };
  clients = {
    'us-east-1': clientsOf('us-east-1'),
    'eu-west-1': clientsOf('eu-west-1'),
    'us-west-2': clientsOf('us-west-2'),
  };
  const [current, unused, templated, newest] = (await cloud.images('redis', 4)) as typeof originals;
  originals = [current, unused, templated, newest];
  for (const image of [current, unused, newest]) await copyTo('eu-west-1', image);
  for (const image of [templated, newest]) await copyTo('us-west-2', image);
  const parameter = { Name: '/bakehouse/redis', Type: 'String', DataType: 'aws:ec2:image' } as const;
  const named = copyOf('eu-west-1', current).id;
  await clients['eu-west-1'].ssm.send(new PutParameterCommand({ ...parameter, Value: named }));
  const data = { ImageId: copyOf('us-west-2', templated).id, InstanceType: 't3.small' as const };
  await clients['us-west-2'].ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: 'redis', LaunchTemplateData: data }),
  );
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

describe('with copies in two other regions', () => {
  const denied = { action: 'DescribeLaunchTemplateVersions', region: 'us-west-2', error: { code: 'UnauthorizedOperation', status: 403 } }; // prettier-ignore

  test.each<[string, object]>([
    ['is denied', denied],
    ['fails', { ...denied, action: 'DescribeSnapshots', error: { code: 'InternalError', status: 500 } }],
    ['answers what cannot be read', { action: 'DescribeFleets', region: 'us-west-2', malformed: true }],
  ])('a region that %s frees nothing, there or of what may have a copy there, and its cause is said', async (_, fault) => {
    const before = await all();
    cloud.order(fault);
    const end = await cleanup([...keepOne, '--regions', 'us-east-1', '--regions', 'us-west-2', '--apply']);
    cloud.order();
    expect(end.exitCode).toBe(4);
    expect(await all()).toEqual(before);
    expect(inRegion(end, 'us-west-2')).toEqual({ region: 'us-west-2', unavailable: expect.any(String) });
    expect(end.stdout).toContain('us-west-2: NOT AVAILABLE: ');
    expect(decisionOn(end, originals[1]).reason).toMatchObject({ kind: 'region-unknown', region: 'us-west-2' });
  }, minutes); // prettier-ignore

  test('a region that is not enabled is one that cannot be read, and the others go on', async () => {
    const end = await cleanup(keepOne, 'eu-west-1: {}, ap-east-1: {}');
    expect(end.exitCode).toBe(4);
    expect(inRegion(end, 'ap-east-1')).toMatchObject({ unavailable: expect.stringContaining('AuthFailure') });
    expect(inRegion(end, 'eu-west-1')).toMatchObject({ freed: { snapshots: 1 } });
  });

  test('a region that no node is promoted to is refused', async () => {
    const end = await cleanup(['--regions', 'ap-east-1']);
    expect(end.exitCode).toBe(2);
    expect(end.stderr).toContain("--regions 'ap-east-1' is none of us-east-1, eu-west-1, us-west-2");
  });

  test('deletes in all of them what is neither current, in use nor the newest, with the original of no copy in use', async () => {
    const [current, unused, templated, newest] = originals;
    // What a promote leaves that failed: a copy that never became available.
    cloud.order({ action: 'CopyImage', region: 'us-west-2', copy: { seconds: 0, failure: 'no space' } });
    const failed = await copyTo('us-west-2', unused);
    cloud.order();
    const plan = await cleanup(keepOne);
    expect(plan.exitCode).toBe(0);
    const end = await cleanup([...keepOne, '--apply', '--verbose']);
    expect(end.exitCode).toBe(0);
    const euCurrent = copyOf('eu-west-1', current);
    const usTemplated = copyOf('us-west-2', templated);
    expect(await all()).toEqual([
      sorted(current, templated, newest),
      sorted(euCurrent, copyOf('eu-west-1', newest)),
      sorted(usTemplated, copyOf('us-west-2', newest)),
    ]);
    expect(rowIn('eu-west-1', end, euCurrent)).toMatch(/^eu-west-1 .* keep +used by parameter \/bakehouse\/redis/);
    expect(rowIn('us-east-1', end, current)).toMatch(new RegExp(`^us-east-1 .* keep +its copy ${euCurrent.id} in eu-west-1: used by parameter /bakehouse/redis`)); // prettier-ignore
    expect(rowIn('us-east-1', end, templated)).toContain(`its copy ${usTemplated.id} in us-west-2: used by launch template redis`); // prettier-ignore
    expect(rowIn('us-west-2', end, failed)).toMatch(/^us-west-2 .* deleted +EC2 could not create it/);
    expect(end.stderr).toMatch(/^ec2:DeregisterImage 3 calls$/m);
    // Nothing is left to do, nor to say of any snapshot.
    const again = await cleanup([...keepOne, '--apply']);
    expect([again.exitCode, again.report?.snapshots]).toEqual([0, []]);
    expect(inRegion(again, 'eu-west-1')).toMatchObject({ snapshots: [], freed: { snapshots: 0 } });
    expect(await all()).toEqual([
      sorted(current, templated, newest),
      sorted(euCurrent, copyOf('eu-west-1', newest)),
      sorted(usTemplated, copyOf('us-west-2', newest)),
    ]);
  }, 2 * minutes); // prettier-ignore

  test(
    'a promotion that moves on frees the copy and then the original',
    async () => {
      const [current, , , newest] = originals;
      const moved = { Name: '/bakehouse/redis', Value: copyOf('eu-west-1', newest).id, Overwrite: true };
      await clients['eu-west-1'].ssm.send(new PutParameterCommand(moved));
      const end = await cleanup([...keepOne, '--apply']);
      expect(end.exitCode).toBe(0);
      expect(await idsOf('eu-west-1')).toEqual(sorted(copyOf('eu-west-1', newest)));
      expect(await idsOf('us-east-1')).not.toContain(current.id);
    },
    minutes,
  );
});
