import { keyPairAnswer } from '../answers/key-pair.ts';
import { write } from '../api/action.ts';
import { putKeyPair, refuseKnownKeyName } from '../api/put-key-pair.ts';
import { blob, required, text } from '../api/shapes.ts';
import { readPublicKey } from '../api/ssh-keys.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';

export const importKeyPair = write(
  {
    KeyName: required(text),
    PublicKeyMaterial: required(blob),
    TagSpecification: tagSpecificationShape,
  },
  ({ KeyName, PublicKeyMaterial, TagSpecification }, need: Pick<Cloud, 'store' | 'now'>) => {
    refuseKnownKeyName(need.store.state, KeyName);
    const key = readPublicKey(Buffer.from(PublicKeyMaterial, 'base64').toString());
    const tags = readTagSpecifications(TagSpecification, 'key-pair')('key-pair');
    return () => keyPairAnswer(putKeyPair(need, KeyName, key, tags), tags);
  },
);
