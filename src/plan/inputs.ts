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
  /** The id of the source image; without EC2 `name:owner`, or what else nodes.yaml says of it. */
  source: string;
}
