import type { FilterTable } from '../api/filters.ts';
import { launchDataAnswer } from '../api/launch-data.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import { resolveImage } from '../parameters/resolve-image.ts';
import type { LaunchTemplate, LaunchTemplateVersion } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { latestVersion } from '../templates/lookup.ts';

/** Whoever has the keys is the account itself, as GetCallerIdentity says. */
const createdBy = ({ account }: Pick<State, 'account'>) => `arn:aws:iam::${account.id}:root`;

/** A template as DescribeLaunchTemplates shows it. */
export function templateAnswer(template: LaunchTemplate, state: State): Readonly<Record<string, Xml>> {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: new Date(template.createdAt),
    createdBy: createdBy(state),
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: latestVersion(template).number,
    tagSet: tagSet(state.tags[template.id]),
  };
}

export const templateFilters: FilterTable<LaunchTemplate> = {
  'create-time': ({ createdAt }) => createdAt,
  'launch-template-name': ({ name }) => name,
};

/** A version together with its template. */
export interface VersionOf {
  readonly template: LaunchTemplate;
  readonly version: LaunchTemplateVersion;
}

/** A version as DescribeLaunchTemplateVersions shows it; with `resolveAlias` the image that a parameter names. */
export function versionAnswer(
  { template, version }: VersionOf,
  state: State,
  resolveAlias = false,
): Readonly<Record<string, Xml>> {
  const { ImageId } = version.data;
  const resolved = resolveAlias && ImageId !== undefined && { ImageId: resolveImage(state, ImageId) };
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.number,
    versionDescription: version.description,
    createTime: new Date(version.createdAt),
    createdBy: createdBy(state),
    defaultVersion: version.number === template.defaultVersion,
    launchTemplateData: launchDataAnswer({ ...version.data, ...resolved }),
  };
}

export const versionFilters: FilterTable<VersionOf> = {
  'create-time': ({ version }) => version.createdAt,
  'ebs-optimized': ({ version }) => version.data.EbsOptimized,
  'http-endpoint': ({ version }) => version.data.MetadataOptions?.HttpEndpoint,
  'http-tokens': ({ version }) => version.data.MetadataOptions?.HttpTokens,
  'iam-instance-profile': ({ version }) => version.data.IamInstanceProfile?.Arn,
  'image-id': ({ version }) => version.data.ImageId,
  'instance-type': ({ version }) => version.data.InstanceType,
  'is-default-version': ({ template, version }) => version.number === template.defaultVersion,
};
