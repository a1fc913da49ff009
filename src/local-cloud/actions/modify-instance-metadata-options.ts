import { metadataAnswer } from '../answers/instance.ts';
import { write } from '../api/action.ts';
import { find } from '../api/resource-ids.ts';
import { required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { changeMetadata, metadataFields } from '../instances/metadata-options.ts';

export const modifyInstanceMetadataOptions = write(
  { InstanceId: required(text), ...metadataFields },
  ({ InstanceId, ...given }, { store }: Pick<Cloud, 'store'>) => {
    const { id, metadata } = find(store.state.instances, 'instance', InstanceId);
    const changed = changeMetadata(metadata, given);
    return () => {
      store.change(({ instances }) => {
        find(instances, 'instance', id).metadata = changed;
      });
      return {
        instanceId: id,
        instanceMetadataOptions: metadataAnswer(find(store.state.instances, 'instance', id)),
      };
    };
  },
);
