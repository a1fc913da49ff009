import { createHash } from 'node:crypto';

/** SHA-256 of texts and bytes, one after the other, as 64 hexadecimal digits. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * The one JSON text of a value: hashes' keys sorted, nothing between the tokens. Equal texts mean equal values, since
 * JSON quotes every string and never a number. A member that is undefined is left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  // JSON has no text for undefined, whatever its types say.
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // Read key by key and never copied into another object, where `__proto__` would be lost.
  const mapping = value as Record<string, unknown>;
  const members = Object.keys(mapping)
    .filter((key) => mapping[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(mapping[key])}`);
  return `{${members.join(',')}}`;
}
