import { write } from '../api/action.ts';
import { rootMapping } from '../api/block-devices.ts';
import { blockDevicesShape } from '../api/launch-data.ts';
import { Fault } from '../api/fault.ts';
import { checkImageName } from '../api/image-names.ts';
import { flag, oneOf, required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { registeredImage } from '../images/register-image.ts';

export const registerImage = write(
  {
    Name: required(text),
    Description: text,
    RootDeviceName: required(text),
    BlockDeviceMapping: blockDevicesShape,
    Architecture: oneOf('x86_64'),
    VirtualizationType: oneOf('hvm'),
    BootMode: oneOf('uefi-preferred', 'uefi', 'legacy-bios'),
    EnaSupport: flag,
    SriovNetSupport: oneOf('simple'),
    ImdsSupport: oneOf('v2.0'),
    TagSpecification: tagSpecificationShape,
  },
  (given, { store, now }: Pick<Cloud, 'store' | 'now'>) => {
    checkImageName(store.state, given.Name);
    const empty = { deviceName: given.RootDeviceName, size: 1, type: 'gp2', deleteOnTermination: true };
    const mapping = rootMapping(empty, given.BlockDeviceMapping, store.state.snapshots);
    if (mapping.snapshotId === undefined) {
      throw new Fault(
        'InvalidBlockDeviceMapping',
        `The root device ${given.RootDeviceName} must have a snapshot`,
      );
    }
    const tags = readTagSpecifications(given.TagSpecification, 'image')('image');
    return () => {
      const image = registeredImage(given, mapping, store.state.account.id, now());
      store.change((state) => {
        state.images[image.id] = image;
        putTags(state, image.id, tags);
      });
      return { imageId: image.id };
    };
  },
);
