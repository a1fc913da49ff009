import { stateAnswer } from '../answers/instance.ts';
import { read } from '../api/action.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape, refusePages } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { flag, list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { zoneOf } from '../region.ts';
import { stateCodes } from '../machines/states.ts';
import type { Instance } from '../state/model.ts';

/** A machine counts as running when it is on the network, so there is nothing left to check. */
const health = ({ state }: Instance) => (state === 'running' ? 'ok' : 'not-applicable');

export const describeInstanceStatus = read(
  { InstanceId: list(text), IncludeAllInstances: flag, Filter: filterShape, ...pageShape },
  ({ InstanceId, IncludeAllInstances, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    refusePages(InstanceId, page, 'instancesSet');
    const found = select({
      action: 'DescribeInstanceStatus',
      all: Object.values(state.instances),
      ids: InstanceId,
      shown: (instance) => IncludeAllInstances === true || instance.state === 'running',
      filters: Filter,
      table: {
        'availability-zone': () => zoneOf(state.account),
        'instance-state-code': (instance) => stateCodes[instance.state],
        'instance-state-name': (instance) => instance.state,
        'instance-status.status': health,
        'system-status.status': health,
      },
      tags: state.tags,
      missing: (id) => missing('instance', id),
      page,
    });
    return {
      instanceStatusSet: found.page.map((instance) => ({
        instanceId: instance.id,
        availabilityZone: zoneOf(state.account),
        instanceState: stateAnswer(instance.state),
        systemStatus: { status: health(instance), details: [] },
        instanceStatus: { status: health(instance), details: [] },
      })),
      nextToken: found.nextToken,
    };
  },
);
