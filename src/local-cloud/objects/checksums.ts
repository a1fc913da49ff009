import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Fault } from '../api/fault.ts';
import { blob } from '../api/shapes.ts';

const hash = (algorithm: string) => (bytes: Buffer) => createHash(algorithm).update(bytes).digest();

/** What a client may send to prove that its bytes have arrived, by the name of its parameter. */
const sums: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  ContentMD5: hash('md5'),
  ChecksumCRC32: crc32Of,
  ChecksumSHA1: hash('sha1'),
  ChecksumSHA256: hash('sha256'),
};

/** Their parameters. Others, such as CRC64NVME, are refused as not known. */
export const checksumFields = {
  ContentMD5: blob,
  ChecksumCRC32: blob,
  ChecksumSHA1: blob,
  ChecksumSHA256: blob,
};

/** Throws BadDigest when a checksum that was sent is not that of the bytes. */
export function checkSums(
  given: Readonly<Record<keyof typeof checksumFields, string | undefined>>,
  bytes: Buffer,
): void {
  for (const [name, sum] of Object.entries(sums)) {
    const sent = given[name as keyof typeof checksumFields];
    if (sent !== undefined && sent !== sum(bytes).toString('base64'))
      throw new Fault('BadDigest', `The ${name} you specified did not match the calculated checksum.`);
  }
}

/** As a client sends and reads it: four bytes in base64. */
export function crc32Text(bytes: Buffer): string {
  return crc32Of(bytes).toString('base64');
}

function crc32Of(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
