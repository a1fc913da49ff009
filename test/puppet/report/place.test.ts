import { expect, test } from '@jest/globals';
import { consoleError, locate } from '../../../src/puppet/report/console.ts';
import { inEnvironment, placeText, readable, withPlace } from '../../../src/puppet/report/place.ts';

test('a file of an environment is shown from there on, any other in full', () => {
  const shown = (file: string) => inEnvironment({ file }).file;
  expect(shown('/tmp/bakehouse/environments/production/modules/a/init.pp')).toBe('modules/a/init.pp');
  expect(shown('/etc/puppet/manifests/site.pp')).toBe('/etc/puppet/manifests/site.pp');
  expect(inEnvironment({})).toEqual({});
});

test('a place is written once, with as much as is known of it', () => {
  expect(placeText({ file: 'a.pp', line: 1, column: 2 })).toBe('a.pp:1:2');
  expect(placeText({ file: 'a.pp', line: 1 })).toBe('a.pp:1');
  expect(withPlace('it failed', { file: 'a.pp', line: 1 })).toBe('it failed (a.pp:1)');
  expect(withPlace('it failed (a.pp:1)', { file: 'a.pp', line: 1 })).toBe('it failed (a.pp:1)');
  expect(withPlace('it failed', {})).toBe('it failed');
});

test("Puppet's own way to name a place is made short in a message", () => {
  expect(readable('No (file: /x/environments/dev/a.pp, line: 3, column: 5) here')).toBe('No (a.pp:3:5) here');
  expect(readable('No (file: /b.pp, line: 3)')).toBe('No (/b.pp:3)');
  expect(readable('No (nothing)')).toBe('No (nothing)');
});

test.each([
  ['the last error with a place', 'Error: a (file: /a.pp, line: 1)\nError: b', 'a (file: /a.pp, line: 1)'],
  ['the last error when none has a place', 'Error: a\nError: b\nNotice: c', 'b'],
  ['an error in colour', '\u001b[1;31mError: a\u001b[0m', 'a'],
  ['an error of Puppet 2.7', 'err: a\nnotice: b', 'a'],
  ['what is worse than an error', 'Critical: a', 'a'],
  ['no error of Facter', 'Error: Facter: no', undefined],
])('the console tells %s', (_, text, message) => {
  expect(consoleError(text)?.message).toBe(message);
});

test.each([
  ['No (file: /x/site.pp, line: 3, column: 5) on node a', { file: '/x/site.pp', line: 3, column: 5 }],
  ['No (file: /x/site.pp, line: 3)', { file: '/x/site.pp', line: 3 }],
  ['No (file: /x/site.pp)', { file: '/x/site.pp' }],
  [
    "Syntax error at '}' at /etc/puppet/manifests/site.pp:3:5 on node a",
    { file: '/etc/puppet/manifests/site.pp', line: 3, column: 5 },
  ],
  [
    'Could not find class x at /etc/my puppet/site.pp:12 on node a',
    { file: '/etc/my puppet/site.pp', line: 12 },
  ],
  ['Invalid relationship at /x/site.pp:3', { file: '/x/site.pp', line: 3 }],
  ['refused at host:8140', {}],
  ['refused at /run/x.sock', {}],
])('the place in %j is found', (message, place) => {
  expect(locate(message)).toEqual({ message, ...place });
});
