// The state of the world that a simulated EC2 begins with: images, instance types, zones, regions, quotas, prices
// and capacity, by a file or by `/_sim/seeding`. The same for every account; what is not said is as packaged.
import * as z from 'zod';
import { offeringId } from '../../../core/values/offering.ts';
import { quotas } from '../../../core/catalog/quotas.ts';
import { BellowsError } from '../../../core/values/errors.ts';
import { unknownField } from '../../../core/values/dictionary.ts';
import { InstanceTypes, patternSource } from '../cloud/market/types.ts';
import { hash32 } from '../cloud/random.ts';
import type { SimulatedCloud } from '../cloud/cloud.ts';
import type { OwnImage, Snapshot } from './records.ts';
import type { Table } from './tables.ts';

const entriesMax = 2000;
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1');
const price = z.number().positive();
const tags = z.record(z.string().min(1).max(127), z.string().max(255));

const image = z.strictObject({
  id: z.string().regex(/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be an id such as ami-0123456789abcdef0'),
  name: z.string().min(3).max(128),
  description: z.string().max(255).optional(),
  architecture: z.enum(['x86_64', 'arm64']),
  /** `self`: each account has it as its own, may tag it and deregister it. */
  owner: z.union([z.literal('self'), z.string().regex(/^\d{12}$/, 'must be 12 digits, or self')]).optional(),
  ownerAlias: z.string().max(64).optional(),
  platform: z.literal('windows').optional(),
  rootDeviceName: z.string().max(32).optional(),
  rootSizeGib: z.number().int().min(1).max(65_536).optional(),
  createdAt: z.iso.datetime('must be a time such as 2026-01-31T12:00:00Z').optional(),
  tags: tags.optional(),
  /** Names of SSM parameters that lead to it. */
  parameters: z.array(z.string().startsWith('/').max(1011)).max(20).optional(),
  /** Where it is; absent: everywhere. */
  regions: z.array(region).min(1).max(64).optional(),
});
export type SeededImage = z.output<typeof image>;

const addedType = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'must be a name such as c99g.large'),
  like: z.string(),
  vcpu: z.number().int().min(1).max(4096).optional(),
  memoryMib: z.number().int().min(1).max(1e9).optional(),
  onDemandUsdPerHour: price.nullable().optional(),
  spotUsdPerHour: price.nullable().optional(),
});

const quotaClasses = Object.keys(quotas) as [keyof typeof quotas, ...(keyof typeof quotas)[]];

const quota = z.strictObject({
  capacityType: z.enum(['on-demand', 'spot']).optional(),
  quotaClass: z.enum(quotaClasses).optional(),
  vcpu: z.number().int().min(0),
});
const pricedOffering = z.strictObject({ offering: z.string().min(1), usdPerHour: price });
const capacityRule = z.strictObject({
  pattern: z.string().min(1),
  available: z.number().int().min(0).nullable(),
  refillPerMinute: z.number().min(0).optional(),
});

export const seedSchema = z.strictObject({
  images: z.array(image).max(entriesMax).optional(),
  /** Beside those of the packaged catalog. */
  instanceTypes: z.array(addedType).max(entriesMax).optional(),
  /** Of the packaged catalog, those that there are: names, in which `*` stands for anything. */
  onlyInstanceTypes: z.array(z.string().min(1)).min(1).max(entriesMax).optional(),
  /** All that DescribeRegions shows. */
  regions: z.array(region).min(1).max(64).optional(),
  /** By region; of others `a`, `b` and `c`. */
  zones: z.record(region, z.array(z.string()).min(1).max(26)).optional(),
  /** vCPU at once; of classes that are not named, as many as are asked for. */
  quotas: z.array(quota).max(entriesMax).optional(),
  /** By `type/zone/capacity type`, in which `*` stands for anything; later ones win. */
  prices: z.array(pricedOffering).max(entriesMax).optional(),
  capacity: z.array(capacityRule).max(entriesMax).optional(),
});
export type Seed = z.output<typeof seedSchema>;

/** A seed that cannot be taken, with every reason. */
export class SeedError extends BellowsError {
  readonly reasons: readonly string[];
  constructor(reasons: readonly string[]) {
    super('bad_seed', `the seed cannot be taken:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
    this.reasons = reasons;
  }
}

const reasonsMax = 20;

/** The seed's own fields, or those of one entry of a list of it. */
function fieldsAt([section]: readonly PropertyKey[]): readonly string[] {
  const { shape } = seedSchema;
  if (section === undefined) return Object.keys(shape);
  const entries = new Map<PropertyKey, z.ZodObject>([
    ['images', image],
    ['instanceTypes', addedType],
    ['quotas', quota],
    ['prices', pricedOffering],
    ['capacity', capacityRule],
  ]);
  return Object.keys(entries.get(section)?.shape ?? {});
}

/** @throws SeedError, which names each field that is wrong, and of unknown ones the nearest known */
export function parseSeed(given: unknown): Seed {
  const parsed = seedSchema.safeParse(given);
  if (!parsed.success) {
    const reasons = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => {
            return `${z.core.toDotPath([...issue.path, key])} ${unknownField(key, fieldsAt(issue.path))}`;
          })
        : [`${z.core.toDotPath(issue.path) || 'the seed'}: ${issue.message}`],
    );
    throw new SeedError(reasons.slice(0, reasonsMax));
  }
  const wrong = [...repeated(parsed.data), ...foreignZones(parsed.data), ...pricedNothing(parsed.data)];
  if (wrong.length > 0) throw new SeedError(wrong.slice(0, reasonsMax));
  return parsed.data;
}

function repeated(seed: Seed): readonly string[] {
  const twice = (what: string, names: readonly string[]): readonly string[] =>
    names.filter((name, at) => names.indexOf(name) < at).map((name) => `${what}: ${name} is there twice`);
  return [
    ...twice('images', seed.images?.map(({ id }) => id) ?? []),
    ...twice('instanceTypes', seed.instanceTypes?.map(({ name }) => name) ?? []),
    ...twice('regions', seed.regions ?? []),
    ...Object.entries(seed.zones ?? {}).flatMap(([name, zones]) => twice(`zones.${name}`, zones)),
  ];
}

function foreignZones({ zones = {} }: Seed): readonly string[] {
  return Object.entries(zones).flatMap(([name, list]) =>
    list
      .filter((zone) => !(zone.startsWith(name) && /^[a-z]$/.test(zone.slice(name.length))))
      .map((zone) => `zones.${name}: ${JSON.stringify(zone)} must be the region and a letter, such as ${name}a`),
  );
}

function pricedNothing({ prices = [] }: Seed): readonly string[] {
  return prices
    .filter(({ offering }) => !/^[^/]+\/[^/]+\/[^/]+$/.test(offering) && offering !== '*')
    .map(({ offering }) => `prices: ${JSON.stringify(offering)} must be type/zone/capacity type, with * for anything`);
}

/** What a seed changes of a world. */
export interface SeededWorld {
  readonly region: string;
  readonly zones: readonly string[];
  readonly cloud: Pick<SimulatedCloud, 'prices' | 'setCapacity' | 'setVcpuLimit' | 'types'>;
  readonly snapshots: Pick<Table<Snapshot>, 'put'>;
  readonly images: Pick<Table<OwnImage>, 'put'>;
}

/** The seed of all worlds of a simulator. */
export class Seeding {
  private seed: Seed;
  private ofTypes: InstanceTypes;

  /** @throws SeedError */
  constructor(seed: Seed = {}) {
    this.ofTypes = typesOf(seed);
    this.seed = seed;
  }

  get types(): InstanceTypes {
    return this.ofTypes;
  }

  get regions(): readonly string[] | null {
    return this.seed.regions ?? null;
  }

  /** @throws SeedError */
  replace(seed: Seed): void {
    this.ofTypes = typesOf(seed);
    this.seed = seed;
  }

  /** The same seed, but for what this one names. @throws SeedError */
  with(more: Seed): Seed {
    const seed = { ...this.seed, ...more };
    typesOf(seed);
    return seed;
  }

  zonesOf(name: string): readonly string[] {
    const given = this.seed.zones;
    const own = given !== undefined && Object.hasOwn(given, name) ? given[name] : undefined;
    return own ?? ['a', 'b', 'c'].map((letter) => `${name}${letter}`);
  }

  imagesIn(name: string): readonly SeededImage[] {
    return imagesOf(this.seed.images ?? [], name);
  }

  /** Which image a parameter leads to. */
  imageOfParameter(name: string, parameter: string): SeededImage | undefined {
    return this.imagesIn(name).findLast((one) => one.parameters?.includes(parameter) === true);
  }

  /** A world that begins: quotas and prices, and where it was not stored also its images and its capacity. */
  begin(world: SeededWorld, isNew: boolean): void {
    this.apply(isNew ? this.seed : { quotas: this.seed.quotas, prices: this.seed.prices }, world);
  }

  apply(seed: Seed, world: SeededWorld): void {
    const { quotas: limits = [], prices = [], capacity = [], images = [] } = seed;
    for (const { capacityType = 'on-demand', quotaClass = 'standard', vcpu } of limits)
      world.cloud.setVcpuLimit(capacityType, quotaClass, vcpu);
    for (const { offering, usdPerHour } of prices) setPrices(world, offering, usdPerHour);
    for (const { pattern, available, refillPerMinute } of capacity)
      world.cloud.setCapacity(pattern, available, refillPerMinute);
    for (const one of imagesOf(images, world.region)) if (isOwn(one)) putOwnImage(world, one);
  }
}

function imagesOf(images: readonly SeededImage[], name: string): readonly SeededImage[] {
  return images.filter((one) => one.regions?.includes(name) ?? true);
}

/** Of each account itself; else it is a public one. */
export function isOwn(one: SeededImage): boolean {
  return (one.owner ?? 'self') === 'self';
}

function typesOf(seed: Seed): InstanceTypes {
  try {
    return new InstanceTypes(seed.instanceTypes, seed.onlyInstanceTypes ?? null);
  } catch (error) {
    if (error instanceof RangeError) throw new SeedError([error.message]);
    throw error;
  }
}

function setPrices(world: SeededWorld, pattern: string, usdPerHour: number): void {
  const matches = new RegExp(`^${patternSource(pattern)}$`);
  for (const { name } of world.cloud.types.all())
    for (const zone of world.zones)
      for (const capacityType of ['on-demand', 'spot'] as const) {
        const offering = offeringId(name, zone, capacityType);
        if (matches.test(offering)) world.cloud.prices.set(offering, usdPerHour);
      }
}

/** When images are from that say nothing of it. */
export const seededAt = '2026-01-01T00:00:00.000Z';

/** The root's snapshot, by the image. */
export function seededSnapshotId(id: string): string {
  return `snap-${`${hash32(id).toString(16)}${hash32(`${id}/root`).toString(16)}`.padStart(17, '0')}`;
}

function putOwnImage(world: SeededWorld, seeded: SeededImage): void {
  const createdAtMs = Date.parse(seeded.createdAt ?? seededAt);
  const snapshotId = seededSnapshotId(seeded.id);
  const sizeGib = seeded.rootSizeGib ?? 8;
  world.snapshots.put({
    ...{ id: snapshotId, sizeGib, isEncrypted: false, kmsKeyId: null, tags: {} },
    // As EC2 has it of snapshots that were made of no volume.
    volumeId: 'vol-ffffffff',
    description: `Of the image ${seeded.id}`,
    startedAtMs: createdAtMs,
    completedAtMs: createdAtMs,
  });
  const root = {
    ...{ device: seeded.rootDeviceName ?? '/dev/xvda', snapshotId, sizeGib },
    ...{ type: 'gp3', isEncrypted: false, deleteOnTermination: true },
  };
  world.images.put({
    ...{ id: seeded.id, name: seeded.name, description: seeded.description ?? '', architecture: seeded.architecture },
    ...{ platform: seeded.platform ?? null, sourceInstanceId: null, disks: [root], tags: seeded.tags ?? {} },
    ...{ createdAtMs, availableAtMs: createdAtMs },
  });
}
