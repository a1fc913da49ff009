import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { tag } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { keptVolumes, packOf, withVolumeGuard } from '../../src/generate/pack.ts';
import type { PackSettings } from '../../src/generate/pack-settings.ts';

const settings: PackSettings = {
  template: { file: 'templates/x', text: readFileSync('templates/packer.json.mustache', 'utf8') },
  templates: '../templates',
  tag,
  imdsOptions: true,
  optional: new Set(),
};

interface Pack {
  builders: [Record<string, unknown>];
  provisioners: Record<string, unknown>[];
}

function builderOf(yaml: string, over: Partial<PackSettings> = {}): Record<string, unknown> {
  const made = packFor(yaml, over);
  if ('problems' in made) throw new Error(made.problems.join());
  return (JSON.parse(made.pack) as Pack).builders[0];
}

function packFor(yaml: string, over: Partial<PackSettings> = {}) {
  const [node] = parseNodes(yaml).nodes;
  if (node === undefined) throw new Error('the test has no node');
  return packOf(node, { ...settings, ...over });
}

describe('the pack of a node', () => {
  test('keeps the name by which its image is known as ours', () => {
    const made = packFor('a: {group: g, packer: {ami_name: "web-prod-1"}}');
    expect(made).toMatchObject({
      problems: [expect.stringContaining('`packer.ami_name` cannot be laid over')],
    });
  });

  test('launches as safely as EC2 allows', () => {
    expect(builderOf('a: {group: g}')).toMatchObject({
      type: 'amazon-ebs',
      instance_type: 't3.small',
      shutdown_behavior: 'terminate',
      metadata_options: { http_tokens: 'required' },
      security_group_filter: { filters: { 'group-name': 'packer' } },
    });
  });

  test('says what nodes.yaml says, digit by digit', () => {
    const yaml = `a:
  group: g
  version: 3.10
  packer:
    source_ami_filter: {owners: [099720109477]}
    ami_users: [012345678901]
    tags: {CostCentre: 00420, Version: 1.10, Backup: true, Count: 420}
    launch_block_device_mappings: [{device_name: /dev/xvda, volume_size: 20, delete_on_termination: true}]
    ssh_port: 22
  facts: {id: 9007199254740993, cost: 00420, version: 1.10, answer: 42, on: true}
`;
    const template = {
      ...settings.template,
      text: settings.template.text.replace('baked by', '<%version%> by'),
    };
    const made = packFor(yaml, { template });
    if ('problems' in made) throw new Error(made.problems.join());
    expect((JSON.parse(made.pack) as Pack).builders[0]).toMatchObject({
      ami_description: 'a, 3.10 by Bakehouse',
      source_ami_filter: { owners: ['099720109477'] },
      ami_users: ['012345678901'],
      tags: { CostCentre: '00420', Version: '1.10', Backup: 'true', Count: 420 },
      launch_block_device_mappings: [{ volume_size: 20, delete_on_termination: true }],
      ssh_port: 22,
    });
    expect(JSON.parse(made.facts)).toMatchObject({
      ...{ id: '9007199254740993', cost: '00420', version: '1.10', answer: 42, on: true },
    });
  });

  test('leaves it to the source image which device is its root', () => {
    for (const yaml of [
      'a: {group: g}',
      'a: {group: g, source_ami: {name: "ubuntu-*", owner: "099720109477"}}',
    ])
      expect(JSON.stringify(packFor(yaml))).not.toMatch(/\/dev\/|block_device_mappings/);
  });

  test('lets each volume that is laid over it go with its machine, unless it says otherwise', () => {
    const over =
      'launch_block_device_mappings: [{device_name: /dev/xvda, volume_size: 20}, {device_name: /dev/sdf, delete_on_termination: false}]';
    const builder = builderOf(
      `a: {group: g, packer: {${over}, ami_block_device_mappings: [{device_name: /dev/sdg}]}}`,
    );
    expect(builder).toMatchObject({
      launch_block_device_mappings: [
        { device_name: '/dev/xvda', volume_size: 20, delete_on_termination: true },
        { device_name: '/dev/sdf', delete_on_termination: false },
      ],
      ami_block_device_mappings: [{ device_name: '/dev/sdg', delete_on_termination: true }],
    });
  });

  test('runs every script by sh: a machine whose /tmp is noexec runs none of them by itself', () => {
    const made = packFor('a: {group: g, remove_puppet: true}');
    if ('problems' in made) throw new Error(made.problems.join());
    const scripts = (JSON.parse(made.pack) as Pack).provisioners.filter(({ type }) =>
      String(type).startsWith('shell'),
    );
    expect(scripts).toHaveLength(7);
    for (const { type, execute_command: command } of scripts) {
      const how = type === 'shell' ? /sh '\{\{\.Path\}\}'$/ : /\/bin\/sh '\{\{\.Script\}\}'$/;
      expect([command].flat().at(-1)).toMatch(how);
    }
  });

  test('hands the Puppet that nodes.yaml asks for to the scripts as variables, and none where it asks for none', () => {
    const variables = (yaml: string) => {
      const made = packFor(yaml);
      if ('problems' in made) throw new Error(made.problems.join());
      const { provisioners } = JSON.parse(made.pack) as Pack;
      return ['bootstrap.sh', 'seal.sh'].map(
        (name) => provisioners.find(({ script }) => String(script).endsWith(name))?.environment_vars,
      );
    };
    const puppet =
      '{package: openvox-agent, version: 9.0.0~rc1-1, apt_source: {uri: "https://a.b", suite: c}}';
    const asked = ['PUPPET_PACKAGE=openvox-agent', 'PUPPET_VERSION=9.0.0~rc1-1'];
    expect(variables(`a: {group: g, puppet: ${puppet}}`)).toEqual([
      [...asked, 'PUPPET_SOURCE=https://a.b c main', 'PUPPET_SOURCE_KEY='],
      ['PUPPET_PACKAGE=openvox-agent', 'REMOVE_PUPPET='],
    ]);
    for (const none of ['', ', puppet: {}', ', puppet: {package: null}'])
      expect(variables(`a: {group: g${none}}`)).toEqual([undefined, ['REMOVE_PUPPET=']]);
  });

  test('is not made of a template that does not use the Puppet that the node asks for', () => {
    const text = settings.template.text.replaceAll(/ *<%#puppet%>[^]*?<%\/puppet%>\n/g, '');
    const template = { file: 'own', text };
    expect(packFor('a: {group: g, puppet: {version: 8}}', { template })).toEqual({
      problems: ['own: it does not use `puppet`, which node a has'],
    });
    expect(packFor('a: {group: g}', { template })).toHaveProperty('pack');
  });

  test('says nothing of the metadata service to a Packer that would not know the word', () => {
    expect(builderOf('a: {group: g}', { imdsOptions: false })).not.toHaveProperty('metadata_options');
  });

  test("takes a key pair of build's, and has Packer's temporary one when it is given none", () => {
    const builder = builderOf('a: {group: g}');
    expect(builder).toMatchObject({
      ssh_keypair_name: '{{user `keypair`}}',
      ssh_private_key_file: '{{user `key_file`}}',
      temporary_key_pair_name: 'bakehouse-a-{{ or (user `run`) uuid }}',
    });
  });

  test('tags a spot request like its instance, and nothing where there is none: Packer refuses that', () => {
    const spot = builderOf('a: {group: g, packer: {spot_price: auto, spot_tags: {team: x}}}');
    expect(spot.spot_tags).toEqual({ ...(spot.run_tags as object), team: 'x' });
    expect(spot.spot_tags).toHaveProperty([tag.run]);
    for (const packer of ['{}', '{spot_price: "0"}', '{spot_price: ""}'])
      expect(builderOf(`a: {group: g, packer: ${packer}}`)).not.toHaveProperty('spot_tags');
  });

  test('names its source by id, or by a filter and what build finds with it', () => {
    const byId = builderOf('a: {group: g, source_ami: ami-12345678}');
    expect(byId.source_ami).toBe('ami-12345678');
    expect(byId).not.toHaveProperty('source_ami_filter');
    const byName = builderOf('a: {group: g, source_ami: {name: "x-*", owner: self}}');
    expect(byName.source_ami).toBe('{{user `source`}}');
    expect(byName.source_ami_filter).toMatchObject({
      filters: { name: 'x-*' },
      owners: ['self'],
      most_recent: true,
    });
  });

  test('tags whatever a bake creates with node and run', () => {
    const builder = builderOf('a: {group: g}');
    for (const kind of ['run_tags', 'run_volume_tags', 'snapshot_tags', 'tags']) {
      expect(builder[kind]).toMatchObject({
        'bakehouse:node': 'a',
        'bakehouse:run': expect.stringContaining('run'),
      });
    }
  });

  test('tags the image and its snapshots with digest and inputs, and no machine: its image bears them', () => {
    const builder = builderOf('a: {group: g}');
    const bears = { [tag.digest]: '{{user `digest`}}', [tag.inputs]: '{{user `inputs`}}' };
    for (const kind of ['snapshot_tags', 'tags']) expect(builder[kind]).toMatchObject(bears);
    for (const kind of ['run_tags', 'run_volume_tags'])
      expect(builder[kind]).not.toHaveProperty([tag.digest]);
  });

  test('lays the mapping `packer` over the builder, key by key, and lets null take a key away', () => {
    const yaml =
      'a: {group: g, packer: {ssh_username: ubuntu, tags: {Team: x}, ssh_timeout: null, run_tags: 1}}';
    const builder = builderOf(yaml);
    expect(builder.ssh_username).toBe('ubuntu');
    expect(builder.tags).toMatchObject({ Team: 'x', 'bakehouse:node': 'a' });
    expect(builder).not.toHaveProperty('ssh_timeout');
    expect(builder.run_tags).toBe(1);
  });

  test('carries the facts in a file of their own, and adds none but under its own name', () => {
    const facts = (yaml: string) => JSON.parse((packFor(yaml) as { facts: string }).facts) as unknown;
    expect(facts('a: {group: g, facts: {x: [1]}}')).toEqual({ x: [1], bakehouse_node: 'a' });
    expect(facts('a: {group: g, facts: {role: db, bakehouse_node: z}}')).toEqual({
      role: 'db',
      bakehouse_node: 'a',
    });
  });

  test('is the same bytes for the same input', () => {
    expect(packFor('a: {group: g, facts: {x: 1}}')).toEqual(packFor('a: {group: g, facts: {x: 1}}'));
  });
});

describe('a template that gives no pack', () => {
  const withText = (text: string) => packFor('a: {group: g}', { template: { file: 't', text } });
  test.each([
    ['{"a": <%nmae%>}', 't:1:7: nothing gives `nmae`'],
    ['{"a": 1,}', 't: for node a it gives bad JSON at line 1'],
    ['{"a":\n', 't: for node a it gives bad JSON'],
    ['[]', 'no `builders` list with exactly one builder'],
    ['{"builders": []}', 'no `builders` list with exactly one builder'],
    ['{"builders": [{}, {}]}', 'no `builders` list with exactly one builder'],
  ])('%j says so', (text, message) => {
    expect(withText(text)).toEqual({ problems: [expect.stringContaining(message)] });
  });
});

const mappingKeys = ['launch_block_device_mappings', 'ami_block_device_mappings'] as const;
const volumeMapping = fc.record(
  {
    device_name: fc.constantFrom('/dev/xvda', '/dev/sda1', '/dev/sdf'),
    volume_size: fc.nat(),
    delete_on_termination: fc.boolean(),
    no_device: fc.boolean(),
  },
  { requiredKeys: ['device_name'] },
);
const volumeBuilder = fc.record(
  {
    [mappingKeys[0]]: fc.array(volumeMapping),
    [mappingKeys[1]]: fc.array(volumeMapping),
    instance_type: fc.string(),
  },
  { requiredKeys: [] },
);

interface VolumeMapping {
  device_name: string;
  delete_on_termination?: boolean;
}
const mappingsOf = (of: Record<string, unknown>) =>
  mappingKeys.flatMap((key) => (of[key] ?? []) as VolumeMapping[]);

describe('the volumes of a builder', () => {
  test('go with their machine exactly where nobody has said that they stay, and nothing else changes', () => {
    fc.assert(
      fc.property(volumeBuilder, (given) => {
        const guarded = withVolumeGuard(given);
        const before = mappingsOf(given);
        const after = mappingsOf(guarded);
        expect(after).toEqual(before.map((one) => ({ delete_on_termination: true, ...one })));
        expect(Object.keys(guarded)).toEqual(Object.keys(given));
        const staying = before.filter((one) => one.delete_on_termination === false);
        expect(keptVolumes(guarded)).toEqual([...new Set(staying.map((one) => one.device_name))].sort());
      }),
    );
  });

  test('that stay are known also from texts, and what is no mapping keeps none', () => {
    const stays = { device_name: '/dev/sdf', delete_on_termination: 'false' };
    expect(keptVolumes({ launch_block_device_mappings: [stays, 'x', null] })).toEqual(['/dev/sdf']);
    expect(keptVolumes({ launch_block_device_mappings: stays })).toEqual([]);
    expect(withVolumeGuard({ launch_block_device_mappings: 'x' })).toEqual({
      launch_block_device_mappings: 'x',
    });
  });
});
