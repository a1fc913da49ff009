import { volumeAnswer } from '../answers/volume.ts';
import { write } from '../api/action.ts';
import { encryption } from '../api/encryption.ts';
import { Fault, invalidValue, unsupported } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import { flag, integer, required, text } from '../api/shapes.ts';
import { putTags, readTagSpecifications, tagSpecificationShape } from '../api/tags.ts';
import { volumeType } from '../api/volume-types.ts';
import type { Cloud } from '../cloud.ts';
import { zoneOf } from '../region.ts';
import { newId } from '../state/ids.ts';
import type { Volume } from '../state/model.ts';

export const createVolume = write(
  {
    AvailabilityZone: required(text),
    Size: integer,
    SnapshotId: text,
    VolumeType: text,
    Iops: integer,
    Throughput: integer,
    Encrypted: flag,
    ClientToken: text,
    TagSpecification: tagSpecificationShape,
  },
  (given, { store, machines, now }: Pick<Cloud, 'store' | 'machines' | 'now'>) => {
    if (given.AvailabilityZone !== zoneOf(store.state.account))
      throw new Fault('InvalidZone.NotFound', `The zone '${given.AvailabilityZone}' does not exist.`);
    if (given.Encrypted === true) throw unsupported('The local cloud cannot encrypt volumes');
    const snapshot =
      given.SnapshotId === undefined ? undefined : find(store.state.snapshots, 'snapshot', given.SnapshotId);
    const size = given.Size ?? snapshot?.size;
    if (size === undefined)
      throw new Fault('MissingParameter', 'The request must contain the parameter size or snapshotId');
    if (size < (snapshot?.size ?? 1))
      throw invalidValue(`The volume size is invalid: ${size} GiB is too small`);
    const tags = readTagSpecifications(given.TagSpecification, 'volume')('volume');
    const volume: Volume = {
      id: newId('vol'),
      size,
      ...volumeType(given.VolumeType ?? 'gp2', size, given),
      ...(snapshot === undefined ? {} : { snapshotId: snapshot.id }),
      ...encryption(store.state, snapshot?.kmsKeyId),
      createdAt: now().toISOString(),
      state: 'available',
      layers: [...(snapshot?.layers ?? [])],
    };
    return () => {
      machines.prepare(volume.id);
      store.change((state) => {
        state.volumes[volume.id] = volume;
        putTags(state, volume.id, tags);
      });
      return volumeAnswer(volume, store.state);
    };
  },
);
