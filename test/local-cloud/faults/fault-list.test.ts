import { describe, expect, test } from '@jest/globals';
import {
  matches,
  readFaultList,
  type CallFacts,
  type Effect,
} from '../../../src/local-cloud/faults/fault-list.ts';

const look: CallFacts = { service: 'ec2', action: 'DescribeImages', writes: false, paginated: true };
const zones: CallFacts = { ...look, action: 'DescribeAvailabilityZones', paginated: false };
const put: CallFacts = { service: 'ssm', action: 'PutParameter', writes: true, paginated: false };
const copy: CallFacts = { service: 'ec2', action: 'CopyImage', writes: true, paginated: false };
const known = [look, zones, put];
const error = { code: 'RequestLimitExceeded', status: 503 };
const read = (value: unknown) => readFaultList(JSON.stringify(value), known);

describe('faults.json', () => {
  test('is a list, or a list with a seed', () => {
    const fault = { action: '*', error };
    const full = { action: '*', probability: 1, after: 0, times: Infinity };
    const effect = { ...error, kind: 'error', message: 'This error was ordered by faults.json' };
    expect(read([fault])).toEqual({ seed: undefined, faults: [{ ...full, effect }] });
    expect(read({ seed: 7, faults: [fault] })).toEqual({ seed: 7, faults: [{ ...full, effect }] });
    expect(read([])).toEqual({ seed: undefined, faults: [] });
  });

  test.each<[object, Effect]>([
    [{ error: { ...error, message: 'm' } }, { kind: 'error', ...error, message: 'm' }],
    [{ delayMs: 5 }, { kind: 'delay', ms: 5 }],
    [{ drop: 'after' }, { kind: 'drop', when: 'after' }],
    [{ emptyPage: true }, { kind: 'empty page' }],
    [{ staleReadsSeconds: 2 }, { kind: 'stale read', seconds: 2 }],
    [{ malformed: true }, { kind: 'malformed', how: 'no list' }],
    [{ malformed: 'cut' }, { kind: 'malformed', how: 'cut off' }],
  ])('reads %j', (given, effect) => {
    expect(read([{ action: 'DescribeImages', ...given }]).faults[0]?.effect).toEqual(effect);
  });

  test('reads what a copy of an image does, and where', () => {
    const given = { action: 'CopyImage', region: 'eu-west-1', copy: { seconds: 2, failure: 'no key' } };
    const [fault] = readFaultList(JSON.stringify([given]), [copy]).faults;
    expect(fault).toMatchObject({
      region: 'eu-west-1',
      effect: { kind: 'copy', copying: { seconds: 2, failure: 'no key' } },
    });
    if (fault === undefined) return;
    expect(matches(fault, { ...copy, region: 'eu-west-1' })).toBe(true);
    expect(matches(fault, { ...copy, region: 'us-east-1' })).toBe(false);
  });

  test.each<[string, unknown, RegExp]>([
    ['no effect', [{ action: '*' }], /^0: exactly one of error, delayMs/],
    ['two effects', [{ action: '*', delayMs: 1, drop: 'after' }], /^0: exactly one of/],
    ['no action', [{ delayMs: 1 }], /^0\.action: /],
    ['a star in the middle', [{ action: 'De*s', delayMs: 1 }], /^0\.action: give a name/],
    ['a slip', { faults: [{ action: '*', delayMs: 1, probabilty: 1 }] }, /^faults\.0: .*probabilty/],
    ['a probability above 1', [{ action: '*', delayMs: 1, probability: 2 }], /^0\.probability: /],
    [
      'a status that is no error',
      [{ action: '*', error: { code: 'X', status: 200 } }],
      /^0\.error\.status: /,
    ],
    ['another service', [{ service: 'sqs', action: '*', delayMs: 1 }], /^0\.service: .*"ssm"/],
    [
      'one that is right, and an action that is not here',
      [
        { action: '*', delayMs: 1 },
        { action: 'Nope', delayMs: 1 },
      ],
      /^1: no action of this cloud/,
    ],
    [
      'a service without the action',
      [{ service: 'ssm', action: 'DescribeImages', delayMs: 1 }],
      /^0: no action/,
    ],
    ['a slow copy of another action', [{ action: 'PutParameter', copy: { seconds: 1 } }], /^0: no action/],
    ['another region', [{ region: 'ap-east-1', action: '*', delayMs: 1 }], /^0\.region: /],
    ['an empty page of a write', [{ action: 'Put*', emptyPage: true }], /^0: no action/],
    [
      'a stale write',
      { faults: [{ action: 'PutParameter', staleReadsSeconds: 1 }] },
      /^faults\.0: no action/,
    ],
    ['something else', { list: [] }, /faults/],
    ['nothing', null, /expected object/],
  ])('with %s is refused as a whole', (_, value, message) => {
    expect(() => read(value)).toThrow(message);
  });

  test.each<[object, string[]]>([
    [{ action: '*', delayMs: 1 }, ['DescribeImages', 'DescribeAvailabilityZones', 'PutParameter']],
    [{ action: 'Describe*', delayMs: 1 }, ['DescribeImages', 'DescribeAvailabilityZones']],
    [{ action: 'DescribeImages', delayMs: 1 }, ['DescribeImages']],
    [{ service: 'ssm', action: '*', delayMs: 1 }, ['PutParameter']],
    [{ action: '*', emptyPage: true }, ['DescribeImages']],
    [{ action: '*', staleReadsSeconds: 1 }, ['DescribeImages', 'DescribeAvailabilityZones']],
  ])('%j is for %j', (given, actions) => {
    const { faults } = read([given]);
    const hit = known.filter((call) => faults.some((fault) => matches(fault, call)));
    expect(hit.map(({ action }) => action)).toEqual(actions);
  });
});
