import { afterAll, expect, test } from '@jest/globals';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { compileRequestOf, otherPuppet } from '../../src/plan/revision.ts';
import { reasonText } from '../../src/plan/reason-text.ts';
import { compileCatalogs } from '../../src/puppet/catalogs/compile-catalogs.ts';
import type { Compilation } from '../../src/puppet/catalogs/compilation.ts';
import { distributionOf } from '../../src/puppet/facts/distribution.ts';
import {
  compiled,
  compilerOptions,
  environmentFolder,
  removeFolders,
} from '../puppet/catalogs/environment-folder.ts';

/** What plan orders, compiled by the real Puppet. */

afterAll(removeFolders);

const debian = distributionOf('debian-12-amd64-*');

/** The nodes of a nodes.yaml over an environment of these files, by one compiler; each may have pinned facts. */
async function compilationsOf(
  yaml: string,
  files: Record<string, string>,
  pinned: Record<string, Record<string, unknown>> = {},
): Promise<Compilation[]> {
  const { nodes, problems } = parseNodes(yaml);
  expect(problems).toEqual([]);
  const requests = nodes.map((node) => compileRequestOf(node, pinned[node.name], debian, '7.23.0'));
  return (await compileCatalogs(requests, compilerOptions(environmentFolder(files)))).compilations;
}

/** The titles of the notify resources in the catalogs of the nodes. */
async function notices(...args: Parameters<typeof compilationsOf>): Promise<string[]> {
  return (await compilationsOf(...args)).flatMap((compilation) => noticesIn(compilation));
}
const noticesIn = (compilation: Compilation | undefined) =>
  compiled(compilation)
    .catalog.resources.filter(({ type }) => type === 'Notify')
    .map(({ title }) => title);

/** Names that a team gives to variables at top scope; with none of them are we in the way. */
const names = [
  'role',
  'node',
  'run',
  'group',
  'tier',
  'size',
  'root_home',
  'service_provider',
  'package_provider',
];

test('no variable that site.pp assigns at top scope is taken, be a node masterless or of a Puppet server', async () => {
  const assigned = names
    .map((name) => `$${name} = lookup('${name}', {default_value => 'theirs'})\n`)
    .join('');
  const site = `${assigned}notify { "\${role} \${root_home} of \${facts['bakehouse_node']}": }\n`;
  const yaml = 'a: {group: g}\nb: {group: g, puppet_server: puppet}\n';
  expect(await notices(yaml, { 'manifests/site.pp': site })).toEqual([
    'theirs theirs of a',
    'theirs theirs of b',
  ]);
});

const fact = (name: string) => `Facter.add(:${name}) { setcode { 'of this computer' } }\n`;

test('facts of puppetlabs-stdlib are there where a module brings them', async () => {
  const site = { 'manifests/site.pp': `notify { "home \${facts['root_home']}.": }\n` };
  const brought = { ...site, 'modules/stdlib/lib/facter/root_home.rb': fact('root_home') };
  expect(await notices('a: {group: g}', brought)).toEqual(['home /root.']);
  expect(await notices('a: {group: g}', site)).toEqual(['home .']);
});

test('facts that stand in files of a module are known to the first plan, and win over all but those of nodes.yaml', async () => {
  const files = {
    'manifests/site.pp':
      "notify { \"${facts['yaml']['b']} ${facts['json']} ${facts['text']} ${facts['timezone']} ${facts['own']} ${facts['program']}.\": }\n",
    'modules/m/facts.d/a.yaml': '---\nyaml: {b: 1}\nOwn: theirs\n',
    'modules/m/facts.d/b.json': '{"json": "two", "timezone": "CET"}',
    'modules/m/facts.d/c.txt': 'text=three=3\n',
    'modules/m/facts.d/broken.yaml': 'a: [\n',
    'modules/m/facts.d/below/d.yaml': 'program: x\n',
    'modules/m/facts.d/program.sh': '#!/bin/sh\necho program=x\n',
  };
  const known = '1 two three=3 CET ours .';
  const yaml = 'a: {group: g, facts: {own: ours}}\nb: {group: g, facts: {own: ours}}\n';
  const pinned = { b: { text: 'old', timezone: 'UTC' } };
  expect(await notices(yaml, files, pinned)).toEqual([known, known]);
});

function failureText(compilation: Compilation | undefined): string {
  if (compilation === undefined || !('problem' in compilation)) throw new Error('it was compiled');
  return reasonText({ kind: 'not-compiled', problem: compilation.problem });
}

test('a catalog that fails for want of a fact of a module names the fact, its file, and how to give it', async () => {
  const site = "class { 'c':\n  dc => $facts['dc'],\n}\n";
  const files = {
    'manifests/site.pp': site,
    'modules/c/manifests/init.pp': 'class c (String $dc) { notify { $dc: } }\n',
    'modules/c/lib/facter/places.rb': fact('dc') + fact('rack'),
  };
  const yaml = 'a: {group: g}\nb: {group: g, facts: {dc: x}}\nc: {group: g}\n';
  const [without, given, pinned] = await compilationsOf(yaml, files, { c: { dc: 'y' } });
  const text = failureText(without);
  expect(text).toMatch(/^manifests\/site\.pp:1:\d+: .*expects a String value, got Undef\. /);
  expect(text).toContain('dc of c/lib/facter/places.rb. Give them under facts in nodes.yaml, or');
  expect(text).toContain('cp reports/<node>/facts.yaml facts/<node>.yaml');
  expect(text).not.toContain('rack');
  expect([...noticesIn(given), ...noticesIn(pinned)]).toEqual(['x', 'y']);
});

test('a fact that is read elsewhere than at the place of the failure is named, too, and none where no value is missing', async () => {
  const files = {
    'manifests/site.pp': "if $facts['bakehouse_node'] == 'b' { fail('no') }\ninclude c\n",
    'modules/c/manifests/init.pp': "class c { class { 'd': x => lookup('x', {default_value => undef}) } }\n",
    'modules/d/manifests/init.pp': 'class d (String $x) { }\n',
    'modules/e/lib/facter/rack.rb': '# says nothing that can be read\n',
  };
  const [missing, other] = await compilationsOf('a: {group: g}\nb: {group: g}\n', files);
  expect(failureText(missing)).toContain('not known here: rack of e/lib/facter/rack.rb. ');
  expect(failureText(other)).not.toContain('rack');
});

test.each([
  ['debian-12-amd64-*', undefined, '7.23.0', undefined],
  ['debian-13-amd64-*', undefined, '8.10.0', undefined],
  [
    'debian-13-amd64-*',
    undefined,
    '7.23.0',
    'the image has Puppet 8 and Puppet 7.23.0 compiles here: there legacy facts are gone, and an unknown variable is an error (--puppet PROGRAM names another one)',
  ],
  ['debian-12-amd64-*', undefined, '8.10.0', /^the image has Puppet 7 .* only one of them can do/],
  ['debian-12-amd64-*', '8.4.0', '7.23.0', /^the image has Puppet 8 and Puppet 7\.23\.0 compiles here/],
  ['debian-13-amd64-*', '7.30.0', '7.23.0', undefined],
  ['amzn2-ami-hvm-*', undefined, '7.23.0', undefined],
  ['debian-13-amd64-*', undefined, 'unknown', undefined],
])('of an image of %s, pinned %s, Puppet %s says %s', (source, pinned, here, said) => {
  const [masterless, served] = parseNodes('a: {group: g}\nb: {group: g, puppet_server: puppet}\n').nodes;
  if (masterless === undefined || served === undefined) throw new Error('no nodes');
  const facts = pinned === undefined ? undefined : { puppetversion: pinned };
  const sentence = otherPuppet(masterless, facts, distributionOf(source), here);
  if (said === undefined) expect(sentence).toBeUndefined();
  else expect(sentence).toMatch(said);
  // A package of the team's own has the version that it asks for, or one that nobody knows.
  const [asks, unknown] = parseNodes(
    'a: {group: g, puppet: {version: "1:9.0~rc1-1"}}\nb: {group: g, puppet: {package: x1}}',
  ).nodes;
  if (asks === undefined || unknown === undefined) throw new Error('no nodes');
  expect(otherPuppet(asks, facts, distributionOf(source), '8.1.0')).toMatch(/^the image has Puppet 9 and /);
  expect(otherPuppet(unknown, undefined, distributionOf(source), here)).toBeUndefined();
  // Its server compiles.
  expect(otherPuppet(served, facts, distributionOf(source), here)).toBeUndefined();
});
