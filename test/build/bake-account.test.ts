import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { bakeAccount } from '../../src/build/bake-account.ts';
import { ec2Error } from '../aws/fixtures.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bake key '));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const until = new Date('2026-01-02T03:04:05Z');
const bake = { node: 'redis', run: 'run-1' };

interface Import {
  PublicKeyMaterial: Buffer;
}

test("a bake's key pair bears the run's tags as it is made, and only we may read its private key", async () => {
  const sent: Import[] = [];
  const ec2 = { send: ({ input }: { input: Import }) => Promise.resolve(sent.push(input)) };
  const file = join(folder, 'key.pem');
  expect(await bakeAccount(ec2 as unknown as EC2Client).importKey(bake, file, until)).toBe(
    'bakehouse-redis-run-1',
  );
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(sent).toMatchObject([
    {
      KeyName: 'bakehouse-redis-run-1',
      TagSpecifications: [
        {
          ResourceType: 'key-pair',
          Tags: [
            { Key: 'bakehouse:node', Value: 'redis' },
            { Key: 'bakehouse:run', Value: 'run-1' },
            { Key: 'bakehouse:until', Value: '2026-01-02T03:04:05.000Z' },
          ],
        },
      ],
    },
  ]);
  // The two halves belong together: the last 32 bytes of either form are the same point.
  const [type, blob = ''] = sent[0]?.PublicKeyMaterial.toString().split(' ') ?? [];
  const own = createPublicKey(createPrivateKey(readFileSync(file))).export({ type: 'spki', format: 'der' });
  expect(type).toBe('ssh-ed25519');
  expect(Buffer.from(blob, 'base64').subarray(-32)).toEqual(own.subarray(-32));
});

test('a key pair of that name ends the bake: another build may use it, or somebody must delete it', async () => {
  const ec2 = { send: () => Promise.reject(ec2Error('InvalidKeyPair.Duplicate')) };
  const made = bakeAccount(ec2 as unknown as EC2Client).importKey(bake, join(folder, 'key.pem'), until);
  await expect(made).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('bakehouse-redis-run-1'),
  });
});
