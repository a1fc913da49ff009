import type { DiskRoom } from './state/disk-room.ts';
import type { Store } from './state/store.ts';
import type { Machines } from './machines/machines.ts';

/** All that an action could need; each asks for its part of it. */
export interface Cloud {
  readonly store: Store;
  readonly machines: Machines;
  readonly room: DiskRoom;
  readonly now: () => Date;
  /** Tells the person who started the cloud what no answer can tell. */
  readonly warn: (line: string) => void;
}

export const region = 'us-east-1';
export const zone = 'us-east-1a';
export const zoneId = 'use1-az1';
/** Debian's account, which owns the official images. */
export const debianAccount = '136693071363';
