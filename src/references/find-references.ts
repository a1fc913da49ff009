import {
  type DescribeAutoScalingGroups,
  listGroups,
  usesOfGroup,
  type DescribeInstanceRefreshes,
  findRefreshes,
  type DescribeLaunchConfigurations,
  findLaunchConfigurations,
} from './auto-scaling.ts';
import {
  findFleets,
  type FleetWorld,
  type DescribeInstances,
  findInstances,
  type DescribeSpotInstanceRequests,
  findSpotRequests,
} from './instances.ts';
import {
  allUses,
  type Uses,
  type Pin,
  byId,
  type Found,
  type ReferenceKind,
  type References,
} from './reference.ts';
import {
  allVersions,
  currentVersions,
  pinnedVersions,
  type TemplateWorld,
  type TemplateVersion,
  usesOfPins,
  usesOfVersions,
} from './launch-templates.ts';
import { resolveImages, findParameters, type ParameterWorld } from './ssm-parameters.ts';
import { waitForAll } from '../aws/answers.ts';

/** The calls that tell what uses images. */
export interface ReferenceWorld extends TemplateWorld, FleetWorld, ParameterWorld {
  describeInstances: DescribeInstances;
  describeLaunchConfigurations: DescribeLaunchConfigurations;
  describeAutoScalingGroups: DescribeAutoScalingGroups;
  describeInstanceRefreshes: DescribeInstanceRefreshes;
  describeSpotInstanceRequests: DescribeSpotInstanceRequests;
}

/** What is looked for. */
export interface ReferenceOptions {
  /** Not looked up at all. */
  ignore: ReadonlySet<ReferenceKind>;
  /** Every version of every launch template counts, not the default, the latest and the pinned ones only. */
  allTemplateVersions: boolean;
}

const nothing: Uses = { found: [], pins: [] };

/**
 * Everything in the region that uses an image (or a snapshot, where it maps that), whoever the image belongs to. Looked
 * up at the same time.
 * @throws what the first look-up to fail throws, once none is under way any more: an answer that is not whole must
 * not count as one
 */
export async function findReferences(world: ReferenceWorld, options: ReferenceOptions): Promise<References> {
  const { ignore } = options;
  const unless = async <T>(kind: ReferenceKind, look: () => Promise<T>, otherwise: T): Promise<T> =>
    ignore.has(kind) ? otherwise : look();
  const simple = async (kind: ReferenceKind, look: () => Promise<Found[]>): Promise<Uses> => ({
    found: await unless(kind, look, []),
    pins: [],
  });
  let versions: TemplateVersion[] = [];
  const uses = await waitForAll<Uses>([
    simple('instance', () => findInstances(world.describeInstances)),
    simple('launch-configuration', () => findLaunchConfigurations(world.describeLaunchConfigurations)),
    simple('spot-request', () => findSpotRequests(world.describeSpotInstanceRequests)),
    simple('ssm-parameter', () => findParameters(world)),
    unless('fleet', () => findFleets(world), nothing),
    findGroups(world, ignore),
    simple('launch-template', async () => {
      versions = await findVersions(world, options);
      return usesOfVersions(versions);
    }),
  ]);
  const { found, pins } = allUses(uses);
  const pinned = await findPinned(pins, versions, world, ignore);
  return byId(await resolveImages([...found, ...pinned], world.getParameters));
}

function findVersions(
  world: TemplateWorld,
  { allTemplateVersions }: ReferenceOptions,
): Promise<TemplateVersion[]> {
  return allTemplateVersions ? allVersions(world) : currentVersions(world.describeLaunchTemplateVersions);
}

/** Refreshes can only be asked for group by group, so that the groups are listed for them, too. */
async function findGroups(world: ReferenceWorld, ignore: ReadonlySet<ReferenceKind>): Promise<Uses> {
  const withGroups = !ignore.has('auto-scaling-group');
  const withRefreshes = !ignore.has('instance-refresh');
  if (!withGroups && !withRefreshes) return nothing;
  const groups = await listGroups(world.describeAutoScalingGroups);
  return allUses([
    ...(withGroups ? groups.map(usesOfGroup) : []),
    withRefreshes ? await findRefreshes(groups, world.describeInstanceRefreshes) : nothing,
  ]);
}

/**
 * What the pinned versions use. Pins to the default and the latest version are covered where launch templates count
 * themselves; where those are ignored, a group's or a fleet's own template is still a use by the group or fleet.
 */
async function findPinned(
  pins: readonly Pin[],
  versions: readonly TemplateVersion[],
  world: TemplateWorld,
  ignore: ReadonlySet<ReferenceKind>,
): Promise<Found[]> {
  const open = ignore.has('launch-template') ? pins : pins.filter(({ version }) => !version.startsWith('$'));
  const more = await pinnedVersions(open, versions, world.describeLaunchTemplateVersions);
  return usesOfPins(open, [...versions, ...more]);
}
