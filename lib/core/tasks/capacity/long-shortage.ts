// A long shortage: EC2 has none of what could carry tasks of some shape. What was refused is asked for again at one
// time for all of a shape, later each time, spot and on-demand in turns; and a call then names as many offerings as EC2
// takes. So few calls are in vain, and each tells much.
import { isWorse } from '../../allocation/launches.ts';
import type { Demand, PlannedLaunch } from '../../allocation/types.ts';
import type { Droughts } from '../../catalog/shortage-memory.ts';
import type { CapacityMemory, Refusal } from '../../plan/capacity-memory.ts';
import { isRefused, isShortage, narrowKeysOf } from '../../plan/capacity-memory.ts';
import type { Observation } from '../../plan/observation.ts';
import { activeRequests } from '../../plan/working-copy.ts';
import { isWithin, reservedBy } from '../../records/limits.ts';
import type { Usage } from '../../records/pool.ts';
import { addUsage, subtractUsage, sumUsage, timesUsage } from '../../records/pool.ts';
import type { RequestRecord, TaskSpec } from '../../records/request.ts';
import type { Offering } from '../../values/offering.ts';
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import type { Requirements } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, fits, noResources } from '../../values/resources.ts';
import type { DecisionSettings } from '../../values/settings.ts';
import { shapeKey } from '../demand.ts';

/** EC2 takes no more in one call. */
export const overridesMax = 300;
/** Of them, the cheapest are asked for each time; the others take turns. */
const cheapestAsked = 150;
/** Spot is taken at any price within this, before it is known that there is none: EC2 chooses by capacity first. */
const spotTolerance = 2;
const shapesPerLaunchMax = 20;

/** A short name of the shape: FNV-1a. Shapes with the same name would wait for each other, which costs minutes. */
function shapeName(spec: TaskSpec): string {
  let hash = 0x811c9dc5;
  for (const char of shapeKey(spec)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/**
 * What is asked for again at one time. The plan chooses the zone of tasks with relations, so a call for them says
 * nothing of other zones: each zone has a time of its own, or the first one would be asked for ever.
 */
export function droughtKey(spec: TaskSpec, zone: string): string {
  return droughtKeysOf(spec)(zone);
}

/** By zone; the shape, which may be long, is read once. */
function droughtKeysOf(spec: TaskSpec, shape = shapeName(spec)): (zone: string) => string {
  return hasRelations(spec) ? (zone) => `${shape}/${zone}` : () => shape;
}

function shapeOfKey(key: string): string {
  return key.split('/', 1)[0] ?? '';
}

/** The memory in which what was refused for want of capacity is asked for again when its shape is. */
export function withDroughts(
  observation: Pick<Observation, 'memory' | 'offerings' | 'nowMs' | 'requests' | 'aside'>,
  settings: Pick<DecisionSettings, 'outOfCapacityMaxMs'>,
): CapacityMemory {
  const { memory, offerings, nowMs } = observation;
  const { droughts } = memory;
  if (!droughts) return memory;
  const until = new Map<string, number>();
  const waiting = Object.entries(droughts.byShape).filter(([, one]) => one.untilMs > nowMs);
  /** Most shapes lack nothing: offerings are looked through for the others only, once each. */
  const left = new Set(waiting.map(([key]) => shapeOfKey(key)));
  for (const { record } of activeRequests(observation)) {
    const { spec } = record;
    const shape = shapeName(spec);
    if (!left.delete(shape)) continue;
    const keyIn = droughtKeysOf(spec, shape);
    const refused = carriersOf(spec.resources, [spec.requirements], offerings).flatMap((one) => {
      const drought = droughts.byShape[keyIn(one.zone)];
      if (!drought || drought.untilMs <= nowMs) return [];
      const { capacityType } = one;
      return shortageKeys(memory, one).map((name) => ({ name, capacityType, untilMs: drought.untilMs }));
    });
    const types = [...new Set(refused.map((one) => one.capacityType))].sort();
    const turn = types[droughts.turn % types.length];
    for (const { name, capacityType, untilMs } of refused) {
      const laterMs = capacityType === turn ? 0 : settings.outOfCapacityMaxMs;
      until.set(name, Math.max(until.get(name) ?? 0, untilMs + laterMs));
    }
  }
  if (until.size === 0) return memory;
  const refusals = Object.entries(memory.refusals).map(([name, one]): [string, Refusal] => [
    name,
    { ...one, untilMs: until.get(name) ?? one.untilMs },
  ]);
  return { ...memory, refusals: Object.fromEntries(refusals) };
}

/** Those of shapes that wait still. */
export function liveDroughts(
  droughts: Droughts | undefined,
  waiting: Iterable<RequestRecord>,
): Pick<CapacityMemory, 'droughts'> {
  if (!droughts) return {};
  const live = new Set([...waiting].map((one) => shapeName(one.spec)));
  const byShape = Object.fromEntries(Object.entries(droughts.byShape).filter(([key]) => live.has(shapeOfKey(key))));
  return Object.keys(byShape).length === 0 ? {} : { droughts: { ...droughts, byShape } };
}

/** What is bought while some of it is out of capacity. */
export interface Purchase {
  readonly memory: CapacityMemory;
  readonly offerings: readonly Offering[];
  readonly nowMs: number;
  readonly limits: Parameters<typeof isWithin>[1];
  /** Of the pool, without the launches. */
  readonly usage: Usage;
  readonly demand: readonly Demand[];
  readonly specOf: (demandId: string) => TaskSpec | undefined;
}

/**
 * Launches with the shapes that they are for. What was refused before is tried by one node of a shape; and where
 * something that could carry the same tasks is out of capacity, whatever else could is in the call.
 */
export function inShortage(planned: readonly PlannedLaunch[], purchase: Purchase): readonly PlannedLaunch[] {
  const { memory, usage, specOf } = purchase;
  const byId = new Map(purchase.demand.map((one) => [one.id, one]));
  let all = addUsage(usage, sumUsage(planned.map((one) => reservedBy(one.offerings, one.count))));
  const tried = new Set<string>();
  const wide = new Map<string, readonly Offering[]>();
  return planned.flatMap((one): readonly PlannedLaunch[] => {
    // What is set aside is no part of the shortage: it is there, however long nothing else is.
    if (one.reservation !== undefined) return [one];
    const specs = one.tasks.flatMap(({ demandId }) => specOf(demandId) ?? []);
    const zones = [...new Set(one.offerings.map((offering) => offering.zone))];
    const keys = specs.flatMap((spec) => zones.map(droughtKeysOf(spec)));
    const shapes = [...new Set(keys)].slice(0, shapesPerLaunchMax);
    const [first] = one.offerings;
    if (first === undefined || shapes.length === 0) return [one];
    const launch = { ...one, shapes };
    const known = shapes.filter((shape) => memory.droughts?.byShape[shape] !== undefined);
    const isAgain = known.length > 0 && shortageKeys(memory, first).length > 0;
    if (isAgain && known.some((shape) => tried.has(shape))) return [];
    for (const shape of isAgain ? known : []) tried.add(shape);
    const isWhole = one.tasks.some(({ demandId }) => byId.get(demandId)?.gang === true);
    const count = isAgain && !isWhole ? 1 : one.count;
    const key = JSON.stringify([one.tasks, one.offerings.map(({ id }) => id)]);
    // Of what is paid for, nothing else is.
    const offerings = one.paidBy ? one.offerings : (wide.get(key) ?? widened(one, isAgain, purchase, byId));
    wide.set(key, offerings);
    const before = reservedBy(one.offerings, one.count);
    const after = addUsage(subtractUsage(all, before), reservedBy(offerings, count));
    if (!isWithin(after, purchase.limits)) return [{ ...launch, count }];
    all = after;
    return [{ ...launch, count, offerings }];
  });
}

/** All that can carry what a node of the launch shall, of its capacity type: cheapest first. */
function widened(
  { offerings, tasks, count }: PlannedLaunch,
  isAgain: boolean,
  purchase: Purchase,
  byId: ReadonlyMap<string, Demand>,
): readonly Offering[] {
  const [first] = offerings;
  const { memory, nowMs, usage, limits } = purchase;
  // Mostly nothing is: then all that is sold need not be looked at.
  if (!Object.values(memory.refusals).some(isShortage)) return offerings;
  let need: Resources = noResources;
  const requirements = new Map<string, Requirements>();
  const zones = new Set<string>();
  for (const share of tasks) {
    const demand = byId.get(share.demandId);
    if (!demand || !first) return offerings;
    need = addResources(need, times(demand.resources, share.count));
    requirements.set(requirementsKey(demand.requirements), demand.requirements);
    // The plan has put tasks with relations where they keep them.
    if (hasRelations(demand)) for (const one of offerings) zones.add(one.zone);
  }
  if (!first) return offerings;
  const carriers = carriersOf(need, [...requirements.values()], purchase.offerings)
    .filter((one) => one.capacityType === first.capacityType && (zones.size === 0 || zones.has(one.zone)))
    // What was learned still counts, until nothing else is left to ask for.
    .filter((one) => isAgain || !isWorse(one, first))
    .filter((one) => isWithin(addUsage(usage, timesUsage(reservedBy([one], 1), count)), limits));
  const out = new Set(carriers.filter((one) => shortageKeys(memory, one).length > 0));
  if (out.size === 0) return offerings;
  const dearestUsd = isAgain || first.capacityType === 'on-demand' ? Infinity : spotTolerance * first.priceUsdPerHour;
  const asked = carriers
    .filter((one) => (out.has(one) || !isRefused(memory, one, nowMs)) && one.priceUsdPerHour <= dearestUsd)
    .sort((a, b) => a.priceUsdPerHour - b.priceUsdPerHour || (a.id < b.id ? -1 : 1));
  const chosen = isAgain ? inTurns(asked, memory.droughts?.turn ?? 0) : newFirst(asked, out);
  // The planned ones are among them: they can carry it whatever became of the memory since.
  const planned = new Set(offerings.map(({ id }) => id));
  const union = [...offerings, ...chosen.filter(({ id }) => !planned.has(id))].slice(0, overridesMax);
  return union.sort((a, b) => a.priceUsdPerHour - b.priceUsdPerHour || (a.id < b.id ? -1 : 1));
}

/** The cheapest each time, and a part of the others that moves on. */
function inTurns(asked: readonly Offering[], turn: number): readonly Offering[] {
  const others = asked.slice(cheapestAsked);
  const from = others.length === 0 ? 0 : (turn * (overridesMax - cheapestAsked)) % others.length;
  return [...asked.slice(0, cheapestAsked), ...others.slice(from), ...others.slice(0, from)];
}

function newFirst(asked: readonly Offering[], out: ReadonlySet<Offering>): readonly Offering[] {
  return [...asked.filter((one) => !out.has(one)), ...asked.filter((one) => out.has(one))];
}

function carriersOf(
  need: Resources,
  requirements: readonly Requirements[],
  offerings: readonly Offering[],
): readonly Offering[] {
  return offerings.filter(
    (one) => fits(need, one.type.allocatable) && requirements.every((asked) => unmetRequirement(asked, one) === null),
  );
}

/** Under which it was refused for want of capacity, now or lately. */
function shortageKeys(memory: CapacityMemory, offering: Offering): readonly string[] {
  return narrowKeysOf(offering).filter((key) => {
    const refusal = memory.refusals[key];
    return refusal !== undefined && isShortage(refusal);
  });
}

function hasRelations({
  group,
  spread,
  affinity,
  antiAffinity,
}: Pick<TaskSpec, 'group' | 'spread' | 'affinity' | 'antiAffinity'>): boolean {
  return [group, spread, affinity, antiAffinity].some((one) => one !== undefined && one !== null);
}

function times({ cpuMilli, memoryMib, gpu }: Resources, count: number): Resources {
  return { cpuMilli: cpuMilli * count, memoryMib: memoryMib * count, gpu: gpu * count };
}
