// How fleets are shown: by CreateFleet, and by DescribeFleets.
import type { FilterTable } from '../../protocol/filters.ts';
import type { Wire } from '../../protocol/xml.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';
import { capacityOf, stateOf } from './fleet-life.ts';
import type { Fleet, FleetOutcome, FleetOverride } from './fleet-records.ts';
import { zoneIdOf } from '../networks/network.ts';

function overrideWire(override: FleetOverride): Wire {
  return { ...override };
}

function outcomeWire(outcome: FleetOutcome): Wire {
  return { launchTemplateSpecification: { ...outcome.template }, overrides: overrideWire(outcome.override) };
}

export function answerWire(world: World, fleet: Fleet): Wire {
  if (fleet.type !== 'instant') return { fleetId: fleet.id };
  const place = (one: Fleet['launched'][number]) => ({
    subnetId: one.subnetId,
    availabilityZone: one.zone,
    availabilityZoneId: zoneIdOf(world, one.zone),
  });
  return { fleetId: fleet.id, errorSet: errorsWire(fleet), fleetInstanceSet: launchedWire(fleet, place) };
}

function errorsWire(fleet: Fleet): Wire {
  return fleet.errors.map((error) => ({
    launchTemplateAndOverrides: outcomeWire(error),
    lifecycle: error.lifecycle,
    errorCode: error.code,
    errorMessage: error.message,
  }));
}

/** DescribeFleets says less of them than CreateFleet: `place` is what it leaves out. */
function launchedWire(fleet: Fleet, place: (one: Fleet['launched'][number]) => Readonly<Record<string, Wire>>): Wire {
  return fleet.launched.map((one) => ({
    ...place(one),
    launchTemplateAndOverrides: outcomeWire(one),
    lifecycle: one.lifecycle,
    instanceIds: one.instanceIds,
    instanceType: one.instanceType,
  }));
}

function activityOf(world: World, fleet: Fleet): 'fulfilled' | 'pending_fulfillment' | 'pending_termination' | 'error' {
  const has = capacityOf(world, fleet);
  if (fleet.deletion) return has.onDemand + has.spot > 0 ? 'pending_termination' : 'fulfilled';
  if (has.onDemand + has.spot >= fleet.total) return 'fulfilled';
  return fleet.errors.length > 0 && fleet.launched.length === 0 ? 'error' : 'pending_fulfillment';
}

export function fleetWire(world: World, fleet: Fleet): Wire {
  const has = capacityOf(world, fleet);
  return {
    fleetId: fleet.id,
    fleetState: stateOf(world, fleet),
    activityStatus: activityOf(world, fleet),
    createTime: new Date(fleet.createdAtMs),
    clientToken: fleet.clientToken,
    excessCapacityTerminationPolicy: fleet.policy,
    fulfilledCapacity: has.onDemand + has.spot,
    fulfilledOnDemandCapacity: has.onDemand,
    launchTemplateConfigs: fleet.configs.map((config) => ({
      launchTemplateSpecification: { ...config.template },
      overrides: config.overrides.map(overrideWire),
    })),
    targetCapacitySpecification: {
      totalTargetCapacity: fleet.total,
      onDemandTargetCapacity: fleet.onDemand,
      spotTargetCapacity: fleet.spot,
      defaultTargetCapacityType: fleet.defaultType,
    },
    terminateInstancesWithExpiration: fleet.terminatesOnExpiry,
    type: fleet.type,
    validFrom: fleet.validFromMs === null ? undefined : new Date(fleet.validFromMs),
    validUntil: fleet.validUntilMs === null ? undefined : new Date(fleet.validUntilMs),
    replaceUnhealthyInstances: fleet.replacesUnhealthy,
    spotOptions: {
      allocationStrategy: fleet.spotStrategy,
      instanceInterruptionBehavior: fleet.interruptionBehavior,
      instancePoolsToUseCount: 1,
    },
    onDemandOptions: { allocationStrategy: fleet.onDemandStrategy },
    tagSet: tagSet(fleet.tags),
    errorSet: errorsWire(fleet),
    fleetInstanceSet: fleet.type === 'instant' ? launchedWire(fleet, () => ({})) : undefined,
  };
}

export const fleetFilters = (world: World): FilterTable<Fleet> => ({
  'activity-status': {
    of: (fleet) => activityOf(world, fleet),
    allowed: ['error', 'pending_fulfillment', 'pending_termination', 'fulfilled'],
  },
  'excess-capacity-termination-policy': { of: (fleet) => fleet.policy, allowed: ['no-termination', 'termination'] },
  'fleet-state': {
    of: (fleet) => stateOf(world, fleet),
    allowed: ['submitted', 'active', 'deleted', 'failed', 'deleted_running', 'deleted_terminating', 'modifying'],
  },
  'replace-unhealthy-instances': { of: (fleet) => fleet.replacesUnhealthy, allowed: ['true', 'false'] },
  type: { of: (fleet) => fleet.type, allowed: ['instant', 'request', 'maintain'] },
});
