import type { Archive } from '../contents/archive.ts';
import { type ChangeText, keptChange } from '../contents/change-text.ts';
import { waitingImage } from '../contents/compared-images.ts';
import type { PlanImage } from './decide.ts';

/** A verified image that is not in service yet, and what it would change. */
export interface WaitingImage extends ChangeText {
  image: string;
  inService: string;
}

/** As many lines of a node as of a catalog's differences. */
const maxLines = 10;

/**
 * Of the nodes whose newest verified image is not in service, what it would change for their servers, where the archive
 * keeps the contents of both. Of the others nothing is read.
 * @param images of any nodes
 * @param warn gets why the archive could not be asked, once
 */
export async function waitingImages(
  nodes: readonly string[],
  images: readonly PlanImage[],
  archive: Archive,
  warn: (line: string) => void,
): Promise<Map<string, WaitingImage>> {
  let isSaid = false;
  const once = (line: string) => {
    if (!isSaid) warn(line);
    isSaid = true;
  };
  const found = await Promise.all(
    nodes.map(async (node) => {
      const waiting = waitingImage(node, images);
      if (waiting === undefined) return [];
      const { newest, inService } = waiting;
      const change = await keptChange(archive, sourceOf(inService), sourceOf(newest), {
        limit: maxLines,
        warn: once,
      });
      if (change === undefined) return [];
      return [[node, { ...change, image: newest.id, inService: inService.id }] as const];
    }),
  );
  return new Map(found.flat());
}

function sourceOf({ id, node, run = '', contents, copiedFrom }: PlanImage) {
  return { id, node, run, contents, copiedFrom };
}

/** For the plan's table. */
export function waitingLines({ image, inService, summary, lines }: WaitingImage): string[] {
  return [
    `${image} is verified and not in service; against ${inService}: ${summary}`,
    ...lines.map((line) => `  ${line}`),
  ];
}
