/* eslint-disable @typescript-eslint/no-non-null-assertion -- arrays indexed within their own bounds */
// Running and in-flight capacity first: what of the demand fits on nodes that are there or coming.
import { accepts, dimensions } from './compile.ts';
import type { Problem, Unit } from './compile.ts';
import { Neighbours } from './packing/neighbours.ts';
import { placementOf } from './placement/index.ts';
import type { PlacementPolicy } from './placement/policy.ts';
import { isKeptDearly, unpaidUsdPerHour } from './placement/dear-room.ts';
import { PaidRoom } from './constraints/paid-room.ts';
import type { Resources } from '../values/resources.ts';
import type { Rank } from './placement/ranks.ts';
import { Ranks, unfit } from './placement/ranks.ts';
import { ReplicaCount } from './placement/replica-count.ts';
import type { AllocationInput, Bin, Demand } from './types.ts';

/** A bin while tasks are put into it. */
interface OpenBin {
  readonly bin: Bin;
  /** Its place among those that are for all alike; -1: it is kept. */
  at: number;
  readonly free: Float64Array;
  readonly tasks: Map<number, number>;
  readonly running: Map<string, number>;
  readonly services: Map<string, number>;
  tasksCount: number;
  emptyAtMs: number | null;
  staysMs: number | null;
  /** Whose tasks it has; null: nobody's, or that does not matter. */
  tenant: string | null;
  readonly present: Map<number, number>;
  readonly repelled: Set<number>;
  readonly accepts: readonly boolean[];
  /** Of a kept bin: what others may have for any time; null: it is not kept. */
  readonly spare: Float64Array | null;
  /** Units from this place in the serving order on are others, but for whom it is kept. */
  readonly othersFrom: number;
}

export interface Placed {
  /** Tasks of each unit that each bin takes; units in serving order, and bins by the first that they take. */
  readonly byBin: readonly { readonly bin: Bin; readonly units: readonly (readonly [number, number])[] }[];
  /** What is left of each unit. */
  readonly left: Int32Array;
  /** Tasks were left that bins had room for, because new nodes are cheaper for them. */
  readonly isThrifty: boolean;
}

/** Placing is done again so often without what bins would be kept for at more than it is worth. */
const thriftRoundsMax = 4;

export interface Served {
  /** In their order. */
  readonly units: readonly Unit[];
  /** Of demands that a relation refused, by id: how many units come before them. */
  readonly place: ReadonlyMap<string, number>;
}

/**
 * Serves the units in their order; each goes to the policy's best bin, ready bins before those in flight, and bins that
 * are kept for somebody last (see {@link Kept}). `isThrifty`: no bin lasts for tasks for which new nodes would be
 * clearly cheaper; those are left.
 */
export function placeOnBins(input: AllocationInput, problem: Problem, served: Served, isThrifty: boolean): Placed {
  const { units } = served;
  const rounds = isThrifty && input.pool.placement === 'least-cost' ? thriftRoundsMax : 0;

  const avoided = new Map<Bin, Set<number>>();
  let placed = placeAll(input, problem, served, avoided);
  for (let round = 0; round < rounds; round++) {
    const dear = placed.byBin.filter(
      ({ bin, units: given }) =>
        bin.kept === undefined && isKeptDearly({ problem, units, nowMs: input.nowMs }, bin, given),
    );
    if (dear.length === 0) break;
    for (const { bin, units: given } of dear) {
      const kinds = avoided.get(bin) ?? new Set<number>();
      for (const [unit] of given) kinds.add(problem.kindOfUnit[unit]!);
      avoided.set(bin, kinds);
    }
    placed = placeAll(input, problem, served, avoided);
  }
  return { ...placed, isThrifty: avoided.size > 0 };
}

function placeAll(
  input: AllocationInput,
  problem: Problem,
  served: Served,
  avoided: ReadonlyMap<Bin, ReadonlySet<number>>,
): Omit<Placed, 'isThrifty'> {
  const { units } = served;
  const left = Int32Array.from(units, (unit) => unit.count);
  const open = new OpenBins(input, problem, served, avoided);
  // Room only shrinks: a kind that found none finds none later.
  const isHopeless = new Uint8Array(problem.kinds);
  for (const [at, unit] of units.entries()) {
    const kind = problem.kindOfUnit[at]!;
    while (left[at]! > 0 && unit.isExclusive !== true) {
      const hope = isHopeless[kind] === 0 ? open.bins : [];
      const isFor = open.kept.some((one) => isKeptFor(one, unit));
      let best = isFor ? open.best(open.kept, kind, at, unit) : null;
      best ??= open.best(hope, kind, at, unit);
      // What lasts less long may still go where this one would outlast the node.
      if (
        best === null
        && hope.length > 0
        && unit.mustJoin === undefined
        && !open.bins.some((one) => outlasts(unit, one.bin, input.nowMs))
      )
        isHopeless[kind] = 1;
      if (!isFor) best ??= open.best(open.kept, kind, at, unit);
      if (best === null) break;
      const count = Math.min(left[at]!, open.policyFor(best.open).isFilling ? best.room : 1);
      open.add(best.open, kind, at, unit, count);
      if (unit.demand.group !== undefined) best.open.running.set(unit.demand.group, 1);
      left[at]! -= count;
    }
  }
  return {
    byBin: [...open.bins, ...open.kept]
      .filter((one) => one.tasks.size > 0)
      .map((one) => ({ bin: one.bin, units: [...one.tasks] }))
      .sort((a, b) => a.units[0]![0] - b.units[0]![0]),
    left,
  };
}

/** What is there is used before what is coming, and that before anything is launched, paid for or not. */
const binOrder = { ready: 0, 'in-flight': 1, 'to-launch': 2 } as const;

/** More than scores differ: minutes of a node's life at most. */
const lastResort = 1e9;

/**
 * What each replica of the same service counts against a node, and in its zone: more than scores differ where nobody
 * knows how long a task lasts, and a zone more than all of a node's. With them the order is Docker Swarm's: fewest
 * replicas in the zone, then on the node, then as the policy has it.
 */
const [perReplicaOnNode, perReplicaInZone] = [100, 100_000];

function isKeptFor({ bin }: OpenBin, unit: Unit): boolean {
  return bin.kept !== undefined && isOf(bin.kept.demandId, unit);
}

function isOf(demandId: string, { demand, parts }: Unit): boolean {
  return parts === undefined ? demand.id === demandId : parts.some((one) => one.demandId === demandId);
}

/** When its tasks have ended at the latest; Infinity: nobody knows. */
function knownEndMs({ demand, parts }: Unit, nowMs: number): number {
  if (parts !== undefined) return Infinity;
  return nowMs + (demand.expectedDurationMs ?? demand.timeoutMs ?? Infinity);
}

/** Whether its tasks would still run when the block that the node is in ends, as far as is declared or predicted. */
function outlasts({ demand, parts }: Unit, { blockEndsAtMs }: Bin, nowMs: number): boolean {
  if (blockEndsAtMs === undefined || parts !== undefined) return false;
  const { expectedDurationMs, lastsMs, timeoutMs = Infinity } = demand;
  const likelyMs = expectedDurationMs ?? lastsMs ?? timeoutMs;
  return likelyMs !== Infinity && nowMs + Math.min(likelyMs, timeoutMs) > blockEndsAtMs;
}

const packed = placementOf('least-cost', false);

const noRoom: Rank = { score: unfit, room: 0 };

/** The bins of an input, ready ones first, and what is put into them. */
class OpenBins {
  /** For all alike. */
  readonly bins: readonly OpenBin[];
  readonly kept: readonly OpenBin[];
  readonly #policy: PlacementPolicy;
  readonly #nowMs: number;
  readonly #problem: Problem;
  readonly #neighbours: Neighbours;
  readonly #inZone: ReplicaCount;
  readonly #isTenantPerNode: boolean;
  readonly #paidRoom: PaidRoom;
  readonly #avoided: ReadonlyMap<Bin, ReadonlySet<number>>;
  readonly #ranks: Ranks;
  readonly #hasToLaunch: boolean;

  constructor(
    input: AllocationInput,
    problem: Problem,
    served: Served,
    avoided: ReadonlyMap<Bin, ReadonlySet<number>>,
  ) {
    this.#avoided = avoided;
    const groupIndex = new Map(problem.groups.map((group, at) => [group, at]));
    const all = [...input.bins]
      .sort((a, b) => binOrder[a.state] - binOrder[b.state] || (a.id < b.id ? -1 : 1))
      .map((bin) => openBin(bin, groupIndex, problem, input.pool.tasksPerNode, served));
    this.bins = all.filter((one) => one.bin.kept === undefined);
    this.bins.forEach((one, at) => (one.at = at));
    this.#ranks = new Ranks(this.bins.length);
    this.#hasToLaunch = this.bins.some((one) => one.bin.state === 'to-launch');
    this.kept = all.filter((one) => one.bin.kept !== undefined);
    this.#policy = placementOf(input.pool.placement, input.overTime !== undefined);
    this.#nowMs = input.nowMs;
    this.#problem = problem;
    this.#neighbours = new Neighbours(problem);
    this.#inZone = new ReplicaCount(input.bins);
    this.#isTenantPerNode = input.pool.isTenantPerNode === true;
    this.#paidRoom = new PaidRoom(input);
  }

  /** What would be launched is packed, as what is bought. */
  policyFor({ bin }: OpenBin): PlacementPolicy {
    return bin.state === 'to-launch' ? packed : this.#policy;
  }

  best(bins: readonly OpenBin[], kind: number, at: number, unit: Unit): { open: OpenBin; room: number } | null {
    let best: { open: OpenBin; room: number } | null = null;
    let bestScore = -Infinity;
    const alike = bins === this.bins ? this.#alike(kind, unit) : null;
    const ranks = alike === null ? null : this.#ranks.of(alike, (n) => this.#rank(bins[n]!, kind, at, unit));
    for (let n = 0; n < bins.length; n++) {
      const one = bins[n]!;
      // All ready bins come first in the list, and what would be launched comes last.
      if (best !== null && best.open.bin.state !== one.bin.state) break;
      const rank = ranks === null ? this.#rank(one, kind, at, unit) : null;
      const score = rank?.score ?? ranks!.scores[n]!;
      if (score > bestScore + 1e-12) {
        best = { open: one, room: rank?.room ?? ranks!.rooms[n]! };
        bestScore = score;
      }
    }
    return best;
  }

  /** Units with the same text are ranked alike on every bin that is for all; null: where relations count. */
  #alike(kind: number, { demand, mustJoin, parts }: Unit): string | null {
    const { resources, service, tenant, expectedDurationMs, lastsMs, timeoutMs } = demand;
    if (this.#problem.relations[kind] !== null || mustJoin !== undefined || parts !== undefined) return null;
    if (service !== undefined || this.#hasToLaunch) return null;
    const { cpuMilli, memoryMib, gpu } = resources;
    const figures = [kind, cpuMilli, memoryMib, gpu, expectedDurationMs, lastsMs, timeoutMs].map(String).join(' ');
    // Whose a bin is changes with what is put into it, and then it is ranked anew.
    return this.#isTenantPerNode ? `${figures} ${tenant}` : figures;
  }

  /** How good the bin is for the next task of the unit, and for how many it has room. */
  #rank(one: OpenBin, kind: number, at: number, unit: Unit): Rank {
    const { resources, expectedDurationMs } = unit.demand;
    if (unit.mustJoin?.some((group) => !one.running.has(group)) === true) return noRoom;
    if (this.#isOthers(one, at, unit) || outlasts(unit, one.bin, this.#nowMs)) return noRoom;
    const room = this.#roomIn(one, kind, this.#sparesOnly(one, at, unit));
    if (room === 0 || !this.#mayLaunch(one)) return noRoom;
    const score = this.policyFor(one).score({
      free: {
        cpuMilli: one.free[0]! - resources.cpuMilli,
        memoryMib: one.free[1]! - resources.memoryMib,
        gpu: one.free[2]! - resources.gpu,
      },
      allocatable: one.bin.offering.type.allocatable,
      tasks: one.tasksCount + 1,
      // When the node would be empty with a task that says when it ends: the best that is known of both.
      expectedEmptyAtMs: one.emptyAtMs ?? (one.staysMs === null ? null : this.#nowMs + one.staysMs),
      priceUsdPerHour: unpaidUsdPerHour(one.bin),
      taskEndsAtMs: expectedDurationMs === null ? null : this.#nowMs + expectedDurationMs,
      staysMs: one.staysMs,
    });
    const { goesAtMs = Infinity } = one.bin;
    const late = knownEndMs(unit, this.#nowMs) > goesAtMs ? lastResort : 0;
    return { score: score - late - this.#besideOthers(one, unit.demand), room };
  }

  #mayLaunch({ bin, tasks }: OpenBin): boolean {
    return bin.state !== 'to-launch' || tasks.size > 0 || this.#paidRoom.isOpen(bin);
  }

  #besideOthers({ bin, services }: OpenBin, { service }: Demand): number {
    if (service === undefined) return 0;
    const inZone = this.#inZone.of(service, bin.offering.zone);
    return perReplicaInZone * inZone + perReplicaOnNode * (services.get(service) ?? 0);
  }

  add(one: OpenBin, kind: number, at: number, unit: Unit, count: number): void {
    const { size, relations } = this.#problem;
    const { service } = unit.demand;
    if (one.bin.state === 'to-launch' && one.tasks.size === 0) this.#paidRoom.take(one.bin);
    if (this.#isTenantPerNode) one.tenant = unit.demand.tenant;
    if (service !== undefined) {
      one.services.set(service, (one.services.get(service) ?? 0) + count);
      this.#inZone.add(service, one.bin.offering.zone, count);
    }
    if (one.at >= 0) this.#ranks.changed(one.at);
    const { expectedDurationMs: lastsMs } = unit.demand;
    if (one.staysMs !== null) one.staysMs = Math.max(one.staysMs, unit.demand.lastsMs ?? 0);
    if (one.emptyAtMs !== null)
      one.emptyAtMs = lastsMs === null ? null : Math.max(one.emptyAtMs, this.#nowMs + lastsMs);
    for (let d = 0; d < dimensions; d++) one.free[d]! -= count * size[kind * dimensions + d]!;
    if (this.#sparesOnly(one, at, unit) && one.spare)
      for (let d = 0; d < dimensions; d++) one.spare[d]! -= count * size[kind * dimensions + d]!;
    one.tasks.set(at, (one.tasks.get(at) ?? 0) + count);
    one.tasksCount += count;
    const relation = relations[kind];
    if (!relation) return;
    if (relation.group >= 0) one.present.set(relation.group, (one.present.get(relation.group) ?? 0) + count);
    for (const group of relation.repels) one.repelled.add(group);
  }

  /** It may have only what is left beside the task that the bin is kept for. */
  #sparesOnly({ bin: { kept }, othersFrom }: OpenBin, at: number, unit: Unit): boolean {
    if (kept === undefined || at < othersFrom || isOf(kept.demandId, unit)) return false;
    return kept.fromMs === null || knownEndMs(unit, this.#nowMs) > kept.fromMs;
  }

  /** Another tenant has it, or it is kept for another and would not be empty in time. */
  #isOthers(one: OpenBin, at: number, unit: Unit): boolean {
    if (!this.#isTenantPerNode) return false;
    const { tenant } = unit.demand;
    if (one.tenant !== null && one.tenant !== tenant) return true;
    return (one.bin.kept?.tenant ?? tenant) !== tenant && this.#sparesOnly(one, at, unit);
  }

  #roomIn(one: OpenBin, kind: number, sparesOnly: boolean): number {
    const { signature, size, relations } = this.#problem;
    if (!one.accepts[signature[kind]!] || this.#avoided.get(one.bin)?.has(kind) === true) return 0;
    if (one.bin.state === 'to-launch' && one.bin.offering.type.gpu > 0 && size[kind * dimensions + 2] === 0) return 0;
    let room = Infinity;
    for (let d = 0; d < dimensions; d++) {
      const wanted = size[kind * dimensions + d]!;
      if (wanted <= 0) continue;
      const free = sparesOnly && one.spare ? Math.min(one.free[d]!, one.spare[d]!) : one.free[d]!;
      room = Math.min(room, Math.floor(free / wanted));
    }
    if (room <= 0 || relations[kind] === null) return Math.max(0, room);
    this.#neighbours.reset([...one.present], [...one.repelled]);
    return Math.min(room, this.#neighbours.room(kind));
  }
}

function openBin(
  bin: Bin,
  groupIndex: ReadonlyMap<string, number>,
  { signatures }: Problem,
  tasksPerNode: number,
  { units, place }: Served,
): OpenBin {
  const { kept } = bin;
  const first = kept === undefined ? -1 : units.findIndex((unit) => isOf(kept.demandId, unit));
  // Whom it is kept for may have no unit now: who is served before may use it all the same.
  const others = first >= 0 || kept === undefined ? first : (place.get(kept.demandId) ?? 0);
  return {
    spare: kept ? resourcesOf(kept.spare, kept.spareTasks) : null,
    othersFrom: Math.max(0, others),
    bin,
    at: -1,
    free: resourcesOf(bin.free, bin.freeTasks),
    tasks: new Map(),
    services: new Map(Object.entries(bin.services ?? {})),
    running: new Map(Object.entries(bin.groups).filter((one) => one[1] > 0)),
    emptyAtMs: bin.expectedEmptyAtMs,
    staysMs: bin.staysMs ?? null,
    tenant: bin.tenant ?? null,
    tasksCount:
      Object.values(bin.groups).reduce((sum, one) => sum + one, 0) + Math.max(0, tasksPerNode - bin.freeTasks),
    present: new Map(
      Object.entries(bin.groups).flatMap(([group, count]) =>
        groupIndex.has(group) ? [[groupIndex.get(group)!, count] as const] : [],
      ),
    ),
    repelled: new Set(bin.antiAffinityGroups.map((group) => groupIndex.get(group) ?? -1)),
    accepts: signatures.map((signature) => accepts(signature, bin.offering)),
  };
}

function resourcesOf({ cpuMilli, memoryMib, gpu }: Resources, tasks: number): Float64Array {
  return Float64Array.of(cpuMilli, memoryMib, gpu, tasks);
}
