import type { ImageMapping } from '../state/model.ts';
import { invalidValue, unsupported } from './fault.ts';
import { find } from './resource-ids.ts';
import type { blockDevicesShape } from './launch-data.ts';
import type { Snapshot } from '../state/model.ts';

type BlockDevices = ReturnType<typeof blockDevicesShape>;

const volumeTypes = ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'];

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
  return asked.reduce(
    (mapping, { Ebs }) => ({ ...mapping, ...volumeOptions(mapping, Ebs ?? {}, snapshots) }),
    before,
  );
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

function volumeOptions(
  before: ImageMapping,
  asked: VolumeOptions,
  snapshots: Readonly<Record<string, Snapshot>>,
): Partial<ImageMapping> {
  if (asked.Encrypted === true) throw unsupported('The local cloud cannot encrypt volumes');
  const least = asked.SnapshotId === undefined ? 1 : find(snapshots, 'snapshot', asked.SnapshotId).size;
  const floor = Math.max(least, before.snapshotId === undefined ? 1 : before.size);
  if (asked.VolumeSize !== undefined && asked.VolumeSize < floor) {
    throw invalidValue(
      `Volume of size ${asked.VolumeSize}GB is smaller than snapshot, expect size >= ${floor}GB`,
    );
  }
  return {
    size: asked.VolumeSize ?? floor,
    ...volumeType(asked.VolumeType ?? before.type, asked),
    ...(asked.SnapshotId === undefined ? {} : { snapshotId: asked.SnapshotId }),
    deleteOnTermination: asked.DeleteOnTermination ?? before.deleteOnTermination,
  };
}

/** Checks a volume's type; gp3 has its own defaults. */
export function volumeType(
  type: string,
  { Iops, Throughput }: { readonly Iops?: number | undefined; readonly Throughput?: number | undefined },
): { type: string; iops?: number; throughput?: number } {
  if (!volumeTypes.includes(type)) {
    throw invalidValue(
      `Value (${type}) for parameter VolumeType is invalid. Valid values: ${volumeTypes.join(', ')}`,
    );
  }
  if (type === 'gp3') return { type, iops: Iops ?? 3000, throughput: Throughput ?? 125 };
  if (Throughput !== undefined)
    throw invalidValue(`The parameter Throughput is not supported for ${type} volumes`);
  return { type, ...(Iops === undefined ? {} : { iops: Iops }) };
}
