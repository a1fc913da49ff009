import type { LaunchPermission } from '@aws-sdk/client-ec2';
import { codeOf, malformed } from '../aws/ec2-failure.ts';
import { known } from './answer.ts';
import type { Found } from './reference.ts';
import { together } from './together.ts';

/** A call of DescribeImageAttribute: of one image, the API has no other. */
export type DescribeImageAttribute = (query: {
  ImageId: string;
  Attribute: 'launchPermission';
}) => Promise<{ LaunchPermissions?: LaunchPermission[] | undefined }>;

const call = 'ec2:DescribeImageAttribute';

/**
 * Who else may launch these images: one call for each image. An image that is gone has nobody.
 * @param account our own account's id, which may be named among the others
 */
export async function findLaunchPermissions(
  ids: readonly string[],
  account: string,
  describe: DescribeImageAttribute,
): Promise<Found[]> {
  const ofEach = ids.map(async (id): Promise<Found[]> => {
    const permissions = await permissionsOf(id, describe);
    return permissions
      .map(holderOf)
      .filter((holder) => holder !== `account ${account}`)
      .map((by) => ({ id, kind: 'launch-permission', by }));
  });
  return (await together(ofEach)).flat();
}

async function permissionsOf(id: string, describe: DescribeImageAttribute): Promise<LaunchPermission[]> {
  try {
    const { LaunchPermissions: permissions } = await describe({ ImageId: id, Attribute: 'launchPermission' });
    return known(permissions, call, `the launch permissions of ${id}`);
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
  throw malformed(call, 'a launch permission names nobody');
}
