import { z } from 'zod';

const text = z.string();

/** `contents.json`: what is in an image, as its machine listed it at the end of the bake. */
export interface ImageContents {
  schema: 1;
  node: string;
  /** The image's id in the region where it was baked. */
  image: string;
  run: string;
  /** When it was listed, as ISO 8601. */
  listedAt: string;
  /** Of /etc/os-release. */
  distribution: { id: string; version: string; name: string };
  /** The release of the kernel that ran in the bake. */
  kernel: string;
  /** Of the packages: `amd64`. */
  architecture: string;
  /** By name and architecture. What is not installed by dpkg is not listed. */
  packages: InstalledPackage[];
  /** Services, timers and sockets that are enabled or run, by name. */
  services: ImageService[];
  /** What listened at the end of the bake, by port. */
  ports: ListeningPort[];
  /** Of /etc/passwd, by name. */
  users: ImageUser[];
  /** Programs that run as their owner or group whoever starts them, by path. */
  setuid: SetuidFile[];
  /** The parts that could not be listed: those are empty here, which says nothing. */
  unknown: ContentsPart[];
}

/** Why the contents of an image are not known, in a sentence. */
export interface NoContents {
  unknown: string;
  /** The archive could not be asked: another time it may have them. */
  unavailable?: true;
}

/** Whether nothing is known of an image's contents. */
export function isUnknown(found: ImageContents | NoContents): found is NoContents {
  return typeof found.unknown === 'string';
}

/** A part of the contents that can be compared. */
export type ContentsPart = 'packages' | 'services' | 'ports' | 'users' | 'setuid';

export interface InstalledPackage {
  name: string;
  version: string;
  architecture: string;
  /** The source package, where it has another name or version. */
  source?: { name: string; version: string } | undefined;
}

export interface ImageService {
  /** With its suffix: `ssh.service`. */
  name: string;
  /** `enabled`: a link in /etc/systemd/system wants it; else `not enabled`: what runs was started by something else. */
  enabled: string;
  running: boolean;
}

export interface ListeningPort {
  protocol: 'tcp' | 'udp';
  /** `0.0.0.0`, `::`, `127.0.0.1`, …; `own`: an address that only the bake's machine had. */
  address: string;
  port: number;
  /** The program's name; absent: it is not known. */
  program?: string | undefined;
}

export interface ImageUser {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

export interface SetuidFile {
  path: string;
  /** Octal: `4755`. */
  mode: string;
  owner: string;
  group: string;
}

const parts = ['packages', 'services', 'ports', 'users', 'setuid'] as const satisfies ContentsPart[];

const contentsSchema: z.ZodType<ImageContents> = z.object({
  schema: z.literal(1),
  node: text,
  image: text,
  run: text,
  listedAt: z.iso.datetime(),
  distribution: z.object({ id: text, version: text, name: text }),
  kernel: text,
  architecture: text,
  packages: z.array(
    z.object({
      name: text,
      version: text,
      architecture: text,
      source: z.object({ name: text, version: text }).optional(),
    }),
  ),
  services: z.array(z.object({ name: text, enabled: text, running: z.boolean() })),
  ports: z.array(
    z.object({
      protocol: z.enum(['tcp', 'udp']),
      address: text,
      port: z.int(),
      program: text.optional(),
    }),
  ),
  users: z.array(z.object({ name: text, uid: z.int(), gid: z.int(), home: text, shell: text })),
  setuid: z.array(z.object({ path: text, mode: text, owner: text, group: text })),
  unknown: z.array(z.enum(parts)),
});

/**
 * The contents that a `contents.json` holds, or in a sentence why it is none.
 * @param file its name, for the sentence
 */
export function contentsOf(json: string, file: string): ImageContents | NoContents {
  try {
    return contentsSchema.parse(JSON.parse(json));
  } catch {
    return { unknown: `${file} is no list of contents of schema 1` };
  }
}
