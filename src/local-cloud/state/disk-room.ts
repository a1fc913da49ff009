import { statfs } from 'node:fs/promises';
import { Fault } from '../api/fault.ts';

/** Tells whether there is room for one more image or machine. */
export interface DiskRoom {
  /** Throws a Fault that names the folder, what is free there and what to do. */
  readonly assert: () => Promise<void>;
}

/** Asks for `minFreeMb` MiB free on the file system of `folder`. */
export function diskRoom(folder: string, minFreeMb: number): DiskRoom {
  return {
    assert: async () => {
      const { bavail, bsize } = await statfs(folder);
      const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
      if (freeMb >= minFreeMb) return;
      // 400 and not 500: SDKs would try a 500 again and again, and a disk does not empty itself.
      throw new Fault(
        'InsufficientVolumeCapacity',
        `The local cloud has no room: ${freeMb} MB are free in ${folder} and ${minFreeMb} MB are wanted. ` +
          'Deregister images and delete their snapshots, free some space, or start the cloud on another --state folder.',
      );
    },
  };
}
