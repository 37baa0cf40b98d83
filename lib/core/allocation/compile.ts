/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// From demand and offerings to the numbers that the solvers work on: identical tasks become one kind with a
// count, and offerings that differ in nothing that matters (or are never the better buy) become one option.
import { catalogInterruptionsPerHour, hoursLostPerInterruption } from '../catalog/interruptions.ts';
import type { Offering } from '../values/offering.ts';
import { requirementsKey, unmetRequirement } from '../values/requirements.ts';
import type { Requirements } from '../values/requirements.ts';
import type { AllocationInput, Demand, OverTime, TaskShare } from './types.ts';

/** vCPU, memory, GPU, task slots. */
export const dimensions = 4;
const slotDimension = 3;

/** Part of one demand (all of it, or its share of one zone) that takes part in a plan. */
export interface Unit {
  readonly demand: Demand;
  readonly count: number;
  /** Set where tasks must share one node: what one of `count` consists of (its demand is the sum of these). */
  readonly parts?: readonly TaskShare[];
  /** Set where it may only join running tasks of these groups on their nodes. */
  readonly mustJoin?: readonly string[];
  /** A bundle of several groups that others may not want as neighbours: it gets a node of its own. */
  readonly isExclusive?: boolean;
  /** The demand's, narrowed by the preferences that are honoured. */
  readonly requirements: Requirements;
  /** Set where a relation to other tasks decided the zone. */
  readonly zone: string | null;
}

/** What a kind's tasks demand of the other tasks on their node. Groups are numbers of `Problem.groups`. */
export interface NodeRelation {
  /** The group they count in; -1 for none that matters. */
  readonly group: number;
  readonly repels: readonly number[];
  /** At most `max` tasks of the group on their node. */
  readonly caps: readonly { readonly group: number; readonly max: number }[];
}

export interface Problem {
  readonly kinds: number;
  /** `dimensions` numbers per kind: what one task takes. */
  readonly size: Float64Array;
  readonly signature: Int32Array;
  readonly relations: readonly (NodeRelation | null)[];
  readonly groups: readonly string[];
  /** Of each kind, whose it is, as a number of `tenants`: kinds of several never share a node. */
  readonly owner: Int32Array;
  /** null: all kinds may share nodes, whosever they are. */
  readonly tenants: readonly (string | null)[];
  /** Units of each kind, in serving order, and the kind of each unit. */
  readonly unitsOfKind: readonly (readonly number[])[];
  readonly kindOfUnit: Int32Array;
  /** 1 where an empty node of some option can carry a task of the kind. */
  readonly isCarried: Uint8Array;
  readonly options: readonly Offering[];
  /** `dimensions` numbers per option. */
  readonly capacity: Float64Array;
  /** What guides the search: effective price plus the present penalties of limits. */
  readonly price: Float64Array;
  /** Per signature and option: 1 where tasks may run there. */
  readonly allowed: readonly Uint8Array[];
  readonly signatures: readonly Signature[];
  /** Per dimension the most that one new node may carry (`maxNodeShare`), and the slots that it could use. */
  readonly nodeMost: readonly number[];
  /** All that may be bought, options or not, by effective price, then id; `mask` has a bit per signature allowed. */
  readonly market: readonly { readonly offering: Offering; readonly effective: number; readonly mask: Int32Array }[];
}

/** Which offerings a kind accepts. */
export interface Signature {
  readonly requirements: Requirements;
  readonly zone: string | null;
}

export function accepts(signature: Signature, offering: Offering): boolean {
  return (
    (signature.zone === null || signature.zone === offering.zone)
    && unmetRequirement(signature.requirements, offering) === null
  );
}

/** What an hour of one more instance, vCPU or MiB adds to the guiding price, to respect limits. */
export interface Penalties {
  readonly perInstance: number;
  readonly perVcpu: number;
  readonly perMemoryMib: number;
}
export const noPenalties: Penalties = { perInstance: 0, perVcpu: 0, perMemoryMib: 0 };

/** By how much more than its price a node of this size counts. */
export function sizeWeight({ vcpu, allocatable }: Offering['type'], overTime: OverTime | undefined): number {
  if (overTime === undefined) return 1;
  const { sizeExponent, sizeFloorVcpu, usual } = overTime;
  const large = sizeExponent === 0 ? 1 : Math.max(1, vcpu / sizeFloorVcpu) ** sizeExponent;
  if (usual === undefined) return large;
  const short = Math.max(1, usual.cpuMilli / allocatable.cpuMilli, usual.memoryMib / allocatable.memoryMib);
  return large * Math.min(shortMost, short) ** shortExponent;
}

/**
 * A node that is half as large as what is usual counts 1.7 times its price: it is bought where it costs less than that,
 * which nodes do whose price grows with their size, and those do not that are dear because they are small. At most so:
 * what is usual says nothing of tasks that are far smaller.
 */
const [shortMost, shortExponent] = [2, 0.75];

/**
 * Price, plus the expected cost of interruption of spot where its rate is known, times what was learned of the
 * offering (see lifetimes/effective-prices.ts), plus the overhead of a node.
 */
export function effectivePrice(offering: Offering, overheadUsdPerHour: number): number {
  const interrupted = 1 + catalogInterruptionsPerHour(offering) * hoursLostPerInterruption;
  return offering.priceUsdPerHour * interrupted * (offering.learned?.factor ?? 1) + overheadUsdPerHour;
}

/** Capacity of an empty node of the offering in this pool, as the solvers count it. */
export function capacityOf(offering: Offering, tasksPerNode: number): [number, number, number, number] {
  const { cpuMilli, memoryMib, gpu } = offering.type.allocatable;
  return [cpuMilli, memoryMib, gpu, tasksPerNode];
}

/** `input.offerings` must hold only what the pool may buy. */
export function compile(
  units: readonly Unit[],
  offerings: readonly Offering[],
  input: AllocationInput,
  penalties: Penalties,
): Problem {
  const { groups, relationOf } = compileRelations(units, input);
  const slotsMost = slotsUsable(units, offerings, input.pool.tasksPerNode);
  const tenantOf = input.pool.isTenantPerNode === true ? (unit: Unit) => unit.demand.tenant : () => null;
  const { kindOfUnit, unitsOfKind, representative, ...ofKinds } = kindsOf(units, relationOf, slotsMost, tenantOf);
  const kinds = representative.length;
  const size = new Float64Array(kinds * dimensions);
  for (let kind = 0; kind < kinds; kind++) {
    const { resources } = representative[kind]!.demand;
    const slots = slotsOf(representative[kind]!, slotsMost);
    size.set([resources.cpuMilli, resources.memoryMib, resources.gpu, slots], kind * dimensions);
  }
  const nodeMost = mostPerNode(units, kindOfUnit, size, input.pool.maxNodeShare).map((most, d) =>
    d === slotDimension ? Math.min(most, slotsMost) : most,
  );
  const problem: Problem = {
    kinds,
    size,
    groups,
    kindOfUnit,
    nodeMost,
    unitsOfKind,
    ...ofKinds,
    isCarried: new Uint8Array(kinds),
    ...chooseOptions(ofKinds.signatures, offerings, input, penalties, nodeMost),
  };
  for (let kind = 0; kind < kinds; kind++) problem.isCarried[kind] = hasCarrier(problem, kind) ? 1 : 0;
  return problem;
}

type Kinds = Pick<
  Problem,
  'kindOfUnit' | 'unitsOfKind' | 'signature' | 'signatures' | 'relations' | 'owner' | 'tenants'
> & {
  /** The first unit of each kind. */
  readonly representative: readonly Unit[];
};

/** Units with the same owner, resources, slots, signature and relations are one kind. */
function kindsOf(
  units: readonly Unit[],
  relationOf: RelationOf,
  slotsMost: number,
  tenantOf: (unit: Unit) => string | null,
): Kinds {
  const signatures = signatureIndex();
  const owners = new Map<string | null, number>();
  const kindOwner: number[] = [];
  const kindIndex = new Map<string, Map<number, number>>();
  let kindOfSize = new Map<number, number>();
  let lastFamily = '';
  const unitsOfKind: number[][] = [];
  const representative: Unit[] = [];
  const kindSignature: number[] = [];
  const relations: (NodeRelation | null)[] = [];
  const kindOfUnit = new Int32Array(units.length);
  for (const [at, unit] of units.entries()) {
    const signature = signatures.numberOf(unit);
    const { resources } = unit.demand;
    const relation = relationOf(unit.demand);
    const slots = slotsOf(unit, slotsMost);
    const tenant = tenantOf(unit);
    const owner = owners.get(tenant) ?? owners.size;
    if (owner === owners.size) owners.set(tenant, owner);
    const family = `${String(owner)},${String(slots)},${String(resources.gpu)},${String(signature)}${relation.key}`;
    if (family !== lastFamily) {
      [lastFamily, kindOfSize] = [family, kindIndex.get(family) ?? new Map<number, number>()];
      kindIndex.set(family, kindOfSize);
    }
    // Exact below 2^53: a node has far less than 2^26 MiB and 2^26 thousandths of a vCPU.
    const sizeKey = resources.cpuMilli * 2 ** 26 + resources.memoryMib;
    let kind = kindOfSize.get(sizeKey);
    if (kind === undefined) {
      kind = representative.push(unit) - 1;
      kindOfSize.set(sizeKey, kind);
      unitsOfKind.push([]);
      kindSignature.push(signature);
      relations.push(relation.value);
      kindOwner.push(owner);
    }
    unitsOfKind[kind]!.push(at);
    kindOfUnit[at] = kind;
  }
  const [signature, owner] = [Int32Array.from(kindSignature), Int32Array.from(kindOwner)];
  const tenants = [...owners.keys()];
  return { kindOfUnit, unitsOfKind, relations, representative, signature, signatures: signatures.all, owner, tenants };
}

/** Numbers the signatures of units as they come. */
function signatureIndex(): { readonly all: readonly Signature[]; numberOf(unit: Unit): number } {
  const all: Signature[] = [];
  const numbers = new Map<string, number>();
  const keyOf = cachedRequirementsKey();
  let last = -1;
  return {
    all,
    numberOf: ({ requirements, zone }) => {
      // The usual case, cheaply: the same as the unit before.
      const before = all[last];
      if (before?.requirements === requirements && before.zone === zone) return last;
      const key = `${zone ?? ''};${keyOf(requirements)}`;
      last = numbers.get(key) ?? all.push({ requirements, zone }) - 1;
      numbers.set(key, last);
      return last;
    },
  };
}

/** The share of all demand, but at least what the largest task takes. */
function mostPerNode(
  units: readonly Unit[],
  kindOfUnit: Int32Array,
  size: Float64Array,
  share: number | undefined,
): number[] {
  if (share === undefined) return new Array<number>(dimensions).fill(Infinity);
  const total = new Float64Array(dimensions);
  const largest = new Float64Array(dimensions);
  for (const [at, unit] of units.entries()) {
    for (let d = 0; d < dimensions; d++) {
      const one = size[kindOfUnit[at]! * dimensions + d]!;
      total[d]! += one * unit.count;
      largest[d] = Math.max(largest[d]!, one);
    }
  }
  return Array.from(total, (amount, d) => Math.max(largest[d]!, Math.floor(amount * share)));
}

function slotsOf({ parts, isExclusive }: Unit, slotsMost: number): number {
  return isExclusive === true ? slotsMost : (parts?.reduce((sum, part) => sum + part.count, 0) ?? 1);
}

/** So many slots on a node do no harm, whatever the demand: up to here what is worked out does not depend on it. */
const slotsHarmless = 1_024;

/**
 * The most task slots that any node could have a use for, or a few more: no more than there are tasks, nor than the
 * smallest of them fit the largest node. Slots beyond that say nothing, and numbers far apart are poison for linear
 * programs.
 */
function slotsUsable(units: readonly Unit[], offerings: readonly Offering[], tasksPerNode: number): number {
  if (tasksPerNode <= slotsHarmless) return tasksPerNode;
  let total = 0;
  const least = { cpuMilli: Infinity, memoryMib: Infinity };
  for (const unit of units) {
    const slots = slotsOf({ ...unit, isExclusive: false }, tasksPerNode);
    total += slots * unit.count;
    least.cpuMilli = Math.min(least.cpuMilli, unit.demand.resources.cpuMilli / slots);
    least.memoryMib = Math.min(least.memoryMib, unit.demand.resources.memoryMib / slots);
  }
  let most = 0;
  for (const { type } of offerings) {
    const byCpu = type.allocatable.cpuMilli / least.cpuMilli;
    const byMemory = type.allocatable.memoryMib / least.memoryMib;
    most = Math.max(most, Math.min(byCpu, byMemory));
  }
  const usable = 2 ** Math.ceil(Math.log2(Math.max(1, Math.min(total, most))));
  return Math.min(tasksPerNode, Math.max(slotsHarmless, usable));
}

export function carries(problem: Problem, option: number, kind: number): boolean {
  if (problem.allowed[problem.signature[kind]!]![option] === 0) return false;
  for (let d = 0; d < dimensions; d++) {
    if (problem.size[kind * dimensions + d]! > problem.capacity[option * dimensions + d]!) return false;
  }
  return true;
}

function hasCarrier(problem: Problem, kind: number): boolean {
  for (let option = 0; option < problem.options.length; option++) if (carries(problem, option, kind)) return true;
  return false;
}

function cachedRequirementsKey(): (requirements: Requirements) => string {
  const known = new Map<Requirements, string>();
  return (requirements) => {
    let key = known.get(requirements);
    if (key === undefined) {
      key = requirementsKey(requirements);
      known.set(requirements, key);
    }
    return key;
  };
}

type RelationOf = (demand: Demand) => { readonly key: string; readonly value: NodeRelation | null };

/** Only groups that some relation on a node refers to tell tasks apart; the others would only split kinds. */
function compileRelations(
  units: readonly Unit[],
  input: AllocationInput,
): { groups: string[]; relationOf: RelationOf } {
  const names = new Set<string>();
  for (const { demand } of units) {
    for (const one of demand.antiAffinity ?? []) if (one.topology === 'node') names.add(one.group);
    for (const one of demand.spread ?? []) if (one.topology === 'node') names.add(one.group);
  }
  for (const bin of input.bins) for (const group of bin.antiAffinityGroups) names.add(group);
  const groups = [...names].sort();
  const indexOf = new Map(groups.map((group, at) => [group, at]));
  const none = { key: '', value: null };
  return {
    groups,
    relationOf: (demand) => {
      if (groups.length === 0) return none;
      const group = indexOf.get(demand.group ?? '') ?? -1;
      const repels = (demand.antiAffinity ?? [])
        .filter((one) => one.topology === 'node')
        .map((one) => indexOf.get(one.group) ?? -1)
        .sort((a, b) => a - b);
      const caps = (demand.spread ?? [])
        .filter((one) => one.topology === 'node')
        .map((one) => ({ group: indexOf.get(one.group) ?? -1, max: one.maxSkew }))
        .sort((a, b) => a.group - b.group || a.max - b.max);
      if (group < 0 && repels.length === 0 && caps.length === 0) return none;
      const value = { group, repels, caps };
      return {
        key:
          `|${String(group)}|${repels.join(',')}|`
          + `${caps.map((cap) => `${String(cap.group)}:${String(cap.max)}`).join(',')}`,
        value,
      };
    },
  };
}

type Chosen = Pick<Problem, 'options' | 'capacity' | 'price' | 'allowed' | 'market'>;

/** By list of offerings: while nothing is refused, tick after tick chooses among the same for a few signatures. */
const chosenOptions = new WeakMap<readonly Offering[], Map<string, Chosen>>();
const chosenOptionsMax = 64;

/**
 * Merges offerings that no task and no limit can tell apart, then drops those that another beats in everything. What
 * it answers is kept and shared: nobody may change it.
 */
export function chooseOptions(
  signatures: readonly Signature[],
  offerings: readonly Offering[],
  input: AllocationInput,
  penalties: Penalties,
  nodeMost: readonly number[],
): Chosen {
  const { limits, tasksPerNode } = input.pool;
  const key = [
    input.perNodeOverheadUsdPerHour ?? 0,
    input.overTime?.sizeExponent ?? 0,
    input.overTime?.sizeFloorVcpu ?? 0,
    input.overTime?.usual?.cpuMilli ?? 0,
    input.overTime?.usual?.memoryMib ?? 0,
    tasksPerNode,
    limits.vcpu === undefined,
    limits.memoryMib === undefined,
    penalties.perInstance,
    penalties.perVcpu,
    penalties.perMemoryMib,
    ...nodeMost,
    ...signatures.map(({ requirements, zone }) => `${zone ?? ''}:${requirementsKey(requirements)}`),
  ].join('|');
  const byKey = chosenOptions.get(offerings) ?? new Map<string, Chosen>();
  const known = byKey.get(key);
  if (known) return known;
  const chosen = newlyChosen(signatures, offerings, input, penalties, nodeMost);
  if (byKey.size >= chosenOptionsMax) byKey.clear();
  chosenOptions.set(offerings, byKey.set(key, chosen));
  return chosen;
}

function newlyChosen(
  signatures: readonly Signature[],
  offerings: readonly Offering[],
  input: AllocationInput,
  penalties: Penalties,
  nodeMost: readonly number[],
): Chosen {
  const market = marketOf(signatures, offerings, input);
  const kept = withoutBeaten(mergeAlike(market, input.pool, penalties, nodeMost));
  return {
    market: market.sort((a, b) => a.effective - b.effective || (a.offering.id < b.offering.id ? -1 : 1)),
    options: kept.map((one) => one.offering),
    capacity: Float64Array.from(kept.flatMap((one) => one.capacity)),
    price: Float64Array.from(kept.map((one) => one.price)),
    allowed: signatures.map((_, at) => Uint8Array.from(kept, (one) => (one.mask[at >> 5]! >> (at & 31)) & 1)),
  };
}

type Market = Problem['market'][number][];

/** The offerings that some task accepts, in the order of the offerings. */
function marketOf(
  signatures: readonly Signature[],
  offerings: readonly Offering[],
  { perNodeOverheadUsdPerHour: overhead = 0, overTime }: AllocationInput,
): Market {
  const words = Math.ceil(signatures.length / 32);
  const market: Market = [];
  for (const offering of offerings) {
    const mask = new Int32Array(words);
    let isAllowed = false;
    for (const [at, signature] of signatures.entries()) {
      if (!accepts(signature, offering)) continue;
      mask[at >> 5] = mask[at >> 5]! | (1 << (at & 31));
      isAllowed = true;
    }
    const effective = effectivePrice(offering, overhead) * sizeWeight(offering.type, overTime);
    if (isAllowed) market.push({ offering, effective, mask });
  }
  return market;
}

/** One option for all offerings that no task and no limit can tell apart: the first of them by id. */
function mergeAlike(
  market: Readonly<Market>,
  { limits, tasksPerNode }: AllocationInput['pool'],
  penalties: Penalties,
  nodeMost: readonly number[],
): Iterable<Option> {
  const merged = new Map<string, Option>();
  let last: Option | null = null;
  for (const { offering, effective, mask } of market) {
    const { vcpu, memoryMib } = offering.type;
    const price = effective + penalties.perInstance + penalties.perVcpu * vcpu + penalties.perMemoryMib * memoryMib;
    // The usual case, cheaply: the same type in the next zone.
    if (
      last !== null
      && last.offering.type === offering.type
      && last.price === price
      && last.offering.id < offering.id
      && last.mask.every((bits, word) => bits === mask[word])
    )
      continue;
    const capacity = capacityOf(offering, tasksPerNode).map((amount, d) => Math.min(amount, nodeMost[d]!));
    const key = `${capacity.join()};${String(price)};${String(vcpu)};${String(memoryMib)};${mask.join()}`;
    const known = merged.get(key);
    if (known === undefined || offering.id < known.offering.id) {
      last = {
        offering,
        price,
        capacity,
        mask,
        vcpu: limits.vcpu === undefined ? 0 : vcpu,
        memory: limits.memoryMib === undefined ? 0 : memoryMib,
      };
      merged.set(key, last);
    }
  }
  return merged.values();
}

function withoutBeaten(options: Iterable<Option>): readonly Option[] {
  const kept: Option[] = [];
  const byPrice = [...options].sort(
    (a, b) =>
      a.price - b.price
      || b.capacity[0]! - a.capacity[0]!
      || b.capacity[1]! - a.capacity[1]!
      || (a.offering.id < b.offering.id ? -1 : 1),
  );
  for (const option of byPrice) {
    const isBeaten = kept.some((other) => beats(other, option));
    if (!isBeaten) kept.push(option);
  }
  return kept;
}

interface Option {
  readonly offering: Offering;
  readonly price: number;
  readonly capacity: readonly number[];
  readonly mask: Int32Array;
  /** What counts against limits; 0 where there is no limit. */
  readonly vcpu: number;
  readonly memory: number;
}

/** `a` costs no more (the caller sees to that), holds as much, takes the same tasks and less of the limits. */
function beats(a: Option, b: Option): boolean {
  for (let d = 0; d < dimensions; d++) if (a.capacity[d]! < b.capacity[d]!) return false;
  if (a.vcpu > b.vcpu || a.memory > b.memory) return false;
  for (let word = 0; word < b.mask.length; word++) if ((b.mask[word]! & ~a.mask[word]!) !== 0) return false;
  return true;
}
