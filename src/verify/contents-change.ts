import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../aws/images.ts';
import type { Archive } from '../contents/archive.ts';
import { changeText } from '../contents/change-text.ts';
import { comparedWith } from '../contents/compared-images.ts';
import { diffContents } from '../contents/diff-contents.ts';
import { isUnknown } from '../contents/image-contents.ts';
import { keptContents } from '../contents/kept-contents.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { jsonText } from '../lib/json-file.ts';
import { writeVerdict } from './verdict-junit.ts';
import type { ContentsChange } from './verdict.ts';
import { verifyRecordOf } from './verify-record.ts';
import type { VerifiedNode } from './verify-result.ts';

/** A JUnit file is read by people: `bakehouse contents` has the rest. */
const maxLines = 200;

/** What the comparison needs. */
export interface ContentsDeps {
  reports: string;
  archive: Archive;
  /** All images that bear the node's tag, in the own region. */
  imagesOf: (node: string) => Promise<readonly Image[]>;
}

/**
 * The verdicts with what changed in their images, which junit.xml gets, too. Where the bake listed no contents nothing is
 * asked. No failure of the archive or of EC2 changes a verdict.
 */
export async function withContentsChanges(
  nodes: readonly VerifiedNode[],
  deps: ContentsDeps,
): Promise<VerifiedNode[]> {
  return Promise.all(
    nodes.map(async (one) => {
      const { node, imageId } = one.verdict;
      if (imageId === undefined || !(await exists(join(deps.reports, node, 'contents.json')))) return one;
      const contents = await changeOf(node, imageId, deps);
      if (contents === undefined) return one;
      const verdict = { ...one.verdict, contents };
      await writeVerdict(deps.reports, verdict);
      return { ...one, verdict };
    }),
  );
}

async function changeOf(
  node: string,
  id: string,
  { archive, imagesOf }: ContentsDeps,
): Promise<ContentsChange | undefined> {
  let images: readonly Image[];
  try {
    images = await imagesOf(node);
  } catch (error) {
    if (exitCodeOf(error) === exitCode.bug) throw error;
    return { lines: [], notCompared: (error as Error).message };
  }
  const image = images.find((one) => one.id === id);
  if (image === undefined) return undefined;
  const { base } = comparedWith(image, images);
  if (base === undefined) return { lines: [], notCompared: `no image of ${node} is before it` };
  const against = `${base.image.id} (${base.is})`;
  const [from, to] = await Promise.all([keptContents(archive, base.image), keptContents(archive, image)]);
  if (isUnknown(to)) return { against, lines: [], notCompared: to.unknown };
  if (isUnknown(from)) return { against, lines: [], notCompared: from.unknown };
  return { against, ...changeText(diffContents(from, to), maxLines) };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Writes the records of the nodes that have an image to the archive; a failure is said, and changes nothing else. */
export async function keepVerifyRecords(
  archive: Archive,
  nodes: readonly VerifiedNode[],
  say: (line: string) => void,
): Promise<void> {
  const failures = await Promise.all(
    nodes.map(async (one) => {
      const { node, imageId } = one.verdict;
      if (imageId === undefined) return [];
      try {
        const text = jsonText(verifyRecordOf(one));
        await archive.write(node, imageId, 'verify.json', text);
        return [];
      } catch (error) {
        if (exitCodeOf(error) === exitCode.bug) throw error;
        return [{ node, why: (error as Error).message }];
      }
    }),
  );
  // A bucket that is away is one line, not one of each node.
  const all = failures.flat();
  for (const why of new Set(all.map((failure) => failure.why))) {
    const names = all.filter((failure) => failure.why === why).map(({ node }) => node);
    say(`warning: verify.json of ${names.join(', ')} is not kept in ${archive.name}: ${why}`);
  }
}
