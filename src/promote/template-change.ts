import type { Node } from '../nodes/node.ts';
import type { TemplateVersion } from './launch-template-calls.ts';

/** What becomes of a node's launch template in a region. */
export type TemplateChange =
  /** It names the node's parameter, so that it follows it. */
  | { kind: 'follows' }
  /** Its version in service names the image. */
  | { kind: 'there' }
  /** A version with the image is put into service. */
  | { kind: 'change' }
  /** Its version in service names something that no promote put there. */
  | { kind: 'by-hand'; image: string };

/**
 * What becomes of a launch template.
 * @param known the node's images in the region, or none of this name: see `isGone`
 * @param isGone whether there is no such image any more; nothing can be launched from it
 */
export function templateChange(
  version: TemplateVersion,
  target: string | undefined,
  node: Pick<Node, 'promote'>,
  known: ReadonlySet<string>,
  isGone: (imageId: string) => boolean,
): TemplateChange {
  const { imageId } = version;
  if (imageId === undefined) return { kind: 'change' };
  if (imageId === `resolve:ssm:${node.promote.parameter}`) return { kind: 'follows' };
  if (imageId === target) return { kind: 'there' };
  if (known.has(imageId)) return { kind: 'change' };
  // Also `resolve:ssm:` of another parameter, or of one version of ours.
  if (!imageId.startsWith('ami-') || !isGone(imageId)) return { kind: 'by-hand', image: imageId };
  return { kind: 'change' };
}

/** Whether two versions of a template differ in their image at most. */
export function sameButImage(a: TemplateVersion, b: TemplateVersion): boolean {
  return stable(a.rest) === stable(b.rest);
}

/** JSON without what is undefined, keys in one order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
