import type { FilterTable } from '../api/filters.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import type { Fleet } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { templateUsesAnswer } from './launch-specification.ts';

const activity = ({ state }: Fleet) => (state === 'active' ? 'pending_fulfillment' : undefined);

/** A fleet as DescribeFleets shows it. */
export function fleetAnswer(fleet: Fleet, tags: State['tags']): Readonly<Record<string, Xml>> {
  const { total, onDemand, spot, defaultType } = fleet.capacity;
  return {
    fleetId: fleet.id,
    fleetState: fleet.state,
    activityStatus: activity(fleet),
    createTime: new Date(fleet.createdAt),
    clientToken: fleet.clientToken,
    type: fleet.type,
    excessCapacityTerminationPolicy: fleet.excess,
    fulfilledCapacity: 0,
    fulfilledOnDemandCapacity: 0,
    launchTemplateConfigs: templateUsesAnswer(fleet.templates),
    targetCapacitySpecification: {
      totalTargetCapacity: total,
      onDemandTargetCapacity: onDemand,
      spotTargetCapacity: spot,
      defaultTargetCapacityType: defaultType,
    },
    terminateInstancesWithExpiration: fleet.expires,
    replaceUnhealthyInstances: fleet.replaces,
    tagSet: tagSet(tags[fleet.id]),
  };
}

export const fleetFilters: FilterTable<Fleet> = {
  'activity-status': activity,
  'excess-capacity-termination-policy': ({ excess }) => excess,
  'fleet-state': ({ state }) => state,
  'replace-unhealthy-instances': ({ replaces }) => replaces,
  type: ({ type }) => type,
};
