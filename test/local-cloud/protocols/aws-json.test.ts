import { describe, expect, test } from '@jest/globals';
import { group, list, text, flag, integer } from '../../../src/local-cloud/api/shapes.ts';
import { awsJson } from '../../../src/local-cloud/protocols/aws-json.ts';

const json = awsJson('AmazonSSM');
const request = (body: string, target = 'AmazonSSM.Do', type = 'application/x-amz-json-1.1') => ({
  method: 'POST',
  url: '/',
  headers: { 'content-type': type, 'x-amz-target': target },
  body: Buffer.from(body),
});

describe('awsJson', () => {
  test('is read by the same shapes as a form', () => {
    const { action, parameters } = json.read(
      request('{"Names":["a","b"],"On":true,"Count":3,"Spec":{"Keys":[{"Key":"k"}]},"Gone":null}'),
    );
    const fields = { Names: list(text), On: flag, Count: integer };
    const Spec = group({ Keys: list(group({ Key: text })) });
    expect([action, group({ ...fields, Spec })(parameters, '')]).toEqual([
      'Do',
      { Names: ['a', 'b'], On: true, Count: 3, Spec: { Keys: [{ Key: 'k' }] } },
    ]);
  });

  test.each([
    ['{', undefined, 'SerializationException'],
    ['[]', undefined, 'SerializationException'],
    ['"x"', undefined, 'SerializationException'],
    ['{}', 'AmazonEC2.Do', 'UnknownOperationException'],
    ['{"DryRun":true}', undefined, 'UnsupportedOperation'],
  ])('refuses %s for %s with %s', (body, target, code) => {
    expect(() => json.read(request(body, target))).toThrow(expect.objectContaining({ code }));
  });

  test('answers times as seconds, and leaves out what is undefined', () => {
    const { body, headers } = json.success('Do', { When: new Date(1500), No: undefined, L: ['<'] }, 'id');
    expect([body, headers]).toEqual([
      '{"When":1.5,"L":["<"]}',
      { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'id' },
    ]);
  });
});
