import { describe, expect, test } from '@jest/globals';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import { type DescribeSources, sourceFinder, type WantedSource } from '../../src/aws/source-image.ts';

const order = {
  owners: ['self'],
  filters: { name: 'x-*', state: 'available' },
  mostRecent: true,
  includeDeprecated: false,
};
const image = (ImageId: string, CreationDate?: string, over = {}) => ({
  ...{ ImageId, Name: `name of ${ImageId}`, State: 'available', ...over },
  ...(CreationDate === undefined ? {} : { CreationDate }),
}); // prettier-ignore

/** EC2 with these pages. */
function ec2(...pages: object[][]) {
  const asked: Parameters<DescribeSources>[0][] = [];
  const describe: DescribeSources = (query) => {
    asked.push(query);
    const at = Number(query.NextToken ?? 0);
    return Promise.resolve({
      Images: pages[at] ?? [],
      ...(at + 1 < pages.length && { NextToken: String(at + 1) }),
    });
  };
  return { asked, find: sourceFinder(describe) };
}
const found = async (wanted: WantedSource, ...pages: object[][]) => ec2(...pages).find(wanted);

describe('the source image', () => {
  test('is the newest of all pages, with its name', async () => {
    const pages = [[], [image('a', '2026-01-02T00:00:00.000Z')], [image('b', '2026-01-03T00:00:00.000Z'), image('c', '2025-12-31T23:00:00.000Z')]];
    expect(await found(order, ...pages)).toEqual({ id: 'b', name: 'name of b' });
  }); // prettier-ignore

  test.each<[string, object[], string]>([
    ['of the same second: always the same', [image('a', '2026-01-02T00:00:00.900Z'), image('b', '2026-01-02T00:00:00.100Z')], 'b'],
    ['one without a date, as the oldest', [image('z'), image('a', '2026-01-02T00:00:00.000Z')], 'a'],
    ['two pages with the same one', [image('a', '2026-01-02T00:00:00.000Z'), image('a', '2026-01-02T00:00:00.000Z')], 'a'],
  ])('among %s', async (_, images, id) => {
    expect(await found(order, images)).toMatchObject({ id });
    expect(await found(order, images.toReversed())).toMatchObject({ id });
  }); // prettier-ignore

  test('is asked for once, however many nodes want it, and in the words of the pack', async () => {
    const { asked, find } = ec2([image('a')]);
    await Promise.all([find(order), find({ ...order }), find({ ...order, includeDeprecated: true }), find({ id: 'ami-1' })]);
    const Filters = [{ Name: 'name', Values: ['x-*'] }, { Name: 'state', Values: ['available'] }];
    expect(asked).toEqual([
      { Owners: ['self'], Filters, MaxResults: 500 },
      { Owners: ['self'], Filters, IncludeDeprecated: true, MaxResults: 500 },
      { ImageIds: ['ami-1'] },
    ]);
  }); // prettier-ignore

  const rejected = { Tags: [{ Key: 'bakehouse:rejected', Value: 'no' }] };
  const [old, bad, worse] = [
    image('a', '2026-01-01T00:00:00.000Z'),
    image('b', '2026-01-02T00:00:00.000Z', rejected),
    image('c', '2026-01-03T00:00:00.000Z', rejected),
  ];
  test('is none that verify has rejected, and says which Packer would have taken', async () => {
    expect(await found(order, [worse, old, bad])).toEqual({
      id: 'a',
      name: 'name of a',
      passedOver: ['c', 'b'],
    });
    const newest = image('d', '2026-01-04T00:00:00.000Z');
    expect(await found(order, [bad, newest])).toEqual({ id: 'd', name: 'name of d' });
    expect(await found({ ...order, mostRecent: false }, [bad, newest])).toMatchObject({
      id: 'd',
      passedOver: ['b'],
    });
    expect(await found(order, [bad])).toEqual({
      why: expect.stringContaining('but b, which verify has rejected'),
    });
  });

  test('may be one that verify has rejected where its id is given', async () => {
    expect(await found({ id: 'b' }, [bad])).toEqual({ id: 'b', name: 'name of b' });
  });

  const gone = image('r', '2026-01-04T00:00:00.000Z', {
    Tags: [{ Key: 'bakehouse:revoked', Value: 'CVE-2026-1' }],
  });
  test('is never a revoked one: a filter passes it over, its id is refused', async () => {
    expect(await found(order, [gone, old])).toEqual({ id: 'a', name: 'name of a', passedOver: ['r'] });
    expect(await found({ id: 'r' }, [gone])).toEqual({
      why: 'the source image r was revoked (CVE-2026-1): correct `source_ami` in nodes.yaml',
    });
    expect(await found({ ...order, id: 'r' }, [gone])).toEqual({ why: expect.stringContaining('r was revoked (CVE-2026-1)') });
    expect(await found(order, [gone, bad])).toEqual({
      why: expect.stringContaining('but r, which was revoked, b, which verify has rejected, of owner self'),
    });
  }); // prettier-ignore

  test('by an id and a filter fits both', async () => {
    const { asked, find } = ec2([old]);
    expect(await find({ ...order, id: 'a' })).toMatchObject({ id: 'a' });
    expect(asked).toEqual([{ ImageIds: ['a'], Owners: ['self'], Filters: expect.any(Array) }]);
  });

  test.each<[string, WantedSource, object[], string]>([
    ['no match', order, [], "no source image of owner self named 'x-*' (state available): correct `source_ami` in nodes.yaml"],
    ['no such id', { id: 'ami-1' }, [], 'no source image ami-1 in this region: correct `source_ami`'],
    ['several where one is wanted', { ...order, mostRecent: false }, [image('a'), image('b')], 'there must be one source image, not 2, of owner self'],
    ['one that is not ready', { id: 'ami-1' }, [image('ami-1', undefined, { State: 'pending' })], 'ami-1 is pending, not available'],
  ])('may not be there: %s', async (_, wanted, images, why) => {
    expect(await found(wanted, images)).toEqual({ why: expect.stringContaining(why) });
  }); // prettier-ignore

  const failing = (error: Error) => sourceFinder(() => Promise.reject(error))(order);
  const answer = (name: string) => Object.assign(new Error('it says no'), { name, $metadata: {} });

  test('that EC2 refuses to look for is that one node\'s failure', async () => {
    expect(await failing(answer('InvalidAMIID.NotFound'))).toEqual({ why: expect.stringContaining('there is no source image') });
    expect(await failing(answer('InvalidParameterValue'))).toEqual({ why: expect.stringContaining('(InvalidParameterValue: it says no)') });
  }); // prettier-ignore

  test('is not known without the cloud, or by an answer that cannot be read', async () => {
    await expect(failing(new CloudError('denied', 'denied', undefined))).rejects.toMatchObject({
      exitCode: 4,
    });
    await expect(sourceFinder(() => Promise.resolve({}))(order)).rejects.toMatchObject({ exitCode: 4 });
    await expect(failing(new Error('a bug'))).rejects.toThrow('a bug');
  });
});
