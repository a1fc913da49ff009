import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { packOf } from '../../src/generate/pack.ts';
import type { PackData } from '../../src/generate/pack-files.ts';
import { packQueryOf } from '../../src/generate/pack-query.ts';

const text = readFileSync('templates/packer.json.mustache', 'utf8');

/** What the pack of a node with these keys asks of the account. */
function queryOf(keys: string) {
  const { nodes, problems } = parseNodes(`a: {group: g, ${keys}}`);
  const [node] = nodes;
  if (node === undefined) throw new Error(problems[0]?.message);
  const template = { file: 't', text };
  const optional = new Set<string>();
  const made = packOf(node, { template, templates: 't', tag, imdsOptions: true, optional });
  if ('problems' in made) throw new Error(made.problems.join());
  return packQueryOf((JSON.parse(made.pack) as PackData).builders[0]);
}

const sourceOf = (keys: string) => queryOf(keys).source;
const placeOf = (packer: string) => queryOf(`packer: {${packer}}`).place;

const filters = {
  name: 'x-*',
  state: 'available',
  architecture: 'x86_64',
  'virtualization-type': 'hvm',
  'root-device-type': 'ebs',
};

describe('the source image that a pack asks for', () => {
  test.each<[string, object]>([
    ['source_ami: ami-12345678', { id: 'ami-12345678' }],
    ['source_ami: {name: x-*, owner: self}', { owners: ['self'], filters, mostRecent: true, includeDeprecated: false }],
    ['packer: {source_ami: ami-1, source_ami_filter: null}', { id: 'ami-1' }],
    ['source_ami: {name: x-*, owner: self}, packer: {source_ami_filter: {filters: {architecture: arm64}, owners: ["1"], most_recent: false, include_deprecated: true}}', { owners: ['1'], filters: { ...filters, architecture: 'arm64' }, mostRecent: false, includeDeprecated: true }],
    ['source_ami: {name: x-*, owner: self}, packer: {source_ami: ami-1}', { id: 'ami-1', owners: ['self'], filters, mostRecent: true, includeDeprecated: false }],
    ['source_ami: {name: none-*, owner: self}, packer: {source_ami_filter: {filters: {name: x-*}}}', { owners: ['self'], filters, mostRecent: true, includeDeprecated: false }],
    ['source_ami: {name: x-*, owner: self}, packer: {profile: ""}', { owners: ['self'], filters, mostRecent: true, includeDeprecated: false }],
  ])('%s', (keys, query) => {
    expect(sourceOf(keys)).toEqual(query);
  }); // prettier-ignore

  test.each([
    ['source_ami: "{{user `x`}}", source_ami_filter: null', "the pack's source_ami is"],
    ['source_ami: null, source_ami_filter: null', "the pack's source_ami is missing"],
    ['source_ami: 5, source_ami_filter: null', "the pack's source_ami is 5"],
    ['type: amazon-instance', 'not amazon-ebs'],
    ['region: eu-west-1', 'a region of its own, "eu-west-1"'],
    ['region: null', 'a region of its own, missing'],
    ['profile: other', 'credentials of its own (profile)'],
    ['assume_role: {role_arn: x}', 'credentials of its own (assume_role)'],
    ['source_ami_filter: {filters: {name: "{{user `x`}}"}}', 'source_ami_filter is'],
    ['source_ami_filter: {filters: {name: "a,b"}}', 'source_ami_filter is'],
    ['source_ami_filter: {filters: {name: 5}}', 'source_ami_filter is'],
    ['source_ami_filter: {filters: [1]}', 'source_ami_filter is'],
    ['source_ami_filter: {owners: []}', 'source_ami_filter is'],
    ['source_ami_filter: {owners: self}', 'source_ami_filter is'],
    ['source_ami_filter: {owners: ["{{user `x`}}"]}', 'source_ami_filter is'],
    ['source_ami_filter: {most_recent: "yes"}', 'source_ami_filter is'],
    ['source_ami_filter: {random: true}', 'source_ami_filter is'],
    ['source_ami_filter: 5', 'source_ami_filter is 5'],
  ])('is not known with packer: {%s}', (over, why) => {
    expect(sourceOf(`packer: {${over}}`)).toEqual({ unknown: expect.stringContaining(why) });
  });
});

const groups = { filters: { 'group-name': 'packer' } };
const usual = { groups, types: ['t3.small'], sshPort: 22 };

describe('where a pack is baked', () => {
  test.each<[string, object]>([
    ['', usual],
    ['subnet_id: subnet-1, vpc_id: vpc-1, availability_zone: eu-west-1a, ssh_port: 2222', { ...usual, subnet: { id: 'subnet-1' }, vpc: { id: 'vpc-1' }, zone: 'eu-west-1a', sshPort: 2222 }],
    ['subnet_filter: {filters: {"tag:Name": build-private}, most_free: true}', { ...usual, subnet: { filters: { 'tag:Name': 'build-private' }, pick: 'most-free' } }],
    ['subnet_filter: {filters: {"tag:Name": x}, random: true}', { ...usual, subnet: { filters: { 'tag:Name': 'x' }, pick: 'any' } }],
    ['subnet_filter: {filters: {"tag:Name": x}}, vpc_filter: {filters: {isDefault: "false"}}', { ...usual, subnet: { filters: { 'tag:Name': 'x' }, pick: 'only' }, vpc: { filters: { isDefault: 'false' } } }],
    ['subnet_filter: {random: true}, vpc_filter: {}', usual],
    ['security_group_filter: null, security_group_ids: [sg-1, sg-2]', { ...usual, groups: { ids: ['sg-1', 'sg-2'] } }],
    ['security_group_ids: [sg-1]', { ...usual, groups: { ids: ['sg-1'] } }],
    ['security_group_id: sg-1', { ...usual, groups: { ids: ['sg-1'] } }],
    ['security_group_filter: null', { ...usual, groups: 'temporary' }],
    ['security_group_filter: {filters: {group-name: null, vpc-id: null}}', { ...usual, groups: 'temporary' }],
    ['security_group_filter: {filters: {"tag:Class": packer, group-name: null}}', { ...usual, groups: { filters: { 'tag:Class': 'packer' } } }],
    ['instance_type: m5.large', { ...usual, types: ['m5.large'] }],
    ['instance_type: null, spot_instance_types: [m5.large, c5.large]', { ...usual, types: ['m5.large', 'c5.large'] }],
  ])('packer: {%s}', (packer, place) => {
    expect(placeOf(packer)).toEqual(place);
  }); // prettier-ignore

  test.each([
    ['region: eu-west-1', 'a region of its own'],
    ['profile: other', 'credentials of its own'],
    ['subnet_id: "{{user `x`}}"', "the pack's subnet_id is"],
    ['subnet_id: 5', "the pack's subnet_id is 5"],
    ['subnet_filter: {filters: {"tag:Name": "a,b"}}', "the pack's subnet_filter is"],
    ['subnet_filter: {filter: [{name: x, value: y}]}', "the pack's subnet_filter is"],
    ['subnet_filter: text', "the pack's subnet_filter is"],
    ['security_group_ids: sg-1', "the pack's security_group_ids is"],
    ['security_group_filter: {filters: {group-name: "{{user `x`}}"}}', "the pack's security_group_filter is"],
  ])('is not known with packer: {%s}', (packer, why) => {
    expect(placeOf(packer)).toEqual({ unknown: expect.stringContaining(why) });
  });
});
