import { group, integer, oneOf } from '../api/shapes.ts';
import { invalidValue, unsupported } from '../api/fault.ts';
import type { Image, MetadataOptions } from '../state/model.ts';

const fields = {
  HttpTokens: oneOf('optional', 'required'),
  HttpPutResponseHopLimit: integer,
  HttpEndpoint: oneOf('enabled', 'disabled'),
  HttpProtocolIpv6: oneOf('enabled', 'disabled'),
  InstanceMetadataTags: oneOf('enabled', 'disabled'),
};

export const metadataFields = fields;
export const metadataShape = group(fields);

type Given = NonNullable<ReturnType<typeof metadataShape>>;

/** The metadata options of a new instance. */
export function readMetadata(given: Given | undefined, image: Pick<Image, 'imdsV2Only'>): MetadataOptions {
  const byImage = image.imdsV2Only ? 'required' : 'optional';
  const start: MetadataOptions = {
    tokens: byImage,
    endpoint: 'enabled',
    hopLimit: image.imdsV2Only ? 2 : 1,
    tagsInMetadata: 'disabled',
  };
  return given === undefined ? start : changeMetadata(start, given);
}

/** Lays given options over those that an instance has. */
export function changeMetadata(before: MetadataOptions, given: Given): MetadataOptions {
  const hops = given.HttpPutResponseHopLimit ?? before.hopLimit;
  if (hops < 1 || hops > 64)
    throw invalidValue(`Invalid HttpPutResponseHopLimit '${hops}': expecting 1 to 64`);
  if (given.HttpProtocolIpv6 === 'enabled') throw unsupported('The local cloud has no IPv6');
  return {
    tokens: given.HttpTokens ?? before.tokens,
    endpoint: given.HttpEndpoint ?? before.endpoint,
    hopLimit: hops,
    tagsInMetadata: given.InstanceMetadataTags ?? before.tagsInMetadata,
  };
}
