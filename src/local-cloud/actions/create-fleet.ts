import { write } from '../api/action.ts';
import { invalidValue, unsupported } from '../api/fault.ts';
import { flag, group, integer, oneOf, required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { readTemplateUses, templateUsesShape } from '../requests/shapes.ts';
import { newUuidId } from '../state/ids.ts';
import type { Fleet, FleetCapacity } from '../state/launch-model.ts';

const capacityShape = group({
  TotalTargetCapacity: required(integer),
  OnDemandTargetCapacity: integer,
  SpotTargetCapacity: integer,
  DefaultTargetCapacityType: oneOf('spot', 'on-demand'),
});

export const createFleet = write(
  {
    LaunchTemplateConfigs: required(templateUsesShape),
    TargetCapacitySpecification: required(capacityShape),
    Type: oneOf('request', 'maintain', 'instant'),
    ClientToken: text,
    ExcessCapacityTerminationPolicy: oneOf('termination', 'no-termination'),
    TerminateInstancesWithExpiration: flag,
    ReplaceUnhealthyInstances: flag,
    TagSpecification: tagSpecificationShape,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const type = given.Type ?? 'maintain';
    if (type === 'instant')
      throw unsupported(`The local cloud fulfils no fleet: it has only the types request and maintain`);
    const capacity = readCapacity(given.TargetCapacitySpecification);
    const templates = readTemplateUses(store.state, given.LaunchTemplateConfigs);
    const tags = readTagSpecifications(given.TagSpecification, 'fleet')('fleet');
    return () => {
      const fleet: Fleet = {
        id: newUuidId('fleet'),
        createdAt: now().toISOString(),
        state: 'active',
        ...(given.ClientToken === undefined ? {} : { clientToken: given.ClientToken }),
        type,
        excess: given.ExcessCapacityTerminationPolicy ?? 'termination',
        expires: given.TerminateInstancesWithExpiration ?? false,
        replaces: given.ReplaceUnhealthyInstances ?? false,
        capacity,
        templates,
      };
      store.change((state) => {
        state.fleets[fleet.id] = fleet;
        putTags(state, fleet.id, tags);
      });
      return { fleetId: fleet.id };
    };
  },
);

function readCapacity(given: NonNullable<ReturnType<typeof capacityShape>>): FleetCapacity {
  const total = given.TotalTargetCapacity;
  const defaultType = given.DefaultTargetCapacityType ?? 'on-demand';
  const { OnDemandTargetCapacity: onDemand, SpotTargetCapacity: spot } = given;
  if (total < 0 || (onDemand ?? 0) + (spot ?? 0) > total) {
    throw invalidValue(`The target capacities of the fleet are more than its total of ${total}`);
  }
  return {
    total,
    onDemand: onDemand ?? (defaultType === 'on-demand' ? total - (spot ?? 0) : 0),
    spot: spot ?? (defaultType === 'spot' ? total - (onDemand ?? 0) : 0),
    defaultType,
  };
}
