import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { assumeText, notAssumed } from '../../src/plan/reason.ts';
import type { Finding } from '../../src/puppet/catalogs/compilation.ts';

const command: Finding = { kind: 'command', what: 'runs x', functions: ['include', 'nginx::x', 'generate'] };
const variable: Finding = {
  kind: 'environment-variable',
  what: 'reads A_B',
  subject: 'A_B',
  functions: ['m::y'],
};
const exported: Finding = { kind: 'exported-resource', what: 'exports X' };
const all = [command, variable, exported];

test.each<[boolean | string[], Finding[]]>([
  [true, []],
  [false, all],
  [[], all],
  [['function nginx::x'], [variable, exported]],
  [['function nginx::*'], [variable, exported]],
  [['function generate'], [variable, exported]],
  [['function nginx'], all],
  [['env A_*'], [command, exported]],
  [['env A'], all],
  [['function m::y'], [command, exported]],
  [['env *', 'function *'], [exported]],
])('assume_pure: %j leaves what it does not name', (assumePure, left) => {
  expect(notAssumed(all, assumePure)).toEqual(left);
});

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}(::[a-z][a-z0-9_]{0,5})?$/);
const finding: fc.Arbitrary<Finding> = fc.oneof(
  fc.record({
    kind: fc.constant('command' as const),
    what: fc.string(),
    functions: fc.array(name, { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('environment-variable' as const),
    what: fc.string(),
    subject: name.map((one) => one.replace('::', '_')),
  }),
);

test('the assume_pure that a message proposes is good, and leaves none of its findings', () => {
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1, maxLength: 5 }), (findings) => {
      const nodes = parseNodes(`a: {group: g, assume_pure: ${assumeText(findings)}}`).nodes;
      expect(notAssumed(findings, nodes[0]?.assumePure ?? false)).toEqual([]);
    }),
  );
});

describe('where no entry names a finding', () => {
  test('the message proposes true', () => {
    expect(assumeText(all)).toBe('true');
  });
});
