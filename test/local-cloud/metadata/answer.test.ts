import { describe, expect, test } from '@jest/globals';
import { answerMetadata, newTokens } from '../../../src/local-cloud/metadata/answer.ts';
import { metadataFacts } from '../../../src/local-cloud/metadata/tree.ts';
import { firstAccount } from '../../../src/local-cloud/state/first-account.ts';
import type { Instance } from '../../../src/local-cloud/state/model.ts';
import { fc } from '../../runs.ts';

const state = {
  ...firstAccount(),
  tags: { 'i-1': { Name: 'web', 'a b': '<&>', 'x=1': 'other', x: 'own', 'y=1': 'other' } },
};
const [group] = Object.values(state.groups);
const plain: Instance = {
  id: 'i-1',
  reservationId: 'r-1',
  launchIndex: 0,
  imageId: 'ami-1',
  type: 't3.small',
  keyName: 'launch',
  publicKey: 'ssh-ed25519 AAAA launch',
  groupIds: [group?.id ?? ''],
  state: 'running',
  transitionReason: '',
  launchedAt: '2026-11-28T00:00:00.000Z',
  rootDeviceName: '/dev/xvda',
  rootVolumeId: 'vol-1',
  address: '10.1.2.10',
  mac: '02:00:00:00:00:01',
  interfaceId: 'eni-1',
  shutdownBehavior: 'stop',
  userData: Buffer.from('#!/bin/sh\n').toString('base64'),
  metadata: { tokens: 'optional', endpoint: 'enabled', hopLimit: 1, tagsInMetadata: 'disabled' },
  enaSupport: true,
  sriovNetSupport: false,
  ebsOptimized: false,
  monitored: false,
  apiTerminationDisabled: false,
};
const withMetadata = (more: Partial<Instance['metadata']>): Instance => ({
  ...plain,
  metadata: { ...plain.metadata, ...more },
});

const clock = { now: 0 };
const tokens = newTokens(() => clock.now);
const ask = (url: string, instance = plain, headers: Record<string, string> = {}, method = 'GET') => {
  const answer = answerMetadata({ method, url, headers }, instance, state, tokens);
  return { ...answer, body: answer.body.toString() };
};
const ttl = 'x-aws-ec2-metadata-token-ttl-seconds';
const tokenFor = (instance: Instance, seconds = '60', more = {}) =>
  ask('/latest/api/token', instance, { [ttl]: seconds, ...more }, 'PUT');
const withToken = (token: string) => ({ 'x-aws-ec2-metadata-token': token });

describe('the metadata service', () => {
  test.each([
    ['/latest/meta-data/instance-id', 'i-1'],
    ['/latest/meta-data/instance-id/', 'i-1'],
    ['/2021-03-23/meta-data/ami-id', 'ami-1'],
    ['/latest/meta-data/local-ipv4', '10.1.2.10'],
    ['/latest/meta-data/public-keys/', '0=launch'],
    ['/latest/meta-data/public-keys/0/openssh-key', 'ssh-ed25519 AAAA launch\n'],
    ['/latest/meta-data/public-keys/0', 'openssh-key'],
    ['/latest/meta-data/placement/region', 'us-east-1'],
    ['/latest/meta-data/security-groups', 'default'],
    ['/latest/meta-data/network/interfaces/macs/', '02:00:00:00:00:01/'],
    ['/latest/user-data', '#!/bin/sh\n'],
    ['/latest/', 'dynamic/\nmeta-data/\nuser-data'],
  ])('answers %s', (url, body) => {
    expect(ask(url)).toEqual({ status: 200, body });
  });

  test('describes the instance in a document', () => {
    const { body } = ask('/latest/dynamic/instance-identity/document');
    expect(JSON.parse(body)).toMatchObject({
      instanceId: 'i-1',
      region: 'us-east-1',
      accountId: state.account.id,
    });
  });

  test.each([
    '/latest/meta-data/iam/security-credentials/',
    '/latest/meta-data/nothing',
    '/latest/meta-data/instance-id/more',
    '/latest/meta-data/constructor',
    '/latest/meta-data/tags/instance/Name',
    '/1999-01-01/meta-data/',
  ])('knows no %s: an instance has no role, and its tags are its own affair', (url) => {
    expect(ask(url).status).toBe(404);
  });

  test('shows tags where the instance allows that', () => {
    const shown = withMetadata({ tagsInMetadata: 'enabled' });
    expect(ask('/latest/meta-data/tags/instance/', shown).body).toBe('Name\na b\nx=1\nx\ny=1');
    expect(ask('/latest/meta-data/tags/instance/x', shown).body).toBe('own');
    expect(ask('/latest/meta-data/tags/instance/y', shown).status).toBe(404);
    expect(ask('/latest/meta-data/tags/instance/a%20b', shown).body).toBe('<&>');
  });

  test('gives user data as the bytes that it is, which need be no text', () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]);
    const zipped = { ...plain, userData: bytes.toString('base64') };
    const request = { method: 'GET', url: '/latest/user-data', headers: {} };
    expect(answerMetadata(request, zipped, state, tokens).body).toEqual(bytes);
  });

  test('has no public address for an instance without one', () => {
    const hidden = { ...plain, publicAddress: false };
    expect(ask('/latest/meta-data/public-ipv4').body).toBe('10.1.2.10');
    expect(ask('/latest/meta-data/public-ipv4', hidden).status).toBe(404);
  });
});

describe('an instance that requires tokens', () => {
  const strict = withMetadata({ tokens: 'required' });

  test('reads nothing without one, and everything with one, for as long as it is good', () => {
    expect(ask('/latest/meta-data/', strict).status).toBe(401);
    const { status, body, headers } = tokenFor(strict);
    expect([status, headers]).toEqual([200, { [ttl]: '60' }]);
    expect(ask('/latest/meta-data/instance-id', strict, withToken(body)).body).toBe('i-1');
    clock.now += 60_000;
    expect(ask('/latest/meta-data/instance-id', strict, withToken(body)).status).toBe(401);
  });

  test('reads nothing with the token of another instance, or one that nobody made', () => {
    const { body } = tokenFor({ ...strict, id: 'i-2' });
    for (const token of [body, '', 'x'])
      expect(ask('/latest/meta-data/', strict, withToken(token)).status).toBe(401);
    // A wrong token is refused also where none is needed.
    expect(ask('/latest/meta-data/', plain, withToken('x')).status).toBe(401);
  });

  test.each(['0', '21601', '1.5', 'x', ''])('gets no token for %j seconds', (seconds) => {
    expect(tokenFor(strict, seconds).status).toBe(400);
  });

  test('gets no token through a proxy, nor by another path or method', () => {
    expect(tokenFor(strict, '60', { 'x-forwarded-for': '10.0.0.1' }).status).toBe(403);
    expect(ask('/latest/meta-data/', strict, { [ttl]: '60' }, 'PUT').status).toBe(405);
    expect(ask('/latest/api/token', plain, { [ttl]: '60' }).status).toBe(404);
    expect(ask('/latest/api/token', plain, {}, 'POST').status).toBe(405);
  });
});

test('an instance whose endpoint is disabled gets nothing at all', () => {
  const off = withMetadata({ endpoint: 'disabled' });
  expect([ask('/latest/meta-data/', off).status, tokenFor(off).status]).toEqual([403, 403]);
});

test('any path is answered, and what is not there is a 404', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (path) => {
      expect([200, 400, 404]).toContain(ask(`/latest/meta-data/${path}`).status);
    }),
  );
});

describe("Facter's facts of an instance", () => {
  test('are what it would read from the metadata service, under the names that it gives them', () => {
    const { ec2_metadata, cloud } = metadataFacts(withMetadata({ tagsInMetadata: 'enabled' }), state);
    expect(cloud).toEqual({ provider: 'aws' });
    expect(ec2_metadata).toMatchObject({
      'instance-id': 'i-1',
      placement: { 'availability-zone': 'us-east-1a' },
      'public-keys': { 0: { 'openssh-key': 'ssh-ed25519 AAAA launch' } },
      network: { interfaces: { macs: { [plain.mac]: { 'local-ipv4s': plain.address } } } },
      tags: { instance: { 'a b': '<&>', 'x=1': 'other' } },
    });
  });

  test('are none where the service is disabled', () => {
    expect(metadataFacts(withMetadata({ endpoint: 'disabled' }), state)).toEqual({});
  });
});
