// The pools of a fleet: each type in each subnet that its launch template and overrides name.
import { Ec2Error } from '../../../cloud/errors.ts';
import type { LaunchOverride } from '../../../cloud/market/launching.ts';
import { allOf } from '../../ids.ts';
import type { Subnet } from '../../records.ts';
import type { World } from '../../world.ts';
import type { Fleet, FleetOutcome, FleetOverride, FleetTemplate } from './fleet-records.ts';
import { mergeLaunchParameters } from '../launching/launch-parameters.ts';
import type { LaunchParameters } from '../launching/launch-parameters.ts';
import { findTemplate, findVersion } from '../launching/launch-templates.ts';
import { overrideFor, resolveLaunch, withType } from '../launching/launch.ts';
import type { ResolvedLaunch } from '../launching/launch.ts';
import { findImage } from '../images/images.ts';
import { zoneOfId } from '../networks/network.ts';
import type { Request } from './fleet-request.ts';
import { typesFor } from './attribute-selection.ts';

/** One pool that the fleet may launch from. */
export interface Pool {
  readonly launch: ResolvedLaunch;
  readonly subnet: Subnet;
  readonly template: FleetTemplate;
  readonly override: FleetOverride;
  readonly toLaunch: LaunchOverride;
}

type Override = NonNullable<NonNullable<Request['LaunchTemplateConfigs'][number]>['Overrides'][number]>;
type TemplateSpecification = NonNullable<Request['LaunchTemplateConfigs'][number]>['LaunchTemplateSpecification'];

export function templateOf(specification: TemplateSpecification): FleetTemplate {
  return {
    launchTemplateId: specification?.LaunchTemplateId,
    launchTemplateName: specification?.LaunchTemplateName,
    version: specification?.Version,
  };
}

export function shownOverride(override: Override): FleetOverride {
  return {
    instanceType: override.InstanceType,
    maxPrice: override.MaxPrice,
    subnetId: override.SubnetId,
    availabilityZone: override.AvailabilityZone,
    weightedCapacity: override.WeightedCapacity,
    priority: override.Priority,
    imageId: override.ImageId,
  };
}

/** Every pool of the request; what cannot be resolved becomes that override's error, as EC2 answers it. */
export function poolsOf(
  world: World,
  request: Request,
  errors: Fleet['errors'][number][],
  lifecycle: 'spot' | 'on-demand',
): readonly Pool[] {
  const pools: Pool[] = [];
  for (const config of request.LaunchTemplateConfigs) {
    const specification = config?.LaunchTemplateSpecification;
    if (!specification)
      throw new Ec2Error('MissingParameter', 'The request must contain the parameter LaunchTemplateSpecification');
    const overrides = config.Overrides.length > 0 ? config.Overrides : [undefined];
    for (const override of overrides) {
      const shown: FleetOutcome = {
        template: templateOf(specification),
        override: override ? shownOverride(override) : noOverride,
        lifecycle,
      };
      try {
        for (const pool of poolsOfOverride(world, specification, override ?? nothingOverridden)) {
          if (
            pools.some(
              (known) => known.subnet.id === pool.subnet.id && known.launch.type.name === pool.launch.type.name,
            )
          ) {
            throw new Ec2Error(
              'InvalidFleetConfiguration',
              `Duplicate instance pool in the launch template overrides: ${pool.launch.type.name} in ${pool.subnet.id}`,
            );
          }
          pools.push(pool);
        }
      } catch (error) {
        if (!(error instanceof Ec2Error) || error.ec2Code === 'InvalidFleetConfiguration') throw error;
        errors.push({ ...shown, code: error.ec2Code, message: error.message });
      }
    }
  }
  return pools;
}

const nothingOverridden: Override = {
  InstanceType: undefined,
  MaxPrice: undefined,
  SubnetId: undefined,
  AvailabilityZone: undefined,
  AvailabilityZoneId: undefined,
  WeightedCapacity: undefined,
  Priority: undefined,
  ImageId: undefined,
  InstanceRequirements: undefined,
  BlockDeviceMapping: [],
  Placement: undefined,
  KeyName: undefined,
  IamInstanceProfile: undefined,
  MetadataOptions: undefined,
};

/** As it is shown. */
export const noOverride: FleetOverride = shownOverride(nothingOverridden);

function poolsOfOverride(
  world: World,
  specification: NonNullable<TemplateSpecification>,
  override: Override,
): readonly Pool[] {
  if (specification.Version === undefined)
    throw new Ec2Error('MissingParameter', 'The launch template version must be specified');
  const template = findTemplate(world, specification);
  const { data, number } = findVersion(template, specification.Version);
  const resolved: FleetTemplate = {
    launchTemplateId: template.id,
    launchTemplateName: specification.LaunchTemplateName,
    version: String(number),
  };
  const { InstanceRequirements: templateRequirements, ...rest } = data;
  const own: LaunchParameters = {
    ImageId: override.ImageId,
    BlockDeviceMapping: override.BlockDeviceMapping,
    UserData: specification.LaunchTemplateSpecificationUserData,
  };
  const merged = mergeLaunchParameters(rest, own);
  const byAttributes =
    override.InstanceRequirements ?? (override.InstanceType === undefined ? templateRequirements : undefined);
  const typeNames = byAttributes
    ? typesFor(world, byAttributes, imageArchitecture(world, merged))
    : [override.InstanceType ?? merged.InstanceType];
  const [firstType] = typeNames;
  const launches = subnetsOf(world, override, merged).map((subnet) => {
    const where = merged.NetworkInterface?.length ? {} : { SubnetId: subnet.id };
    return { subnet, resolved: resolveLaunch(world, { ...merged, InstanceType: firstType }, where) };
  });
  // Looked up once: attributes may mean a thousand types.
  return typeNames.flatMap((typeName) =>
    launches.map(({ subnet, resolved: first }) => {
      const launch = typeName === undefined || typeName === firstType ? first : withType(world, first, typeName);
      // Weights round up: half a unit of capacity cannot be launched.
      const weight = override.WeightedCapacity === undefined ? 1 : Math.max(1, Math.ceil(override.WeightedCapacity));
      const toLaunch = overrideFor(world, launch, subnet, {
        weight,
        ...(override.Priority === undefined ? {} : { priority: override.Priority }),
      });
      return {
        launch,
        subnet,
        template: resolved,
        override: { ...shownOverride(override), instanceType: launch.type.name, availabilityZone: subnet.zone },
        toLaunch,
      };
    }),
  );
}

function subnetsOf(world: World, override: Override, parameters: LaunchParameters): readonly Subnet[] {
  const zone =
    override.AvailabilityZone
    ?? (override.AvailabilityZoneId === undefined
      ? undefined
      : (zoneOfId(world, override.AvailabilityZoneId) ?? override.AvailabilityZoneId))
    ?? parameters.Placement?.AvailabilityZone;
  const subnetId = override.SubnetId ?? parameters.NetworkInterface?.[0]?.SubnetId;
  if (subnetId !== undefined) return allOf('subnet', [subnetId], (id) => world.subnets.get(id));
  if (zone !== undefined && !world.zones.includes(zone))
    throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
  return world.subnets.all().filter((subnet) => subnet.isDefaultForAz && (zone === undefined || subnet.zone === zone));
}

function imageArchitecture(world: World, parameters: LaunchParameters): string {
  if (parameters.ImageId === undefined)
    throw new Ec2Error('MissingParameter', 'The request must contain the parameter ImageId');
  return findImage(world, parameters.ImageId).architecture;
}
