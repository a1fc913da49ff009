import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import type { FilterTable } from '../api/filters.ts';
import type { KeyPair, Tags } from '../state/model.ts';

/** What every action that answers a key pair shows of it; EC2 shows its tags also where it has none. */
export function keyPairAnswer(
  { id, name, fingerprint }: KeyPair,
  tags: Tags | undefined,
): Readonly<Record<string, Xml>> {
  return { keyPairId: id, keyName: name, keyFingerprint: fingerprint, tagSet: tagSet(tags) ?? [] };
}

export const keyPairFilters: FilterTable<KeyPair> = {
  'key-pair-id': ({ id }) => id,
  fingerprint: ({ fingerprint }) => fingerprint,
  'key-name': ({ name }) => name,
};
