import { write } from '../api/action.ts';
import { encryption, defaultKey, keyArn } from '../api/encryption.ts';
import { Fault, invalidValue } from '../api/fault.ts';
import { checkImageName } from '../api/image-names.ts';
import { find } from '../api/resource-ids.ts';
import { flag, required, text } from '../api/shapes.ts';
import { readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { beginCopy, finishCopy } from '../images/copy-image.ts';
import { isRegion } from '../region.ts';

export const copyImage = write(
  {
    SourceImageId: required(text),
    SourceRegion: required(text),
    Name: required(text),
    Description: text,
    ClientToken: text,
    Encrypted: flag,
    KmsKeyId: text,
    CopyImageTags: flag,
    TagSpecification: tagSpecificationShape,
  },
  (given, cloud: Pick<Cloud, 'store' | 'stores' | 'now' | 'copying'>) => {
    const { state } = cloud.store;
    const { ClientToken, Encrypted, KmsKeyId } = given;
    // What a call before a restart of the cloud has made.
    const made = Object.values(state.images).find(
      ({ copyToken }) => copyToken !== undefined && copyToken === ClientToken,
    );
    if (made !== undefined) return () => ({ imageId: made.id });
    if (!isRegion(given.SourceRegion)) throw invalidValue(`Invalid source region: ${given.SourceRegion}`);
    const from = cloud.stores[given.SourceRegion].state;
    const source = find(from.images, 'image', given.SourceImageId);
    if (source.state !== 'available')
      throw invalidValue(`Image ${source.id} is not available: it is ${source.state}`);
    checkImageName(state, given.Name);
    if (KmsKeyId !== undefined && Encrypted !== true) {
      throw new Fault(
        'InvalidParameterDependency',
        'The parameter KmsKeyId requires the parameter Encrypted to be set.',
      );
    }
    const snapshots = source.mappings.flatMap(({ snapshotId = '' }) => from.snapshots[snapshotId] ?? []);
    const encrypted = snapshots.find(({ kmsKeyId }) => kmsKeyId !== undefined);
    if (Encrypted === false && encrypted !== undefined) {
      throw new Fault(
        'InvalidRequest',
        `Snapshot ${encrypted.id} is encrypted. Creating an unencrypted copy from an encrypted snapshot is not supported.`,
      );
    }
    const asked = KmsKeyId === undefined ? defaultKey(state.account) : keyArn(state.account, KmsKeyId);
    const isHere = from.account.region === state.account.region;
    const tagsFor = readTagSpecifications(given.TagSpecification, 'image', 'snapshot');
    const own = given.CopyImageTags === true && source.ownerId === state.account.id;
    return () => {
      const imageId = beginCopy(cloud, source, from, {
        name: given.Name,
        description: given.Description ?? source.description,
        clientToken: ClientToken,
        // A key stays in its region: elsewhere the region's own takes its place.
        keyFor: (before) =>
          encryption(state, Encrypted === true || (before !== undefined && !isHere) ? asked : before),
        tags: { ...(own ? from.tags[source.id] : {}), ...tagsFor('image') },
        snapshotTags: tagsFor('snapshot'),
      });
      // EC2 looks at the key after it has answered.
      finishCopy(cloud, imageId, from, asked === undefined ? 'Given key ID is not accessible' : undefined);
      return { imageId };
    };
  },
);
