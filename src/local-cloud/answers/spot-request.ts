import type { FilterTable } from '../api/filters.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import type { SpotRequest } from '../state/launch-model.ts';
import type { State } from '../state/model.ts';
import { specificationAnswer } from './launch-specification.ts';

/** Nothing here is ever fulfilled, which EC2 says in this way. */
const statuses = {
  open: {
    code: 'capacity-not-available',
    message: 'There is no Spot capacity available that matches your request.',
  },
  cancelled: {
    code: 'canceled-before-fulfillment',
    message: 'Your Spot request is canceled before it was fulfilled.',
  },
};

/** A spot request as DescribeSpotInstanceRequests shows it. */
export function spotRequestAnswer(request: SpotRequest, state: State): Readonly<Record<string, Xml>> {
  return {
    spotInstanceRequestId: request.id,
    spotPrice: request.price,
    type: request.type,
    state: request.state,
    status: { ...statuses[request.state], updateTime: new Date(request.updatedAt) },
    createTime: new Date(request.createdAt),
    productDescription: 'Linux/UNIX',
    instanceInterruptionBehavior: request.interruption,
    launchSpecification: specificationAnswer(request.specification, state),
    tagSet: tagSet(state.tags[request.id]),
  };
}

export const spotRequestFilters: FilterTable<SpotRequest> = {
  'create-time': ({ createdAt }) => createdAt,
  'launch.image-id': ({ specification }) => specification.ImageId,
  'launch.instance-type': ({ specification }) => specification.InstanceType,
  'launch.key-name': ({ specification }) => specification.KeyName,
  'product-description': () => 'Linux/UNIX',
  'spot-instance-request-id': ({ id }) => id,
  'spot-price': ({ price }) => price,
  state: ({ state }) => state,
  'status-code': ({ state }) => statuses[state].code,
  type: ({ type }) => type,
};
