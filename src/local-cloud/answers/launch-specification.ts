import { givenOf, wireNames, type LaunchSpecification } from '../api/launch-data.ts';
import type { Xml } from '../api/xml.ts';
import type { TemplateUse } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { groupSet } from './instance.ts';

/** What a spot request or fleet would launch. */
export function specificationAnswer(specification: LaunchSpecification, { groups }: State): Xml {
  const { BlockDeviceMapping, SecurityGroupId = [], SecurityGroup = [], ...rest } = specification;
  const named = SecurityGroup.flatMap(
    (name) => Object.values(groups).find((group) => group.name === name)?.id ?? [],
  );
  return {
    ...wireNames(givenOf(rest)),
    groupSet: groupSet([...SecurityGroupId, ...named], groups),
    blockDeviceMapping: BlockDeviceMapping?.map((device) => wireNames(givenOf(device))),
  };
}

/** The templates of a fleet. */
export function templateUsesAnswer(templates: readonly TemplateUse[]): Xml {
  return templates.map(({ templateId, templateName, version, overrides }) => ({
    launchTemplateSpecification: {
      launchTemplateId: templateId,
      launchTemplateName: templateName,
      version,
    },
    overrides: overrides.map((override) => wireNames(givenOf(override))),
  }));
}
