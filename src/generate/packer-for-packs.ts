import { installedPackerVersion } from './installed-packer.ts';
import { PackerError, type PackerVersion } from './version.ts';

/** The version that packs are written for when there is no Packer to ask: any that has the amazon plugin apart. */
const assumed: PackerVersion = [1, 7, 0];

/**
 * The version of Packer that packs are written for: the one on this machine. Without one, generate does not fail:
 * packs can be written where nothing is built.
 */
export async function packerForPacks(say: (line: string) => void): Promise<PackerVersion> {
  try {
    return await installedPackerVersion();
  } catch (error) {
    if (!(error instanceof PackerError)) throw error;
    say(`warning: ${error.message}; the packs are written for Packer ${assumed.join('.')} and later`);
    return assumed;
  }
}
