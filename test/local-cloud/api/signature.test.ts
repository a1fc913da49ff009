import { expect, test } from '@jest/globals';
import { readCredential, verifySignature } from '../../../src/local-cloud/api/signature.ts';

// AWS's own example (get-vanilla-query-order-key-case of its test suite for version 4).
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const request = {
  method: 'GET',
  url: '/?Param2=value2&Param1=value1',
  headers: { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' },
  body: Buffer.alloc(0),
};
const header =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500';

test("takes the signature of AWS's own example", () => {
  const credential = readCredential(header);
  expect(credential).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1', service: 'service' });
  expect(() => {
    verifySignature(request, credential, secret);
  }).not.toThrow();
});

test.each([
  ['another secret', request, 'other'],
  ['another body', { ...request, body: Buffer.from('x') }, secret],
  ['another query', { ...request, url: '/?Param2=value2' }, secret],
  ['another date', { ...request, headers: { ...request.headers, 'x-amz-date': '20150830T123601Z' } }, secret],
])('refuses it for %s', (_, changed, key) => {
  expect(() => {
    verifySignature(changed, readCredential(header), key);
  }).toThrow(expect.objectContaining({ code: 'SignatureDoesNotMatch', status: 403 }));
});

test.each([
  [undefined, 'MissingAuthenticationToken'],
  ['', 'MissingAuthenticationToken'],
  ['Bearer x', 'IncompleteSignature'],
  [header.replace('/service/', '/'), 'IncompleteSignature'],
])('answers the header %j with %s', (value, code) => {
  expect(() => readCredential(value)).toThrow(expect.objectContaining({ code }));
});
