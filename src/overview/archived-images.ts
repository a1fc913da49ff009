import pLimit from 'p-limit';
import type { Image } from '../aws/images.ts';
import type { Archive, ArchivedFile } from '../contents/archive.ts';
import { comparedImages } from '../contents/compared-images.ts';
import { diffContents } from '../contents/diff-contents.ts';
import { type ImageContents, isUnknown } from '../contents/image-contents.ts';
import { keptContents } from '../contents/kept-contents.ts';
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
  { own, byNode }: AllFacts,
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
        // Others were under way.
        if (failures > mostFailures) return undefined;
        const rest = failures === mostFailures ? '; the rest of it was not read' : '';
        note(
          `the archive ${archive.name} does not give ${file} of ${image}: ${(error as Error).message}${rest}`,
        );
        return undefined;
      }
    });
  const contents = async (image: Image | undefined): Promise<ImageContents | undefined> => {
    // An image of an older bake has none.
    if (image?.contents === undefined) return undefined;
    const kept: { text?: string | undefined } = {};
    const found = await keptContents(
      {
        name: archive.name,
        read: async (...file) => (kept.text = await read(...file)),
      },
      image,
    );
    if (!isUnknown(found)) return found;
    if (kept.text !== undefined) note(found.unknown);
    return undefined;
  };
  const bake = async (node: string, image: string): Promise<BakeOverview | undefined> => {
    const file = (name: string) => `${name} of ${image} in ${archive.name}`;
    const record = recordIn(await read(node, image, 'bake.json'), file('bake.json'), node, note);
    if (record === undefined) return undefined;
    if (record.imageId !== image) {
      note(`${file('bake.json')} is of ${record.imageId ?? 'a bake without image'}: it does not count`);
      return undefined;
    }
    const text = await read(node, image, 'verify.json');
    const verify = text === undefined ? undefined : parseVerifyRecord(text, file('verify.json'), node);
    if (verify !== undefined && 'unknown' in verify) note(verify.unknown);
    return bakeOverview(record, verify);
  };
  const each = Math.min(wanted, Math.max(1, Math.floor(mostRecords / Math.max(1, nodes.length))));
  let done = 0;
  const whole = await Promise.all(
    nodes.map(async (known): Promise<NodeOverview> => {
      const { node, images } = known;
      const { newest, base } = comparedWithCurrent(known, own.region, byNode.get(node) ?? []);
      const [to, from, ...bakes] = await Promise.all([
        contents(newest),
        contents(base),
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

/** The newest image, and the one that it is compared with: the one that the parameter names, or by what promote tagged. */
export function comparedWithCurrent(
  { node, current }: Pick<NodeOverview, 'node' | 'current'>,
  own: string,
  images: readonly Image[],
): { newest: Image | undefined; base: Image | undefined } {
  const { newest, base } = comparedImages(node, images) ?? {};
  const named = current.find(({ region }) => region === own)?.original;
  const inService = images.find(({ id }) => id === named && id !== newest?.id);
  return { newest, base: inService ?? base?.image };
}
