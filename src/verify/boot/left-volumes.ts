import type { Image } from '@aws-sdk/client-ec2';

/**
 * Why an image is not fit for servers by its volumes: those that EC2 does not delete along with a server, which costs
 * money for ever. Undefined: there is none, or the pack wants it so.
 * @param kept devices whose volumes may stay
 */
export function leftVolumes(
  { ImageId: id = '', BlockDeviceMappings: mappings = [] }: Image,
  kept: readonly string[],
): string | undefined {
  const left = mappings.flatMap(({ DeviceName: device = '', Ebs: volume }) =>
    volume === undefined || volume.DeleteOnTermination === true || kept.includes(device) ? [] : [device],
  );
  if (left.length === 0) return undefined;
  return (
    `each server of the image ${id} would leave its volume ${left.join(', ')} behind: ` +
    'map the device in launch_block_device_mappings of `packer` in nodes.yaml, with delete_on_termination: true, or false to keep it'
  );
}
