import { expect, test } from '@jest/globals';
import { offlineSource } from '../../src/plan/judge-revision.ts';

test('without EC2 a source image is what nodes.yaml says of it, and no two of them are the same', async () => {
  const query = { owners: ['136693071363'], mostRecent: true, includeDeprecated: false };
  const of = (filters: Record<string, string>) => offlineSource({ ...query, filters });
  expect(await of({ name: 'debian-12-*' })).toEqual({ id: 'debian-12-*:136693071363', name: 'debian-12-*' });
  expect(await offlineSource({ id: 'ami-1' })).toEqual({ id: 'ami-1', name: '' });
  const ids = [
    of({ name: 'a' }),
    of({ name: 'a', state: 'available' }),
    of({ name: 'a', state: 'b' }),
    of({}),
  ];
  expect(new Set((await Promise.all(ids)).map((one) => JSON.stringify(one))).size).toBe(4);
  expect(await of({ name: 'a', x: '1', b: '2' })).toEqual(await of({ b: '2', x: '1', name: 'a' }));
});
