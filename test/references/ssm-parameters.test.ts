import { describe, expect, test } from '@jest/globals';
import {
  parameterValues,
  resolveImages,
  findParameters,
  imagesIn,
} from '../../src/references/ssm-parameters.ts';
import { denied, paged, fakeCalls } from './fake-calls.ts';

/** GetParameters over these; what was asked is kept. */
function store(values: Record<string, string>) {
  const asked: string[][] = [];
  const getParameters = ({ Names = [] }: { Names: string[] | undefined }) => {
    asked.push(Names);
    const has = (name: string) => name in values;
    return Promise.resolve({
      Parameters: Names.filter(has).map((name) => ({ Name: name, Value: values[name] })),
      InvalidParameters: Names.filter((name) => !has(name)),
    });
  };
  return { asked, getParameters };
}

describe('the images in a text', () => {
  test.each([
    ['ami-0123456789abcdef0', ['ami-0123456789abcdef0']],
    ['ami-12345678,ami-87654321', ['ami-12345678', 'ami-87654321']],
    ['{"eu":"ami-12345678","us":{"x":"ami-12345678"}}', ['ami-12345678']],
    ['ami-1234567', []],
    ['AMI-12345678', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(imagesIn(text)).toEqual(expected);
  });
});

describe('parameters', () => {
  test('are read ten at a time, but none that is secure', async () => {
    const names = Array.from({ length: 23 }, (_, at) => `/app/${at}`);
    const describeParameters = paged('Parameters', [
      ...names.map((Name) => ({ Name, Type: Name.endsWith('1') ? 'StringList' : 'String' })),
      { Name: '/secret', Type: 'SecureString' },
    ]);
    const { asked, getParameters } = store({ '/app/0': 'ami-12345678', '/app/22': '["ami-87654321"]' });
    expect(await findParameters(fakeCalls({ describeParameters, getParameters }))).toEqual([
      { id: 'ami-12345678', kind: 'ssm-parameter', by: 'parameter /app/0' },
      { id: 'ami-87654321', kind: 'ssm-parameter', by: 'parameter /app/22' },
    ]);
    expect(asked.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(asked.flat()).not.toContain('/secret');
    expect(describeParameters.asked[0]).toEqual({ MaxResults: 50 });
  });

  test.each([
    ['ssm:DescribeParameters', { describeParameters: () => Promise.resolve({}) }],
    ['ssm:DescribeParameters', { describeParameters: paged('Parameters', [{ Name: '/a' }]) }],
    ['ssm:GetParameters', { getParameters: () => Promise.resolve({ InvalidParameters: [] }) }],
    ['ssm:GetParameters', { getParameters: () => Promise.resolve({ Parameters: [] }) }],
    ['ssm:GetParameters', { getParameters: () => Promise.resolve({ Parameters: [{ Name: '/a' }] }) }],
  ])('%s that answers malformed is named', async (action, over) => {
    const describeParameters = paged('Parameters', [{ Name: '/a', Type: 'String' }]);
    await expect(findParameters(fakeCalls({ describeParameters, ...over }))).rejects.toMatchObject({
      problem: 'malformed',
      message: expect.stringContaining(action),
    });
  });

  test.each(['ssm:DescribeParameters', 'ssm:GetParameters'])('a denied %s is not none', async (action) => {
    const describeParameters = paged('Parameters', [{ Name: '/a', Type: 'String' }]);
    const name = action === 'ssm:GetParameters' ? 'getParameters' : 'describeParameters';
    const over = { describeParameters, [name]: denied(action) };
    await expect(findParameters(fakeCalls(over))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(action),
    });
  });
});

describe('an image that is named by a parameter', () => {
  const arn = 'arn:aws:ssm:eu-west-1:444455556666:parameter/shared';
  const parameters = [
    { Name: '/web', Version: 5, Value: 'ami-55555555' },
    { Name: '/web', Selector: ':3', Version: 3, Value: 'ami-33333333' },
    { Name: '/web', Selector: ':good', Version: 4, Value: 'ami-44444444' },
    { Name: '/shared', ARN: arn, Value: 'ami-66666666' },
    { Name: arn, Selector: ':2', Value: 'ami-77777777' },
  ];
  test.each([
    ['/web', 'ami-55555555'],
    ['/web:3', 'ami-33333333'],
    ['/web:good', 'ami-44444444'],
    [arn, 'ami-66666666'],
    [`${arn}:2`, 'ami-77777777'],
  ])('%s', async (name, image) => {
    const values = await parameterValues([name], () => Promise.resolve({ Parameters: parameters }));
    expect([...values]).toEqual([[name, image]]);
  });

  test('is found with both named; one that does not exist launches nothing', async () => {
    const { asked, getParameters } = store({ '/web': 'ami-12345678' });
    const use = (id: string) => ({ id, kind: 'launch-template' as const, by: `user of ${id}` });
    const found = ['resolve:ssm:/web', 'resolve:ssm:/gone', 'ami-1'].map(use);
    expect(await resolveImages(found, getParameters)).toEqual([
      { ...use('resolve:ssm:/web'), id: 'ami-12345678', by: 'user of resolve:ssm:/web by parameter /web' },
      use('ami-1'),
    ]);
    expect(asked).toEqual([['/web', '/gone']]);
  });
});
