import type { Reservation } from '@aws-sdk/client-ec2';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import type { Found } from './reference.ts';

/** A call of DescribeInstances. */
export type DescribeInstances = (query: {
  Filters?: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Reservations?: Reservation[] | undefined } & Page>;

const call = 'ec2:DescribeInstances';

/**
 * The images that instances use: in every state but terminated, since a stopped one is started again, and a state
 * that we do not know may come to life as well.
 * @param imageId only the users of this image
 */
export async function findInstances(describe: DescribeInstances, imageId?: string): Promise<Found[]> {
  const ofImage = imageId === undefined ? {} : { Filters: [{ Name: 'image-id', Values: [imageId] }] };
  return collectPages(
    (next) => describe({ ...ofImage, MaxResults: 500, ...next }),
    ({ Reservations: reservations }) => reservations?.flatMap(usesOf),
    call,
  );
}

function usesOf({ Instances: instances }: Reservation): Found[] {
  return known(instances, call, 'the instances of a reservation').flatMap((instance) => {
    const id = known(instance.InstanceId, call, "an instance's id");
    const state = known(instance.State?.Name, call, `the state of ${id}`);
    if (state === 'terminated') return [];
    const image = known(instance.ImageId, call, `the image of ${id}`);
    return [{ id: image, kind: 'instance', by: `instance ${id} (${state})` }];
  });
}
