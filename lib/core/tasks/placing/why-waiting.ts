// Why tasks wait, and when the pool looks again for their sake.
import { canCarry } from '../../allocation/reasons/explain.ts';
import type { AllocationInput, AllocationPlan, Bin, Demand, Unplaced } from '../../allocation/types.ts';
import { hasRefusals, refusalOf, refusalTimes, tryingReason } from '../../plan/capacity-memory.ts';
import { needsCurrentAgent } from '../capacity/agents.ts';
import { isPlain, refusalReason } from './refusal-reason.ts';
import type { CapacityQuestion } from '../capacity/capacity-question.ts';
import { dictionary, ownValue } from '../../values/dictionary.ts';
import { aloneKey, shapeOf } from '../demand.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import type { Observation } from '../../plan/observation.ts';
import type { RequestRecord, TaskSpec } from '../../records/request.ts';
import { unmetRequirement } from '../../values/requirements.ts';
import type { Offering } from '../../values/offering.ts';
import type { WhyEntry } from '../../plan/plan.ts';
import { pauseText } from '../../records/pool.ts';
import { fits, subtractResources, timesResources } from '../../values/resources.ts';
import type { Resources } from '../../values/resources.ts';
import type { Reservation } from '../capacity/reservation.ts';
import { reservedText } from '../capacity/reservation.ts';
import type { DecisionSettings } from '../../values/settings.ts';

/**
 * Why tasks wait, by shape; those that are kept apart for reasons of their own, which are an array's
 * where it has no other.
 */
export function explain(
  plan: AllocationPlan | null,
  alone: readonly Unplaced[],
  question: CapacityQuestion,
  observation: Observation,
  copy: WorkingCopy,
  reservation: Reservation | null = null,
): Readonly<Record<string, WhyEntry>> {
  const byShape = dictionary<WhyEntry>();
  const keptRoom = plan ? keptForGangs(plan, question, copy) : [];
  for (const one of plan?.unplaced ?? []) {
    const request = copy.request(one.demandId);
    if (!request) continue;
    const { spec } = request;
    const shape = shapeOf(request);
    // What is kept for one of them is the news, whichever of the same shape comes first.
    if (byShape[shape] && one.demandId !== reservation?.demandId) continue;
    const why = whyOf(one, observation, carriersOf(spec, question.input), spec.resources.gpu > 0);
    byShape[shape] = withReserved(
      withEarlierAgents(
        withOthers(withKept(why, spec.resources, keptRoom), request, question.input),
        request,
        question.input,
      ),
      one.demandId,
      spec.resources,
      question.input,
      reservation,
    );
  }
  for (const one of alone) {
    const request = copy.request(one.demandId);
    if (!request) continue;
    const shape = shapeOf(request);
    const why = whyOf(one, observation, carriersOf(request.spec, question.input), request.spec.resources.gpu > 0);
    byShape[aloneKey(shape)] ??= why;
    if (request.spec.count > 1) byShape[shape] ??= why;
  }
  const trying = tryingReason(observation.memory);
  if (plan === null || (trying === null && !hasRefusals(observation.memory, observation.nowMs))) return byShape;
  // What is bought now may be refused as well: until a node comes, this is what there is to say.
  const bought = new Set(plan.launches.flatMap((launch) => launch.tasks.map((one) => one.demandId)));
  for (const id of [...bought].slice(0, searchesMax)) {
    const request = copy.request(id);
    if (!request || byShape[shapeOf(request)]) continue;
    const entry = trying
      ? { code: 'launch_refused', message: trying, nextTryAtMs: null, excluded: [] }
      : searchOf(carriersOf(request.spec, question.input), observation, request.spec.resources.gpu > 0);
    if (entry) byShape[shapeOf(request)] = entry;
  }
  return byShape;
}

/** What a node has free now, and the gang that starts there when nodes for all of it are ready. */
interface KeptRoom {
  readonly nodeId: string;
  readonly gangId: string;
  readonly free: Resources;
}

function keptForGangs(
  { placements }: AllocationPlan,
  { demand, input }: CapacityQuestion,
  copy: WorkingCopy,
): readonly KeptRoom[] {
  const gangs = new Map(demand.flatMap((one) => (one.gang === true ? [[one.id, one] as const] : [])));
  if (gangs.size === 0) return [];
  const bins = new Map(input.bins.map((one) => [one.id, one]));
  return placements.flatMap(({ binId, tasks }) => {
    const bin = bins.get(binId);
    const runs = new Set(copy.node(binId)?.assigned.map((one) => one.requestId));
    const gang = tasks.find(({ demandId }) => gangs.has(demandId) && !runs.has(demandId));
    if (bin?.state !== 'ready' || !gang) return [];
    // What starts there now took its share.
    const free = tasks
      .filter(({ demandId }) => runs.has(demandId))
      .reduce((left, { demandId, count }) => {
        const size = copy.request(demandId)?.spec.resources;
        return size ? subtractResources(left, timesResources(size, count)) : left;
      }, bin.free);
    return [{ nodeId: binId, gangId: gang.demandId, free }];
  });
}

/** With the room that a gang has where it cannot start yet. */
function withKept(why: WhyEntry, size: Resources, keptRoom: readonly KeptRoom[]): WhyEntry {
  const room = why.code === 'limit_reached' ? keptRoom.filter((one) => fits(size, one.free)) : [];
  const gang = room[0]?.gangId ?? '';
  const but = `is kept for request ${gang}, whose tasks start all at once: the nodes for the others are not ready yet.`;
  return withRoom(
    why,
    room.map((one) => one.nodeId),
    but,
  );
}

/** With nodes that have room for it, and why they are not for it; the same where there are none. */
function withRoom(why: WhyEntry, [first, ...more]: readonly string[], but: string): WhyEntry {
  if (first === undefined) return why;
  const others = more.length > 0 ? ` (and ${String(more.length)} more nodes)` : '';
  return { ...why, message: `${why.message} Node ${first}${others} has room, but ${but}` };
}

/** Nodes on which a task of it would fit, of those that `isMeant`. */
function roomFor(
  { resources, requirements }: TaskSpec,
  bins: AllocationInput['bins'],
  isMeant: (bin: Bin) => boolean,
): readonly string[] {
  return bins
    .filter(
      (bin) =>
        isMeant(bin)
        && bin.freeTasks > 0
        && fits(resources, bin.free)
        && unmetRequirement(requirements, bin.offering) === null,
    )
    .map((bin) => bin.id);
}

/** With the room that it has on nodes which serve other tenants now. */
function withOthers(
  why: WhyEntry,
  { tenant, spec }: Pick<RequestRecord, 'tenant' | 'spec'>,
  { bins, pool }: AllocationInput,
): WhyEntry {
  if (pool.isTenantPerNode !== true || (why.code !== 'limit_reached' && why.code !== 'no_capacity')) return why;
  const room = roomFor(spec, bins, (bin) => (bin.tenant ?? tenant) !== tenant);
  return withRoom(why, room, 'serves another tenant until it is empty (nodesServe of the pool: one-tenant).');
}

/** With the room that it has on nodes whose agent cannot run it (see capacity/agents.ts). */
function withEarlierAgents(why: WhyEntry, { spec }: Pick<RequestRecord, 'spec'>, { bins }: AllocationInput): WhyEntry {
  if (!needsCurrentAgent(spec) || (why.code !== 'limit_reached' && why.code !== 'no_capacity')) return why;
  const but =
    'its agent is of an earlier version, which gives tasks with an image no role, no login and no GPU: drain it, or '
    + 'let the nodes of the pool drift.';
  return withRoom(
    why,
    roomFor(spec, bins, (bin) => bin.offering.isOfEarlierAgent === true),
    but,
  );
}

/** With what is kept for it, or what has room but is kept for another. */
function withReserved(
  why: WhyEntry,
  demandId: string,
  size: Resources,
  { bins, nowMs }: Pick<AllocationInput, 'bins' | 'nowMs'>,
  reservation: Reservation | null,
): WhyEntry {
  if (reservation === null || why.code === 'unsatisfiable' || why.code === 'pool_paused') return why;
  if (reservation.demandId === demandId)
    return { ...why, message: `${why.message} ${reservedText(reservation, nowMs)}` };
  const room = bins.filter((one) => one.kept !== undefined && one.freeTasks > 0 && fits(size, one.free));
  return withRoom(
    why,
    room.map((one) => one.id),
    `is kept for request ${reservation.demandId}, which is served first and does not fit yet; only tasks that are `
      + 'known to end before it starts run there meanwhile.',
  );
}

const codes = {
  unsatisfiable: 'unsatisfiable',
  shortage: 'no_capacity',
  limits: 'limit_reached',
  constraints: 'constraints',
} as const;

/**
 * When the pool must look again for the sake of tasks without a place, whatever keeps them: nothing may wait
 * for a wake that nobody sends. A shortage ends at a known time; what a limit or a relation waits for (ends,
 * nodes that go, other requests, the pool's spec) wakes the pool, and it looks again all the same, in case that
 * was lost; so it does, seldom, for what can never be placed: prices and the catalog change without a wake.
 */
export function unplacedDueMs(
  unplaced: readonly Unplaced[],
  { memory, nowMs }: Pick<Observation, 'memory' | 'nowMs'>,
  settings: DecisionSettings,
): number | null {
  let due = Infinity;
  const refusals = refusalTimes({ refusals: memory.refusals, gangs: {} }, nowMs);
  // Tasks of one shape lack the very same list.
  const asked = new Set<readonly Offering[]>();
  for (const { kind, lacking = [] } of unplaced) {
    due = Math.min(due, nowMs + (kind === 'unsatisfiable' ? settings.neverAgainMs : settings.unplacedAgainMs));
    // Beside the relation there may be a refusal, whose end its reason names.
    if (kind === 'constraints') due = Math.min(due, ...refusals);
    if (kind !== 'shortage' || asked.has(lacking)) continue;
    asked.add(lacking);
    for (const offering of lacking)
      due = Math.min(due, refusalOf(memory, offering, nowMs)?.refusal.untilMs ?? Infinity);
  }
  return due === Infinity ? null : due;
}

/** Shapes whose search is described at once: each asks every offering. */
const searchesMax = 100;

/** Gangs of which only a part came, and that wait for the whole. */
export function explainGangs(
  { demand, input }: CapacityQuestion,
  { memory, nowMs }: Observation,
  copy: WorkingCopy,
): Readonly<Record<string, WhyEntry>> {
  const byShape = dictionary<WhyEntry>();
  for (const one of demand) {
    const gang = ownValue(memory.gangs, one.id);
    const request = gang && copy.request(one.id);
    if (!request || gang.untilMs === null) continue;
    const refused = refusalReason(memory, carriersOf(request.spec, input), nowMs, request.spec.resources.gpu > 0);
    // Its time has come: what stands in its way now, if anything does, is another thing.
    if (gang.untilMs <= nowMs && !refused) continue;
    byShape[shapeOf(request)] = {
      code: 'no_capacity',
      message:
        `${String(gang.came)} of ${String(gang.of)} nodes came; it wants all or none, so they are `
        + `terminated and all are asked for again later.${refused ? ` ${refused.message}` : ''}`,
      nextTryAtMs: Math.max(gang.untilMs, refused?.nextTryAtMs ?? 0),
      excluded: [],
    };
  }
  return byShape;
}

/** Offerings that could carry one task of it, refused ones among them. */
function carriersOf(
  spec: Pick<Demand, 'resources' | 'requirements'>,
  { offerings, unavailable, pool }: AllocationInput,
): readonly Offering[] {
  return [...offerings, ...unavailable].filter((one) => canCarry(spec, one, pool));
}

function searchOf(
  carriers: readonly Offering[],
  { memory, nowMs }: Observation,
  isGpuWanted: boolean,
): WhyEntry | null {
  const relevant = isGpuWanted ? carriers : carriers.filter(isPlain);
  const refused = relevant.flatMap((one) => refusalOf(memory, one, nowMs) ?? []);
  const [first] = refused;
  if (!first) return null;
  const codes = [...new Set(refused.map((one) => one.refusal.code))].slice(0, 3).join(', ');
  return {
    code: 'searching',
    message:
      `EC2 refused ${String(refused.length)} of the ${String(relevant.length)} offerings that could carry `
      + `it (${codes}); others are being asked for.`,
    nextTryAtMs: null,
    excluded: [],
  };
}

/** With what EC2 refuses of `carriers`, the offerings that could carry it. */
export function whyOf(
  one: Unplaced,
  { pool, paused, memory, nowMs, offerings }: Pick<Observation, 'pool' | 'paused' | 'memory' | 'nowMs' | 'offerings'>,
  carriers: readonly Offering[] = offerings,
  isGpuWanted = true,
): WhyEntry {
  if (paused && one.kind === 'limits')
    return { code: 'pool_paused', message: pauseText(pool.name, paused), excluded: [], nextTryAtMs: null };
  // Nodes that are tried one at a time leave no room below a small limit: the limit is not why it waits.
  const trying = one.kind === 'limits' ? tryingReason(memory) : null;
  if (trying) return { code: 'launch_refused', message: trying, nextTryAtMs: null, excluded: [] };
  // What can never be placed does not wait for EC2 either.
  const refused =
    one.kind === 'limits' || one.kind === 'unsatisfiable'
      ? null
      : refusalReason(memory, one.lacking ?? carriers, nowMs, isGpuWanted);
  if (refused?.code === 'no_capacity')
    return { ...refused, message: `${one.message} ${refused.message}`, excluded: one.excluded };
  if (refused) return { ...refused, excluded: [] };
  const [nextOfferMs = null] = one.kind === 'shortage' ? refusalTimes(memory, nowMs).toSorted((a, b) => a - b) : [];
  return { code: codes[one.kind], message: one.message, excluded: one.excluded, nextTryAtMs: nextOfferMs };
}
