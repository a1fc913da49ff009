import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Compilation } from '../../../src/puppet/catalogs/compilation.ts';
import { compileCatalogs } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import {
  compiled,
  compileNodes,
  compilerOptions,
  environmentFolder,
  requestOf,
  removeFolders,
} from './environment-folder.ts';

const nodes = ['a', 'b', 'template', 'memo', 'listing', 'glob', 'backend'];
const site = `$all = lookup('all')
notify { "all \${all}": }
case $facts['role'] {
  'template': { notify { template('m/reads.erb'): } }
  'memo': { notify { m::memo(): } }
  'listing': { notify { m::listing(): } }
  'glob', 'backend': { notify { lookup("\${facts['role']}::key"): } }
  default: { include m }
}
`;
const ruby = (name: string, body: string) =>
  `Puppet::Functions.create_function(:'m::${name}') do\n  def ${name}\n    ${body}\n  end\nend\n`;

const files = {
  'hiera.yaml': `version: 5
defaults: {datadir: data, data_hash: yaml_data}
hierarchy:
  - {name: node, path: "nodes/%{trusted.certname}.yaml"}
  - {name: mapped, mapped_paths: [facts.layers, layer, "layers/%{layer}.yaml"]}
  - {name: other, datadir: "more/%{facts.role}", paths: [one.yaml, ../two.yaml]}
  - {name: all, path: common.yaml}
`,
  'data/common.yaml': 'all: everywhere\nm::text: common\n',
  'data/nodes/a.bake.yaml': 'm::text: own\n',
  'data/unread.yaml': 'x: 1\n',
  'modules/m/hiera.yaml':
    'version: 5\ndefaults: {datadir: data, data_hash: yaml_data}\nhierarchy:\n  - {name: module, path: "%{facts.role}.yaml"}\n',
  'modules/m/data/a.yaml': 'm::other: x\n',
  'modules/m/manifests/init.pp':
    'class m (String $text, String $other = "none") { notify { "${text} ${other}": } }',
  'modules/m/templates/reads.erb':
    "<%= File.read(File.join(scope.call_function('module_directory', ['m']), '../../data/unread.yaml')) %>",
  'modules/m/lib/puppet/functions/m/memo.rb': ruby(
    'memo',
    "@@memo ||= File.read(File.expand_path('../../../../../../data/unread.yaml', __dir__).sub('modules/data', 'data'))",
  ),
  'modules/m/lib/puppet/functions/m/listing.rb': ruby(
    'listing',
    "Dir.children(File.expand_path('../../../../../../data', __dir__).sub('modules/data', 'data')).size.to_s",
  ),
  'modules/glob/hiera.yaml':
    'version: 5\nhierarchy:\n  - {name: module, glob: "*.yaml", data_hash: yaml_data}\n',
  'modules/glob/data/x.yaml': 'glob::key: x\n',
  'modules/backend/hiera.yaml':
    'version: 5\nhierarchy:\n  - {name: module, path: x.yaml, data_hash: m::own}\n',
  'modules/backend/data/x.yaml': '',
  'modules/m/lib/puppet/functions/m/own.rb':
    "Puppet::Functions.create_function(:'m::own') do\n  def own(options, context)\n    { 'backend::key' => 'x' }\n  end\nend\n",
  'manifests/site.pp': site,
};
let compilations: Map<string, Compilation>;
let reversed: Map<string, Compilation>;

beforeAll(async () => {
  const folder = environmentFolder(files);
  // The second time with the same process: what it read for the first is in its memory by then.
  compilations = await compileNodes(folder, [...nodes, ...nodes]);
  reversed = await compileNodes(folder, [...nodes].reverse());
});

afterAll(removeFolders);

const ofEnvironment = (role: string) => [
  'data/common.yaml',
  `data/nodes/${role}.bake.yaml`,
  `more/${role}/one.yaml`,
];

test('all files of the hierarchy are reported, whether they exist or not', () => {
  expect(compiled(compilations.get('b')).data).toEqual({
    folders: ['data/', 'modules/m/data/', 'more/b/'],
    paths: [...ofEnvironment('b').slice(0, 2), 'modules/m/data/b.yaml', 'more/b/one.yaml'],
  });
});

test.each(nodes)('%s asks for the same, whenever it is compiled', (node) => {
  expect(compiled(reversed.get(node))).toEqual(compiled(compilations.get(node)));
});

test('data that a template reads is reported', () => {
  expect(compiled(compilations.get('template')).data.paths).toContain('data/unread.yaml');
});

test('data that a function keeps in its memory is reported at each call', () => {
  expect(compiled(compilations.get('memo')).data.paths).toContain('data/unread.yaml');
});

test('a folder that is listed counts wholly', () => {
  expect(compiled(compilations.get('listing')).data.folders).toEqual(['more/listing/']);
});

test('a glob, and a backend of its own, make folders count wholly', () => {
  expect(compiled(compilations.get('glob')).data.folders).toEqual(['data/', 'more/glob/']);
  expect(compiled(compilations.get('backend')).data.folders).toEqual([]);
});

test('data outside of the environment is a finding; folders with code, or of everything, are no data', async () => {
  const folder = environmentFolder({
    'hiera.yaml': `version: 5
defaults: {data_hash: yaml_data}
hierarchy:
  - {name: all, datadir: "%{facts.where}", path: x.yaml}
  - {name: outside, datadir: /etc/no-such, path: x.yaml}
`,
    'manifests/site.pp': "notify { lookup('all', { default_value => 'none' }): }",
  });
  const wheres = ['.', 'manifests', '..', 'data/../data'];
  const requests = wheres.map((where) => requestOf(where, { where }));
  const { compilations: all } = await compileCatalogs(requests, compilerOptions(folder));
  const [everything, manifests, above, data] = all.map(compiled);
  const nothing = { folders: [], paths: [] };
  expect([everything?.data, manifests?.data, above?.data]).toEqual([nothing, nothing, nothing]);
  const outside = {
    kind: 'outside-file',
    what: 'reads Hiera data from /etc/no-such/x.yaml',
    file: 'manifests/site.pp',
    line: 1,
  };
  expect(data?.findings).toMatchObject([outside]);
  const up = { ...outside, what: `reads Hiera data from ${join(folder, '../x.yaml')}` };
  expect(above?.findings).toMatchObject([up, outside]);
  expect(data?.data).toEqual({ folders: ['data/'], paths: ['data/x.yaml'] });
});

test("a module that is a link belongs to the environment, with its functions' findings", async () => {
  const outside = environmentFolder({
    'lib/puppet/functions/linked/now.rb':
      "Puppet::Functions.create_function(:'linked::now') { def now; Time.now.year.to_s; end }",
    'lib/puppet/functions/linked/own.rb':
      "Puppet::Functions.create_function(:'linked::own') { def own; File.read(File.realpath(__FILE__)).size.to_s; end }",
  });
  const folder = environmentFolder({
    'manifests/site.pp': 'notify { [linked::now(), linked::own()]: }',
    'modules/m/x': '',
  });
  symlinkSync(outside, join(folder, 'modules/linked'));
  expect(compiled((await compileNodes(folder, ['x'])).get('x')).findings).toMatchObject([
    {
      kind: 'time',
      what: 'reads the clock',
      file: 'modules/linked/lib/puppet/functions/linked/now.rb',
      line: 1,
    },
  ]);
});
