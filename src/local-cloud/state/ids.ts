import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';

/** A new id as EC2 makes them today: the kind, and 17 hexadecimal digits of which the first is 0. */
export function newId(kind: string): string {
  return `${kind}-0${randomBytes(8).toString('hex')}`;
}

/** A new id of a fleet: `fleet` or `sfr`, and a UUID. */
export function newUuidId(kind: string): string {
  return `${kind}-${randomUUID()}`;
}

/** A new id of a spot request: 8 letters and digits. */
export function newSpotRequestId(): string {
  return `sir-${Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')}`;
}

/** Letters and digits that follow from `text` alone, to name what must be found again after a crash. */
export function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An access key id, like AWS's. */
export function newAccessKeyId(): string {
  return `AKIA${Array.from({ length: 16 }, () => base32[randomInt(32)]).join('')}`;
}

/** A secret key, like AWS's: 40 characters of base64. */
export function newSecretKey(): string {
  return randomBytes(30).toString('base64');
}

/** A locally administered MAC address. */
export function newMac(): string {
  return ['02', ...[...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
