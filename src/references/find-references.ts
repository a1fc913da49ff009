import { listGroups, usesOfGroup, findRefreshes, findLaunchConfigurations } from './auto-scaling.ts';
import { findFleets, findInstances, findSpotRequests } from './instances.ts';
import {
  allUses,
  type Uses,
  type Pin,
  byId,
  type FoundReference,
  type ReferenceKind,
  type References,
} from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';
import {
  allVersions,
  currentVersions,
  pinnedVersions,
  type TemplateVersion,
  usesOfPins,
  usesOfVersions,
} from './launch-templates.ts';
import { resolveImages, findParameters } from './ssm-parameters.ts';
import { waitForAll } from '../aws/answers.ts';

/** Which references count. */
export interface ReferenceOptions {
  /** Kinds that are not checked at all. */
  ignore: ReadonlySet<ReferenceKind>;
  /** Every version of every launch template counts, not the default, the latest and the pinned ones only. */
  allTemplateVersions: boolean;
  /**
   * Names of launch templates that promote moves. Each promotion leaves a version behind: of these templates only the
   * default, the latest and the pinned versions count, whatever EC2's own list says.
   */
  promotedTemplates?: readonly string[];
  /**
   * Whether promote lets an account launch an image. It launches what is current, and what it does is not seen from here:
   * that it may launch an older image, too, does not keep that for ever.
   */
  isPromotedTo?: (imageId: string, accountId: string) => boolean;
}

const nothing: Uses = { found: [], pins: [] };

/**
 * Everything in the region that uses an image (or maps a snapshot), whoever owns the image. The calls run at the same
 * time.
 * @throws what the first failed call throws, once no call is pending: an incomplete answer must not count as one
 */
export async function findReferences(calls: ReferenceCalls, options: ReferenceOptions): Promise<References> {
  const { ignore } = options;
  const unless = async <T>(kind: ReferenceKind, find: () => Promise<T>, otherwise: T): Promise<T> =>
    ignore.has(kind) ? otherwise : find();
  const simple = async (kind: ReferenceKind, find: () => Promise<FoundReference[]>): Promise<Uses> => ({
    found: await unless(kind, find, []),
    pins: [],
  });
  let versions: TemplateVersion[] = [];
  const uses = await waitForAll<Uses>([
    simple('instance', () => findInstances(calls.describeInstances)),
    simple('launch-configuration', () => findLaunchConfigurations(calls.describeLaunchConfigurations)),
    simple('spot-request', () => findSpotRequests(calls.describeSpotInstanceRequests)),
    simple('ssm-parameter', () => findParameters(calls)),
    unless('fleet', () => findFleets(calls), nothing),
    findGroups(calls, ignore),
    simple('launch-template', async () => {
      versions = await findVersions(calls, options);
      return usesOfVersions(versions);
    }),
  ]);
  const { found, pins } = allUses(uses);
  const pinned = await findPinned(pins, versions, calls, ignore);
  return byId(await resolveImages([...found, ...pinned], calls.getParameters));
}

function findVersions(
  calls: ReferenceCalls,
  { allTemplateVersions }: ReferenceOptions,
): Promise<TemplateVersion[]> {
  return allTemplateVersions ? allVersions(calls) : currentVersions(calls.describeLaunchTemplateVersions);
}

/** Refreshes can only be asked for group by group, so that the groups are listed for them, too. */
async function findGroups(calls: ReferenceCalls, ignore: ReadonlySet<ReferenceKind>): Promise<Uses> {
  const withGroups = !ignore.has('auto-scaling-group');
  const withRefreshes = !ignore.has('instance-refresh');
  if (!withGroups && !withRefreshes) return nothing;
  const groups = await listGroups(calls.describeAutoScalingGroups);
  return allUses([
    ...(withGroups ? groups.map(usesOfGroup) : []),
    withRefreshes ? await findRefreshes(groups, calls.describeInstanceRefreshes) : nothing,
  ]);
}

/**
 * What the pinned versions use. Pins to the default and the latest version are covered where launch templates count
 * themselves; where those are ignored, a group's or a fleet's own template is still a use by the group or fleet.
 */
async function findPinned(
  pins: readonly Pin[],
  versions: readonly TemplateVersion[],
  calls: ReferenceCalls,
  ignore: ReadonlySet<ReferenceKind>,
): Promise<FoundReference[]> {
  const open = ignore.has('launch-template') ? pins : pins.filter(({ version }) => !version.startsWith('$'));
  const more = await pinnedVersions(open, versions, calls.describeLaunchTemplateVersions);
  return usesOfPins(open, [...versions, ...more]);
}
