import type { FilterTable } from '../api/filters.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import { protectionAnswer } from '../images/protection.ts';
import type { Account, Image, ImageMapping, State } from '../state/model.ts';

/** An image as DescribeImages shows it. */
export function imageAnswer(image: Image, { account, snapshots, tags }: State): Xml {
  return {
    imageId: image.id,
    imageLocation: `${image.ownerId}/${image.name}`,
    imageState: image.state,
    imageOwnerId: image.ownerId,
    creationDate: new Date(image.createdAt),
    isPublic: image.isPublic,
    architecture: 'x86_64',
    imageType: 'machine',
    name: image.name,
    description: image.description,
    rootDeviceType: 'ebs',
    rootDeviceName: image.rootDeviceName,
    blockDeviceMapping: image.mappings.map((mapping) => mappingAnswer(mapping, snapshots)),
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    enaSupport: image.enaSupport,
    sriovNetSupport: image.sriovNetSupport ? 'simple' : undefined,
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    bootMode: 'uefi-preferred',
    imdsSupport: image.imdsV2Only ? 'v2.0' : undefined,
    sourceInstanceId: image.sourceInstanceId,
    sourceImageId: image.sourceImageId,
    sourceImageRegion: sourceRegion(image, account),
    deprecationTime: image.deprecatedAt === undefined ? undefined : new Date(image.deprecatedAt),
    deregistrationProtection: protectionAnswer(image),
    stateReason:
      image.failure === undefined ? undefined : { code: 'Client.InternalError', message: image.failure },
    tagSet: tagSet(tags[image.id]),
  };
}

/** One entry of an image's block device mapping. */
export function mappingAnswer(mapping: ImageMapping, snapshots: State['snapshots']): Xml {
  return {
    deviceName: mapping.deviceName,
    ebs: {
      snapshotId: mapping.snapshotId,
      volumeSize: mapping.size,
      volumeType: mapping.type,
      iops: mapping.iops,
      throughput: mapping.throughput,
      deleteOnTermination: mapping.deleteOnTermination,
      // Without the key, which EC2 shows of the snapshot only.
      encrypted: isEncrypted(mapping, snapshots),
    },
  };
}

function isEncrypted({ snapshotId = '' }: ImageMapping, snapshots: State['snapshots']): boolean {
  return snapshots[snapshotId]?.kmsKeyId !== undefined;
}

function sourceRegion({ sourceImageId, sourceImageRegion }: Image, { region }: Account): string | undefined {
  return sourceImageId === undefined ? undefined : (sourceImageRegion ?? region);
}

/** The filters of DescribeImages. */
export function imageFilters({ account, snapshots }: State): FilterTable<Image> {
  return {
    architecture: () => 'x86_64',
    'block-device-mapping.delete-on-termination': ({ mappings }) =>
      mappings.map((m) => String(m.deleteOnTermination)),
    'block-device-mapping.device-name': ({ mappings }) => mappings.map(({ deviceName }) => deviceName),
    'block-device-mapping.encrypted': ({ mappings }) =>
      mappings.map((mapping) => String(isEncrypted(mapping, snapshots))),
    'block-device-mapping.snapshot-id': ({ mappings }) =>
      mappings.flatMap(({ snapshotId }) => snapshotId ?? []),
    'block-device-mapping.volume-size': ({ mappings }) => mappings.map(({ size }) => String(size)),
    'block-device-mapping.volume-type': ({ mappings }) => mappings.map(({ type }) => type),
    'creation-date': ({ createdAt }) => createdAt,
    description: ({ description }) => description,
    'ena-support': ({ enaSupport }) => enaSupport,
    hypervisor: () => 'xen',
    'image-id': ({ id }) => id,
    'image-type': () => 'machine',
    'is-public': ({ isPublic }) => isPublic,
    name: ({ name }) => name,
    'owner-alias': () => undefined,
    'owner-id': ({ ownerId }) => ownerId,
    platform: () => undefined,
    'root-device-name': ({ rootDeviceName }) => rootDeviceName,
    'root-device-type': () => 'ebs',
    'source-image-id': ({ sourceImageId }) => sourceImageId,
    'source-image-region': (image) => sourceRegion(image, account),
    'source-instance-id': ({ sourceInstanceId }) => sourceInstanceId,
    state: ({ state }) => state,
    'virtualization-type': () => 'hvm',
  };
}
