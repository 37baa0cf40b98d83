// Attribute-based instance type selection: the types of the catalog that meet a launch's requirements.
import type { InstanceType } from '../../../../../core/values/offering.ts';
import { Ec2Error } from '../../../cloud/errors.ts';
import { patternSource } from '../../../cloud/market/types.ts';
import type { InstanceRequirements } from '../launching/launch-parameters.ts';
import { ec2Architecture } from '../launching/launch.ts';
import type { World } from '../../world.ts';

const wildcard = (pattern: string): RegExp => new RegExp(`^${patternSource(pattern)}$`);

/** Attribute-based instance type selection, over the types that there are. @throws Ec2Error where nothing fits */
export function typesFor(world: World, wanted: InstanceRequirements, architecture: string): readonly string[] {
  const names = matchingTypes(world, wanted, architecture);
  if (names.length === 0)
    throw new Ec2Error('InvalidParameterValue', 'No instance types match the instance requirements.');
  return names;
}

/** The types of the catalog that have what is wanted, in its order; none where nothing fits. */
export function matchingTypes(world: World, wanted: InstanceRequirements, architecture: string): readonly string[] {
  const isWithin = (
    value: number,
    limits: { readonly Min?: number | string | undefined; readonly Max?: number | string | undefined } | undefined,
  ): boolean =>
    (limits?.Min === undefined || value >= Number(limits.Min))
    && (limits?.Max === undefined || value <= Number(limits.Max));
  const allowed = wanted.AllowedInstanceType.flatMap((pattern) => (pattern === undefined ? [] : [wildcard(pattern)]));
  const excluded = wanted.ExcludedInstanceType.flatMap((pattern) => (pattern === undefined ? [] : [wildcard(pattern)]));
  const included = (is: boolean, how: 'included' | 'required' | 'excluded' | undefined): boolean =>
    how === 'included' || (how === 'required') === is;
  const maker = (type: InstanceType): string =>
    type.arch === 'arm64' ? 'amazon-web-services' : /^[a-z]+\d+[a-z]*a/.test(type.family) ? 'amd' : 'intel';
  return world.cloud.types
    .all()
    .filter(
      (type) =>
        (architecture === 'any' || ec2Architecture(type) === architecture)
        && isWithin(type.vcpu, wanted.VCpuCount)
        && isWithin(type.memoryMib, wanted.MemoryMiB)
        && isWithin(type.memoryMib / 1024 / type.vcpu, wanted.MemoryGiBPerVCpu)
        && (wanted.AcceleratorCount === undefined
          ? type.gpu === 0 || allowed.length > 0
          : isWithin(type.gpu, wanted.AcceleratorCount))
        && included(type.isBareMetal, wanted.BareMetal)
        && included(type.category === 't', wanted.BurstablePerformance)
        && (wanted.CpuManufacturer.length === 0 || wanted.CpuManufacturer.some((one) => one === maker(type)))
        && (wanted.InstanceGeneration.length !== 1
          || (wanted.InstanceGeneration[0] === 'current') === type.generation >= 4)
        && (allowed.length === 0 || allowed.some((pattern) => pattern.test(type.name)))
        && !excluded.some((pattern) => pattern.test(type.name)),
    )
    .map((type) => type.name);
}
