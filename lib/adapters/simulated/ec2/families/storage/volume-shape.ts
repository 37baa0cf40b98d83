// Sizes and speeds that EBS volume types allow ("Amazon EBS volume types").
import { Ec2Error } from '../../../cloud/errors.ts';

interface TypeLimits {
  readonly minGib: number;
  readonly maxGib: number;
  readonly iops: {
    readonly min: number;
    readonly max: number;
    readonly perGib: number;
    readonly byDefault: number | null;
  } | null;
  readonly throughput: { readonly min: number; readonly max: number; readonly byDefault: number } | null;
}

const limits: Readonly<Record<string, TypeLimits>> = {
  gp2: { minGib: 1, maxGib: 16_384, iops: null, throughput: null },
  gp3: {
    minGib: 1,
    maxGib: 65_536,
    iops: { min: 3000, max: 80_000, perGib: 500, byDefault: 3000 },
    throughput: { min: 125, max: 2000, byDefault: 125 },
  },
  io1: { minGib: 4, maxGib: 16_384, iops: { min: 100, max: 64_000, perGib: 50, byDefault: null }, throughput: null },
  io2: { minGib: 4, maxGib: 65_536, iops: { min: 100, max: 256_000, perGib: 1000, byDefault: null }, throughput: null },
  st1: { minGib: 125, maxGib: 16_384, iops: null, throughput: null },
  sc1: { minGib: 125, maxGib: 16_384, iops: null, throughput: null },
  standard: { minGib: 1, maxGib: 1024, iops: null, throughput: null },
};

export interface AskedShape {
  readonly sizeGib: number | undefined;
  readonly type: string | undefined;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
}

export interface VolumeShape {
  readonly sizeGib: number;
  readonly type: string;
  readonly iops: number | null;
  readonly throughput: number | null;
}

/** What a volume becomes that is asked for like this. @throws Ec2Error where its type does not allow it */
export function volumeShape(asked: AskedShape): VolumeShape {
  const type = asked.type ?? 'gp2';
  const limit = limits[type];
  if (!limit) throw new Ec2Error('InvalidParameterValue', `Invalid value '${type}' for VolumeType`);
  const { sizeGib } = asked;
  if (sizeGib === undefined)
    throw new Ec2Error('MissingParameter', 'The request must contain the parameter size/snapshot');
  if (sizeGib < limit.minGib || sizeGib > limit.maxGib) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Volume of ${sizeGib}GiB is invalid for volume type ${type}; it must be between ${limit.minGib} and `
        + `${limit.maxGib} GiB.`,
    );
  }
  return { sizeGib, type, iops: iopsOf(asked, type, limit, sizeGib), throughput: throughputOf(asked, type, limit) };
}

function iopsOf(asked: AskedShape, type: string, limit: TypeLimits, sizeGib: number): number | null {
  if (!limit.iops) {
    if (asked.iops !== undefined)
      throw new Ec2Error('InvalidParameterCombination', `The parameter iops is not supported for ${type} volumes.`);
    // gp2 earns 3 IOPS a GiB, between 100 and 16,000.
    return type === 'gp2' ? Math.min(16_000, Math.max(100, 3 * sizeGib)) : null;
  }
  const iops = asked.iops ?? limit.iops.byDefault;
  if (iops === null)
    throw new Ec2Error('MissingParameter', `The parameter iops must be specified for ${type} volumes.`);
  if (iops < limit.iops.min || iops > limit.iops.max) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Volume iops of ${iops} is ${iops < limit.iops.min ? 'too low; minimum is' : 'too high; maximum is'} `
        + `${iops < limit.iops.min ? limit.iops.min : limit.iops.max}.`,
    );
  }
  if (iops > limit.iops.perGib * sizeGib && iops > (limit.iops.byDefault ?? 0)) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Iops to volume size ratio of ${(iops / sizeGib).toFixed(6)} is too high; maximum is ${limit.iops.perGib}.000000`,
    );
  }
  return iops;
}

function throughputOf(asked: AskedShape, type: string, limit: TypeLimits): number | null {
  if (!limit.throughput) {
    if (asked.throughput !== undefined)
      throw new Ec2Error(
        'InvalidParameterCombination',
        `The parameter throughput is not supported for ${type} volumes.`,
      );
    return null;
  }
  const throughput = asked.throughput ?? limit.throughput.byDefault;
  if (throughput < limit.throughput.min || throughput > limit.throughput.max) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Throughput of ${throughput} is invalid for ${type}; it must be between ${limit.throughput.min} and `
        + `${limit.throughput.max} MiB/s.`,
    );
  }
  return throughput;
}
