import type { KeyPair, State } from '../state/model.ts';
import { Fault } from './fault.ts';

/** Finds a key pair by its name, or throws the Fault. */
export function keyPairNamed(state: State, name: string): KeyPair {
  const pair = Object.values(state.keyPairs).find((other) => other.name === name);
  if (pair === undefined) throw new Fault('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
  return pair;
}
