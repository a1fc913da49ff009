import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Image } from '../../src/images/list-images.ts';
import { decideRetention, type Decision, graceMs } from '../../src/images/retention.ts';
import { sentence } from '../../src/images/retention-sentence.ts';
import { hour, imageOfNode, nowMs } from './world.ts';

type Options = Partial<{ keep: number; users: Record<string, string[]>; nodes: string[] }>;

function decide(
  images: readonly Image[],
  { keep = 1, users = {}, nodes = ['redis', 'web'] }: Options = {},
): Decision[] {
  return decideRetention(images, {
    keep: new Map(nodes.map((node) => [node, keep])),
    references: new Map(Object.entries(users)),
    nowMs,
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

describe('of a node', () => {
  test.each<[string, Image[], Options, string[]]>([
    ['the newest verified image stays, the older goes', [verified('b', 0.02), verified('a', 0.01)], {}, ['a keep newest-verified', 'b delete older-verified']],
    ['as many verified images stay as are to be kept', [verified('a', 9), verified('b', 8), verified('c', 7)], { keep: 2 }, ['c keep newest-verified', 'b keep newest-verified', 'a delete older-verified']],
    ['images that an instance uses stay, and are counted', [verified('a', 9), verified('b', 8), verified('c', 7)], { keep: 2, users: { a: ['i-1'], c: ['i-2'] } }, ['c keep in-use', 'b keep newest-verified', 'a keep in-use']],
    ['an unverified image in use stays', [verified('a', 9), unverified('b', 8)], { users: { b: ['i-1'] } }, ['b keep in-use', 'a keep newest-verified']],
    ['an unverified image stays for an hour', [verified('a', 9), unverified('b', 0.99), unverified('c', 1)], {}, ['b keep young', 'c delete unverified', 'a keep newest-verified']],
    ['an unverified image takes no place of a verified one', [verified('a', 9), unverified('b', 0.5)], {}, ['b keep young', 'a keep newest-verified']],
    ['a rejected image stays for an hour to be looked at, takes no place, and goes', [unverified('a', 9), unverified('b', 8, { rejected: true }), unverified('c', 0.5, { rejected: true })], {}, ['c keep young', 'b delete rejected', 'a keep none-verified']],
    ['a rejected image in use stays', [unverified('a', 9, { rejected: true })], { users: { a: ['i-1'] } }, ['a keep in-use']],
    ['the newest stay of those that were never verified', [unverified('a', 9), unverified('b', 8)], {}, ['b keep none-verified', 'a delete older-of-none-verified']],
    ['a young one is counted among those that were never verified', [unverified('a', 9), unverified('b', 0.5)], {}, ['b keep young', 'a delete older-of-none-verified']],
    ['a verified image that is not available does not count', [verified('a', 9), verified('b', 8, { state: 'pending' })], {}, ['b keep state', 'a keep newest-verified']],
    ['a disabled verified image does not make the unverified go', [verified('a', 9, { state: 'disabled' }), unverified('b', 8)], {}, ['b keep none-verified', 'a keep state']],
    ['a failed image goes after an hour', [unverified('a', 2, { state: 'failed' }), unverified('b', 0.5, { state: 'failed' })], {}, ['b keep state', 'a delete failed']],
    ['a failed image stays while an instance uses it', [unverified('a', 2, { state: 'failed' })], { users: { a: ['i-1'] } }, ['a keep in-use']],
    ['a state that nobody knows stays', [unverified('a', 2, { state: 'error' })], {}, ['a keep state']],
    ['an image without a date stays and takes no place', [verified('a', 9), verified('b', 8, { createdMs: undefined })], {}, ['a keep newest-verified', 'b keep no-date']],
    ['an image of the future stays and takes no place', [verified('a', 9), verified('b', -1)], {}, ['b keep in-the-future', 'a keep newest-verified']],
    ['of two images of the same second the id decides', [verified('a', 9), verified('b', 9)], {}, ['b keep newest-verified', 'a delete older-verified']],
    ['all stay that nodes.yaml does not have', [verified('a', 9), verified('b', 8)], { nodes: ['web'] }, ['b keep unknown-node', 'a keep unknown-node']],
    ["other nodes' images are not counted", [verified('a', 9), verified('b', 8, { node: 'redis-db' }), verified('c', 7, { node: 'web' })], {}, ['a keep newest-verified', 'b keep unknown-node', 'c keep newest-verified']],
  ])('%s', (_, images, options, expected) => {
    expect(told(images, options)).toEqual(expected);
  }); // prettier-ignore

  test.each([0, -1, 1.5, NaN])('keeping %d images is refused', (keep) => {
    expect(() => decide([], { keep })).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  test('the reason says who uses it, and what number it is', () => {
    const images = [verified('a', 9), verified('b', 8), verified('c', 7)];
    const users = { a: ['instance i-1 (stopped)', 'instance i-2 (running)'] };
    expect(decide(images, { users }).map(({ reason }) => sentence(reason))).toEqual([
      'verified, the newest',
      'verified, but only the newest 1 stay and it is number 2',
      'used by instance i-1 (stopped) and 1 more',
    ]);
  });
});

describe('whatever the images', () => {
  const image = fc.record({
    id: fc.string({ minLength: 3, maxLength: 6 }),
    node: fc.constantFrom('redis', 'web', 'unknown'),
    verified: fc.boolean(),
    state: fc.constantFrom('available', 'available', 'available', 'pending', 'failed', 'disabled'),
    createdMs: fc.option(
      fc.integer({ min: -2, max: 8 }).map((halves) => nowMs - halves * (graceMs / 2)),
      { nil: undefined },
    ),
  });
  const images = fc
    .uniqueArray(image, { selector: ({ id }) => id, maxLength: 14 })
    .map((some) => some.map((one) => imageOfNode(one.node, one)));
  const used = fc.array(fc.nat(20), { maxLength: 3 });
  const keeps = fc.integer({ min: 1, max: 4 });
  const scenario = fc.tuple(images, used, keeps).map(([all, indexes, keep]) => {
    const users = Object.fromEntries(
      indexes.flatMap((index) => (all[index] ? [[all[index].id, ['i-1']]] : [])),
    );
    return { all, keep, users };
  });
  const left = (decisions: Decision[]) =>
    decisions.filter(({ action }) => action === 'keep').map((d) => d.image);

  test('none goes that is used', () => {
    fc.assert(
      fc.property(scenario, ({ all, ...options }) => {
        const gone = decide(all, options).filter(({ action }) => action === 'delete');
        expect(gone.filter(({ image: { id } }) => Object.hasOwn(options.users, id))).toEqual([]);
      }),
    );
  });

  test('the verified images that were to be kept are left, and never no image of a node that had one', () => {
    const good = (some: Image[], node: string) =>
      some.filter((one) => one.node === node && one.verified && one.state === 'available').length;
    const available = (some: Image[], node: string) =>
      some.filter((one) => one.node === node && one.state === 'available').length;
    fc.assert(
      fc.property(scenario, ({ all, ...options }) => {
        const stay = left(decide(all, options));
        for (const node of ['redis', 'web', 'unknown']) {
          expect(good(stay, node)).toBeGreaterThanOrEqual(Math.min(options.keep, good(all, node)));
          expect(available(stay, node) > 0).toBe(available(all, node) > 0);
        }
      }),
    );
  });

  test('their order does not matter, and each gets one decision', () => {
    fc.assert(
      fc.property(scenario, fc.infiniteStream(fc.nat()), ({ all, ...options }, numbers) => {
        const shuffled = all
          .map((one) => ({ one, at: Number(numbers.next().value) }))
          .sort((a, b) => a.at - b.at);
        const decisions = decide(all, options);
        expect(
          decide(
            shuffled.map(({ one }) => one),
            options,
          ),
        ).toEqual(decisions);
        expect(decisions.map(({ image: { id } }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
      }),
    );
  });

  test('a second cleanup finds nothing to do', () => {
    fc.assert(
      fc.property(scenario, ({ all, ...options }) => {
        const stay = left(decide(all, options));
        expect(left(decide(stay, options))).toEqual(stay);
      }),
    );
  });
});
