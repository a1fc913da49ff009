import { write } from '../api/action.ts';
import { Fault } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import type { Cloud } from '../cloud.ts';
import { attributesShape, readChanges } from '../instances/attribute-changes.ts';

export const modifyInstanceAttribute = write(attributesShape, (given, { store }: Pick<Cloud, 'store'>) => {
  const { id } = find(store.state.instances, 'instance', given.InstanceId);
  const changes = readChanges(given, find(store.state.instances, 'instance', id), store.state);
  if (changes.length === 0) throw new Fault('MissingParameter', 'No attributes specified.');
  return () => {
    store.change((state) => {
      for (const change of changes) change(find(state.instances, 'instance', id), state);
    });
    return { return: true };
  };
});
