import type { ImageMapping } from '../state/model.ts';
import { invalidValue, unsupported } from './fault.ts';
import { find } from './resource-ids.ts';
import { volumeType } from './volume-types.ts';
import type { blockDevicesShape } from './launch-data.ts';
import type { Snapshot } from '../state/model.ts';

type BlockDevices = ReturnType<typeof blockDevicesShape>;

/**
 * Lays what a call asks for over the root device's mapping. The machine of an instance has that one disk, so other
 * devices are refused; `NoDevice`, and an instance store that the type has not, ask for none.
 */
export function rootMapping(
  before: ImageMapping,
  devices: BlockDevices,
  snapshots: Readonly<Record<string, Snapshot>>,
): ImageMapping {
  const asked = devices.filter(
    ({ NoDevice, VirtualName }) => NoDevice === undefined && VirtualName === undefined,
  );
  const other = asked.find(({ DeviceName }) => DeviceName !== before.deviceName);
  if (other !== undefined) {
    throw unsupported(
      `The local cloud's instances have their root device ${before.deviceName} only: leave ${other.DeviceName} out of BlockDeviceMapping`,
    );
  }
  return asked.reduce((mapping, { Ebs }) => withOptions(mapping, Ebs ?? {}, snapshots), before);
}

interface VolumeOptions {
  readonly SnapshotId?: string | undefined;
  readonly VolumeSize?: number | undefined;
  readonly VolumeType?: string | undefined;
  readonly Iops?: number | undefined;
  readonly Throughput?: number | undefined;
  readonly DeleteOnTermination?: boolean | undefined;
  readonly Encrypted?: boolean | undefined;
}

function withOptions(
  before: ImageMapping,
  asked: VolumeOptions,
  snapshots: Readonly<Record<string, Snapshot>>,
): ImageMapping {
  if (asked.Encrypted === true) throw unsupported('The local cloud cannot encrypt volumes');
  const least = asked.SnapshotId === undefined ? 1 : find(snapshots, 'snapshot', asked.SnapshotId).size;
  const floor = Math.max(least, before.snapshotId === undefined ? 1 : before.size);
  if (asked.VolumeSize !== undefined && asked.VolumeSize < floor) {
    throw invalidValue(
      `Volume of size ${asked.VolumeSize}GB is smaller than snapshot, expect size >= ${floor}GB`,
    );
  }
  const size = asked.VolumeSize ?? floor;
  const type = asked.VolumeType ?? before.type;
  const snapshotId = asked.SnapshotId ?? before.snapshotId;
  // What the image says of its own type goes on to count.
  const kept = type === before.type ? { Iops: before.iops, Throughput: before.throughput } : {};
  const { Iops = kept.Iops, Throughput = kept.Throughput } = asked;
  return {
    deviceName: before.deviceName,
    size,
    ...volumeType(type, size, { Iops, Throughput }),
    ...(snapshotId === undefined ? {} : { snapshotId }),
    deleteOnTermination: asked.DeleteOnTermination ?? before.deleteOnTermination,
  };
}
