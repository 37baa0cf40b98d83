// EC2 Fleet of type `instant`: one call, answered with what it launched and, per override, why not the rest.
import { instanceTypes } from '../../../../core/catalog/index.ts';
import type { InstanceType } from '../../../../core/values/offering.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import { presentOf } from '../../cloud/instances.ts';
import type { InstanceRecord } from '../../cloud/instances.ts';
import type { LaunchOverride } from '../../cloud/launching.ts';
import type { FleetStrategy } from '../../cloud/options.ts';
import { action } from '../action.ts';
import type { Action, CallInfo } from '../action.ts';
import { allOf, checkId, idKinds } from '../ids.ts';
import {
  boolean,
  decimal,
  integer,
  list,
  notModelled,
  oneOf,
  required,
  requiredList,
  struct,
  text,
  timestamp,
} from '../protocol/fields.ts';
import type { Parsed } from '../protocol/fields.ts';
import { compileFilters, filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/paging.ts';
import type { Wire } from '../protocol/xml.ts';
import type { Subnet } from '../records.ts';
import { tagSet, tagSpecificationField } from '../tags.ts';
import { parameterMismatch } from '../tokens.ts';
import type { World } from '../world.ts';
import type { Fleet, FleetOutcome, FleetOverride, FleetTemplate } from './fleet-records.ts';
import { blockDeviceField, instanceRequirementsField, mergeLaunchParameters, tagsFor } from './launch-parameters.ts';
import type { InstanceRequirements, LaunchParameters } from './launch-parameters.ts';
import { findTemplate, findVersion } from './launch-templates.ts';
import { ec2Architecture, equip, overrideFor, resolveLaunch } from './launch.ts';
import type { ResolvedLaunch } from './launch.ts';
import { findImage } from './images.ts';
import { zoneIdOf, zoneOfId } from './network.ts';

const price = text({ pattern: /^\d*\.?\d+$/, why: 'It must be a price in USD' });
const marketOptions = {
  SingleInstanceType: boolean(),
  SingleAvailabilityZone: boolean(),
  MinTargetCapacity: integer({ min: 1 }),
  MaxTotalPrice: notModelled(),
};

const fields = {
  ClientToken: text({ max: 64 }),
  SpotOptions: struct({
    AllocationStrategy: oneOf(
      'lowest-price',
      'diversified',
      'capacity-optimized',
      'capacity-optimized-prioritized',
      'price-capacity-optimized',
    ),
    InstanceInterruptionBehavior: oneOf('hibernate', 'stop', 'terminate'),
    InstancePoolsToUseCount: integer({ min: 1 }),
    MaintenanceStrategies: notModelled(),
    ...marketOptions,
  }),
  OnDemandOptions: struct({
    AllocationStrategy: oneOf('lowest-price', 'prioritized'),
    CapacityReservationOptions: notModelled(),
    ...marketOptions,
  }),
  ReservedCapacityOptions: notModelled(),
  ExcessCapacityTerminationPolicy: oneOf('no-termination', 'termination'),
  LaunchTemplateConfigs: requiredList(
    struct({
      LaunchTemplateSpecification: struct({
        LaunchTemplateId: text(),
        LaunchTemplateName: text(),
        Version: text(),
        LaunchTemplateSpecificationUserData: text(),
      }),
      Overrides: list(
        struct({
          InstanceType: text(),
          MaxPrice: price,
          SubnetId: text(),
          AvailabilityZone: text(),
          AvailabilityZoneId: text(),
          WeightedCapacity: decimal({ min: 0 }),
          Priority: decimal({ min: 0 }),
          ImageId: text(),
          InstanceRequirements: instanceRequirementsField,
          BlockDeviceMapping: blockDeviceField,
          Placement: notModelled(),
          KeyName: notModelled(),
          IamInstanceProfile: notModelled(),
          MetadataOptions: notModelled(),
        }),
      ),
    }),
  ),
  TargetCapacitySpecification: required(
    struct({
      TotalTargetCapacity: required(integer({ min: 0, max: 10_000 })),
      OnDemandTargetCapacity: integer({ min: 0 }),
      SpotTargetCapacity: integer({ min: 0 }),
      DefaultTargetCapacityType: oneOf('spot', 'on-demand', 'capacity-block', 'reserved-capacity'),
      TargetCapacityUnitType: oneOf('units', 'vcpu', 'memory-mib'),
    }),
  ),
  TerminateInstancesWithExpiration: boolean(),
  Type: oneOf('request', 'maintain', 'instant'),
  ValidFrom: timestamp(),
  ValidUntil: timestamp(),
  ReplaceUnhealthyInstances: boolean(),
  TagSpecification: tagSpecificationField,
  Context: notModelled(),
} as const;

type Request = Parsed<typeof fields>;

/** "Launch template overrides": at most 300 in all. */
const overridesMax = 300;

/** One pool that the fleet may launch from. */
interface Pool {
  readonly launch: ResolvedLaunch;
  readonly subnet: Subnet;
  readonly template: FleetTemplate;
  readonly override: FleetOverride;
  readonly toLaunch: LaunchOverride;
}

export const createFleet: Action = action({
  name: 'CreateFleet',
  rate: 'mutating',
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

interface Targets {
  readonly total: number;
  readonly onDemand: number;
  readonly spot: number;
  readonly byDefault: 'spot' | 'on-demand';
}

function targetsOf(request: Request): Targets {
  const wanted = request.TargetCapacitySpecification;
  if (
    wanted.DefaultTargetCapacityType === 'capacity-block'
    || wanted.DefaultTargetCapacityType === 'reserved-capacity'
  ) {
    throw new Ec2Error(
      'UnsupportedOperation',
      `This simulator does not model the capacity type '${wanted.DefaultTargetCapacityType}'`,
    );
  }
  if (wanted.TargetCapacityUnitType !== undefined && wanted.TargetCapacityUnitType !== 'units') {
    throw new Ec2Error(
      'UnsupportedOperation',
      `This simulator counts target capacity in units, not in '${wanted.TargetCapacityUnitType}'`,
    );
  }
  const byDefault = wanted.DefaultTargetCapacityType ?? 'on-demand';
  const total = wanted.TotalTargetCapacity;
  const named = (wanted.OnDemandTargetCapacity ?? 0) + (wanted.SpotTargetCapacity ?? 0);
  if (named > total)
    throw new Ec2Error(
      'InvalidTargetCapacitySpecification',
      'The sum of OnDemandTargetCapacity and SpotTargetCapacity must not be larger than TotalTargetCapacity',
    );
  const rest = total - named;
  return {
    total,
    byDefault,
    onDemand: (wanted.OnDemandTargetCapacity ?? 0) + (byDefault === 'on-demand' ? rest : 0),
    spot: (wanted.SpotTargetCapacity ?? 0) + (byDefault === 'spot' ? rest : 0),
  };
}

function launchFleet(world: World, request: Request): Fleet {
  const type = request.Type ?? 'maintain';
  if (type !== 'instant')
    throw new Ec2Error('UnsupportedOperation', `This simulator models fleets of type 'instant' only, not '${type}'`);
  const overrideCount = request.LaunchTemplateConfigs.reduce((sum, config) => sum + (config?.Overrides.length ?? 0), 0);
  if (overrideCount > overridesMax)
    throw new Ec2Error(
      'InvalidFleetConfiguration',
      `The fleet has ${overrideCount} overrides; the maximum is ${overridesMax}.`,
    );
  const targets = targetsOf(request);
  checkMinimum('SpotOptions', request.SpotOptions);
  checkMinimum('OnDemandOptions', request.OnDemandOptions);
  const id = fleetId(world);
  const errors: Fleet['errors'][number][] = [];
  const launched: Fleet['launched'][number][] = [];
  const pools = poolsOf(world, request, errors, targets.spot > 0 && targets.onDemand === 0 ? 'spot' : 'on-demand');
  let fulfilled = 0;
  let fulfilledOnDemand = 0;
  const parts = [
    {
      lifecycle: 'on-demand',
      target: targets.onDemand,
      options: request.OnDemandOptions,
      strategy: request.OnDemandOptions?.AllocationStrategy ?? 'lowest-price',
    },
    {
      lifecycle: 'spot',
      target: targets.spot,
      options: request.SpotOptions,
      strategy: request.SpotOptions?.AllocationStrategy ?? 'lowest-price',
    },
  ] as const;
  for (const { lifecycle, target, options, strategy } of parts) {
    if (target === 0 || pools.length === 0) continue;
    const got = launchPart(world, request, { id, pools, lifecycle, target, strategy, options, errors, launched });
    fulfilled += got;
    if (lifecycle === 'on-demand') fulfilledOnDemand = got;
  }
  return {
    id,
    clientToken: request.ClientToken ?? null,
    createdAtMs: world.nowMs(),
    isFailed: false,
    total: targets.total,
    onDemand: targets.onDemand,
    spot: targets.spot,
    defaultType: targets.byDefault,
    spotStrategy: request.SpotOptions?.AllocationStrategy ?? 'lowest-price',
    onDemandStrategy: request.OnDemandOptions?.AllocationStrategy ?? 'lowest-price',
    fulfilled,
    fulfilledOnDemand,
    configs: request.LaunchTemplateConfigs.map((config) => ({
      template: templateOf(config?.LaunchTemplateSpecification),
      overrides: (config?.Overrides ?? []).flatMap((override) => (override ? [shownOverride(override)] : [])),
    })),
    errors,
    launched,
    tags: tagsFor('fleet', request.TagSpecification),
  };
}

function checkMinimum(name: string, options: Request['SpotOptions'] | Request['OnDemandOptions']): void {
  if (
    options?.MinTargetCapacity !== undefined
    && options.SingleInstanceType !== true
    && options.SingleAvailabilityZone !== true
  ) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      `${name}.MinTargetCapacity requires SingleAvailabilityZone or SingleInstanceType`,
    );
  }
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
  const fleetInstanceTags = tagsFor('instance', request.TagSpecification);
  const [firstPool] = pools;
  const templateTags = {
    ...tagsFor('instance', firstPool?.launch.parameters.TagSpecification),
    ...(firstPool
      ? {
          'aws:ec2launchtemplate:id': firstPool.template.launchTemplateId ?? '',
          'aws:ec2launchtemplate:version': firstPool.template.version ?? '',
        }
      : {}),
  };
  const outcome = world.cloud.launch({
    token: request.ClientToken ?? null,
    tokenScope: `fleet/${part.id}/${lifecycle}`,
    parameters: '',
    capacityType: lifecycle,
    strategy: part.strategy,
    overrides: [...byOverride.keys()],
    count: part.target,
    minCount: part.options?.MinTargetCapacity ?? 0,
    tags: { ...templateTags, ...fleetInstanceTags, 'aws:ec2:fleet-id': part.id },
  });
  for (const fault of outcome.faults) {
    const about =
      pools.find(
        (pool) =>
          fault.about !== null
          && pool.toLaunch.zone === fault.about.zone
          && (fault.about.instanceType === null || pool.toLaunch.instanceType === fault.about.instanceType),
      ) ?? pools[0];
    if (about)
      errors.push({
        template: about.template,
        override: about.override,
        lifecycle,
        code: fault.code,
        message: fault.message,
      });
  }
  const got = outcome.instances.reduce((sum, instance) => sum + (poolOf(pools, instance)?.toLaunch.weight ?? 1), 0);
  for (const [pool, instances] of grouped(pools, outcome.instances)) {
    equip(world, instances, { launch: pool.launch, subnet: pool.subnet, fleetId: part.id, capacityType: lifecycle });
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

type Override = NonNullable<NonNullable<Request['LaunchTemplateConfigs'][number]>['Overrides'][number]>;
type TemplateSpecification = NonNullable<Request['LaunchTemplateConfigs'][number]>['LaunchTemplateSpecification'];

function templateOf(specification: TemplateSpecification): FleetTemplate {
  return {
    launchTemplateId: specification?.LaunchTemplateId,
    launchTemplateName: specification?.LaunchTemplateName,
    version: specification?.Version,
  };
}

function shownOverride(override: Override): FleetOverride {
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
function poolsOf(
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
        override: override ? shownOverride(override) : shownOverride(noOverride),
        lifecycle,
      };
      try {
        for (const pool of poolsOfOverride(world, specification, override ?? noOverride)) {
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

const noOverride: Override = {
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
    ? typesFor(byAttributes, imageArchitecture(world, merged))
    : [override.InstanceType ?? merged.InstanceType];
  return typeNames.flatMap((InstanceType) =>
    subnetsOf(world, override, merged).map((subnet) => {
      const launch = resolveLaunch(
        world,
        { ...merged, InstanceType },
        merged.NetworkInterface?.length ? {} : { SubnetId: subnet.id },
      );
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

const wildcard = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

/** Attribute-based instance type selection, over what the catalog knows. @throws Ec2Error where nothing fits */
export function typesFor(wanted: InstanceRequirements, architecture: string): readonly string[] {
  const isWithin = (
    value: number,
    limits: { readonly Min?: number | string | undefined; readonly Max?: number | string | undefined } | undefined,
  ): boolean =>
    (limits?.Min === undefined || value >= Number(limits.Min))
    && (limits?.Max === undefined || value <= Number(limits.Max));
  const allowed = wanted.AllowedInstanceType.flatMap((pattern) => (pattern === undefined ? [] : [wildcard(pattern)]));
  const excluded = wanted.ExcludedInstanceType.flatMap((pattern) => (pattern === undefined ? [] : [wildcard(pattern)]));
  const included = (is: boolean, how: 'included' | 'required' | 'excluded' | undefined): boolean =>
    how === 'included' || (how === 'required') === is;
  const maker = (type: InstanceType): string =>
    type.arch === 'arm64' ? 'amazon-web-services' : /^[a-z]+\d+[a-z]*a/.test(type.family) ? 'amd' : 'intel';
  const names = instanceTypes
    .filter(
      (type) =>
        (architecture === 'any' || ec2Architecture(type) === architecture)
        && isWithin(type.vcpu, wanted.VCpuCount)
        && isWithin(type.memoryMib, wanted.MemoryMiB)
        && isWithin(type.memoryMib / 1024 / type.vcpu, wanted.MemoryGiBPerVCpu)
        && (wanted.AcceleratorCount === undefined
          ? type.gpu === 0 || allowed.length > 0
          : isWithin(type.gpu, wanted.AcceleratorCount))
        && included(type.isBareMetal, wanted.BareMetal)
        && included(type.category === 't', wanted.BurstablePerformance)
        && (wanted.CpuManufacturer.length === 0 || wanted.CpuManufacturer.some((one) => one === maker(type)))
        && (wanted.InstanceGeneration.length !== 1
          || (wanted.InstanceGeneration[0] === 'current') === type.generation >= 4)
        && (allowed.length === 0 || allowed.some((pattern) => pattern.test(type.name)))
        && !excluded.some((pattern) => pattern.test(type.name)),
    )
    .map((type) => type.name);
  if (names.length === 0)
    throw new Ec2Error('InvalidParameterValue', 'No instance types match the instance requirements.');
  return names;
}

function fleetId(world: World): string {
  const hex = world.cloud.random.hex(32);
  return `fleet-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// ---- how fleets are shown ---------------------------------------------------------------------------

function overrideWire(override: FleetOverride): Wire {
  return { ...override };
}

function outcomeWire(outcome: FleetOutcome): Wire {
  return { launchTemplateSpecification: { ...outcome.template }, overrides: overrideWire(outcome.override) };
}

function answerWire(world: World, fleet: Fleet): Wire {
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

function fleetWire(world: World, fleet: Fleet): Wire {
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

const fleetFilters: FilterTable<Fleet> = {
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

export const fleetActions: readonly Action[] = [
  createFleet,
  action({
    name: 'DescribeFleets',
    rate: 'non-mutating',
    fields: { FleetId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const matches = compileFilters(parameters.Filter, fleetFilters);
      // Instant fleets are described only when they are named ("DescribeFleets": FleetIds).
      const named =
        parameters.FleetId.length === 0 ? [] : allOf('fleet', parameters.FleetId, (id) => world.fleets.get(id));
      const page = pageOf(named.filter(matches), parameters, { min: 1, max: 1000 }, call);
      return { fleetSet: page.items.map((fleet) => fleetWire(world, fleet)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeFleetInstances',
    rate: 'non-mutating',
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
