import { read } from '../api/action.ts';
import { invalidValue } from '../api/fault.ts';
import { filterShape } from '../api/filters.ts';
import { pageShape, refusePages } from '../api/paging.ts';
import { missing } from '../api/resource-ids.ts';
import { select } from '../api/select.ts';
import { list, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { isBurstable } from '../instances/types.ts';
import type { Instance } from '../state/model.ts';

/** EC2's own choice is another one for t2 than for its successors. */
const creditsOf = ({ type, cpuCredits }: Instance) =>
  cpuCredits ?? (type.startsWith('t2.') ? 'standard' : 'unlimited');

/** Of the named instances, or of all whose credits are unlimited. */
export const describeInstanceCreditSpecifications = read(
  { InstanceId: list(text), Filter: filterShape, ...pageShape },
  ({ InstanceId, Filter, ...page }, { store: { state } }: Pick<Cloud, 'store'>) => {
    refusePages(InstanceId, page, 'instancesSet');
    const all = Object.values(state.instances).filter((instance) => instance.state !== 'terminated');
    const other = all.find(({ id, type }) => InstanceId.includes(id) && !isBurstable(type));
    if (other !== undefined)
      throw invalidValue(`${other.id} is not a burstable performance instance: it is a ${other.type}`);
    const found = select({
      action: 'DescribeInstanceCreditSpecifications',
      all,
      ids: InstanceId,
      shown: (instance) =>
        isBurstable(instance.type) && (InstanceId.length > 0 || creditsOf(instance) === 'unlimited'),
      filters: Filter,
      table: { 'instance-id': ({ id }) => id },
      tags: state.tags,
      missing: (id) => missing('instance', id),
      page,
    });
    return {
      instanceCreditSpecificationSet: found.page.map((instance) => ({
        instanceId: instance.id,
        cpuCredits: creditsOf(instance),
      })),
      nextToken: found.nextToken,
    };
  },
);
