import { spotRequestAnswer } from '../answers/spot-request.ts';
import { write } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { givenOf } from '../api/launch-data.ts';
import { integer, oneOf, required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { requireLaunchable, specificationShape } from '../requests/shapes.ts';
import { newSpotRequestId } from '../state/ids.ts';
import type { SpotRequest } from '../state/launch-model.ts';

export const requestSpotInstances = write(
  {
    LaunchSpecification: required(specificationShape),
    InstanceCount: integer,
    Type: oneOf('one-time', 'persistent'),
    SpotPrice: text,
    InstanceInterruptionBehavior: oneOf('terminate', 'stop', 'hibernate'),
    ClientToken: text,
    TagSpecification: tagSpecificationShape,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    const count = given.InstanceCount ?? 1;
    if (count < 1 || count > 1000)
      throw invalidValue(`Value (${count}) for parameter instanceCount is invalid`);
    requireLaunchable(store.state, given.LaunchSpecification.ImageId);
    const tags = readTagSpecifications(
      given.TagSpecification,
      'spot-instances-request',
    )('spot-instances-request');
    return () => {
      const createdAt = now().toISOString();
      const requests = Array.from({ length: count }, (): SpotRequest => ({
        id: newSpotRequestId(),
        createdAt,
        state: 'open',
        updatedAt: createdAt,
        type: given.Type ?? 'one-time',
        ...(given.SpotPrice === undefined ? {} : { price: given.SpotPrice }),
        interruption: given.InstanceInterruptionBehavior ?? 'terminate',
        specification: givenOf(given.LaunchSpecification),
      }));
      store.change((state) => {
        for (const request of requests) {
          state.spotRequests[request.id] = request;
          putTags(state, request.id, tags);
        }
      });
      return { spotInstanceRequestSet: requests.map((request) => spotRequestAnswer(request, store.state)) };
    };
  },
);
