// On-Demand Capacity Reservations: capacity that is set aside for an account in one zone, and into which its launches
// of that type go first. What an ended instance leaves goes back to its reservation. Capacity Blocks are launched into
// by name alone, from their start on, and half an hour before their end their instances are terminated.
import { offeringId } from '../../../../core/values/offering.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import type { LaunchOutcome } from '../../cloud/cloud.ts';
import { action, done } from '../action.ts';
import type { Action } from '../action.ts';
import { allOf, oneOfKind } from '../ids.ts';
import { boolean, integer, list, notModelled, oneOf, required, text, timestamp } from '../protocol/fields.ts';
import { filterField, neverMet } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import { fixedList, pageOf } from '../protocol/paging.ts';
import type { Wire } from '../protocol/xml.ts';
import type { CapacityReservation } from '../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../tags.ts';
import { replayOr } from '../resource-tokens.ts';
import type { World } from '../world.ts';
import type { LaunchParameters } from './launching/launch-parameters.ts';
import { findType } from './launching/launch.ts';
import { zoneIdOf, zoneOfId } from './networks/network.ts';
import { partitionName } from './networks/regions.ts';

const offeringOf = (one: CapacityReservation): string => offeringId(one.instanceType, one.zone, 'on-demand');
const freeIn = (one: CapacityReservation): number => (one.state === 'active' ? one.count - one.usedBy.length : 0);

/** "Capacity Blocks for ML": instances are terminated so long before the end. */
const blockEndsEarlyMs = 30 * 60_000;

/** What can be launched into it now. */
function openIn(one: CapacityReservation, nowMs: number): number {
  const { blockFromMs = 0, endAtMs } = one;
  const isClosing = one.blockFromMs !== undefined && endAtMs !== null && endAtMs - blockEndsEarlyMs <= nowMs;
  return blockFromMs > nowMs || isClosing ? 0 : freeIn(one);
}

function releaseToPool(world: World, reservation: CapacityReservation, count: number): void {
  for (let one = 0; one < count; one++) world.cloud.capacity.release(offeringOf(reservation), world.nowMs());
}

/** @throws Ec2Error InsufficientInstanceCapacity, with nothing taken */
function takeFromPool(world: World, reservation: CapacityReservation, count: number): void {
  const got = world.cloud.capacity.take(offeringOf(reservation), count, world.nowMs());
  if (got === count) return;
  releaseToPool(world, reservation, got);
  throw new Ec2Error('InsufficientInstanceCapacity', 'Insufficient capacity.', 500);
}

export interface ReservedLaunch {
  readonly pools: readonly { readonly instanceType: string; readonly zone: string }[];
  readonly capacityType: 'spot' | 'on-demand';
  readonly preference: 'open' | 'none' | 'capacity-reservations-only' | undefined;
  /** Of the one reservation that is named. */
  readonly targetId: string | undefined;
  /** Of a Capacity Block. */
  readonly isBlock?: boolean;
  readonly count: number;
}

/** What a launch says of reservations. */
export function reservedBy(parameters: LaunchParameters): Pick<ReservedLaunch, 'preference' | 'targetId' | 'isBlock'> {
  const asked = parameters.CapacityReservationSpecification;
  return {
    isBlock: parameters.InstanceMarketOptions?.MarketType === 'capacity-block',
    preference: asked?.CapacityReservationPreference,
    targetId: asked?.CapacityReservationTarget?.CapacityReservationId,
  };
}

function usableFor(world: World, asked: ReservedLaunch): readonly CapacityReservation[] {
  if (asked.capacityType === 'spot' || asked.preference === 'none' || world.capacityReservations.size === 0) return [];
  return world.capacityReservations
    .all()
    .filter(
      (one) =>
        openIn(one, world.nowMs()) > 0
        && (asked.targetId === undefined ? one.criteria === 'open' : one.id === asked.targetId)
        && asked.pools.some((pool) => pool.instanceType === one.instanceType && pool.zone === one.zone),
    );
}

/**
 * Launches with what is reserved at hand; what was not used of it is reserved again. @throws Ec2Error of the launch,
 * and ReservationCapacityExceeded where only reserved capacity may be used and there is not enough
 */
export function launchReserved(world: World, asked: ReservedLaunch, launch: () => LaunchOutcome): LaunchOutcome {
  const { targetId, isBlock = false } = asked;
  const target =
    targetId === undefined
      ? undefined
      : oneOfKind('capacityReservation', targetId, (id) => world.capacityReservations.get(id));
  if (isBlock !== (target?.blockFromMs !== undefined))
    throw new Ec2Error(
      'InvalidParameterCombination',
      "The market type 'capacity-block' is given where, and only where, a Capacity Block is targeted.",
    );
  const usable = usableFor(world, asked);
  const isStrict = asked.targetId !== undefined || asked.preference === 'capacity-reservations-only';
  if (isStrict && usable.reduce((sum, one) => sum + freeIn(one), 0) < asked.count)
    throw isBlock
      ? new Ec2Error('InsufficientInstanceCapacity', 'Insufficient capacity.', 500)
      : new Ec2Error(
          'ReservationCapacityExceeded',
          'The requested reservation does not have sufficient compatible and available capacity for this request.',
        );
  if (usable.length === 0) return launch();
  const left = new Map(usable.map((one) => [one.id, freeIn(one)]));
  for (const one of usable) releaseToPool(world, one, freeIn(one));
  try {
    const outcome = launch();
    for (const instance of outcome.isReplay ? [] : outcome.instances) {
      const into = usable.find(
        (one) =>
          one.instanceType === instance.instanceType && one.zone === instance.zone && (left.get(one.id) ?? 0) > 0,
      );
      const now = into && world.capacityReservations.get(into.id);
      if (!into || !now) continue;
      left.set(into.id, (left.get(into.id) ?? 0) - 1);
      world.capacityReservations.put({ ...now, usedBy: [...now.usedBy, instance.id] });
    }
    return outcome;
  } finally {
    for (const one of usable) world.cloud.capacity.take(offeringOf(one), left.get(one.id) ?? 0, world.nowMs());
  }
}

function arnOf(world: World, one: CapacityReservation): string {
  const partition = partitionName(world.region);
  return `arn:${partition}:ec2:${world.region}:${world.accountId}:capacity-reservation/${one.id}`;
}

function reservationWire(world: World, one: CapacityReservation): Wire {
  return {
    capacityReservationId: one.id,
    ownerId: world.accountId,
    capacityReservationArn: arnOf(world, one),
    availabilityZoneId: zoneIdOf(world, one.zone),
    instanceType: one.instanceType,
    instancePlatform: one.platform,
    availabilityZone: one.zone,
    tenancy: one.tenancy,
    totalInstanceCount: one.count,
    availableInstanceCount: freeIn(one),
    ebsOptimized: one.isEbsOptimized,
    ephemeralStorage: false,
    state: one.state === 'active' && (one.blockFromMs ?? 0) > world.nowMs() ? 'scheduled' : one.state,
    startDate: new Date(one.blockFromMs ?? one.createdAtMs),
    endDate: one.endAtMs === null ? undefined : new Date(one.endAtMs),
    endDateType: one.endAtMs === null ? 'unlimited' : 'limited',
    instanceMatchCriteria: one.criteria,
    createDate: new Date(one.createdAtMs),
    tagSet: tagSet(one.tags) ?? [],
    capacityAllocationSet: one.usedBy.length === 0 ? [] : [{ allocationType: 'used', count: one.usedBy.length }],
    reservationType: one.blockFromMs === undefined ? 'default' : 'capacity-block',
  };
}

const filters = (world: World): FilterTable<CapacityReservation> => ({
  'availability-zone': (one) => one.zone,
  'end-date': (one) => (one.endAtMs === null ? null : new Date(one.endAtMs).toISOString()),
  'end-date-type': { of: (one) => (one.endAtMs === null ? 'unlimited' : 'limited'), allowed: ['unlimited', 'limited'] },
  'instance-match-criteria': { of: (one) => one.criteria, allowed: ['open', 'targeted'] },
  'instance-platform': (one) => one.platform,
  'instance-type': (one) => one.instanceType,
  'owner-id': () => world.accountId,
  'start-date': (one) => new Date(one.createdAtMs).toISOString(),
  state: { of: (one) => one.state, allowed: ['active', 'expired', 'cancelled', 'pending', 'failed'] },
  tenancy: { of: (one) => one.tenancy, allowed: ['default', 'dedicated'] },
  ...neverMet('outpost-arn', 'placement-group-arn'),
});

/** Gives what is free back to everybody. */
function ended(world: World, one: CapacityReservation, state: 'cancelled' | 'expired'): void {
  releaseToPool(world, one, freeIn(one));
  world.capacityReservations.put({ ...one, state });
}

/** Sets capacity aside. @throws Ec2Error where there is not as much */
export function setAside(world: World, made: Omit<CapacityReservation, 'usedBy' | 'state'>): CapacityReservation {
  const one: CapacityReservation = { ...made, usedBy: [], state: 'active' };
  takeFromPool(world, one, one.count);
  return world.capacityReservations.put(one);
}

/** When it changes by itself; null: it does not. */
function changesAtMs(one: CapacityReservation): number | null {
  if (one.state !== 'active' || one.endAtMs === null) return null;
  return one.blockFromMs !== undefined && one.usedBy.length > 0 ? one.endAtMs - blockEndsEarlyMs : one.endAtMs;
}

/** Ends those whose time is over, and what is in blocks that end soon. */
export function settleReservations(world: World): void {
  if (world.capacityReservations.size === 0) return;
  for (const one of world.capacityReservations.all()) {
    const atMs = changesAtMs(one);
    if (atMs === null || atMs > world.nowMs()) continue;
    if (atMs === one.endAtMs) ended(world, one, 'expired');
    else world.cloud.end(one.usedBy);
  }
}

/** When one changes next by itself; null: none does. */
export function nextReservationAtMs(world: World): number | null {
  if (world.capacityReservations.size === 0) return null;
  const times = world.capacityReservations.all().flatMap((one) => changesAtMs(one) ?? []);
  // What is being terminated is in its block until it is gone.
  const coming = times.filter((atMs) => atMs > world.nowMs());
  return coming.length === 0 ? null : Math.min(...coming);
}

const createFields = {
  AvailabilityZone: text(),
  AvailabilityZoneId: text(),
  ClientToken: text({ max: 64 }),
  CommitmentDuration: notModelled(),
  DeliveryPreference: notModelled(),
  EbsOptimized: boolean(),
  EndDate: timestamp(),
  EndDateType: oneOf('unlimited', 'limited'),
  EphemeralStorage: notModelled(),
  InstanceCount: required(integer({ min: 1, max: 1000 })),
  InstanceMatchCriteria: oneOf('open', 'targeted'),
  InstancePlatform: required(oneOf('Linux/UNIX', 'Windows')),
  InstanceType: required(text()),
  OutpostArn: notModelled(),
  PlacementGroupArn: notModelled(),
  StartDate: notModelled(),
  TagSpecifications: tagSpecificationField,
  Tenancy: oneOf('default', 'dedicated'),
} as const;

const reservationOf = (world: World, id: string): CapacityReservation =>
  oneOfKind('capacityReservation', id, (wanted) => world.capacityReservations.get(wanted));

/** @throws Ec2Error where it cannot be changed any more */
function activeReservation(world: World, id: string): CapacityReservation {
  const one = reservationOf(world, id);
  if (one.state !== 'active')
    throw new Ec2Error(
      'InvalidCapacityReservationState',
      `The capacity reservation '${one.id}' is in the '${one.state}' state.`,
    );
  return one;
}

const modifyCapacityReservation = action({
  name: 'ModifyCapacityReservation',
  rate: 'mutating',
  fields: {
    Accept: notModelled(),
    AdditionalInfo: notModelled(),
    CapacityReservationId: required(text()),
    EndDate: timestamp(),
    EndDateType: oneOf('unlimited', 'limited'),
    InstanceCount: integer({ min: 1, max: 1000 }),
    InstanceMatchCriteria: oneOf('open', 'targeted'),
  },
  run(world, parameters) {
    const one = activeReservation(world, parameters.CapacityReservationId);
    const { EndDate: endAtMs, EndDateType: endType, InstanceCount: count = one.count } = parameters;
    if (endType === undefined ? endAtMs !== undefined && one.endAtMs === null : isEndWrong(endType, endAtMs))
      throw endsDiffer();
    if (count < one.usedBy.length)
      throw new Ec2Error(
        'InvalidParameterValue',
        `The instance count of the capacity reservation '${one.id}' cannot be under the ${one.usedBy.length} in use.`,
      );
    if (count > one.count) takeFromPool(world, one, count - one.count);
    else releaseToPool(world, one, one.count - count);
    world.capacityReservations.put({
      ...one,
      count,
      criteria: parameters.InstanceMatchCriteria ?? one.criteria,
      endAtMs: endType === 'unlimited' ? null : (endAtMs ?? one.endAtMs),
    });
    return done;
  },
});

/** Whether an end date is given where, and only where, there is one. */
function isEndWrong(type: 'unlimited' | 'limited' | undefined, endAtMs: number | undefined): boolean {
  return (type === 'limited') !== (endAtMs !== undefined);
}

function endsDiffer(): Ec2Error {
  return new Ec2Error(
    'InvalidParameterCombination',
    "An end date is given where, and only where, the type of the end date is 'limited'.",
  );
}

export const capacityReservationActions: readonly Action[] = [
  modifyCapacityReservation,
  action({
    name: 'CreateCapacityReservation',
    rate: 'mutating',
    fields: createFields,
    run(world, parameters, call) {
      return replayOr(world, 'CreateCapacityReservation', parameters.ClientToken, call.parameters, {
        make() {
          const { AvailabilityZoneId: zoneId, EndDate: endAtMs } = parameters;
          const zone = parameters.AvailabilityZone ?? (zoneId === undefined ? '' : zoneOfId(world, zoneId)) ?? zoneId;
          if (zone === undefined || !world.zones.includes(zone))
            throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${zone ?? ''}]`);
          if (isEndWrong(parameters.EndDateType, endAtMs)) throw endsDiffer();
          const made = {
            id: world.newId('cr'),
            instanceType: findType(world, parameters.InstanceType).name,
            platform: parameters.InstancePlatform,
            zone,
            tenancy: parameters.Tenancy ?? 'default',
            count: parameters.InstanceCount,
            isEbsOptimized: parameters.EbsOptimized ?? false,
            endAtMs: endAtMs ?? null,
            criteria: parameters.InstanceMatchCriteria ?? 'open',
            createdAtMs: world.nowMs(),
            tags: tagsOnly('capacity-reservation', parameters.TagSpecifications),
          };
          return setAside(world, made).id;
        },
        show: (id) => ({ capacityReservation: reservationWire(world, reservationOf(world, id)) }),
      });
    },
  }),
  action({
    name: 'CancelCapacityReservation',
    rate: 'mutating',
    fields: {
      ApplyCancellationCharges: notModelled(),
      CapacityReservationId: required(text()),
      QuoteId: notModelled(),
    },
    run(world, parameters) {
      const one = activeReservation(world, parameters.CapacityReservationId);
      ended(world, one, 'cancelled');
      return done;
    },
  }),
  action({
    name: 'DescribeCapacityReservations',
    rate: 'non-mutating',
    filters,
    fields: { CapacityReservationId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const ids = parameters.CapacityReservationId;
      const named = allOf('capacityReservation', ids, (id) => world.capacityReservations.get(id));
      const from = named.length > 0 ? fixedList(named) : world.capacityReservations.list;
      const page = pageOf(from, parameters, { min: 1, max: 1000, byDefault: 1000 }, call, call.matches);
      return {
        capacityReservationSet: page.items.map((one) => reservationWire(world, one)),
        nextToken: page.nextToken,
      };
    },
  }),
];
