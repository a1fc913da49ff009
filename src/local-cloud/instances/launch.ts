import { putTags } from '../api/tags.ts';
import type { Cloud } from '../cloud.ts';
import { newId, newMac } from '../state/ids.ts';
import type { Instance, Volume } from '../state/model.ts';
import { forgetInstances } from '../start-up/resume.ts';
import type { LaunchPlan } from './launch-plan.ts';

/** Notes the instances of a launch with their volumes, and lets their machines boot. */
export function putLaunch(
  { store, machines, now }: Pick<Cloud, 'store' | 'machines' | 'now'>,
  plan: LaunchPlan,
): Instance[] {
  const time = now();
  const reservationId = newId('r');
  const made = plan.addresses.map((address, index) => {
    const volumeId = newId('vol');
    const instance = newInstance(plan, { reservationId, index, address, volumeId, time: time.toISOString() });
    return { instance, volume: newVolume(plan, instance) };
  });
  // Before they are noted: what is in the state must be on the disk.
  for (const { volume } of made) machines.prepare(volume.id);
  store.change((state) => {
    forgetInstances(state, time);
    for (const { instance, volume } of made) {
      state.instances[instance.id] = instance;
      state.volumes[volume.id] = volume;
      putTags(state, instance.id, plan.tagsFor('instance'));
      putTags(state, volume.id, plan.tagsFor('volume'));
      putTags(state, instance.interfaceId, plan.tagsFor('network-interface'));
    }
  });
  for (const { instance } of made) machines.boot(instance.id);
  return made.map(({ instance }) => instance);
}

interface Place {
  readonly reservationId: string;
  readonly index: number;
  readonly address: string;
  readonly volumeId: string;
  readonly time: string;
}

function newInstance(
  { given, image, type, keyPair, groupIds, metadata }: LaunchPlan,
  place: Place,
): Instance {
  const reservations = given.CapacityReservationSpecification?.CapacityReservationPreference;
  return {
    id: newId('i'),
    reservationId: place.reservationId,
    launchIndex: place.index,
    ...(given.ClientToken === undefined ? {} : { clientToken: given.ClientToken }),
    imageId: image.id,
    type,
    ...(keyPair === undefined ? {} : { keyName: keyPair.name, publicKey: keyPair.publicKey }),
    groupIds,
    state: 'pending',
    transitionReason: '',
    launchedAt: place.time,
    rootDeviceName: image.rootDeviceName,
    rootVolumeId: place.volumeId,
    address: place.address,
    mac: newMac(),
    interfaceId: newId('eni'),
    ...(given.NetworkInterface[0]?.AssociatePublicIpAddress === false && { publicAddress: false }),
    ...(given.CreditSpecification?.CpuCredits !== undefined && {
      cpuCredits: given.CreditSpecification.CpuCredits,
    }),
    ...(reservations !== undefined && { capacityReservations: reservations }),
    shutdownBehavior: given.InstanceInitiatedShutdownBehavior ?? 'stop',
    userData: given.UserData ?? '',
    metadata,
    enaSupport: image.enaSupport,
    sriovNetSupport: image.sriovNetSupport,
    ebsOptimized: given.EbsOptimized ?? false,
    monitored: given.Monitoring?.Enabled ?? false,
    apiTerminationDisabled: given.DisableApiTermination ?? false,
  };
}

function newVolume({ mapping, layers, encryption }: LaunchPlan, instance: Instance): Volume {
  const { size, type, iops, throughput, snapshotId } = mapping;
  return {
    id: instance.rootVolumeId,
    size,
    type,
    ...(iops === undefined ? {} : { iops }),
    ...(throughput === undefined ? {} : { throughput }),
    ...(snapshotId === undefined ? {} : { snapshotId }),
    ...encryption,
    createdAt: instance.launchedAt,
    state: 'in-use',
    layers: [...layers],
    attachment: {
      instanceId: instance.id,
      device: mapping.deviceName,
      attachedAt: instance.launchedAt,
      deleteOnTermination: mapping.deleteOnTermination,
    },
  };
}
