import { Fault, invalidValue } from '../api/fault.ts';
import { flag, group, list, oneOf, required, text, type Decoded } from '../api/shapes.ts';
import { instanceStates, type ReferenceScope } from './references.ts';

export const referenceScopeShape = {
  IncludeAllResourceTypes: flag,
  ResourceType: list(
    group({
      ResourceType: required(
        oneOf(
          'ec2:Instance',
          'ec2:LaunchTemplate',
          'ssm:Parameter',
          'imagebuilder:ImageRecipe',
          'imagebuilder:ContainerRecipe',
        ),
      ),
      ResourceTypeOption: list(
        group({ OptionName: required(oneOf('state-name', 'version-depth')), OptionValue: list(text) }),
      ),
    }),
  ),
};

type Given = Decoded<typeof referenceScopeShape>;

/** How deep EC2 looks into a template's versions when it is not told. */
const usualDepth = 10;
const maxDepth = 10_000;

/** What a call wants to be looked at: its own options go before the usual ones. */
export function readReferenceScope({ IncludeAllResourceTypes, ResourceType: asked }: Given): ReferenceScope {
  const all = IncludeAllResourceTypes === true;
  if (!all && asked.length === 0) {
    throw new Fault(
      'MissingParameter',
      'The request must contain the parameter IncludeAllResourceTypes or ResourceTypes',
    );
  }
  for (const { ResourceType, ResourceTypeOption } of asked) {
    const fitting = { 'ec2:Instance': 'state-name', 'ec2:LaunchTemplate': 'version-depth' } as Record<
      string,
      string
    >;
    const wrong = ResourceTypeOption.find(({ OptionName }) => OptionName !== fitting[ResourceType]);
    if (wrong !== undefined) throw invalidValue(`${wrong.OptionName} is not an option of ${ResourceType}`);
  }
  const covers = (type: string) => all || asked.some(({ ResourceType }) => ResourceType === type);
  return {
    ...(covers('ec2:Instance') ? { instances: { states: states(asked) } } : {}),
    ...(covers('ec2:LaunchTemplate') ? { launchTemplates: { depth: depth(asked) } } : {}),
    parameters: covers('ssm:Parameter'),
  };
}

function optionValues(asked: Given['ResourceType'], name: string): string[] {
  return asked.flatMap(({ ResourceTypeOption }) =>
    ResourceTypeOption.flatMap(({ OptionName, OptionValue }) => (OptionName === name ? OptionValue : [])),
  );
}

function states(asked: Given['ResourceType']): readonly string[] {
  const values = optionValues(asked, 'state-name');
  const known: readonly string[] = instanceStates;
  const wrong = values.find((value) => !known.includes(value));
  if (wrong !== undefined) throw invalidValue(`${wrong} is not a state of an instance`);
  return values.length > 0 ? values : known;
}

function depth(asked: Given['ResourceType']): number {
  const values = optionValues(asked, 'version-depth');
  const [value = String(usualDepth)] = values;
  if (values.length > 1 || !/^[1-9]\d{0,4}$/.test(value) || Number(value) > maxDepth) {
    throw invalidValue(`version-depth is one number from 1 to ${maxDepth}, not ${values.join(', ')}`);
  }
  return Number(value);
}
