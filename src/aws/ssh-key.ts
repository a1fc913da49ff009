import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCode, StageError } from '../lib/errors.ts';

/** A key pair for ssh, both halves as OpenSSH writes them. */
interface SshKey {
  publicKey: string;
  privateKey: string;
}

const kind = 'ssh-ed25519';

/** Makes a key pair. */
export function newSshKey(comment: string): SshKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const d = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  return { publicKey: `${publicText(x)} ${comment}`, privateKey: privateText(x, d, comment) };
}

/** A public key as authorized_keys has it (RFC 8709). */
export function publicText(x: Buffer): string {
  return `${kind} ${Buffer.concat([text(kind), text(x)]).toString('base64')}`;
}

/** OpenSSH's own format (its PROTOCOL.key), without a passphrase; that of Debian 12 reads no other one of Ed25519. */
function privateText(x: Buffer, d: Buffer, comment: string): string {
  const publicBlob = Buffer.concat([text(kind), text(x)]);
  const check = randomBytes(4);
  const secret = [check, check, text(kind), text(x), text(Buffer.concat([d, x])), text(comment)];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, at) => at + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[text('none'), text('none'), text(''), number(1), text(publicBlob)],
    text(Buffer.concat([...secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** With its length before it. */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([number(bytes.length), bytes]);
}

/**
 * A new key whose private half is in a file without a name, which ends with this process, also when that is killed.
 * ssh takes no key from a pipe, and closes every descriptor that it is started with.
 * @throws StageError (exit 4) where there is no /proc, through which ssh is given the key
 */
export async function heldKey(comment: string): Promise<{
  /** For `ssh -i`, as long as this process runs. */
  keyFile: string;
  publicKey: string;
  forget: () => Promise<void>;
}> {
  if (process.platform !== 'linux') throw new StageError('verify --boot needs Linux', exitCode.unavailable);
  const { publicKey, privateKey } = newSshKey(comment);
  const name = join(tmpdir(), `bakehouse-proof-${randomUUID()}`);
  const handle = await open(name, 'wx', 0o600);
  try {
    // Before anything is in it.
    await rm(name);
    await handle.writeFile(privateKey);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    keyFile: `/proc/${process.pid}/fd/${handle.fd}`,
    publicKey,
    forget: () => handle.close(),
  };
}
