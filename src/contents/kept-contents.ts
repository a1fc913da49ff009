import { originalOf } from '../aws/copies.ts';
import type { Image } from '../aws/images.ts';
import { tag } from '../aws/tags.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import type { Archive } from './archive.ts';
import { contentsOf, type ImageContents, type NoContents } from './image-contents.ts';

/** What is needed of an image to find its contents. */
export type ContentsSource = Pick<Image, 'id' | 'node' | 'run' | 'contents' | 'copiedFrom'>;

/**
 * The contents of an image as the archive keeps them. A file counts only if its SHA-256 is the image's tag: what anybody
 * put there else is no list of what is in this image.
 */
export async function keptContents(
  archive: Pick<Archive, 'name' | 'read'>,
  image: ContentsSource,
): Promise<ImageContents | NoContents> {
  const { id, node, contents: digest } = image;
  if (digest === undefined)
    return { unknown: `the bake of ${id} did not list its contents: it has no tag ${tag.contents}` };
  // A copy of promote's has its original's tags, and its original's files.
  const original = originalOf(image)?.id ?? id;
  let json: string | undefined;
  try {
    json = await archive.read(node, original, 'contents.json');
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === exitCode.bug) throw error;
    const unavailable = code === exitCode.unavailable ? ({ unavailable: true } as const) : {};
    return { unknown: `the contents of ${id} cannot be read: ${(error as Error).message}`, ...unavailable };
  }
  if (json === undefined) return { unknown: notKept(archive, image) };
  const file = `${node}/images/${original}/contents.json`;
  if (sha256(json) !== digest)
    return {
      unknown: `${file} in ${archive.name} does not count: its SHA-256 is not the one that ${id} has as ${tag.contents}`,
    };
  return contentsOf(json, file);
}

/** Says where an image's contents may still be. */
function notKept(archive: Pick<Archive, 'name'>, { id, node, run }: ContentsSource): string {
  const made = run === '' ? 'the run that made it' : `run ${run}, which made it`;
  return `${archive.name} does not keep the contents of ${id}: look in what is kept of ${made} (in Jenkins, its artifact reports/${node}/contents.json), or name the archive with --archive`;
}
