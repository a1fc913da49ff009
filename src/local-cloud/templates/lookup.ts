import { Fault } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import type { LaunchTemplate, LaunchTemplateVersion } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';

/** How a call names a template: by one of the two. */
export interface TemplateName {
  readonly LaunchTemplateId: string | undefined;
  readonly LaunchTemplateName: string | undefined;
}

/** Finds the one template that a call is about. */
export function templateOf(
  state: State,
  { LaunchTemplateId, LaunchTemplateName }: TemplateName,
): LaunchTemplate {
  if (LaunchTemplateId !== undefined && LaunchTemplateName !== undefined) {
    throw new Fault(
      'InvalidParameterCombination',
      'Launch template ID and launch template name may not be specified on the same request',
    );
  }
  if (LaunchTemplateId !== undefined) return find(state.launchTemplates, 'launchTemplate', LaunchTemplateId);
  if (LaunchTemplateName !== undefined) return templateNamed(state, LaunchTemplateName);
  throw new Fault(
    'MissingParameter',
    'Either a launch template ID or a launch template name must be specified in the request',
  );
}

/** Finds a template by its name, or throws the Fault. */
export function templateNamed(state: State, name: string): LaunchTemplate {
  const found = Object.values(state.launchTemplates).find((template) => template.name === name);
  if (found === undefined) {
    throw new Fault(
      'InvalidLaunchTemplateName.NotFoundException',
      `The specified launch template, with template name ${name}, does not exist.`,
    );
  }
  return found;
}

/** The newest version that is left. */
export function latestVersion({ versions, id }: LaunchTemplate): LaunchTemplateVersion {
  const latest = versions.at(-1);
  if (latest === undefined) throw new Error(`launch template ${id} has no version`);
  return latest;
}

/** The number that `$Latest`, `$Default` or a number's digits mean; the number need not exist. */
export function versionNumber(template: LaunchTemplate, version: string): number {
  if (version === '$Latest') return latestVersion(template).number;
  if (version === '$Default') return template.defaultVersion;
  if (/^\d{1,15}$/.test(version)) return Number(version);
  throw new Fault(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Invalid launch template version: '${version}' is neither a number nor $Latest nor $Default.`,
  );
}

/** Finds a version of a template, or throws the Fault. */
export function versionOf(template: LaunchTemplate, version: string): LaunchTemplateVersion {
  const number = versionNumber(template, version);
  const found = template.versions.find((other) => other.number === number);
  if (found === undefined) {
    throw new Fault(
      'InvalidLaunchTemplateId.VersionNotFound',
      `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
    );
  }
  return found;
}
