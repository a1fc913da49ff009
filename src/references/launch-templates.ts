import type { DescribeLaunchTemplateVersionsRequest, LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { collectPages, required, waitForAll } from '../aws/answers.ts';
import { codeOf } from '../aws/ec2-failure.ts';
import { type Pin, imageUses, type FoundReference, type ReferenceKind } from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';

type Question = Omit<DescribeLaunchTemplateVersionsRequest, 'MaxResults' | 'NextToken'>;

const pageSize = 200;
const templateGone = ['InvalidLaunchTemplateId.NotFound', 'InvalidLaunchTemplateName.NotFoundException'];
const versionGone = 'InvalidLaunchTemplateId.VersionNotFound';

/**
 * The default and the latest version of every template, of an image only where one is given. An image that a version
 * names by a parameter is not found by its id.
 */
export async function currentVersions(
  describe: ReferenceCalls['describeLaunchTemplateVersions'],
  imageId?: string,
): Promise<TemplateVersion[]> {
  const ofImage = imageId === undefined ? {} : { Filters: [{ Name: 'image-id', Values: [imageId] }] };
  return distinct(await ask(describe, { Versions: ['$Latest', '$Default'], ...ofImage }));
}

/** Every version of every template. */
export async function allVersions(
  calls: Pick<ReferenceCalls, 'describeLaunchTemplates' | 'describeLaunchTemplateVersions'>,
): Promise<TemplateVersion[]> {
  const call = 'ec2:DescribeLaunchTemplates';
  const ids = await collectPages(
    (next) => calls.describeLaunchTemplates({ MaxResults: pageSize, ...next }),
    ({ LaunchTemplates: templates }) =>
      templates?.map(({ LaunchTemplateId: id }) => required(id, call, "a launch template's id")),
    call,
  );
  const ofEach = ids.map((id) =>
    askUnlessGone(calls.describeLaunchTemplateVersions, { LaunchTemplateId: id }),
  );
  return distinct((await waitForAll(ofEach)).flat());
}

/** Those of the pinned versions that are not known yet, as far as they exist. */
export async function pinnedVersions(
  pins: readonly Pin[],
  found: readonly TemplateVersion[],
  describe: ReferenceCalls['describeLaunchTemplateVersions'],
): Promise<TemplateVersion[]> {
  const ofEach = questionsOf(pins, found).map((question) => askUnlessGone(describe, question));
  return distinct((await waitForAll(ofEach)).flat());
}

/** What to ask for pins whose version is not known yet: one question for each template. */
export function questionsOf(pins: readonly Pin[], found: readonly TemplateVersion[]): Question[] {
  const latest = latestNumbers(found);
  const questions = new Map<string, Question & { Versions: string[] }>();
  for (const pin of pins) {
    if (found.some((version) => isPinned(version, pin, latest))) continue;
    const template =
      'id' in pin.template
        ? { LaunchTemplateId: pin.template.id }
        : { LaunchTemplateName: pin.template.name };
    const key = JSON.stringify(template);
    const question = questions.get(key) ?? { ...template, Versions: [] };
    if (!question.Versions.includes(pin.version)) question.Versions.push(pin.version);
    questions.set(key, question);
  }
  return [...questions.values()];
}

/** EC2 refuses the whole question for one version that is gone: then each is asked for by itself. */
async function askUnlessGone(
  describe: ReferenceCalls['describeLaunchTemplateVersions'],
  question: Question,
): Promise<TemplateVersion[]> {
  try {
    return await ask(describe, question);
  } catch (error) {
    if (templateGone.includes(codeOf(error))) return [];
    if (codeOf(error) !== versionGone) throw error;
    const { Versions: versions = [] } = question;
    if (versions.length <= 1) return [];
    const ofEach = versions.map((version) => askUnlessGone(describe, { ...question, Versions: [version] }));
    return (await waitForAll(ofEach)).flat();
  }
}

async function ask(
  describe: ReferenceCalls['describeLaunchTemplateVersions'],
  question: Question,
): Promise<TemplateVersion[]> {
  return collectPages(
    (next) => describe({ ...question, MaxResults: pageSize, ...next }),
    ({ LaunchTemplateVersions: versions }) => versions?.map(templateVersion),
    versionsCall,
  );
}

/** A version that is the default and the latest may come twice. */
function distinct(versions: readonly TemplateVersion[]): TemplateVersion[] {
  return [...new Map(versions.map((version) => [`${version.id} ${version.number}`, version])).values()];
}

const versionsCall = 'ec2:DescribeLaunchTemplateVersions';

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
  const id = required(version.LaunchTemplateId, versionsCall, "a launch template's id");
  const number = required(version.VersionNumber, versionsCall, `the number of a version of ${id}`);
  const data = required(version.LaunchTemplateData, versionsCall, `the data of version ${number} of ${id}`);
  return {
    id,
    name: version.LaunchTemplateName ?? '?',
    number,
    isDefault: required(
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
export function usesOfVersions(versions: readonly TemplateVersion[]): FoundReference[] {
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
export function usesOfCurrent(versions: readonly TemplateVersion[]): FoundReference[] {
  return versions.flatMap((version) =>
    usesOf(version, 'launch-template', version.isDefault ? 'default' : 'latest'),
  );
}

/**
 * What pinned versions use. A pin without its version here is of one that is gone.
 * @param versions all that were found, of each template at least those that its pins name
 */
export function usesOfPins(pins: readonly Pin[], versions: readonly TemplateVersion[]): FoundReference[] {
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
function isPinned(
  version: TemplateVersion,
  { template, version: named }: Pin,
  latest: ReadonlyMap<string, number>,
): boolean {
  if ('id' in template ? template.id !== version.id : template.name !== version.name) return false;
  if (named === '$Default') return version.isDefault;
  return version.number === (named === '$Latest' ? latest.get(version.id) : Number(named));
}

/** The highest number of each template, by the template's id. */
function latestNumbers(versions: readonly TemplateVersion[]): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { id, number } of versions) latest.set(id, Math.max(number, latest.get(id) ?? 0));
  return latest;
}

function usesOf(version: TemplateVersion, kind: ReferenceKind, why: string): FoundReference[] {
  const { id, name, number, imageId, snapshotIds } = version;
  const by = `launch template ${name} (${id}) version ${number} (${why})`;
  const mappings = snapshotIds.map((snapshot) => ({ Ebs: { SnapshotId: snapshot } }));
  return imageUses({ ImageId: imageId, BlockDeviceMappings: mappings }, { kind, by, call: versionsCall });
}
