import type { FilterTable } from '../api/filters.ts';
import { encryptionAnswer } from '../api/encryption.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import { zoneOf } from '../region.ts';
import type { Account, State, Volume } from '../state/model.ts';

/** A volume as DescribeVolumes shows it. */
export function volumeAnswer(volume: Volume, { account, tags }: State): Readonly<Record<string, Xml>> {
  const { attachment } = volume;
  return {
    volumeId: volume.id,
    size: volume.size,
    snapshotId: volume.snapshotId ?? '',
    availabilityZone: zoneOf(account),
    status: volume.state,
    createTime: new Date(volume.createdAt),
    attachmentSet:
      attachment === undefined
        ? []
        : [
            {
              volumeId: volume.id,
              instanceId: attachment.instanceId,
              device: attachment.device,
              status: 'attached',
              attachTime: new Date(attachment.attachedAt),
              deleteOnTermination: attachment.deleteOnTermination,
            },
          ],
    volumeType: volume.type,
    iops: volume.iops,
    throughput: volume.throughput,
    ...encryptionAnswer(volume),
    multiAttachEnabled: false,
    tagSet: tagSet(tags[volume.id]),
  };
}

/** The filters of DescribeVolumes. */
export function volumeFilters(account: Account): FilterTable<Volume> {
  return {
    'attachment.attach-time': ({ attachment }) => attachment?.attachedAt,
    'attachment.delete-on-termination': ({ attachment }) => attachment?.deleteOnTermination,
    'attachment.device': ({ attachment }) => attachment?.device,
    'attachment.instance-id': ({ attachment }) => attachment?.instanceId,
    'attachment.status': ({ attachment }) => attachment && 'attached',
    'availability-zone': () => zoneOf(account),
    'create-time': ({ createdAt }) => createdAt,
    encrypted: ({ kmsKeyId }) => kmsKeyId !== undefined,
    size: ({ size }) => size,
    'snapshot-id': ({ snapshotId }) => snapshotId,
    status: ({ state }) => state,
    'volume-id': ({ id }) => id,
    'volume-type': ({ type }) => type,
  };
}
