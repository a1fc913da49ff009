import { write } from '../api/action.ts';
import { invalidValue, unsupported } from '../api/fault.ts';
import { checkImageName } from '../api/image-names.ts';
import { find } from '../api/resource-ids.ts';
import { flag, required, text } from '../api/shapes.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { region } from '../region.ts';
import { putCopy } from '../images/copy-image.ts';

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
  (given, cloud: Pick<Cloud, 'store' | 'now'>) => {
    if (given.SourceRegion !== region)
      throw invalidValue(`Invalid source region: ${given.SourceRegion}; here is only ${region}`);
    if (given.Encrypted === true) throw unsupported('The local cloud cannot encrypt snapshots');
    const source = find(cloud.store.state.images, 'image', given.SourceImageId);
    if (source.state !== 'available')
      throw invalidValue(`Image ${source.id} is not available: it is ${source.state}`);
    checkImageName(cloud.store.state, given.Name);
    const tagsFor = readTagSpecifications(given.TagSpecification, 'image', 'snapshot');
    const carried = given.CopyImageTags === true ? (cloud.store.state.tags[source.id] ?? {}) : {};
    return () => ({
      imageId: putCopy(cloud, source, {
        name: given.Name,
        description: given.Description ?? source.description,
        tags: { ...carried, ...tagsFor('image') },
        snapshotTags: tagsFor('snapshot'),
      }),
    });
  },
);
