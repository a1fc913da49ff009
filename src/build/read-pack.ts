import { readFile } from 'node:fs/promises';
import { keptVolumes, type PackBuilder } from '../generate/pack.ts';
import { type PackQuery, packQueryOf } from '../generate/pack-query.ts';

/** What build needs to know of a pack. */
export interface PackFacts {
  /** What it asks of the account. */
  query: PackQuery;
  /** The user that Packer logs in as; undefined: the pack does not say. */
  sshUser: string | undefined;
  /** Devices whose volumes it leaves behind on purpose. */
  keptVolumes: string[];
  /** Whether it takes a key pair from build; an edited template or a node's own `packer` mapping may not. */
  takesKey: boolean;
}

/** Reads the pack in a file. Where that is none, nothing is known of it, and Packer says why. */
export async function readPack(file: string): Promise<PackFacts> {
  const builder = await firstBuilder(file);
  const { ssh_username: user, ssh_keypair_name: keyName, ssh_private_key_file: keyFile } = builder;
  return {
    query: packQueryOf(builder),
    sshUser: typeof user === 'string' ? user : undefined,
    keptVolumes: keptVolumes(builder),
    takesKey: keyName === '{{user `keypair`}}' && keyFile === '{{user `key_file`}}',
  };
}

async function firstBuilder(file: string): Promise<PackBuilder> {
  try {
    const { builders } = JSON.parse(await readFile(file, 'utf8')) as { builders?: unknown[] };
    const builder = builders?.[0];
    return typeof builder === 'object' && builder !== null ? { ...builder } : {};
  } catch {
    return {};
  }
}
