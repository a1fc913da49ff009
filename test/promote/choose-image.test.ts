import { describe, expect, test } from '@jest/globals';
import { chooseNewest } from '../../src/promote/choose-image.ts';
import { whyUnfit } from '../../src/promote/last-look.ts';
import { checkPromoteFlags, type PromoteFlags } from '../../src/promote/promote-flags.ts';
import { MemoryCloud } from './memory-account.ts';
import { own } from './promotion.ts';

const node = { name: 'web' };

/** The images of web that are baked so, the oldest first, each with its tags beside the usual ones. */
async function baked(...all: { tags?: Record<string, string>; state?: 'pending' }[]) {
  const cloud = new MemoryCloud([own]);
  const ids = all.map(({ tags, state }, index) =>
    cloud.bake(own, `web-${1_700_000_001 + index}`, tags, state === undefined ? {} : { State: state }),
  );
  return { ids, images: await cloud.account(own).imagesOfNodes(['web']) };
}

const at = (hour: number) => ({ 'bakehouse:promoted': `2026-11-28T${String(hour).padStart(2, '0')}:00:00Z` });

describe('of the images of a node', () => {
  test.each<[string, Parameters<typeof baked>, number, number | undefined]>([
    ['the newest that is verified', [{}, {}, { tags: { 'bakehouse:verified': '' } }], 1, undefined],
    ['one before the rejected', [{}, { tags: { 'bakehouse:rejected': 'x' } }], 0, undefined],
    ['one before the revoked', [{}, { tags: { 'bakehouse:revoked': 'x' } }], 0, undefined],
    ['one before the pending', [{}, { state: 'pending' }], 0, undefined],
    ['the current one, where a newer was taken out after it', [{ tags: at(3) }, {}, { tags: at(2) }], 0, 0],
    ['a newer one than that', [{ tags: at(3) }, { tags: at(2) }, {}], 2, 0],
    ['the one whose promotion was cut off', [{ tags: at(1) }, { tags: at(2) }], 1, 0],
  ])('it is %s', async (_, all, index, current) => {
    const { ids, images } = await baked(...all);
    const choice = chooseNewest(
      { node, images, current: current === undefined ? undefined : ids[current] },
      false,
    );
    expect(choice).toMatchObject({ image: { id: ids[index] } });
  });

  test('there is an error in a pipeline whose bake was not verified, although an older one is', async () => {
    const { ids, images } = await baked({}, { tags: { 'bakehouse:rejected': 'x' } });
    expect(chooseNewest({ node, images, current: ids[0] }, true)).toEqual({
      why: `the newest image ${ids[1] ?? ''} was rejected by verify: its tag bakehouse:rejected says why`,
    });
  });
});

test.each<[string, Partial<NonNullable<Parameters<typeof whyUnfit>[0]>> | undefined, string]>([
  ['is gone', undefined, 'is gone'],
  ['has no tags', { node: '' }, 'is no image of a bake: it has no tag bakehouse:node'],
  ["is another node's", { node: 'db' }, 'is an image of db, not of web'],
  [
    'is not ours',
    { notOurs: { kind: 'name', name: 'x', node: 'web' } },
    'is not ours: its name x is not web-UNIXSECONDS',
  ],
  ['is revoked', { revoked: 'CVE' }, 'is revoked: CVE'],
  ['is pending', { state: 'pending' }, 'is pending, not available'],
  ['is not verified', { verified: false }, 'is not verified: run verify first'],
])('an image that %s is refused with a plain reason', (_, more, why) => {
  const good = {
    id: 'ami-1',
    node: 'web',
    notOurs: undefined,
    state: 'available',
    verified: true,
    rejected: false,
    revoked: undefined,
  };
  expect(whyUnfit(good, 'web')).toBeUndefined();
  expect(whyUnfit(more && { ...good, ...more }, 'web')).toBe(why);
});

describe('the flags', () => {
  const none: PromoteFlags = {
    ...{
      nodes: 'nodes.yaml',
      node: [],
      plan: undefined,
      archive: undefined,
      image: undefined,
      rollback: false,
      revoke: undefined,
    },
    ...{
      reason: undefined,
      reports: 'reports',
      apply: false,
      force: false,
      'copy-timeout': 1,
      verbose: false,
    },
  };
  const id = 'ami-0123456789abcdef0';
  test.each<[string, Partial<PromoteFlags>, string[]]>([
    [
      'two modes',
      { image: id, rollback: true, node: ['web'] },
      ['--image and --rollback do not go together'],
    ],
    ['a rollback of all nodes', { rollback: true }, ['--rollback needs --node']],
    [
      'a rollback by plan',
      { rollback: true, node: ['web'], plan: 'plan.json' },
      ['--plan and --rollback do not'],
    ],
    ['a revocation without reason', { revoke: id }, ['--revoke needs --reason']],
    ['a blank reason', { revoke: id, reason: ' ' }, ['--reason is blank']],
    ['a reason for nothing', { reason: 'x' }, ['--reason goes with --revoke only']],
    [
      'what is no image',
      { revoke: 'i-0', reason: 'x', node: ['web'] },
      ["--revoke 'i-0' is not the id", '--revoke takes no --node'],
    ],
  ])('are refused with %s, all problems at once and exit code 2', (_, flags, problems) => {
    for (const problem of problems)
      expect(() => {
        checkPromoteFlags({ ...none, ...flags });
      }).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(problem) }));
  });

  test.each<Partial<PromoteFlags>>([
    {},
    { image: id },
    { rollback: true, node: ['web'] },
    { revoke: id, reason: 'x' },
    { plan: 'p' },
  ])('are taken as %j', (flags) => {
    expect(() => {
      checkPromoteFlags({ ...none, ...flags });
    }).not.toThrow();
  });
});
