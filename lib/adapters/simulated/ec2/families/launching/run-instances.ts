// RunInstances: one launch into one zone, all or nothing below MinCount, idempotent per zone or region.
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import type { LaunchOutcome } from '../../../cloud/cloud.ts';
import { action } from '../../action.ts';
import type { Action, CallInfo } from '../../action.ts';
import { Ec2Error } from '../../../cloud/errors.ts';
import { integer, notModelled, required, struct, text } from '../../protocol/fields.ts';
import type { Parsed } from '../../protocol/fields.ts';
import { ReadyXml } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Subnet } from '../../records.ts';
import type { World } from '../../world.ts';
import { launchReserved, reservedBy } from '../capacity-reservations.ts';
import { keepPersistent } from '../fleets/spot-requests.ts';
import { instancesXml } from '../instances/instance-xml.ts';
import { findTemplate, findVersion } from './launch-templates.ts';
import { equip, overrideFor, resolveLaunch } from './launch.ts';
import type { ResolvedLaunch } from './launch.ts';
import { launchFields, mergeLaunchParameters, tagsFor } from './launch-parameters.ts';
import type { LaunchParameters } from './launch-parameters.ts';
import { defaultSubnets } from '../networks/network.ts';

const fields = {
  ...launchFields,
  AdditionalInfo: text(),
  ClientToken: text({ max: 64 }),
  EnablePrimaryIpv6: notModelled(),
  Ipv6Address: notModelled(),
  Ipv6AddressCount: notModelled(),
  LaunchTemplate: struct({ LaunchTemplateId: text(), LaunchTemplateName: text(), Version: text() }),
  MaxCount: required(integer({ min: 1 })),
  MinCount: required(integer({ min: 1 })),
  PrivateIpAddress: text(),
  RamdiskId: text(),
  SubnetId: text(),
} as const;

type Request = Parsed<typeof fields>;

export const runInstances: Action = action({
  name: 'RunInstances',
  rate: 'resource-intensive',
  resources: (node) => Math.max(1, Number(node.children.get('MaxCount')?.value ?? 1) || 1),
  fields,
  check: (world, request) => void resolveLaunch(world, parametersOf(world, request), request),
  run: (world, request, call) => launchOnce(world, request, call),
});

function launchOnce(world: World, request: Request, call: CallInfo): Wire {
  const { MinCount: minCount, MaxCount: maxCount, ClientToken: token } = request;
  if (minCount > maxCount)
    throw new Ec2Error(
      'InvalidParameterCombination',
      `The value of minCount (${minCount}) is larger than that of maxCount (${maxCount})`,
    );
  const parameters = parametersOf(world, request);
  const tokenKey = {
    token: token ?? null,
    tokenScope: `run/${namedZone(world, request, parameters) ?? 'region'}`,
    parameters: call.parameters,
  };
  const replay = world.cloud.replayOf(tokenKey);
  if (replay) return reservationWire(world, replay);
  const launch = resolveLaunch(world, parameters, request);
  if (launch.privateIp !== null && maxCount > 1)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'A private IP address can only be specified when launching a single instance',
    );
  const isSpot = parameters.InstanceMarketOptions?.MarketType === 'spot';
  const capacityType = isSpot ? 'spot' : 'on-demand';
  if (!isSpot) refuseSpotTags(parameters);
  const subnet = launch.subnet ?? chooseSubnet(world, launch, capacityType, minCount, maxCount);
  const maxPrice = parameters.InstanceMarketOptions?.SpotOptions?.MaxPrice;
  const pools = [{ instanceType: launch.type.name, zone: subnet.zone }];
  const asked = { ...reservedBy(parameters), pools, capacityType, count: maxCount } as const;
  const outcome = launchReserved(world, asked, () =>
    world.cloud.launch({
      ...tokenKey,
      capacityType,
      strategy: 'prioritized',
      overrides: [
        overrideFor(
          world,
          launch,
          subnet,
          isSpot && maxPrice !== undefined ? { maxPriceUsdPerHour: Number(maxPrice) } : {},
        ),
      ],
      count: maxCount,
      minCount,
      failsBelowMinimum: true,
      tags: { ...tagsFor('instance', parameters.TagSpecification), ...templateTags(world, request) },
    }),
  );
  equip(world, outcome.instances, { launch, subnet, fleetId: null, capacityType });
  if (isSpot && parameters.InstanceMarketOptions?.SpotOptions?.SpotInstanceType === 'persistent')
    for (const instance of outcome.instances) keepPersistent(world, instance);
  return reservationWire(world, outcome);
}

function refuseSpotTags(parameters: LaunchParameters): void {
  if ((parameters.TagSpecification ?? []).some((one) => one?.ResourceType === 'spot-instances-request'))
    throw new Ec2Error(
      'InvalidParameterCombination',
      "The resource type 'spot-instances-request' can be tagged only when Spot Instances are requested",
    );
}

function parametersOf(world: World, request: Request): LaunchParameters {
  const own: LaunchParameters = Object.fromEntries(
    Object.entries(request).filter(([name]) => Object.hasOwn(launchFields, name)),
  );
  const ramDisk: LaunchParameters = request.RamdiskId === undefined ? {} : { RamDiskId: request.RamdiskId };
  if (!request.LaunchTemplate) return { ...own, ...ramDisk };
  const template = findTemplate(world, request.LaunchTemplate);
  const { data } = findVersion(template, request.LaunchTemplate.Version);
  const { InstanceRequirements: byAttributes, ...rest } = data;
  if (byAttributes && own.InstanceType === undefined) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'RunInstances does not support a launch template with InstanceRequirements; specify an instance type',
    );
  }
  return { ...mergeLaunchParameters(rest, own), ...ramDisk };
}

/** EC2 marks what came from a template. */
function templateTags(world: World, request: Request): Readonly<Record<string, string>> {
  if (!request.LaunchTemplate) return {};
  const template = findTemplate(world, request.LaunchTemplate);
  return {
    'aws:ec2launchtemplate:id': template.id,
    'aws:ec2launchtemplate:version': String(findVersion(template, request.LaunchTemplate.Version).number),
  };
}

/** Idempotency is per zone where the call names one, by zone or by subnet ("RunInstances idempotency"). */
function namedZone(world: World, request: Request, parameters: LaunchParameters): string | undefined {
  const subnetId = request.SubnetId ?? parameters.NetworkInterface?.[0]?.SubnetId;
  if (subnetId !== undefined) return world.subnets.get(subnetId)?.zone ?? subnetId;
  return parameters.Placement?.AvailabilityZone ?? parameters.Placement?.AvailabilityZoneId;
}

/** The first zone in EC2's preference that has all that is asked for, or else enough. */
function chooseSubnet(
  world: World,
  launch: ResolvedLaunch,
  capacityType: 'spot' | 'on-demand',
  minCount: number,
  maxCount: number,
): Subnet {
  const subnets = defaultSubnets(world);
  const room = (subnet: Subnet): number =>
    Math.min(
      world.cloud.capacity.available(`${launch.type.name}/${subnet.zone}/${capacityType}`, world.nowMs()) ?? Infinity,
      world.pool(subnet.id)?.available ?? 0,
    );
  const chosen =
    subnets.find((subnet) => room(subnet) >= maxCount)
    ?? subnets.find((subnet) => room(subnet) >= minCount)
    ?? subnets[0];
  if (!chosen) throw new Ec2Error('VPCIdNotSpecified', 'No default VPC for this user');
  return chosen;
}

/** As XML, and for who reads no XML by their records. */
export class LaunchedInstances extends ReadyXml {
  readonly instances: readonly InstanceRecord[];

  constructor(world: World, instances: readonly InstanceRecord[]) {
    super(() =>
      instancesXml(
        world,
        instances.map((instance) => ({ instance, shown: presentOf(instance) })),
      ),
    );
    this.instances = instances;
  }
}

function reservationWire(world: World, outcome: LaunchOutcome): Wire {
  return {
    reservationId: `r-${outcome.answerId}`,
    ownerId: world.accountId,
    groupSet: [],
    instancesSet: new LaunchedInstances(world, outcome.instances),
  };
}
