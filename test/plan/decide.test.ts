import { describe, expect, test } from '@jest/globals';
import { decide, type Candidate, type PlanImage } from '../../src/plan/decide.ts';
import type { Finding } from '../../src/puppet/catalogs/compilation.ts';
import { day, imageOf, inputsOf, judged, nowMs, pack } from './nodes.ts';

const plan = (images: PlanImage[], node: Partial<Candidate> = {}, forced = false) =>
  decide(judged(node), images, nowMs, { forced });
const changed = inputsOf({ catalog: 'a'.repeat(64) });
const finding: Finding = { kind: 'command', what: 'generate() runs /bin/hostname' };

describe('a node is left alone', () => {
  test('when the newest verified image is what it would be now', () => {
    expect(plan([imageOf()])).toEqual({
      node: 'redis',
      action: 'skip',
      image: 'ami-a',
      reasons: [{ kind: 'unchanged', image: 'ami-a' }],
    });
  });

  test.each<[string, PlanImage[], Partial<Candidate>]>([
    ['an older image is another', [imageOf(), imageOf({ id: 'ami-0', createdMs: nowMs - 2 * day }, changed)], {}],
    ['a newer one is not verified', [imageOf(), imageOf({ id: 'b', createdMs: nowMs, verified: false }, changed)], {}],
    ['a newer one was rejected', [imageOf(), imageOf({ id: 'b', createdMs: nowMs, rejected: true }, changed)], {}],
    ['a newer one is disabled', [imageOf(), imageOf({ id: 'b', createdMs: nowMs, state: 'disabled' }, changed)], {}],
    ['a newer one is another node', [imageOf(), imageOf({ id: 'b', createdMs: nowMs, node: 'web' }, changed)], {}],
    ['one of unknown age is the same', [imageOf(), imageOf({ id: 'b', createdMs: undefined })], {}],
    ['it is just as old as max_age', [imageOf()], { maxAgeMs: day }],
    ['what cannot be judged is assumed pure', [imageOf()], { assumePure: true, result: { inputs: inputsOf(), pack, findings: [finding] } }],
    ['its source is not tagged', [imageOf({ sourceAmi: undefined })], {}],
    ["a newer one is somebody's backup with copied tags", [imageOf(), imageOf({ id: 'b', createdMs: nowMs, notOurs: { kind: 'name' } }, changed)], {}],
    ['one that was copied in the same second is of an older bake', [imageOf({ bakedMs: nowMs - 2 * day }), imageOf({ id: 'b', bakedMs: nowMs - 3 * day }, changed)], {}],
    ["the name of an older one is of a wrong clock", [imageOf({ bakedMs: nowMs - day }), imageOf({ id: 'b', createdMs: nowMs - 2 * day, bakedMs: nowMs + 9 * day }, changed)], {}],
    ['an older one was revoked', [imageOf(), imageOf({ id: 'b', createdMs: nowMs - 2 * day, revoked: 'CVE' })], {}],
    ["somebody's backup has the tag of a revoked one", [imageOf(), imageOf({ id: 'b', createdMs: nowMs, revoked: 'CVE', notOurs: { kind: 'name' } })], {}],
    ['the revoked image is of another node', [imageOf(), imageOf({ id: 'b', createdMs: nowMs, revoked: 'CVE', node: 'web' })], {}],
    ["EC2's clock is a little ahead", [imageOf({ createdMs: nowMs + 60_000 })], {}],
  ])('though %s', (_, images, node) => {
    expect(plan(images, node)).toMatchObject({ action: 'skip', reasons: [{ image: 'ami-a' }] });
  }); // prettier-ignore
});

describe('a node is baked', () => {
  test.each<[string, PlanImage[], Partial<Candidate>, object[]]>([
    ['without an image', [], {}, [{ kind: 'no-image' }]],
    ['with one of another node only', [imageOf({ node: 'redis-2' })], {}, [{ kind: 'no-image' }]],
    ['with one that is not verified', [imageOf({ verified: false })], {}, [{ kind: 'no-image' }]],
    ['with one that is rejected', [imageOf({ rejected: true })], {}, [{ kind: 'no-image' }]],
    ['with one that is pending', [imageOf({ state: 'pending' })], {}, [{ kind: 'no-image' }]],
    ['with one of no digest', [imageOf({ digest: undefined })], {}, [{ kind: 'no-digest', image: 'ami-a' }]],
    ['with one that was made without a plan', [imageOf({ digest: 'unknown' })], {}, [{ kind: 'no-digest' }]],
    ['with another catalog', [imageOf({}, changed)], {}, [{ kind: 'differs', causes: [{ input: 'catalog', was: 'aaaaaaaaaaaa', is: '111111111111' }] }]],
    ['when only an older one is the same', [imageOf({}, changed), imageOf({ id: 'b', createdMs: nowMs - 2 * day })], {}, [{ kind: 'differs', image: 'ami-a' }]],
    ['when one of two of the same second is another', [imageOf(), imageOf({ id: 'ami-b' }, changed)], {}, [{ kind: 'differs', image: 'ami-b' }]],
    ['when the only one is of unknown age', [imageOf({ createdMs: undefined })], {}, [{ kind: 'age-unknown', image: 'ami-a' }]],
    ["when the only one is somebody's backup with copied tags", [imageOf({ notOurs: { kind: 'name' } })], {}, [{ kind: 'no-image' }]],
    ["when it is older than max_age, whatever backup is young", [imageOf({ createdMs: nowMs - 3 * day }), imageOf({ id: 'b', createdMs: nowMs, notOurs: { kind: 'name' } })], { maxAgeMs: day }, [{ kind: 'too-old', image: 'ami-a' }]],
    ['when an image that was made later is of an older bake and another', [imageOf({ bakedMs: nowMs - 2 * day }), imageOf({ id: 'b', createdMs: nowMs, bakedMs: nowMs - 9 * day }, changed)], {}, [{ kind: 'differs', image: 'b' }]],
    ['when its age is no number', [imageOf({ createdMs: NaN })], {}, [{ kind: 'age-unknown' }]],
    ['when it is of tomorrow', [imageOf({ createdMs: nowMs + day })], {}, [{ kind: 'age-unknown' }]],
    ['when one of unknown age may be newer and is another', [imageOf(), imageOf({ id: 'b', createdMs: undefined }, changed)], {}, [{ kind: 'age-unknown', image: 'b' }]],
    ['when it is older than max_age', [imageOf({ createdMs: nowMs - day - 1 })], { maxAgeMs: day }, [{ kind: 'too-old', ageMs: day + 1, maxAgeMs: day }]],
    ['when its image was made from another source than the plan said', [imageOf({ sourceAmi: 'ami-9' })], {}, [{ kind: 'differs', causes: [{ input: 'source', was: 'ami-9', is: 'ami-0123456789abcdef0' }] }]],
    ['when its only image was revoked', [imageOf({ revoked: 'CVE-2026-1' })], {}, [{ kind: 'revoked', image: 'ami-a', why: 'CVE-2026-1' }]],
    ['when its newest image was revoked, though the one before is the same', [imageOf({ createdMs: nowMs - 2 * day }), imageOf({ id: 'b', revoked: 'CVE' })], {}, [{ kind: 'revoked', image: 'b' }]],
    ['when its newest image was revoked before anybody verified it', [imageOf({ createdMs: nowMs - 2 * day }), imageOf({ id: 'b', verified: false, revoked: 'CVE' })], {}, [{ kind: 'revoked', image: 'b' }]],
    ['when its newest image was revoked and disabled', [imageOf({ createdMs: nowMs - 2 * day }), imageOf({ id: 'b', state: 'disabled', revoked: 'CVE' })], {}, [{ kind: 'revoked', image: 'b' }]],
    ['when one of two of the same second was revoked', [imageOf(), imageOf({ id: 'ami-b', revoked: 'CVE' })], {}, [{ kind: 'revoked', image: 'ami-b' }]],
    ['when a revoked image of unknown age may be the newest', [imageOf(), imageOf({ id: 'b', createdMs: undefined, revoked: 'CVE' })], {}, [{ kind: 'revoked', image: 'b' }]],
    ['when its source is another and the newest image was revoked: what that replaced says nothing', [imageOf({ sourceAmi: 'ami-9', createdMs: nowMs - 2 * day }), imageOf({ id: 'b', revoked: 'CVE' })], {}, [{ kind: 'revoked', image: 'b' }]],
    ['when something cannot be judged', [imageOf()], { result: { inputs: inputsOf(), pack, findings: [finding] } }, [{ kind: 'not-judged', findings: [finding] }]],
    ['when its source is not known, pure or not', [imageOf()], { assumePure: true, result: { inputs: inputsOf({ source: 'unknown' }), pack, findings: [finding] } }, [{ kind: 'differs' }]],
  ])('%s', (_, images, node, reasons) => {
    const decision = plan(images, node);
    expect(decision).toMatchObject({ action: 'bake', reasons });
    expect(decision.reasons).toHaveLength(reasons.length);
  }); // prettier-ignore

  test('when it is forced, with all other reasons, too', () => {
    expect(plan([imageOf()], {}, true).reasons).toEqual([{ kind: 'forced' }]);
    const old = imageOf({ createdMs: nowMs - 9 * day }, changed);
    const { reasons } = plan(
      [old],
      { maxAgeMs: day, result: { inputs: inputsOf(), pack, findings: [finding] } },
      true,
    );
    expect(reasons.map(({ kind }) => kind)).toEqual(['forced', 'not-judged', 'differs', 'too-old']);
  });

  test('at a time that is not known', () => {
    expect(decide(judged(), [imageOf()], NaN, { forced: false })).toMatchObject({ action: 'bake' });
  });
});

describe('what differs', () => {
  const causes = (image: PlanImage, inputs = inputsOf()) => {
    const [reason] = plan([image], { result: { inputs, pack, findings: [] } }).reasons;
    if (reason?.kind !== 'differs') throw new Error('nothing differs');
    return reason.causes.map(({ input, was }) => (was === undefined ? input : `${input} was ${was}`));
  };
  const digest = 'f'.repeat(64);

  test.each<[string, Partial<PlanImage>, string[]]>([
    ['is not known where the tags are the same', { digest }, []],
    ['is not known without a tag', { digest, inputs: undefined, sourceAmi: undefined }, []],
    ['is the source where only that is tagged', { digest, inputs: 'unknown', sourceAmi: 'ami-9' }, ['source was ami-9']],
    ['may be what the tag leaves out', { digest, inputs: 'catalog=111111111111 files=22 pack=444444444444' }, ['files was 22', 'plugins', 'scripts']],
  ])('%s', (_, over, expected) => {
    expect(causes(imageOf(over))).toEqual(expected);
  }); // prettier-ignore

  test('is the Puppet that nodes.yaml asks for, also where it did not, or no longer does', () => {
    const [none, one, other] = [undefined, 'a'.repeat(64), 'b'.repeat(64)].map((puppet) =>
      inputsOf({ puppet }),
    );
    expect(causes(imageOf({}, none), one)).toEqual(['puppet']);
    expect(causes(imageOf({}, one), other)).toEqual(['puppet was aaaaaaaaaaaa']);
    expect(causes(imageOf({}, one), none)).toEqual(['puppet was aaaaaaaaaaaa']);
    expect(
      plan([imageOf({}, one)], { result: { inputs: one ?? inputsOf(), pack, findings: [] } }).action,
    ).toBe('skip');
    // As an image that was baked before nodes.yaml could ask.
    expect(imageOf({}, none)).toEqual(imageOf());
  });
});

test('a node that cannot be made fails, whatever its images are and even if it is forced', () => {
  const problem = { kind: 'error', message: 'Syntax error', file: 'manifests/site.pp', line: 3 } as const;
  const failures = [{ kind: 'not-compiled', problem }] as const;
  expect(plan([imageOf()], { assumePure: true, result: { failures } }, true)).toEqual({
    node: 'redis',
    action: 'failed',
    image: 'ami-a',
    reasons: failures,
  });
});
