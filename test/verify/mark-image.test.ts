import { describe, expect, test } from '@jest/globals';
import { type ImageTags, markRejected, markVerified } from '../../src/verify/mark-image.ts';
import { ec2Error } from '../aws/fixtures.ts';

const image = {
  ImageId: 'ami-1',
  Name: 'redis-1767225600',
  State: 'available' as const,
  Tags: [{ Key: 'bakehouse:node', Value: 'redis' }],
};

/** Marks the image, as verified unless there is a reason not to; what EC2 is asked to change is written down. */
async function mark(
  found: object | undefined,
  over: Partial<ImageTags> = {},
  reason?: string,
  isExamined = true,
  kept: readonly string[] = [],
) {
  const done: unknown[][] = [];
  const tags: ImageTags = {
    region: 'us-east-1',
    describe: (ids) => Promise.resolve({ Images: found === undefined || ids[0] !== 'ami-1' ? [] : [found] }),
    createTags: (...what) => Promise.resolve(done.push(['create', ...what])),
    deleteTags: (...what) => Promise.resolve(done.push(['delete', ...what])),
    ...over,
  };
  const { why, mark: marked } =
    reason === undefined
      ? await markVerified(tags, 'ami-1', 'redis', isExamined, kept)
      : await markRejected(tags, 'ami-1', 'redis', reason);
  return { why, done, marked };
}

/** The tags that are left of these, by their names. */
function after(done: unknown[][], before: string[]): string[] {
  const left = new Set(before);
  for (const [how, , tags] of done) {
    for (const { Key } of tags as { Key: string }[]) {
      if (how === 'create') left.add(Key);
      else left.delete(Key);
    }
  }
  return [...left];
}

describe('an image is marked', () => {
  test.each([undefined, 'no'])('by one tag or the other, never both (reason: %s)', async (reason) => {
    const { why, done } = await mark(image, {}, reason);
    expect(why).toBeUndefined();
    const both = ['bakehouse:verified', 'bakehouse:rejected'];
    const expected = [reason === undefined ? 'bakehouse:verified' : 'bakehouse:rejected'];
    expect(after(done, [])).toEqual(expected);
    expect(after(done, both)).toEqual(expected);
    // Cut off at any point it bears neither, or one.
    expect(after(done.slice(0, 1), expected[0] === both[0] ? both.slice(1) : both.slice(0, 1))).toEqual([]);
    for (const [, ids] of done) expect(ids).toEqual(['ami-1']);
  });

  test.each([undefined, 'no'])("only when it is a bake's: a backup stays as it is (reason: %s)", async (reason) => {
    const { why, done } = await mark({ ...image, Name: 'nightly-backup-1' }, {}, reason);
    expect(why).toBe('the image ami-1 is not one of a bake: its name nightly-backup-1 is not redis-UNIXSECONDS');
    expect(done).toEqual([]);
  }); // prettier-ignore

  test('as what its copies are to be, too: also rejected where the image is gone, and as before where it cannot be told', async () => {
    const before = { ...image, Tags: [...image.Tags, { Key: 'bakehouse:rejected', Value: 'no boot' }] };
    const left = { ...image, BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: {} }] };
    expect((await mark(image)).marked).toBe('verified');
    expect((await mark(before, {}, undefined, false)).marked).toEqual({ rejected: 'no boot' });
    expect((await mark(left)).marked).toEqual({ rejected: expect.stringContaining('/dev/xvda') });
    expect((await mark(undefined, {}, 'no')).marked).toEqual({ rejected: 'no' });
    expect((await mark(undefined)).marked).toBeUndefined();
  }); // prettier-ignore

  test('as verified by the one word that cleanup reads', async () => {
    const { done } = await mark(image);
    expect(done).toContainEqual(['create', ['ami-1'], [{ Key: 'bakehouse:verified', Value: 'true' }]]);
  });

  test('as verified after it was rejected only by a verify that examined its servers', async () => {
    const rejected = {
      ...image,
      Tags: [...image.Tags, { Key: 'bakehouse:rejected', Value: 'redis is failed' }],
    };
    const blind = await mark(rejected, {}, undefined, false);
    expect(blind.done).toEqual([]);
    expect(blind.why).toBe(
      'the image ami-1 was rejected (redis is failed): it stays rejected until verify --boot passes it',
    );
    const { why, done } = await mark(rejected);
    expect(why).toBeUndefined();
    expect(after(done, ['bakehouse:rejected'])).toEqual(['bakehouse:verified']);
    expect((await mark(image, {}, undefined, false)).why).toBeUndefined();
  });

  const mapping = (DeviceName: string, goes?: boolean) => ({
    DeviceName,
    Ebs: goes === undefined ? {} : { DeleteOnTermination: goes },
  });

  test.each<[string, object[], string[], string | undefined]>([
    ['the root volume stays', [mapping('/dev/xvda', false)], [], '/dev/xvda'],
    ['another one stays', [mapping('/dev/xvda', true), mapping('/dev/sdf', false)], [], '/dev/sdf'],
    ['it is not known', [mapping('/dev/xvda')], [], '/dev/xvda'],
    ['the pack wants another one to stay', [mapping('/dev/xvda', false)], ['/dev/sdf'], '/dev/xvda'],
    [
      'the pack wants it so',
      [mapping('/dev/xvda', true), mapping('/dev/sdf', false)],
      ['/dev/sdf'],
      undefined,
    ],
    [
      'all go',
      [mapping('/dev/xvda', true), { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' }],
      [],
      undefined,
    ],
  ])(
    'as rejected, whatever its report says, when its servers would leave volumes behind: %s',
    async (_, mappings, kept, device) => {
      for (const isExamined of [true, false]) {
        const found = { ...image, BlockDeviceMappings: mappings };
        const { why, done } = await mark(found, {}, undefined, isExamined, kept);
        expect(why?.includes(` ${device ?? ''} `) ?? false).toBe(device !== undefined);
        const expected = device === undefined ? 'bakehouse:verified' : 'bakehouse:rejected';
        expect(after(done, ['bakehouse:verified'])).toEqual([expected]);
      }
    },
  );

  test('as rejected with the reason, on one line', async () => {
    const { done } = await mark(image, {}, ' the system\n is\tdegraded ');
    const tags = [{ Key: 'bakehouse:rejected', Value: 'the system is degraded' }];
    expect(done).toContainEqual(['create', ['ami-1'], tags]);
  });

  test.each([253, 254, 255, 256])('with text that can be sent, where a sign begins at %d', async (at) => {
    const { done } = await mark(image, {}, `${'x'.repeat(at)}${'😀'.repeat(10)}`);
    const [, , tags] = done.find(([how]) => how === 'create') ?? [];
    const [{ Value: value } = { Value: '' }] = tags as { Value: string }[];
    // Half a sign is an error to whatever encodes it for EC2.
    expect(() => encodeURIComponent(value)).not.toThrow();
    expect(value.length).toBeLessThanOrEqual(256);
    expect(value.length).toBeGreaterThan(250);
  });

  test('with the beginning of a reason that is too long', async () => {
    const { done } = await mark(image, {}, 'x'.repeat(257));
    expect(done.flat(3)).toContainEqual({ Key: 'bakehouse:rejected', Value: `${'x'.repeat(255)}…` });
    const { done: whole } = await mark(image, {}, 'x'.repeat(256));
    expect(whole.flat(3)).toContainEqual({ Key: 'bakehouse:rejected', Value: 'x'.repeat(256) });
  });

  describe.each([undefined, 'no'])('never (reason: %s)', (reason) => {
    test.each([
      ['when it does not exist', undefined, 'does not exist in us-east-1'],
      ['when it is not available', { ...image, State: 'failed' }, 'is failed'],
      [
        "when it is another node's",
        { ...image, Tags: [{ Key: 'bakehouse:node', Value: 'redis-db' }] },
        'redis-db',
      ],
      ['when it bears no tag', { ...image, Tags: [] }, 'missing'],
    ])('%s', async (_, found, expected) => {
      const { why, done } = await mark(found, {}, reason);
      expect(why).toContain(expected);
      expect(done).toEqual([]);
    });

    test('when EC2 does not know it, but other errors are thrown', async () => {
      const failing = (name: string) => ({ describe: () => Promise.reject(ec2Error(name)) });
      expect((await mark(image, failing('InvalidAMIID.NotFound'), reason)).why).toContain('does not exist');
      await expect(mark(image, failing('InternalError'), reason)).rejects.toThrow('InternalError');
    });

    test('when the answer has no list: that is no image that is gone, but a cloud that is away', async () => {
      const cut = mark(image, { describe: () => Promise.resolve({}) }, reason);
      await expect(cut).rejects.toMatchObject({ exitCode: 4, problem: 'malformed' });
    });

    test('when EC2 refuses the tag', async () => {
      const refusal = Object.assign(ec2Error('TagLimitExceeded'), { $metadata: {} });
      const { why } = await mark(image, { createTags: () => Promise.reject(refusal) }, reason);
      expect(why).toBe('the image ami-1 cannot be tagged: TagLimitExceeded: TagLimitExceeded happened');
    });
  });
});
