import { newId } from '../state/ids.ts';
import type { Image, ImageMapping } from '../state/model.ts';

interface Registration {
  readonly Name: string;
  readonly Description: string | undefined;
  readonly EnaSupport: boolean | undefined;
  readonly SriovNetSupport: string | undefined;
  readonly ImdsSupport: string | undefined;
}

/** An image that is made of a snapshot, not of an instance. */
export function registeredImage(
  given: Registration,
  mapping: ImageMapping,
  ownerId: string,
  now: Date,
): Image {
  return {
    id: newId('ami'),
    name: given.Name,
    description: given.Description ?? '',
    ownerId,
    isPublic: false,
    launchUsers: [],
    state: 'available',
    rootDeviceName: mapping.deviceName,
    createdAt: now.toISOString(),
    mappings: [mapping],
    imdsV2Only: given.ImdsSupport === 'v2.0',
    enaSupport: given.EnaSupport ?? false,
    sriovNetSupport: given.SriovNetSupport === 'simple',
  };
}
