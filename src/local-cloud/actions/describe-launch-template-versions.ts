import { versionAnswer, versionFilters, type VersionOf } from '../answers/launch-template.ts';
import { read } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { applyFilters, filterShape } from '../api/filters.ts';
import { cutPage, pageShape } from '../api/paging.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { chooseVersions } from '../templates/choose-versions.ts';

/** EC2 shows the newest version first. */
const keyOf = ({ template, version }: VersionOf) =>
  `${template.id} ${String(1e15 - version.number).padStart(16, '0')}`;

export const describeLaunchTemplateVersions = read(
  {
    LaunchTemplateId: text,
    LaunchTemplateName: text,
    LaunchTemplateVersion: list(text),
    MinVersion: text,
    MaxVersion: text,
    ResolveAlias: flag,
    Filter: filterShape,
    IncludeManagedResources: flag,
    ...pageShape,
  },
  ({ Filter, MaxResults, NextToken, ...choice }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const chosen = chooseVersions(state, choice);
    if (choice.ResolveAlias === true) refuseMany(choice.LaunchTemplateVersion, chosen);
    const found = applyFilters(chosen, Filter, versionFilters, 'DescribeLaunchTemplateVersions');
    const { page, nextToken } = cutPage(
      found,
      keyOf,
      { MaxResults, NextToken },
      { min: 1, max: 200, usual: 200 },
    );
    return {
      launchTemplateVersionSet: page.map((version) => versionAnswer(version, state, choice.ResolveAlias)),
      nextToken,
    };
  },
);

/** EC2 resolves the alias of one version of one template: wata727/packer-plugin-amazon-ami-management#431. */
function refuseMany(versions: readonly string[], chosen: readonly VersionOf[]): void {
  if (versions.length === 1 && chosen.length === 1) return;
  throw new Fault(
    'InvalidParameterCombination',
    'ResolveAlias may be specified for a single version of a launch template only',
  );
}
