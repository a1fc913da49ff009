import { expect, test } from '@jest/globals';
import { judgeNodesFile, draftNodesFile } from '../../src/init/nodes-files.ts';
import { environmentsIn, nodesOfManifest, rolesIn } from '../../src/init/puppet-folders.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

/** Paths with the folders that lead to them, as a repository has them. */
function withFolders(...files: string[]): string[] {
  const folders = files.flatMap((file) => file.split('/').slice(0, -1).map((_, at, names) => `${names.slice(0, at + 1).join('/')}/`)); // prettier-ignore
  return [...new Set([...folders, ...files])].sort();
}

test.each<[string, string[], string[]]>([
  ['an environment.conf at the root', ['environment.conf'], ['.']],
  ['a site.pp in a folder', ['puppet/manifests/site.pp'], ['puppet']],
  ['a folder with a blank in its name', ['my puppet/environment.conf'], ['my puppet']],
  ['manifests beside modules', ['p/manifests/nodes.pp', 'p/modules/a/manifests/init.pp'], ['p']],
  ['a Puppetfile beside site-modules', ['Puppetfile', 'site-modules/role/manifests/web.pp'], ['.']],
  [
    'environments of several names, production first',
    ['environments/dev/environment.conf', 'environments/production/environment.conf'],
    ['environments/production', 'environments/dev'],
  ],
  [
    'the outer one only',
    ['environment.conf', 'vagrant/puppet/manifests/site.pp', 'manifests/site.pp'],
    ['.'],
  ],
])('%s is an environment', (_, files, environments) => {
  expect(environmentsIn(withFolders(...files))).toEqual(environments);
});

test.each<[string, string[]]>([
  ['a module', ['manifests/init.pp', 'metadata.json', 'hiera.yaml']],
  ['a module of a module path', ['modules/a/manifests/a.pp', 'modules/a/hiera.yaml']],
  ["a module's fixtures", ['spec/fixtures/manifests/site.pp']],
  ['a folder of manifests alone', ['k8s/manifests/a.pp']],
  ["Kubernetes' manifests", ['manifests/web.yaml', 'modules/x/main.tf']],
  ['a Puppetfile alone', ['Puppetfile']],
])('%s is no environment', (_, files) => {
  expect(environmentsIn(withFolders(...files))).toEqual([]);
});

test('the roles of an environment become nodes, with the class as the fact role', () => {
  const files = ['web', 'app_server', 'db/primary', 'init'].map((name) => `p/site/role/manifests/${name}.pp`);
  expect(rolesIn([...files, 'p/site/profile/manifests/base.pp', 'q/role/manifests/x.pp'], 'p')).toEqual([
    { name: 'web', role: 'web' },
    { name: 'app-server', role: 'app_server' },
    { name: 'db-primary', role: 'db::primary' },
  ]);
});

test('node definitions become nodes of the kind that the names begin with, each once', () => {
  const text = `
# node 'old01' {}
node 'web01.example.com', "web02.example.com" { include web }
node /^(db)\\d+/ { }
node /^cache[-.]/ { }
node /.*\\.example\\.com$/ { }
node default { }
`;
  expect(nodesOfManifest(text).map(({ name }) => name)).toEqual(['web', 'db', 'cache']);
});

test('a draft of nodes.yaml is one that Bakehouse reads, whatever the names', () => {
  const drafts = [{ name: 'app-server', role: 'app_server' }, { name: 'no' }, { name: '1' }, { name: 'web' }];
  const { nodes, problems, warnings } = parseNodes(draftNodesFile(drafts, 'Found as roles in puppet'));
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  expect(nodes.map(({ name, facts }) => [name, facts])).toEqual([
    ['app-server', { role: 'app_server' }],
    ['no', {}],
    ['1', {}],
    ['web', {}],
  ]);
});

test.each([
  ['- name: web\n', 'a list'],
  ['all:\n  hosts:\n    a.example.com:\n', "Ansible's inventory"],
  ['web:\n  children: {a: }\n', "Ansible's inventory"],
  ['apiVersion: v1\nkind: Node\n', "Kubernetes'"],
  ['profile::base::x: 1\n', "Hiera's data"],
  ['a: [1,\n', 'infra/nodes.yaml:2:1: not YAML'],
  ['web: {box: debian}\n', 'infra/nodes.yaml:1:1: "web": `group` is missing'],
  ['', 'the file is empty'],
  [`a: &a [x, x]\nb: &b [${'*a, '.repeat(9)}]\nc: [${'*b, '.repeat(99)}]\n`, 'infra/nodes.yaml:'],
])("the file %j is not Bakehouse's, and it is said what it is", (text, what) => {
  expect(judgeNodesFile(text, 'infra/nodes.yaml')).toEqual({ other: expect.stringContaining(what) });
});

test.each(['web: {group: web}\n', 'defaults: {group: g}\nnodes:\n  web:\n'])(
  "the file %j is Bakehouse's",
  (text) => {
    expect(judgeNodesFile(text, 'nodes.yaml')).toEqual({ nodes: ['web'] });
  },
);
