import type { Reservation } from '@aws-sdk/client-ec2';
import type { Resource } from '../leftovers/resource.ts';
import type { Image } from '../aws/images.ts';
import { instanceResource } from '../leftovers/read-resources.ts';
import { whyNotOfBake } from '../leftovers/whose-resource.ts';
import { collectPages, type Page } from '../aws/answers.ts';
import { tag } from '../aws/tags.ts';

/** A call of DescribeInstances by filters. */
type DescribeTaggedInstances = (query: {
  Filters: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ Reservations?: Reservation[] | undefined } & Page>;

/** Every state but terminated: one that is being stopped is still being made an image of. */
const alive = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];

/** What of the account's images tells a bake's machine from a server. */
type KnownImage = Pick<Image, 'id' | 'run'>;

/**
 * The runs whose bake or proof has an instance, and so go on, or were killed: then `cleanup --leaks` ends them. Servers
 * bear the tags of their image, too.
 */
export async function runsWithInstances(
  describe: DescribeTaggedInstances,
  images: readonly KnownImage[],
): Promise<Set<string>> {
  const filters = [
    { Name: 'tag-key', Values: [tag.run] },
    { Name: 'instance-state-name', Values: alive },
  ];
  const runOf = new Map(images.map(({ id, run }) => [id, run === '' ? undefined : run]));
  const known = { runOf, ofSnapshot: new Map<string, string[]>(), publicSnapshots: new Set<string>() };
  const things = await collectPages(
    (next) => describe({ Filters: filters, MaxResults: 500, ...next }),
    ({ Reservations: reservations }) =>
      reservations
        ?.flatMap(({ Instances: instances = [] }) => instances)
        .map((instance) => instanceResource(instance, known)),
    'ec2:DescribeInstances',
  );
  return new Set(things.filter(mayBeABakes).map(({ run }) => run));
}

/** Where nobody can tell, its run goes on. */
function mayBeABakes(thing: Resource): boolean {
  const why = whyNotOfBake(thing)?.kind;
  return thing.run !== '' && (why === undefined || why === 'keep-tag' || why === 'origin-unknown');
}
