import { expect, test } from '@jest/globals';
import { judgeImage } from '../../../src/verify/boot/judge-image.ts';
import { builder, factsOf, launchKey } from './servers.ts';

const redisThen = { name: 'redis', ensure: 'unset', enabled: 'enabled', active: 'active' };

test.each<[string, string, string, string, string | undefined]>([
  // ensure, then enabled and active in the bake, active on a server
  ['running', 'disabled', 'active', 'inactive', 'redis ran in the bake but is disabled: it would not start on a server'],
  ['running', 'enabled', 'activating', 'activating', 'redis is activating'],
  ['true', 'enabled', 'inactive', 'inactive', 'redis is inactive'],
  ['unset', 'enabled', 'active', 'inactive', 'redis is inactive'],
  // Another unit starts it, such as its socket.
  ['running', 'disabled', 'active', 'active', undefined],
  ['unset', 'disabled', 'inactive', 'inactive', undefined],
  ['stopped', 'disabled', 'inactive', 'active', 'redis runs, although the manifests stop it'],
  ['false', 'disabled', 'inactive', 'inactive', undefined],
  ['stopped', 'unknown', 'inactive', 'inactive', undefined],
  ['stopped', 'unknown', 'inactive', 'active', 'redis runs, although the manifests stop it'],
  ['running', 'unknown', 'inactive', 'inactive', 'systemd knew no redis in the bake'],
])('a service that is to be %s, was %s and %s in the bake, and is %s on a server: %s', (ensure, enabled, then, now, problem) => {
  const services = factsOf(2).services.map((unit) => ({ ...unit, enabled, active: now }));
  const bake = { ...builder, services: [{ ...redisThen, ensure, enabled, active: then }] };
  const looks = [1, 2].map((number) => ({ facts: factsOf(number, { services }) }));
  const found = judgeImage(looks, bake, launchKey).find(({ name }) => name === 'runs Service[redis]');
  expect(found?.problems).toEqual(problem === undefined ? [] : [problem]);
}); // prettier-ignore
