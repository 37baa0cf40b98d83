// What CreateFleet is asked: its parameters, and the capacity that they ask for.
import { Ec2Error } from '../../../cloud/errors.ts';
import {
  boolean,
  decimal,
  integer,
  list,
  notModelled,
  oneOf,
  required,
  requiredList,
  struct,
  text,
  timestamp,
} from '../../protocol/fields.ts';
import type { Field, Parsed } from '../../protocol/fields.ts';
import { tagSpecificationField } from '../../tags.ts';
import { blockDeviceField, instanceRequirementsField } from '../launching/launch-parameters.ts';

const price = text({ pattern: /^\d*\.?\d+$/, why: 'It must be a price in USD' });
const marketOptions = {
  SingleInstanceType: boolean(),
  SingleAvailabilityZone: boolean(),
  MinTargetCapacity: integer({ min: 1 }),
  MaxTotalPrice: notModelled(),
};

/** EC2 takes `lowestPrice` for `lowest-price`, as older examples have it, and the others alike. */
function strategy<const T extends string>(...values: readonly T[]): Field<T | undefined> {
  const field = oneOf(...values);
  return {
    shape: field.shape,
    parse(node, path) {
      const value = node?.value?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) ?? null;
      return field.parse(node && value !== null ? { ...node, value } : node, path);
    },
  };
}

export const targetField = struct({
  TotalTargetCapacity: required(integer({ min: 0, max: 10_000 })),
  OnDemandTargetCapacity: integer({ min: 0 }),
  SpotTargetCapacity: integer({ min: 0 }),
  DefaultTargetCapacityType: oneOf('spot', 'on-demand', 'capacity-block', 'reserved-capacity'),
  TargetCapacityUnitType: oneOf('units', 'vcpu', 'memory-mib'),
});

export const fields = {
  ClientToken: text({ max: 64 }),
  SpotOptions: struct({
    AllocationStrategy: strategy(
      'lowest-price',
      'diversified',
      'capacity-optimized',
      'capacity-optimized-prioritized',
      'price-capacity-optimized',
    ),
    InstanceInterruptionBehavior: oneOf('hibernate', 'stop', 'terminate'),
    InstancePoolsToUseCount: integer({ min: 1 }),
    MaintenanceStrategies: notModelled(),
    ...marketOptions,
  }),
  OnDemandOptions: struct({
    AllocationStrategy: strategy('lowest-price', 'prioritized'),
    CapacityReservationOptions: notModelled(),
    ...marketOptions,
  }),
  ReservedCapacityOptions: notModelled(),
  ExcessCapacityTerminationPolicy: oneOf('no-termination', 'termination'),
  LaunchTemplateConfigs: requiredList(
    struct({
      LaunchTemplateSpecification: struct({
        LaunchTemplateId: text(),
        LaunchTemplateName: text(),
        Version: text(),
        LaunchTemplateSpecificationUserData: text(),
      }),
      Overrides: list(
        struct({
          InstanceType: text(),
          MaxPrice: price,
          SubnetId: text(),
          AvailabilityZone: text(),
          AvailabilityZoneId: text(),
          WeightedCapacity: decimal({ min: 0 }),
          Priority: decimal({ min: 0 }),
          ImageId: text(),
          InstanceRequirements: instanceRequirementsField,
          BlockDeviceMapping: blockDeviceField,
          Placement: notModelled(),
          KeyName: notModelled(),
          IamInstanceProfile: notModelled(),
          MetadataOptions: notModelled(),
        }),
      ),
    }),
  ),
  TargetCapacitySpecification: required(targetField),
  TerminateInstancesWithExpiration: boolean(),
  Type: oneOf('request', 'maintain', 'instant'),
  ValidFrom: timestamp(),
  ValidUntil: timestamp(),
  ReplaceUnhealthyInstances: boolean(),
  TagSpecification: tagSpecificationField,
  Context: notModelled(),
} as const;

export type Request = Parsed<typeof fields>;

interface Targets {
  readonly total: number;
  readonly onDemand: number;
  readonly spot: number;
  readonly byDefault: 'spot' | 'on-demand';
}

export function targetsOf(request: Pick<Request, 'TargetCapacitySpecification'>): Targets {
  const wanted = request.TargetCapacitySpecification;
  if (
    wanted.DefaultTargetCapacityType === 'capacity-block'
    || wanted.DefaultTargetCapacityType === 'reserved-capacity'
  ) {
    throw new Ec2Error(
      'UnsupportedOperation',
      `This simulator does not model the capacity type '${wanted.DefaultTargetCapacityType}'`,
    );
  }
  if (wanted.TargetCapacityUnitType !== undefined && wanted.TargetCapacityUnitType !== 'units') {
    throw new Ec2Error(
      'UnsupportedOperation',
      `This simulator counts target capacity in units, not in '${wanted.TargetCapacityUnitType}'`,
    );
  }
  const byDefault = wanted.DefaultTargetCapacityType ?? 'on-demand';
  const total = wanted.TotalTargetCapacity;
  const named = (wanted.OnDemandTargetCapacity ?? 0) + (wanted.SpotTargetCapacity ?? 0);
  if (named > total)
    throw new Ec2Error(
      'InvalidTargetCapacitySpecification',
      'The sum of OnDemandTargetCapacity and SpotTargetCapacity must not be larger than TotalTargetCapacity',
    );
  const rest = total - named;
  return {
    total,
    byDefault,
    onDemand: (wanted.OnDemandTargetCapacity ?? 0) + (byDefault === 'on-demand' ? rest : 0),
    spot: (wanted.SpotTargetCapacity ?? 0) + (byDefault === 'spot' ? rest : 0),
  };
}

export function checkMinimum(name: string, options: Request['SpotOptions'] | Request['OnDemandOptions']): void {
  if (
    options?.MinTargetCapacity !== undefined
    && options.SingleInstanceType !== true
    && options.SingleAvailabilityZone !== true
  ) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      `${name}.MinTargetCapacity requires SingleAvailabilityZone or SingleInstanceType`,
    );
  }
}
