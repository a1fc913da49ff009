import { describe, expect, test } from '@jest/globals';
import { type DescribeImages, listImages } from '../../src/aws/images.ts';

/** A call that answers one page after the other, and keeps what it was asked. */
function pages<Q>(answers: object[]) {
  const asked: Q[] = [];
  const describePage = (query: Q & { NextToken?: string }) => {
    asked.push(query);
    const at = Number(query.NextToken ?? 0);
    return Promise.resolve({
      ...answers[at],
      ...(at + 1 < answers.length && { NextToken: String(at + 1) }),
    });
  };
  return { asked, describePage };
}

const node = (Value: string) => ({ Key: 'bakehouse:node', Value });

describe('the list of images', () => {
  test('goes on after a page without images, and asks for all of our own', async () => {
    const image = { ImageId: 'ami-1', Tags: [node('redis')] };
    const { asked, describePage } = pages<Parameters<DescribeImages>[0]>([
      { Images: [] },
      { Images: [] },
      { Images: [image] },
    ]);
    expect((await listImages(describePage)).map(({ id }) => id)).toEqual(['ami-1']);
    expect(asked).toHaveLength(3);
    expect(asked[2]).toEqual({
      Owners: ['self'],
      IncludeDisabled: true,
      MaxResults: 500,
      NextToken: '2',
    });
  });

  test('takes the node from the tag, whatever the name says', async () => {
    const [image] = await listImages(() =>
      Promise.resolve({
        Images: [
          {
            ImageId: 'ami-1',
            Name: 'web-db-1767323045',
            State: 'available',
            CreationDate: '2026-01-02T03:04:05.000Z',
            Tags: [
              node('web'),
              { Key: 'bakehouse:verified', Value: 'true' },
              { Key: 'bakehouse:run', Value: 'run-1' },
            ],
            BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }, { VirtualName: 'ephemeral0' }],
          },
        ],
      }),
    );
    expect(image).toMatchObject({
      id: 'ami-1',
      node: 'web',
      name: 'web-db-1767323045',
      notOurs: { kind: 'name', node: 'web' },
      bakedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      createdMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      state: 'available',
      verified: true,
      rejected: false,
      run: 'run-1',
      snapshotIds: ['snap-1'],
    });
  });

  test('counts an image once that stands on two pages', async () => {
    const page = { Images: [{ ImageId: 'ami-1', Tags: [node('redis')] }] };
    const { describePage } = pages<Parameters<DescribeImages>[0]>([page, page]);
    expect(await listImages(describePage)).toHaveLength(1);
  });

  test.each([
    ['yes', false],
    ['True', false],
    ['true', true],
  ])('takes an image for verified by the tag: %s', async (Value, verified) => {
    const Tags = [node('redis'), { Key: 'bakehouse:verified', Value }];
    const images = await listImages(() => Promise.resolve({ Images: [{ ImageId: 'ami-1', Tags }] }));
    expect(images).toMatchObject([{ verified }]);
  });

  test.each([undefined, '', 'yesterday'])('has no date for an image created %j', async (CreationDate) => {
    const image = {
      ImageId: 'ami-1',
      ...(CreationDate !== undefined && { CreationDate }),
      Tags: [node('redis')],
    };
    expect(await listImages(() => Promise.resolve({ Images: [image] }))).toMatchObject([
      { createdMs: undefined },
    ]);
  });
});

describe('an image', () => {
  const one = async (image: object) =>
    (await listImages(() => Promise.resolve({ Images: [{ ImageId: 'ami-1', ...image }] })))[0];

  test.each([
    [undefined, undefined],
    ['disabled', undefined],
    ['enabled-without-cooldown', 'enabled-without-cooldown'],
    ['disabled after 2026-01-03T00:00:00Z', 'disabled after 2026-01-03T00:00:00Z'],
  ])('whose deregistration protection is %s', async (said, protection) => {
    expect(await one({ DeregistrationProtection: said })).toMatchObject({ protection });
  });

  test('bears the tags of a person and of cleanup', async () => {
    const Tags = [
      { Key: 'bakehouse:keep', Value: '' },
      { Key: 'bakehouse:delete-after', Value: '2026-01-03T00:00:00.000Z' },
      { Key: 'bakehouse:source-ami', Value: 'ami-0' },
      { Key: 'bakehouse:digest', Value: 'd' },
      { Key: 'bakehouse:inputs', Value: 'catalog=c' },
      { Key: 'bakehouse:commit', Value: 'c0ffee' },
    ];
    const deleteAfterMs = Date.UTC(2026, 0, 3);
    expect(await one({ Tags })).toMatchObject({ keepTag: true, deleteAfterMs, sourceAmi: 'ami-0', node: '' });
    expect(await one({ Tags })).toMatchObject({ digest: 'd', inputs: 'catalog=c', commit: 'c0ffee' });
    expect(await one({ Tags: [] })).toMatchObject({ digest: undefined, inputs: undefined, commit: undefined });
    expect(await one({ Tags: [{ Key: 'bakehouse:delete-after', Value: 'soon' }] })).toMatchObject({ deleteAfterMs: NaN });
  }); // prettier-ignore
});

test('an image without an id is no image of the list', async () => {
  await expect(listImages(() => Promise.resolve({ Images: [{ Name: 'web' }] }))).rejects.toMatchObject({ exitCode: 4, problem: 'malformed' });
}); // prettier-ignore

test('a copy within the region, and an image of a server, are known by the other images', async () => {
  const tags = [node('web'), { Key: 'bakehouse:source-ami', Value: 'ami-0' }];
  const baked = { ImageId: 'ami-1', Name: 'web-1767323045', Tags: tags, SourceInstanceId: 'i-1', SourceImageId: 'ami-0' };
  const copy = { ...baked, ImageId: 'ami-2', Name: 'web-1767323046', SourceInstanceId: undefined, SourceImageId: 'ami-1' };
  const backup = { ...baked, ImageId: 'ami-3', Name: 'web-1767323047', SourceInstanceId: 'i-2', SourceImageId: 'ami-1' };
  const images = await listImages(() => Promise.resolve({ Images: [copy, backup, baked] }));
  expect(images.map(({ notOurs }) => notOurs)).toEqual([{ kind: 'copy', of: 'ami-1' }, { kind: 'of-server', launchedFrom: 'ami-1' }, undefined]);
}); // prettier-ignore

test('an answer without a list is no empty list', async () => {
  await expect(listImages(() => Promise.resolve({}))).rejects.toMatchObject({ exitCode: 4, problem: 'malformed' });
}); // prettier-ignore
