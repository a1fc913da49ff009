import { expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { decide, type Candidate, type PlanImage } from '../../src/plan/decide.ts';
import { day, imageOf, inputsOf, judged, nowMs, pack } from './nodes.ts';

const others = [inputsOf(), inputsOf({ files: 'b'.repeat(64) })];

const image: fc.Arbitrary<PlanImage> = fc
  .record({
    made: fc.constantFrom(...others),
    over: fc.record(
      {
        id: fc.stringMatching(/^ami-[0-9a-f]{2}$/),
        node: fc.constantFrom('redis', 'redis', 'redis', 'web'),
        createdMs: fc.oneof(
          { weight: 4, arbitrary: fc.integer({ min: -3, max: 1 }).map((days) => nowMs + days * day) },
          { weight: 1, arbitrary: fc.constantFrom(undefined, NaN, Infinity) },
        ),
        state: fc.constantFrom('available', 'available', 'available', 'pending', 'disabled'),
        verified: fc.boolean(),
        rejected: fc.constantFrom(false, false, true),
        revoked: fc.constantFrom(undefined, undefined, undefined, 'CVE'),
        digest: fc.constantFrom(undefined, 'unknown', ''),
        sourceAmi: fc.constantFrom(undefined, 'ami-9'),
      },
      { requiredKeys: ['id', 'node', 'createdMs', 'state', 'verified', 'rejected'] },
    ),
  })
  .map(({ made, over }) => imageOf(over, made));

const node: fc.Arbitrary<Candidate> = fc
  .record({
    assumePure: fc.boolean(),
    maxAgeMs: fc.constantFrom(undefined, day, 2 * day),
    findings: fc.constantFrom([], [{ kind: 'time', what: 'time() reads the clock' } as const]),
  })
  .map(({ assumePure, maxAgeMs, findings }) =>
    judged({
      assumePure,
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      result: { inputs: inputsOf(), pack, findings },
    }),
  );

/** The rules again, as a person would say them: all must hold for a skip. */
function mayBeLeftAlone({ assumePure, maxAgeMs = Infinity, result }: Candidate, images: readonly PlanImage[]): boolean {
  if ('failures' in result) return false;
  const counts = images.filter((one) => one.node === 'redis' && one.state === 'available' && one.verified && !one.rejected && one.revoked === undefined);
  const revoked = images.filter((one) => one.node === 'redis' && one.revoked !== undefined);
  const hour = day / 24;
  const hasAge = (one: PlanImage) => Number(one.createdMs) < nowMs + hour;
  const isSame = (one: PlanImage) =>
    one.digest === imageOf().digest && [undefined, result.inputs.source].includes(one.sourceAmi);
  // Any image that no other is known to be newer than may be the newest.
  const mayBeNewest = counts.filter(
    (one) => !hasAge(one) || counts.every((other) => !hasAge(other) || Number(other.createdMs) <= Number(one.createdMs)),
  );
  const isYoung = counts.some((one) => hasAge(one) && nowMs - Number(one.createdMs) <= maxAgeMs);
  const isReplaced = (one: PlanImage) => hasAge(one) && counts.some((other) => hasAge(other) && Number(other.createdMs) > Number(one.createdMs));
  if (!revoked.every(isReplaced)) return false;
  return mayBeNewest.every(isSame) && isYoung && (assumePure === true || result.findings.length === 0);
} // prettier-ignore

test('a node is left alone by the rules and never else, in whatever order EC2 lists the images', () => {
  const ends = new Set<string>();
  fc.assert(
    fc.property(node, fc.array(image, { maxLength: 5 }), fc.boolean(), (one, images, forced) => {
      const decision = decide(one, images, nowMs, { forced });
      const expected = !forced && mayBeLeftAlone(one, images) ? 'skip' : 'bake';
      expect(decision.action).toBe(expected);
      expect(decision.reasons.length).toBeGreaterThan(0);
      expect(decision.reasons.some(({ kind }) => kind === 'unchanged')).toBe(expected === 'skip');
      const ids = new Set(images.map(({ id }) => id));
      if (ids.size === images.length)
        expect(decide(one, images.toReversed(), nowMs, { forced })).toEqual(decision);
      ends.add(expected);
    }),
    // All, also for a commit: it takes a moment, and one in fifty is a skip.
    { numRuns: 3_000 },
  );
  expect([...ends].sort()).toEqual(['bake', 'skip']);
});
