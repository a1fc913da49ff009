import { describe, expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { findResources, findResource, type ResourceCalls } from '../../src/leftovers/find-resources.ts';
import { ec2Error } from '../aws/fixtures.ts';
import { leftover } from './leftovers.ts';

const tags = (run: string, node = 'redis') => [
  { Key: 'bakehouse:node', Value: node },
  { Key: 'bakehouse:run', Value: run },
];
const time = new Date('2026-01-02T09:00:00Z');

/** Look-ups that answer each item on a page of its own after an empty one; what they are asked is kept. */
function lookupsOf(
  answers: Partial<Record<keyof ResourceCalls, object[]>>,
  over: Partial<ResourceCalls> = {},
) {
  const asked: [string, { Filters?: unknown; Owners?: string[] }][] = [];
  const ask =
    (name: keyof ResourceCalls, field: string) => (query: { NextToken?: string; Owners?: string[] }) => {
      asked.push([name, query]);
      const all = name === 'images' && query.Owners === undefined ? [] : (answers[name] ?? []);
      const at = Number(query.NextToken ?? 0);
      return Promise.resolve({
        [field]: at === 0 ? [] : all.slice(at - 1, at),
        ...(at < all.length ? { NextToken: String(at + 1) } : {}),
      });
    };
  const lookups: ResourceCalls = {
    instances: ask('instances', 'Reservations'),
    volumes: ask('volumes', 'Volumes'),
    groups: ask('groups', 'SecurityGroups'),
    spotRequests: ask('spotRequests', 'SpotInstanceRequests'),
    snapshots: ask('snapshots', 'Snapshots'),
    images: ask('images', 'Images'),
    keyPairs: () => Promise.resolve({ KeyPairs: answers.keyPairs ?? [] }),
    ...over,
  };
  return { lookups, asked };
}

const instance = { InstanceId: 'i-1', ImageId: 'ami-debian', State: { Name: 'running' }, LaunchTime: time, KeyName: 'k', Tags: tags('run-1') }; // prettier-ignore

describe('the look-ups', () => {
  test('go on after a page without anything, for each type of resource', async () => {
    const { lookups } = lookupsOf({
      instances: [{ Instances: [instance] }],
      volumes: [
        { VolumeId: 'vol-1', State: 'in-use', Attachments: [{ InstanceId: 'i-1' }], Tags: tags('run-1') },
      ],
      groups: [{ GroupId: 'sg-1', GroupName: 'g', Tags: tags('run-1') }],
      spotRequests: [
        { SpotInstanceRequestId: 'sir-1', State: 'open', CreateTime: time, Tags: tags('run-1'), LaunchSpecification: { ImageId: 'ami-1', KeyName: 'k' } }, // prettier-ignore
      ],
      snapshots: [{ SnapshotId: 'snap-1', StartTime: time, Description: 'x', Tags: tags('run-1') }],
      images: [
        { ImageId: 'ami-1', Name: 'n', State: 'pending', CreationDate: 'no date', Tags: tags('run-1') },
      ],
      keyPairs: [{ KeyPairId: 'key-1', KeyName: 'mine' }],
    });
    const found = await findResources(lookups);
    expect(found.map(({ id }) => id)).toEqual(['sir-1', 'ami-1', 'i-1', 'snap-1', 'vol-1', 'key-1', 'sg-1']);
    const common = { node: 'redis', run: 'run-1' };
    expect(found).toMatchObject([
      {
        ...common,
        type: 'spot-request',
        state: 'open',
        createdMs: time.getTime(),
        originRun: 'run-1',
        keyName: 'k',
      },
      { ...common, type: 'image', state: 'pending', name: 'n' },
      { ...common, type: 'instance', state: 'running', keyName: 'k', originUnknown: true },
      { ...common, type: 'snapshot', imageIds: [] },
      { ...common, type: 'volume', state: 'in-use', instanceId: 'i-1' },
      { type: 'key-pair', name: 'mine', node: '', run: '' },
      { ...common, type: 'security-group', name: 'g' },
    ]);
    expect(found[1]).not.toHaveProperty('createdMs');
  });

  test('ask by the tag, and for what bears none by the instances', async () => {
    const { lookups, asked } = lookupsOf({ instances: [{ Instances: [instance] }] });
    await findResources(lookups);
    const byTag = [{ Name: 'tag-key', Values: ['bakehouse:run'] }];
    for (const name of ['instances', 'volumes', 'groups', 'spotRequests', 'snapshots'])
      expect(asked).toContainEqual([name, expect.objectContaining({ Filters: byTag })]);
    const byMachine = [{ Name: 'description', Values: ['Created by CreateImage(i-1)*'] }];
    expect(asked).toContainEqual(['snapshots', expect.objectContaining({ Filters: byMachine })]);
  });

  describe('of a volume with copied tags', () => {
    const later = new Date(time.getTime() + 3_600_000);
    const debian = { ImageId: 'ami-debian', Public: true, BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-debian' } }] };
    const own = { ImageId: 'ami-own', Name: 'redis-1767225600', Tags: tags('run-1'), BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-own' } }] };
    const bake = { ...instance, KeyName: 'bakehouse-redis-run-1' };
    const originOf = async (volume: object, machine: object = bake) => {
      const { lookups } = lookupsOf({ instances: [{ Instances: [machine] }], volumes: [{ VolumeId: 'vol-1', State: 'available', CreateTime: later, Tags: tags('run-1'), ...volume }] });
      const images: ResourceCalls['images'] = ({ Owners }) => Promise.resolve({ Images: Owners === undefined ? [debian] : [own] });
      const found = await findResources({ ...lookups, images });
      const { originRun, originUnknown } = found.find(({ id }) => id === 'vol-1') ?? {};
      return { originRun, originUnknown };
    };
    test.each<[string, object, object]>([
      ['it is known when it was made of a public image', { SnapshotId: 'snap-debian' }, {}],
      ['it is known when it was made of an image of ours', { SnapshotId: 'snap-own' }, { originRun: 'run-1' }],
      ['it is known when it was made with the machine of its bake', { CreateTime: time }, {}],
      ['nobody knows when it is of a backup', { SnapshotId: 'snap-backup' }, { originUnknown: true }],
      ['nobody knows when it was made empty, later', {}, { originUnknown: true }],
    ])('%s', async (_, volume, origin) => {
      expect(await originOf(volume)).toEqual({ originRun: undefined, originUnknown: undefined, ...origin });
    });
    test('it is unknown whether it was made with a server', async () => {
      expect(await originOf({ CreateTime: time }, { ...bake, ImageId: 'ami-own', KeyName: 'ops' })).toMatchObject({ originUnknown: true });
    });
  }); // prettier-ignore

  test('for one bake find nothing of another', async () => {
    const keyPairs = [tags('run-1'), tags('run-2'), tags('run-1', 'web')].map((Tags, at) => ({
      KeyPairId: `key-${at}`,
      Tags,
    }));
    const images = keyPairs.map(({ Tags }, at) => ({ ImageId: `ami-${at}`, Tags }));
    const { lookups, asked } = lookupsOf({ keyPairs, images });
    const found = await findResources(lookups, { node: 'redis', run: 'run-1' });
    expect(found.map(({ id }) => id)).toEqual(['ami-0', 'key-0']);
    expect(asked[0]?.[1].Filters).toEqual([
      { Name: 'tag:bakehouse:run', Values: ['run-1'] },
      { Name: 'tag:bakehouse:node', Values: ['redis'] },
    ]);
  });

  test.each<keyof ResourceCalls>([
    'instances',
    'volumes',
    'groups',
    'spotRequests',
    'snapshots',
    'images',
    'keyPairs',
  ])('fail when that of %s is denied', async (name) => {
    const denied = () => Promise.reject(new CloudError('denied', 'denied', undefined));
    const { lookups } = lookupsOf({}, { [name]: denied });
    await expect(findResources(lookups)).rejects.toMatchObject({ exitCode: 4 });
  });

  test.each<keyof ResourceCalls>([
    'instances',
    'volumes',
    'groups',
    'spotRequests',
    'snapshots',
    'images',
    'keyPairs',
  ])('fail when the answer for %s has no list: that is not an empty one', async (name) => {
    const { lookups } = lookupsOf({}, { [name]: () => Promise.resolve({}) });
    await expect(findResources(lookups)).rejects.toMatchObject({ exitCode: 4 });
  });

  test('find no spot requests where EC2 has none', async () => {
    const unknown = () => Promise.reject(ec2Error('InvalidAction'));
    const { lookups } = lookupsOf({}, { spotRequests: unknown });
    expect(await findResources(lookups)).toEqual([]);
  });
});

test.each([
  ['available', 'stopped', 'i-1'],
  ['available', 'terminated', undefined],
  ['pending', 'running', undefined],
])('another look at an %s image finds a %s server of it: %s', async (State, Name, user) => {
  const { lookups } = lookupsOf({
    images: [{ ImageId: 'ami-1', State }],
    instances: [{ Instances: [{ ...instance, State: { Name } }] }],
  });
  expect((await findResource(lookups, leftover('image', 'ami-1')))?.usedBy).toBe(user);
});

describe('what a resource was made of', () => {
  const image = {
    ImageId: 'ami-1',
    Tags: tags('run-1'),
    BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }],
  };

  test('is an image of ours, by its id or by its snapshot', async () => {
    const { lookups } = lookupsOf({
      instances: [{ Instances: [{ ...instance, ImageId: 'ami-1' }] }],
      volumes: [{ VolumeId: 'vol-1', SnapshotId: 'snap-1', Tags: tags('run-1') }],
      images: [image],
    });
    const found = await findResources(lookups);
    for (const type of ['instance', 'volume'])
      expect(found.find((resource) => resource.type === type)).toMatchObject({ originRun: 'run-1' });
  });

  test('is an image of somebody else, or unknown where its tags may be hidden', async () => {
    const foreign = lookupsOf({ instances: [{ Instances: [instance] }] });
    const found = async (isPublic: boolean) => {
      const images: ResourceCalls['images'] = ({ Owners }) =>
        Promise.resolve({
          Images: Owners === undefined ? [{ ImageId: 'ami-debian', Public: isPublic }] : [],
        });
      return (await findResources({ ...foreign.lookups, images }))[0];
    };
    expect(await found(true)).not.toHaveProperty('originUnknown');
    expect(await found(true)).not.toHaveProperty('originRun');
    expect(await found(false)).toHaveProperty('originUnknown', true);
  });

  test('is a machine of the run, for an image or a snapshot without a tag', async () => {
    const { lookups } = lookupsOf({
      instances: [{ Instances: [instance] }],
      images: [
        { ImageId: 'ami-2', SourceInstanceId: 'i-1', State: 'available' },
        { ImageId: 'ami-3', SourceInstanceId: 'i-2', State: 'available' },
      ],
      snapshots: [
        { SnapshotId: 'snap-2', Description: 'Created by CreateImage(i-1) for ami-2 from vol-1' },
        { SnapshotId: 'snap-3', Description: 'Created by CreateImage(i-1) for ami-gone' },
      ],
    });
    const found = await findResources(lookups);
    expect(found.map(({ id }) => id)).toEqual(['ami-2', 'i-1', 'snap-2', 'snap-3']);
    expect(found[0]).toMatchObject({ instanceId: 'i-1', run: '' });
    expect(found[2]).toMatchObject({ instanceId: 'i-1', imageIds: ['ami-2'] });
    expect(found[3]).toMatchObject({ instanceId: 'i-1', imageIds: [] });
  });
});

test('a server that was restored from a backup of a restored server is of the first image, however long the chain', async () => {
  const image = (id: string, source?: string, run?: string) => ({
    ImageId: id,
    Name: id,
    ...(source === undefined ? {} : { SourceImageId: source }),
    ...(run === undefined ? {} : { Tags: tags(run) }),
  });
  const server = (id: string, imageId: string) => ({
    Instances: [
      {
        InstanceId: id,
        ImageId: imageId,
        KeyName: 'ops',
        State: { Name: 'running' as const },
        LaunchTime: time,
        Tags: tags('run-1'),
      },
    ],
  });
  const { lookups } = lookupsOf({
    images: [
      image('ami-web', 'ami-debian', 'run-1'),
      image('ami-b1', 'ami-web'),
      image('ami-b2', 'ami-b1'),
      image('ami-lost', 'ami-gone'),
    ],
    instances: [server('i-1', 'ami-b2'), server('i-2', 'ami-lost')],
  });
  const resources = await findResources(lookups);
  const of = (id: string) => resources.find((resource) => resource.id === id);
  expect(of('i-1')).toMatchObject({ originRun: 'run-1' });
  expect(of('i-2')).toMatchObject({ originUnknown: true });
});
