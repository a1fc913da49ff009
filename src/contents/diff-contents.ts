import { canonicalJson } from '../lib/hash.ts';
import type {
  ContentsPart,
  ImageContents,
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
  /** Of the newer image's packages: only those of another one are named with theirs. */
  architecture?: string;
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

/** What makes two entries the same one: a package that has another version is still that package. */
const keys = {
  packages: (one: InstalledPackage) => [one.name, one.architecture],
  services: (one: ImageService) => [one.name],
  ports: (one: ListeningPort) => [one.port, one.protocol, one.address],
  users: (one: ImageUser) => [one.name],
  setuid: (one: SetuidFile) => [one.path],
};

/** What changed from an image to another. */
export function diffContents(from: ImageContents, to: ImageContents): ContentsDiff {
  const parts = Object.keys(keys) as ContentsPart[];
  const unknown = parts.filter((part) => from.unknown.includes(part) || to.unknown.includes(part));
  const part = <P extends ContentsPart>(name: P): Difference<ImageContents[P][number]> => {
    type Entry = ImageContents[P][number];
    if (unknown.includes(name)) return { added: [], removed: [], changed: [] };
    return difference<Entry>(from[name], to[name], keys[name] as (one: Entry) => Key);
  };
  return {
    from: from.image,
    to: to.image,
    architecture: to.architecture,
    ...changedText('distribution', from.distribution.name, to.distribution.name),
    ...changedText('kernel', from.kernel, to.kernel),
    packages: part('packages'),
    services: part('services'),
    ports: part('ports'),
    users: part('users'),
    setuid: part('setuid'),
    unknown,
  };
}

/** Whether nothing is known to differ; what could not be compared counts as a difference. */
export function isSame(diff: ContentsDiff): boolean {
  const { packages, services, ports, users, setuid } = diff;
  const lists = [packages, services, ports, users, setuid].flatMap(({ added, removed, changed }) => [
    added.length,
    removed.length,
    changed.length,
  ]);
  const texts = [diff.distribution, diff.kernel].filter((one) => one !== undefined);
  return [...lists, texts.length, diff.unknown.length].every((count) => count === 0);
}

function changedText(name: 'distribution' | 'kernel', from: string, to: string) {
  return from === to ? {} : { [name]: { from, to } };
}

type Key = readonly (string | number)[];

function difference<T>(from: readonly T[], to: readonly T[], keyOf: (one: T) => Key): Difference<T> {
  const groups = new Map<string, { key: Key; from: T[]; to: T[] }>();
  const groupOf = (one: T) => {
    const key = keyOf(one);
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, from: [], to: [] };
    groups.set(name, group);
    return group;
  };
  for (const one of from) groupOf(one).from.push(one);
  for (const one of to) groupOf(one).to.push(one);
  const result: Difference<T> = { added: [], removed: [], changed: [] };
  for (const group of [...groups.values()].sort((a, b) => compare(a.key, b.key))) {
    // Several programs may listen on one port: what both have is no difference.
    const before = without(group.from, group.to);
    const after = without(group.to, group.from);
    const pairs = Math.min(before.length, after.length);
    for (const [index, one] of before.slice(0, pairs).entries())
      result.changed.push({ from: one, to: after[index] as T });
    result.removed.push(...before.slice(pairs));
    result.added.push(...after.slice(pairs));
  }
  return result;
}

/** The items that are not among the others, each of which takes one away. */
function without<T>(items: readonly T[], others: readonly T[]): T[] {
  const left = new Map<string, number>();
  for (const other of others.map(canonicalJson)) left.set(other, (left.get(other) ?? 0) + 1);
  return items.filter((item) => {
    const text = canonicalJson(item);
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

/** Numbers by their value, text by its characters. */
function compare(a: Key, b: Key): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? '';
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
