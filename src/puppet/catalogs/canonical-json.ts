import type { Json } from './catalog.ts';

/**
 * The one JSON text of a value: hashes' keys sorted, nothing between the tokens. Equal texts mean equal values, since
 * JSON quotes every string and never a number.
 */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // Read key by key and never copied into another object, where `__proto__` would be lost.
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}
