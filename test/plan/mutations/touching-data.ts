import { environment, site, data, all, edit, write, remove, type Touching } from './change.ts';

/** Hiera data on each level, and the levels. */
export const touchingData: Touching[] = [
  ["a node's own datum", ['redis'], edit(data('nodes/redis'), '6380', '6381')],
  ["a role's datum", ['web', 'app'], edit(data('roles/front'), 'the front', 'the facade')],
  ["a distribution's datum", all, edit(data('os/Debian'), '/bin/bash', '/bin/zsh')],
  ['a datum of all that one node takes', ['web'], edit(data('common'), 'web::workers: 4', 'web::workers: 8')],
  ['a datum of all that others hide', ['redis'], edit(data('common'), 'somebody', 'anybody')],
  ['a file of data that was not there', ['web'], write(data('nodes/web'), 'web::workers: 5\n')],
  ['a file of data that goes', ['web', 'app'], remove(data('roles/front'))],
  ['a value deep in a hash', ['redis'], edit(data('nodes/redis'), 'clients: 100', 'clients: 101')],
  ['a secret', ['app'], edit(data('nodes/app'), 'hunter2', 'hunter3')],
  [
    'hiera.yaml: a level that goes',
    all,
    edit(environment('hiera.yaml'), '  - {name: Distribution, path: "os/%{facts.os.family}.yaml"}\n', ''),
  ],
  [
    'hiera.yaml: the order of two levels',
    ['redis'],
    write(data('roles/store'), 'redis::port: 1\n'),
    edit(environment('hiera.yaml'), 'nodes/%{facts.bakehouse_node}', 'roles/%{facts.role}-x'),
    edit(environment('hiera.yaml'), '"roles/%{facts.role}.yaml"', '"nodes/%{facts.bakehouse_node}.yaml"'),
    write(data('roles/store-x'), 'redis::port: 2\n'),
    write(data('roles/front-x'), 'base::banner: the front\n'),
  ],
  [
    'hiera.yaml of a module',
    ['web'],
    edit(data('common'), 'web::workers: 4\n', ''),
    write(environment('modules/web/hiera.yaml'), 'version: 5\nhierarchy:\n  - {name: All, path: all.yaml}\n'),
    write(environment('modules/web/data/all.yaml'), 'web::workers: 9\n'),
  ],
  [
    'environment.conf: the order of the modules',
    ['web'],
    write(environment('more/web/manifests/init.pp'), 'class web {}\n'),
    edit(environment('environment.conf'), 'site:modules', 'more:site:modules'),
  ],
  [
    'environment.conf: another manifest',
    ['redis'],
    (s) => {
      s.write(
        environment('others/site.pp'),
        s.read(site).replace('include redis', "include redis\n  group { 'other': }"),
      );
      s.edit(environment('environment.conf'), 'manifest = manifests', 'manifest = others');
    },
  ],
];
