import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A Puppet environment of the usual kinds of things, for figures: `nodes` nodes of about 200 resources each, out of ten
 * modules with parameters, Hiera data, templates and files; and the nodes.yaml for it.
 */
export function writeLargeEnvironment(folder: string, nodes: number): string[] {
  const names = Array.from({ length: nodes }, (_, n) => `node-${n}`);
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  put('environment/environment.conf', 'manifest = manifests\nmodulepath = modules\n');
  put('environment/hiera.yaml', hiera);
  put('environment/data/common.yaml', modules.map((name) => `${name}::owner: root\n`).join(''));
  put(
    'environment/manifests/site.pp',
    `node default {\n${modules.map((name) => `  include ${name}\n`).join('')}}\n`,
  );
  for (const name of modules) {
    put(`environment/modules/${name}/manifests/init.pp`, manifestOf(name));
    put(`environment/modules/${name}/templates/item.epp`, template);
    put(`environment/modules/${name}/files/common.txt`, `of ${name}\n`);
  }
  for (const [index, name] of names.entries()) {
    put(`environment/data/nodes/${name}.yaml`, modules.map((of) => `${of}::size: ${index + 1}\n`).join(''));
  }
  put('nodes.yaml', names.map((name) => `${name}:\n  group: g\n`).join(''));
  return names;
}

const modules = Array.from({ length: 10 }, (_, n) => `part${n}`);

const hiera = `version: 5
defaults: {datadir: data, data_hash: yaml_data}
hierarchy:
  - {name: One node, path: "nodes/%{facts.bakehouse_node}.yaml"}
  - {name: All nodes, path: common.yaml}
`;

/** Twenty resources: a directory, two files by a template, seven by a text, eight by a source, an exec and a service. */
function manifestOf(name: string): string {
  return `class ${name} (String $owner, Integer $size) {
  file { '/srv/${name}': ensure => directory, owner => $owner, mode => '0755' }
  Integer[3, 9].each |$i| {
    file { "/srv/${name}/item-\${i}":
      owner   => $owner,
      mode    => '0644',
      content => "item \${i}: \${size}\\n",
      notify  => Service['${name}'],
    }
  }
  Integer[1, 2].each |$i| {
    file { "/srv/${name}/item-\${i}":
      owner   => $owner,
      mode    => '0644',
      content => epp('${name}/item.epp', { 'number' => $i, 'size' => $size }),
      notify  => Service['${name}'],
    }
  }
  Integer[1, 8].each |$i| {
    file { "/srv/${name}/copy-\${i}":
      owner   => $owner,
      mode    => '0644',
      source  => 'puppet:///modules/${name}/common.txt',
      require => File['/srv/${name}'],
    }
  }
  exec { 'reload ${name}': command => '/bin/true', refreshonly => true, subscribe => File['/srv/${name}/item-1'] }
  service { '${name}': ensure => running, enable => true }
}
`;
}

const template = `<%- | Integer $number, Integer $size | -%>
item <%= $number %> of <%= $facts['bakehouse_node'] %>
<% Integer[1, 5].each |$line| { -%>
line <%= $line %>: <%= $size * $number %>
<% } -%>
`;
