import type { Cloud } from '../cloud.ts';
import { newId } from '../state/ids.ts';
import type { KeyPair, State, Tags } from '../state/model.ts';
import { Fault } from './fault.ts';
import type { PublicKey } from './ssh-keys.ts';
import { putTags } from './tags.ts';

/** Throws the Fault of a name that a key pair has already. */
export function refuseKnownKeyName(state: State, wanted: string): void {
  if (Object.values(state.keyPairs).some(({ name }) => name === wanted)) {
    throw new Fault('InvalidKeyPair.Duplicate', `The keypair '${wanted}' already exists.`);
  }
}

/** Notes a new key pair. */
export function putKeyPair(
  { store, now }: Pick<Cloud, 'store' | 'now'>,
  name: string,
  { type, fingerprint, line }: PublicKey,
  tags: Tags,
): KeyPair {
  const id = newId('key');
  const createdAt = now().toISOString();
  const pair: KeyPair = { id, name, type, fingerprint, publicKey: `${line} ${name}`, createdAt };
  store.change((state) => {
    state.keyPairs[id] = pair;
    putTags(state, id, tags);
  });
  return pair;
}
