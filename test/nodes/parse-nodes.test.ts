import { describe, expect, test } from '@jest/globals';
import { fc, runs } from '../runs.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

const flat = `elasticsearch:
  group: logging
zookeeper:
  group: zookeeper
redis:
  group: redis
  size: m2.2xlarge
`;

describe('a good nodes.yaml', () => {
  test('in the flat form gives its nodes in order, with the defaults filled in', () => {
    const { nodes, problems, warnings } = parseNodes(flat);
    expect([problems, warnings]).toEqual([[], []]);
    expect(nodes.map((node) => [node.name, node.groups, node.size])).toEqual([
      ['elasticsearch', ['logging'], 't3.small'],
      ['zookeeper', ['zookeeper'], 't3.small'],
      ['redis', ['redis'], 'm2.2xlarge'],
    ]);
    expect(nodes[0]).toMatchObject({
      sourceAmi: { name: 'debian-13-amd64-*', owner: '136693071363' },
      facts: {},
      packer: {},
      extra: {},
    });
    expect(nodes[0]).not.toHaveProperty('puppetServer');
    expect(nodes[0]).not.toHaveProperty('keep');
  });

  test('with shared defaults lets a value of the node win', () => {
    const { nodes } = parseNodes(`defaults: {size: t3.large, group: [base, ssh], keep: 3}
nodes:
  redis:
  web: {group: web, keep: 7, max_age: 30d, puppet_server: puppet.example.com}
`);
    expect(nodes).toMatchObject([
      { name: 'redis', groups: ['base', 'ssh'], size: 't3.large', keep: 3 },
      {
        name: 'web',
        groups: ['web'],
        keep: 7,
        maxAgeMs: 30 * 86_400_000,
        puppetServer: 'puppet.example.com',
      },
    ]);
  });

  test('may be masterless where the defaults name a server', () => {
    const { nodes, problems } = parseNodes(
      'defaults: {group: g, puppet_server: puppet, puppet_environment: test}\nnodes:\n  puppet: {puppet_server: false}\n  web: {remove_puppet: true}\n',
    );
    expect(problems).toEqual([]);
    expect(nodes.map((node) => [node.puppetServer, node.puppetEnvironment, node.removePuppet])).toEqual([
      [undefined, 'test', false],
      ['puppet', 'test', true],
    ]);
  });

  test('is judged without assumptions unless it says so', () => {
    const { nodes } = parseNodes(
      'a: {group: g}\nb: {group: g, assume_pure: true}\nc: {group: g, assume_pure: false}',
    );
    expect(nodes.map((node) => node.assumePure)).toEqual([false, true, false]);
  });

  test('may have a name of 48 characters with a Puppet server, and of 63 without', () => {
    const yaml = `${'a'.repeat(48)}: {group: g, puppet_server: p}\n${'b'.repeat(63)}: {group: g}\n`;
    expect(parseNodes(yaml)).toMatchObject({ nodes: [{}, {}], problems: [] });
  });

  test('may share keys by an anchor and a merge key', () => {
    const { nodes, problems } = parseNodes(
      `a: &a {group: x, size: t3.nano}\nb:\n  <<: *a\n  size: t3.large\nc: *a\n`,
    );
    expect(problems).toEqual([]);
    expect(nodes.map((node) => [node.name, node.groups[0], node.size])).toEqual([
      ['a', 'x', 't3.nano'],
      ['b', 'x', 't3.large'],
      ['c', 'x', 't3.nano'],
    ]);
  });

  test.each([
    ['ami-0123456789abcdef0', { id: 'ami-0123456789abcdef0' }],
    ['{name: "x-*", owner: self}', { name: 'x-*', owner: 'self' }],
    ['{name: x, owner: 136693071363}', { name: 'x', owner: '136693071363' }],
    ['{name: x, owner: 099720109477}', { name: 'x', owner: '099720109477' }],
  ])('takes the source image %s', (yaml, expected) => {
    expect(parseNodes(`a: {group: g, source_ami: ${yaml}}`).nodes[0]?.sourceAmi).toEqual(expected);
  });

  test('leaves keys that other tools own alone, without a warning', () => {
    const { nodes, warnings } = parseNodes('a: {group: g, vagrant_memory: 512, ip: 10.0.0.2}');
    expect(nodes[0]?.extra).toEqual({ vagrant_memory: 512, ip: '10.0.0.2' });
    expect(warnings).toEqual([]);
  });
});

describe('a slip of a known key', () => {
  test.each([
    ['sise', 'size'],
    ['source-ami', 'source_ami'],
    ['puppetServer', 'puppet_server'],
    ['fact', 'facts'],
    ['Keep_', 'keep'],
    ['groups', 'group'],
  ])('%s is warned about, at its place', (key, meant) => {
    const { warnings, problems } = parseNodes(`a:\n  group: g\n  ${key}: 1\n`);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      { line: 3, column: 3, message: expect.stringContaining(`did you mean \`${meant}\``) },
    ]);
  });
});

describe('a bad nodes.yaml', () => {
  const long = 'a'.repeat(100);
  test.each([
    ['', 1, 1, 'the file is empty'],
    ['# only a comment\n', 1, 1, 'the file is empty'],
    ['- a\n- b\n', 1, 1, 'not a mapping of node names'],
    ['just text', 1, 1, 'not a mapping of node names'],
    ['{}', 1, 1, 'there is no node'],
    ['a: {group: g}\nb: [1\n', 3, 1, 'not YAML'],
    ['a: {group: g}\na: {group: h}\n', 2, 1, 'stands twice'],
    ['a:\n  group: g\n  group: h\n', 3, 3, 'stands twice'],
    ['"../x": {group: g}', 1, 1, 'node name "../x" is not'],
    ['Web: {group: g}', 1, 1, 'node name "Web" is not'],
    ['-web: {group: g}', 1, 1, 'node name "-web" is not'],
    [`${long}: {group: g}`, 1, 1, 'is not 1 to 63'],
    [`x: {group: g}\n${'a'.repeat(49)}: {group: g, puppet_server: p}`, 2, 1, 'at most 48'],
    ['a: {group: g, puppet_server: true}', 1, 30, 'neither a DNS name nor false'],
    ['a: {group: g, puppet_server: "$(x)"}', 1, 30, 'neither a DNS name nor false'],
    ['a: {group: g, puppet_environment: ../x}', 1, 35, 'not the name of a Puppet environment'],
    ['a: {group: g, remove_puppet: yes please}', 1, 30, 'neither true nor false'],
    ['a: {group: g, assume_pure: maybe}', 1, 28, '`assume_pure` is neither true, false nor a list'],
    ['a: {group: g, assume_pure: [env A, file /x]}', 1, 36, "neither 'function NAME' nor 'env NAME'"],
    ['a: {group: g, assume_pure: [function A-B]}', 1, 29, "neither 'function NAME' nor 'env NAME'"],
    ['a: text', 1, 4, 'not a mapping'],
    ['a:\n', 1, 1, '`group` is missing'],
    ['a: {size: t3.small}', 1, 1, '`group` is missing'],
    ['a: {group: 5}', 1, 12, '`group` is not'],
    ['a: {group: []}', 1, 12, '`group`'],
    ['a: {group: "{{user `x`}}"}', 1, 12, '`group`'],
    ['a:\n  group: g\n  size: large\n', 3, 9, '`size` is not an EC2 instance type'],
    ['a:\n  group: g\n  size: [t3.small]\n', 3, 9, '`size` is not an EC2 instance type'],
    ['a:\n  group: g\n  source_ami: ami-xyz\n', 3, 15, '`source_ami` is neither'],
    ['a:\n  group: g\n  source_ami: {name: x}\n', 3, 15, '`source_ami` is neither'],
    ['a:\n  group: g\n  source_ami: {name: x, owner: 12345678901}\n', 3, 15, '`source_ami` is neither'],
    ['a:\n  group: g\n  puppet_server: http://x\n', 3, 18, '`puppet_server` is neither a DNS name nor false'],
    ['a:\n  group: g\n  facts: [1]\n', 3, 10, '`facts` is not a mapping'],
    ['a:\n  group: g\n  facts: {"Bad-Name": 1}\n', 3, 10, '`facts` has a fact whose name'],
    ['a:\n  group: g\n  keep: 0\n', 3, 9, '`keep` is not a whole number from 1'],
    ['a:\n  group: g\n  keep: many\n', 3, 9, '`keep` is not a whole number from 1'],
    ['a:\n  group: g\n  max_age: soon\n', 3, 12, '`max_age` is not a time'],
    ['a:\n  group: g\n  packer: x\n', 3, 11, '`packer` is not a mapping'],
    ['defaults: {size: t3.nano}', 1, 1, '`defaults` needs `nodes`'],
    ['defaults: 5\nnodes: {a: {group: g}}', 1, 1, '`defaults` is not a mapping'],
    ['nodes: {a: {group: g}}\nredis: {group: g}', 2, 1, '`redis` stands beside'],
    ['a: *nowhere', 1, 4, 'not YAML'],
  ])('%j is refused at %d:%d', (text, line, column, message) => {
    const { problems } = parseNodes(text);
    expect(problems[0]).toEqual({ line, column, message: expect.stringContaining(message) });
  });

  test('tells all its problems at once', () => {
    const { problems } = parseNodes(
      'Web: {size: 3}\nredis: {group: g, keep: 0}\nx: {group: [], max_age: 1}\n',
    );
    expect(problems.map((problem) => problem.line)).toEqual([1, 1, 1, 2, 3, 3]);
  });

  test('with an alias bomb is refused, not expanded', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `l${n + 1}: &l${n + 1} {x: [${`*l${n},`.repeat(9)}]}`,
    );
    const { problems } = parseNodes(`l0: &l0 {group: g}\n${levels.join('\n')}\n`);
    expect(problems.some((problem) => problem.message.includes('alias'))).toBe(true);
  });

  test('never makes the reader throw, and always gives a place inside the file', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '{',
      '}',
      '&x',
      '*x',
      '<<',
      '"',
      "'",
      'group',
      '\t',
      '!',
      '|',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const { nodes, problems } = parseNodes(text);
        expect(problems.length > 0 || nodes.length > 0).toBe(true);
        for (const { line, column } of problems) {
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
          expect(column).toBeGreaterThanOrEqual(1);
        }
      }),
      runs(2000),
    );
  });
});
