import type { Region } from '../region.ts';
import type { AutoScalingGroup, LaunchConfiguration } from './auto-scaling.ts';
import type { Bucket } from './bucket.ts';
import type { LaunchRecords } from './launch-model.ts';
import type { Parameter } from './parameter.ts';

/** All that the cloud remembers of a region: `state.json` is this of each, and nothing else is remembered anywhere. */
export interface State extends LaunchRecords {
  readonly schema: 1;
  readonly account: Account;
  readonly images: Record<string, Image>;
  readonly snapshots: Record<string, Snapshot>;
  readonly volumes: Record<string, Volume>;
  readonly instances: Record<string, Instance>;
  readonly keyPairs: Record<string, KeyPair>;
  readonly groups: Record<string, SecurityGroup>;
  /** By resource id. */
  readonly tags: Record<string, Tags>;

  /** By name, as the two below; a file of an earlier version has none of the three. */
  launchConfigurations?: Record<string, LaunchConfiguration>;
  autoScalingGroups?: Record<string, AutoScalingGroup>;
  parameters?: Record<string, Parameter>;

  /** By name, in the first region: those of all. */
  buckets?: Record<string, Bucket>;

  /** Absent: no. */
  encryptsByDefault?: boolean;
}

export type Tags = Record<string, string>;

/** The account as a region has it. */
export interface Account {
  readonly region: Region;
  readonly id: string;
  readonly vpcId: string;
  readonly subnetId: string;
  /** The first three bytes of its addresses, `10.20.30`, in all regions; it moves only when the host has begun to use it otherwise. */
  network: string;
  readonly keys: readonly AccessKey[];
  /** Its machines have users of their own; not so where the kernel cannot, and in a state of an earlier version. */
  readonly ownUsers?: boolean;
}

export interface AccessKey {
  readonly profile: 'default' | 'readonly';
  readonly id: string;
  readonly secret: string;
}

export interface Image {
  readonly id: string;
  readonly name: string;
  description: string;
  readonly ownerId: string;
  isPublic: boolean;
  launchUsers: string[];
  state: 'pending' | 'available' | 'disabled' | 'failed';
  failure?: string;
  readonly rootDeviceName: string;
  /** ISO 8601, as all times here. */
  readonly createdAt: string;
  mappings: ImageMapping[];
  readonly sourceInstanceId?: string;
  readonly sourceImageId?: string;
  /** Absent: the source is of the same region. */
  readonly sourceImageRegion?: Region;
  /** The ClientToken of the CopyImage that made it. */
  readonly copyToken?: string | undefined;
  /** Absent when the image was never protected. */
  protection?: Protection;
  /** Absent when the image is not deprecated. */
  deprecatedAt?: string;
  imdsV2Only: boolean;
  enaSupport: boolean;
  sriovNetSupport: boolean;
}

export interface Protection {
  enabled: boolean;
  cooldown: boolean;
  /** When a protection with cooldown was taken away: it goes on for a day. */
  disabledAt?: string;
}

export interface ImageMapping {
  readonly deviceName: string;
  readonly snapshotId?: string;
  readonly size: number;
  readonly type: string;
  readonly iops?: number;
  readonly throughput?: number;
  readonly deleteOnTermination: boolean;
}

export interface Snapshot {
  readonly id: string;
  readonly ownerId: string;
  readonly volumeId: string;
  /** GiB, of the volume: nothing here measures or enforces it. */
  readonly size: number;
  description: string;
  readonly startedAt: string;
  state: 'pending' | 'completed' | 'error';
  failure?: string;
  /** The ARN of the key. Absent: it is not encrypted. */
  readonly kmsKeyId?: string;
  /** Folders below `layers/`, the newest first. */
  layers: string[];
  isPublic: boolean;
  users: string[];
}

export interface Volume {
  readonly id: string;
  size: number;
  type: string;
  iops?: number;
  throughput?: number;
  readonly snapshotId?: string;
  /** As a snapshot's. */
  readonly kmsKeyId?: string;
  readonly createdAt: string;
  state: 'creating' | 'available' | 'in-use' | 'deleting';
  /** What lies under the volume's own writes, the newest first. */
  layers: string[];
  attachment?: Attachment;
}

export interface Attachment {
  readonly instanceId: string;
  readonly device: string;
  readonly attachedAt: string;
  deleteOnTermination: boolean;
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly clientToken?: string;
  readonly imageId: string;
  type: string;
  readonly keyName?: string;
  readonly publicKey?: string;
  groupIds: string[];
  state: InstanceState;
  stateReason?: Reason;
  /** `User initiated (2024-01-02 03:04:05 GMT)`, or ''. */
  transitionReason: string;
  launchedAt: string;
  terminatedAt?: string;
  readonly rootDeviceName: string;
  readonly rootVolumeId: string;
  readonly address: string;
  readonly mac: string;
  readonly interfaceId: string;
  /** False: nothing outside the VPC knows its address. Absent, it has a public one, which is the same. */
  readonly publicAddress?: boolean;
  /** Of a burstable type, where the launch said it. */
  readonly cpuCredits?: 'standard' | 'unlimited';
  /** Which reservations of capacity it may use. There are none here. Absent: any that is open. */
  readonly capacityReservations?: 'open' | 'none';
  shutdownBehavior: 'stop' | 'terminate';
  /** Base64. */
  userData: string;
  metadata: MetadataOptions;
  enaSupport: boolean;
  sriovNetSupport: boolean;
  ebsOptimized: boolean;
  monitored: boolean;
  apiTerminationDisabled: boolean;
}

export interface MetadataOptions {
  tokens: 'optional' | 'required';
  endpoint: 'enabled' | 'disabled';
  hopLimit: number;
  tagsInMetadata: 'enabled' | 'disabled';
}

export interface KeyPair {
  readonly id: string;
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  readonly fingerprint: string;
  /** One line, as in authorized_keys. */
  readonly publicKey: string;
  readonly createdAt: string;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  ingress: Rule[];
  egress: Rule[];
}

/** One permission, to one peer. Remembered and shown, not enforced. */
export interface Rule {
  readonly protocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly peer: Peer;
  readonly description?: string;
}

export type Peer =
  | { readonly kind: 'ipv4' | 'ipv6'; readonly cidr: string }
  | { readonly kind: 'group'; readonly groupId: string };
