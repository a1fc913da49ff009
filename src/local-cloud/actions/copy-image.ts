import { write } from '../api/action.ts';
import { invalidValue, unsupported } from '../api/fault.ts';
import { checkImageName } from '../api/image-names.ts';
import { find } from '../api/resource-ids.ts';
import { flag, required, text } from '../api/shapes.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { putCopy } from '../images/copy-image.ts';
import { isRegion } from '../region.ts';

export const copyImage = write(
  {
    SourceImageId: required(text),
    SourceRegion: required(text),
    Name: required(text),
    Description: text,
    ClientToken: text,
    Encrypted: flag,
    CopyImageTags: flag,
    TagSpecification: tagSpecificationShape,
  },
  (given, cloud: Pick<Cloud, 'store' | 'stores' | 'now'>) => {
    if (!isRegion(given.SourceRegion)) throw invalidValue(`Invalid source region: ${given.SourceRegion}`);
    if (given.Encrypted === true) throw unsupported('The local cloud cannot encrypt snapshots');
    const from = cloud.stores[given.SourceRegion].state;
    const source = find(from.images, 'image', given.SourceImageId);
    if (source.state !== 'available')
      throw invalidValue(`Image ${source.id} is not available: it is ${source.state}`);
    checkImageName(cloud.store.state, given.Name);
    const tagsFor = readTagSpecifications(given.TagSpecification, 'image', 'snapshot');
    const carried = given.CopyImageTags === true ? (from.tags[source.id] ?? {}) : {};
    return () => ({
      imageId: putCopy(cloud, source, from, {
        name: given.Name,
        description: given.Description ?? source.description,
        tags: { ...carried, ...tagsFor('image') },
        snapshotTags: tagsFor('snapshot'),
      }),
    });
  },
);
