// Launching: one call with a ClientToken, over one or more overrides, into as many instances as capacity
// and account limits allow. RunInstances (one override, a minimum) and CreateFleet (partial) are both this.
import { quotaClass } from '../../../../core/catalog/quotas.ts';
import type { CapacityType } from '../../../../core/values/offering.ts';
import { offeringId } from '../../../../core/values/offering.ts';
import type { LaunchFault } from '../../../../ports/cloud.ts';
import { Ec2Error } from '../errors.ts';
import { inFleetOrder } from './fleet-choice.ts';
import type { PoolChoice } from './fleet-choice.ts';
import type { FleetStrategy } from '../options.ts';
import type { Capacity } from './capacity.ts';
import type { VcpuUsage } from './limits.ts';
import type { Prices } from './prices.ts';
import type { InstanceTypes } from './types.ts';

export interface LaunchOverride {
  readonly instanceType: string;
  readonly zone: string;
  readonly priority?: number | undefined;
  readonly weight?: number | undefined;
  readonly maxPriceUsdPerHour?: number | undefined;
  /** Most that fit there for a reason of their own (addresses of the subnet), and the fault beyond. */
  readonly room?: { readonly atMost: number; readonly fault: LaunchFault } | undefined;
}

export interface LaunchCall {
  /** null: every call is its own. */
  readonly token: string | null;
  /** Tokens hold within a scope: `fleet`, or `run/us-east-1a`. */
  readonly tokenScope: string;
  /** Canonical text of all parameters, to distinguish a repeat from a call with other parameters. */
  readonly parameters: string;
  readonly capacityType: CapacityType;
  readonly strategy: FleetStrategy;
  readonly overrides: readonly LaunchOverride[];
  readonly count: number;
  /** With fewer than this nothing is launched. */
  readonly minCount: number;
  /** Whether that is an error of the whole call (RunInstances) or an answer with faults (a fleet). */
  readonly failsBelowMinimum?: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Grant {
  readonly override: LaunchOverride;
  readonly count: number;
  readonly priceUsdPerHour: number;
}

interface Decision {
  readonly grants: readonly Grant[];
  readonly faults: readonly LaunchFault[];
}

export interface Supply {
  readonly vcpuLimits: Readonly<Record<CapacityType, ReadonlyMap<string, number>>>;
  readonly capacity: Capacity;
  readonly vcpuUsage: VcpuUsage;
  readonly prices: Prices;
  readonly types: InstanceTypes;
  /** Of the region: those that EC2 names instead of one that has nothing left. */
  readonly zones: readonly string[];
  /** Below the account's limit of instances. */
  readonly instancesFree: number;
  readonly nowMs: number;
}

interface Choice extends PoolChoice {
  readonly override: LaunchOverride;
}

/** Decides who gets how many, and takes that capacity. @throws Ec2Error for a request that is wrong in itself */
export function decideLaunch(call: LaunchCall, supply: Supply): Decision {
  if (call.overrides.length === 0)
    throw new Ec2Error('InvalidFleetConfiguration', 'The fleet configuration has no overrides to launch from');
  if (!Number.isInteger(call.count) || call.count < 1)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${call.count}) for parameter count is invalid. It must be a whole number over 0`,
    );
  const faults: LaunchFault[] = [];
  const choices = inFleetOrder(choicesOf(call, supply, faults), call.strategy);
  const grants = new Map<Choice, number>();
  // diversified: an equal share each first; then, as with the others, any that is left.
  const share = call.strategy === 'diversified' ? Math.ceil(call.count / Math.max(1, choices.length)) : call.count;
  let missing = call.count;
  for (const round of call.strategy === 'diversified' ? [share, call.count] : [share]) {
    for (const choice of choices) {
      if (missing <= 0) break;
      const wanted = Math.ceil(Math.min(missing, round) / choice.weight);
      const got = takeFrom(choice, wanted, call.capacityType, supply, faults);
      grants.set(choice, (grants.get(choice) ?? 0) + got);
      missing -= got * choice.weight;
    }
  }
  if (call.count - missing > supply.instancesFree) {
    for (const [choice, count] of grants) release(choice, count, call.capacityType, supply);
    const message =
      `You have requested more instances (${call.count}) than your current instance limit allows for the `
      + 'specified instance type. Please visit http://aws.amazon.com/contact-us/ec2-request to request an '
      + 'adjustment to this limit.';
    return { grants: [], faults: [{ code: 'InstanceLimitExceeded', scope: 'quota', about: null, message }] };
  }
  const granted = [...grants].filter(([, count]) => count > 0);
  const total = granted.reduce((sum, [choice, count]) => sum + count * choice.weight, 0);
  if (total < call.minCount) {
    for (const [choice, count] of granted) release(choice, count, call.capacityType, supply);
    return { grants: [], faults };
  }
  return {
    grants: granted.map(([choice, count]) => ({
      override: choice.override,
      count,
      priceUsdPerHour: choice.priceUsdPerHour,
    })),
    faults,
  };
}

function choicesOf(call: LaunchCall, supply: Supply, faults: LaunchFault[]): Choice[] {
  const choices: Choice[] = [];
  for (const [position, override] of call.overrides.entries()) {
    const { instanceType: typeName, zone } = override;
    const type = supply.types.get(typeName);
    if (!type) throw new Ec2Error('InvalidParameterValue', `Invalid value '${typeName}' for InstanceType.`);
    const price = supply.prices.at(typeName, zone, call.capacityType, supply.nowMs);
    const about = { instanceType: typeName, zone };
    if (price === null) {
      const message =
        `Your requested instance type (${typeName}) is not supported in your requested Availability Zone `
        + `(${zone}) as ${call.capacityType}.`;
      faults.push({ code: 'Unsupported', scope: 'offering', about, message });
      continue;
    }
    if (override.maxPriceUsdPerHour !== undefined && override.maxPriceUsdPerHour < price) {
      const message =
        `Your Spot request price of ${override.maxPriceUsdPerHour} is lower than the minimum required Spot `
        + `request fulfillment price of ${price}.`;
      faults.push({ code: 'SpotMaxPriceTooLow', scope: 'offering', about, message });
      continue;
    }
    const offering = offeringId(typeName, zone, call.capacityType);
    choices.push({
      override,
      offering,
      instanceType: typeName,
      zone,
      priceUsdPerHour: price,
      priority: override.priority ?? position,
      weight: override.weight ?? 1,
      depth: supply.capacity.depth(offering, supply.nowMs),
    });
  }
  return choices;
}

/** Takes what the account's limit and then the offering's capacity allow; a shortfall is a fault. */
function takeFrom(
  choice: Choice,
  wanted: number,
  capacityType: CapacityType,
  supply: Supply,
  faults: LaunchFault[],
): number {
  const type = supply.types.get(choice.instanceType);
  if (!type || wanted <= 0) return 0;
  const limit = supply.vcpuLimits[capacityType].get(quotaClass(type.family));
  const allowed =
    limit === undefined ? wanted : Math.floor((limit - supply.vcpuUsage.usedIn(capacityType, type.family)) / type.vcpu);
  const { room } = choice.override;
  if (room && room.atMost < Math.min(wanted, allowed)) {
    faults.push(room.fault);
    wanted = room.atMost;
  }
  const within = Math.max(0, Math.min(wanted, allowed));
  const got = within > 0 ? supply.capacity.take(choice.offering, within, supply.nowMs) : 0;
  supply.vcpuUsage.add(capacityType, type.family, got * type.vcpu);
  const about = { instanceType: choice.instanceType, zone: choice.zone };
  if (got < within) {
    faults.push({
      code: 'InsufficientInstanceCapacity',
      scope: 'offering',
      about,
      message: insufficientCapacity(choice, capacityType, supply),
    });
  } else if (within < wanted && limit !== undefined) {
    faults.push(
      capacityType === 'spot'
        ? { code: 'MaxSpotInstanceCountExceeded', scope: 'quota', about, message: 'Max spot instance count exceeded' }
        : { code: 'VcpuLimitExceeded', scope: 'quota', about, message: vcpuLimitExceeded(limit) },
    );
  }
  return got;
}

function release(choice: Choice, count: number, capacityType: CapacityType, supply: Supply): void {
  for (let one = 0; one < count; one++) supply.capacity.release(choice.offering, supply.nowMs);
  const type = supply.types.get(choice.instanceType);
  if (type) supply.vcpuUsage.add(capacityType, type.family, -count * type.vcpu);
}

function insufficientCapacity(choice: Choice, capacityType: CapacityType, supply: Supply): string {
  if (capacityType === 'spot') return 'There is no Spot capacity available that matches your request.';
  const { instanceType: name, zone } = choice;
  const hasSome = (other: string): boolean =>
    other !== zone
    && supply.prices.at(name, other, capacityType, supply.nowMs) !== null
    && (supply.capacity.available(offeringId(name, other, capacityType), supply.nowMs) ?? 1) > 0;
  const others = supply.zones.filter(hasSome);
  return (
    `We currently do not have sufficient ${name} capacity in the Availability Zone you requested (${zone}). `
    + 'Our system will be working on provisioning additional capacity.'
    + (others.length === 0
      ? ''
      : ` You can currently get ${name} capacity by not specifying an Availability Zone in your request or choosing `
        + `${others.join(', ')}.`)
  );
}

function vcpuLimitExceeded(limit: number): string {
  return (
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance `
    + 'bucket that the specified instance type belongs to. Please visit '
    + 'http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.'
  );
}
