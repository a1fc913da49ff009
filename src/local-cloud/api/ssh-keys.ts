import { createHash, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Fault } from './fault.ts';

const generate = promisify(generateKeyPair);

/** What EC2 tells about a key pair; `line` is as in authorized_keys, without a comment. */
export interface PublicKey {
  readonly type: 'rsa' | 'ed25519';
  readonly line: string;
  readonly fingerprint: string;
}

/** Makes a key pair; the private half is PEM, in the formats that EC2 gives out and Go's ssh reads. */
export async function makeKeyPair(
  type: 'rsa' | 'ed25519',
): Promise<PublicKey & { readonly material: string }> {
  if (type === 'ed25519') {
    const { publicKey, privateKey } = await generate('ed25519');
    const key = raw(publicKey, 'x');
    const blob = Buffer.concat([field('ssh-ed25519'), field(key)]);
    return { ...ed25519(blob), material: openSshKey(blob, key, raw(privateKey, 'd')) };
  }
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([field('ssh-rsa'), integer(e), integer(n)]);
  return {
    type,
    line: `ssh-rsa ${blob.toString('base64')}`,
    // Of a pair that it made itself, EC2 hashes the private half.
    fingerprint: colons('sha1', privateKey.export({ type: 'pkcs8', format: 'der' })),
    material: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}

/** Reads a public key as `ssh-keygen` writes it. Throws EC2's Fault when it is none of a type that EC2 takes. */
export function readPublicKey(text: string): PublicKey {
  const [, name, encoded = ''] =
    /^\s*(ssh-rsa|ssh-ed25519)\s+([A-Za-z0-9+/]+={0,2})(?:\s[^\n]*)?\s*$/.exec(text) ?? [];
  const blob = Buffer.from(encoded, 'base64');
  const fields = readFields(blob);
  if (name === undefined || fields?.[0]?.toString() !== name) throw badKey();
  if (name === 'ssh-ed25519') {
    if (fields.length !== 2 || fields[1]?.length !== 32) throw badKey();
    return ed25519(blob);
  }
  const [, e, n] = fields;
  if (fields.length !== 3 || e === undefined || n === undefined) throw badKey();
  return { type: 'rsa', line: `ssh-rsa ${encoded}`, fingerprint: colons('md5', rsaDer(e, n)) };
}

function ed25519(blob: Buffer): PublicKey {
  const fingerprint = createHash('sha256').update(blob).digest('base64');
  return { type: 'ed25519', line: `ssh-ed25519 ${blob.toString('base64')}`, fingerprint };
}

function rsaDer(e: Buffer, n: Buffer): Buffer {
  try {
    const jwk = { kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') };
    return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  } catch {
    throw badKey();
  }
}

function badKey(): Fault {
  return new Fault('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
}

function colons(algorithm: string, data: Buffer): string {
  return createHash(algorithm)
    .update(data)
    .digest('hex')
    .replace(/..(?=.)/g, '$&:');
}

function raw(key: KeyObject, part: 'x' | 'd'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url');
}

/** OpenSSH's own format (PROTOCOL.key): there is no other PEM of an ed25519 key that old clients read. */
function openSshKey(blob: Buffer, key: Buffer, seed: Buffer): string {
  const check = Buffer.alloc(8);
  const inner = Buffer.concat([check, blob, field(Buffer.concat([seed, key])), field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    count,
    field(blob),
    field(Buffer.concat([inner, padding])),
  ]);
  const lines = whole.toString('base64').replace(/.{70}(?=.)/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A number as ssh writes it: big-endian, and positive. */
function integer(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url');
  return field((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}

function readFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
