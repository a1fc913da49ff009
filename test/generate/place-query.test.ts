import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { packOf } from '../../src/generate/pack.ts';
import { packOrderOf, readPackOrder } from '../../src/generate/pack-order.ts';
import type { PackData } from '../../src/generate/pack-paths.ts';

const text = readFileSync('templates/packer.json.mustache', 'utf8');

function placeOf(packer: string) {
  const { nodes, problems } = parseNodes(`a: {group: g, packer: {${packer}}}`);
  const [node] = nodes;
  if (node === undefined) throw new Error(problems[0]?.message);
  const template = { file: 't', text };
  const made = packOf(node, {
    template,
    templates: 't',
    tag,
    imdsOptions: true,
    optional: new Set<string>(),
  });
  if ('problems' in made) throw new Error(made.problems.join());
  return packOrderOf((JSON.parse(made.pack) as PackData).builders[0]).place;
}

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
  ])('cannot be told with packer: {%s}', (packer, why) => {
    expect(placeOf(packer)).toEqual({ unknown: expect.stringContaining(why) });
  });

  test('cannot be told of a file that is no pack', async () => {
    expect(await readPackOrder('/nonexistent')).toMatchObject({ place: { unknown: expect.any(String) } });
    expect(await readPackOrder('package.json')).toMatchObject({ source: { unknown: expect.any(String) } });
  });
});
