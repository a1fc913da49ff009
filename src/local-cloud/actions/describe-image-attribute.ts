import { mappingAnswer } from '../answers/image.ts';
import { read } from '../api/action.ts';
import { grantAnswer } from '../api/grants.ts';
import { find } from '../api/resource-ids.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';
import { protectionAnswer } from '../images/protection.ts';

export const describeImageAttribute = read(
  {
    ImageId: required(text),
    Attribute: required(
      oneOf(
        'description',
        'launchPermission',
        'blockDeviceMapping',
        'imdsSupport',
        'sriovNetSupport',
        'bootMode',
        'productCodes',
        'deregistrationProtection',
      ),
    ),
  },
  ({ ImageId, Attribute }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const image = find(state.images, 'image', ImageId);
    const fields = {
      description: { value: image.description },
      launchPermission: grantAnswer({ isPublic: image.isPublic, users: image.launchUsers }),
      blockDeviceMapping: image.mappings.map((mapping) => mappingAnswer(mapping, state.snapshots)),
      imdsSupport: { value: image.imdsV2Only ? 'v2.0' : undefined },
      sriovNetSupport: { value: image.sriovNetSupport ? 'simple' : undefined },
      bootMode: { value: 'uefi-preferred' },
      productCodes: [],
      deregistrationProtection: { value: protectionAnswer(image) },
    };
    return { imageId: image.id, [Attribute]: fields[Attribute] };
  },
);
