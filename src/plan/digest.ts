import { sha256 } from '../lib/hash.ts';

/**
 * The digests of all that decides what an image of a node becomes (SHA-256, hexadecimal), by what a person would name as
 * the cause of a bake.
 */
export interface NodeInputs {
  /** What Puppet would make of the machine. */
  catalog: string;
  /** The bytes of the files that the catalog names. */
  files: string;
  /** The modules' lib/ and facts.d/. */
  plugins: string;
  /** The rendered pack, and the facts that go with it. */
  pack: string;
  /** The provisioning scripts. */
  scripts: string;
  /** What nodes.yaml asks for of the bake's Puppet; absent, and no part of the digest: nothing. */
  puppet?: string | undefined;
  /** The id of the source image; without EC2 `name:owner`, or what else nodes.yaml says of it. */
  source: string;
}

/** Another number makes all digests others: for when what goes into one of the inputs changes. */
const scheme = 1;

/** The inputs in the order of the digest and of the tag; that of the source image last, since it is not hexadecimal. */
export const inputNames = ['catalog', 'files', 'plugins', 'pack', 'scripts', 'puppet', 'source'] as const;

/** The digest of a node: 64 hexadecimal digits, the same for the same inputs only. */
export function digestOf(inputs: NodeInputs): string {
  const parts = inputNames.map((name) => [name, inputs[name]]).filter(([, value]) => value !== undefined);
  return sha256(JSON.stringify(['bakehouse', scheme, parts]));
}

/** Whether a tag's text is a digest: a bake without a plan tags its image `unknown`. */
export function isDigest(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text);
}

/**
 * The inputs in short, for a person who wants to know later what differs: `catalog=<12 digits> … source=ami-…`. Never
 * over the 256 characters of a tag's value, and only of those that EC2 takes.
 */
export function inputsTag(inputs: NodeInputs): string {
  return inputNames
    .flatMap((name) => (inputs[name] === undefined ? [] : [`${name}=${shortOf(name, inputs[name])}`]))
    .join(' ');
}

/** An input as the tag has it. */
export function shortOf(name: keyof NodeInputs, value: string): string {
  if (name === 'source' && /^ami-[0-9a-f]{1,40}$/.test(value)) return value;
  return /^[0-9a-f]{12,}$/.test(value) ? value.slice(0, 12) : sha256(value).slice(0, 12);
}

/** What such a tag says, as far as it can be read: an older or newer Bakehouse may know other inputs. */
export function readInputsTag(text: string | undefined): Partial<NodeInputs> {
  const pairs = (text ?? '').split(/\s+/).map((part) => part.split('='));
  const known = pairs.filter(([name = '', value = '', ...rest]) => {
    return (inputNames as readonly string[]).includes(name) && value !== '' && rest.length === 0;
  });
  return Object.fromEntries(known) as Partial<NodeInputs>;
}
