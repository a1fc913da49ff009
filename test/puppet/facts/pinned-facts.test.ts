import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseFacts, pinnedFacts } from '../../../src/puppet/facts/pinned-facts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'facts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
};

test('reads a file for each node and leaves out the nodes that have none', async () => {
  write('redis.yaml', "os:\n  name: Debian\nkernelmajversion: '6.18'\n");
  expect(await pinnedFacts(folder, ['redis', 'web'])).toEqual(
    new Map([['redis', { os: { name: 'Debian' }, kernelmajversion: '6.18' }]]),
  );
  expect(await pinnedFacts(join(folder, 'none'), ['redis'])).toEqual(new Map());
});

test('names every problem of every file at once', async () => {
  write('redis.yaml', 'os:\n  name: Debian\n x: [\n');
  write('web.yaml', '- os\n');
  write('db.yaml', '');
  write('text.yaml', 'hello\n');
  mkdirSync(join(folder, 'dir.yaml'));
  write('good.yaml', 'os: {}\n');
  const nodes = ['redis', 'web', 'db', 'text', 'dir', 'good'];
  const error: unknown = await pinnedFacts(folder, nodes).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ exitCode: 2 });
  const lines = (error as Error).message.replaceAll(folder, 'facts').split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^facts\/db\.yaml: it is empty; /),
    expect.stringMatching(/^facts\/dir\.yaml: it cannot be read \(it is a folder\)/),
    expect.stringMatching(/^facts\/redis\.yaml:3:\d+: not YAML: /),
    expect.stringMatching(/^facts\/text\.yaml: it is a single value; /),
    expect.stringMatching(/^facts\/web\.yaml: it is a list; /),
  ]);
});

test.each([
  [
    '--- !ruby/object:Puppet::Node::Facts\nname: a.b\nvalues:\n  os: {name: Debian}\ntimestamp: 2026-01-01 00:00:00 +0000\n',
  ],
  [
    '--- !ruby/object:Puppet::Node::Facts\nexpiration: 2026-01-01\nname: a.b\nvalues:\n  os: {name: Debian}\n  !ruby/sym _timestamp: 1\n',
  ],
  ['---\n:name: a.b\n:values:\n  :os:\n    :name: Debian\n'],
  ['{"name": "a.b", "values": {"os": {"name": "Debian"}}, "timestamp": "2026"}'],
])('takes the facts out of what Puppet wraps them in: %j', (text) => {
  expect(parseFacts(text, 'x')).toEqual({ os: { name: 'Debian' } });
});

test('a fact that is called values is no wrapping', () => {
  const text = 'values: {a: 1}\nos: {name: Debian}\nip6: "::1"\n';
  expect(parseFacts(text, 'x')).toEqual({ values: { a: 1 }, os: { name: 'Debian' }, ip6: '::1' });
});

test('refuses a mark that is not of Ruby, and an alias that contains itself', () => {
  expect(() => parseFacts('os: !!js/function "x"\n', 'f.yaml')).toThrow(/^f\.yaml:1:\d+: not YAML: /);
  expect(() => parseFacts('os: &a [*a]\n', 'f.yaml')).toThrow(
    'f.yaml: not usable: an alias in it contains itself',
  );
});
