import { describe, expect, test } from '@jest/globals';
import { type ModeFlags, planMode } from '../../src/plan/plan-mode.ts';

const none = {
  offline: false,
  since: undefined,
  diff: undefined,
  markdown: false,
  force: false,
  json: false,
  node: [],
};

describe('what plan is asked to do', () => {
  test.each<[Partial<ModeFlags>, string]>([
    [{}, 'plan'],
    [{ force: true, node: ['redis'] }, 'plan'],
    [{ diff: 'redis', markdown: true }, 'plan'],
    [{ diff: 'redis', node: ['redis', 'web'] }, 'plan'],
    [{ offline: true, json: true }, 'offline'],
    [{ since: 'HEAD' }, 'since'],
    [{ since: 'HEAD', offline: true, diff: 'redis' }, 'since'],
    [{ since: 'HEAD', markdown: true }, 'since'],
  ])('%j is %s', (flags, mode) => {
    expect(planMode({ ...none, ...flags })).toBe(mode);
  });

  test('says all contradictions at once', () => {
    const flags = { offline: true, diff: 'redis', markdown: true, json: true, force: true, node: ['web'] };
    expect(() => planMode({ ...none, ...flags })).toThrow(
      [
        '--diff compares with the newest image, which --offline never asks for: leave one of them out, or give --since REV',
        '--markdown and --json: give one of them',
        '--force decides nothing with --offline: leave it out',
        '--diff redis is not among the nodes of --node',
        'See --help.',
      ].join('\n'),
    );
  });
});
