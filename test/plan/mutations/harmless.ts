import { utimesSync } from 'node:fs';
import {
  environment,
  site,
  redis,
  web,
  data,
  erb,
  epp,
  ruby,
  type,
  fact,
  template,
  nothing,
  edit,
  append,
  write,
  type Harmless,
} from './change.ts';

/** Changes that no image depends on. */
export const harmless: Harmless[] = [
  ['nothing at all, in another folder', nothing],
  [
    'a comment in a manifest',
    edit(redis, '# The package brings the user.', '# The package brings the user,\n  # and the group.'),
  ],
  [
    'white space in a manifest',
    (s) => {
      s.write(web, s.read(web).replaceAll('  ', '\t\t').replaceAll('\n', '\n\n'));
    },
  ],
  [
    'the order of two resources without an edge',
    edit(
      web,
      "  file { '/var/www/index.html':\n    source => 'puppet:///modules/web/index.html',\n  }\n",
      '',
    ),
    edit(
      web,
      '$workers) {\n',
      "$workers) {\n  file { '/var/www/index.html':\n    source => 'puppet:///modules/web/index.html',\n  }\n",
    ),
  ],
  [
    'the order of parameters',
    edit(
      redis,
      "    command => 'redis-check',\n    path    => $path,\n",
      "    path    => $path,\n    command => 'redis-check',\n",
    ),
  ],
  [
    'a class that no node includes',
    edit(environment('site/profile/manifests/init.pp'), '{\n', "{\n  notify { 'never': }\n"),
  ],
  [
    'a new module that no node includes',
    write(environment('modules/spare/manifests/init.pp'), 'class spare {}\n'),
  ],
  ['a comment in site.pp', edit(site, '# Who is what.', '# Who is what, by name.')],
  ["another node's block in site.pp", append(site, 'node /^spare[-.]/ {\n  include base\n}\n')],
  ['a comment in data', edit(data('nodes/redis'), '# Only', '# Just')],
  [
    'the order of keys in data',
    write(data('nodes/redis'), 'redis::limits: {memory: 64mb, clients: 100}\nredis::port: 6380\n'),
  ],
  ["a spare node's data", write(data('nodes/spare'), 'web::workers: 77\n')],
  ["a spare role's data", write(data('roles/spare'), 'web::workers: 77\n')],
  ["another distribution's data", write(data('os/RedHat'), 'base::shell: /bin/ksh\n')],
  ['a datum that nobody asks for', append(data('common'), 'nobody::asks: 1\n')],
  ['a datum of all that everybody hides', edit(data('common'), '/bin/sh', '/bin/dash')],
  ['a comment in hiera.yaml', append(environment('hiera.yaml'), '# The end.\n')],
  [
    'hiera.yaml: a level without data',
    edit(
      environment('hiera.yaml'),
      '  - {name: Everybody',
      '  - {name: Nobody, path: nobody.yaml}\n  - {name: Everybody',
    ),
  ],
  ['a comment in environment.conf', append(environment('environment.conf'), '# The end.\n')],
  [
    'environment.conf: a version, which is a command',
    (s) => {
      s.append(environment('environment.conf'), `config_version = /usr/bin/touch ${s.at('touched')}\n`);
    },
  ],
  ['a comment in an ERB template', edit(erb, 'How redis runs.', 'How redis should run.')],
  ['a comment in an EPP template', edit(epp, 'What everybody reads.', 'What everybody may read.')],
  ['a template that nobody uses', write(environment('modules/web/templates/spare.epp'), 'spare\n')],
  ['a file that nobody names', append(environment('modules/web/files/unused.html'), 'more\n')],
  [
    'the time of a file',
    (s) => {
      utimesSync(s.at(environment('modules/web/files/index.html')), 1, 1);
    },
  ],
  [
    'a file that becomes a link to the same bytes',
    (s) => {
      s.write('index.html', s.read(environment('modules/web/files/index.html')));
      s.remove(environment('modules/web/files/index.html'));
      s.link(environment('modules/web/files/index.html'), s.at('index.html'));
    },
  ],
  ['a comment in a custom fact', edit(fact, '# How many there are.', '# How many of them there are.')],
  ['a comment in a custom function', edit(ruby, '# Twice as much.', '# Twice\n# as much.')],
  ['white space in a custom type', edit(type, '  newparam(:size)', '\n\n    newparam(:size)   # in cm')],
  ["a module's README", append(environment('modules/base/README.md'), 'More.\n')],
  ["a module's tests", write(environment('modules/base/spec/base_spec.rb'), 'true\n')],
  [
    'a comment in the template of the packs',
    edit(template, '"ssh_timeout": "5m"', '<%! long enough %>"ssh_timeout": "5m"'),
  ],
  ['white space in the template', edit(template, '"ssh_timeout": "5m"', '\n\n   "ssh_timeout" : "5m"')],
  [
    'the order of keys in the template',
    edit(template, '      "ssh_timeout": "5m",\n', ''),
    edit(template, '      "shutdown_behavior"', '      "ssh_timeout": "5m",\n      "shutdown_behavior"'),
  ],
  [
    'the time of a script',
    (s) => {
      utimesSync(s.at('templates/provision/seal.sh'), 1, 1);
    },
  ],
  [
    'facts of nodes.yaml that move to a file',
    edit('nodes.yaml', '    facts: {role: front, tier: one}', '    facts_from: deploys/app.yaml'),
    write('deploys/app.yaml', '# Of each deploy.\ntier: one\nrole: front\n'),
  ],
  ['a comment in nodes.yaml', append('nodes.yaml', '# The end.\n')],
  [
    'the order of nodes.yaml',
    write(
      'nodes.yaml',
      'nodes:\n  app: {facts: {tier: one, role: front}, turbo: true}\n  web: {size: t3.medium}\n  redis: {facts: {role: store}}\ndefaults: {facts: {role: front}, group: base, source_ami: {name: "debian-12-amd64-*", owner: "136693071363"}}\n',
    ),
  ],
  [
    'nodes.yaml: how many images to keep, how old they may be, and what to check',
    edit(
      'nodes.yaml',
      '  redis:\n',
      '  redis:\n    keep: 9\n    max_age: 30d\n    checks: [{port: 6379}]\n    converge: off\n',
    ),
  ],
  ['nodes.yaml: a group of the servers', edit('nodes.yaml', 'group: base', 'group: other')],
  ['nodes.yaml: another node', append('nodes.yaml', '  spare: {}\n')],
  ["another node's pinned facts", write('facts/spare.yaml', 'os: {}\n')],
];
