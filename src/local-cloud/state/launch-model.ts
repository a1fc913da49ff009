import type { LaunchData, LaunchSpecification } from '../api/launch-data.ts';

/** What would launch instances: templates, and requests that the cloud remembers and never fulfils. */
export interface LaunchRecords {
  readonly launchTemplates: Record<string, LaunchTemplate>;
  readonly spotRequests: Record<string, SpotRequest>;
  readonly spotFleets: Record<string, SpotFleet>;
  readonly fleets: Record<string, Fleet>;
}

/** A state file that was written before there were any of them has none. */
export function noLaunchRecords(): LaunchRecords {
  return { launchTemplates: {}, spotRequests: {}, spotFleets: {}, fleets: {} };
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  defaultVersion: number;
  /** The highest number that was ever given: none is given twice. */
  lastNumber: number;
  /** The oldest first. */
  versions: LaunchTemplateVersion[];
}

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description?: string;
  readonly createdAt: string;
  readonly data: LaunchData;
}

export interface SpotRequest {
  readonly id: string;
  readonly createdAt: string;
  state: 'open' | 'cancelled';
  updatedAt: string;
  readonly type: 'one-time' | 'persistent';
  readonly price?: string;
  readonly interruption: string;
  readonly specification: LaunchSpecification;
}

export interface SpotFleet {
  readonly id: string;
  readonly createdAt: string;
  state: 'active' | 'cancelled';
  readonly role: string;
  readonly capacity: number;
  readonly type: 'request' | 'maintain';
  readonly price?: string;
  readonly allocation: string;
  readonly expires: boolean;
  readonly replaces: boolean;
  readonly specifications: LaunchSpecification[];
  readonly templates: TemplateUse[];
}

export interface Fleet {
  readonly id: string;
  readonly createdAt: string;
  state: 'active' | 'deleted';
  readonly clientToken?: string;
  readonly type: 'request' | 'maintain';
  readonly excess: 'termination' | 'no-termination';
  readonly expires: boolean;
  readonly replaces: boolean;
  readonly capacity: FleetCapacity;
  readonly templates: TemplateUse[];
}

export interface FleetCapacity {
  readonly total: number;
  readonly onDemand: number;
  readonly spot: number;
  readonly defaultType: 'spot' | 'on-demand';
}

/** A template of a fleet, and what the fleet lays over it. */
export interface TemplateUse {
  readonly templateId: string;
  readonly templateName: string;
  /** As it was asked for: `$Latest`, `$Default` or a number. */
  readonly version: string;
  readonly overrides: TemplateOverride[];
}

export interface TemplateOverride {
  readonly InstanceType?: string | undefined;
  readonly ImageId?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly MaxPrice?: string | undefined;
  readonly SpotPrice?: string | undefined;
  readonly WeightedCapacity?: string | undefined;
  readonly Priority?: string | undefined;
}
