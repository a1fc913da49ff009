import type { FilterTable } from '../api/filters.ts';
import type { Xml } from '../api/xml.ts';
import type { InstanceType } from '../instances/types.ts';

/** An instance type as DescribeInstanceTypes shows it. */
export function typeAnswer({ id, cpus, memoryMib, current, burstable }: InstanceType): Xml {
  return {
    instanceType: id,
    currentGeneration: current,
    freeTierEligible: id === 't2.micro' || id === 't3.micro',
    supportedUsageClasses: ['on-demand'],
    supportedRootDeviceTypes: ['ebs'],
    supportedVirtualizationTypes: ['hvm'],
    bareMetal: false,
    processorInfo: { supportedArchitectures: ['x86_64'] },
    vCpuInfo: { defaultVCpus: cpus },
    memoryInfo: { sizeInMiB: memoryMib },
    instanceStorageSupported: false,
    ebsInfo: { ebsOptimizedSupport: 'default', encryptionSupport: 'unsupported' },
    networkInfo: { maximumNetworkInterfaces: 1, ipv6Supported: false, enaSupport: 'supported' },
    burstablePerformanceSupported: burstable,
    hibernationSupported: false,
    autoRecoverySupported: false,
  };
}

export const typeFilters: FilterTable<InstanceType> = {
  'bare-metal': () => false,
  'burstable-performance-supported': ({ burstable }) => burstable,
  'current-generation': ({ current }) => current,
  'instance-type': ({ id }) => id,
  'memory-info.size-in-mib': ({ memoryMib }) => memoryMib,
  'processor-info.supported-architecture': () => 'x86_64',
  'supported-root-device-type': () => 'ebs',
  'supported-virtualization-type': () => 'hvm',
  'vcpu-info.default-vcpus': ({ cpus }) => cpus,
};
