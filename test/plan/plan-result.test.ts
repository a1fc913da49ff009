import { describe, expect, test } from '@jest/globals';
import { planFileOf } from '../../src/plan/plan-file.ts';
import { planResult } from '../../src/plan/plan-result.ts';
import { reasonText } from '../../src/plan/reason-text.ts';
import type { Decision, Reason } from '../../src/plan/reason.ts';
import { day } from './nodes.ts';

const decision = (node: string, action: Decision['action'], ...reasons: Reason[]): Decision => ({
  node,
  action,
  reasons,
});
const same = (node: string, image: string) => decision(node, 'skip', { kind: 'unchanged', image });
const lines = (count: number) => Array.from({ length: count }, (_, index) => `File[/${index}]`);
const differs = (over: object = {}): Reason => ({
  kind: 'differs',
  image: 'ami-a',
  causes: [{ input: 'catalog', was: 'a', is: 'b' }],
  lines: [],
  ...over,
}); // prettier-ignore
const source = { input: 'source', was: 'ami-1', is: 'ami-2' };
const finding = (what: string) => ({ kind: 'command', what, file: 'manifests/site.pp', line: 3 }) as const;
const problem = {
  kind: 'error',
  message: 'Syntax error',
  file: 'manifests/site.pp',
  line: 3,
  column: 7,
} as const;

const resultOf = (decisions: Decision[]) => {
  const manifests = { commit: 'c0ffee', dirty: false, tree: 'abc' };
  const file = planFileOf(decisions, new Map(), {
    createdAt: '2026-01-02T03:04:05Z',
    region: 'us-east-1',
    manifests,
  });
  const read = { tree: new Map(), commit: undefined, dirty: false };
  return planResult({ file, decisions, judged: { nodes: [], manifests: read, pluginFiles: {} } });
};
const rowsOf = (decisions: Decision[]) => resultOf(decisions).table.rows;
const summaryOf = (decisions: Decision[]) => resultOf(decisions).closing?.join('\n');

describe('a reason in words', () => {
  test.each<[string, Reason]>([
    ['no verified image', { kind: 'no-image' }],
    ['catalog changed since image ami-a', differs()],
    ["modules' lib, template, source image (ami-1 → ami-2) changed since image ami-a", differs({ causes: [{ input: 'plugins', is: 'b' }, { input: 'pack', is: 'b' }, source] })],
    ['Puppet package, template changed since image ami-a', differs({ causes: [{ input: 'puppet', is: 'b' }, { input: 'pack', is: 'b' }] })],
    ['other than image ami-a, which does not say of what it was made', differs({ causes: [] })],
    ['no digest on image ami-a, as after a build without --plan', { kind: 'no-digest', image: 'ami-a' }],
    ['the age of image ami-a is not known', { kind: 'age-unknown', image: 'ami-a' }],
    ['older than max_age (30 days): image ami-a: it is 31 days old', { kind: 'too-old', image: 'ami-a', ageMs: 31.9 * day, maxAgeMs: 30 * day }],
    ['older than max_age (1 minute): image ami-a: it is 3 hours old', { kind: 'too-old', image: 'ami-a', ageMs: day / 8, maxAgeMs: 60_000 }],
    ['image ami-a was revoked: CVE-2026-1', { kind: 'revoked', image: 'ami-a', why: 'CVE-2026-1' }],
    ['forced', { kind: 'forced' }],
    ['cannot be judged: x (manifests/site.pp:3). If this does not matter, say assume_pure: true in nodes.yaml', { kind: 'not-judged', findings: [finding('x')] }],
    ['cannot be judged: a; b; c and 2 more. If this does not matter, say assume_pure: true in nodes.yaml', { kind: 'not-judged', findings: ['a', 'b', 'c', 'd', 'e'].map((what) => ({ kind: 'pack', what })) }],
    ['nothing changed since image ami-a', { kind: 'unchanged', image: 'ami-a' }],
    ['manifests/site.pp:3:7: Syntax error', { kind: 'not-compiled', problem }],
    ['it took over 60 s', { kind: 'not-compiled', problem: { kind: 'time-limit', message: 'it took over 60 s' } }],
    ['there is none', { kind: 'no-source', why: 'there is none' }],
  ])('%s', (text, reason) => {
    expect(reasonText(reason)).toBe(text);
  }); // prettier-ignore
});

describe('the table', () => {
  test.each<[string, Decision[], string[][]]>([
    ['of nothing has no row', [], []],
    ['says it short of one node', [same('redis', 'ami-a')], [['skip', 'redis', 'nothing changed since image ami-a']]],
    ['has a row for nodes of the same reasons', [same('redis', 'ami-a'), same('web', 'ami-b')], [['skip', 'redis, web', 'nothing changed since image ami-a (redis), ami-b (web)']]],
    ['has failed nodes first, then those to bake', [same('a', 'i'), decision('b', 'bake', { kind: 'forced' }), decision('c', 'failed', { kind: 'no-source', why: 'none' })], [['failed', 'c', 'none'], ['bake', 'b', 'forced'], ['skip', 'a', 'nothing changed since image i']]],
    ['has a line for each reason', [decision('a', 'bake', { kind: 'forced' }, differs({ lines: lines(2) }))], [['bake', 'a', 'forced\ncatalog changed since image ami-a\n  File[/0]\n  File[/1]']]],
    ['keeps apart what differs in other ways', [decision('a', 'bake', differs()), decision('b', 'bake', differs({ causes: [source] })), decision('c', 'bake', differs({ lines: ['x'] }))], [['bake', 'a', 'catalog changed since image ami-a'], ['bake', 'b', 'source image (ami-1 → ami-2) changed since image ami-a'], ['bake', 'c', 'catalog changed since image ami-a\n  x']]],
    ['puts catalogs together whatever their digests are', [decision('a', 'bake', differs()), decision('b', 'bake', differs({ image: 'ami-b', causes: [{ input: 'catalog', was: 'c', is: 'd' }] }))], [['bake', 'a, b', 'catalog changed since image ami-a (a), ami-b (b)']]],
    ['puts images of any age together', [1, 2].map((days) => decision(`n${days}`, 'bake', { kind: 'too-old', image: `i${days}`, ageMs: days * day, maxAgeMs: day })), [['bake', 'n1, n2', 'older than max_age (1 day): image i1 (n1), i2 (n2)']]],
  ])('%s', (_, decisions, rows) => {
    const text = (cell: string | string[]) => (typeof cell === 'string' ? cell : cell.join('\n'));
    expect(rowsOf(decisions).map((row) => row.map(text))).toEqual(rows);
  }); // prettier-ignore

  test('names a few of many nodes', () => {
    const [row = []] = rowsOf(lines(100).map((_, index) => same(`n${index}`, `i${index}`)));
    expect(row[1]).toBe('n0, n1, n2, n3, n4, n5, n6, n7 and 92 more');
    expect(row[2]).toEqual(['nothing changed since image i0 (n0), i1 (n1), i2 (n2) and 97 more']);
  });

  test.each([
    [10, 10, '  File[/9]'],
    [11, 10, '  … and 2 more'],
    [500, 10, '  … and 491 more'],
  ])('shows of %s resources at most ten lines', (count, shown, last) => {
    const cell = rowsOf([decision('a', 'bake', differs({ lines: lines(count) }))])[0]?.[2] ?? [];
    expect([cell.length - 1, cell.at(-1)]).toEqual([shown, last]);
  }); // prettier-ignore

  test.each([
    ['cron', /^manifests\/site\.pp:1:16: .*'cron'\. The type is in the module puppetlabs-cron_core/],
    ['zpool', /puppetlabs-zfs_core/],
    ['nosuch', /Unknown resource type: 'nosuch'$/],
    ['constructor', /Unknown resource type: 'constructor'$/],
  ])('says of an unknown type %s where it may be', (type, text) => {
    const message = `Unknown resource type: '${type}'`;
    expect(reasonText({ kind: 'not-compiled', problem: { kind: 'error', message, file: 'manifests/site.pp', line: 1, column: 16 } })).toMatch(text);
  }); // prettier-ignore

  test('is summed up', () => {
    expect(summaryOf([])).toBe('0 to bake, 0 unchanged');
    const failed = decision('c', 'failed', { kind: 'no-source', why: 'none' });
    expect(summaryOf([same('a', 'i'), decision('b', 'bake', { kind: 'forced' }), failed])).toBe('1 to bake, 1 unchanged, 1 failed');
  }); // prettier-ignore
});
