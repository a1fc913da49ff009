import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { decideLeftovers, type LeftoverRules } from '../../src/leftovers/decide-leftovers.ts';
import { type Resource, resourceTypes } from '../../src/leftovers/resource.ts';
import { anyResources, createImageOf, leftover, minute, nodes, nowMs, rule, runs } from './leftovers.ts';

/** What is decided on, `delete` or the kind of the reason to keep it, by id. */
function decided(resources: Resource[], over: Partial<LeftoverRules> = {}): Record<string, string> {
  const decisions = decideLeftovers(resources, { ...rule, ...over });
  return Object.fromEntries(
    decisions.map(({ resource, action, reason }) => [
      resource.id,
      action === 'delete' ? 'delete' : reason.kind,
    ]),
  );
}

const ageOf = (minutes: number) => ({ createdMs: nowMs - minutes * minute });
const untagged = { node: '', run: '' };
/** As amazon plugin 1.8.2 leaves it. */
const packersFirst = {
  ...{ name: 'aB3dE5f', state: 'available', tags: { Name: 'Bakehouse bakes redis' } },
  notOurs: { kind: 'name', name: 'aB3dE5f', node: 'redis' },
} as const;

describe('a run', () => {
  test.each([
    ['old', { resources: [leftover('volume', 'a', ageOf(91))] }, 'delete'],
    ['young', { resources: [leftover('volume', 'a', ageOf(90))] }, 'young'],
    ['of a wrong clock', { resources: [leftover('volume', 'a', ageOf(-9999))] }, 'young'],
    ['without a date', { resources: [leftover('security-group', 'a', { createdMs: NaN })] }, 'undated'],
  ])('that is %s', (_, { resources }, end) => {
    expect(decided(resources)).toEqual({ a: end });
  });

  test('is as old as its newest resource, of whatever node: verify may be at work', () => {
    const proof = { node: 'web', tags: { 'bakehouse:proof': 'true' }, originRun: 'run-1' };
    const resources = [leftover('volume', 'a'), leftover('instance', 'b', { ...proof, ...ageOf(5) })];
    expect(decided(resources)).toEqual({ a: 'young', b: 'young' });
    expect(decided(resources, { only: ['redis'] })).toEqual({ a: 'young' });
  });

  test('has ended when that is known, whatever its age; the others are running', () => {
    const young = [leftover('volume', 'a', ageOf(1)), leftover('volume', 'b', { run: 'run-2', ...ageOf(1) })];
    expect(decided(young, { finished: new Set(['run-1']) })).toEqual({ a: 'delete', b: 'young' });
  });

  test('is running for as long as its bake may take, unless it is known to have ended', () => {
    const key = (untilMs: number) => leftover('key-pair', 'k', { untilMs });
    expect(decided([leftover('volume', 'a'), key(nowMs)])).toEqual({ a: 'until', k: 'until' });
    expect(decided([leftover('volume', 'a'), key(nowMs - 1)])).toEqual({ a: 'delete', k: 'delete' });
    expect(decided([key(nowMs)], { finished: new Set(['run-1']) })).toEqual({ k: 'delete' });
  });

  test('has never ended when it is our own', () => {
    expect(decided([leftover('volume', 'a')], { live: new Set(['run-1']) })).toEqual({ a: 'live' });
  });

  test('without a name has never ended', () => {
    const resources = [leftover('volume', 'a', { ...untagged, tags: { 'bakehouse:run': '' } })];
    expect(decided(resources, { finished: new Set(['']) })).toEqual({ a: 'undated' });
  });
});

describe('of a run that has ended', () => {
  test.each<[string, Resource, string]>([
    ['a stopped instance', leftover('instance', 'a', { state: 'stopped' }), 'delete'],
    ['a terminated instance', leftover('instance', 'a', { state: 'terminated' }), 'state'],
    ["an instance of verify's", leftover('instance', 'a', { originRun: 'run-1', tags: { 'bakehouse:proof': '' } }), 'delete'],
    ['a server', leftover('instance', 'a', { originRun: 'run-1' }), 'launched-from-image'],
    ['a server with tags of another image', leftover('instance', 'a', { originRun: 'run-0' }), 'launched-from-image'],
    ['a bake upon an image of ours', leftover('instance', 'a', { originRun: 'run-0', keyName: 'bakehouse-redis-run-1' }), 'delete'],
    ['a bake by hand upon one', leftover('instance', 'a', { originRun: 'run-0', keyName: 'bakehouse-redis-5f2b0c1d-1a2b-3c4d-5e6f-0123456789ab' }), 'delete'],
    ["a server with a person's key", leftover('instance', 'a', { originUnknown: true, keyName: 'bakehouse-redis-ops' }), 'origin-unknown'],
    ['a server of an image that is gone', leftover('instance', 'a', { originUnknown: true }), 'origin-unknown'],
    ['a bake of an image that is gone', leftover('instance', 'a', { originUnknown: true, keyName: 'bakehouse-redis-run-1' }), 'delete'],
    ['a server of a group', leftover('instance', 'a', { tags: { 'aws:autoscaling:groupName': 'g' } }), 'in-group'],
    ['a server of a fleet', leftover('instance', 'a', { tags: { 'aws:ec2:fleet-id': 'g' } }), 'in-group'],
    ["Packer's spot instance, which is in a fleet", leftover('instance', 'a', { tags: { 'aws:ec2:fleet-id': 'g' }, keyName: 'bakehouse-redis-run-1' }), 'delete'],
    ['a server with the digest', leftover('instance', 'a', { tags: { 'bakehouse:digest': 'd' } }), 'tags-of-image'],
    ['the volume of a server', leftover('volume', 'a', { tags: { 'bakehouse:commit': 'd' } }), 'tags-of-image'],
    ['a volume made of its image', leftover('volume', 'a', { originRun: 'run-1' }), 'launched-from-image'],
    ['a volume in use', leftover('volume', 'a', { state: 'in-use', instanceId: 'i-other' }), 'attached'],
    ['a volume in the making', leftover('volume', 'a', { state: 'creating' }), 'state'],
    ['a volume that somebody wants', leftover('volume', 'a', { tags: { 'bakehouse:keep': 'no' } }), 'keep-tag'],
    ['an available image', leftover('image', 'a', { state: 'available' }), 'state'],
    ['a failed image', leftover('image', 'a', { state: 'failed' }), 'delete'],
    ["Packer's first image of one to be encrypted, with its machine's tags", leftover('image', 'a', { ...packersFirst, instanceId: 'i-gone' }), 'delete'],
    ['an image of such a name with the tags of an image', leftover('image', 'a', { ...packersFirst, instanceId: 'i-gone', tags: { 'bakehouse:digest': 'd' } }), 'not-ours'],
    ['an image of such a name that EC2 made of no machine', leftover('image', 'a', packersFirst), 'not-ours'],
    ['an image of such a name that is disabled', leftover('image', 'a', { ...packersFirst, instanceId: 'i-gone', state: 'disabled' }), 'state'],
    ['a snapshot of an image', leftover('snapshot', 'a', { imageIds: ['ami-1'] }), 'mapped'],
    ['a snapshot without an image', leftover('snapshot', 'a'), 'delete'],
    ['a backup that bears the tags of its volume', leftover('snapshot', 'a', { description: 'nightly' }), 'not-ours'],
    ["a backup of AWS's", leftover('snapshot', 'a', { tags: { 'aws:backup:source-resource': 'x' } }), 'not-ours'],
    ['a snapshot that bears the tag of verify', leftover('snapshot', 'a', { tags: { 'bakehouse:verified': 'true' } }), 'not-ours'],
    ['a backup image with copied tags, half made', leftover('image', 'a', { name: 'nightly', notOurs: { kind: 'name', name: 'nightly', node: 'redis' } }), 'not-ours'],
    ["a volume that may be a server's", leftover('volume', 'a', { originUnknown: true }), 'origin-unknown'],
    ["a spot request that may be a server's", leftover('spot-request', 'a', { originUnknown: true }), 'origin-unknown'],
    ["a key pair of a person's with copied tags", leftover('key-pair', 'a', { name: 'ops' }), 'own-name'],
    ["the key pair of verify's servers", leftover('key-pair', 'a', { name: 'bakehouse-proof-redis-run-1' }), 'delete'],
    ["a security group of a person's with copied tags", leftover('security-group', 'a', { name: 'web' }), 'own-name'],
    ['a spot request for a server', leftover('spot-request', 'a', { tags: { 'bakehouse:digest': 'd' } }), 'tags-of-image'],
    ["a spot request for a server, by its image", leftover('spot-request', 'a', { originRun: 'run-1' }), 'launched-from-image'],
    ['an open spot request', leftover('spot-request', 'a', { state: 'open' }), 'delete'],
    ['a spot request that is over', leftover('spot-request', 'a', { state: 'cancelled' }), 'state'],
    ['a key pair', leftover('key-pair', 'a'), 'delete'],
    ['a security group', leftover('security-group', 'a'), 'delete'],
  ])('%s', (_, resource, end) => {
    expect(decided([resource])).toEqual({ a: end });
  }); // prettier-ignore

  test('what is in use stays, and so does a snapshot without its image where references were not looked up', () => {
    const lost = leftover('snapshot', 'lost');
    const half = leftover('image', 'half', { ...untagged, state: 'available', instanceId: 'i-1' });
    const resources = [
      leftover('instance', 'i-1', { state: 'terminated' }),
      lost,
      half,
      leftover('snapshot', 'of-half', { imageIds: ['half'] }),
      leftover('snapshot', 'half-made', {
        ...untagged,
        instanceId: 'i-1',
        description: createImageOf('i-1'),
      }),
    ];
    const user = { kind: 'launch-template', by: 'launch template t' } as const;
    const references = new Map([lost, half].map(({ id }) => [id, [user]]));
    expect(decided(resources, { references })).toEqual({
      'i-1': 'state', lost: 'in-use', half: 'in-use', 'of-half': 'mapped', 'half-made': 'delete',
    }); // prettier-ignore
    expect(decided(resources, { references: undefined })).toEqual({
      'i-1': 'state', lost: 'image-gone', half: 'delete', 'of-half': 'delete', 'half-made': 'delete',
    }); // prettier-ignore
  });

  test('a volume and a snapshot go with their instance and image', () => {
    const resources = [
      leftover('snapshot', 'snap', { imageIds: ['ami'] }),
      leftover('volume', 'vol', { state: 'in-use', instanceId: 'i' }),
      leftover('image', 'ami'),
      leftover('instance', 'i'),
    ];
    expect(decided(resources)).toEqual({ snap: 'delete', vol: 'delete', ami: 'delete', i: 'delete' });
  });

  test('an image and a snapshot without a tag are removed when they were made of its machine, and not of a server', () => {
    const half = { ...untagged, state: 'available' };
    const resources = [
      leftover('instance', 'i-1', { state: 'terminated' }),
      leftover('instance', 'server', { originRun: 'run-1' }),
      leftover('image', 'ami', { ...half, instanceId: 'i-1' }),
      leftover('snapshot', 'snap', { ...half, instanceId: 'i-1', description: createImageOf('i-1') }),
      leftover('image', 'backup', { ...half, instanceId: 'server' }),
      leftover('image', 'adopted', { ...half, node: 'redis', instanceId: 'i-1' }),
      leftover('image', 'disabled', { ...half, instanceId: 'i-1', state: 'disabled' }),
    ];
    expect(decided(resources)).toEqual({
      'i-1': 'state', server: 'launched-from-image', ami: 'delete', snap: 'delete', adopted: 'state', disabled: 'state',
    }); // prettier-ignore
    expect(decided(resources, { only: ['web'] })).toEqual({});
  });

  test.each(['available', 'pending', 'failed'])('an image that a person made of its machine while it baked stays: %s', (state) => {
    const half = { ...untagged, state, instanceId: 'i-1' };
    const ofMachine = { ...untagged, instanceId: 'i-1', description: createImageOf('i-1') };
    const resources = [
      leftover('instance', 'i-1'),
      leftover('image', 'named', { ...half, name: 'my-precious-debug-image' }),
      leftover('image', 'tagged', { ...half, tags: { Owner: 'me' } }),
      leftover('image', "another node's", { ...half, name: 'web-1767225600' }),
      leftover('snapshot', 'of-named', { ...ofMachine, imageIds: ['named'] }),
      leftover('snapshot', 'tagged-snapshot', { ...ofMachine, tags: { Owner: 'me' } }),
      leftover('image', 'of-bake', half),
    ];
    expect(decided(resources, { finished: new Set(['run-1']) })).toEqual({
      'i-1': 'delete', named: 'own-name', tagged: 'own-tags', "another node's": 'own-name', 'of-named': 'mapped', 'tagged-snapshot': 'own-tags', 'of-bake': 'delete',
    });
  }); // prettier-ignore

  test('an available image is removed only where its bake is known to have failed and verify has not passed it', () => {
    const image = leftover('image', 'a', { state: 'available', name: 'redis-1767000007' });
    const verified = { ...image, id: 'b', tags: { ...image.tags, 'bakehouse:verified': 'true' } };
    const unwanted = new Set(['redis-1767000007']);
    expect(decided([image, verified], { unwanted })).toEqual({ a: 'delete', b: 'state' });
  });

  test('a key pair is removed by its name alone when that is the whole name of a known bake', () => {
    const key = (name: string) => leftover('key-pair', name, { ...untagged, name });
    const resources = [
      leftover('volume', 'a'),
      key('bakehouse-redis-run-1'),
      key('bakehouse-proof-redis-run-1'),
      key('bakehouse-redis-run-11'),
      key('bakehouse-redis-run-2'),
      key('mine'),
    ];
    const end = { a: 'delete', 'bakehouse-redis-run-1': 'delete', 'bakehouse-proof-redis-run-1': 'delete' };
    expect(decided(resources)).toEqual(end);
    const more = { finished: new Set(['run-2']), only: ['redis'] };
    expect(decided(resources, more)).toEqual({ ...end, 'bakehouse-redis-run-2': 'delete' });
  });

  test('a key pair stays when its name also fits a bake that is running', () => {
    const resources = [
      leftover('volume', 'a', { node: 'a', run: 'b-c' }),
      leftover('volume', 'b', { node: 'a-b', run: 'c', ...ageOf(1) }),
      leftover('key-pair', 'k', { ...untagged, name: 'bakehouse-a-b-c' }),
    ];
    const end = { k: 'ambiguous-name', a: 'delete', b: 'young' };
    // The key may be the other bake's, which makes no run younger that is known to be over.
    expect(decided(resources, { finished: new Set(['b-c']) })).toEqual(end);
    expect(decided(resources, { finished: new Set(['b-c', 'c']) })).toMatchObject({ k: 'delete' });
    expect(decided(resources, { finished: new Set(['b-c']), only: ['a'] })).toEqual({ a: 'delete' });
  });
});

describe('whatever exists', () => {
  const anyRule = fc.record({
    finished: fc.subarray(runs).map((some) => new Set(some)),
    only: fc.subarray(nodes),
  });

  test('nothing of a running bake, of another node or of a server is removed, and all the rest is', () => {
    fc.assert(
      fc.property(anyResources, anyRule, (all, { finished, only }) => {
        const made = all.filter(({ server, keep }) => !server || keep).map(({ resource }) => resource);
        const isOver = (run: string) => {
          const ages = made.filter((one) => one.run === run).flatMap(({ createdMs }) => createdMs ?? []);
          return finished.has(run) || (ages.length > 0 && ages.every((ms) => nowMs - ms > 90 * minute));
        };
        const chosen = all.filter(({ resource }) => only.length === 0 || only.includes(resource.node));
        const gone = chosen.filter(({ resource, server }) => !server && isOver(resource.run));
        const decisions = decideLeftovers(
          all.map(({ resource }) => resource),
          { ...rule, finished, only },
        );
        const toDelete = decisions
          .filter(({ action }) => action === 'delete')
          .map(({ resource }) => resource.id);
        expect(toDelete.sort()).toEqual(gone.map(({ resource }) => resource.id).sort());
        expect(decisions).toHaveLength(chosen.length);
      }),
    );
  });

  test('the order of the answers changes no decision', () => {
    const shuffled = anyResources.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, anyRule, ([all, other], more) => {
        const decide = (some: typeof all) =>
          decideLeftovers(
            some.map(({ resource }) => resource),
            { ...rule, ...more },
          );
        expect(decide(other)).toEqual(decide(all));
      }),
    );
  });

  test('each type of resource is removed when it is old', () => {
    const resources = resourceTypes.map((type) => leftover(type, type));
    expect(Object.values(decided(resources))).toEqual(resourceTypes.map(() => 'delete'));
  });
});

test('a backup of a server stays, whatever tags it bears, as long as its server is there', () => {
  const server = leftover('instance', 'i-server', { originRun: 'run-1', keyName: 'ops', state: 'running' });
  const backup = leftover('snapshot', 'snap-backup', {
    instanceId: 'i-server',
    description: 'Created by CreateImage(i-server) for ami-gone',
    imageIds: [],
  });
  expect(decided([server, backup], { references: new Map() })).toEqual({
    'i-server': 'launched-from-image',
    'snap-backup': 'launched-from-image',
  });
});
