import { describe, expect, test } from '@jest/globals';
import { barText, plainProgress } from '../../src/cli/progress.ts';
import { fc, runs } from '../runs.ts';

describe('progress where nobody watches', () => {
  /** Says a portion each second, for so many seconds. */
  function portionsOf(seconds: number, over: { phaseAt?: number } = {}) {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = plainProgress(
      (line) => lines.push(line),
      () => nowMs,
    );
    for (let second = 0; second <= seconds; second += 1) {
      nowMs = second * 1000;
      if (second === over.phaseAt) progress.phase('web', 'copying');
      progress.portion('web', 'copying', { done: second, of: seconds });
    }
    return lines;
  }

  test('is a line every ten seconds of a long phase, and none of a short one', () => {
    expect(portionsOf(9)).toEqual([]);
    expect(portionsOf(25)).toEqual(['[web] 10 s  copying: 10 of 25', '[web] 20 s  copying: 20 of 25']);
  });

  test('counts the ten seconds from the beginning of the phase', () => {
    expect(portionsOf(25, { phaseAt: 12 }).slice(1)).toEqual([
      '[web] 12 s  copying',
      '[web] 22 s  copying: 22 of 25',
    ]);
  });

  test('says a percentage as one', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = plainProgress(
      (line) => lines.push(line),
      () => nowMs,
    );
    nowMs = 61_000;
    progress.portion('web', 'copying', { done: 87, of: 200, unit: '%' });
    expect(lines).toEqual(['[web] 1 min 01 s  copying: 43 %']);
  });
});

describe('a bar', () => {
  test.each([
    [{ done: 0, of: 20 }, '[--------------------] 0 of 20'],
    [{ done: 8, of: 20 }, '[########------------] 8 of 20'],
    [{ done: 20, of: 20 }, '[####################] 20 of 20'],
    [{ done: 50, of: 100, unit: '%' as const }, '[##########----------] 50 %'],
    [{ done: 0, of: 0 }, '[####################] 0 of 0'],
  ])('shows %j', (portion, text) => {
    expect(barText(portion)).toBe(text);
  });

  test('is as wide whatever is done, and full only when all is', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 5_000 }), (done, of) => {
        const [bar = ''] = /^\[[#-]*\]/.exec(barText({ done, of })) ?? [];
        expect(bar).toHaveLength(22);
        expect(bar.includes('-')).toBe(done < of);
      }),
      runs(200),
    );
  });
});
