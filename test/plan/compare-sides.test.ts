import { describe, expect, test } from '@jest/globals';
import { compareSides } from '../../src/plan/compare-sides.ts';
import type { SideNode } from '../../src/plan/judge-side.ts';
import { toNode } from '../../src/nodes/to-node.ts';
import {
  changeDetails,
  changeText,
  sinceCases,
  sinceMarkdown,
  sinceSummary,
  sinceTable,
} from '../../src/plan/since-result.ts';
import { redactor } from '../../src/puppet/report/secrets.ts';

const inputs = { catalog: 'c', files: 'f', plugins: 'l', pack: 'p', scripts: 's', source: 'ami-1' };
const motd = (content: string) => ({
  resources: [
    { type: 'File', title: '/etc/motd', parameters: { content }, exported: false, file: 'a.pp', line: 3 },
  ],
  edges: [],
});
const node = (name: string, more: Partial<SideNode> = {}): SideNode => ({
  node: toNode(name, { group: 'g' }),
  failures: [],
  findings: [],
  inputs,
  files: [],
  warnings: [],
  order: {
    node: name,
    certname: `${name}.bake`,
    environment: 'production',
    authenticated: 'local',
    facts: {},
  },
  ...more,
});
const failed = (name: string) => {
  const problem = { kind: 'error', message: 'Syntax error', file: 'a.pp', line: 1, column: 2 } as const;
  const failure = node(name, { failures: [{ kind: 'not-compiled', problem }] });
  delete failure.inputs;
  return failure;
};
const compare = (before: SideNode[], after: SideNode[], plugins: [object, object] = [{}, {}]) =>
  compareSides(
    { nodes: before, pluginFiles: plugins[0] as Record<string, string> },
    { nodes: after, pluginFiles: plugins[1] as Record<string, string> },
  );
const redact = redactor([]);

describe('two sides', () => {
  test('are told apart node by node, in the order of the later one', () => {
    const changes = compare(
      [node('gone'), node('same'), failed('mended'), node('broken')],
      [node('new'), node('broken-not'), node('same'), node('mended'), failed('broken')],
    );
    expect(changes.map(({ node: name, status }) => `${name} ${status}`)).toEqual([
      ...[
        'new added',
        'broken-not added',
        'same unchanged',
        'mended changed',
        'broken failed',
        'gone removed',
      ],
    ]);
    expect(changes.map(changeText)).toEqual([
      ...['it is new', 'it is new', '', 'it did not compile before'],
      ...['a.pp:1:2: Syntax error', 'it is gone from the nodes'],
    ]);
  });

  test('differ by their inputs, their catalogs, and the files that come, go or change', () => {
    const before = node('a', {
      catalog: motd('old'),
      files: [
        ['x', '1'],
        ['y', '1'],
      ],
    });
    const after = node('a', {
      inputs: { ...inputs, catalog: 'C', files: 'F', plugins: 'L' },
      catalog: motd('new'),
      files: [
        ['x', '2'],
        ['z', '1'],
      ],
    });
    const [change] = compare(
      [before],
      [after],
      [{ 'm/lib/a.rb': '1' }, { 'm/lib/a.rb': '2', 'm/lib/b.rb': '1' }],
    );
    expect(change).toMatchObject({ status: 'changed', causes: ['catalog', 'files', 'plugins'] });
    expect(change?.files).toEqual(['x', 'y', 'z', 'm/lib/a.rb', 'm/lib/b.rb']);
    if (change === undefined) throw new Error('no change');
    expect(changeDetails(change, redact)[0]).toBe('File[/etc/motd] content: "old" → "new"');
    // Ten lines a node, the last of which counts the others.
    expect(changeDetails(change, redact, 3)).toEqual([expect.anything(), 'x differs', 'and 4 more']);
  });
});

describe('a comparison', () => {
  const changed = (name: string) => node(name, { inputs: { ...inputs, catalog: 'C' }, catalog: motd('a|b') });
  const comparison = {
    commit: '0123456789abcdef'.repeat(3).slice(0, 40),
    changes: compare(
      [node('a', { catalog: motd('old') }), node('b', { catalog: motd('old') }), node('c'), node('d')],
      [changed('a'), changed('b'), node('c'), failed('d')],
    ),
    judged: { nodes: [], manifests: { tree: new Map(), commit: undefined, dirty: false }, pluginFiles: {} },
    borrowed: [],
  };

  test('puts nodes of which the same is to be said into one row, failed ones first', () => {
    expect(sinceTable(comparison, redact).rows).toEqual([
      ['failed', 'd', ['a.pp:1:2: Syntax error']],
      ['changed', 'a, b', ['catalog', '  File[/etc/motd] content: "old" → "a|b"']],
      ['unchanged', 'c', ['']],
    ]);
    expect(sinceSummary(comparison)).toBe('since 0123456789ab: 1 failed, 2 changed, 1 unchanged');
  });

  test('is a comment that no content breaks out of', () => {
    const text = sinceMarkdown(comparison, redact);
    expect(text).toContain('| changed | a, b | catalog |');
    expect(text.match(/\/etc\/motd/g)).toHaveLength(1);
  });

  test('is red where a catalog does not compile, and only there', () => {
    const cases = sinceCases(comparison, redact);
    expect(cases.filter(({ problem }) => problem !== undefined)).toMatchObject([
      { node: 'd', problem: { line: 1 } },
    ]);
    expect(cases.map((one) => one.node)).toEqual(['a', 'b', 'c', 'd']);
  });
});
