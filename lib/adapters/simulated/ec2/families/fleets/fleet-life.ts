// What becomes of a fleet after its call: fleets of type `maintain` replace what they lose, all of them end at their
// time or when they are deleted. Nothing ticks: it happens when somebody looks, at most once for what has changed.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import type { World } from '../../world.ts';
import { launchInto } from './fleet-launch.ts';
import type { FleetLaunch } from './fleet-launch.ts';
import { noOverride } from './fleet-pools.ts';
import type { Fleet, FleetEvent, FleetTemplate } from './fleet-records.ts';
import type { Request } from './fleet-request.ts';

/** How soon a fleet that could not launch everything tries again. */
const retryMs = 10_000;
/** A deleted fleet is shown as being deleted for so long at least. */
const deletingMs = 5000;
const historyMax = 1000;

type Launched = Fleet['launched'][number];

const weightOf = (one: Launched): number => Math.max(1, Math.ceil(one.override.weightedCapacity ?? 1));

/** Pending and running ones: what counts against the target. */
export function livingOf(world: World, one: Launched): readonly InstanceRecord[] {
  return one.instanceIds.flatMap((id) => {
    const instance = world.cloud.record(id);
    const state = instance && presentOf(instance).state;
    return instance && (state === 'pending' || state === 'running') ? [instance] : [];
  });
}

export interface FleetCapacity {
  readonly onDemand: number;
  readonly spot: number;
}

/** What the fleet has now, in units of its target. */
export function capacityOf(world: World, fleet: Fleet): FleetCapacity {
  if (fleet.type === 'instant')
    return { onDemand: fleet.fulfilledOnDemand, spot: fleet.fulfilled - fleet.fulfilledOnDemand };
  const of = (lifecycle: Launched['lifecycle']): number =>
    fleet.launched
      .filter((one) => one.lifecycle === lifecycle)
      .reduce((sum, one) => sum + livingOf(world, one).length * weightOf(one), 0);
  return { onDemand: of('on-demand'), spot: of('spot') };
}

export type FleetState = 'submitted' | 'active' | 'deleted' | 'deleted_running' | 'deleted_terminating';

export function stateOf(world: World, fleet: Fleet): FleetState {
  const { deletion } = fleet;
  if (!deletion) return fleet.validFromMs !== null && fleet.validFromMs > world.nowMs() ? 'submitted' : 'active';
  const isOver = world.nowMs() - deletion.atMs >= deletingMs && fleet.launched.every((one) => !hasUnended(world, one));
  return isOver ? 'deleted' : deletion.kind;
}

/** Also stopped ones, and those that are being started. */
function hasUnended(world: World, one: Launched): boolean {
  return one.instanceIds.some((id) => {
    const instance = world.cloud.record(id);
    return instance !== undefined && presentOf(instance).state !== 'terminated';
  });
}

export function withEvents(fleet: Fleet, events: readonly FleetEvent[]): Fleet {
  return { ...fleet, history: [...fleet.history, ...events].slice(-historyMax) };
}

/** The fleet with as much as it could get of what its target lacks, and when it tries again. */
export function filled(world: World, fleet: Fleet): Fleet {
  const { request } = fleet;
  if (!request) return fleet;
  const has = capacityOf(world, fleet);
  const missing = { onDemand: Math.max(0, fleet.onDemand - has.onDemand), spot: Math.max(0, fleet.spot - has.spot) };
  if (missing.onDemand + missing.spot === 0) return { ...fleet, nextTryAtMs: null };
  const atMs = world.nowMs();
  const outcome = attempt(world, fleet, request, missing);
  const events: FleetEvent[] = [
    ...outcome.errors.map(
      ({ code, message }) => ({ type: 'service-error', subType: code, text: message, atMs }) as const,
    ),
    ...outcome.launched.flatMap((one) =>
      one.instanceIds.map((instanceId) => {
        const text = JSON.stringify({ instanceType: one.instanceType, availabilityZone: one.zone });
        return { type: 'instance-change', subType: 'launched', text, instanceId, atMs } as const;
      }),
    ),
  ];
  const isShort = outcome.got < missing.onDemand + missing.spot;
  return withEvents(
    {
      ...fleet,
      errors: outcome.errors,
      launched: [...fleet.launched.filter((one) => hasUnended(world, one)), ...outcome.launched],
      // A fleet of type `request` asks once.
      nextTryAtMs: isShort && fleet.type === 'maintain' ? atMs + retryMs : null,
    },
    events,
  );
}

/** A template or group may be gone since: that is the fleet's trouble, not that of who looks. */
function attempt(world: World, fleet: Fleet, request: Request, missing: FleetCapacity): FleetLaunch {
  try {
    return launchInto(world, request, fleet.id, missing, null);
  } catch (error) {
    if (!(error instanceof Ec2Error)) throw error;
    const [config] = fleet.configs;
    const about = { template: config?.template ?? noTemplate, override: config?.overrides[0] ?? noOverride };
    const failure = { ...about, lifecycle: fleet.defaultType, code: error.ec2Code, message: error.message };
    return { errors: [failure], launched: [], got: 0, gotOnDemand: 0 };
  }
}

const noTemplate: FleetTemplate = { launchTemplateId: undefined, launchTemplateName: undefined, version: undefined };

/** Ends what is over the target, the youngest first. */
export function shrunk(world: World, fleet: Fleet): Fleet {
  if (fleet.policy !== 'termination') return fleet;
  const has = capacityOf(world, fleet);
  const gone: string[] = [];
  for (const [lifecycle, over] of [
    ['on-demand', has.onDemand - fleet.onDemand],
    ['spot', has.spot - fleet.spot],
  ] as const) {
    let left = over;
    const parts = fleet.launched.filter((one) => one.lifecycle === lifecycle);
    const living = parts.flatMap((one) =>
      livingOf(world, one).map((instance) => ({ instance, weight: weightOf(one) })),
    );
    for (const { instance, weight } of living.sort((a, b) => b.instance.serial - a.instance.serial)) {
      if (left < weight) break;
      gone.push(instance.id);
      left -= weight;
    }
  }
  return endInstances(world, fleet, gone);
}

export function endInstances(world: World, fleet: Fleet, ids: readonly string[]): Fleet {
  world.cloud.end(ids);
  const atMs = world.nowMs();
  return withEvents(
    fleet,
    ids.map((instanceId) => ({ type: 'instance-change', subType: 'terminated', text: '', instanceId, atMs }) as const),
  );
}

export function allLiving(world: World, fleet: Fleet): readonly string[] {
  return fleet.launched.flatMap((one) => livingOf(world, one).map((instance) => instance.id));
}

/** A deletion with its instances, or one that leaves them running. @throws Ec2Error where that cannot be */
export function deleted(world: World, fleet: Fleet, isTerminating: boolean): Fleet {
  const before = stateOf(world, fleet);
  if (before === 'deleted' || before === 'deleted_terminating')
    throw new Ec2Error('fleetNotInDeletableState', `The fleet '${fleet.id}' is in the '${before}' state.`);
  if (fleet.type === 'instant' && !isTerminating)
    throw new Ec2Error(
      'NoTerminateInstancesNotSupported',
      'NoTerminateInstances option is not supported for instant fleet',
    );
  const kind = isTerminating ? 'deleted_terminating' : 'deleted_running';
  const atMs = world.nowMs();
  const ended = isTerminating ? endInstances(world, fleet, allLiving(world, fleet)) : fleet;
  const event = { type: 'fleet-change', subType: kind, text: '', atMs } as const;
  return withEvents({ ...ended, deletion: { kind, atMs }, nextTryAtMs: null }, [event]);
}

interface Standing {
  readonly ids: Set<string>;
  /** Of the world's instances, when the fleets were last looked at. */
  endings: number;
}
const standing = new WeakMap<World, Standing>();

/** Fleets that something may still become of; found once for a world that was stored. */
function standingOf(world: World): Standing {
  const known = standing.get(world);
  if (known) return known;
  const ids = new Set([...world.fleets.values()].filter(isStanding).map((fleet) => fleet.id));
  const made: Standing = { ids, endings: -1 };
  standing.set(world, made);
  return made;
}

const isStanding = (fleet: Fleet): boolean => fleet.type !== 'instant' && fleet.deletion === null && !fleet.isExpired;

export function stand(world: World, fleet: Fleet): void {
  if (isStanding(fleet)) standingOf(world).ids.add(fleet.id);
}

/** When a fleet has something to do by itself; null: never. */
export function nextFleetAtMs(world: World): number | null {
  let nextMs: number | null = null;
  for (const id of standingOf(world).ids) {
    const fleet = world.fleets.get(id);
    for (const atMs of [fleet?.nextTryAtMs, fleet?.validUntilMs])
      if (atMs !== null && atMs !== undefined && (nextMs === null || atMs < nextMs)) nextMs = atMs;
  }
  return nextMs;
}

/** Replaces what fleets have lost since, and ends those whose time is over. */
export function settleFleets(world: World): void {
  const known = standingOf(world);
  if (known.ids.size === 0) return;
  const nowMs = world.nowMs();
  const hasLost = known.endings !== world.endings;
  known.endings = world.endings;
  for (const id of known.ids) {
    const fleet = world.fleets.get(id);
    if (!fleet || !isStanding(fleet)) {
      known.ids.delete(id);
      continue;
    }
    if (fleet.validUntilMs !== null && fleet.validUntilMs <= nowMs) world.fleets.put(expired(world, fleet));
    else if ((hasLost && fleet.type === 'maintain') || (fleet.nextTryAtMs ?? Infinity) <= nowMs) {
      const isDue = fleet.nextTryAtMs === null || fleet.nextTryAtMs <= nowMs;
      if (isDue) world.fleets.put(filled(world, fleet));
    }
  }
}

function expired(world: World, fleet: Fleet): Fleet {
  const ended = fleet.terminatesOnExpiry ? endInstances(world, fleet, allLiving(world, fleet)) : fleet;
  const event = { type: 'fleet-change', subType: 'expired', text: '', atMs: world.nowMs() } as const;
  return withEvents({ ...ended, isExpired: true, nextTryAtMs: null }, [event]);
}
