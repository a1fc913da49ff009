import { describe, expect, test } from '@jest/globals';
import { type DescribeImages, listImages } from '../../src/images/list-images.ts';
import { type DescribeInstances, findReferences } from '../../src/images/references.ts';

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
  test('goes on after a page without images, and asks for our own tagged ones only', async () => {
    const image = { ImageId: 'ami-1', Tags: [node('redis')] };
    const { asked, describePage } = pages<Parameters<DescribeImages>[0]>([
      {},
      { Images: [] },
      { Images: [image] },
    ]);
    expect((await listImages(describePage)).map(({ id }) => id)).toEqual(['ami-1']);
    expect(asked).toHaveLength(3);
    expect(asked[2]).toEqual({
      Owners: ['self'],
      Filters: [{ Name: 'tag-key', Values: ['bakehouse:node'] }],
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
    expect(image).toEqual({
      id: 'ami-1',
      node: 'web',
      name: 'web-db-1767323045',
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

describe('the references', () => {
  const instance = (ImageId: string, InstanceId: string, Name?: string) => ({
    ImageId,
    InstanceId,
    ...(Name !== undefined && { State: { Name } }),
  });

  test('are the instances of every page, in every state but terminated', async () => {
    const { asked, describePage } = pages<Parameters<DescribeInstances>[0]>([
      {
        Reservations: [
          { Instances: [instance('ami-1', 'i-1', 'running'), instance('ami-1', 'i-2', 'stopped')] },
        ],
      },
      {},
      {
        Reservations: [{}, { Instances: [instance('ami-2', 'i-3', 'terminated'), instance('ami-3', 'i-4')] }],
      },
    ]);
    expect([...(await findReferences(describePage))]).toEqual([
      ['ami-1', ['instance i-1 (running)', 'instance i-2 (stopped)']],
      ['ami-3', ['instance i-4 (unknown)']],
    ]);
    expect(asked[0]).toEqual({ MaxResults: 500 });
  });

  test('can be asked for one image', async () => {
    const { asked, describePage } = pages<Parameters<DescribeInstances>[0]>([{}]);
    await findReferences(describePage, 'ami-1');
    expect(asked).toEqual([{ Filters: [{ Name: 'image-id', Values: ['ami-1'] }], MaxResults: 500 }]);
  });
});
