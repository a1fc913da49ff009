import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cleanupAccount } from '../../src/cleanup/cleanup-account.ts';
import { awsServer, ec2Answer, queryAnswer } from '../aws/aws-server.ts';

/** What EC2 answers every call with. */
let inner = '';
let close: () => void = () => undefined;
const options = { ignore: new Set<never>(), allTemplateVersions: false, accounts: new Map() };
let account: Awaited<ReturnType<typeof cleanupAccount>>;
beforeAll(async () => {
  const identity = queryAnswer('GetCallerIdentity', '<Account>123456789012</Account>');
  const server = await awsServer((action) => ({
    status: 200,
    body: action === 'GetCallerIdentity' ? identity : ec2Answer(action, inner),
  }));
  close = server.close;
  account = await cleanupAccount(options, () => undefined);
});
afterAll(() => {
  close();
});
const malformed = { exitCode: 4, problem: 'malformed' };

test.each(['', '<imagesSet><item><name>web</name></item></imagesSet>'])(
  'an answer about an image that cannot be read is no image that is gone: %j',
  async (answer) => {
    inner = answer;
    await expect(account.image('ami-1')).rejects.toMatchObject(malformed);
    await expect(account.imagesOfNode('web')).rejects.toMatchObject(malformed);
  },
);

test.each(['', '<snapshotSet><item><status>completed</status></item></snapshotSet>'])(
  'an answer about a snapshot that cannot be read is no snapshot that is gone: %j',
  async (answer) => {
    inner = answer;
    await expect(account.snapshot('snap-1')).rejects.toMatchObject(malformed);
  },
);
