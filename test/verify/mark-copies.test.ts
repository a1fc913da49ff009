import { describe, expect, test } from '@jest/globals';
import type { Image } from '../../src/aws/images.ts';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { type CopyTags, markCopies } from '../../src/verify/mark-copies.ts';
import type { Mark } from '../../src/verify/mark-image.ts';
import { ec2Error, imageOfNode } from '../aws/fixtures.ts';

const judged = { id: 'ami-10000001', region: 'us-east-1', node: 'redis' };
const copy = imageOfNode('redis', {
  id: 'ami-20000001',
  name: 'redis-1767225600',
  copiedFrom: 'us-east-1/ami-10000001',
});
const denied = () => Promise.reject(new CloudError('denied', 'CreateTags was denied', undefined));

/** Marks the copies in these regions; what EC2 is asked there is written down. */
async function mark(how: Mark, regions: Record<string, { copies: readonly Image[]; over?: Partial<CopyTags> } | 'away'>) {
  const done: string[] = [];
  const others = Object.entries(regions).map(([region, found]) => ({
    region,
    connect: (): Promise<CopyTags> =>
      found === 'away' ? denied() : Promise.resolve({
        copiesTagged: (text) => (done.push(`${region} ${text}`), Promise.resolve([...found.copies])),
        createTags: (ids, tags) => Promise.resolve(done.push(`${region} +${tags.map(({ Key, Value }) => `${Key}=${Value}`).join()} ${ids.join()}`)),
        deleteTags: (ids, tags) => Promise.resolve(done.push(`${region} -${tags.map(({ Key }) => Key).join()} ${ids.join()}`)),
        ...found.over,
      }),
  })); // prettier-ignore
  const error = await markCopies(judged, how, others).then(() => undefined, (thrown: unknown) => thrown as Error);
  return { done, error };
} // prettier-ignore

describe('the copies of an image', () => {
  test.each<[Mark, string, string]>([
    ['verified', '-bakehouse:rejected', '+bakehouse:verified=true'],
    [{ rejected: 'it does not boot' }, '-bakehouse:verified', '+bakehouse:rejected=it does not boot'],
  ])('get the mark %j in every region, never both', async (how, first, second) => {
    const { done, error } = await mark(how, { 'eu-west-1': { copies: [copy] }, 'us-west-2': { copies: [] } });
    expect(error).toBeUndefined();
    expect(done.filter((line) => line.startsWith('eu-west-1'))).toEqual([
      'eu-west-1 us-east-1/ami-10000001',
      `eu-west-1 ${first} ami-20000001`,
      `eu-west-1 ${second} ami-20000001`,
    ]);
    expect(done.filter((line) => line.startsWith('us-west-2'))).toEqual(['us-west-2 us-east-1/ami-10000001']);
  });

  test.each<[string, Partial<Image>]>([
    ['of another node', { node: 'web' }],
    ['that EC2 says was made from another image', { sourceImageId: 'ami-99999999' }],
    ["that is somebody's backup", { notOurs: { kind: 'name', name: 'nightly', node: 'redis' } }],
  ])('are none %s', async (_, over) => {
    expect((await mark('verified', { 'eu-west-1': { copies: [{ ...copy, ...over }] } })).done).toHaveLength(
      1,
    );
  });

  test.each<[Mark, string]>([
    ['verified', 'the image ami-10000001 is verified, but not yet its copies in other regions (eu-west-1: CreateTags was denied): run verify again'],
    [{ rejected: 'no' }, 'the image ami-10000001 is rejected, but not yet its copies in other regions (eu-west-1: CreateTags was denied): run verify again, or promote --revoke takes it out of service'],
  ])('that cannot be marked as %j are said with exit code 4, once all other regions are done', async (how, message) => {
    for (const failing of ['away', { copies: [copy], over: { createTags: denied } }] as const) {
      const { done, error } = await mark(how, { 'eu-west-1': failing, 'us-west-2': { copies: [copy] } });
      expect(error).toMatchObject({ exitCode: 4, message });
      expect(done.filter((line) => line.startsWith('us-west-2'))).toHaveLength(3);
    }
  }); // prettier-ignore

  test('that EC2 refuses to tag are said, too; what is a bug of ours is thrown as it is', async () => {
    const full = Object.assign(ec2Error('TagLimitExceeded'), { $metadata: {} });
    const over = (thrown: Error) => ({ 'eu-west-1': { copies: [copy], over: { createTags: () => Promise.reject(thrown) } } });
    expect((await mark('verified', over(full))).error).toMatchObject({ exitCode: 4 });
    expect((await mark('verified', over(new TypeError('bug')))).error).toBeInstanceOf(TypeError);
  }); // prettier-ignore
});
