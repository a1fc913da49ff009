import { readFile } from 'node:fs/promises';
import type { BakeRecord } from './bake-record.ts';
import { keptVolumes } from '../generate/volume-guard.ts';

/**
 * What verify must know of a pack: whom it lets Packer log in as, and which volumes it leaves behind on purpose. Nothing
 * when it does not say, or cannot be read (Packer then tells why).
 */
export async function recordOfPack(pack: string): Promise<Pick<BakeRecord, 'sshUser' | 'keptVolumes'>> {
  try {
    const { builders } = JSON.parse(await readFile(pack, 'utf8')) as {
      builders?: Record<string, unknown>[];
    };
    const { ssh_username: user, ...builder } = builders?.[0] ?? {};
    const kept = keptVolumes(builder);
    return {
      ...(typeof user === 'string' ? { sshUser: user } : {}),
      ...(kept.length === 0 ? {} : { keptVolumes: kept }),
    };
  } catch {
    return {};
  }
}
