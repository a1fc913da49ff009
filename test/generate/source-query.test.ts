import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { packOf } from '../../src/generate/pack.ts';
import type { PackData } from '../../src/generate/pack-paths.ts';
import { sourceQueryOf } from '../../src/generate/source-query.ts';

const text = readFileSync('templates/packer.json.mustache', 'utf8');

function queryOf(keys: string) {
  const [node] = parseNodes(`a: {group: g, ${keys}}`).nodes;
  if (node === undefined) throw new Error(keys);
  const made = packOf(node, {
    ...{ template: { file: 't', text }, templates: 't', tag, imdsOptions: true, optional: new Set<string>() },
  });
  if ('problems' in made) throw new Error(made.problems.join());
  return sourceQueryOf((JSON.parse(made.pack) as PackData).builders[0]);
}

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
    expect(queryOf(keys)).toEqual(query);
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
  ])('cannot be told with packer: {%s}', (over, why) => {
    expect(queryOf(`packer: {${over}}`)).toEqual({ unknown: expect.stringContaining(why) });
  });
});
