import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { known } from './answer.ts';
import { imageUses } from './launch-source.ts';
import type { Pin } from './pin.ts';
import type { Found, ReferenceKind } from './reference.ts';

export const versionsCall = 'ec2:DescribeLaunchTemplateVersions';

/** A version of a launch template. */
export interface TemplateVersion {
  id: string;
  name: string;
  number: number;
  isDefault: boolean;
  imageId: string | undefined;
  snapshotIds: string[];
}

/**
 * A version as EC2 describes it, in our words.
 * @throws CloudError when it lacks what must be known; an image it may lack
 */
export function templateVersion(version: LaunchTemplateVersion): TemplateVersion {
  const id = known(version.LaunchTemplateId, versionsCall, "a launch template's id");
  const number = known(version.VersionNumber, versionsCall, `the number of a version of ${id}`);
  const data = known(version.LaunchTemplateData, versionsCall, `the data of version ${number} of ${id}`);
  return {
    id,
    name: version.LaunchTemplateName ?? '?',
    number,
    isDefault: known(
      version.DefaultVersion,
      versionsCall,
      `whether version ${number} of ${id} is the default`,
    ),
    imageId: data.ImageId,
    snapshotIds: (data.BlockDeviceMappings ?? []).flatMap(({ Ebs: ebs }) => ebs?.SnapshotId ?? []),
  };
}

/**
 * What versions use that count by themselves.
 * @param versions of each template at least the default and the latest
 */
export function usesOfVersions(versions: readonly TemplateVersion[]): Found[] {
  const latest = latestNumbers(versions);
  return versions.flatMap((version) => {
    const roles = [
      ...(version.isDefault ? ['default'] : []),
      ...(version.number === latest.get(version.id) ? ['latest'] : []),
    ];
    return usesOf(version, 'launch-template', roles.length === 0 ? 'older version' : roles.join(', '));
  });
}

/**
 * What versions use that count by themselves, where others of their templates are not known.
 * @param versions only defaults and latest ones
 */
export function usesOfCurrent(versions: readonly TemplateVersion[]): Found[] {
  return versions.flatMap((version) =>
    usesOf(version, 'launch-template', version.isDefault ? 'default' : 'latest'),
  );
}

/**
 * What pinned versions use. A pin without its version here is of one that is gone.
 * @param versions all that were found, of each template at least those that its pins name
 */
export function usesOfPins(pins: readonly Pin[], versions: readonly TemplateVersion[]): Found[] {
  const latest = latestNumbers(versions);
  return pins.flatMap((pin) =>
    versions
      .filter((version) => isPinned(version, pin, latest))
      .flatMap((version) => usesOf(version, pin.kind, `pinned by ${pin.by}`)),
  );
}

/**
 * Whether this is the version that the pin names.
 * @param latest the highest number of each template, by the template's id
 */
export function isPinned(
  version: TemplateVersion,
  { template, version: named }: Pin,
  latest: ReadonlyMap<string, number>,
): boolean {
  if ('id' in template ? template.id !== version.id : template.name !== version.name) return false;
  if (named === '$Default') return version.isDefault;
  return version.number === (named === '$Latest' ? latest.get(version.id) : Number(named));
}

/** The highest number of each template, by the template's id. */
export function latestNumbers(versions: readonly TemplateVersion[]): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { id, number } of versions) latest.set(id, Math.max(number, latest.get(id) ?? 0));
  return latest;
}

function usesOf(version: TemplateVersion, kind: ReferenceKind, why: string): Found[] {
  const { id, name, number, imageId, snapshotIds } = version;
  const by = `launch template ${name} (${id}) version ${number} (${why})`;
  const mappings = snapshotIds.map((snapshot) => ({ Ebs: { SnapshotId: snapshot } }));
  return imageUses({ ImageId: imageId, BlockDeviceMappings: mappings }, { kind, by, call: versionsCall });
}
