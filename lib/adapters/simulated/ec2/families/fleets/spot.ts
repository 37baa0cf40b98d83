// Spot prices as they vary, and how likely a spot request is to succeed.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import {
  boolean,
  integer,
  list,
  notModelled,
  oneOf,
  required,
  requiredList,
  struct,
  text,
  timestamp,
} from '../../protocol/fields.ts';
import { exactValues, filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import { instanceRequirementsField } from '../launching/launch-parameters.ts';
import { matchingTypes, typesFor } from './attribute-selection.ts';
import { zoneIdOf, zoneOfId } from '../networks/network.ts';

/** "View Spot Instance pricing history": up to the last 90 days. */
const historyMsMax = 90 * 24 * 3_600_000;
const productDescription = 'Linux/UNIX';

interface PricePoint {
  readonly typeName: string;
  readonly zone: string;
  readonly priceUsd: number;
  readonly atMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

const filters = (world: World): FilterTable<PricePoint> => ({
  'availability-zone': (point) => point.zone,
  'availability-zone-id': (point) => zoneIdOf(world, point.zone),
  'instance-type': (point) => point.typeName,
  'product-description': () => productDescription,
  'spot-price': (point) => point.priceUsd.toFixed(6),
  timestamp: (point) => wholeSeconds(point.atMs).toISOString(),
});

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The price at the start and every change after it, the newest first, as EC2 lists them; before that time only. */
function* history(world: World, typeName: string, zone: string, span: Span, beforeMs: number): Generator<PricePoint> {
  const { prices } = world.cloud;
  for (let atMs = Math.min(span.toMs, beforeMs - 1); ;) {
    const priceUsd = prices.at(typeName, zone, 'spot', atMs);
    if (priceUsd === null) return;
    const changedAtMs = prices.changedAtMs(typeName, zone, atMs);
    yield { typeName, zone, priceUsd, atMs: changedAtMs, tags: {} };
    if (changedAtMs <= span.fromMs) return;
    atMs = changedAtMs - 1;
  }
}

/** A point's place is its type, its zone and its time; what is not asked for is not worked out. */
function pointsOf(
  world: World,
  typeNames: readonly string[],
  zones: readonly string[],
  span: Span,
): ListFrom<PricePoint> {
  return function* (after) {
    const [lastType, lastZone, lastMs] = after ?? [];
    for (const typeName of typeNames) {
      if (lastType !== undefined && typeName < lastType) continue;
      for (const zone of zones) {
        const isLastType = typeName === lastType;
        if (isLastType && lastZone !== undefined && zone < lastZone) continue;
        const beforeMs = isLastType && zone === lastZone ? Number(lastMs) : Infinity;
        if (beforeMs <= span.fromMs) continue;
        for (const point of history(world, typeName, zone, span, beforeMs))
          yield { place: [typeName, zone, point.atMs], item: point };
      }
    }
  };
}

/** One page looks at no more points, so that no call takes long: it may end early, with a token. */
const pointsPerCall = 10_000;

const describeSpotPriceHistory = action({
  name: 'DescribeSpotPriceHistory',
  rate: 'non-mutating',
  filters: filters,
  fields: {
    AvailabilityZone: text(),
    AvailabilityZoneId: text(),
    StartTime: timestamp(),
    EndTime: timestamp(),
    InstanceType: list(text()),
    ProductDescription: list(text()),
    Filter: filterField,
    MaxResults: integer(),
    NextToken: text(),
  },
  run(world, parameters, call) {
    const nowMs = world.nowMs();
    const toMs = Math.min(nowMs, parameters.EndTime ?? nowMs);
    const fromMs = Math.max(nowMs - historyMsMax, Math.min(parameters.StartTime ?? nowMs - historyMsMax, toMs));
    if (
      parameters.StartTime !== undefined
      && parameters.EndTime !== undefined
      && parameters.StartTime > parameters.EndTime
    ) {
      throw new Ec2Error('InvalidParameterCombination', 'The start time must not be after the end time');
    }
    const zone =
      parameters.AvailabilityZone
      ?? (parameters.AvailabilityZoneId === undefined
        ? undefined
        : (zoneOfId(world, parameters.AvailabilityZoneId) ?? parameters.AvailabilityZoneId));
    if (zone !== undefined && !world.zones.includes(zone))
      throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
    const unknown = parameters.InstanceType.filter((name) => !world.cloud.types.get(name ?? ''));
    if (unknown.length > 0)
      throw new Ec2Error('InvalidParameterValue', `Invalid value '${unknown.join(', ')}' for instanceType`);
    const isLinux =
      parameters.ProductDescription.length === 0
      || parameters.ProductDescription.some(
        (name) => name === productDescription || name === 'Linux/UNIX (Amazon VPC)',
      );
    const named =
      parameters.InstanceType.length > 0 ? parameters.InstanceType : exactValues(parameters.Filter, 'instance-type');
    const names = named?.flatMap((name) => name ?? []) ?? world.cloud.types.all().map((type) => type.name);
    const filteredZones = exactValues(parameters.Filter, 'availability-zone') ?? world.zones;
    const zones = (zone === undefined ? world.zones : [zone]).filter((one) => filteredZones.includes(one));
    const points = pointsOf(world, isLinux ? [...new Set(names)].sort() : [], [...zones].sort(), { fromMs, toMs });
    const limits = { min: 1, max: 1000, byDefault: 1000, scanMax: pointsPerCall };
    const page = pageOf(points, parameters, limits, call, call.matches);
    return {
      spotPriceHistorySet: page.items.map((point) => ({
        instanceType: point.typeName,
        productDescription,
        spotPrice: point.priceUsd.toFixed(6),
        timestamp: wholeSeconds(point.atMs),
        availabilityZone: point.zone,
        availabilityZoneId: zoneIdOf(world, point.zone),
      })),
      nextToken: page.nextToken ?? '',
    };
  },
});

/** 1 to 10: how many times over the named types could give the target, by the simulator's depth of each pool. */
function score(world: World, typeNames: readonly string[], zones: readonly string[], target: number): number {
  let depth = 0;
  for (const name of typeNames)
    for (const zone of zones)
      if ((world.cloud.types.get(name)?.spotUsdPerHour ?? null) !== null)
        depth += world.cloud.capacity.depth(`${name}/${zone}/spot`, world.nowMs());
  const times = depth / Math.max(1, target);
  return Math.max(
    1,
    Math.min(10, Math.round(3 + 3 * Math.log10(Math.max(times, 0.1)) + Math.min(3, typeNames.length - 1))),
  );
}

const getSpotPlacementScores = action({
  name: 'GetSpotPlacementScores',
  rate: 'non-mutating',
  fields: {
    TargetCapacity: required(integer({ min: 1, max: 2_000_000_000 })),
    TargetCapacityUnitType: oneOf('units', 'vcpu', 'memory-mib'),
    InstanceType: list(text()),
    InstanceRequirementsWithMetadata: struct({
      ArchitectureType: list(oneOf('i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac')),
      VirtualizationType: list(oneOf('hvm', 'paravirtual')),
      InstanceRequirements: instanceRequirementsField,
    }),
    SingleAvailabilityZone: boolean(),
    RegionName: list(text()),
    MaxResults: integer(),
    NextToken: text(),
    IncludeLocalZones: notModelled(),
  },
  run(world, parameters, call) {
    const wanted = parameters.InstanceRequirementsWithMetadata;
    if (parameters.InstanceType.length > 0 && wanted)
      throw new Ec2Error(
        'InvalidParameterCombination',
        'InstanceTypes and InstanceRequirementsWithMetadata cannot be used together',
      );
    const unknown = parameters.InstanceType.filter((name) => !world.cloud.types.get(name ?? ''));
    if (unknown.length > 0)
      throw new Ec2Error('InvalidParameterValue', `Invalid value '${unknown.join(', ')}' for instanceType`);
    const architectures = wanted && wanted.ArchitectureType.length > 0 ? wanted.ArchitectureType : ['any'];
    const requirements = wanted?.InstanceRequirements;
    const byAttributes = requirements
      ? architectures.flatMap((architecture) => typesFor(world, requirements, architecture ?? 'any'))
      : [];
    const names =
      parameters.InstanceType.length > 0 ? parameters.InstanceType.flatMap((name) => name ?? []) : byAttributes;
    if (names.length === 0)
      throw new Ec2Error('MissingParameter', 'Either InstanceTypes or InstanceRequirementsWithMetadata must be given');
    const perUnit = {
      units: () => 1,
      vcpu: (name: string) => world.cloud.types.get(name)?.vcpu ?? 1,
      'memory-mib': (name: string) => world.cloud.types.get(name)?.memoryMib ?? 1,
    }[parameters.TargetCapacityUnitType ?? 'units'];
    const units = names.reduce((sum, name) => sum + perUnit(name), 0) / names.length;
    const target = Math.max(1, parameters.TargetCapacity / units);
    // Only the called region is simulated; of others there is nothing to say.
    const isAsked = parameters.RegionName.length === 0 || parameters.RegionName.includes(world.region);
    const scores: readonly {
      readonly region: string;
      readonly availabilityZoneId: string | undefined;
      readonly score: number;
    }[] = !isAsked
      ? []
      : parameters.SingleAvailabilityZone === true
        ? world.zones.map((zone) => ({
            region: world.region,
            availabilityZoneId: zoneIdOf(world, zone),
            score: score(world, names, [zone], target),
          }))
        : [{ region: world.region, availabilityZoneId: undefined, score: score(world, names, world.zones, target) }];
    const page = pageOf(
      fixedList(scores.toSorted((a, b) => b.score - a.score)),
      parameters,
      { min: 10, max: 1000 },
      call,
    );
    return { spotPlacementScoreSet: page.items, nextToken: page.nextToken };
  },
});

const getInstanceTypes = action({
  name: 'GetInstanceTypesFromInstanceRequirements',
  rate: 'non-mutating',
  fields: {
    ArchitectureType: requiredList(required(oneOf('i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'))),
    Context: notModelled(),
    InstanceRequirements: required(instanceRequirementsField),
    MaxResults: integer(),
    NextToken: text(),
    VirtualizationType: requiredList(required(oneOf('hvm', 'paravirtual'))),
  },
  run(world, parameters, call) {
    const { ArchitectureType: architectures, InstanceRequirements: wanted } = parameters;
    // All of the catalog's types are virtualized so.
    const isAny = parameters.VirtualizationType.includes('hvm');
    const names = isAny ? architectures.flatMap((architecture) => matchingTypes(world, wanted, architecture)) : [];
    const page = pageOf(
      fixedList([...new Set(names)].sort()),
      parameters,
      { min: 1, max: 1000, byDefault: 1000 },
      call,
    );
    return {
      instanceTypeSet: page.items.map((instanceTypeName) => ({ instanceType: instanceTypeName })),
      nextToken: page.nextToken,
    };
  },
});

export const spotActions: readonly Action[] = [describeSpotPriceHistory, getSpotPlacementScores, getInstanceTypes];
