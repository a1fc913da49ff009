import { describe, expect, test } from '@jest/globals';
import { tagMap } from '../../src/aws/tags.ts';
import { cloudError, type MemoryCloud } from './memory-account.ts';
import {
  account,
  currentOf,
  everywhere,
  nodesOf,
  one,
  own,
  problemsOf,
  regions,
  run,
  stateOf,
  three,
  two,
  web,
} from './promotion.ts';

const nodes = nodesOf(web);

describe('promote', () => {
  test('puts the newest verified image into service in all regions, in parameter and template', async () => {
    const cloud = account();
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
    expect(currentOf(cloud)).toEqual(everywhere(one));
    for (const region of Object.values(stateOf(cloud))) {
      expect(region.templates).toEqual([
        {
          name: 'web',
          versions: 2,
          image: one,
          latest: one,
          rest: Array(2).fill({ InstanceType: 't3.small' }),
        },
      ]);
      expect(region.images).toMatchObject([{ Name: one, State: 'available', shares: 1, promoted: true }]);
      expect(Object.keys(region.parameters)).toEqual(['/images/web']);
    }
  });

  test("gives a copy the original's tags and what it is a copy of, and no snapshot the tag of a verified image", async () => {
    const cloud = account();
    await run(cloud, nodes);
    const [original] = cloud.region(own).images.values();
    const [copy] = cloud.region('eu-west-1').images.values();
    expect(Object.fromEntries(tagMap(copy?.Tags))).toMatchObject({
      ...{ 'bakehouse:node': 'web', 'bakehouse:run': `run-of-${one}`, 'bakehouse:digest': 'd1' },
      ...{ 'bakehouse:verified': 'true', 'bakehouse:copied-from': `us-east-1/${original?.ImageId ?? ''}` },
    });
    expect(Object.keys(cloud.copies[0]?.snapshotTags ?? {}).sort()).toEqual([
      'bakehouse:copied-from',
      'bakehouse:node',
      'bakehouse:run',
    ]);
  });

  test('moves no pointer before all copies are there, and no template before its parameter', async () => {
    const cloud = account();
    cloud.copyMs = 600_000;
    await run(cloud, nodes);
    const at = (call: string) =>
      cloud.writes.flatMap((write, index) => (write.endsWith(` ${call}`) ? index : []));
    expect(Math.max(...at('copyImage'), ...at('shareImage'))).toBeLessThan(Math.min(...at('putLock')));
    expect(Math.max(...at('tag'))).toBeLessThan(Math.min(...at('putParameter')));
    expect(Math.max(...at('putParameter'))).toBeLessThan(Math.min(...at('setDefaultVersion')));
  });

  test('writes nothing without --apply, and says what it would do', async () => {
    const cloud = account();
    const [result] = await run(cloud, nodes, { apply: false });
    expect(cloud.writes).toEqual([]);
    expect(result?.record).toMatchObject({
      ...{ applied: false, problems: [] },
      regions: [
        { copied: 'original', parameter: { changed: true }, launchTemplate: { changed: true, version: 1 } },
        { copied: 'would-make', parameter: { changed: true } },
        { copied: 'would-make', parameter: { changed: true } },
      ],
    });
  });

  test('with nothing to do writes nothing, takes no lock, and reads what it has to once', async () => {
    const cloud = account();
    await run(cloud, nodes);
    const [before] = [cloud.calls.length, (cloud.writes.length = 0)];
    const [result] = await run(cloud, nodes);
    expect(result).toMatchObject({
      failures: [],
      record: { regions: Array(3).fill({ parameter: { changed: false } }) },
    });
    expect(cloud.writes).toEqual([]);
    const each = ['imagesOfNodes', 'parameters', 'templateInService', 'imagesSharedWith'];
    expect(cloud.calls.slice(before)).toEqual(
      regions.flatMap((region) => each.map((call) => `${region} ${call}`)),
    );
  });

  test('reads twice in a region when a node has neither template nor accounts', async () => {
    const cloud = account();
    const plain = nodesOf('web: {group: g, promote: {regions: {eu-west-1: {}}}}');
    await run(cloud, plain);
    const before = cloud.calls.length;
    await run(cloud, plain);
    expect(cloud.calls.slice(before)).toHaveLength(4);
  });

  test('remembers on the second image which one was current before', async () => {
    const cloud = account();
    await run(cloud, nodes);
    cloud.bake(own, two);
    const [result] = await run(cloud, nodes);
    expect(currentOf(cloud)).toEqual(everywhere(two));
    for (const { images } of Object.values(stateOf(cloud)))
      expect(images.find(({ Name }) => Name === two)).toMatchObject({ previous: one });
    expect(result?.record.regions.map(({ previous }) => previous)).not.toContain(undefined);
  });

  test('makes the version in service the latest one, too: groups launch by $Latest as well', async () => {
    const cloud = account();
    await run(cloud, nodes);
    cloud.bake(own, two);
    await run(cloud, nodes);
    await run(cloud, nodes, { kind: 'rollback' });
    for (const { templates } of Object.values(stateOf(cloud)))
      expect(templates).toMatchObject([{ versions: 4, image: one, latest: one }]);
  });

  test('adds a copy, permission and pointers for a region that nodes.yaml gets later', async () => {
    const cloud = account();
    await run(cloud, nodesOf(web.replace(', us-west-2: {}', '')));
    expect(currentOf(cloud)).toEqual({ ...everywhere(one), 'us-west-2': undefined });
    await run(cloud, nodes);
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });

  test('does not bring back by itself an image that was rolled back, but does with --image', async () => {
    const cloud = account();
    await run(cloud, nodes);
    const id = cloud.bake(own, two);
    await run(cloud, nodes);
    await run(cloud, nodes, { kind: 'rollback' });
    const [result] = await run(cloud, nodes);
    expect(result?.record.notes).toEqual([expect.stringContaining(`--image ${id}`)]);
    expect(currentOf(cloud)).toEqual(everywhere(one));
    await run(cloud, nodes, { image: await cloud.account(own).anyImage(id) });
    expect(currentOf(cloud)).toEqual(everywhere(two));
    cloud.bake(own, three);
    await run(cloud, nodes);
    expect(currentOf(cloud)).toEqual(everywhere(three));
  });

  test('lets a node that fails keep no other from its promotion', async () => {
    const cloud = account();
    const both = nodesOf(`${web}db: {group: db}\n`);
    const results = await run(cloud, both);
    expect(results.map(({ failures }) => failures.length)).toEqual([0, 1]);
    expect(currentOf(cloud)).toEqual(everywhere(one));
  });
});

describe('before anything is written', () => {
  test('all problems of all regions are said at once', async () => {
    const cloud = account();
    cloud.region('eu-west-1').templates.clear();
    cloud.bake('eu-west-1', 'db-1700000001');
    cloud.region('us-west-2').images.set('ami-0f', { ImageId: 'ami-0f', Name: one, State: 'available' });
    cloud.parameter(own, '/images/web', 'ami-0123456789abcdef0', { type: 'SecureString' });
    expect(await problemsOf(run(cloud, nodes))).toEqual([
      expect.stringMatching(/^us-east-1: the parameter \/images\/web is a SecureString/),
      expect.stringMatching(/^eu-west-1: there is no launch template web/),
      expect.stringMatching(/^us-west-2: the name web-1700000001 is taken by ami-0f/),
    ]);
    expect(cloud.writes).toEqual([]);
  });

  test('a region that is not enabled is named, and a denied call is, too', async () => {
    const cloud = account();
    cloud.gate = (region, call) => {
      if (region === 'eu-west-1') throw cloudError('credentials', 'AuthFailure');
      if (region === 'us-west-2' && call === 'parameters')
        throw cloudError('denied', 'AccessDeniedException');
    };
    const [result] = await run(cloud, nodes);
    expect(result?.failures).toEqual([
      { message: expect.stringMatching(/^eu-west-1: the region is not enabled/), unavailable: false },
      { message: expect.stringMatching(/^us-west-2: denied/), unavailable: true },
    ]);
    expect(cloud.writes).toEqual([]);
  });

  test.each<[string, string | undefined]>([
    ['an image of another maker', 'ami-0000000000000000f'],
    ['another parameter', 'resolve:ssm:/images/db'],
    ['one version of our parameter', 'resolve:ssm:/images/web:3'],
  ])('a template that names %s is refused, and moved with --force', async (_, imageId) => {
    const cloud = account();
    cloud.region(own).images.set('ami-0000000000000000f', {
      ...{ ImageId: 'ami-0000000000000000f', Name: 'golden', State: 'available' },
    });
    cloud.template(own, 'web', imageId);
    expect(await problemsOf(run(cloud, nodes))).toEqual([expect.stringContaining('a person set it')]);
    expect(cloud.writes).toEqual([]);
    expect(await problemsOf(run(cloud, nodes, { force: true }))).toEqual([]);
    expect(stateOf(cloud)[own]?.templates).toMatchObject([{ image: one, versions: 2 }]);
  });

  test('a template that follows our parameter is left as it is', async () => {
    const cloud = account();
    for (const region of regions) cloud.template(region, 'web', 'resolve:ssm:/images/web');
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
    for (const { templates } of Object.values(stateOf(cloud)))
      expect(templates).toMatchObject([{ versions: 1 }]);
  });

  test('a parameter that a person set is refused, one whose image is gone is not', async () => {
    const cloud = account();
    cloud.region(own).images.set('ami-0f', { ImageId: 'ami-0f', Name: 'golden', State: 'available' });
    cloud.parameter(own, '/images/web', 'ami-0f');
    expect(await problemsOf(run(cloud, nodes))).toEqual([expect.stringContaining('a person set it')]);
    cloud.region(own).images.delete('ami-0f');
    expect(await problemsOf(run(cloud, nodes))).toEqual([]);
  });
});

describe('a parameter that names no image', () => {
  test.each(['hold: ask the database team', 'ami-0f,ami-1f', 'resolve:ssm:/images/db'])(
    'is refused when it holds %s, and moved with --force',
    async (value) => {
      const cloud = account();
      cloud.parameter(own, '/images/web', value, { dataType: 'text' });
      expect(await problemsOf(run(cloud, nodes))).toEqual([expect.stringContaining('a person set it')]);
      expect(cloud.writes).toEqual([]);
      expect(await problemsOf(run(cloud, nodes, { force: true }))).toEqual([]);
    },
  );
});

describe('the last look under the lock', () => {
  test.each<[string, (cloud: MemoryCloud) => void, string]>([
    [
      'a parameter that a person has set meanwhile',
      (cloud) => {
        cloud.parameter('eu-west-1', '/images/web', 'ami-0f');
      },
      'eu-west-1: the parameter /images/web named nothing and names ami-0f now',
    ],
    [
      'a template that a person has changed meanwhile',
      (cloud) => {
        cloud.template('us-west-2', 'web', 'ami-0f');
      },
      'us-west-2: the launch template web named nothing and names ami-0f now',
    ],
    [
      'an image that was revoked meanwhile',
      (cloud) => {
        for (const image of cloud.region(own).images.values())
          image.Tags?.push({ Key: 'bakehouse:revoked', Value: 'x' });
      },
      'us-east-1: the image .* is revoked: x',
    ],
  ])('finds %s: no pointer is moved, and another run may help', async (_, change, why) => {
    const cloud = account();
    cloud.gate = (_region, call, when) => {
      if (call === 'putLock' && when === 'after') change(cloud);
    };
    const [result] = await run(cloud, nodes);
    expect(result?.failures).toEqual([{ message: expect.stringMatching(why), unavailable: true }]);
    expect(cloud.writes.filter((write) => /putParameter|setDefault/.test(write))).toEqual([]);
    expect([...cloud.region(own).parameters.keys()]).toEqual([]);
  });
});
