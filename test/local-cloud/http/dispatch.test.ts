import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { read, write } from '../../../src/local-cloud/api/action.ts';
import { flag, list, text } from '../../../src/local-cloud/api/shapes.ts';
import type { Cloud } from '../../../src/local-cloud/cloud.ts';
import { makeDispatch, type Call } from '../../../src/local-cloud/http/dispatch.ts';
import { forEachRegion } from '../../../src/local-cloud/region.ts';
import { firstAccount } from '../../../src/local-cloud/state/first-account.ts';

const state = firstAccount();
const [full, readonly] = state.account.keys;

function setUp() {
  const warnings: string[] = [];
  const calls: Call[] = [];
  let deeds = 0;
  const dispatch = makeDispatch({
    registry: {
      ec2: {
        Look: read({}, () => ({ a: '<' })),
        Break: read({}, () => {
          throw new TypeError('a bug');
        }),
        Do: write({ ClientToken: text, Name: text }, () => () => ({ deeds: ++deeds })),
        Slow: write({}, () => async () => {
          const before = deeds;
          await new Promise((resolve) => setTimeout(resolve, 20));
          deeds = before + 1;
          return { deeds };
        }),
      },
      sts: { Who: read({}, () => ({ Arn: 'me' })) },
      autoscaling: { List: read({ Names: list(text) }, ({ Names }) => ({ Names, When: new Date(0) })) },
      ssm: { List: read({ Names: list(text), On: flag }, ({ Names }) => ({ Names, When: new Date(1500) })) },
      s3: {},
    },
    clouds: forEachRegion(() => ({ store: { state } }) as unknown as Cloud),
    watch: (call) => calls.push(call),
    warn: (line) => warnings.push(line),
  });
  return { dispatch, warnings, calls };
}

/** A request that is signed as SDKs do it. */
function signed(body: string, key = full, service = 'ec2', type = 'application/x-www-form-urlencoded') {
  const hash = (data: string) => createHash('sha256').update(data).digest('hex');
  const scope = `20240101/us-east-1/${service}/aws4_request`;
  const canonical = [
    'POST',
    '/',
    '',
    'host:h',
    'x-amz-date:20240101T000000Z',
    '',
    'host;x-amz-date',
    hash(body),
  ];
  const toSign = ['AWS4-HMAC-SHA256', '20240101T000000Z', scope, hash(canonical.join('\n'))].join('\n');
  const secret = scope
    .split('/')
    .reduce<string | Buffer>(
      (from, part) => createHmac('sha256', from).update(part).digest(),
      `AWS4${key?.secret ?? ''}`,
    );
  const signature = createHmac('sha256', secret).update(toSign).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${key?.id ?? ''}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  return {
    method: 'POST',
    url: '/',
    headers: { host: 'h', 'x-amz-date': '20240101T000000Z', authorization, 'content-type': type },
    body: Buffer.from(body),
  };
}

describe('a call', () => {
  test('is answered in the form of the service that it is signed for', async () => {
    const { dispatch } = setUp();
    const ec2 = await dispatch(signed('Action=Look&Version=2016-11-15'));
    expect(ec2.status).toBe(200);
    expect(ec2.body).toMatch(
      /<LookResponse xmlns="http:\/\/ec2\.amazonaws\.com\/doc\/2016-11-15\/"><requestId>[0-9a-f-]{36}<\/requestId><a>&#60;<\/a><\/LookResponse>$/,
    );
    const sts = await dispatch(signed('Action=Who', full, 'sts'));
    expect(sts.body).toContain('<WhoResult><Arn>me</Arn></WhoResult><ResponseMetadata>');
    const wrong = await dispatch(signed('Action=Look', full, 'sts'));
    expect(wrong.body).toContain('<ErrorResponse');
    expect(wrong.body).toContain('<Code>InvalidAction</Code>');
  });

  test('that hits a bug is answered with 500, and its stack is told to whoever runs the cloud', async () => {
    const { dispatch, warnings, calls } = setUp();
    expect(await dispatch(signed('Action=Break'))).toMatchObject({ status: 500 });
    expect(warnings).toEqual([expect.stringMatching(/^Break: TypeError: a bug\n {4}at /)]);
    expect(calls).toMatchObject([{ action: 'Break', status: 500, code: 'InternalError' }]);
  });

  test('of the read-only key may look, and not even dry-run a write', async () => {
    const { dispatch } = setUp();
    expect((await dispatch(signed('Action=Look', readonly))).status).toBe(200);
    const refused = await dispatch(signed('Action=Do&DryRun=true', readonly));
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('<Code>UnauthorizedOperation</Code>');
  });

  test.each([
    ['Version=1', 'MissingAction'],
    ['Action=toString', 'InvalidAction'],
    ['Action=Look&Nmae=x', 'UnsupportedOperation'],
    ['Action=Look&Action=Do', 'MalformedQueryString'],
  ])('%s is answered with %s', async (body, code) => {
    const answer = await setUp().dispatch(signed(body));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
  });

  test('in another form than a form is refused', async () => {
    const answer = await setUp().dispatch(signed('{}', full, 'ec2', 'application/json'));
    expect(answer.body).toContain('is not application/x-www-form-urlencoded');
  });

  test('with a client token is done once, and a token is for one thing only', async () => {
    const { dispatch } = setUp();
    const ask = async (query: string) => (await dispatch(signed(query))).body;
    expect(await ask('Action=Do&ClientToken=t')).toContain('<deeds>1</deeds>');
    expect(await ask('Action=Do&ClientToken=t')).toContain('<deeds>1</deeds>');
    expect(await ask('Action=Do&ClientToken=t&Name=x')).toContain('IdempotentParameterMismatch');
    expect(await ask('Action=Do&ClientToken=u')).toContain('<deeds>2</deeds>');
  });

  test('that writes runs alone', async () => {
    const { dispatch } = setUp();
    const answers = await Promise.all([1, 2, 3].map(() => dispatch(signed('Action=Slow'))));
    expect(answers.map(({ body }) => /<deeds>(\d)/.exec(String(body))?.[1])).toEqual(['1', '2', '3']);
  });
});
