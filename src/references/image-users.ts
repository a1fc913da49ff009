import type { LaunchPermission, ImageReference, ResourceTypeRequest } from '@aws-sdk/client-ec2';
import { required, waitForAll, collectPages, inParts } from '../aws/answers.ts';
import { codeOf, malformed } from '../aws/ec2-failure.ts';
import type { ReferenceOptions } from './find-references.ts';
import type { FoundReference, ReferenceKind } from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';

const permissionsCall = 'ec2:DescribeImageAttribute';

/**
 * Who else may launch these images: one call for each image. An image that is gone has nobody.
 * @param account our own account's id, which may be named among the others
 * @param isPromotedTo see {@link ReferenceOptions}
 */
export async function findLaunchPermissions(
  ids: readonly string[],
  account: string,
  describe: ReferenceCalls['describeImageAttribute'],
  isPromotedTo: ReferenceOptions['isPromotedTo'] = () => false,
): Promise<FoundReference[]> {
  const ofEach = ids.map(async (id): Promise<FoundReference[]> => {
    const permissions = await permissionsOf(id, describe);
    return permissions
      .filter(({ UserId: other }) => other === undefined || !isPromotedTo(id, other))
      .map(holderOf)
      .filter((holder) => holder !== `account ${account}`)
      .map((by) => ({ id, kind: 'launch-permission', by }));
  });
  return (await waitForAll(ofEach)).flat();
}

async function permissionsOf(
  id: string,
  describe: ReferenceCalls['describeImageAttribute'],
): Promise<LaunchPermission[]> {
  try {
    const { LaunchPermissions: permissions } = await describe({ ImageId: id, Attribute: 'launchPermission' });
    return required(permissions, permissionsCall, `the launch permissions of ${id}`);
  } catch (error) {
    if (/^InvalidAMIID\.(NotFound|Unavailable)$/.test(codeOf(error))) return [];
    throw error;
  }
}

/** For a person: `account 123456789012`. */
function holderOf(permission: LaunchPermission): string {
  const {
    UserId: user,
    Group: group,
    OrganizationArn: organization,
    OrganizationalUnitArn: unit,
  } = permission;
  if (user !== undefined) return `account ${user}`;
  // The API has no other group than `all`.
  if (group !== undefined) return 'everyone (public)';
  if (organization !== undefined) return `organization ${organization}`;
  if (unit !== undefined) return `organizational unit ${unit}`;
  throw malformed(permissionsCall, 'a launch permission names nobody');
}

/** What EC2 itself knows of the users of images; undefined: it has no such list here. */
export type ImageReferences = FoundReference[] | undefined;

const referencesCall = 'ec2:DescribeImageReferences';
const imagesPerCall = 10;
/** How many versions of a template are checked, from the newest: EC2's own default, and its maximum. */
const usualDepth = 10;
const maximumDepth = 10_000;
/** An action that an older API, or one of another maker, does not have; a region where it is not offered. */
const unavailableCodes = ['InvalidAction', 'UnsupportedOperation', 'UnknownOperationException'];
/** Every state but `terminated`, which is in EC2's default. */
const states = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];
const templateType = 'ec2:LaunchTemplate';
/** The kinds that EC2 lists as well: one that is ignored is ignored here, too. */
const kinds: ReadonlyMap<string, ReferenceKind> = new Map([
  ['ec2:Instance', 'instance'],
  [templateType, 'launch-template'],
  ['ssm:Parameter', 'ssm-parameter'],
]);

/**
 * What EC2 itself lists as users of these images: instances, launch templates, parameters, recipes of Image Builder, and
 * more. It checks what the other calls found.
 */
export async function findImageReferences(
  ids: readonly string[],
  calls: Pick<ReferenceCalls, 'describeImageReferences' | 'describeLaunchTemplates'>,
  { ignore, allTemplateVersions, promotedTemplates = [] }: ReferenceOptions,
): Promise<ImageReferences> {
  const ResourceTypes = resourceTypes(allTemplateVersions ? maximumDepth : usualDepth);
  try {
    const answers = await waitForAll(
      inParts(ids, imagesPerCall).map((ImageIds) =>
        collectPages(
          (next) =>
            calls.describeImageReferences({
              ...{ ImageIds, IncludeAllResourceTypes: true, ResourceTypes, MaxResults: 100 },
              ...next,
            }),
          ({ ImageReferences: references }) => references,
          referencesCall,
        ),
      ),
    );
    const found = answers.flat();
    const names = allTemplateVersions ? [] : promotedTemplates;
    const promoted =
      names.length > 0 && found.some(({ ResourceType: type }) => type === templateType)
        ? await templateIds(names, calls)
        : new Set<string>();
    return found
      .filter(
        ({ ResourceType: type, Arn: arn = '' }) =>
          type !== templateType || !promoted.has(arn.replace(/^.*\//, '')),
      )
      .flatMap((reference) => referenceOf(reference, ignore));
  } catch (error) {
    if (unavailableCodes.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** The ids of launch templates; one that is gone has none. */
async function templateIds(
  names: readonly string[],
  { describeLaunchTemplates }: Pick<ReferenceCalls, 'describeLaunchTemplates'>,
): Promise<Set<string>> {
  const call = 'ec2:DescribeLaunchTemplates';
  // A filter takes 200 values.
  const found = await waitForAll(
    inParts(names, 200).map((Values) =>
      collectPages(
        (next) =>
          describeLaunchTemplates({
            Filters: [{ Name: 'launch-template-name', Values }],
            MaxResults: 200,
            ...next,
          }),
        ({ LaunchTemplates: templates }) =>
          templates?.map(({ LaunchTemplateId: id }) => required(id, call, "a launch template's id")),
        call,
      ),
    ),
  );
  return new Set(found.flat());
}

/** What is said here overrides the defaults of all types, and leaves the others as they are. */
function resourceTypes(depth: number): ResourceTypeRequest[] {
  return [
    {
      ResourceType: 'ec2:Instance',
      ResourceTypeOptions: [{ OptionName: 'state-name', OptionValues: states }],
    },
    {
      ResourceType: 'ec2:LaunchTemplate',
      ResourceTypeOptions: [{ OptionName: 'version-depth', OptionValues: [String(depth)] }],
    },
  ];
}

function referenceOf(reference: ImageReference, ignore: ReadonlySet<ReferenceKind>): FoundReference[] {
  const id = required(reference.ImageId, referencesCall, 'the image of a reference');
  const type = required(reference.ResourceType, referencesCall, `the type of a reference to ${id}`);
  const kind = kinds.get(type);
  if (kind !== undefined && ignore.has(kind)) return [];
  return [{ id, kind: 'image-reference', by: `${type} ${reference.Arn ?? '?'} (says EC2)` }];
}
