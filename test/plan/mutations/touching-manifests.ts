import {
  environment,
  site,
  base,
  redis,
  web,
  tools,
  all,
  edit,
  append,
  write,
  type Touching,
} from './change.ts';

/** Manifests, functions and settings of the environment. */
export const touchingManifests: Touching[] = [
  ['a value in a manifest', ['redis'], edit(redis, "'0640'", "'0600'")],
  ['a new resource', ['web'], edit(web, '$workers) {', "$workers) {\n  group { 'web': }")],
  ['a resource that goes', all, edit(base, "  user { 'operator':\n    shell => $shell,\n  }\n", '')],
  ["a resource's title", ['redis'], edit(redis, "exec { 'check redis'", "exec { 'look at redis'")],
  [
    'an ordering edge',
    ['redis'],
    edit(redis, "mode    => '0640',", "mode    => '0640',\n    require => File['/usr/bin/redis'],"),
  ],
  ['a notification that becomes an order', ['redis'], edit(redis, '~>', '->')],
  [
    'what contains a resource',
    ['web'],
    edit(
      web,
      "file { '/etc/web.conf':\n    content => web::line('workers', $workers),\n  }",
      'include web::conf',
    ),
    write(
      environment('modules/web/manifests/conf.pp'),
      "class web::conf {\n  file { '/etc/web.conf':\n    content => web::line('workers', lookup('web::workers')),\n  }\n}\n",
    ),
  ],
  ["a class parameter's default", ['redis'], edit(redis, "['/usr/bin', '/bin']", "['/bin', '/usr/bin']")],
  ['a default that no resource uses, but the class has', all, edit(base, '$quiet = false', '$quiet = true')],
  ['a number that becomes a text', ['app'], edit(tools, 'tools::double(2)', 'String(tools::double(2))')],
  [
    'site.pp: a class for one node',
    ['web'],
    edit(site, '  include web\n', '  include web\n  include profile\n'),
  ],
  ['site.pp: a resource at its top', all, append(site, "\nfile { '/etc/baked': ensure => file }\n")],
  ['a resource default', all, append(site, "\nFile { owner => 'root' }\n")],
  ['another manifest beside site.pp', all, write(environment('manifests/zz.pp'), "group { 'all': }\n")],
  [
    'a function of the Puppet language',
    ['web'],
    edit(environment('modules/web/functions/line.pp'), '=${value}', ' = ${value}'),
  ],
  [
    'a module that hides another',
    ['web'],
    write(environment('site/web/manifests/init.pp'), 'class web {\n  notify { "other": }\n}\n'),
  ],
];
