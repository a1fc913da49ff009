import { describe, expect, test } from '@jest/globals';
import { read, write } from '../../../src/local-cloud/api/action.ts';
import { parseQuery } from '../../../src/local-cloud/api/query.ts';
import {
  blob,
  flag,
  group,
  integer,
  list,
  oneOf,
  required,
  text,
} from '../../../src/local-cloud/api/shapes.ts';

const echo = read(
  {
    Id: list(text),
    Name: required(text),
    Count: integer,
    On: flag,
    Data: blob,
    Kind: oneOf('a', 'b'),
    Spec: group({ Value: text }),
  },
  (parameters) => ({ json: JSON.stringify(parameters) }),
);
const ask = async (query: string) => {
  const { json } = (await echo.run(parseQuery(query), undefined)) as { json: string };
  return JSON.parse(json) as unknown;
};

describe('the parameters of an action', () => {
  test('are read by their shapes, and an empty one counts as absent', async () => {
    const query =
      'Action=E&Version=1&Name=n&Id.2=b&Id.10=c&Id.1=a&Count=3&On=True&Kind=&Spec.Value=v&Data=aGk=';
    expect(await ask(query)).toEqual({
      Id: ['a', 'b', 'c'],
      Name: 'n',
      Count: 3,
      On: true,
      Data: 'aGk=',
      Spec: { Value: 'v' },
    });
  });

  test.each([
    ['Id.1=a', 'MissingParameter', 'must contain the parameter Name'],
    ['Name=n&Count=three', 'InvalidParameterValue', 'Count'],
    ['Name=n&On=yes', 'InvalidParameterValue', 'On'],
    ['Name=n&Kind=c', 'InvalidParameterValue', 'Valid values: a, b'],
    ['Name=n&Data=%25', 'InvalidParameterValue', 'BASE64'],
    ['Name.1=n', 'InvalidParameterValue', 'single value'],
    ['Name=n&Id=a', 'InvalidParameterValue', 'Id.1 is its first item'],
    ['Name=n&Id.x=a', 'UnsupportedOperation', 'Id.x'],
    ['Name=n&Spec.Valve=v', 'UnsupportedOperation', 'Spec.Valve'],
    ['Name=n&Extra.1.Deep=v', 'UnsupportedOperation', 'Extra'],
  ])('%s is answered with %s', async (query, code, message) => {
    await expect(ask(query)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test('that are unknown but empty are let pass, since Go sends those', async () => {
    expect(await ask('Name=n&Extra.Deep.1=')).toEqual({ Id: [], Name: 'n' });
  });
});

test('a dry run of a write makes its checks and stops before its deed', async () => {
  const deeds: string[] = [];
  const action = write({ Name: required(text) }, ({ Name }) => {
    if (Name === 'bad') throw new Error('checked');
    return () => {
      deeds.push(Name);
      return { return: true };
    };
  });
  const call = (query: string) => action.run(parseQuery(query), undefined);
  await expect(call('Name=good&DryRun=true')).rejects.toMatchObject({ code: 'DryRunOperation', status: 412 });
  await expect(call('Name=bad&DryRun=true')).rejects.toThrow('checked');
  expect(deeds).toEqual([]);
  expect(await call('Name=good&DryRun=false')).toEqual({ return: true });
  expect(deeds).toEqual(['good']);
});
