import { join } from 'node:path';
import type { Progress } from '../cli/progress.ts';
import { reportsAdvice } from '../cli/shared-flags.ts';
import type { Archive, ArchivedFile } from '../contents/archive.ts';
import { isUnknown } from '../contents/image-contents.ts';
import { parseContents } from '../contents/parse-contents.ts';
import { sha256 } from '../lib/hash.ts';
import { jsonText, writeWhole } from '../lib/json-file.ts';
import type { BakeAccount } from './bake-account.ts';
import type { BakeRecord } from './bake-record.ts';
import type { ReportsFolder } from './reports-folder.ts';

/** What keeps the contents of an image. */
export interface ContentsDeps {
  account: Pick<BakeAccount, 'tagContents'>;
  /** Besides the folder of the reports, or as a part of it. */
  archive: Archive;
  /** contents/sbom.ts, which takes 0.2 s to load. */
  sbom: () => Promise<Pick<typeof import('../contents/sbom.ts'), 'sbomOf'>>;
  progress: Pick<Progress, 'say'>;
}

/**
 * Writes `contents.json` and `sbom.cdx.json` of a baked image, tags the image with the digest of the first, and gives both
 * to the archive. The image is good without them: what goes wrong is said, and fails no bake.
 * @returns the digest for the record; undefined: the contents are not known
 */
export async function keepContents(
  { node, run, imageId }: BakeRecord,
  folder: ReportsFolder,
  { account, archive, sbom, progress }: ContentsDeps,
): Promise<string | undefined> {
  if (imageId === undefined) return undefined;
  try {
    const listing = await folder.listing();
    if (listing === undefined) return undefined;
    const contents = parseContents(listing, { node, image: imageId, run });
    if (isUnknown(contents)) {
      progress.say(node, `warning: what is in ${imageId} is not known: ${contents.unknown}`);
      return undefined;
    }
    if (contents.unknown.length > 0)
      progress.say(node, `warning: of ${imageId} could not be listed: ${contents.unknown.join(', ')}`);
    const files = {
      'contents.json': jsonText(contents),
      'sbom.cdx.json': (await sbom()).sbomOf(contents),
    };
    for (const [name, text] of Object.entries(files))
      await writeWhole(join(folder.path, name), text, reportsAdvice);
    const digest = sha256(files['contents.json']);
    // Before the archive: a file there counts only with this tag.
    await account.tagContents(imageId, digest);
    for (const [name, text] of Object.entries(files))
      await toArchive({ node, imageId, name: name as ArchivedFile, text }, { archive, progress });
    return digest;
  } catch (error) {
    progress.say(node, `warning: what is in ${imageId} is not kept: ${(error as Error).message}`);
    return undefined;
  }
}

/** Gives the record of a baked image to the archive. */
export async function keepRecord(record: BakeRecord, deps: ArchiveDeps): Promise<void> {
  const { node, imageId } = record;
  if (imageId !== undefined)
    await toArchive({ node, imageId, name: 'bake.json', text: jsonText(record) }, deps);
}

type ArchiveDeps = Pick<ContentsDeps, 'archive' | 'progress'>;

async function toArchive(
  { node, imageId, name, text }: { node: string; imageId: string; name: ArchivedFile; text: string },
  { archive, progress }: ArchiveDeps,
): Promise<void> {
  await archive.write(node, imageId, name, text).catch((error: unknown) => {
    progress.say(
      node,
      `warning: ${archive.name} does not keep ${name} of ${imageId}: ${(error as Error).message}`,
    );
  });
}
