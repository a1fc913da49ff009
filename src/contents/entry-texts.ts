import type {
  ContentsPart,
  ImageContents,
  ImageService,
  ImageUser,
  InstalledPackage,
  ListeningPort,
  SetuidFile,
} from './image-contents.ts';

/** What the parts are called: one entry, several. */
export const words: Readonly<Record<ContentsPart, readonly [string, string]>> = {
  packages: ['package', 'packages'],
  services: ['service', 'services'],
  ports: ['port', 'ports'],
  users: ['user', 'users'],
  setuid: ['setuid file', 'setuid files'],
};

/** An entry's name, and what may change of it, in an order. */
export interface EntryText {
  name: string;
  /** Of each what stands before it: nothing where it speaks for itself. */
  facts: (readonly [label: string, value: string])[];
}

/**
 * How the entries of each part are shown.
 * @param architecture of the image's packages: only those of another one are named with theirs
 */
export function entryTexts(architecture: string | undefined): {
  [P in ContentsPart]: (one: ImageContents[P][number]) => EntryText;
} {
  return {
    packages: (one) => packageText(one, architecture),
    services: serviceText,
    ports: portText,
    users: userText,
    setuid: setuidText,
  };
}

function packageText(one: InstalledPackage, usual: string | undefined): EntryText {
  const isUsual = ['all', usual ?? one.architecture].includes(one.architecture);
  const { source } = one;
  return {
    name: isUsual ? one.name : `${one.name}:${one.architecture}`,
    facts: [
      ['', one.version],
      // Of interest only where nothing else changed, which the version tells.
      ['source ', source === undefined ? one.name : `${source.name} ${source.version}`],
    ],
  };
}

function serviceText({ name, enabled, running }: ImageService): EntryText {
  return {
    name,
    facts: [
      ['', enabled],
      ['', running ? 'running' : 'not running'],
    ],
  };
}

function portText({ protocol, address, port, program }: ListeningPort): EntryText {
  const host = address.includes(':') ? `[${address}]` : address;
  return { name: `${protocol} ${host}:${port}`, facts: [['', program ?? 'program not known']] };
}

function userText({ name, uid, gid, home, shell }: ImageUser): EntryText {
  return {
    name,
    facts: [
      ['uid ', String(uid)],
      ['gid ', String(gid)],
      ['home ', home],
      ['shell ', shell],
    ],
  };
}

function setuidText({ path, mode, owner, group }: SetuidFile): EntryText {
  return {
    name: path,
    facts: [
      ['', mode],
      ['', `${owner}:${group}`],
    ],
  };
}
