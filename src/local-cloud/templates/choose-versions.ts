import type { VersionOf } from '../answers/launch-template.ts';
import { Fault, invalidValue } from '../api/fault.ts';
import type { LaunchTemplate } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { templateOf, versionNumber, versionOf, type TemplateName } from './lookup.ts';

interface Choice extends TemplateName {
  readonly LaunchTemplateVersion: readonly string[];
  readonly MinVersion: string | undefined;
  readonly MaxVersion: string | undefined;
}

/**
 * The versions that DescribeLaunchTemplateVersions is asked for: of one template some, a range, or all; of no template
 * in particular the latest or the default ones of all.
 */
export function chooseVersions(state: State, choice: Choice): VersionOf[] {
  const versions = choice.LaunchTemplateVersion;
  if (versions.length > 0 && (choice.MinVersion ?? choice.MaxVersion) !== undefined) {
    throw new Fault(
      'InvalidParameterCombination',
      'Versions may not be specified together with a minimum or a maximum version',
    );
  }
  if ((choice.LaunchTemplateId ?? choice.LaunchTemplateName) === undefined) return ofAll(state, versions);
  const template = templateOf(state, choice);
  if (versions.length > 0) return chosen(template, versions);
  const from = bound(template, choice.MinVersion, 1);
  const to = bound(template, choice.MaxVersion, Infinity);
  return template.versions
    .filter(({ number }) => from <= number && number <= to)
    .map((version) => ({ template, version }));
}

function ofAll(state: State, versions: readonly string[]): VersionOf[] {
  if (versions.length === 0) {
    throw new Fault(
      'MissingParameter',
      'Either a launch template ID or a launch template name must be specified, or the versions $Latest or $Default',
    );
  }
  const other = versions.find((version) => version !== '$Latest' && version !== '$Default');
  if (other !== undefined) {
    throw invalidValue(
      `Without a launch template, Versions may be $Latest and $Default only: ${other} is neither`,
    );
  }
  return Object.values(state.launchTemplates).flatMap((template) => chosen(template, versions));
}

/** Each once, also when it is the latest and the default one. */
function chosen(template: LaunchTemplate, versions: readonly string[]): VersionOf[] {
  const found = new Set(versions.map((version) => versionOf(template, version)));
  return [...found].map((version) => ({ template, version }));
}

function bound(template: LaunchTemplate, version: string | undefined, otherwise: number): number {
  return version === undefined ? otherwise : versionNumber(template, version);
}
