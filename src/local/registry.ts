import { authorizeSecurityGroupEgress } from './actions/authorize-security-group-egress.ts';
import { authorizeSecurityGroupIngress } from './actions/authorize-security-group-ingress.ts';
import { createImage } from './actions/create-image.ts';
import { createKeyPair } from './actions/create-key-pair.ts';
import { createSecurityGroup } from './actions/create-security-group.ts';
import { deleteKeyPair } from './actions/delete-key-pair.ts';
import { deleteSecurityGroup } from './actions/delete-security-group.ts';
import { deleteSnapshot } from './actions/delete-snapshot.ts';
import { deregisterImage } from './actions/deregister-image.ts';
import { describeAccountAttributes } from './actions/describe-account-attributes.ts';
import { describeAvailabilityZones } from './actions/describe-availability-zones.ts';
import { describeImageAttribute } from './actions/describe-image-attribute.ts';
import { describeImages } from './actions/describe-images.ts';
import { describeInstances } from './actions/describe-instances.ts';
import { describeKeyPairs } from './actions/describe-key-pairs.ts';
import { describeRegions } from './actions/describe-regions.ts';
import { describeSecurityGroups } from './actions/describe-security-groups.ts';
import { describeSnapshots } from './actions/describe-snapshots.ts';
import { describeSubnets } from './actions/describe-subnets.ts';
import { describeVpcs } from './actions/describe-vpcs.ts';
import { importKeyPair } from './actions/import-key-pair.ts';
import { modifyImageAttribute } from './actions/modify-image-attribute.ts';
import { rebootInstances } from './actions/reboot-instances.ts';
import { revokeSecurityGroupEgress } from './actions/revoke-security-group-egress.ts';
import { revokeSecurityGroupIngress } from './actions/revoke-security-group-ingress.ts';
import { runInstances } from './actions/run-instances.ts';
import { startInstances } from './actions/start-instances.ts';
import { stopInstances } from './actions/stop-instances.ts';
import { terminateInstances } from './actions/terminate-instances.ts';
import type { Registry } from './http/dispatch.ts';

/** Every action that the local cloud answers, by service. */
export const registry: Registry = {
  ec2: {
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateImage: createImage,
    CreateKeyPair: createKeyPair,
    CreateSecurityGroup: createSecurityGroup,
    DeleteKeyPair: deleteKeyPair,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteSnapshot: deleteSnapshot,
    DeregisterImage: deregisterImage,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeImageAttribute: describeImageAttribute,
    DescribeImages: describeImages,
    DescribeInstances: describeInstances,
    DescribeKeyPairs: describeKeyPairs,
    DescribeRegions: describeRegions,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeSnapshots: describeSnapshots,
    DescribeSubnets: describeSubnets,
    DescribeVpcs: describeVpcs,
    ImportKeyPair: importKeyPair,
    ModifyImageAttribute: modifyImageAttribute,
    RebootInstances: rebootInstances,
    RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
    RunInstances: runInstances,
    StartInstances: startInstances,
    StopInstances: stopInstances,
    TerminateInstances: terminateInstances,
  },
  sts: {},
};
