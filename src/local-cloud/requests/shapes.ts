import { Fault } from '../api/fault.ts';
import { specificationFields } from '../api/launch-data.ts';
import { find } from '../api/resource-ids.ts';
import { group, list, required, text } from '../api/shapes.ts';
import type { TemplateUse } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { templateOf, versionOf } from '../templates/lookup.ts';

export const specificationShape = group(specificationFields);

/** A spot fleet's specifications have prices and weights of their own. */
export const fleetSpecificationsShape = list(
  group({ ...specificationFields, SpotPrice: text, WeightedCapacity: text }),
);

export const templateUsesShape = list(
  group({
    LaunchTemplateSpecification: required(
      group({ LaunchTemplateId: text, LaunchTemplateName: text, Version: text }),
    ),
    Overrides: list(
      group({
        InstanceType: text,
        ImageId: text,
        SubnetId: text,
        AvailabilityZone: text,
        MaxPrice: text,
        SpotPrice: text,
        WeightedCapacity: text,
        Priority: text,
      }),
    ),
  }),
);

/** Finds the templates that a fleet names. Throws the Fault of one, or of a version, that does not exist. */
export function readTemplateUses(state: State, given: ReturnType<typeof templateUsesShape>): TemplateUse[] {
  return given.map(({ LaunchTemplateSpecification, Overrides }) => {
    const template = templateOf(state, LaunchTemplateSpecification);
    const version = LaunchTemplateSpecification.Version ?? '$Default';
    versionOf(template, version);
    return { templateId: template.id, templateName: template.name, version, overrides: Overrides };
  });
}

/** Throws the Fault of an image that could not be launched: EC2 looks at once, unlike with launch templates. */
export function requireLaunchable(state: State, imageId: string | undefined): void {
  if (imageId === undefined)
    throw new Fault('MissingParameter', 'The request must contain the parameter imageId');
  const image = find(state.images, 'image', imageId);
  if (image.state === 'available') return;
  throw new Fault(
    'InvalidAMIID.Unavailable',
    `The image ID '${imageId}' is not available: it is ${image.state}`,
  );
}
