import { isAtLeast, type PackerVersion } from './version.ts';

const plugin = 'github.com/hashicorp/amazon';

/** What installs Packer's amazon plugin, from Packer 1.8 on. */
export const installPlugin = ['plugins', 'install', plugin];

/** Whether this Packer can list and install plugins: `packer plugins` came with 1.8. */
export function knowsPlugins(version: PackerVersion): boolean {
  return isAtLeast(version, [1, 8, 0]);
}

/** Whether this Packer has an amazon plugin within itself: 1.10.0 is the first without. */
export function bundlesPlugin(version: PackerVersion): boolean {
  return !isAtLeast(version, [1, 10, 0]);
}

/** The amazon plugin's program in what `packer plugins installed` prints, a path a line; undefined without one. */
export function pluginIn(listing: string): string | undefined {
  return /packer-plugin-amazon_[^\s/]*/.exec(listing)?.[0];
}
