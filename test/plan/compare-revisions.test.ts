import { describe, expect, test } from '@jest/globals';
import { compareRevisions, type NodeChange } from '../../src/plan/compare-revisions.ts';
import type { JudgedNode } from '../../src/plan/judge-revision.ts';
import { toNode } from '../../src/nodes/to-node.ts';
import { detailLines } from '../../src/plan/lines-since.ts';
import { sinceCases, sinceResult } from '../../src/plan/since-result.ts';
import { redactor } from '../../src/puppet/report/secrets.ts';

const inputs = { catalog: 'c', files: 'f', plugins: 'l', pack: 'p', scripts: 's', source: 'ami-1' };
const motd = (content: string) => ({
  resources: [
    { type: 'File', title: '/etc/motd', parameters: { content }, exported: false, file: 'a.pp', line: 3 },
  ],
  edges: [],
});
const node = (name: string, more: Partial<JudgedNode> = {}): JudgedNode => ({
  node: toNode(name, { group: 'g' }, 'nodes.yaml:1:1'),
  failures: [],
  findings: [],
  inputs,
  files: [],
  warnings: [],
  request: {
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
const compare = (before: JudgedNode[], after: JudgedNode[], plugins: [object, object] = [{}, {}]) =>
  compareRevisions(
    { nodes: before, pluginFiles: plugins[0] as Record<string, string> },
    { nodes: after, pluginFiles: plugins[1] as Record<string, string> },
  );
const redact = redactor([]);
const comparisonOf = (changes: NodeChange[]) => ({
  commit: '0123456789abcdef'.repeat(3).slice(0, 40),
  changes,
  judged: { nodes: [], manifests: { tree: new Map(), commit: undefined, dirty: false }, pluginFiles: {} },
  borrowed: [],
});

describe('two revisions', () => {
  test('are compared node by node, in the order of the later one', () => {
    const changes = compare(
      [node('gone'), node('same'), failed('repaired'), node('broken')],
      [node('new'), node('broken-not'), node('same'), node('repaired'), failed('broken')],
    );
    expect(changes.map(({ node: name, status }) => `${name} ${status}`)).toEqual([
      ...[
        'new added',
        'broken-not added',
        'same unchanged',
        'repaired changed',
        'broken failed',
        'gone removed',
      ],
    ]);
    const texts = sinceResult(comparisonOf(changes), false, redact).table.rows.map(([, nodes, why]) => [
      nodes,
      why?.[0],
    ]);
    expect(texts).toEqual([
      ['broken', 'a.pp:1:2: Syntax error'],
      ['repaired', 'it did not compile before'],
      ['new, broken-not', 'it is new'],
      ['gone', 'it is gone from the nodes'],
      ['same', ''],
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
    expect(detailLines(change, redact)[0]).toBe('File[/etc/motd] content: "old" → "new"');
    // Ten lines a node, the last of which counts the others.
    expect(detailLines(change, redact, 3)).toEqual([expect.anything(), 'x differs', 'and 4 more']);
  });
});

describe('a comparison', () => {
  const changed = (name: string) => node(name, { inputs: { ...inputs, catalog: 'C' }, catalog: motd('a|b') });
  const comparison = comparisonOf(
    compare(
      [node('a', { catalog: motd('old') }), node('b', { catalog: motd('old') }), node('c'), node('d')],
      [changed('a'), changed('b'), node('c'), failed('d')],
    ),
  );

  test('puts nodes of which the same is to be said into one row, failed ones first', () => {
    const result = sinceResult(comparison, false, redact);
    expect(result.table.rows).toEqual([
      ['failed', 'd', ['a.pp:1:2: Syntax error']],
      ['changed', 'a, b', ['catalog', '  File[/etc/motd] content: "old" → "a|b"']],
      ['unchanged', 'c', ['']],
    ]);
    expect(result.closing).toEqual(['since 0123456789ab: 1 failed, 2 changed, 1 unchanged']);
  });

  test('is a comment that no content breaks out of', () => {
    const text = sinceResult(comparison, true, redact).closing?.join('\n') ?? '';
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
