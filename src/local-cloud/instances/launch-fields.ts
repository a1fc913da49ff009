import { blockDevicesShape } from '../api/launch-data.ts';
import { blob, flag, group, integer, list, oneOf, text } from '../api/shapes.ts';
import { tagSpecificationShape } from '../api/tags.ts';
import { metadataShape } from './metadata-options.ts';

/** What RunInstances takes. */
export const launchFields = {
  /** From the template, when it is not given. */
  ImageId: text,
  MinCount: integer,
  MaxCount: integer,
  LaunchTemplate: group({ LaunchTemplateId: text, LaunchTemplateName: text, Version: text }),
  InstanceType: text,
  KeyName: text,
  UserData: blob,
  ClientToken: text,
  SubnetId: text,
  SecurityGroup: list(text),
  SecurityGroupId: list(text),
  NetworkInterface: list(
    group({
      DeviceIndex: integer,
      SubnetId: text,
      SecurityGroupId: list(text),
      AssociatePublicIpAddress: flag,
      DeleteOnTermination: flag,
      Description: text,
      NetworkCardIndex: integer,
    }),
  ),
  BlockDeviceMapping: blockDevicesShape,
  TagSpecification: tagSpecificationShape,
  InstanceInitiatedShutdownBehavior: oneOf('stop', 'terminate'),
  MetadataOptions: metadataShape,
  Placement: group({ AvailabilityZone: text, Tenancy: oneOf('default') }),
  Monitoring: group({ Enabled: flag }),
  CreditSpecification: group({ CpuCredits: oneOf('standard', 'unlimited') }),
  EbsOptimized: flag,
  HibernationOptions: group({ Configured: flag }),
  /** Packer's amazon plugin always sends it, from 1.1 on. */
  EnclaveOptions: group({ Enabled: flag }),
  /** It sends this as well. */
  CapacityReservationSpecification: group({ CapacityReservationPreference: oneOf('open', 'none') }),
  DisableApiTermination: flag,
};
