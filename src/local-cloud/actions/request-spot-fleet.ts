import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { givenOf } from '../api/launch-data.ts';
import { flag, group, integer, oneOf, required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import {
  fleetSpecificationsShape,
  readTemplateUses,
  requireLaunchable,
  templateUsesShape,
} from '../requests/shapes.ts';
import { newUuidId } from '../state/ids.ts';
import type { SpotFleet } from '../state/launch-model.ts';

const configShape = group({
  IamFleetRole: required(text),
  TargetCapacity: required(integer),
  Type: oneOf('request', 'maintain'),
  SpotPrice: text,
  AllocationStrategy: text,
  LaunchSpecifications: fleetSpecificationsShape,
  LaunchTemplateConfigs: templateUsesShape,
  TerminateInstancesWithExpiration: flag,
  ReplaceUnhealthyInstances: flag,
  TagSpecification: tagSpecificationShape,
});

export const requestSpotFleet = write(
  { SpotFleetRequestConfig: required(configShape) },
  ({ SpotFleetRequestConfig: given }, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const { LaunchSpecifications, LaunchTemplateConfigs } = given;
    if ((LaunchSpecifications.length === 0) === (LaunchTemplateConfigs.length === 0)) {
      throw new Fault(
        'InvalidSpotFleetRequestConfig',
        'Parameter: SpotFleetRequestConfig needs either LaunchSpecifications or LaunchTemplateConfigs.',
      );
    }
    const templates = readTemplateUses(store.state, LaunchTemplateConfigs);
    for (const { ImageId } of LaunchSpecifications) requireLaunchable(store.state, ImageId);
    const tags = readTagSpecifications(given.TagSpecification, 'spot-fleet-request')('spot-fleet-request');
    return () => {
      const fleet: SpotFleet = {
        id: newUuidId('sfr'),
        createdAt: now().toISOString(),
        state: 'active',
        role: given.IamFleetRole,
        capacity: given.TargetCapacity,
        type: given.Type ?? 'maintain',
        ...(given.SpotPrice === undefined ? {} : { price: given.SpotPrice }),
        allocation: given.AllocationStrategy ?? 'lowestPrice',
        expires: given.TerminateInstancesWithExpiration ?? false,
        replaces: given.ReplaceUnhealthyInstances ?? false,
        specifications: LaunchSpecifications.map((specification) => givenOf(specification)),
        templates,
      };
      store.change((state) => {
        state.spotFleets[fleet.id] = fleet;
        putTags(state, fleet.id, tags);
      });
      return { spotFleetRequestId: fleet.id };
    };
  },
);
