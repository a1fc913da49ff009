import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileCatalogs, type CompiledCatalogs } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import type { Catalog, CatalogResource, Json } from '../../../src/puppet/catalogs/catalog.ts';
import { placeText } from '../../../src/puppet/report/place.ts';
import type { NotCompiled } from '../../../src/puppet/catalogs/compilation.ts';
import {
  compiled,
  compilerOptions,
  environmentFolder,
  requestOf,
  removeFolders,
} from './environment-folder.ts';

const files = {
  'environment.conf': 'modulepath = site:modules:$basemodulepath\nconfig_version = /bin/false\n',
  'hiera.yaml': 'version: 5\nhierarchy:\n  - {name: all, path: common.yaml}\n',
  'data/common.yaml': `m::hidden: from-hiera
lookup_options:
  m::hidden: {convert_to: Sensitive}
`,
  'lib/puppet/functions/own_ruby.rb':
    'Puppet::Functions.create_function(:own_ruby) { def own_ruby; puts "noise"; "ruby"; end }',
  'functions/own.pp': 'function own() { "puppet" }',
  'types/port.pp': 'type Port = Integer[1, 65535]',
  'site/m/manifests/init.pp': `class m (Sensitive[String] $hidden, Any $more = {}) {
  file { '/etc/m': content => Sensitive("password=\${hidden.unwrap}") }
}`,
  'modules/d/manifests/thing.pp':
    'define d::thing (Any $value) { notify { "\${title} \${value}": require => File[\'/etc/x\'] } }',
  'modules/broken/manifests/init.pp': 'class broken {\n  notify { a: b c }\n}\n',
  'modules/d/templates/bad.erb': 'a\n<%= nil.nothing %>\n',
  'manifests/site.pp': `case $facts['role'] {
  'plain': {
    file { '/etc/x': mode => '0600' }
    d::thing { 'one': value => [1, 1.0, 1.5, true, undef, { 'b' => 1, 'a' => 2 }, 9007199254740993] }
    @notify { 'virtual': }
    @notify { 'wanted': }
    realize Notify['wanted']
    @@notify { 'exported': }
    warning('careful')
  }
  'named': {
    notify { 'functions': message => [own(), own_ruby(), String(70000 =~ Port)] }
    notify { 'who': message => [$trusted['authenticated'], $trusted['certname'], $environment, $settings::certname, $servername]; 'server': message => [defined('$servername'), defined('$serverip'), defined('$nothing')] }
    notify { 'where': message => [module_directory('m'), $settings::confdir, $settings::environmentpath] }
    notify { 'binary': message => binary_file('d/bytes') }
  }
  'secret': {
    class { 'm': more => { 'deep' => [Sensitive('twice'), Sensitive({ 'x' => 1, 'y' => 2 })] } }
    notify { 'n': message => Sensitive('twice'), noop => true }
    notify { 'other': message => Sensitive({ 'y' => 2, 'x' => 1 }) }
    warning('the text is twice')
  }
  'leaking': { fail("it is \${Sensitive('hush-hush').unwrap}") }
  'node-block', 'nothing': { }
  'syntax': { include broken }
  'no-class': {
    include nowhere
  }
  'no-function': {
    notify { no_function(): }
  }
  'no-type': { nosuch { 'x': } }
  'template': { notify { template('d/bad.erb'): } }
  'duplicate': {
    notify { 'x': }
    notify { 'x': }
  }
  'deep': { deep() }
  'exit': { own_exit() }
  default: { fail('no such role') }
}
node 'node-block.bake' { notify { 'by name': } }
node default { }
`,
  'functions/deep.pp': 'function deep() { deep() }',
  'lib/puppet/functions/own_exit.rb':
    'Puppet::Functions.create_function(:own_exit) { def own_exit; exit 0; end }',
  'modules/d/files/bytes': 'bytes',
};
const good = ['plain', 'named', 'secret', 'node-block'];
const bad = [
  'leaking',
  'nothing',
  'syntax',
  'no-class',
  'no-function',
  'no-type',
  'template',
  'duplicate',
  'deep',
  'exit',
];

let folder: string;
let first: CompiledCatalogs;
const followed: string[] = [];

beforeAll(async () => {
  folder = environmentFolder(files);
  first = await compileCatalogs(
    [...good, ...bad].map((node) => requestOf(node)),
    compilerOptions(folder),
    (one) => {
      followed.push(one.node);
    },
  );
});

afterAll(removeFolders);

function catalogOf(node: string, all = first): Catalog {
  return compiled(all.compilations.find((one) => one.node === node)).catalog;
}

function resource(node: string, type: string, title: string): CatalogResource | undefined {
  return catalogOf(node).resources.find((one) => one.type === type && one.title === title);
}

function message(node: string, title: string): Json | undefined {
  return resource(node, 'Notify', title)?.parameters.message;
}

test('compilations come in the sequence of their requests, and each is reported as it comes', () => {
  expect(first.compilations.map(({ node }) => node)).toEqual([...good, ...bad]);
  expect(followed).toEqual([...good, ...bad]);
});

test('resources bear what the manifests say, and where they say it', () => {
  expect(resource('plain', 'File', '/etc/x')).toEqual({
    type: 'File',
    title: '/etc/x',
    parameters: { mode: '0600' },
    exported: false,
    file: 'manifests/site.pp',
    line: 3,
  });
  expect(catalogOf('plain').edges).toContainEqual({ source: 'Class[main]', target: 'D::Thing[one]' });
  const inner = catalogOf('plain').resources.find(({ title }) => title.startsWith('one '));
  expect(inner?.parameters).toEqual({ require: 'File[/etc/x]' });
});

test('numbers that JavaScript takes for others stay what they are', () => {
  expect(resource('plain', 'D::Thing', 'one')?.parameters.value).toEqual([
    1,
    { __float: '1.0' },
    1.5,
    true,
    null,
    { b: 1, a: 2 },
    { __integer: '9007199254740993' },
  ]);
});

test('virtual resources count when they are realised, exported ones are marked', () => {
  expect(resource('plain', 'Notify', 'virtual')).toBeUndefined();
  expect(resource('plain', 'Notify', 'wanted')).toMatchObject({ exported: false });
  expect(resource('plain', 'Notify', 'exported')).toMatchObject({ exported: true });
});

test("warnings are each node's own", () => {
  const [plain, named] = first.compilations.slice(0, 2).map(compiled);
  expect(plain?.warnings).toContain('careful');
  expect(named?.warnings).toEqual([]);
});

test("the environment's own functions and types work, and what they print is not in the way", () => {
  expect(message('named', 'functions')).toEqual(['puppet', 'ruby', 'false']);
});

test('manifests see the node as in a bake', () => {
  expect(message('named', 'who')).toEqual([
    'local',
    'named.bake',
    'production',
    'named.bake',
    'named.example',
  ]);
});

test("paths read as in a bake, and nothing of this computer's Puppet is seen", () => {
  expect(message('named', 'where')).toEqual([
    '/var/lib/bakehouse-bake/environments/production/site/m',
    '/var/lib/bakehouse-bake/nowhere/etc',
    '/var/lib/bakehouse-bake/environments',
  ]);
});

test('a node against a Puppet server is authenticated by it', async () => {
  const request = { ...requestOf('named'), authenticated: 'remote' as const, environment: 'staging' };
  const { compilations } = await compileCatalogs([request], compilerOptions(folder));
  const catalog = compiled(compilations[0]).catalog;
  const who = catalog.resources.find(({ title }) => title === 'who');
  expect(who?.parameters.message).toEqual(['remote', 'named.bake', 'staging', 'named.bake', null]);
  // Puppet 8 refuses a variable that is not there.
  const server = catalog.resources.find(({ title }) => title === 'server');
  expect(server?.parameters.message).toEqual([true, true, false]);
  expect(JSON.stringify(catalog)).toContain('/var/lib/bakehouse-bake/environments/staging/site/m');
});

test('secrets are hashed wherever they stand, equal ones equally', () => {
  const text = JSON.stringify(first);
  expect(text).not.toMatch(/from-hiera|the text is twice/);
  const hash = { __sensitive: expect.stringMatching(/^[0-9a-f]{64}$/) };
  expect(resource('secret', 'Class', 'M')?.parameters).toEqual({
    hidden: hash,
    more: { deep: [hash, hash] },
  });
  expect(resource('secret', 'File', '/etc/m')?.parameters.content).toEqual(hash);
  const deep = (resource('secret', 'Class', 'M')?.parameters.more as { deep: Json[] }).deep;
  expect(deep[0]).toEqual(message('secret', 'n'));
  expect(deep[1]).toEqual(message('secret', 'other'));
  expect(deep[0]).not.toEqual(deep[1]);
});

const site = 'manifests/site.pp';
test.each([
  ['leaking', 'error', 'it is [secret]', `${site}:23:16`],
  ['nothing', 'empty', 'say nothing about nothing.bake', ''],
  ['syntax', 'error', "Syntax error at 'c'", 'modules/broken/manifests/init.pp:2:17'],
  ['no-class', 'error', 'Could not find class ::nowhere', `${site}:27:5`],
  ['no-function', 'error', "Unknown function: 'no_function'", `${site}:30:14`],
  ['no-type', 'error', "Unknown resource type: 'nosuch'", `${site}:32:16`],
  ['template', 'error', 'Failed to parse template d/bad.erb', `${site}:33:26`],
  ['duplicate', 'error', 'Duplicate declaration: Notify[x]', `${site}:36:5`],
  ['deep', 'error', 'stack level too deep', undefined],
  ['exit', 'error', 'SystemExit: exit', 'lib/puppet/functions/own_exit.rb:1'],
])('%s has a problem that says what and where', (node, kind, said, place) => {
  const found = first.compilations.find((one) => one.node === node);
  expect(found).toMatchObject({ node, problem: { kind } });
  const { problem } = found as NotCompiled;
  expect(problem.message).toContain(said);
  expect(problem.message).not.toMatch(/\n|\/tmp|on node/);
  if (place !== undefined) expect(placeText(problem)).toBe(place);
});

test('another folder, sequence and number of processes, and a second time, give the same', async () => {
  const elsewhere = environmentFolder(files);
  const nodes = [...bad, ...good].reverse();
  const again = await compileCatalogs(
    [...nodes, ...nodes].map((node) => requestOf(node)),
    compilerOptions(elsewhere, { workers: 2 }),
  );
  for (const node of [...good, ...bad]) {
    const results = again.compilations.filter((one) => one.node === node);
    expect(results).toEqual(
      Array.from({ length: 2 }, () => first.compilations.find((one) => one.node === node)),
    );
  }
  expect(again.environment.plugins).toBe(first.environment.plugins);
});
