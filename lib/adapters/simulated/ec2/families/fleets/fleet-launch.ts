// The launch behind CreateFleet: its on-demand part, then its spot part, each from the pools that it may use.
import type { LaunchFault } from '../../../../../ports/cloud.ts';
import { Ec2Error } from '../../../cloud/errors.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import type { LaunchOverride } from '../../../cloud/market/launching.ts';
import type { FleetStrategy } from '../../../cloud/options.ts';
import type { Tags } from '../../tags.ts';
import type { World } from '../../world.ts';
import type { Fleet } from './fleet-records.ts';
import { launchReserved } from '../capacity-reservations.ts';
import { tagsFor } from '../launching/launch-parameters.ts';
import { equip } from '../launching/launch.ts';
import type { Request } from './fleet-request.ts';
import { targetsOf, checkMinimum } from './fleet-request.ts';
import type { Pool } from './fleet-pools.ts';
import { templateOf, shownOverride, poolsOf } from './fleet-pools.ts';

/** "Launch template overrides": at most 300 in all. */
const overridesMax = 300;

/** @throws Ec2Error where the fleet is too large */
function checkShape(request: Request): void {
  const overrideCount = request.LaunchTemplateConfigs.reduce((sum, config) => sum + (config?.Overrides.length ?? 0), 0);
  if (overrideCount > overridesMax)
    throw new Ec2Error(
      'InvalidFleetConfiguration',
      `The fleet has ${overrideCount} overrides; the maximum is ${overridesMax}.`,
    );
}

/** The fleet that is asked for, before it has launched anything. @throws Ec2Error */
export function newFleet(world: World, request: Request): Fleet {
  checkShape(request);
  const targets = targetsOf(request);
  checkMinimum('SpotOptions', request.SpotOptions);
  checkMinimum('OnDemandOptions', request.OnDemandOptions);
  const type = request.Type ?? 'maintain';
  // What is wrong with the request as a whole is refused now, not when the fleet launches by itself.
  if (type !== 'instant') poolsOf(world, request, [], 'spot');
  const atMs = world.nowMs();
  return {
    id: fleetId(world),
    clientToken: request.ClientToken ?? null,
    createdAtMs: atMs,
    type,
    policy: request.ExcessCapacityTerminationPolicy ?? 'termination',
    validFromMs: request.ValidFrom ?? null,
    validUntilMs: request.ValidUntil ?? null,
    terminatesOnExpiry: request.TerminateInstancesWithExpiration ?? false,
    replacesUnhealthy: request.ReplaceUnhealthyInstances ?? false,
    interruptionBehavior: request.SpotOptions?.InstanceInterruptionBehavior ?? 'terminate',
    request: type === 'instant' ? null : request,
    deletion: null,
    isExpired: false,
    nextTryAtMs: type === 'instant' ? null : Math.max(atMs, request.ValidFrom ?? atMs),
    history: [{ type: 'fleet-change', subType: 'submitted', text: '', atMs }],
    total: targets.total,
    onDemand: targets.onDemand,
    spot: targets.spot,
    defaultType: targets.byDefault,
    spotStrategy: request.SpotOptions?.AllocationStrategy ?? 'lowest-price',
    onDemandStrategy: request.OnDemandOptions?.AllocationStrategy ?? 'lowest-price',
    fulfilled: 0,
    fulfilledOnDemand: 0,
    configs: request.LaunchTemplateConfigs.map((config) => ({
      template: templateOf(config?.LaunchTemplateSpecification),
      overrides: (config?.Overrides ?? []).flatMap((override) => (override ? [shownOverride(override)] : [])),
    })),
    errors: [],
    launched: [],
    tags: tagsFor('fleet', request.TagSpecification),
  };
}

/** An instant fleet: launched in its call. */
export function launchFleet(world: World, request: Request): Fleet {
  const fleet = newFleet(world, request);
  const { errors, launched, got, gotOnDemand } = launchInto(
    world,
    request,
    fleet.id,
    fleet,
    request.ClientToken ?? null,
  );
  return { ...fleet, errors, launched, fulfilled: got, fulfilledOnDemand: gotOnDemand };
}

export interface FleetLaunch {
  readonly errors: Fleet['errors'];
  readonly launched: Fleet['launched'];
  readonly got: number;
  readonly gotOnDemand: number;
}

/** Launches that much, as far as it goes, for the fleet of that id. */
export function launchInto(
  world: World,
  request: Request,
  id: string,
  wanted: { readonly onDemand: number; readonly spot: number },
  token: string | null,
): FleetLaunch {
  const errors: Fleet['errors'][number][] = [];
  const launched: Fleet['launched'][number][] = [];
  const pools = poolsOf(world, request, errors, wanted.spot > 0 && wanted.onDemand === 0 ? 'spot' : 'on-demand');
  let [got, gotOnDemand] = [0, 0];
  const parts = [
    {
      lifecycle: 'on-demand',
      target: wanted.onDemand,
      options: request.OnDemandOptions,
      strategy: request.OnDemandOptions?.AllocationStrategy ?? 'lowest-price',
    },
    {
      lifecycle: 'spot',
      target: wanted.spot,
      options: request.SpotOptions,
      strategy: request.SpotOptions?.AllocationStrategy ?? 'lowest-price',
    },
  ] as const;
  for (const { lifecycle, target, options, strategy } of parts) {
    if (target === 0 || pools.length === 0) continue;
    const part = launchPart(world, request, {
      id,
      pools,
      lifecycle,
      target,
      strategy,
      options,
      errors,
      launched,
      token,
    });
    got += part;
    if (lifecycle === 'on-demand') gotOnDemand = part;
  }
  return { errors, launched, got, gotOnDemand };
}

interface Part {
  readonly id: string;
  readonly pools: readonly Pool[];
  readonly lifecycle: 'spot' | 'on-demand';
  readonly target: number;
  readonly strategy: FleetStrategy;
  readonly options: Request['SpotOptions'] | Request['OnDemandOptions'];
  readonly errors: Fleet['errors'][number][];
  readonly launched: Fleet['launched'][number][];
  readonly token: string | null;
}

/** The spot or the on-demand part of the target. Answers the capacity that it got. */
function launchPart(world: World, request: Request, part: Part): number {
  const { lifecycle, errors, launched } = part;
  const pools = singled(world, part);
  const byOverride = new Map<LaunchOverride, Pool>(
    pools.map((pool) => [
      lifecycle === 'spot' && pool.override.maxPrice !== undefined
        ? { ...pool.toLaunch, maxPriceUsdPerHour: Number(pool.override.maxPrice) }
        : pool.toLaunch,
      pool,
    ]),
  );
  const tags = tagsOfInstances(request, part.id, pools[0]);
  const asked = {
    pools: pools.map((pool) => ({ instanceType: pool.launch.type.name, zone: pool.subnet.zone })),
    capacityType: lifecycle,
    preference: undefined,
    targetId: undefined,
    count: part.target,
  } as const;
  const outcome = launchReserved(world, asked, () =>
    world.cloud.launch({
      token: part.token,
      tokenScope: `fleet/${part.id}/${lifecycle}`,
      parameters: '',
      capacityType: lifecycle,
      strategy: part.strategy,
      overrides: [...byOverride.keys()],
      count: part.target,
      minCount: part.options?.MinTargetCapacity ?? 0,
      tags,
    }),
  );
  errors.push(...outcome.faults.flatMap((fault) => errorOf(fault, pools, lifecycle)));
  const got = outcome.instances.reduce((sum, instance) => sum + (poolOf(pools, instance)?.toLaunch.weight ?? 1), 0);
  for (const [pool, instances] of grouped(pools, outcome.instances)) {
    equip(world, instances, {
      launch: pool.launch,
      subnet: pool.subnet,
      fleetId: part.id,
      capacityType: lifecycle,
      ...(request.SpotOptions?.InstanceInterruptionBehavior
        ? { interruptionBehavior: request.SpotOptions.InstanceInterruptionBehavior }
        : {}),
    });
    launched.push({
      template: pool.template,
      override: pool.override,
      lifecycle,
      subnetId: pool.subnet.id,
      zone: pool.subnet.zone,
      instanceType: pool.launch.type.name,
      instanceIds: instances.map((instance) => instance.id),
    });
  }
  return got;
}

function tagsOfInstances(request: Request, fleetIdOfPart: string, first: Pool | undefined): Tags {
  return {
    ...tagsFor('instance', first?.launch.parameters.TagSpecification),
    ...(first
      ? {
          'aws:ec2launchtemplate:id': first.template.launchTemplateId ?? '',
          'aws:ec2launchtemplate:version': first.template.version ?? '',
        }
      : {}),
    ...tagsFor('instance', request.TagSpecification),
    'aws:ec2:fleet-id': fleetIdOfPart,
  };
}

/** With the pool that the fault is about; of a fault that concerns none of them, the first. */
function errorOf(fault: LaunchFault, pools: readonly Pool[], lifecycle: Part['lifecycle']): Fleet['errors'] {
  const { about, code, message } = fault;
  const isAbout = ({ toLaunch }: Pool): boolean =>
    about !== null
    && toLaunch.zone === about.zone
    && (about.instanceType === null || toLaunch.instanceType === about.instanceType);
  const pool = pools.find(isAbout) ?? pools[0];
  return pool ? [{ template: pool.template, override: pool.override, lifecycle, code, message }] : [];
}

function poolOf(pools: readonly Pool[], instance: InstanceRecord): Pool | undefined {
  return pools.find((pool) => pool.launch.type.name === instance.instanceType && pool.subnet.zone === instance.zone);
}

/** By reservation, which is one pool's share of the launch. */
function grouped(
  pools: readonly Pool[],
  instances: readonly InstanceRecord[],
): readonly (readonly [Pool, readonly InstanceRecord[]])[] {
  const byReservation = Map.groupBy(instances, (instance) => instance.reservationId);
  return [...byReservation.values()].flatMap((members) => {
    const [first] = members;
    const pool = first ? poolOf(pools, first) : undefined;
    return pool ? [[pool, members] as const] : [];
  });
}

/** SingleInstanceType and SingleAvailabilityZone: only the pools of the one group that has the most room. */
function singled(world: World, part: Part): readonly Pool[] {
  const { SingleInstanceType: oneType, SingleAvailabilityZone: oneZone } = part.options ?? {};
  if (oneType !== true && oneZone !== true) return part.pools;
  const room = (pool: Pool): number =>
    Math.min(
      world.cloud.capacity.available(`${pool.launch.type.name}/${pool.subnet.zone}/${part.lifecycle}`, world.nowMs())
        ?? Infinity,
      pool.toLaunch.room?.atMost ?? Infinity,
    );
  const groups = [
    ...Map.groupBy(
      part.pools,
      (pool) => `${oneType === true ? pool.launch.type.name : ''}/${oneZone === true ? pool.subnet.zone : ''}`,
    ).values(),
  ];
  const roomOf = (group: readonly Pool[]): number => group.reduce((sum, pool) => sum + room(pool), 0);
  return (
    groups.find((group) => roomOf(group) >= part.target) ?? groups.toSorted((a, b) => roomOf(b) - roomOf(a))[0] ?? []
  );
}

export function fleetId(world: World): string {
  const hex = world.cloud.random.hex(32);
  return `fleet-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
