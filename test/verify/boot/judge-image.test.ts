import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import { judgeImage } from '../../../src/verify/boot/judge-image.ts';
import type { BuilderFacts, ServerFacts, UnitState } from '../../../src/verify/boot/server-facts.ts';
import { builder, factsOf, launchKey } from './servers.ts';

const key = (name: string, before = '') => ({
  file: '/home/admin/.ssh/authorized_keys',
  line: `${before}ssh-rsa AAAAB3NzaC1yc2EAAAADother ${name}`,
});

/** The cases of two servers, of which the second one is spoiled, that are red, with their problems. */
function red(spoiled: Partial<ServerFacts>, bake: BuilderFacts = builder) {
  const looks = [{ facts: factsOf(1) }, { facts: factsOf(2, spoiled) }];
  return judgeImage(looks, bake, launchKey)
    .filter(({ problems }) => problems.length > 0)
    .map(({ name, problems }) => [name, problems]);
}

const units = (name: string, over: Partial<UnitState>) =>
  factsOf(2).units.map((unit) => (unit.name === name ? { ...unit, ...over } : unit));
const services = (name: string, over: Partial<UnitState>) =>
  factsOf(2).services.map((unit) => (unit.name === name ? { ...unit, ...over } : unit));
const redisThen = { name: 'redis', ensure: 'unset', enabled: 'enabled', active: 'active' };
const without = (list: UnitState[], name: string) => list.filter((unit) => unit.name !== name);

const shared = (value: string) => `${value} is the same on two servers`;
const bakes = (value: string) => `${value} is the bake's machine's`;
const machineId = 'has a machine id of its own';
const hostKeys = 'has ssh host keys of its own';
const keys = 'lets only the launch key in';
const agent = 'never runs the agent';
const redis = 'runs Service[redis]';
/** What is wrong with one of two servers, and the one case that it must turn red. */
const spoils: [string, Partial<ServerFacts>, string, string][] = [
  ['the same machine id', { machineId: 'machine-1' }, machineId, shared('machine-1')],
  ["the bake's machine id", { machineId: 'machine-0' }, machineId, bakes('machine-0')],
  ['no machine id', { machineId: '' }, machineId, 'a server has none'],
  [
    'one host key that is the same',
    { hostKeys: ['SHA256:rsa-2', 'SHA256:ed25519-1'] },
    hostKeys,
    shared('SHA256:ed25519-1'),
  ],
  [
    "a host key of the bake's machine",
    { hostKeys: ['SHA256:rsa-2', 'SHA256:rsa-0'] },
    hostKeys,
    bakes('SHA256:rsa-0'),
  ],
  ['no host key', { hostKeys: [] }, hostKeys, 'a server has none'],
  ['the same hostname', { hostname: 'ip-10-0-0-1' }, 'has a hostname of its own', shared('ip-10-0-0-1')],
  ['no hostname', { hostname: '' }, 'has a hostname of its own', 'a server has none'],
  [
    'the same seed',
    { seeds: ['/var/lib/systemd/credential.secret seed-1'] },
    'has a credential secret of its own',
    shared('/var/lib/systemd/credential.secret seed-1'),
  ],
  [
    'a key of somebody with the launch key as its comment',
    { authorized: [key(launchKey)] },
    keys,
    `/home/admin/.ssh/authorized_keys lets the key '${launchKey}' in`,
  ],
  [
    'a key of somebody',
    { authorized: [...factsOf(2).authorized, key('ann@example.com')] },
    keys,
    "/home/admin/.ssh/authorized_keys lets the key 'ann@example.com' in",
  ],
  [
    'a key with options before it',
    { authorized: [key('bob', 'from="10.0.0.0/8",command="sh -c \\"a b\\"" ')] },
    keys,
    "/home/admin/.ssh/authorized_keys lets the key 'bob' in",
  ],
  [
    'a line among the keys that is none',
    { authorized: [{ file: '/root/.ssh/authorized_keys2', line: 'cert-authority what' }] },
    keys,
    '/root/.ssh/authorized_keys2 lets a line that is no key in',
  ],
  [
    'a key that begins as the launch key does',
    { authorized: [{ file: '/root/.ssh/authorized_keys', line: `ssh-ed25519 ${launchKey}AAAA other` }] },
    keys,
    "/root/.ssh/authorized_keys lets the key 'other' in",
  ],
  [
    "a certificate of Puppet's",
    { ofPuppet: ['/var/lib/puppet/ssl/certs/ca.pem'] },
    "holds nothing of Puppet's run",
    '/var/lib/puppet/ssl/certs/ca.pem is in the image',
  ],
  [
    "the bake's folder",
    { ofBake: ['/var/lib/bakehouse-bake'] },
    'holds nothing of the bake',
    '/var/lib/bakehouse-bake is in the image',
  ],
  [
    'a history',
    { history: ['/root/.bash_history'] },
    'holds no shell history',
    '/root/.bash_history is in the image',
  ],
  [
    'the agent enabled',
    { units: units('puppet.service', { enabled: 'enabled' }) },
    agent,
    'puppet.service is enabled',
  ],
  [
    'a unit masked until the next boot',
    { units: units('puppet-run.timer', { enabled: 'masked-runtime' }) },
    agent,
    'puppet-run.timer is masked-runtime',
  ],
  [
    'a silent unit',
    { units: units('pxp-agent.service', { enabled: '', active: '' }) },
    agent,
    'pxp-agent.service is not masked',
  ],
  [
    'a unit of the agent of which nothing is known',
    { units: without(factsOf(2).units, 'puppet-run.service') },
    agent,
    'it is not known whether puppet-run.service is masked',
  ],
  [
    'the agent at work',
    { units: units('puppet.service', { active: 'active' }) },
    agent,
    'puppet.service runs',
  ],
  [
    'a service that failed',
    { services: services('redis', { active: 'failed' }) },
    redis,
    'redis failed to start',
  ],
  [
    'a service that does not run',
    { services: services('redis', { active: 'inactive' }) },
    redis,
    'redis is inactive',
  ],
  [
    'a service that is not enabled',
    { services: services('redis', { enabled: 'disabled' }) },
    redis,
    'redis is disabled',
  ],
  [
    'a silent service',
    { services: services('redis', { enabled: '', active: '' }) },
    redis,
    'it is not known whether redis runs',
  ],
  [
    'a service of which nothing is known',
    { services: without(factsOf(2).services, 'redis') },
    redis,
    'it is not known whether redis runs',
  ],
  [
    'a system with a failed unit that no manifest manages',
    { system: 'degraded', failedUnits: ['a.mount', 'b.service'] },
    'boots',
    'the system is degraded: failed are a.mount, b.service',
  ],
  ['a system that names no failed unit', { system: 'degraded' }, 'boots', 'the system is degraded'],
  ['a system that still starts', { system: 'starting' }, 'boots', 'the system is starting'],
  [
    'a system that did not come up',
    { system: '' },
    'boots',
    'systemd was not done with booting after two minutes',
  ],
];

describe('an image', () => {
  test('is good when two servers of it share nothing and keep nothing', () => {
    const cases = judgeImage([{ facts: factsOf(1) }, { facts: factsOf(2) }], builder, launchKey);
    expect(cases.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  test.each(spoils)('with %s fails in one case', (_, spoiled, name, problem) => {
    expect(red(spoiled)).toEqual([[name, [problem]]]);
  });

  test('is never good with several things wrong, and each has its case', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(spoils, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (some, first) => {
          const spoiled = Object.assign({}, ...some.map(([, facts]) => facts)) as Partial<ServerFacts>;
          const looks = [{ facts: factsOf(1) }, { facts: factsOf(2, spoiled) }];
          const names = judgeImage(first ? looks.reverse() : looks, builder, launchKey).flatMap((one) =>
            one.problems.length > 0 ? [one.name] : [],
          );
          // Of two that spoil the same fact the later one is there.
          const there = some.filter(([, facts]) =>
            Object.entries(facts).every(([fact, value]) => spoiled[fact as keyof ServerFacts] === value),
          );
          expect(names).toEqual(expect.arrayContaining(there.map(([, , name]) => name)));
          expect(names.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('a failed service of the manifests', () => {
  const failedOf = (service: string, ...others: string[]) => ({
    system: 'degraded',
    failedUnits: [`${service}.service`, ...others],
    services: services(service, { active: 'failed' }),
  });

  test('is named once, by its own case', () => {
    expect(red(failedOf('redis'))).toEqual([['runs Service[redis]', ['redis failed to start']]]);
  });

  test('does not hide another failed unit', () => {
    const boots = ['boots', ['the system is degraded: failed are x.service']];
    expect(red(failedOf('redis', 'x.service'))).toContainEqual(boots);
  });

  test('fails even if it was not running in the bake', () => {
    expect(red(failedOf('exim4'))).not.toEqual([]);
  });
});

describe('what the bake knows', () => {
  test.each<[string, BuilderFacts, string, string]>([
    [
      'no machine id',
      { hostKeys: builder.hostKeys, services: [] },
      'has a machine id of its own',
      "it is not known what the bake's machine had",
    ],
    [
      'no host keys',
      { ...builder, hostKeys: [] },
      'has ssh host keys of its own',
      "it is not known what the bake's machine had",
    ],
    [
      'no services',
      { machineId: 'machine-0', hostKeys: builder.hostKeys },
      "runs the manifests' services",
      'it is not known which services the manifests manage: the bake did not say',
    ],
    [
      'a service that systemd did not know',
      { ...builder, services: [{ ...redisThen, enabled: 'unknown', active: 'unknown' }] },
      'runs Service[redis]',
      'systemd knew no redis in the bake',
    ],
  ])('fails when it is %s', (_, bake, name, problem) => {
    expect(red({}, bake)).toEqual([[name, [problem]]]);
  });

  test('may be that the manifests manage no service', () => {
    expect(red({}, { ...builder, services: [] })).toEqual([]);
  });

  test.each(['disabled', 'masked', 'static'])('may be that a service stands still and is %s', (enabled) => {
    const known = [{ name: 'exim4', ensure: 'stopped', enabled, active: 'inactive' }];
    const looks = [1, 2].map((number) => ({ facts: factsOf(number, { services: known }) }));
    const cases = judgeImage(looks, { ...builder, services: known }, launchKey);
    expect(cases.filter(({ problems }) => problems.length > 0)).toEqual([]);
  });
});

describe('servers that were not looked at', () => {
  const good = { facts: factsOf(1) };
  test.each([
    ['one of two', [good, { failure: 'i-2 did not let us in' }], ['i-2 did not let us in']],
    ['both', [{ failure: 'i-1 is away' }, { failure: 'i-2 is away' }], ['i-1 is away', 'i-2 is away']],
    ['the only one', [{ failure: 'i-1 is away' }], ['i-1 is away']],
    ['one of three', [good, { facts: factsOf(2) }, { failure: 'i-3 is away' }], ['i-3 is away']],
    ['the second, which is none', [good], ['fewer than two servers were examined']],
    ['any, since there are none', [], ['fewer than two servers were examined']],
  ])('reject the image: %s', (_, looks, problems) => {
    expect(judgeImage(looks, builder, launchKey)).toEqual([{ name: 'boots', problems }]);
  });
});
