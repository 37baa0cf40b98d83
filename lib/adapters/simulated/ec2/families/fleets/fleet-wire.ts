// How fleets are shown: by CreateFleet, and by DescribeFleets.
import type { FilterTable } from '../../protocol/filters.ts';
import type { Wire } from '../../protocol/xml.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';
import type { Fleet, FleetOutcome, FleetOverride } from './fleet-records.ts';
import { zoneIdOf } from '../networks/network.ts';

function overrideWire(override: FleetOverride): Wire {
  return { ...override };
}

function outcomeWire(outcome: FleetOutcome): Wire {
  return { launchTemplateSpecification: { ...outcome.template }, overrides: overrideWire(outcome.override) };
}

export function answerWire(world: World, fleet: Fleet): Wire {
  return { fleetId: fleet.id, errorSet: errorsWire(fleet), fleetInstanceSet: launchedWire(world, fleet) };
}

function errorsWire(fleet: Fleet): Wire {
  return fleet.errors.map((error) => ({
    launchTemplateAndOverrides: outcomeWire(error),
    lifecycle: error.lifecycle,
    errorCode: error.code,
    errorMessage: error.message,
  }));
}

function launchedWire(world: World, fleet: Fleet): Wire {
  return fleet.launched.map((one) => ({
    subnetId: one.subnetId,
    availabilityZone: one.zone,
    availabilityZoneId: zoneIdOf(world, one.zone),
    launchTemplateAndOverrides: outcomeWire(one),
    lifecycle: one.lifecycle,
    instanceIds: one.instanceIds,
    instanceType: one.instanceType,
  }));
}

export function fleetWire(world: World, fleet: Fleet): Wire {
  return {
    fleetId: fleet.id,
    fleetState: 'active',
    activityStatus: fleet.fulfilled >= fleet.total ? 'fulfilled' : 'pending_fulfillment',
    createTime: new Date(fleet.createdAtMs),
    clientToken: fleet.clientToken,
    excessCapacityTerminationPolicy: 'termination',
    fulfilledCapacity: fleet.fulfilled,
    fulfilledOnDemandCapacity: fleet.fulfilledOnDemand,
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
    terminateInstancesWithExpiration: false,
    type: 'instant',
    replaceUnhealthyInstances: false,
    spotOptions: {
      allocationStrategy: fleet.spotStrategy,
      instanceInterruptionBehavior: 'terminate',
      instancePoolsToUseCount: 1,
    },
    onDemandOptions: { allocationStrategy: fleet.onDemandStrategy },
    tagSet: tagSet(fleet.tags),
    errorSet: errorsWire(fleet),
    fleetInstanceSet: launchedWire(world, fleet),
  };
}

export const fleetFilters: FilterTable<Fleet> = {
  'activity-status': {
    of: (fleet) => (fleet.fulfilled >= fleet.total ? 'fulfilled' : 'pending_fulfillment'),
    allowed: ['error', 'pending_fulfillment', 'pending_termination', 'fulfilled'],
  },
  'excess-capacity-termination-policy': () => 'termination',
  'fleet-state': {
    of: () => 'active',
    allowed: ['submitted', 'active', 'deleted', 'failed', 'deleted_running', 'deleted_terminating', 'modifying'],
  },
  'replace-unhealthy-instances': () => false,
  type: { of: () => 'instant', allowed: ['instant', 'request', 'maintain'] },
};
