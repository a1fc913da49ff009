import { flag, integer, list, text, type Decoded } from '../api/shapes.ts';
import { zoneOf } from '../region.ts';
import type { AutoScalingGroup } from '../state/auto-scaling.ts';
import type { State } from '../state/model.ts';
import { validationError } from './refusals.ts';

/** The settings of a group that have a default and can be changed. */
export const settingsShape = {
  AvailabilityZones: list(text),
  VPCZoneIdentifier: text,
  DefaultCooldown: integer,
  HealthCheckType: text,
  HealthCheckGracePeriod: integer,
  NewInstancesProtectedFromScaleIn: flag,
};

type Settings = Pick<
  AutoScalingGroup,
  'zones' | 'subnets' | 'cooldown' | 'healthCheck' | 'gracePeriod' | 'protectedFromScaleIn'
>;

export const firstSettings: Settings = {
  zones: [],
  subnets: '',
  cooldown: 300,
  healthCheck: 'EC2',
  gracePeriod: 0,
  protectedFromScaleIn: false,
};

/** The settings after a call. Throws where a zone or a subnet is not there, or none is named. */
export function readSettings(
  given: Decoded<typeof settingsShape>,
  before: Settings,
  { account }: Pick<State, 'account'>,
): Settings {
  const subnets = given.VPCZoneIdentifier ?? before.subnets;
  const zones = given.AvailabilityZones.length > 0 ? given.AvailabilityZones : before.zones;
  const zone = zoneOf(account);
  for (const each of zones) if (each !== zone) throw validationError(`Invalid availability zones: [${each}]`);
  for (const each of subnets === '' ? [] : subnets.split(',')) {
    if (each.trim() !== account.subnetId)
      throw validationError(`The subnet ID '${each.trim()}' does not exist`);
  }
  if (zones.length === 0 && subnets === '')
    throw validationError('At least one Availability Zone or VPC Subnet is required.');
  return {
    zones: zones.length > 0 ? zones : [zone],
    subnets,
    cooldown: given.DefaultCooldown ?? before.cooldown,
    healthCheck: given.HealthCheckType ?? before.healthCheck,
    gracePeriod: given.HealthCheckGracePeriod ?? before.gracePeriod,
    protectedFromScaleIn: given.NewInstancesProtectedFromScaleIn ?? before.protectedFromScaleIn,
  };
}
