import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import type { SpotFleet } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { specificationAnswer, templateUsesAnswer } from './launch-specification.ts';

/** A spot fleet as DescribeSpotFleetRequests shows it. */
export function spotFleetAnswer(fleet: SpotFleet, state: State): Readonly<Record<string, Xml>> {
  return {
    spotFleetRequestId: fleet.id,
    spotFleetRequestState: fleet.state,
    activityStatus: fleet.state === 'active' ? 'pending_fulfillment' : undefined,
    createTime: new Date(fleet.createdAt),
    spotFleetRequestConfig: {
      iamFleetRole: fleet.role,
      targetCapacity: fleet.capacity,
      fulfilledCapacity: 0,
      type: fleet.type,
      spotPrice: fleet.price,
      allocationStrategy: fleet.allocation,
      terminateInstancesWithExpiration: fleet.expires,
      replaceUnhealthyInstances: fleet.replaces,
      launchSpecifications: fleet.specifications.map((one) => specificationAnswer(one, state)),
      launchTemplateConfigs: templateUsesAnswer(fleet.templates),
    },
    tagSet: tagSet(state.tags[fleet.id]),
  };
}
