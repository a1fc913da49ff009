import type { Reservation } from '@aws-sdk/client-ec2';
import { allPages, type Page } from './pages.ts';

/** Who uses an image, for a person: `instance i-0a (stopped)`, by the image's id. */
export type References = ReadonlyMap<string, readonly string[]>;

/** A call of DescribeInstances. */
export type DescribeInstances = (query: {
  Filters?: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Reservations?: Reservation[] | undefined } & Page>;

const pageSize = 500;

/**
 * The images that instances use: in every state but terminated, since a stopped one is started again, and a state
 * that we do not know may come to life as well.
 * @param imageId only the users of this image
 * @throws whatever the look-up throws: what cannot be looked up must not count as unused
 */
export async function findReferences(describe: DescribeInstances, imageId?: string): Promise<References> {
  const ofImage = imageId === undefined ? {} : { Filters: [{ Name: 'image-id', Values: [imageId] }] };
  const answers = await allPages((next) => describe({ ...ofImage, MaxResults: pageSize, ...next }));
  const users = new Map<string, string[]>();
  const instances = answers
    .flatMap(({ Reservations: reservations = [] }) => reservations)
    .flatMap(({ Instances: found = [] }) => found);
  for (const { ImageId: image, InstanceId: id = '?', State: { Name: state = 'unknown' } = {} } of instances) {
    if (image === undefined || state === 'terminated') continue;
    users.set(image, [...(users.get(image) ?? []), `instance ${id} (${state})`]);
  }
  return users;
}
