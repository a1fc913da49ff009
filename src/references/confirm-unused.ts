import type { Image } from '@aws-sdk/client-ec2';
import { collectPages, type Page, waitForAll } from '../aws/answers.ts';
import { tag } from '../aws/tags.ts';
import { imageOf } from '../aws/images.ts';
import type { ReferenceOptions, ReferenceWorld } from './find-references.ts';
import {
  type DescribeImageReferences,
  findImageReferences,
  type ImageReferences,
  type DescribeImageAttribute,
  findLaunchPermissions,
} from './image-users.ts';
import { findInstances } from './instances.ts';
import { currentVersions, usesOfCurrent } from './launch-templates.ts';
import { byId, type Found, type Reference, type ReferenceKind, type References } from './reference.ts';
import { isBackup } from './related-images.ts';

/** The calls that ask about single images. */
interface ConfirmWorld {
  /** Our own account's id. */
  accountId: () => Promise<string>;
  describeImageAttribute: DescribeImageAttribute;
  describeImageReferences: DescribeImageReferences;
}

/** What a last look at an image needs. */
export interface LastLookWorld
  extends ConfirmWorld, Pick<ReferenceWorld, 'describeInstances' | 'describeLaunchTemplateVersions'> {
  describeImages: (query: {
    Owners: string[];
    Filters: { Name: string; Values: string[] }[];
    MaxResults: number;
    NextToken?: string;
  }) => Promise<{ Images?: Image[] | undefined } & Page>;
}

/** What a second look at images found. */
export interface Confirmation {
  references: References;
  /** Whether EC2's own list of references was asked. */
  crossCheck: 'done' | 'ignored' | 'not available';
}

/**
 * A second look at the few images that are to go, by what can only be asked for given images: who else may launch
 * them, and what EC2 itself knows of their users.
 * @throws whatever a look-up throws, once none is under way any more
 */
export async function confirmUnused(
  ids: readonly string[],
  world: ConfirmWorld,
  options: ReferenceOptions,
): Promise<Confirmation> {
  const { ignore } = options;
  if (ids.length === 0) return { references: new Map(), crossCheck: 'done' };
  const [permissions = [], references] = await waitForAll<ImageReferences>([
    unlessIgnored('launch-permission', options, () => permissionsFor(ids, world)),
    ignore.has('image-reference')
      ? Promise.resolve([])
      : findImageReferences(ids, world.describeImageReferences, options),
  ]);
  const asked = references === undefined ? 'not available' : 'done';
  return {
    references: byId([...permissions, ...(references ?? [])]),
    crossCheck: ignore.has('image-reference') ? 'ignored' : asked,
  };
}

/**
 * A last look at one image just before it goes, by what can be asked for a single one: what began to use it since
 * all was looked at is seen.
 * @throws whatever a look-up throws, once none is under way any more
 */
export async function usersOf(
  id: string,
  world: LastLookWorld,
  options: ReferenceOptions,
): Promise<Reference[]> {
  const found = await waitForAll([
    unlessIgnored('instance', options, () => findInstances(world.describeInstances, id)),
    unlessIgnored('launch-template', options, async () =>
      usesOfCurrent(await currentVersions(world.describeLaunchTemplateVersions, id)),
    ),
    childrenOf(id, world, options),
    confirmUnused([id], world, options).then(({ references }) =>
      (references.get(id) ?? []).map((reference): Found => ({ id, ...reference })),
    ),
  ]);
  return byId(found.flat()).get(id) ?? [];
}

async function unlessIgnored(
  kind: ReferenceKind,
  { ignore }: ReferenceOptions,
  look: () => Promise<Found[]>,
): Promise<Found[]> {
  return ignore.has(kind) ? [] : look();
}

async function permissionsFor(ids: readonly string[], world: ConfirmWorld): Promise<Found[]> {
  return findLaunchPermissions(ids, await world.accountId(), world.describeImageAttribute);
}

/** What is baked or copied from it, by our tag and by what EC2 says. */
async function childrenOf(id: string, world: LastLookWorld, { ignore }: ReferenceOptions): Promise<Found[]> {
  if (ignore.has('child-image') && ignore.has('image-copy')) return [];
  const found = await waitForAll(
    [`tag:${tag.sourceAmi}`, 'source-image-id'].map((Name) => imagesBy({ Name, Values: [id] }, world)),
  );
  const images = [...new Map(found.flat().map((image) => [image.id, image])).values()];
  return images
    .filter((image) => image.id !== id && (image.state === 'pending' || !isBackup(image)))
    .map(({ id: child, name, state }): Found => {
      return state === 'pending'
        ? { id, kind: 'image-copy', by: `image ${name} (${child}) that is being made from it` }
        : { id, kind: 'child-image', by: `image ${name} (${child}) made from it` };
    })
    .filter(({ kind }) => !ignore.has(kind));
}

async function imagesBy(filter: { Name: string; Values: string[] }, { describeImages }: LastLookWorld) {
  const call = 'ec2:DescribeImages';
  return collectPages(
    (next) => describeImages({ Owners: ['self'], Filters: [filter], MaxResults: 500, ...next }),
    ({ Images: images }) => images?.map(imageOf),
    call,
  );
}
