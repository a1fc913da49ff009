import { describe, expect, test } from '@jest/globals';
import type { ReportLog } from '../../src/puppet/report/report.ts';
import { causeText, rootFailures } from '../../src/verify/resource-outcome.ts';

const skipping = 'Skipping because of failed dependencies';
/** `named`: for each skipped resource the dependencies that Puppet names. */
function causeOf(resource: string, named: Record<string, string[]>, failed: string[]) {
  const logs = (texts: string[]): ReportLog[] =>
    texts.map((message) => ({ level: 'notice', message, source: '' }));
  const logsOf = (name: string) =>
    name in named
      ? logs([
          ...(named[name] ?? []).map((on) => `Dependency ${on} has failures: ${String(failed.includes(on))}`),
          skipping,
        ])
      : [];
  return rootFailures(resource, logsOf, new Set(failed));
}

describe('a skipped resource names', () => {
  test('the failure that Puppet names', () => {
    expect(causeOf('A', { A: ['X'] }, ['X', 'Y'])).toEqual({ roots: ['X'], unsure: false });
  });

  test('the failure at the root, when Puppet names what was skipped itself', () => {
    expect(causeOf('A', { A: ['B'], B: ['C'], C: ['X'] }, ['X', 'Y'])).toEqual({
      roots: ['X'],
      unsure: false,
    });
  });

  test('all of several', () => {
    expect(causeOf('A', { A: ['X', 'B'], B: ['Y'] }, ['X', 'Y', 'Z'])).toEqual({
      roots: ['X', 'Y'],
      unsure: false,
    });
  });

  test('the only failure of the run, when Puppet has named it before', () => {
    expect(causeOf('A', { A: [] }, ['X'])).toEqual({ roots: ['X'], unsure: false });
  });

  test('all failures as possible, when Puppet has named them before', () => {
    expect(causeOf('A', { A: [] }, ['X', 'Y'])).toEqual({ roots: ['X', 'Y'], unsure: true });
  });

  test('none, when there is none, or when it is skipped for another reason', () => {
    expect(causeOf('A', { A: ['B'], B: ['A'] }, [])).toBeUndefined();
    expect(causeOf('A', {}, ['X'])).toBeUndefined();
  });
});

test('the sentence says whether it is sure, and stays short', () => {
  const shown = (name: string) => `${name}!`;
  expect(causeText({ roots: ['A', 'B'], unsure: false }, shown)).toBe('skipped because A!, B! failed');
  expect(causeText({ roots: ['1', '2', '3', '4', '5', '6', '7'], unsure: true }, shown)).toBe(
    'skipped because one of these failed: 1!, 2!, 3!, 4!, 5!, 2 more',
  );
});
