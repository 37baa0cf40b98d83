// The first in the serving order that does not fit gets a reservation after a while (EASY backfilling: Lifka, JSSPP
// 1995): nodes are kept for it, so that smaller tasks behind it cannot take for ever what it waits for. Nothing is
// remembered: it is worked out anew in each round from what runs and when that is known to end.
import { occupancyOf } from './bins.ts';
import type { CapacityQuestion } from './capacity-question.ts';
import { turnsOf } from './turn.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { orderOf } from '../../allocation/ordering/index.ts';
import type { Allocate, AllocationInput, AllocationPlan, Bin, Demand, Kept, Unplaced } from '../../allocation/types.ts';
import { reservedBy } from '../../records/limits.ts';
import type { Assignment, NodeRecord } from '../../records/node.ts';
import type { Usage } from '../../records/pool.ts';
import { addUsage, noUsage, subtractUsage, sumUsage } from '../../records/pool.ts';
import { requirementsKey } from '../../values/requirements.ts';
import type { Resources } from '../../values/resources.ts';
import { fits, noResources, subtractResources, sumResources } from '../../values/resources.ts';
import type { DecisionSettings } from '../../values/settings.ts';

export interface Reservation {
  readonly demandId: string;
  readonly kept: ReadonlyMap<string, Kept>;
  /** Of these, nodes that are terminated as soon as they are empty: a node that carries it is bought in their place. */
  readonly vacated: ReadonlySet<string>;
  /** Kept for it of the room within the limits. */
  readonly room: Usage;
  /** When it is known to fit; null: what runs there may take any time. */
  readonly startsAtMs: number | null;
}

/** What a round looks at: the plan without a reservation, and what it was made of. */
interface Round {
  readonly question: CapacityQuestion;
  readonly plan: AllocationPlan;
  readonly copy: WorkingCopy;
  readonly allocate: Allocate;
}

/** null: nobody has waited for so long, or no node of the pool will ever carry who has. */
export function reservationOf(round: Round, settings: DecisionSettings): Reservation | null {
  const { question, plan, copy } = round;
  const { input } = question;
  const placed = new Set(
    [...plan.placements, ...plan.launches].flatMap(({ tasks }) => tasks.map((one) => one.demandId)),
  );
  const byId = new Map(input.demand.map((one) => [one.id, one]));
  for (const turn of turnsOf(question, plan, (demand) => lastServedMs(demand, question, copy), settings)) {
    const demand = byId.get(turn.unplaced.demandId);
    const handedOver = demand ? reserve(demand, turn.unplaced, round, turn.nodes) : null;
    if (handedOver) return handedOver;
  }
  for (const one of plan.unplaced.slice(0, candidatesMax)) {
    const demand = byId.get(one.demandId);
    if (!demand || (one.kind !== 'limits' && one.kind !== 'shortage') || placed.has(demand.id)) continue;
    if (input.nowMs - lastServedMs(demand, question, copy) < settings.reserveAfterMs) continue;
    return reserve(demand, one, round);
  }
  return null;
}

/** So many of those that wait, in their order, are looked at. */
const candidatesMax = 50;

/** Who is served has no need of it: since when nothing of the demand, nor a task as large, was placed. */
function lastServedMs(demand: Demand, { input }: CapacityQuestion, copy: WorkingCopy): number {
  let last = demand.createdAtMs;
  const own = copy.request(demand.id);
  for (const { placedAtMs } of [...(own?.tasks ?? []), ...copy.chunks(demand.id).flatMap(({ tasks }) => tasks)])
    last = Math.max(last, placedAtMs ?? 0);
  if (demand.gang === true) return last;
  const key = requirementsKey(demand.requirements);
  for (const { id } of input.bins) {
    for (const one of copy.node(id)?.assigned ?? []) {
      if (one.placedAtMs <= last || !fits(demand.resources, one.resources)) continue;
      const { spec, tenant } = copy.request(one.requestId) ?? {};
      const isOwnOrShared = input.pool.isTenantPerNode !== true || tenant === demand.tenant;
      if (spec && requirementsKey(spec.requirements) === key && isOwnOrShared) last = one.placedAtMs;
    }
  }
  return last;
}

/** A node of the pool, and what will be free on it as its tasks end. */
interface Future {
  readonly bin: Bin;
  readonly node: NodeRecord | null;
  /** When each of its tasks is known to end; Infinity: it may take any time. */
  readonly ends: readonly number[];
}

/** A node that goes already: what it counts against the limits, and when that is known to end. */
interface Going {
  readonly reserved: Usage;
  readonly emptyAtMs: number;
}

/** `only`: of these nodes; absent: of all. */
function reserve(demand: Demand, { kind }: Unplaced, round: Round, only?: ReadonlySet<string>): Reservation | null {
  const futures = futuresOf(round).map((one): Future => {
    if (only?.has(one.bin.id) !== false) return one;
    return { bin: { ...one.bin, freeTasks: 0 }, node: null, ends: [] };
  });
  const known = timesOf(futures, round.question.input.nowMs);
  const wanted = [{ ...demand, count: demand.gang === true ? demand.count : 1 }];
  const going = goingOf(round);
  const onNodes = (at: number, emptied: ReadonlySet<string>): Reservation | null =>
    keepNodes(
      wanted,
      at,
      futures.map((one) => binAt(one, emptied.has(one.bin.id) ? Infinity : at, round)),
      usageAt(at, going, round),
      round,
    );
  const nobody = new Set<string>();
  const timed = firstThat(known, (at) => onNodes(at, nobody));
  if (timed) return timed;
  const leaving = kind === 'limits' ? leavingFor(demand, futures, round) : [];
  const vacating = firstThat(known, (at) => vacate(wanted, at, leaving, futures, going, round));
  if (vacating) return vacating;
  // Nobody knows when: the nodes on which least has to end.
  const nearest = [...futures]
    .map((one) => ({ id: one.bin.id, lacking: lackingOn(one, demand) }))
    .sort((a, b) => a.lacking - b.lacking || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
  const last = known.at(-1) ?? round.question.input.nowMs;
  const untimed = firstThat(
    nearest.map((_, at) => at + 1),
    (count) => onNodes(last, new Set(nearest.slice(0, count))),
  );
  const byId = new Map(futures.map((one) => [one.bin.id, one]));
  if (untimed)
    return {
      ...untimed,
      startsAtMs: null,
      kept: new Map([...untimed.kept].map(([id, kept]) => [id, withoutTime(kept, byId.get(id)?.node ?? null, round)])),
    };
  return vacate(wanted, Infinity, leaving, futures, going, round);
}

/** Of more times than that only some are tried: a reservation may then begin a little late. */
const timesMax = 32;

/** Now, and when something is known to end, in order. */
function timesOf(futures: readonly Future[], nowMs: number): readonly number[] {
  const all = [...new Set([nowMs, ...futures.flatMap(({ ends }) => ends)])]
    .filter((at) => at < Infinity)
    .sort((a, b) => a - b);
  const step = Math.ceil(all.length / timesMax);
  return all.filter((_, n) => n % step === 0 || n === all.length - 1);
}

/**
 * Of its tasks only some have to end, the largest first; the others may stay, and so may what is placed beside them.
 * `kept`: as if all of them had ended.
 */
function withoutTime(kept: Kept, node: NodeRecord | null, { copy }: Round): Kept {
  if (node === null) return { ...kept, fromMs: null };
  const weight = (of: Resources): number =>
    of.cpuMilli / Math.max(1, node.allocatable.cpuMilli)
    + of.memoryMib / Math.max(1, node.allocatable.memoryMib)
    + of.gpu;
  const ending = node.assigned.filter((one) => !neverEnds(one, copy));
  const left = ending.sort(
    (a, b) =>
      weight(a.resources) - weight(b.resources) || b.placedAtMs - a.placedAtMs || (a.attemptId < b.attemptId ? -1 : 1),
  );
  const stay = (): Resources => sumResources(left.map((one) => one.resources));
  while (left.length > 0 && (!fits(stay(), kept.spare) || left.length > kept.spareTasks)) left.pop();
  return {
    ...kept,
    fromMs: null,
    spare: subtractResources(kept.spare, stay()),
    spareTasks: kept.spareTasks - left.length,
  };
}

/** Of values in order: what the first of them gives that gives something, where all behind it do, too. */
function firstThat<T, R>(values: readonly T[], of: (value: T) => R | null): R | null {
  let [low, high] = [0, values.length - 1];
  const last = values[high];
  let found = last === undefined ? null : of(last);
  if (found === null) return null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const result = of(values[middle] as T);
    if (result === null) low = middle + 1;
    else [high, found] = [middle, result];
  }
  return found;
}

function futuresOf(round: Round): readonly Future[] {
  return round.question.input.bins.map((bin) => {
    const node = round.copy.node(bin.id) ?? null;
    return { bin, node, ends: node === null ? [] : endsOf(node, round) };
  });
}

function endsOf({ assigned }: NodeRecord, { question: { input }, copy }: Round): readonly number[] {
  return assigned.map((one) => {
    const timeoutMs = copy.request(one.requestId)?.spec.timeoutMs ?? null;
    const latest = timeoutMs === null ? null : (one.startedAtMs ?? one.placedAtMs) + timeoutMs;
    return [one.expectedEndAtMs, latest].find((at) => at !== null && at > input.nowMs) ?? Infinity;
  });
}

/** To wait for the end of a service's replica would be to wait for ever. */
function neverEnds({ requestId }: Assignment, copy: WorkingCopy): boolean {
  return copy.request(requestId)?.spec.service !== undefined;
}

function goingOf(round: Round): readonly Going[] {
  const nodes = [...round.copy.nodes()].filter(({ state }) => state === 'draining' || state === 'terminating');
  return nodes.map((node) => ({ reserved: node.reserved, emptyAtMs: Math.max(0, ...endsOf(node, round)) }));
}

/** What will count against the limits once the nodes are gone that go and are empty by then. */
function usageAt(at: number, going: readonly Going[], { question: { input } }: Round): Usage {
  return subtractUsage(input.usage, sumUsage(going.filter((one) => one.emptyAtMs <= at).map((one) => one.reserved)));
}

/** The bin as it will be once the tasks have ended that are known to end by then. */
function binAt({ bin, node, ends }: Future, at: number, { copy }: Round): Bin {
  if (node === null || node.assigned.length === 0 || bin.kept !== undefined) return bin;
  const isThere = (n: number): boolean => at < Infinity && (ends[n] ?? Infinity) > at;
  const left = node.assigned.filter((one, n) => isThere(n) || neverEnds(one, copy));
  if (left.length === node.assigned.length) return bin;
  const { tenant: _before, ...rest } = bin;
  return { ...rest, ...occupancyOf({ ...node, assigned: left }, copy) };
}

/** How far a node is from carrying one task of the demand, as a share of the node; Infinity: it never will. */
function lackingOn({ bin }: Future, { resources: own, tenant }: Demand): number {
  const whole = bin.offering.type.allocatable;
  if (!fits(own, whole)) return Infinity;
  // A node of another tenant has to be empty first.
  const resources = (bin.tenant ?? tenant) === tenant ? own : whole;
  const part = (wanted: number, free: number, all: number): number => Math.max(0, wanted - free) / Math.max(1, all);
  return (
    part(resources.cpuMilli, bin.free.cpuMilli, whole.cpuMilli)
    + part(resources.memoryMib, bin.free.memoryMib, whole.memoryMib)
    + part(resources.gpu, bin.free.gpu, whole.gpu)
  );
}

/** What a plan for it alone would take of these bins and buy beside them; null: it does not fit. */
function keepNodes(
  wanted: readonly Demand[],
  at: number,
  bins: readonly Bin[],
  usage: Usage,
  round: Round,
): Reservation | null {
  const plan = planFor(wanted, bins, usage, round);
  const [demand] = wanted;
  if (plan === null || demand === undefined) return null;
  const byId = new Map(bins.map((bin) => [bin.id, bin]));
  const kept = plan.placements.flatMap(({ binId, tasks }): [string, Kept][] => {
    const bin = byId.get(binId);
    if (!bin) return [];
    const count = tasks.reduce((sum, one) => sum + one.count, 0);
    const spare = { fromMs: at, spare: atLeastNothing(subtractResources(bin.free, times(demand.resources, count))) };
    const owner = tenantOfKept(demand, round);
    return [[binId, { demandId: demand.id, ...spare, spareTasks: Math.max(0, bin.freeTasks - count), ...owner }]];
  });
  return {
    demandId: demand.id,
    kept: new Map(kept),
    vacated: new Set(),
    room: sumUsage(plan.launches.map((one) => reservedBy(one.offerings, one.count))),
    startsAtMs: at,
  };
}

function tenantOfKept({ tenant }: Demand, { question: { input } }: Round): Pick<Kept, 'tenant'> {
  return input.pool.isTenantPerNode === true ? { tenant } : {};
}

/** When it is known to be empty; Infinity: nobody knows. */
function emptyAtMs({ ends }: Future): number {
  return ends.reduce((most, one) => Math.max(most, one), 0);
}

/** Nodes that may make room for it within the limits; first those that are empty first. */
function leavingFor({ id }: Demand, futures: readonly Future[], round: Round): readonly Future[] {
  const promised = promisedNodes(id, round);
  return futures
    .filter(({ node }) => node?.state === 'ready' && !node.assigned.some((one) => neverEnds(one, round.copy)))
    .filter(({ bin }) => !promised.has(bin.id))
    .sort((a, b) => emptyAtMs(a) - emptyAtMs(b) || (a.bin.id < b.bin.id ? -1 : 1));
}

/** Nodes that are empty by then make room within the limits for a node that carries it: as few as will do. */
function vacate(
  wanted: readonly Demand[],
  at: number,
  leaving: readonly Future[],
  futures: readonly Future[],
  going: readonly Going[],
  round: Round,
): Reservation | null {
  const usage = usageAt(at, going, round);
  const empty = leaving.filter((one) => emptyAtMs(one) <= at);
  return firstThat(
    empty.map((_, n) => n + 1),
    (count) => withoutNodes(wanted, at, empty.slice(0, count), futures, usage, round),
  );
}

/**
 * Nodes that the plan gives to who is served before, and to any gang: a gang waits on them for those that boot. Which
 * of two gangs is first may change with each round (shares are drawn by lot): neither may end what the other waits on.
 */
function promisedNodes(demandId: string, { question: { input }, plan }: Round): ReadonlySet<string> {
  const before = servedBefore(demandId, input);
  const gangs = new Set(input.demand.filter(({ gang }) => gang === true).map(({ id }) => id));
  const isPromised = ({ demandId: id }: { readonly demandId: string }): boolean => before.has(id) || gangs.has(id);
  return new Set(plan.placements.filter(({ tasks }) => tasks.some(isPromised)).map(({ binId }) => binId));
}

function servedBefore(demandId: string, input: AllocationInput): ReadonlySet<string> {
  const order = orderOf(input).map(({ demand }) => demand.id);
  return new Set(order.slice(0, Math.max(0, order.indexOf(demandId))));
}

function withoutNodes(
  wanted: readonly Demand[],
  at: number,
  gone: readonly Future[],
  futures: readonly Future[],
  usage: Usage,
  round: Round,
): Reservation | null {
  const ids = new Set(gone.map(({ bin }) => bin.id));
  const left = futures.filter(({ bin }) => !ids.has(bin.id)).map((one) => binAt(one, at, round));
  const freed = sumUsage(gone.map(({ node }) => node?.reserved ?? noUsage));
  const plan = planFor(wanted, left, subtractUsage(usage, freed), round);
  const [demand] = wanted;
  if (plan === null || demand === undefined) return null;
  const startsAtMs = at < Infinity ? at : null;
  const owner = tenantOfKept(demand, round);
  const all = { demandId: demand.id, fromMs: startsAtMs, spare: noResources, spareTasks: 0, ...owner };
  return {
    demandId: demand.id,
    kept: new Map([...ids, ...plan.placements.map(({ binId }) => binId)].map((id) => [id, all])),
    vacated: ids,
    room: sumUsage(plan.launches.map((one) => reservedBy(one.offerings, one.count))),
    startsAtMs,
  };
}

/** null: not all of it has a place. */
function planFor(
  wanted: readonly Demand[],
  bins: readonly Bin[],
  usage: Usage,
  { question: { input }, allocate }: Round,
): AllocationPlan | null {
  const plan = allocate({ ...input, demand: wanted, bins, usage, iterations: 0 });
  return plan.unplaced.length === 0 ? plan : null;
}

/** The question once more, with what is kept. Who is served before it and buys comes before its room, too. */
export function withReservation(
  question: CapacityQuestion,
  plan: AllocationPlan,
  { demandId, kept, room }: Reservation,
): CapacityQuestion {
  const { input } = question;
  const before = servedBefore(demandId, input);
  const isBuying = plan.launches.some(({ tasks }) => tasks.some((one) => before.has(one.demandId)));
  return {
    ...question,
    input: {
      ...input,
      bins: input.bins.map((bin) => {
        const one = kept.get(bin.id);
        return one ? { ...bin, kept: one } : bin;
      }),
      usage: isBuying ? input.usage : addUsage(input.usage, room),
    },
  };
}

function times({ cpuMilli, memoryMib, gpu }: Resources, count: number): Resources {
  return { cpuMilli: cpuMilli * count, memoryMib: memoryMib * count, gpu: gpu * count };
}

function atLeastNothing({ cpuMilli, memoryMib, gpu }: Resources): Resources {
  return { cpuMilli: Math.max(0, cpuMilli), memoryMib: Math.max(0, memoryMib), gpu: Math.max(0, gpu) };
}

/**
 * The plan with what is kept, and the reasons of both: who has no place in the plan without it waits for what that
 * one tells, others for what is kept.
 */
export function withReasons(answer: AllocationPlan, before: AllocationPlan, { demandId }: Reservation): AllocationPlan {
  const known = new Map(before.unplaced.map((one) => [one.demandId, one]));
  const unplaced = answer.unplaced.map((one): Unplaced => {
    const same = known.get(one.demandId);
    if (same) return { ...same, count: one.count };
    return { ...one, kind: 'limits', excluded: [], message: `What has room for it is kept for request ${demandId}.` };
  });
  return { ...answer, unplaced };
}

/** What to say to who waits for it. */
export function reservedText({ kept, vacated, startsAtMs }: Reservation, nowMs: number): string {
  const named = (ids: readonly string[]): string => {
    const more = ids.length > namedMax ? ` and ${String(ids.length - namedMax)} more` : '';
    return `${ids.length === 1 ? 'Node' : 'Nodes'} ${ids.slice(0, namedMax).join(', ')}${more}`;
  };
  const when =
    startsAtMs === null
      ? 'when, is not known, since what runs there tells no duration'
      : startsAtMs <= nowMs
        ? 'now, and waiting for the rest'
        : `by ${new Date(startsAtMs).toISOString()}`;
  const ids = [...kept.keys()];
  const verb = ids.length === 1 ? 'is' : 'are';
  if (ids.length === 0) return 'The next room within the limits is kept for it.';
  return vacated.size > 0
    ? `${named(ids)} ${verb} emptied for it, and a node that carries it is bought in place; free ${when}.`
    : `${named(ids)} ${verb} kept for it; free ${when}.`;
}

const namedMax = 3;
