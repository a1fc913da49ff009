import pLimit from 'p-limit';
import type { Archive, ArchivedFile } from '../contents/archive.ts';
import { diffContents } from '../contents/diff-contents.ts';
import { contentsOf, type ImageContents } from '../contents/image-contents.ts';
import { sha256 } from '../lib/hash.ts';
import { parseVerifyRecord } from '../verify/verify-record.ts';
import { bakeOverview, recordIn } from './last-records.ts';
import type { AllFacts } from './node-images.ts';
import type { BakeOverview, ImageOverview, NodeOverview } from './overview.ts';

/** What is read of an archive, and how much of it. */
export interface ArchiveReader {
  archive: Pick<Archive, 'name' | 'read'>;
  /** Of how many of a node's images, from the newest, the records of their bakes are read; 0: of none. */
  images: number;
  /** Says how far it is. */
  onRead?: ((done: number, of: number) => void) | undefined;
}

/** S3 answers in some 50 ms. */
const atOnce = 16;
/** Records of bakes that are read at the most: 200 nodes must not be 8,000 requests of S3. */
const mostRecords = 1_500;
/** An archive that fails so often is not asked any more. */
const mostFailures = 3;

/**
 * The nodes with what is kept of their images: contents of the newest and the difference to the one in service, and the
 * records of the newest images' bakes.
 */
export async function withArchive(
  nodes: readonly NodeOverview[],
  { own }: AllFacts,
  { archive, images: wanted, onRead }: ArchiveReader,
): Promise<{ nodes: NodeOverview[]; problems: string[] }> {
  const problems = new Set<string>();
  const note = (problem: string) => void problems.add(problem);
  const limit = pLimit(atOnce);
  let failures = 0;
  const read = (node: string, image: string, file: ArchivedFile) =>
    limit(async () => {
      if (failures >= mostFailures) return undefined;
      try {
        return await archive.read(node, image, file);
      } catch (error) {
        failures += 1;
        const rest = failures === mostFailures ? '; the rest of it was not read' : '';
        note(
          `the archive ${archive.name} does not give ${file} of ${image}: ${(error as Error).message}${rest}`,
        );
        return undefined;
      }
    });
  const digests = new Map(own.images.map(({ id, contents }) => [id, contents]));
  const contents = async (node: string, image: string): Promise<ImageContents | undefined> => {
    const digest = digests.get(image);
    if (digest === undefined) return undefined;
    const text = await read(node, image, 'contents.json');
    if (text === undefined) return undefined;
    const file = `contents.json of ${image} in ${archive.name}`;
    if (sha256(text) !== digest) {
      note(`${file} is not what its bake wrote: the image's tag bakehouse:contents names another SHA-256`);
      return undefined;
    }
    const found = contentsOf(text, file);
    if ('schema' in found) return found;
    note(found.unknown);
    return undefined;
  };
  const bake = async (node: string, image: string): Promise<BakeOverview | undefined> => {
    const file = (name: string) => `${name} of ${image} in ${archive.name}`;
    const record = recordIn(await read(node, image, 'bake.json'), file('bake.json'), node, note);
    if (record === undefined) return undefined;
    const text = await read(node, image, 'verify.json');
    const verify = text === undefined ? undefined : parseVerifyRecord(text, file('verify.json'), node);
    if (verify !== undefined && 'unknown' in verify) note(verify.unknown);
    return bakeOverview(record, verify);
  };
  const each = Math.min(wanted, Math.max(1, Math.floor(mostRecords / Math.max(1, nodes.length))));
  const previous = new Map(own.images.map(({ id, previous: before }) => [id, before]));
  let done = 0;
  const whole = await Promise.all(
    nodes.map(async (known): Promise<NodeOverview> => {
      const { node, images } = known;
      const [newest] = images;
      const before = comparedWith(known, own.region, previous);
      const [to, from, ...bakes] = await Promise.all([
        newest === undefined ? undefined : contents(node, newest.id),
        before === undefined ? undefined : contents(node, before),
        ...images.slice(0, each).map(({ id }) => bake(node, id)),
      ]);
      done += 1;
      onRead?.(done, nodes.length);
      return {
        ...known,
        images: images.map((image, index): ImageOverview => {
          const found = bakes[index];
          return found === undefined ? image : { ...image, bake: found };
        }),
        ...(to && { contents: to }),
        ...(from && to && { difference: diffContents(from, to) }),
      };
    }),
  );
  return { nodes: whole, problems: [...problems] };
}

/**
 * The image that the newest is compared with: the one in service; where that is the newest itself, the one that was before
 * it; where none is, the verified one that is next in age.
 */
export function comparedWith(
  { images, current }: Pick<NodeOverview, 'images' | 'current'>,
  own: string,
  previous: ReadonlyMap<string, string | undefined>,
): string | undefined {
  const [newest, ...older] = images;
  const inService = current.find(({ region }) => region === own)?.original;
  if (newest === undefined) return undefined;
  if (inService !== undefined && inService !== newest.id) return inService;
  const before = inService === undefined ? undefined : previous.get(newest.id);
  const isKnown = older.some(({ id }) => id === before);
  return isKnown ? before : older.find(({ state }) => state === 'verified')?.id;
}
