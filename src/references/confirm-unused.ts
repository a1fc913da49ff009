import { collectPages, waitForAll } from '../aws/answers.ts';
import { tag } from '../aws/tags.ts';
import { imageOf } from '../aws/images.ts';
import type { ReferenceOptions } from './find-references.ts';
import { findImageReferences, type ImageReferences, findLaunchPermissions } from './image-users.ts';
import { findInstances } from './instances.ts';
import { currentVersions, usesOfCurrent } from './launch-templates.ts';
import {
  byId,
  type FoundReference,
  type Reference,
  type ReferenceKind,
  type References,
} from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';
import { isBackup } from './related-images.ts';

/** What was found for images that are about to be deleted. */
export interface Confirmation {
  references: References;
  /** Whether EC2's own list of references was asked. */
  crossCheck: 'done' | 'ignored' | 'not available';
}

/**
 * Finds users of the few images that are to be deleted, by calls that take image ids: who else may launch them, and what
 * EC2 itself lists as their users.
 * @throws what the first failed call throws, once no call is pending
 */
export async function confirmUnused(
  ids: readonly string[],
  calls: ReferenceCalls,
  options: ReferenceOptions,
): Promise<Confirmation> {
  const { ignore } = options;
  if (ids.length === 0) return { references: new Map(), crossCheck: 'done' };
  const [permissions = [], references] = await waitForAll<ImageReferences>([
    unlessIgnored('launch-permission', options, () => permissionsFor(ids, calls, options)),
    ignore.has('image-reference') ? Promise.resolve([]) : findImageReferences(ids, calls, options),
  ]);
  const asked = references === undefined ? 'not available' : 'done';
  return {
    references: byId([...permissions, ...(references ?? [])]),
    crossCheck: ignore.has('image-reference') ? 'ignored' : asked,
  };
}

/**
 * The users of one image right before it is deleted, also those that came after the plan was made.
 * @throws what the first failed call throws, once no call is pending
 */
export async function usersOf(
  id: string,
  calls: ReferenceCalls,
  options: ReferenceOptions,
): Promise<Reference[]> {
  const found = await waitForAll([
    unlessIgnored('instance', options, () => findInstances(calls.describeInstances, id)),
    unlessIgnored('launch-template', options, async () =>
      usesOfCurrent(await currentVersions(calls.describeLaunchTemplateVersions, id)),
    ),
    childrenOf(id, calls, options),
    confirmUnused([id], calls, options).then(({ references }) =>
      (references.get(id) ?? []).map((reference): FoundReference => ({ id, ...reference })),
    ),
  ]);
  return byId(found.flat()).get(id) ?? [];
}

async function unlessIgnored(
  kind: ReferenceKind,
  { ignore }: ReferenceOptions,
  find: () => Promise<FoundReference[]>,
): Promise<FoundReference[]> {
  return ignore.has(kind) ? [] : find();
}

async function permissionsFor(
  ids: readonly string[],
  calls: ReferenceCalls,
  { isPromotedTo }: ReferenceOptions,
): Promise<FoundReference[]> {
  return findLaunchPermissions(ids, await calls.accountId(), calls.describeImageAttribute, isPromotedTo);
}

/** The images that were baked or copied from it, by our tag and by what EC2 says. */
async function childrenOf(
  id: string,
  calls: ReferenceCalls,
  { ignore }: ReferenceOptions,
): Promise<FoundReference[]> {
  if (ignore.has('child-image') && ignore.has('image-copy')) return [];
  const found = await waitForAll(
    [`tag:${tag.sourceAmi}`, 'source-image-id'].map((Name) => imagesBy({ Name, Values: [id] }, calls)),
  );
  const images = [...new Map(found.flat().map((image) => [image.id, image])).values()];
  return images
    .filter((image) => image.id !== id && (image.state === 'pending' || !isBackup(image)))
    .map(({ id: child, name, state }): FoundReference => {
      return state === 'pending'
        ? { id, kind: 'image-copy', by: `image ${name} (${child}) that is being made from it` }
        : { id, kind: 'child-image', by: `image ${name} (${child}) made from it` };
    })
    .filter(({ kind }) => !ignore.has(kind));
}

async function imagesBy(filter: { Name: string; Values: string[] }, { describeImages }: ReferenceCalls) {
  const call = 'ec2:DescribeImages';
  return collectPages(
    (next) => describeImages({ Owners: ['self'], Filters: [filter], MaxResults: 500, ...next }),
    ({ Images: images }) => images?.map(imageOf),
    call,
  );
}
