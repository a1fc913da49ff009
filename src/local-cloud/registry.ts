import { authorizeSecurityGroupEgress } from './actions/authorize-security-group-egress.ts';
import { authorizeSecurityGroupIngress } from './actions/authorize-security-group-ingress.ts';
import { cancelSpotFleetRequests } from './actions/cancel-spot-fleet-requests.ts';
import { cancelSpotInstanceRequests } from './actions/cancel-spot-instance-requests.ts';
import { copyImage } from './actions/copy-image.ts';
import { createFleet } from './actions/create-fleet.ts';
import { createImage } from './actions/create-image.ts';
import { createKeyPair } from './actions/create-key-pair.ts';
import { createLaunchTemplate } from './actions/create-launch-template.ts';
import { createLaunchTemplateVersion } from './actions/create-launch-template-version.ts';
import { createSecurityGroup } from './actions/create-security-group.ts';
import { createSnapshot } from './actions/create-snapshot.ts';
import { createTags } from './actions/create-tags.ts';
import { createVolume } from './actions/create-volume.ts';
import { deleteFleets } from './actions/delete-fleets.ts';
import { deleteKeyPair } from './actions/delete-key-pair.ts';
import { deleteLaunchTemplate } from './actions/delete-launch-template.ts';
import { deleteLaunchTemplateVersions } from './actions/delete-launch-template-versions.ts';
import { deleteSecurityGroup } from './actions/delete-security-group.ts';
import { deleteSnapshot } from './actions/delete-snapshot.ts';
import { deleteTags } from './actions/delete-tags.ts';
import { deleteVolume } from './actions/delete-volume.ts';
import { deregisterImage } from './actions/deregister-image.ts';
import { describeAccountAttributes } from './actions/describe-account-attributes.ts';
import { describeAvailabilityZones } from './actions/describe-availability-zones.ts';
import { describeFleets } from './actions/describe-fleets.ts';
import { describeImageAttribute } from './actions/describe-image-attribute.ts';
import { describeImageReferences } from './actions/describe-image-references.ts';
import { describeImages } from './actions/describe-images.ts';
import { describeInstanceAttribute } from './actions/describe-instance-attribute.ts';
import { describeInstanceCreditSpecifications } from './actions/describe-instance-credit-specifications.ts';
import { describeInstanceStatus } from './actions/describe-instance-status.ts';
import { describeInstanceTypeOfferings } from './actions/describe-instance-type-offerings.ts';
import { describeInstanceTypes } from './actions/describe-instance-types.ts';
import { describeInstances } from './actions/describe-instances.ts';
import { describeKeyPairs } from './actions/describe-key-pairs.ts';
import { describeLaunchTemplateVersions } from './actions/describe-launch-template-versions.ts';
import { describeNetworkInterfaces } from './actions/describe-network-interfaces.ts';
import { describeLaunchTemplates } from './actions/describe-launch-templates.ts';
import { describeRegions } from './actions/describe-regions.ts';
import { describeSecurityGroupRules } from './actions/describe-security-group-rules.ts';
import { describeSecurityGroups } from './actions/describe-security-groups.ts';
import { describeSnapshotAttribute } from './actions/describe-snapshot-attribute.ts';
import { describeSnapshots } from './actions/describe-snapshots.ts';
import { describeSpotFleetRequests } from './actions/describe-spot-fleet-requests.ts';
import { describeSpotInstanceRequests } from './actions/describe-spot-instance-requests.ts';
import { describeSubnets } from './actions/describe-subnets.ts';
import { describeTags } from './actions/describe-tags.ts';
import { describeVolumes } from './actions/describe-volumes.ts';
import { describeVpcAttribute } from './actions/describe-vpc-attribute.ts';
import { describeVpcs } from './actions/describe-vpcs.ts';
import { disableEbsEncryptionByDefault } from './actions/disable-ebs-encryption-by-default.ts';
import { disableImage } from './actions/disable-image.ts';
import { disableImageDeprecation } from './actions/disable-image-deprecation.ts';
import { disableImageDeregistrationProtection } from './actions/disable-image-deregistration-protection.ts';
import { enableEbsEncryptionByDefault } from './actions/enable-ebs-encryption-by-default.ts';
import { enableImage } from './actions/enable-image.ts';
import { enableImageDeprecation } from './actions/enable-image-deprecation.ts';
import { enableImageDeregistrationProtection } from './actions/enable-image-deregistration-protection.ts';
import { getCallerIdentity } from './actions/get-caller-identity.ts';
import { getConsoleOutput } from './actions/get-console-output.ts';
import { getEbsEncryptionByDefault } from './actions/get-ebs-encryption-by-default.ts';
import { importKeyPair } from './actions/import-key-pair.ts';
import { modifyImageAttribute } from './actions/modify-image-attribute.ts';
import { modifyInstanceAttribute } from './actions/modify-instance-attribute.ts';
import { modifyInstanceMetadataOptions } from './actions/modify-instance-metadata-options.ts';
import { modifyLaunchTemplate } from './actions/modify-launch-template.ts';
import { modifySnapshotAttribute } from './actions/modify-snapshot-attribute.ts';
import { rebootInstances } from './actions/reboot-instances.ts';
import { registerImage } from './actions/register-image.ts';
import { requestSpotFleet } from './actions/request-spot-fleet.ts';
import { requestSpotInstances } from './actions/request-spot-instances.ts';
import { revokeSecurityGroupEgress } from './actions/revoke-security-group-egress.ts';
import { revokeSecurityGroupIngress } from './actions/revoke-security-group-ingress.ts';
import { runInstances } from './actions/run-instances.ts';
import { startInstances } from './actions/start-instances.ts';
import { stopInstances } from './actions/stop-instances.ts';
import { terminateInstances } from './actions/terminate-instances.ts';
import { autoScalingActions } from './auto-scaling/actions.ts';
import type { Registry } from './cloud.ts';
import { objectActions } from './objects/actions.ts';
import { parameterActions } from './parameters/actions.ts';

/** Every action that the local cloud answers, by service. */
export const registry: Registry = {
  ec2: {
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CancelSpotFleetRequests: cancelSpotFleetRequests,
    CancelSpotInstanceRequests: cancelSpotInstanceRequests,
    CopyImage: copyImage,
    CreateFleet: createFleet,
    CreateImage: createImage,
    CreateKeyPair: createKeyPair,
    CreateLaunchTemplate: createLaunchTemplate,
    CreateLaunchTemplateVersion: createLaunchTemplateVersion,
    CreateSecurityGroup: createSecurityGroup,
    CreateSnapshot: createSnapshot,
    CreateTags: createTags,
    CreateVolume: createVolume,
    DeleteFleets: deleteFleets,
    DeleteKeyPair: deleteKeyPair,
    DeleteLaunchTemplate: deleteLaunchTemplate,
    DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteSnapshot: deleteSnapshot,
    DeleteTags: deleteTags,
    DeleteVolume: deleteVolume,
    DeregisterImage: deregisterImage,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeFleets: describeFleets,
    DescribeImageAttribute: describeImageAttribute,
    DescribeImageReferences: describeImageReferences,
    DescribeImages: describeImages,
    DescribeInstanceAttribute: describeInstanceAttribute,
    DescribeInstanceCreditSpecifications: describeInstanceCreditSpecifications,
    DescribeInstances: describeInstances,
    DescribeInstanceStatus: describeInstanceStatus,
    DescribeInstanceTypeOfferings: describeInstanceTypeOfferings,
    DescribeInstanceTypes: describeInstanceTypes,
    DescribeKeyPairs: describeKeyPairs,
    DescribeLaunchTemplates: describeLaunchTemplates,
    DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribeRegions: describeRegions,
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeSnapshotAttribute: describeSnapshotAttribute,
    DescribeSnapshots: describeSnapshots,
    DescribeSpotFleetRequests: describeSpotFleetRequests,
    DescribeSpotInstanceRequests: describeSpotInstanceRequests,
    DescribeSubnets: describeSubnets,
    DescribeTags: describeTags,
    DescribeVolumes: describeVolumes,
    DescribeVpcAttribute: describeVpcAttribute,
    DescribeVpcs: describeVpcs,
    DisableEbsEncryptionByDefault: disableEbsEncryptionByDefault,
    DisableImage: disableImage,
    DisableImageDeprecation: disableImageDeprecation,
    DisableImageDeregistrationProtection: disableImageDeregistrationProtection,
    EnableEbsEncryptionByDefault: enableEbsEncryptionByDefault,
    EnableImage: enableImage,
    EnableImageDeprecation: enableImageDeprecation,
    EnableImageDeregistrationProtection: enableImageDeregistrationProtection,
    GetConsoleOutput: getConsoleOutput,
    GetEbsEncryptionByDefault: getEbsEncryptionByDefault,
    ImportKeyPair: importKeyPair,
    ModifyImageAttribute: modifyImageAttribute,
    ModifyInstanceAttribute: modifyInstanceAttribute,
    ModifyInstanceMetadataOptions: modifyInstanceMetadataOptions,
    ModifyLaunchTemplate: modifyLaunchTemplate,
    ModifySnapshotAttribute: modifySnapshotAttribute,
    RebootInstances: rebootInstances,
    RegisterImage: registerImage,
    RequestSpotFleet: requestSpotFleet,
    RequestSpotInstances: requestSpotInstances,
    RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
    RunInstances: runInstances,
    StartInstances: startInstances,
    StopInstances: stopInstances,
    TerminateInstances: terminateInstances,
  },
  sts: {
    GetCallerIdentity: getCallerIdentity,
  },
  autoscaling: autoScalingActions,
  ssm: parameterActions,
  s3: objectActions,
};
