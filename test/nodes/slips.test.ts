import { describe, expect, test } from '@jest/globals';
import { fc, runs } from '../runs.ts';
import { builderKeys } from '../../src/nodes/builder-keys.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { knownKeys } from '../../src/nodes/shape.ts';
import { isOneEdit } from '../../src/nodes/slips.ts';

const valid: Record<(typeof knownKeys)[number], string> = {
  group: 'g',
  size: 'm2.2xlarge',
  source_ami: 'ami-12345678',
  puppet_server: 'puppet',
  puppet_environment: 'test',
  puppet: '{package: openvox-agent}',
  remove_puppet: 'true',
  facts: '{x: 1}',
  facts_from: 'deploys/web.yaml',
  keep: '3',
  max_age: '30d',
  assume_pure: 'true',
  packer: '{subnet_id: x}',
  checks: '[{port: 1}]',
  goss: 'goss.yaml',
  allow_skipped: '["File[/etc/motd]"]',
  converge: 'off',
  promote: '{accounts: ["123456789012"]}',
  vagrant: '{memory: 2048}',
};
const letter = fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz_019'));

/** A text with one letter more, fewer, changed or swapped with its neighbour. */
const slipOf = (text: string) =>
  fc
    .tuple(fc.constantFrom('add', 'drop', 'change', 'swap'), fc.nat({ max: text.length - 1 }), letter)
    .map(([how, at, other]) => {
      if (how === 'add') return text.slice(0, at) + other + text.slice(at);
      if (how === 'drop') return text.slice(0, at) + text.slice(at + 1);
      if (how === 'change') return text.slice(0, at) + other + text.slice(at + 1);
      return (
        text.slice(0, at) +
        text
          .slice(at, at + 2)
          .split('')
          .reverse()
          .join('') +
        text.slice(at + 2)
      );
    })
    .filter((slip) => slip !== '' && slip !== text && !/^\d/.test(slip));

describe("a key one edit away from one of Bakehouse's", () => {
  test('is an error at its place, with the key that was meant', () => {
    const slips = fc.constantFrom(...knownKeys).chain((key) => fc.tuple(fc.constant(key), slipOf(key)));
    fc.assert(
      fc.property(slips, ([key, slip]) => {
        fc.pre(!(knownKeys as string[]).includes(slip));
        const group = key === 'group' ? 'defaults: {group: g}\nnodes:\n' : 'defaults: {}\nnodes:\n';
        const own = key === 'group' ? '' : '    group: g\n';
        const { problems } = parseNodes(`${group}  a:\n${own}    ${slip}: ${valid[key]}\n`);
        const line = key === 'group' ? 4 : 5;
        expect(problems).toEqual([
          { line, column: 5, message: expect.stringContaining(`did you mean \`${key}\`?`) },
        ]);
      }),
      runs(500),
    );
  });

  test.each([
    'sizes: [t3.small, t3.large]',
    'sizes: 3',
    'group_id: 1001',
    'groups: [wheel, docker]',
    'ports: [80, 443]',
    'role: web',
    'site: example.com',
    'site: berlin',
    'side: left',
    'keeps: logs',
    'keeper: alice',
    'boss: alice',
    'packet: {plan: c1}',
    'fact: none',
    'check: http',
    'owner: team-a',
    'tags: {a: b}',
    'disk_size: 20',
    'ami: ami-12345678',
    'memory: 512',
    'env: production',
    'puppet_role: web',
    'source: git',
    'converged: yes please',
    'max_size: 3',
    'min_size: 1',
  ])('is none that a team has for itself: %s', (own) => {
    expect(parseNodes(`a: {group: g, ${own}}`).problems).toEqual([]);
  });

  test('is not an error beside the key itself', () => {
    expect(parseNodes('a: {group: g, size: t3.small, sizes: t3.large}').problems).toEqual([]);
  });
});

describe("a key of `packer` one edit away from one of Packer's", () => {
  test('is an error at its place, with the key that was meant', () => {
    const known = Object.keys(builderKeys);
    const slips = fc.constantFrom(...known).chain((key) => fc.tuple(fc.constant(key), slipOf(key)));
    fc.assert(
      fc.property(slips, ([key, slip]) => {
        fc.pre(!known.includes(slip));
        const { problems } = parseNodes(`a:\n  group: g\n  packer:\n    ${slip}: x\n`);
        expect(problems).toMatchObject([
          { line: 4, column: 5, message: expect.stringContaining('did you mean') },
        ]);
        const meant = /did you mean `(.*)`/.exec(problems[0]?.message ?? '')?.[1] ?? '';
        expect([key, ...known.filter((other) => isOneEdit(slip, other))]).toContain(meant);
      }),
      runs(1000),
    );
  });

  test.each([
    ['packer: {subnetid: x}', '`subnet_id`'],
    ['packer: {source_ami_filter: {most_recnt: true}}', '`most_recent`'],
    [
      'packer: {launch_block_device_mappings: [{device_name: /dev/xvda}, {volume_sise: 20}]}',
      '`volume_size`',
    ],
    ['packer: {<<: {ssh_prot: 22}}', '`ssh_port`'],
  ])('also further below: %s', (own, meant) => {
    const { problems } = parseNodes(`a: {group: g, ${own}}`);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(meant)]);
  });

  test('is none where Packer takes any name, nor what this Packer does not know', () => {
    const own = 'packer: {tags: {tag: x, Nam: y}, run_tags: {ssh_prot: z}, quantum_mode: true}';
    expect(parseNodes(`a: {group: g, ${own}}`).problems).toEqual([]);
  });
});
