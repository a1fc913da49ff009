import { invalidValue } from '../api/fault.ts';

/** An instance type as it is shown. Nothing of it is enforced: a machine may use all that this computer has. */
export interface InstanceType {
  readonly id: string;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly current: boolean;
  readonly burstable: boolean;
}

const burstable: Readonly<Record<string, readonly [cpus: number, gib: number]>> = {
  nano: [2, 0.5],
  micro: [2, 1],
  small: [2, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  '2xlarge': [8, 32],
};
const cpusOf: Readonly<Record<string, number>> = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
};
/** GiB of memory for each virtual CPU. */
const families: Readonly<Record<string, number>> = {
  m4: 4,
  m5: 4,
  m5a: 4,
  m6i: 4,
  m6a: 4,
  m7i: 4,
  c5: 2,
  c5a: 2,
  c6i: 2,
  c7i: 2,
  r5: 8,
  r5a: 8,
  r6i: 8,
  r7i: 8,
};
const former: readonly (readonly [string, cpus: number, gib: number])[] = [
  ['t1.micro', 1, 0.613],
  ['m1.small', 1, 1.7],
  ['m1.medium', 1, 3.75],
  ['m1.large', 2, 7.5],
  ['m1.xlarge', 4, 15],
  ['m2.xlarge', 2, 17.1],
  ['m2.2xlarge', 4, 34.2],
  ['m2.4xlarge', 8, 68.4],
  ['m3.medium', 1, 3.75],
  ['m3.large', 2, 7.5],
  ['m3.xlarge', 4, 15],
  ['m3.2xlarge', 8, 30],
  ['c3.large', 2, 3.75],
  ['c3.xlarge', 4, 7.5],
  ['r3.large', 2, 15.25],
  ['r3.xlarge', 4, 30.5],
];

/** Every instance type that this cloud knows. */
export const instanceTypes: readonly InstanceType[] = [
  ...['t2', 't3', 't3a'].flatMap((family) =>
    Object.entries(burstable).map(([size, [cpus, gib]]) => entry(`${family}.${size}`, cpus, gib, true, true)),
  ),
  ...Object.entries(families).flatMap(([family, gib]) =>
    Object.entries(cpusOf).map(([size, cpus]) => entry(`${family}.${size}`, cpus, cpus * gib, true, false)),
  ),
  ...former.map(([id, cpus, gib]) => entry(id, cpus, gib, false, false)),
];

function entry(id: string, cpus: number, gib: number, current: boolean, burst: boolean): InstanceType {
  return { id, cpus, memoryMib: Math.round(gib * 1024), current, burstable: burst };
}

const known = new Set(instanceTypes.map(({ id }) => id));

/** Whether a type has CPU credits. */
export function isBurstable(id: string): boolean {
  return instanceTypes.some((type) => type.id === id && type.burstable);
}

/** Throws the Fault of an instance type that is not known. */
export function checkType(id: string): void {
  if (!known.has(id))
    throw invalidValue(`Invalid value '${id}' for InstanceType: the local cloud knows none of that name`);
}
