import type { EC2Client, KeyPairInfo } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { removeNodeLeftovers, removeBakeLeftovers } from '../../src/leftovers/bake-leftovers.ts';

const tags = (node: string, run: string, more = {}) =>
  Object.entries({ 'bakehouse:node': node, 'bakehouse:run': run, ...more }).map(([Key, Value]) => ({
    Key,
    Value,
  }));
const minute = 60_000;

/** A client of an EC2 that has these; what is deleted in it is written down. */
function ec2Of(there: {
  Images?: object[];
  KeyPairs?: KeyPairInfo[];
  Snapshots?: { SnapshotId: string }[];
  Volumes?: object[];
  Instances?: object[];
}) {
  const deleted: unknown[] = [];
  interface Input {
    Filters?: { Name: string; Values: string[] }[];
    Owners?: string[];
  }
  const send = ({ constructor: { name }, input }: { constructor: { name: string }; input: Input }) => {
    if (!name.startsWith('Describe')) {
      deleted.push(Object.values(input)[0]);
      return Promise.resolve({});
    }
    const [by] = input.Filters ?? [];
    const ids = by?.Name.endsWith('-id') === true ? by.Values : undefined;
    const of = (all: object[] = []) =>
      all.filter(
        (one) =>
          !deleted.includes(Object.values(one)[0]) && (ids?.includes(String(Object.values(one)[0])) ?? true),
      );
    if (name === 'DescribeImagesCommand') {
      // A deregistered image maps no snapshot; the test's have one each, by the same number.
      const mapping = by?.Name === 'block-device-mapping.snapshot-id';
      return Promise.resolve({ Images: mapping ? [] : of(there.Images) });
    }
    if (name === 'DescribeKeyPairsCommand') return Promise.resolve({ KeyPairs: of(there.KeyPairs) });
    if (name === 'DescribeSnapshotsCommand') return Promise.resolve({ Snapshots: of(there.Snapshots) });
    if (name === 'DescribeVolumesCommand') return Promise.resolve({ Volumes: of(there.Volumes) });
    const Reservations = there.Instances === undefined ? [] : [{ Instances: there.Instances }];
    return Promise.resolve({ Reservations, SecurityGroups: [], SpotInstanceRequests: [] });
  };
  return { ec2: { send, config: { systemClockOffset: 0 } } as unknown as EC2Client, deleted };
}

describe('what a failed bake left behind', () => {
  const bake = { node: 'redis', run: 'run-1', imageName: 'redis-1767000007' };
  const image = (id: string, more: object) => ({
    ImageId: id,
    State: 'available',
    Name: 'redis-1767000007',
    ...more,
  });

  test('includes its image, which nobody else will ask for, with the snapshot', async () => {
    const { ec2, deleted } = ec2Of({
      Images: [
        image('ami-1', {
          Tags: tags('redis', 'run-1'),
          BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }],
        }),
        image('ami-2', { Tags: tags('redis', 'run-1'), Name: 'redis-1767000006' }),
      ],
      Snapshots: [
        {
          SnapshotId: 'snap-1',
          ...{ Tags: tags('redis', 'run-1'), Description: 'Created by CreateImage(i-1) for ami-1' },
        },
      ],
    });
    const found = await removeBakeLeftovers(ec2, bake);
    expect(found).toEqual({ removed: ['ami-1', 'snap-1'], left: [] });
    expect(deleted).toEqual(['ami-1', 'snap-1']);
  });

  test('includes an image that a request of a killed Packer tags between the decision and the removal', async () => {
    const half = { ImageId: 'ami-1', Name: 'redis-1767000007', SourceInstanceId: 'i-1' };
    const tagged = { ...half, State: 'available', Tags: tags('redis', 'run-1') };
    const machine = {
      ...{ InstanceId: 'i-1', LaunchTime: new Date('2026-01-02T03:04:05Z') },
      ...{ KeyName: 'bakehouse-redis-run-1', State: { Name: 'terminated' }, Tags: tags('redis', 'run-1') },
    };
    const Images = [{ ...half, State: 'pending' }];
    const { ec2, deleted } = ec2Of({ Images, Instances: [machine] });
    const send = ec2.send.bind(ec2) as (command: { input: { ImageIds?: string[] } }) => Promise<unknown>;
    const change = (command: Parameters<typeof send>[0]) => {
      // It is read again before it is removed.
      if (command.input.ImageIds !== undefined || JSON.stringify(command.input).includes('image-id'))
        Images[0] = tagged;
      return send(command);
    };
    const found = await removeBakeLeftovers(
      { send: change, config: ec2.config } as unknown as EC2Client,
      bake,
    );
    expect(found).toEqual({ removed: ['ami-1'], left: [] });
    expect(deleted).toEqual(['ami-1']);
  });

  test('does not include a verified image, nor one without a tag, which may belong to another bake', async () => {
    const { ec2, deleted } = ec2Of({
      Images: [
        image('ami-1', { Tags: tags('redis', 'run-1', { 'bakehouse:verified': 'true' }) }),
        image('ami-2', {}),
      ],
    });
    const left = ['ami-2 (redis-1767000007 has no tag and may belong to another bake)'];
    expect(await removeBakeLeftovers(ec2, bake)).toEqual({ removed: [], left });
    expect(deleted).toEqual([]);
  });
});

test('a bake that ended well loses its volumes, and never its image, however EC2 may show that', async () => {
  const bake = { node: 'redis', run: 'run-1', imageName: 'redis-7', imageId: 'ami-1' };
  const at = new Date('2026-01-02T03:04:05Z');
  const tagged = { Tags: tags('redis', 'run-1') };
  const volume = { VolumeId: 'vol-1', State: 'available', CreateTime: at, ...tagged };
  const key = { KeyName: 'bakehouse-redis-run-1', State: { Name: 'terminated' } };
  const machine = { InstanceId: 'i-1', LaunchTime: at, ...key, ...tagged };
  const snapshot = {
    SnapshotId: 'snap-1',
    Tags: tags('redis', 'run-1'),
    Description: 'Created by CreateImage(i-1) for ami-1',
  };
  // EC2 may answer from before the image was available, tagged, or mapped its snapshot.
  for (const stale of [
    { State: 'pending' },
    { State: 'available' },
    { State: 'available', Tags: tags('redis', 'run-1') },
  ]) {
    const { ec2, deleted } = ec2Of({
      Images: [{ ImageId: 'ami-1', Name: 'redis-7', SourceInstanceId: 'i-1', ...stale }],
      Snapshots: [snapshot],
      Volumes: [volume],
      Instances: [machine],
    });
    expect(await removeBakeLeftovers(ec2, bake)).toEqual({ removed: ['vol-1'], left: [] });
    expect(deleted).toEqual(['vol-1']);
  }
});

describe('what earlier runs of a node have left', () => {
  const key = (id: string, age: number, node: string, run: string) => ({
    KeyPairId: id,
    KeyName: `bakehouse-${node}-${run}`,
    CreateTime: new Date(Date.now() - age * minute),
    Tags: tags(node, run),
  });
  const order = { node: 'redis', run: 'own', signal: new AbortController().signal };

  test.each([
    [60, ['old']],
    // As long as this build's, and half an hour for the rest of a run.
    [100, []],
    [98, ['old']],
  ])(
    'goes by its age, given bakes of %d min, and only of this node, and nothing of our own run',
    async (timeout, gone) => {
      const { ec2, deleted } = ec2Of({
        KeyPairs: [
          key('old', 129, 'redis', 'run-1'),
          key('young', 89, 'redis', 'run-2'),
          key('other', 999, 'web', 'run-3'),
          key('ours', 999, 'redis', 'own'),
        ],
      });
      const { removed } = await removeNodeLeftovers(ec2, { ...order, timeoutMs: timeout * minute });
      expect([deleted, removed]).toEqual([gone, gone.map(() => 'key pair bakehouse-redis-run-1')]);
    },
  );
});
