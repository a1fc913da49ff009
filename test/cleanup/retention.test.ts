import { describe, expect, test } from '@jest/globals';
import type { Image } from '../../src/aws/images.ts';
import type { Reference } from '../../src/references/reference.ts';
import { decideRetention, type Retention, type RetentionRules } from '../../src/cleanup/retention.ts';
import { retentionSentence } from '../../src/cleanup/sentences.ts';
import { hour, imageOfNode, nowMs } from '../aws/fixtures.ts';

type Options = Partial<Omit<RetentionRules, 'keep' | 'references'>> &
  Partial<{ keep: number; users: Record<string, string[]>; nodes: string[]; runningRuns: Set<string> }>;

function decide(
  images: readonly Image[],
  { keep = 1, users = {}, nodes = ['redis', 'web'], ...rules }: Options = {},
): Retention[] {
  const references = Object.entries(users).map(([id, by]): [string, Reference[]] => [
    id,
    by.map((one) => ({ kind: 'instance', by: one })),
  ]);
  return decideRetention(images, {
    keep: new Map(nodes.map((node) => [node, keep])),
    references: new Map(references),
    minAgeMs: hour,
    runningRuns: new Set(),
    gone: false,
    adopt: false,
    nowMs,
    ...rules,
  });
}
/** `a keep newest-verified` for each image. */
const told = (images: readonly Image[], options?: Options) =>
  decide(images, options).map(({ image, action, reason }) => `${image.id} ${action} ${reason.kind}`);

/** An image of redis, `age` hours old. */
const verified = (id: string, age: number, over: Partial<Image> = {}) =>
  imageOfNode('redis', { id, createdMs: nowMs - age * hour, verified: true, ...over });
const unverified = (id: string, age: number, over: Partial<Image> = {}) =>
  verified(id, age, { verified: false, ...over });
const disabled = (id: string, age: number, hours: number) =>
  verified(id, age, { state: 'disabled', deleteAfterMs: nowMs + hours * hour });

describe('of a node', () => {
  test.each<[string, Image[], Options, string[]]>([
    ['the newest verified image stays, the older goes', [verified('b', 9), verified('a', 8)], {}, ['a keep newest-verified', 'b delete older-verified']],
    ['as many verified images stay as are to be kept', [verified('a', 9), verified('b', 8), verified('c', 7)], { keep: 2 }, ['c keep newest-verified', 'b keep newest-verified', 'a delete older-verified']],
    ['the newest of all stay besides, and take no place of a verified one', [verified('a', 9), verified('b', 8), unverified('c', 7), unverified('d', 6)], {}, ['d keep newest', 'c delete older', 'b keep newest-verified', 'a delete older-verified']],
    ['the newest stay of those that were never verified', [unverified('a', 9), unverified('b', 8)], {}, ['b keep newest', 'a delete older']],
    ['images in use stay, and are counted', [verified('a', 9), verified('b', 8), verified('c', 7)], { keep: 2, users: { a: ['i-1'], c: ['i-2'] } }, ['c keep in-use', 'b keep newest-verified', 'a keep in-use']],
    ['a young image stays, verified or not', [verified('a', 0.9), unverified('b', 0.8), verified('c', 0.7)], {}, ['c keep newest-verified', 'b keep young', 'a keep young']],
    ['the age from which it goes is settable', [verified('a', 0.9), verified('b', 0.7)], { minAgeMs: 0 }, ['b keep newest-verified', 'a delete older-verified']],
    ['an image of exactly that age goes', [verified('a', 1), verified('b', 0.7)], {}, ['b keep newest-verified', 'a delete older-verified']],
    ['an image with the tag bakehouse:keep stays, and is counted', [verified('a', 9, { keepTag: true }), verified('b', 8), verified('c', 7, { keepTag: true })], { keep: 2 }, ['c keep keep-tag', 'b keep newest-verified', 'a keep keep-tag']],
    ['an image that EC2 protects stays', [verified('a', 9, { protection: 'enabled-without-cooldown' }), verified('b', 8)], {}, ['b keep newest-verified', 'a keep protected']],
    ['the images of a run that goes on stay', [verified('a', 9, { run: 'run-7' }), verified('b', 8)], { runningRuns: new Set(['run-7']) }, ['b keep newest-verified', 'a keep going-on']],
    ['a rejected image takes no place, and goes', [unverified('a', 9), unverified('b', 8, { rejected: true }), unverified('c', 0.5, { rejected: true })], {}, ['c keep young', 'b delete rejected', 'a keep newest']],
    ['a revoked image takes no place, and goes though it is verified', [verified('a', 9), verified('b', 8, { revoked: 'CVE' }), verified('c', 0.5, { revoked: 'CVE' })], {}, ['c keep young', 'b delete revoked', 'a keep newest-verified']],
    ['a revoked image in use stays, as do those that are kept by hand', [verified('a', 9, { revoked: 'CVE' }), verified('b', 8, { revoked: 'CVE', keepTag: true }), verified('c', 7, { revoked: 'CVE', protection: 'enabled' })], { users: { a: ['i-1'] } }, ['c keep protected', 'b keep keep-tag', 'a keep in-use']],
    ['a rejected image that was revoked besides is a revoked one', [verified('a', 9), unverified('b', 8, { rejected: true, revoked: 'CVE' })], {}, ['b delete revoked', 'a keep newest-verified']],
    ['a rejected image in use stays', [unverified('a', 9, { rejected: true })], { users: { a: ['i-1'] } }, ['a keep in-use']],
    ['a pending image takes no place', [verified('a', 9), verified('b', 8, { state: 'pending' })], {}, ['b keep state', 'a keep newest-verified']],
    ['a failed image goes when it is old enough', [unverified('a', 2, { state: 'failed' }), unverified('b', 0.5, { state: 'failed' }), verified('c', 3)], {}, ['b keep young', 'a delete failed', 'c keep newest-verified']],
    ['a failed image stays while something uses it', [unverified('a', 2, { state: 'failed' })], { users: { a: ['i-1'] } }, ['a keep in-use']],
    ['a state that nobody knows stays', [unverified('a', 2, { state: 'error' })], {}, ['a keep state']],
    ['an image without a date stays and takes no place', [verified('a', 9), verified('b', 8, { createdMs: undefined })], {}, ['a keep newest-verified', 'b keep no-date']],
    ['an image of the future stays and takes no place', [verified('a', 9), verified('b', -1)], {}, ['b keep in-the-future', 'a keep newest-verified']],
    ["one of the future by no more than EC2's clock is known to is as any other", [verified('a', 9), verified('b', -1 / 3600), verified('c', -3 / 3600)], {}, ['c keep in-the-future', 'b keep newest-verified', 'a delete older-verified']],
    ["somebody's copy stays, takes no place and is shown", [verified('a', 9), verified('b', 8, { notOurs: { kind: 'name', name: 'nightly', node: 'redis' } })], {}, ['b keep not-ours', 'a keep newest-verified']],
    ['so does one that verify rejected', [verified('a', 9), unverified('b', 8, { rejected: true, notOurs: { kind: 'name', name: 'nightly', node: 'redis' } })], {}, ['b keep not-ours', 'a keep newest-verified']],
    ['of images that were copied in one go, the name tells the newest', [verified('c', 9, { bakedMs: 1 }), verified('b', 9, { bakedMs: 3 }), verified('a', 9, { bakedMs: 2 })], {}, ['b keep newest-verified', 'a delete older-verified', 'c delete older-verified']],
    ['where dates and names disagree, the newest by either stay', [verified('a', 9, { bakedMs: 3 }), verified('b', 8, { bakedMs: 2 }), verified('c', 7, { bakedMs: 1 })], {}, ['c keep newest-verified', 'b delete older-verified', 'a keep newest-verified']],
    ['EC2 gives whole seconds: what is less says nothing', [verified('a', 9, { bakedMs: 3 }), unverified('b', 9, { createdMs: nowMs - 9 * hour + 999, bakedMs: 2 })], {}, ['a keep newest-verified', 'b delete older']],
    ['of two images of the same second the id decides', [verified('a', 9), verified('b', 9)], {}, ['b keep newest-verified', 'a delete older-verified']],
    ["other nodes' images are not counted", [verified('a', 9), verified('b', 8, { node: 'redis-db' }), verified('c', 7, { node: 'web' })], {}, ['a keep newest-verified', 'b keep unknown-node', 'c keep newest-verified']],
  ])('%s', (_, images, options, expected) => {
    expect(told(images, options)).toEqual(expected);
  }); // prettier-ignore
});

describe('disabled', () => {
  test.each<[string, Image[], Options, string[]]>([
    ['by somebody else, an image stays', [verified('a', 9, { state: 'disabled' }), verified('b', 8)], {}, ['b keep newest-verified', 'a keep state']],
    ['with a tag that is no time, it stays', [verified('a', 9, { state: 'disabled', deleteAfterMs: NaN }), verified('b', 8)], {}, ['b keep newest-verified', 'a keep state']],
    ['by cleanup, it stays until its time', [disabled('a', 9, 0.1), verified('b', 8)], {}, ['b keep newest-verified', 'a keep disabled-until']],
    ['and goes then', [disabled('a', 9, -0.1), verified('b', 8)], {}, ['b keep newest-verified', 'a delete disabled-long-enough']],
    ['unless something uses it', [disabled('a', 9, -0.1), verified('b', 8)], { users: { a: ['i-1'] } }, ['b keep newest-verified', 'a keep in-use']],
    ['or only what was revoked', [disabled('a', 9, -0.1), verified('b', 8, { revoked: 'CVE' })], {}, ['b delete revoked', 'a keep only-disabled']],
    ['but a revoked one goes for one that nobody verified', [{ ...disabled('a', 9, -0.1), revoked: 'CVE' }, unverified('b', 8)], {}, ['b keep newest', 'a delete disabled-long-enough']],
    ['or its run goes on', [disabled('a', 9, -0.1), verified('b', 8, { run: 'run-2' })], { runningRuns: new Set(['run-1']) }, ['b keep newest-verified', 'a keep going-on']],
    ['or the node has nothing else', [disabled('a', 9, -0.1)], {}, ['a keep only-disabled']],
    ['or nothing else that verify has passed', [disabled('a', 9, -0.1), verified('c', 8, { verified: false })], {}, ['c keep newest', 'a keep only-disabled']],
    ['and takes no place', [disabled('b', 8, 1), verified('a', 9)], {}, ['b keep disabled-until', 'a keep newest-verified']],
    ['one that was enabled again is judged anew', [verified('a', 9, { deleteAfterMs: nowMs - 1 })], {}, ['a keep newest-verified']],
  ])('%s', (_, images, options, expected) => {
    expect(told(images, options)).toEqual(expected);
  }); // prettier-ignore
});

describe('of a node that has left nodes.yaml', () => {
  const images = [verified('a', 9), verified('b', 8), verified('c', 7, { state: 'pending' })];
  test('all stay, and are shown', () => {
    expect(told(images, { nodes: ['web'] })).toEqual(['c keep unknown-node', 'b keep unknown-node', 'a keep unknown-node']);
  }); // prettier-ignore
  test('all are deleted with --gone, except those in use, too new or undecided', () => {
    const more = [...images, verified('d', 0.5), verified('e', 6, { keepTag: true }), disabled('f', 5, -1)];
    expect(told(more, { nodes: ['web'], gone: true, users: { b: ['i-1'] } })).toEqual([
      'd keep young',
      'f delete disabled-long-enough',
      'e keep keep-tag',
      'c keep state',
      'b keep in-use',
      'a delete gone-node',
    ]);
  });
});

describe('without a tag, but named like an image of a node', () => {
  const named = (id: string, name: string, age: number) =>
    imageOfNode('', { id, name, createdMs: nowMs - age * hour, run: '' });
  const images = [named('a', 'redis-1700000000', 9), named('b', 'redis-1700000001', 8), verified('c', 7)];
  test('one that was made of a server is not adopted', () => {
    const backup = { ...named('d', 'redis-1700000002', 7), notOurs: { kind: 'of-server' as const, launchedFrom: 'c' } };
    expect(told([backup, ...images], { adopt: true })).toEqual(['d keep not-ours', 'c keep newest-verified', 'b delete older', 'a delete older']);
  }); // prettier-ignore
  test('they stay, do not count, and are shown', () => {
    expect(told(images)).toEqual(['c keep newest-verified', 'b keep untagged', 'a keep untagged']);
  });
  test("with --adopt they are the node's", () => {
    expect(told(images, { adopt: true, keep: 2 })).toEqual(['c keep newest-verified', 'b keep newest', 'a delete older']);
    expect(decide(images, { adopt: true })[1]?.node).toBe('redis');
  }); // prettier-ignore
  test.each(['redis-170000000', 'redis', '-1700000000', 'other-1700000000', 'redis-db-1700000000', 'redis-1700000000-x'])(
    '%s is none of them', (name) => {
      expect(told([named('a', name, 9)], { adopt: true })).toEqual([]);
  }); // prettier-ignore
});

test('shows and keeps an image that has our tags but no node', () => {
  const stray = imageOfNode('', { id: 'a', name: 'redis-1700000000', bearsOurTags: true, notOurs: { kind: 'no-node' } });
  expect(told([stray], { adopt: true, gone: true, nodes: [] })).toEqual(['a keep not-ours']);
}); // prettier-ignore

test.each([0, -1, 1.5, NaN])('keeping %d images is refused', (keep) => {
  expect(() => decide([], { keep })).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('the reason of a young image says whether verify has judged it', () => {
  const young = { kind: 'young' as const, minAgeMs: 3_600_000 };
  expect(retentionSentence({ ...young, rejected: true })).toBe(
    'younger than 1 h (--min-age): verify rejected it',
  );
  expect(retentionSentence({ ...young, rejected: false })).toContain('may still be in verification');
  expect(retentionSentence({ ...young, rejected: false, revoked: 'CVE' })).toContain('it was revoked (CVE)');
  expect(retentionSentence({ kind: 'revoked', why: 'CVE' })).toBe('revoked: CVE');
});

test('the reason says who uses it, and what number it is', () => {
  const images = [verified('a', 9), verified('b', 8), verified('c', 7)];
  const users = { a: ['instance i-1 (stopped)', 'instance i-2 (running)'] };
  expect(decide(images, { users }).map(({ reason }) => retentionSentence(reason))).toEqual([
    'verified, the newest',
    'verified, but number 2 of the verified images (keep: 1)',
    'used by instance i-1 (stopped) and 1 more',
  ]);
});

test('the time to decide on 10,000 images of one node does not grow with their square', () => {
  // 10,000² comparisons would take minutes: the test would time out.
  const many = Array.from({ length: 10_000 }, (_, index) => verified(`ami-${index}`, 2 + index));
  expect(decide(many, { keep: 5 }).filter(({ action }) => action === 'keep')).toHaveLength(5);
});
