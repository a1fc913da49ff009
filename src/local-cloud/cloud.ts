import type { Action } from './api/action.ts';
import type { Service } from './protocols/services.ts';
import type { ObjectFiles } from './objects/object-files.ts';
import type { DiskRoom } from './state/disk-room.ts';
import type { Store, Stores } from './state/store.ts';
import type { Machines } from './machines/machines.ts';

/** A region with all that an action could need; each asks for its part of it. */
export interface Cloud {
  readonly store: Store;
  /** Of all regions, this one's too. */
  readonly stores: Stores;
  readonly machines: Machines;
  readonly room: DiskRoom;
  /** The bytes of S3's objects. */
  readonly objects: ObjectFiles;
  /** How a copy of an image was ordered to go. Absent: it is there at once. */
  readonly copying?: Copying;
  readonly now: () => Date;
  /** Tells the person who started the cloud what no answer can tell. */
  readonly warn: (line: string) => void;
}

/** A copy of an image that is pending for a while, and then fails if a reason is given. */
export interface Copying {
  readonly seconds: number;
  readonly failure?: string | undefined;
}

/** Actions by the names that clients call them. */
export type Actions = Readonly<Record<string, Action<Cloud>>>;
export type Registry = Readonly<Record<Service, Actions>>;
