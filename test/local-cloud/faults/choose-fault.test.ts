import { describe, expect, test } from '@jest/globals';
import { chooseFault, seeded, type Tally } from '../../../src/local-cloud/faults/choose-fault.ts';
import type { CallFacts, Effect, OrderedFault } from '../../../src/local-cloud/faults/fault-list.ts';

const look: CallFacts = { service: 'ec2', action: 'DescribeImages', writes: false, paginated: true };
const fault = (ms: number, more: Partial<OrderedFault> = {}): OrderedFault => ({
  action: 'DescribeImages',
  probability: 1,
  after: 0,
  times: Infinity,
  effect: { kind: 'delay', ms },
  ...more,
});

/** What so many equal calls meet: the milliseconds of each one's delay, or nothing. */
function meet(faults: OrderedFault[], calls: number, random = () => 0, call = look): (number | undefined)[] {
  let tallies: Tally[] = [];
  return Array.from({ length: calls }, () => {
    const chosen = chooseFault(faults, tallies, call, random);
    ({ tallies } = chosen);
    const effect: Effect | undefined = chosen.effect;
    return effect?.kind === 'delay' ? effect.ms : undefined;
  });
}

describe('a fault', () => {
  test.each<[string, OrderedFault[], (number | undefined)[]]>([
    ['hits each call', [fault(1)], [1, 1, 1, 1]],
    ['lets the first ones pass', [fault(1, { after: 2 })], [undefined, undefined, 1, 1]],
    ['ends', [fault(1, { times: 1 })], [1, undefined, undefined, undefined]],
    ['does both', [fault(1, { after: 1, times: 2 })], [undefined, 1, 1, undefined]],
    ['never hits', [fault(1, { times: 0 })], [undefined, undefined, undefined, undefined]],
    [
      'is the first of the list that can',
      [fault(1, { times: 1 }), fault(2, { times: 1 })],
      [1, 2, undefined, undefined],
    ],
    ['counts what another one hit', [fault(1, { times: 2 }), fault(2, { after: 2 })], [1, 1, 2, 2]],
    [
      'has no part in another action',
      [fault(1, { action: 'RunInstances' })],
      [undefined, undefined, undefined, undefined],
    ],
  ])('%s', (_, faults, delays) => {
    expect(meet(faults, 4)).toEqual(delays);
  });

  test('hits as often as its probability says, which a seed fixes', () => {
    const rare = [fault(1, { probability: 0.25 })];
    const first = meet(rare, 4000, seeded(1));
    expect(first).toEqual(meet(rare, 4000, seeded(1)));
    expect(first).not.toEqual(meet(rare, 4000, seeded(2)));
    const hits = first.filter((ms) => ms === 1).length;
    expect(hits).toBeGreaterThan(900);
    expect(hits).toBeLessThan(1100);
    expect(meet([fault(1, { probability: 0 })], 2)).toEqual([undefined, undefined]);
  });
});
