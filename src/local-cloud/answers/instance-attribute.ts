import type { Xml } from '../api/xml.ts';
import type { Instance, State } from '../state/model.ts';
import { deviceMapping, groupSet, volumesOf } from './instance.ts';

/** The attributes of DescribeInstanceAttribute, in the form of its answer. */
export const instanceAttributes = {
  blockDeviceMapping: (instance: Instance, state: State): Xml => deviceMapping(volumesOf(instance, state)),
  disableApiStop: (): Xml => ({ value: false }),
  disableApiTermination: ({ apiTerminationDisabled }: Instance): Xml => ({ value: apiTerminationDisabled }),
  ebsOptimized: ({ ebsOptimized }: Instance): Xml => ({ value: ebsOptimized }),
  enaSupport: ({ enaSupport }: Instance): Xml => ({ value: enaSupport }),
  groupSet: ({ groupIds }: Instance, { groups }: State): Xml => groupSet(groupIds, groups),
  instanceInitiatedShutdownBehavior: ({ shutdownBehavior }: Instance): Xml => ({ value: shutdownBehavior }),
  instanceType: ({ type }: Instance): Xml => ({ value: type }),
  kernel: (): Xml => ({}),
  productCodes: (): Xml => [],
  ramdisk: (): Xml => ({}),
  rootDeviceName: ({ rootDeviceName }: Instance): Xml => ({ value: rootDeviceName }),
  sourceDestCheck: (): Xml => ({ value: true }),
  sriovNetSupport: ({ sriovNetSupport }: Instance): Xml => ({
    value: sriovNetSupport ? 'simple' : undefined,
  }),
  userData: ({ userData }: Instance): Xml => ({ value: userData === '' ? undefined : userData }),
};

export type InstanceAttribute = keyof typeof instanceAttributes;
