import { tools, template, all, edit, append, write, type Touching } from './change.ts';

/** The pack, the scripts, the source image, nodes.yaml, pinned facts. */
export const touchingOthers: Touching[] = [
  ['the template of the packs', all, edit(template, '"ssh_timeout": "5m"', '"ssh_timeout": "6m"')],
  [
    'the template, where one node has a key',
    ['app'],
    edit(template, '"ssh_timeout": "5m"', '<%#turbo%>"ebs_optimized": true,<%/turbo%> "ssh_timeout": "5m"'),
  ],
  [
    'the template, for a Packer that this one may not be',
    all,
    edit(
      template,
      '"ssh_timeout": "5m"',
      '<%^imds_options%>"ebs_optimized": true,<%/imds_options%> "ssh_timeout": "5m"',
    ),
  ],
  ['a script', all, append('templates/provision/seal.sh', 'true\n')],
  ["a script's neighbour", all, write('templates/provision/settings', 'a=b\n')],
  ['nodes.yaml: a size', ['web'], edit('nodes.yaml', 't3.medium', 't3.large')],
  [
    'nodes.yaml: a fact that the manifests ask for',
    ['redis'],
    edit('nodes.yaml', 'role: store', 'role: front'),
  ],
  ['nodes.yaml: a fact that they do not ask for', ['app'], edit('nodes.yaml', 'tier: one', 'tier: two')],
  [
    'a fact of a file',
    ['app'],
    edit('nodes.yaml', '    facts: {role: front, tier: one}', '    facts_from: deploys/app.yaml'),
    write('deploys/app.yaml', 'tier: two\nrole: front\n'),
  ],
  [
    'nodes.yaml: the source image',
    ['web'],
    edit(
      'nodes.yaml',
      '    size: t3.medium\n',
      '    size: t3.medium\n    source_ami: {name: debian-13-amd64-*, owner: "136693071363"}\n',
    ),
  ],
  [
    'nodes.yaml: a mapping over the builder',
    ['redis'],
    edit('nodes.yaml', '  redis:\n', '  redis:\n    packer: {ebs_optimized: true}\n'),
  ],
  [
    'nodes.yaml: a Puppet server',
    ['redis'],
    edit('nodes.yaml', '  redis:\n', '  redis:\n    puppet_server: puppet.example\n'),
  ],
  [
    'pinned facts',
    ['app'],
    edit(tools, 'tools::double(2)', "$facts['spare'] ? { undef => 4, default => 5 }"),
    write('facts/app.yaml', 'spare: true\nos: {family: Debian, name: Debian, release: {major: "12"}}\n'),
  ],
];
