import type { Xml } from '../api/xml.ts';
import { group, integer, list, required, text, type Decoded } from '../api/shapes.ts';
import type { LaunchSource, MixedInstances, TemplateRef } from '../state/auto-scaling.ts';
import type { State } from '../state/model.ts';
import { launchConfiguration } from './records.ts';
import { validationError } from './refusals.ts';

const templateFields = { LaunchTemplateId: text, LaunchTemplateName: text, Version: text };
const templateShape = group(templateFields);

const mixedShape = group({
  LaunchTemplate: required(
    group({
      LaunchTemplateSpecification: required(templateShape),
      Overrides: list(
        group({ InstanceType: text, WeightedCapacity: text, LaunchTemplateSpecification: templateShape }),
      ),
    }),
  ),
  InstancesDistribution: group({
    OnDemandAllocationStrategy: text,
    OnDemandBaseCapacity: integer,
    OnDemandPercentageAboveBaseCapacity: integer,
    SpotAllocationStrategy: text,
    SpotInstancePools: integer,
    SpotMaxPrice: text,
  }),
});

export const templatesShape = { LaunchTemplate: templateShape, MixedInstancesPolicy: mixedShape };
export const sourceShape = { LaunchConfigurationName: text, ...templatesShape };

type Given = Partial<Decoded<typeof sourceShape>>;

/** Reads what a group is to be launched from; undefined when nothing is said. Launch templates are not looked up. */
export function readSource(given: Given, state: State): LaunchSource | undefined {
  const { LaunchConfigurationName: name, LaunchTemplate, MixedInstancesPolicy } = given;
  const count = [name, LaunchTemplate, MixedInstancesPolicy].filter((part) => part !== undefined).length;
  if (count > 1) {
    throw validationError(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  }
  if (name !== undefined) {
    if (launchConfiguration(state, name) !== undefined) return { kind: 'configuration', name };
    throw validationError(
      `Launch configuration name not found - A launch configuration with the name: ${name} does not exist`,
    );
  }
  if (LaunchTemplate !== undefined) return { kind: 'template', template: readTemplate(LaunchTemplate) };
  if (MixedInstancesPolicy !== undefined) return { kind: 'mixed', mixed: readMixed(MixedInstancesPolicy) };
  return undefined;
}

function readTemplate({ LaunchTemplateId: id, LaunchTemplateName: name, Version }: Template): TemplateRef {
  if ((id === undefined) === (name === undefined)) {
    throw validationError('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  }
  if (id !== undefined && !/^lt-[0-9a-f]{8,17}$/.test(id)) throw malformed(`the id '${id}' is not one`);
  if (Version !== undefined && !/^(?:[1-9]\d*|\$Latest|\$Default)$/.test(Version)) {
    throw malformed(`its version '${Version}' is neither a number nor $Latest nor $Default`);
  }
  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(Version === undefined ? {} : { version: Version }),
  };
}

type Template = Decoded<typeof templateFields>;

function readMixed(given: NonNullable<ReturnType<typeof mixedShape>>): MixedInstances {
  const { LaunchTemplate, InstancesDistribution } = given;
  const distribution = {
    OnDemandAllocationStrategy: 'prioritized',
    OnDemandBaseCapacity: 0,
    OnDemandPercentageAboveBaseCapacity: 100,
    SpotAllocationStrategy: 'lowest-price',
    ...defined(InstancesDistribution ?? {}),
  };
  return {
    template: readTemplate(LaunchTemplate.LaunchTemplateSpecification),
    overrides: LaunchTemplate.Overrides.map((override) => ({
      ...(override.InstanceType === undefined ? {} : { instanceType: override.InstanceType }),
      ...(override.WeightedCapacity === undefined ? {} : { weight: override.WeightedCapacity }),
      ...(override.LaunchTemplateSpecification === undefined
        ? {}
        : { template: readTemplate(override.LaunchTemplateSpecification) }),
    })),
    distribution,
  };
}

/** Without the fields that were not given. */
export function defined<T>(fields: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Renders a source as the fields of a group, or of a refresh's DesiredConfiguration. */
export function sourceAnswer(source: LaunchSource): Record<string, Xml> {
  switch (source.kind) {
    case 'configuration':
      return { LaunchConfigurationName: source.name };
    case 'template':
      return { LaunchTemplate: templateAnswer(source.template) };
    case 'mixed': {
      const { template, overrides, distribution } = source.mixed;
      return {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: templateAnswer(template),
            Overrides: overrides.map((override) => ({
              InstanceType: override.instanceType,
              WeightedCapacity: override.weight,
              LaunchTemplateSpecification: override.template && templateAnswer(override.template),
            })),
          },
          InstancesDistribution: distribution,
        },
      };
    }
  }
}

function templateAnswer({ id, name, version }: TemplateRef): Xml {
  return { LaunchTemplateId: id, LaunchTemplateName: name, Version: version };
}

/** All launch templates that a source names. */
export function templatesOf(source: LaunchSource): TemplateRef[] {
  if (source.kind === 'configuration') return [];
  if (source.kind === 'template') return [source.template];
  const { template, overrides } = source.mixed;
  return [template, ...overrides.flatMap((override) => override.template ?? [])];
}

function malformed(why: string) {
  return validationError(`You must use a valid fully-formed launch template: ${why}`);
}
