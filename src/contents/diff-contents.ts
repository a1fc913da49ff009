import type {
  ContentsPart,
  ImageService,
  ImageUser,
  InstalledPackage,
  ListeningPort,
  SetuidFile,
} from './image-contents.ts';

/** What is different in a newer image; each list in the order of its names. */
export interface ContentsDiff {
  /** The ids of the images. */
  from: string;
  to: string;
  /** `Debian GNU/Linux 12` → `Debian GNU/Linux 13`; absent: the same. */
  distribution?: Changed<string>;
  kernel?: Changed<string>;
  packages: Difference<InstalledPackage>;
  services: Difference<ImageService>;
  ports: Difference<ListeningPort>;
  users: Difference<ImageUser>;
  setuid: Difference<SetuidFile>;
  /** Parts that one of the two could not list: nothing is said of them. */
  unknown: ContentsPart[];
}

export interface Changed<T> {
  from: T;
  to: T;
}

export interface Difference<T> {
  added: T[];
  removed: T[];
  changed: Changed<T>[];
}
