import { write } from '../api/action.ts';
import { rootMapping } from '../api/block-devices.ts';
import { blockDevicesShape } from '../api/launch-data.ts';
import { Fault } from '../api/fault.ts';
import { checkImageName } from '../api/image-names.ts';
import { find } from '../api/resource-ids.ts';
import { flag, required, text } from '../api/shapes.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { beginImage, finishImage, mappingOf } from '../images/make-image.ts';

export const createImage = write(
  {
    InstanceId: required(text),
    Name: required(text),
    Description: text,
    NoReboot: flag,
    BlockDeviceMapping: blockDevicesShape,
    TagSpecification: tagSpecificationShape,
  },
  async (given, cloud: Cloud) => {
    const { state } = cloud.store;
    const instance = find(state.instances, 'instance', given.InstanceId);
    if (instance.state !== 'running' && instance.state !== 'stopped') {
      throw new Fault('IncorrectState', `Instance ${instance.id} is not in state 'running' or 'stopped'`);
    }
    checkImageName(state, given.Name);
    const root = find(state.volumes, 'volume', instance.rootVolumeId);
    const mapping = rootMapping(
      mappingOf(root, instance.rootDeviceName),
      given.BlockDeviceMapping,
      state.snapshots,
    );
    const tagsFor = readTagSpecifications(given.TagSpecification, 'image', 'snapshot');
    await cloud.room.assert();
    return () => {
      const imageId = beginImage(cloud, {
        name: given.Name,
        description: given.Description,
        instance,
        mapping,
        tags: tagsFor('image'),
      });
      finishImage(cloud, imageId, instance, given.NoReboot === true ? 'live' : 'rest', tagsFor('snapshot'));
      return { imageId };
    };
  },
);
