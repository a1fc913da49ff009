import { symlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaseImage, releases } from '../base/base-image.ts';
import { debianAccount, homeRegion } from '../region.ts';
import { shortHash } from '../state/ids.ts';
import { baseLayerName } from '../state/layers.ts';
import type { State } from '../state/model.ts';
import type { Paths } from '../state/paths.ts';

/** Links the base image's files among the layers, where overlayfs finds them; they may come later. */
export async function linkBase(
  paths: Paths,
  { hash, directory }: Pick<BaseImage, 'hash' | 'directory'>,
): Promise<void> {
  const link = join(paths.layers, baseLayerName(hash));
  await rm(link, { force: true });
  await symlink(directory, link);
}

/** Offers the base image in a region as Debian's own account offers its images, unless it is there already. */
export function offerBase(
  state: State,
  { release, hash }: Pick<BaseImage, 'release' | 'hash'>,
  now: Date,
): void {
  // The first region's ids are those of the time when it was the only one.
  const place = state.account.region === homeRegion ? hash : `${hash} ${state.account.region}`;
  const id = `ami-0${shortHash(`image ${place}`, 16)}`;
  if (Object.hasOwn(state.images, id)) return;
  const snapshotId = `snap-0${shortHash(`snapshot ${place}`, 16)}`;
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const build = String((parseInt(hash.slice(0, 6), 16) % 9000) + 1000);
  const createdAt = now.toISOString();
  state.snapshots[snapshotId] = {
    id: snapshotId,
    ownerId: debianAccount,
    volumeId: 'vol-ffffffff',
    size: 8,
    description: '',
    startedAt: createdAt,
    state: 'completed',
    layers: [baseLayerName(hash)],
    isPublic: true,
    users: [],
  };
  state.images[id] = {
    id,
    name: `debian-${releases[release]}-amd64-${day}-${build}`,
    description: `Debian ${releases[release]} (${day}-${build})`,
    ownerId: debianAccount,
    isPublic: true,
    launchUsers: [],
    state: 'available',
    rootDeviceName: '/dev/xvda',
    createdAt,
    mappings: [
      {
        deviceName: '/dev/xvda',
        snapshotId,
        size: 8,
        type: 'gp3',
        iops: 3000,
        throughput: 125,
        deleteOnTermination: true,
      },
    ],
    imdsV2Only: false,
    enaSupport: true,
    sriovNetSupport: true,
  };
}
