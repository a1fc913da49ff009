import type { LaunchTemplate, LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { codeOf } from '../aws/ec2-failure.ts';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import type { Pin } from './pin.ts';
import {
  isPinned,
  latestNumbers,
  type TemplateVersion,
  templateVersion,
  versionsCall,
} from './template-version.ts';
import { together } from './together.ts';

/** A call of DescribeLaunchTemplateVersions: without a template, of all of them. */
export type DescribeLaunchTemplateVersions = (query: {
  LaunchTemplateId?: string;
  LaunchTemplateName?: string;
  Versions?: string[];
  Filters?: { Name: string; Values: string[] }[];
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ LaunchTemplateVersions?: LaunchTemplateVersion[] | undefined } & Page>;

/** A call of DescribeLaunchTemplates. */
export type DescribeLaunchTemplates = (query: {
  MaxResults: number;
  NextToken?: string;
}) => Promise<{ LaunchTemplates?: LaunchTemplate[] | undefined } & Page>;

/** The calls that launch templates need. */
export interface TemplateWorld {
  describeLaunchTemplates: DescribeLaunchTemplates;
  describeLaunchTemplateVersions: DescribeLaunchTemplateVersions;
}

type Question = Omit<Parameters<DescribeLaunchTemplateVersions>[0], 'MaxResults' | 'NextToken'>;

const pageSize = 200;
const templateGone = ['InvalidLaunchTemplateId.NotFound', 'InvalidLaunchTemplateName.NotFoundException'];
const versionGone = 'InvalidLaunchTemplateId.VersionNotFound';

/**
 * The default and the latest version of every template, of an image only where one is given. An image that a version
 * names by a parameter is not found by its id.
 */
export async function currentVersions(
  describe: DescribeLaunchTemplateVersions,
  imageId?: string,
): Promise<TemplateVersion[]> {
  const ofImage = imageId === undefined ? {} : { Filters: [{ Name: 'image-id', Values: [imageId] }] };
  return distinct(await ask(describe, { Versions: ['$Latest', '$Default'], ...ofImage }));
}

/** Every version of every template. */
export async function allVersions(world: TemplateWorld): Promise<TemplateVersion[]> {
  const call = 'ec2:DescribeLaunchTemplates';
  const ids = await collectPages(
    (next) => world.describeLaunchTemplates({ MaxResults: pageSize, ...next }),
    ({ LaunchTemplates: templates }) =>
      templates?.map(({ LaunchTemplateId: id }) => known(id, call, "a launch template's id")),
    call,
  );
  const ofEach = ids.map((id) =>
    askUnlessGone(world.describeLaunchTemplateVersions, { LaunchTemplateId: id }),
  );
  return distinct((await together(ofEach)).flat());
}

/** Those of the pinned versions that are not known yet, as far as they exist. */
export async function pinnedVersions(
  pins: readonly Pin[],
  found: readonly TemplateVersion[],
  describe: DescribeLaunchTemplateVersions,
): Promise<TemplateVersion[]> {
  const ofEach = questionsOf(pins, found).map((question) => askUnlessGone(describe, question));
  return distinct((await together(ofEach)).flat());
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
  describe: DescribeLaunchTemplateVersions,
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
    return (await together(ofEach)).flat();
  }
}

async function ask(describe: DescribeLaunchTemplateVersions, question: Question): Promise<TemplateVersion[]> {
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
