import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { groupOf } from '../api/group-lookup.ts';
import { text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

export const deleteSecurityGroup = write(
  { GroupId: text, GroupName: text },
  (given, { store }: Pick<Cloud, 'store'>) => {
    const { groups, instances } = store.state;
    const { id, name } = groupOf(store.state, given);
    if (name === 'default') {
      throw new Fault(
        'CannotDelete',
        `the specified group: "${id}" name: "default" cannot be deleted by a user`,
      );
    }
    const used = Object.values(instances).some(
      ({ state, groupIds }) => state !== 'terminated' && groupIds.includes(id),
    );
    const named = Object.values(groups).some(
      (group) =>
        group.id !== id &&
        [...group.ingress, ...group.egress].some(({ peer }) => peer.kind === 'group' && peer.groupId === id),
    );
    if (used || named) throw new Fault('DependencyViolation', `resource ${id} has a dependent object`);
    return () => {
      store.change((state) => {
        Reflect.deleteProperty(state.groups, id);
        Reflect.deleteProperty(state.tags, id);
      });
      return { return: true, groupId: id };
    };
  },
);
