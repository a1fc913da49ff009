import { describe, expect, test } from '@jest/globals';
import { markVerified, type MarkWorld } from '../../src/images/mark-verified.ts';
import { verifyImages, type VerifyWorld } from '../../src/images/verify-images.ts';
import { judgeRun, rejectImage } from '../../src/puppet/judge-run.ts';
import type { RunVerdict } from '../../src/puppet/verdict.ts';
import { verifyResult } from '../../src/puppet/verify-result.ts';
import { baked, evidenceOf, reportText } from '../puppet/evidence.ts';
import { ec2Error } from './world.ts';

/** The fixtures' reports are of redis.bake. */
const bake = { ...baked, certname: 'redis.bake' };
const good = (node: string) =>
  judgeRun(node, { ...bake, imageId: `ami-${node}` }, evidenceOf(reportText('changed')));
const bad = (node: string) =>
  judgeRun(node, { ...bake, puppetExitCode: 6 }, evidenceOf(reportText('failed')));

async function verify(verdicts: RunVerdict[], over: Partial<VerifyWorld<RunVerdict>> = {}) {
  const done: string[] = [];
  const ends = await verifyImages<RunVerdict>(
    verdicts.map(({ node }) => node),
    {
      judge: (name) => Promise.resolve(verdicts.find(({ node }) => node === name) ?? bad(name)),
      write: ({ node, proved }) => {
        done.push(`write ${node} ${proved ? 'proved' : 'not proved'}`);
        return Promise.resolve();
      },
      markVerified: (image) => {
        done.push(`tag ${image}`);
        return Promise.resolve(undefined);
      },
      reject: rejectImage,
      ...over,
    },
  );
  return { done, ...verifyResult(ends) };
}

describe('verify', () => {
  test('writes every verdict, then tags the images that are proved, and only those', async () => {
    const { done, exitCode, table } = await verify([good('redis'), bad('web'), good('db')]);
    expect(done).toEqual([
      'write redis proved',
      'write web not proved',
      'write db proved',
      'tag ami-redis',
      'tag ami-db',
    ]);
    expect(exitCode).toBe(3);
    expect(table.rows.map((row) => row.slice(0, 7))).toEqual([
      ['redis', 'proved', 'ami-redis', '3', '8', '0', '0'],
      ['web', 'NOT PROVED', 'ami-0a', '1', '8', '1', '1'],
      ['db', 'proved', 'ami-db', '3', '8', '0', '0'],
    ]);
    expect(table.rows[1]?.[7]).toContain('(modules/redis/manifests/init.pp:11)');
  });

  test('ends with 0 when all are proved', async () => {
    expect((await verify([good('redis')])).exitCode).toBe(0);
  });

  test('asks nothing of the cloud when nothing is proved', async () => {
    const markVerified = () => Promise.reject(new Error('asked'));
    expect((await verify([bad('redis')], { markVerified })).exitCode).toBe(3);
  });

  test('ends with 4 when the cloud is not available, with every verdict written', async () => {
    const markVerified = () => Promise.reject(Object.assign(new Error('no AWS region'), { exitCode: 4 }));
    const { done, exitCode, table, json } = await verify([good('redis'), bad('web')], { markVerified });
    expect(done).toEqual(['write redis proved', 'write web not proved']);
    expect(exitCode).toBe(4);
    expect(table.rows[0]?.[1]).toBe('proved, NOT TAGGED');
    expect(table.rows[0]?.[7]).toBe('no AWS region');
    expect(json.nodes[0]).toMatchObject({ proved: true, tagged: false, unavailable: 'no AWS region' });
  });

  test('writes a verdict anew when its image turns out unfit', async () => {
    const markVerified = () => Promise.resolve('the image is gone');
    const { done, exitCode, json } = await verify([good('redis')], { markVerified });
    expect(done).toEqual(['write redis proved', 'write redis not proved']);
    expect(exitCode).toBe(3);
    expect(json.nodes[0]?.problems).toEqual([{ reason: 'no-image', message: 'the image is gone' }]);
  });

  test('does not hide a bug', async () => {
    await expect(
      verify([good('redis')], { markVerified: () => Promise.reject(new TypeError('x')) }),
    ).rejects.toThrow('x');
  });
});

describe('an image is marked', () => {
  const image = {
    ImageId: 'ami-1',
    State: 'available' as const,
    Tags: [{ Key: 'bakehouse:node', Value: 'redis' }],
  };
  async function mark(found: object | undefined, over: Partial<MarkWorld> = {}) {
    const tagged: unknown[] = [];
    const why = await markVerified(
      {
        region: 'us-east-1',
        describe: () => Promise.resolve({ Images: found === undefined ? [] : [found] }),
        createTags: (...what) => Promise.resolve(tagged.push(what)),
        ...over,
      },
      'ami-1',
      'redis',
    );
    return { why, tagged };
  }

  test('by one tag, when it is the one of the node', async () => {
    const { why, tagged } = await mark(image);
    expect(why).toBeUndefined();
    expect(tagged).toEqual([[['ami-1'], [{ Key: 'bakehouse:verified', Value: 'true' }]]]);
  });

  test.each([
    ['does not exist', undefined, 'does not exist in us-east-1'],
    ['is not available', { ...image, State: 'failed' }, 'is failed'],
    ["is another node's", { ...image, Tags: [{ Key: 'bakehouse:node', Value: 'redis-db' }] }, 'redis-db'],
    ['bears no tag', { ...image, Tags: [] }, 'missing'],
  ])('not when it %s', async (_, found, expected) => {
    const { why, tagged } = await mark(found);
    expect(why).toContain(expected);
    expect(tagged).toEqual([]);
  });

  test('not when EC2 does not know it, but other errors are thrown', async () => {
    const failing = (name: string) => ({ describe: () => Promise.reject(ec2Error(name)) });
    expect((await mark(image, failing('InvalidAMIID.NotFound'))).why).toContain('does not exist');
    await expect(mark(image, failing('InternalError'))).rejects.toThrow('InternalError');
  });

  test('not when EC2 refuses the tag', async () => {
    const refusal = Object.assign(ec2Error('TagLimitExceeded'), { $metadata: {} });
    const { why } = await mark(image, { createTags: () => Promise.reject(refusal) });
    expect(why).toBe('the image ami-1 cannot be tagged: TagLimitExceeded: TagLimitExceeded happened');
  });
});
