import { readFile } from 'node:fs/promises';
import type { BakeRecord } from './bake-record.ts';

/** Whom a pack lets Packer log in as; nothing when it does not say, or cannot be read (Packer then tells why). */
export async function sshUserOf(pack: string): Promise<Pick<BakeRecord, 'sshUser'>> {
  try {
    const { builders } = JSON.parse(await readFile(pack, 'utf8')) as {
      builders?: { ssh_username?: unknown }[];
    };
    const user = builders?.[0]?.ssh_username;
    return typeof user === 'string' ? { sshUser: user } : {};
  } catch {
    return {};
  }
}
