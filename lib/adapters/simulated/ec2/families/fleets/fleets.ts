// EC2 Fleets: instant ones, answered with what they launched and, per override, why not the rest; those of type
// `request` and `maintain`, which launch by themselves; and their end.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { action, done } from '../../action.ts';
import type { Action, CallInfo } from '../../action.ts';
import { allOf, hasFormOf, oneOfKind } from '../../ids.ts';
import {
  boolean,
  integer,
  list,
  notModelled,
  oneOf,
  required,
  requiredList,
  text,
  timestamp,
} from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf, placedList } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import { parameterMismatch } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { spotRequestId } from '../instances/instance-wire.ts';
import { launchFleet, newFleet } from './fleet-launch.ts';
import { deleted, livingOf, settleFleets, shrunk, stand, stateOf, withEvents } from './fleet-life.ts';
import type { Fleet, FleetEvent } from './fleet-records.ts';
import { fields, targetField, targetsOf } from './fleet-request.ts';
import type { Request } from './fleet-request.ts';
import { answerWire, fleetFilters, fleetWire } from './fleet-wire.ts';

export const createFleet: Action = action({
  name: 'CreateFleet',
  rate: 'mutating',
  isDryRunFirst: true,
  fields,
  run(world, request, call) {
    const replayed = replayOf(world, request, call);
    if (replayed) return answerWire(world, replayed);
    const isInstant = (request.Type ?? 'maintain') === 'instant';
    const fleet = world.fleets.put(isInstant ? launchFleet(world, request) : newFleet(world, request));
    stand(world, fleet);
    settleFleets(world);
    if (request.ClientToken !== undefined)
      world.usedTokens.put({ id: `CreateFleet/${request.ClientToken}`, parameters: call.parameters, madeId: fleet.id });
    return answerWire(world, fleet);
  },
});

function replayOf(world: World, request: Request, call: CallInfo): Fleet | null {
  const used =
    request.ClientToken === undefined ? undefined : world.usedTokens.get(`CreateFleet/${request.ClientToken}`);
  if (!used) return null;
  if (used.parameters !== call.parameters) throw parameterMismatch();
  const fleet = world.fleets.get(used.madeId);
  if (!fleet) return null;
  const ids = fleet.launched.flatMap((one) => one.instanceIds);
  const isOver =
    ids.length > 0
    && ids.every((id) => {
      const instance = world.cloud.record(id);
      return !instance || presentOf(instance).state === 'terminated';
    });
  if (isOver)
    throw new Ec2Error(
      'IdempotentInstanceTerminated',
      'The client token you have provided is associated with a terminated instance. Please use a '
        + 'different client token.',
    );
  return fleet;
}

/** @throws Ec2Error for instant fleets, which the action does not know */
function standingFleet(world: World, id: string, actionName: string): Fleet {
  const fleet = oneOfKind('fleet', id, (wanted) => world.fleets.get(wanted));
  if (fleet.type !== 'instant') return fleet;
  throw new Ec2Error(
    'UnsupportedOperation',
    `${actionName} does not support fleets of type 'instant'. Use DescribeFleets with the ID of the fleet `
      + `(${fleet.id}) instead.`,
  );
}

const instanceFilters: FilterTable<{
  readonly instance: InstanceRecord;
  readonly tags: Readonly<Record<string, string>>;
}> = { 'instance-type': (one) => one.instance.instanceType };

const modifyFleet = action({
  name: 'ModifyFleet',
  rate: 'mutating',
  fields: {
    FleetId: required(text()),
    ExcessCapacityTerminationPolicy: fields.ExcessCapacityTerminationPolicy,
    TargetCapacitySpecification: targetField,
    LaunchTemplateConfig: notModelled(),
    Context: notModelled(),
  },
  run(world, parameters) {
    const fleet = oneOfKind('fleet', parameters.FleetId, (id) => world.fleets.get(id));
    if (fleet.type !== 'maintain')
      throw new Ec2Error('InvalidParameterValue', `Fleets of type '${fleet.type}' cannot be modified.`);
    if (fleet.deletion)
      throw new Ec2Error('InvalidParameterValue', `The fleet '${fleet.id}' is deleted and cannot be modified.`);
    const wanted = parameters.TargetCapacitySpecification;
    const byDefault = wanted?.DefaultTargetCapacityType ?? fleet.defaultType;
    const { total, onDemand, spot } = wanted
      ? targetsOf({ TargetCapacitySpecification: { ...wanted, DefaultTargetCapacityType: byDefault } })
      : fleet;
    const changed: Fleet = {
      ...fleet,
      total,
      onDemand,
      spot,
      policy: parameters.ExcessCapacityTerminationPolicy ?? fleet.policy,
      nextTryAtMs: world.nowMs(),
    };
    const event: FleetEvent = { type: 'fleet-change', subType: 'modify_in_progress', text: '', atMs: world.nowMs() };
    world.fleets.put(shrunk(world, withEvents(changed, [event])));
    settleFleets(world);
    return done;
  },
});

/** "Delete an EC2 Fleet": so many in one call. */
const fleetsPerCall = 100;

const deleteFleets = action({
  name: 'DeleteFleets',
  rate: 'mutating',
  fields: { FleetId: requiredList(required(text())), TerminateInstances: required(boolean()) },
  run(world, parameters) {
    if (parameters.FleetId.length > fleetsPerCall)
      throw new Ec2Error('InvalidParameterValue', `At most ${fleetsPerCall} fleets can be deleted in one call`);
    const successes: Wire[] = [];
    const failures: Wire[] = [];
    for (const fleetId of new Set(parameters.FleetId)) {
      const fail = (code: string, message: string) => failures.push({ fleetId, error: { code, message } });
      const fleet = world.fleets.get(fleetId);
      if (!hasFormOf('fleet', fleetId)) fail('fleetIdMalformed', `The fleet ID '${fleetId}' is malformed`);
      else if (!fleet) fail('fleetIdDoesNotExist', `The fleet ID '${fleetId}' does not exist`);
      else {
        const previousFleetState = stateOf(world, fleet);
        try {
          const after = world.fleets.put(deleted(world, fleet, parameters.TerminateInstances));
          successes.push({ fleetId, previousFleetState, currentFleetState: after.deletion?.kind });
        } catch (error) {
          if (!(error instanceof Ec2Error)) throw error;
          fail(error.ec2Code, error.message);
        }
      }
    }
    return { successfulFleetDeletionSet: successes, unsuccessfulFleetDeletionSet: failures };
  },
});

export const fleetActions: readonly Action[] = [
  createFleet,
  action({
    name: 'DescribeFleets',
    rate: 'non-mutating',
    filters: fleetFilters,
    fields: { FleetId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const named = allOf('fleet', parameters.FleetId, (id) => world.fleets.get(id));
      // Instant fleets are described only when they are named ("DescribeFleets": FleetIds).
      const isListed = (fleet: Fleet): boolean => (named.length > 0 || fleet.type !== 'instant') && call.matches(fleet);
      const from = named.length > 0 ? fixedList(named) : world.fleets.list;
      const page = pageOf(from, parameters, { min: 1, max: 1000, byDefault: 1000 }, call, isListed);
      return { fleetSet: page.items.map((fleet) => fleetWire(world, fleet)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeFleetInstances',
    rate: 'non-mutating',
    filters: () => instanceFilters,
    fields: { FleetId: required(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const fleet = standingFleet(world, parameters.FleetId, 'DescribeFleetInstances');
      const living = fleet.launched.flatMap((one) => livingOf(world, one)).map((instance) => ({ instance, tags: {} }));
      const from = placedList(living, (one) => [one.instance.serial]);
      const page = pageOf(from, parameters, { min: 1, max: 1000, byDefault: 1000 }, call, call.matches);
      return {
        fleetId: fleet.id,
        activeInstanceSet: page.items.map(({ instance }) => ({
          instanceId: instance.id,
          instanceType: instance.instanceType,
          spotInstanceRequestId: instance.capacityType === 'spot' ? spotRequestId(instance) : undefined,
          instanceHealth: instance.boots ? 'healthy' : 'unhealthy',
        })),
        nextToken: page.nextToken,
      };
    },
  }),
  action({
    name: 'DescribeFleetHistory',
    rate: 'non-mutating',
    fields: {
      FleetId: required(text()),
      StartTime: required(timestamp()),
      EventType: oneOf('instance-change', 'fleet-change', 'service-error'),
      MaxResults: integer(),
      NextToken: text(),
    },
    run(world, parameters, call) {
      const { StartTime: sinceMs, EventType: type } = parameters;
      const fleet = standingFleet(world, parameters.FleetId, 'DescribeFleetHistory');
      const isAsked = (event: FleetEvent): boolean =>
        event.atMs >= sinceMs && (type === undefined || event.type === type);
      const page = pageOf(fixedList(fleet.history), parameters, { min: 1, max: 1000, byDefault: 1000 }, call, isAsked);
      return {
        fleetId: fleet.id,
        startTime: new Date(sinceMs),
        lastEvaluatedTime: new Date(world.nowMs()),
        historyRecordSet: page.items.map((event) => ({
          eventType: event.type,
          timestamp: new Date(event.atMs),
          eventInformation: { eventSubType: event.subType, eventDescription: event.text, instanceId: event.instanceId },
        })),
        nextToken: page.nextToken,
      };
    },
  }),
  modifyFleet,
  deleteFleets,
];
