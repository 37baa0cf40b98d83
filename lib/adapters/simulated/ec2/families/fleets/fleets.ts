// EC2 Fleet of type `instant`: one call, answered with what it launched and, per override, why not the rest.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import { action } from '../../action.ts';
import type { Action, CallInfo } from '../../action.ts';
import { allOf, checkId, idKinds } from '../../ids.ts';
import { integer, list, required, text } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import { parameterMismatch } from '../../tokens.ts';
import type { World } from '../../world.ts';
import type { Fleet } from './fleet-records.ts';
import { fields } from './fleet-request.ts';
import type { Request } from './fleet-request.ts';
import { launchFleet } from './fleet-launch.ts';
import { answerWire, fleetWire, fleetFilters } from './fleet-wire.ts';

export const createFleet: Action = action({
  name: 'CreateFleet',
  rate: 'mutating',
  isDryRunFirst: true,
  fields,
  run(world, request, call) {
    const replayed = replayOf(world, request, call);
    if (replayed) return answerWire(world, replayed);
    const fleet = launchFleet(world, request);
    world.fleets.put(fleet);
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

export const fleetActions: readonly Action[] = [
  createFleet,
  action({
    name: 'DescribeFleets',
    rate: 'non-mutating',
    filters: () => fleetFilters,
    fields: { FleetId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      // Instant fleets are described only when they are named ("DescribeFleets": FleetIds).
      const named =
        parameters.FleetId.length === 0 ? [] : allOf('fleet', parameters.FleetId, (id) => world.fleets.get(id));
      const page = pageOf(fixedList(named), parameters, { min: 1, max: 1000 }, call, call.matches);
      return { fleetSet: page.items.map((fleet) => fleetWire(world, fleet)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeFleetInstances',
    rate: 'non-mutating',
    filters: () => ({}),
    fields: { FleetId: required(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters) {
      const fleet = world.fleets.get(checkId('fleet', parameters.FleetId));
      if (!fleet) throw idKinds.fleet.notFound([parameters.FleetId]);
      throw new Ec2Error(
        'UnsupportedOperation',
        "DescribeFleetInstances does not support fleets of type 'instant'. Use DescribeFleets with the ID of the "
          + `fleet (${fleet.id}) instead.`,
      );
    },
  }),
];
