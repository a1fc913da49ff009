import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  paginateDescribeParameters,
  paginateGetParameterHistory,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { imageId, startApi, type ApiUnderTest } from '../services-under-test.ts';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const put = (Name: string, Value = 'v', more: Partial<PutParameterCommandInput> = {}) =>
  api.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const get = (Name: string) => api.ssm.send(new GetParameterCommand({ Name }));

describe('a parameter', () => {
  test('keeps its older values, each under its version', async () => {
    expect(await put('/v/one', 'first', { Description: 'd' })).toMatchObject({
      Version: 1,
      Tier: 'Standard',
    });
    await expect(put('/v/one', 'second')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put('/v/one', 'second', { Overwrite: true, Type: undefined })).toMatchObject({ Version: 2 });
    const ARN = 'arn:aws:ssm:us-east-1:123456789012:parameter/v/one';
    const common = { Name: '/v/one', Type: 'String', DataType: 'text', ARN };
    expect((await get('/v/one')).Parameter).toMatchObject({ ...common, Value: 'second', Version: 2 });
    expect((await get('/v/one:1')).Parameter).toMatchObject({ Value: 'first', Version: 1, Selector: ':1' });
    expect((await get(ARN)).Parameter).toMatchObject({ Value: 'second', LastModifiedDate: expect.any(Date) });
    await expect(get('/v/one:3')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    await expect(get('/v/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('of an image names one that exists', async () => {
    const DataType = 'aws:ec2:image';
    await put('/image/good', imageId, { DataType });
    expect((await get('/image/good')).Parameter).toMatchObject({ Value: imageId, DataType });
    await expect(put('/image/bad', 'ami-0fffffffffffffff0', { DataType })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(put('/image/list', imageId, { DataType, Type: 'StringList' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(api.store.state.parameters?.['/image/good']).toMatchObject({ value: imageId, version: 1 });
  });

  test('of an image is another in each region, where its own images are', async () => {
    const { ssm } = api.inRegion('us-west-2');
    const command = {
      Name: '/image/good',
      Value: imageId,
      Type: 'String',
      DataType: 'aws:ec2:image',
    } as const;
    await expect(ssm.send(new PutParameterCommand(command))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('tells its history, the oldest version first', async () => {
    for (const value of ['1', '2', '3', '4', '5']) await put('/v/told', value, { Overwrite: true });
    const pages: (string | undefined)[][] = [];
    const paginate = paginateGetParameterHistory({ client: api.ssm, pageSize: 2 }, { Name: '/v/told' });
    for await (const { Parameters = [] } of paginate) pages.push(Parameters.map(({ Value }) => Value));
    expect(pages).toEqual([['1', '2'], ['3', '4'], ['5']]);
    const history = (Name: string) => api.ssm.send(new GetParameterHistoryCommand({ Name }));
    expect((await history('/v/told')).Parameters?.[4]).toMatchObject({
      Name: '/v/told',
      Version: 5,
      Type: 'String',
      DataType: 'text',
      Tier: 'Standard',
      LastModifiedDate: expect.any(Date),
      Labels: [],
    });
    for (const name of ['/v/none', '/v/told:1'])
      await expect(history(name)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('keeps 100 versions, and never an older one', async () => {
    for (let number = 1; number <= 102; number++) await put('/v/many', String(number), { Overwrite: true });
    expect((await get('/v/many')).Parameter?.Version).toBe(102);
    expect((await get('/v/many:3')).Parameter?.Value).toBe('3');
    await expect(get('/v/many:2')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  });

  test.each<[string, Partial<PutParameterCommandInput> & { Name: string }, string]>([
    ['a secret', { Name: '/n', Type: 'SecureString' }, 'UnsupportedOperation'],
    ['no type', { Name: '/n', Type: undefined }, 'ValidationException'],
    ['another type', { Name: '/v/one', Type: 'StringList', Overwrite: true }, 'HierarchyTypeMismatch'],
    ['a name with a blank', { Name: 'a b' }, 'ValidationException'],
    ['a slash but not first', { Name: 'a/b' }, 'ValidationException'],
    ['a name of AWS', { Name: '/aws/x' }, 'ValidationException'],
    ['a value that is too long', { Name: '/n', Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['what is not known here', { Name: '/n', Policies: 'p' }, 'UnsupportedOperation'],
  ])('is refused with %s', async (_, { Name, ...more }, name) => {
    await expect(put(Name, 'v', more)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  test('that is deleted is gone', async () => {
    await put('/v/short');
    await api.ssm.send(new DeleteParameterCommand({ Name: '/v/short' }));
    await expect(get('/v/short')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(api.ssm.send(new DeleteParameterCommand({ Name: '/v/short' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

test('several parameters are deleted in one call, and those that are not there are named', async () => {
  for (const name of ['/gone/a', '/gone/b']) await put(name);
  const answer = await api.ssm.send(
    new DeleteParametersCommand({ Names: ['/gone/a', '/gone/none', '/gone/b', '/gone/a'] }),
  );
  expect(answer).toMatchObject({
    DeletedParameters: ['/gone/a', '/gone/b'],
    InvalidParameters: ['/gone/none'],
  });
  await expect(get('/gone/a')).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

describe('many parameters', () => {
  beforeAll(async () => {
    for (const name of ['a', 'b', 'sub/c']) await put(`/tree/${name}`);
    await put('/treehouse');
  });

  test('are answered by name, with those that are not there', async () => {
    const { Parameters, InvalidParameters } = await api.ssm.send(
      new GetParametersCommand({ Names: ['/tree/a', '/tree/b:1', '/tree/b:9', '/none'] }),
    );
    expect(Parameters?.map(({ Name, Selector }) => [Name, Selector])).toEqual([
      ['/tree/a', undefined],
      ['/tree/b', ':1'],
    ]);
    expect(InvalidParameters).toEqual(['/tree/b:9', '/none']);
    const Names = Array.from({ length: 11 }, (_, index) => `/tree/${index}`);
    await expect(api.ssm.send(new GetParametersCommand({ Names }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('are answered by their path, and not by half a name', async () => {
    const below = async (Path: string, Recursive: boolean) => {
      const answer = await api.ssm.send(new GetParametersByPathCommand({ Path, Recursive }));
      return answer.Parameters?.map(({ Name }) => Name);
    };
    expect(await below('/tree', false)).toEqual(['/tree/a', '/tree/b']);
    expect(await below('/tree/', true)).toEqual(['/tree/a', '/tree/b', '/tree/sub/c']);
    await expect(below('tree', true)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      api.ssm.send(new GetParametersByPathCommand({ Path: '/', MaxResults: 11 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('are described page by page, without their values, and by filters', async () => {
    const ParameterFilters = [{ Key: 'Name', Option: 'BeginsWith', Values: ['/tree'] }];
    const pages: (string | undefined)[][] = [];
    const paginate = paginateDescribeParameters({ client: api.ssm, pageSize: 2 }, { ParameterFilters });
    for await (const { Parameters = [] } of paginate) pages.push(Parameters.map(({ Name }) => Name));
    expect(pages).toEqual([
      ['/tree/a', '/tree/b'],
      ['/tree/sub/c', '/treehouse'],
    ]);
    const images = await api.ssm.send(
      new DescribeParametersCommand({ ParameterFilters: [{ Key: 'DataType', Values: ['aws:ec2:image'] }] }),
    );
    expect(images.Parameters).toMatchObject([{ Name: '/image/good', Version: 1, DataType: 'aws:ec2:image' }]);
    expect(images.Parameters?.[0]).not.toHaveProperty('Value');
    await expect(api.ssm.send(new DescribeParametersCommand({ MaxResults: 51 }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(
      api.ssm.send(new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Label', Values: ['x'] }] })),
    ).rejects.toMatchObject({ message: expect.stringContaining('Label') });
  });
});
