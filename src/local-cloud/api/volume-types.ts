import { Fault, invalidValue } from './fault.ts';

interface Limits {
  /** GiB. */
  readonly size: readonly [least: number, most: number];
  /** I/O operations a second that may be asked for, and how many of them for each GiB; absent: none may. */
  readonly iops?: { readonly least: number; readonly most: number; readonly perGib: number };
}

/** EC2's limits, as its user guide has them in November 2026. */
const volumeTypes: Readonly<Record<string, Limits>> = {
  gp2: { size: [1, 16_384] },
  gp3: { size: [1, 65_536], iops: { least: 3_000, most: 80_000, perGib: 500 } },
  io1: { size: [4, 16_384], iops: { least: 100, most: 64_000, perGib: 50 } },
  io2: { size: [4, 65_536], iops: { least: 100, most: 256_000, perGib: 1_000 } },
  st1: { size: [125, 16_384] },
  sc1: { size: [125, 16_384] },
  standard: { size: [1, 1_024] },
};
/** MiB a second of a gp3 volume. */
const throughputs = { least: 125, most: 2_000, perIops: 0.25 };

interface Asked {
  readonly Iops?: number | undefined;
  readonly Throughput?: number | undefined;
}

/** Checks a volume's type, and its size (GiB), IOPS and throughput by that; gp3 has its own defaults. */
export function volumeType(
  type: string,
  size: number,
  asked: Asked,
): { type: string; iops?: number; throughput?: number } {
  const limits = Object.hasOwn(volumeTypes, type) ? volumeTypes[type] : undefined;
  if (limits === undefined) {
    const valid = Object.keys(volumeTypes).join(', ');
    throw invalidValue(`Value (${type}) for parameter VolumeType is invalid. Valid values: ${valid}`);
  }
  between(`Volume of ${size}GiB`, size, limits.size, 'GiB');
  const iops = checkIops(type, size, asked, limits);
  if (type !== 'gp3') {
    if (asked.Throughput !== undefined) throw notSupported('throughput', type);
    return { type, ...(iops === undefined ? {} : { iops }) };
  }
  const { Throughput = throughputs.least } = asked;
  between(`Volume throughput of ${Throughput}`, Throughput, [throughputs.least, throughputs.most], '');
  if (Throughput > (iops ?? 0) * throughputs.perIops) {
    throw invalidValue(
      `Throughput to iops ratio is too high; maximum is ${throughputs.perIops} MiB/s per IOPS`,
    );
  }
  return { type, iops: iops ?? 0, throughput: Throughput };
}

function checkIops(type: string, size: number, { Iops }: Asked, { iops }: Limits): number | undefined {
  if (iops === undefined) {
    if (Iops !== undefined) throw notSupported('iops', type);
    return undefined;
  }
  if (Iops === undefined) {
    if (type === 'gp3') return iops.least;
    throw new Fault('MissingParameter', `The parameter iops must be specified for ${type} volumes.`);
  }
  between(`Volume iops of ${Iops}`, Iops, [iops.least, iops.most], '');
  // A gp3 volume has its first 3,000 whatever its size.
  if (Iops > Math.max(size * iops.perGib, type === 'gp3' ? iops.least : 0)) {
    throw invalidValue(`Iops to volume size ratio of ${Iops / size} is too high; maximum is ${iops.perGib}`);
  }
  return Iops;
}

function between(what: string, value: number, [least, most]: readonly [number, number], unit: string): void {
  if (value < least) throw invalidValue(`${what} is too small; minimum is ${least}${unit}.`);
  if (value > most) throw invalidValue(`${what} is too large; maximum is ${most}${unit}.`);
}

function notSupported(parameter: string, type: string): Fault {
  return new Fault(
    'InvalidParameterCombination',
    `The parameter ${parameter} is not supported for ${type} volumes.`,
  );
}
