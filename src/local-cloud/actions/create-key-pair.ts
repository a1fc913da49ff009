import { keyPairAnswer } from '../answers/key-pair.ts';
import { write } from '../api/action.ts';
import { putKeyPair, refuseKnownKeyName } from '../api/put-key-pair.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import { makeKeyPair } from '../api/ssh-keys.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';

export const createKeyPair = write(
  {
    KeyName: required(text),
    KeyType: oneOf('rsa', 'ed25519'),
    KeyFormat: oneOf('pem'),
    TagSpecification: tagSpecificationShape,
  },
  ({ KeyName, KeyType, TagSpecification }, need: Pick<Cloud, 'store' | 'now'>) => {
    refuseKnownKeyName(need.store.state, KeyName);
    const tags = readTagSpecifications(TagSpecification, 'key-pair')('key-pair');
    return async () => {
      const made = await makeKeyPair(KeyType ?? 'rsa');
      const pair = putKeyPair(need, KeyName, made, tags);
      return { ...keyPairAnswer(pair, tags), keyMaterial: made.material };
    };
  },
);
