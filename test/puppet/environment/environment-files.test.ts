import { expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import {
  environmentFiles,
  type EnvironmentTexts,
} from '../../../src/puppet/environment/environment-files.ts';

/** What every repository has besides: tools, tests, what stages write. */
const others = [
  'README.md',
  'package.json',
  'nodes.yaml',
  'plan.json',
  'packs/redis.json',
  'reports/redis/.work/upload.tar.d/environment.tgz',
  'node_modules/a/manifests/x.pp',
  'app/manifests/site.pp',
  'spec/fixtures/modules/x/manifests/init.pp',
  '.github/modules/x/lib/y.rb',
  'lib/server.js',
  'crash.log',
  'Puppetfile',
  'environment.conf.orig',
];

const hiera = (text: string) => `version: 5\n${text}`;
const controlRepository = `defaults: {datadir: data}
hierarchy:
  - {name: a, data_hash: yaml_data, paths: ['nodes/%{trusted.certname}.yaml', common.yaml]}
`;
const eyaml = `hierarchy:
  - name: secrets
    lookup_key: eyaml_lookup_key
    datadir: secrets
    path: common.eyaml
    options: {pkcs7_private_key: keys/private.pem, pkcs7_public_key: /etc/puppet/keys/public.pem}
`;
const bare = ['manifests/site.pp', 'modules/x/manifests/init.pp'];

test.each<[string, EnvironmentTexts, string[], string[]]>([
  ['without settings', {}, [...bare, 'types/port.pp', 'lib/puppet/functions/environment/x.rb'], ['data/common.yaml', 'site/x/manifests/init.pp']],
  ["of Puppet's own control repository", {
    conf: "modulepath     = site-modules:modules:$basemodulepath\nconfig_version = 'scripts/config_version.sh $environmentpath $environment'\n",
    hiera: hiera(controlRepository),
  }, [...bare, 'site-modules/role/manifests/web.pp', 'site-modules/pkg/manifests/init.pp', 'modules/spec/lib/a.rb', 'data/nodes/a.yaml', 'data/common.yaml', 'scripts/config_version-r10k.rb'], ['modules/README.md', 'site-modules/role/spec/a.rb', 'modules/x/.git/config', 'modules/x/node_modules/y/z']],
  ['of psick, whose data is a module', {
    conf: "manifest = manifests/\n# modulepath = other\nmodulepath = site:modules:$basemodulepath\nconfig_version = 'bin/config_script.sh $environment'\n",
    hiera: hiera('defaults: {datadir: modules/hieradata/data}\nhierarchy: [{name: a, path: common.yaml}]'),
  }, [...bare, 'site/profile/manifests/a.pp', 'modules/hieradata/data/common.yaml', 'bin/config_script.sh'], ['other/x/manifests/init.pp', 'docker/Dockerfile']],
  ['with one manifest', { conf: 'manifest=site.pp\r\nmodulepath=./modules\r\n' }, ['site.pp', 'modules/x/manifests/init.pp'], ['manifests/site.pp', 'modules2/x/manifests/init.pp']],
  ["with Puppet's own way to name the folder", { conf: 'manifest = $environmentpath/$environment/puppet/site.pp\nmodulepath = "${environmentpath}/${environment}/code"' }, ['puppet/site.pp', 'code/x/manifests/init.pp'], ['puppet/other.pp', ...bare]],
  ['with a pattern in the modulepath', { conf: 'modulepath = teams/*/modules' }, ['teams/a/modules/x/manifests/init.pp', 'manifests/site.pp'], ['modules/x/manifests/init.pp']],
  ['whose root is a folder of modules', { conf: 'modulepath = .' }, ['x/manifests/init.pp', 'manifests/site.pp'], []],
  ['with eyaml and a key in the repository', { hiera: hiera(eyaml) }, [...bare, 'secrets/common.eyaml', 'keys/private.pem'], ['keys/other.pem', 'etc/puppet/keys/public.pem']],
  ['with data at the root', { hiera: hiera("hierarchy: [{name: a, datadir: ., paths: ['nodes/%{role}.yaml', common.yaml], glob: 'os/*.yaml'}]") }, ['nodes/a.yaml', 'common.yaml', 'os/debian.yaml'], ['other/a.yaml']],
  ['with data of a name at the root', { hiera: hiera("hierarchy: [{name: a, datadir: '', path: '%{role}.yaml'}]") }, ['web.yaml'], []],
  ['with a folder of data for each place', { hiera: hiera("hierarchy: [{name: a, datadir: 'data/%{facts.dc}', mapped_paths: [roles, role, '../../roles/%{role}.yaml']}]") }, ['data/a/x.yaml'], ['roles.yaml']],
  ['with data outside', { hiera: hiera('defaults: {datadir: ../hieradata}\nhierarchy: [{name: a, path: a.yaml}]') }, bare, ['hieradata/a.yaml', 'data/a.yaml']],
  ['of Hiera 4', { hiera: 'version: 4\ndatadir: hieradata\nhierarchy: [{name: a, backend: yaml, path: a}]' }, ['hieradata/a.yaml'], ['data/a.yaml']],
  ['with a hiera.yaml that is none', { hiera: '{a: [' }, bare, []],
  ['with a hierarchy that is none', { hiera: 'defaults: 1\nhierarchy: {a: b}' }, [...bare, 'data/common.yaml'], []],
])('an environment %s has what Puppet reads, and nothing else', (_, texts, within, without) => {
  const files = environmentFiles(texts, ['plan.json', 'packs', 'reports']);
  const has = (paths: string[]) => paths.filter((path) => files.has(path));
  expect(has(within)).toEqual(within);
  expect(has([...without, 'plan.json', 'packs/redis.json', 'reports/a/b', 'node_modules/a/lib/x'])).toEqual([]);
}); // prettier-ignore

test('what stages write never belongs, also where Puppet reads', () => {
  const files = environmentFiles({ hiera: 'version: 5' }, ['data/plan.json', 'data/reports', 'modules/x/files/packs']);
  expect(['data/plan.json', 'data/reports/a', 'modules/x/files/packs/redis.json'].filter(files.has)).toEqual([]);
  expect(files.leadsTo('data/reports')).toBe(false);
  expect(['data/plan.json5', 'data/reports.yaml'].filter(files.has)).toHaveLength(2);
}); // prettier-ignore

test('a file belongs only where each folder above it is read', () => {
  const name = fc.constantFrom('manifests', 'modules', 'data', 'x', 'spec', '.git', 'node_modules', 'a.pp', 'teams', 'packs');
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  const conf = fc.constantFrom('', 'modulepath = .', 'modulepath = x:teams/*/modules', 'manifest = x/a.pp', 'manifest = .');
  const data = fc.constantFrom('data', '.', 'x/%{a}', '../x');
  fc.assert(
    fc.property(path, conf, data, (file, confText, datadir) => {
      const hieraText = `version: 5\nhierarchy: [{name: a, datadir: '${datadir}', path: '%{b}/a.pp'}]`;
      const files = environmentFiles({ conf: confText, hiera: hieraText }, ['packs']);
      const names = file.split('/');
      const folders = names.map((_, count) => names.slice(0, count).join('/'));
      return !files.has(file) || folders.every((folder) => files.leadsTo(folder));
    }),
  );
}); // prettier-ignore

test('nothing of a repository that is not Puppet’s belongs to the environment at its root', () => {
  const { has } = environmentFiles({ hiera: hiera(controlRepository) }, ['plan.json', 'packs', 'reports']);
  expect(others.filter(has)).toEqual([]);
});
