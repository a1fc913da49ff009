import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

/** What the node `a` is with these lines below it. */
function read(...lines: string[]) {
  const { nodes, problems, warnings } = parseNodes(['a:', '  group: g', ...lines, ''].join('\n'));
  return { node: nodes[0], problems, warnings };
}

/** A node with one check, which stands at 4:5. */
const one = (check: string) => read('  checks:', `  - ${check}`);

describe('a check of nodes.yaml', () => {
  test.each([
    ['{command: redis-cli ping}', { kind: 'command', command: 'redis-cli ping', exit: 0, withinMs: 30_000 }],
    [
      "{command: 'id -u', exit: 255, output: '^0$', within: 2m}",
      { kind: 'command', command: 'id -u', exit: 255, output: '^0$', withinMs: 120_000 },
    ],
    [
      '{command: "two\\nlines", exit: 0}',
      { kind: 'command', command: 'two\nlines', exit: 0, withinMs: 30_000 },
    ],
    ['{port: 6379}', { kind: 'port', port: 6379, protocol: 'tcp', withinMs: 30_000 }],
    ["{port: '53/udp', within: 5s}", { kind: 'port', port: 53, protocol: 'udp', withinMs: 5_000 }],
    ['{port: 65535/tcp}', { kind: 'port', port: 65_535, protocol: 'tcp', withinMs: 30_000 }],
    ['{port: 1}', { kind: 'port', port: 1, protocol: 'tcp', withinMs: 30_000 }],
    ['{service: redis-server}', { kind: 'service', service: 'redis-server', withinMs: 30_000 }],
    [
      '{service: getty@tty1.service, within: 9999s}',
      { kind: 'service', service: 'getty@tty1.service', withinMs: 9_999_000 },
    ],
  ])('%s is read with its defaults', (yaml, expected) => {
    const { node, problems, warnings } = one(yaml);
    expect([problems, warnings]).toEqual([[], []]);
    expect(node?.checks).toEqual([expected]);
  });

  const port = '`port` is neither a number from 1 to 65535 nor one with a protocol';
  const within = "`within` is not a time such as '30s' or '2m'";
  test.each([
    ['{port: 0}', port],
    ['{port: 65536}', port],
    ['{port: 70000/udp}', port],
    ['{port: 53/icmp}', port],
    ['{port: 53/}', port],
    ['{port: -1}', port],
    ['{port: 6379.5}', port],
    ['{port: redis}', port],
    ['{port: }', port],
    ['{port: true}', port],
    ["{command: ''}", '`command` is empty'],
    ['{command: [id, -u]}', '`command` is not a text'],
    ['{command: 5}', '`command` is not a text'],
    ['{command: id, exit: 256}', '`exit` is not an exit code from 0 to 255'],
    ['{command: id, exit: -1}', '`exit` is not an exit code from 0 to 255'],
    ['{command: id, exit: 1.5}', '`exit` is not an exit code from 0 to 255'],
    ["{command: id, exit: '0'}", '`exit` is not an exit code from 0 to 255'],
    ["{command: id, output: '('}", '`output` is not a regular expression'],
    ['{command: id, output: 0}', '`output` is not a regular expression'],
    ["{service: 'a b'}", '`service` is not the name of a unit'],
    ['{service: -x}', '`service` is not the name of a unit'],
    ["{service: ''}", '`service` is not the name of a unit'],
    ['{service: 5}', '`service` is not the name of a unit'],
    ['{port: 1, within: 30}', within],
    ['{port: 1, within: 0s}', within],
    ['{port: 1, within: 1h}', within],
    ['{port: 1, within: 10000s}', within],
    ['{port: 1, service: redis}', 'does not name just one of command, port and service'],
    ['{command: id, service: redis, port: 1}', 'does not name just one of command, port and service'],
    ['{within: 30s}', 'does not name just one of command, port and service'],
    ['{}', 'does not name just one of command, port and service'],
    ['{port: 1, exit: 0}', 'has a check with `exit` or `output` but no `command`'],
    ['{service: redis, output: x}', 'has a check with `exit` or `output` but no `command`'],
    [
      '{prot: 6379}',
      'has a check with `prot`, which is none of command, exit, output, port, service, within',
    ],
    ['redis-cli ping', 'has a check that is not a mapping such as {port: 6379}'],
    ['6379', 'has a check that is not a mapping such as {port: 6379}'],
    ['[port, 6379]', 'has a check that is not a mapping such as {port: 6379}'],
    ['', 'has a check that is not a mapping such as {port: 6379}'],
  ])('%j is refused at its place', (yaml, message) => {
    const { problems } = one(yaml);
    expect(problems).toEqual([
      { line: 4, column: yaml === '' ? expect.any(Number) : 5, message: expect.stringContaining(message) },
    ]);
    expect(problems[0]?.message).toMatch(/^"a": `checks` /);
  });

  test('shows what is wrong about it', () => {
    expect(one('{port: 70000}').problems[0]?.message).toMatch(/\(it is \{"port":70000\}\)$/);
  });

  test('that is wrong does not hide the next one', () => {
    const { problems } = read(
      '  checks:',
      '  - {port: 0}',
      '  - {port: 6379}',
      '  - command: id',
      '    exit: 300',
      '  -   {service: redis, kind: x}',
      '  goss: []',
    );
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [4, 5],
      [6, 5],
      [8, 7],
      [9, 9],
    ]);
  });

  test('may come from the defaults, and a list of the node takes the place of theirs', () => {
    const { nodes, problems } = parseNodes(
      'defaults: {group: g, checks: [{port: 22}]}\nnodes:\n  a:\n  b: {checks: [{service: x}]}\n  c: {checks: []}\n',
    );
    expect(problems).toEqual([]);
    expect(nodes.map(({ checks }) => checks.map(({ kind }) => kind))).toEqual([['port'], ['service'], []]);
  });

  test('is none where a node names none', () => {
    expect(read().node?.checks).toEqual([]);
  });

  test.each(['{port: 6379}', 'true', 'redis', '6379', ''])(
    'is not taken from %j, which is no list',
    (yaml) => {
      const { problems } = read(`  checks: ${yaml}`);
      expect(problems).toEqual([
        { line: 3, column: expect.any(Number), message: expect.stringContaining('is not a list of checks') },
      ]);
    },
  );

  test('keeps any port and any command as it stands in the file', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.constantFrom('tcp', 'udp'),
        fc.string({ minLength: 1, unit: 'grapheme' }),
        (port, protocol, command) => {
          const yaml = JSON.stringify([{ port: `${port}/${protocol}` }, { command }]);
          const { node, problems } = read(`  checks: ${yaml}`);
          expect(problems).toEqual([]);
          expect(node?.checks).toMatchObject([{ port, protocol }, { command }]);
        },
      ),
    );
  });
});

describe('whether Puppet must find nothing to do', () => {
  test.each([
    ['off', false],
    ['on', true],
    ['false', false],
    ['true', true],
    ["'off'", false],
  ])('may be said by converge: %s', (yaml, expected) => {
    expect(read(`  converge: ${yaml}`)).toMatchObject({ problems: [], node: { converge: expected } });
  });

  test('is so where nothing is said', () => {
    expect(read().node?.converge).toBe(true);
  });

  test.each(['no', '0', 'never', '', '[off]'])('is not said by converge: %s', (yaml) => {
    expect(read(`  converge: ${yaml}`).problems).toEqual([
      { line: 3, column: expect.any(Number), message: expect.stringContaining('is neither on nor off') },
    ]);
  });
});

describe('a goss file', () => {
  test('is kept as the file names it, and is none of the keys that other tools own', () => {
    const { node, warnings } = read('  goss: tests/redis.yaml');
    expect(node).toMatchObject({ goss: 'tests/redis.yaml', extra: {} });
    expect(warnings).toEqual([]);
    expect(read().node).not.toHaveProperty('goss');
  });

  test.each(["''", '5', '[a]', 'true'])('is not named by %s', (yaml) => {
    expect(read(`  goss: ${yaml}`).problems).toEqual([
      { line: 3, column: 9, message: expect.stringContaining('is not the name of a goss file') },
    ]);
  });
});
