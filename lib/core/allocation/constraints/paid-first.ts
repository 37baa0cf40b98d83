// Paid capacity first: as long as commitments have something left, nodes of it cost nothing more. The engine knows no
// price that holds for so many nodes only; so it is shown these nodes as if they were coming (bins of the state
// `to-launch`, after all others), and those that get tasks are launched. What they have no room for is bought as ever.
// Which nodes a savings plan pays for, which names no type, is the engine's plan on demand within what is left of it.
import { endsInstancesAtMs, isNamed, paysForOffering } from '../../catalog/commitments.ts';
import type { Commitment, SavingsPlan } from '../../catalog/commitments.ts';
import { reservedBy, usageOf } from '../../records/limits.ts';
import type { Usage } from '../../records/pool.ts';
import { addUsage, sumUsage } from '../../records/pool.ts';
import { assert } from '../../values/errors.ts';
import type { Offering } from '../../values/offering.ts';
import { orderOf } from '../ordering/index.ts';
import { countingCredits } from './burstable-prices.ts';
import { countingLearned } from './learned-prices.ts';
import { requirementsKey, unmetRequirement } from '../../values/requirements.ts';
import { canCarry } from '../reasons/explain.ts';
import type { Allocate, AllocationInput, AllocationPlan, Bin, Demand, PaidCapacity, PlannedLaunch } from '../types.ts';

/** So many nodes of all commitments are shown to the engine at once; the next plan is shown the next. */
const shownMax = 400;

type Left = PaidCapacity[number];

/** A node that would be launched, and what would pay for it. */
interface PaidNode {
  readonly bin: Bin;
  /** As it is sold. */
  readonly offering: Offering;
  readonly by: Left;
}

/**
 * The engine, with paid capacity first. Where nothing is paid for, a plan is the engine's own. It is asked five times
 * at most: for what reserved instances carry, twice for what savings plans do, for the plan, and where that leaves
 * tasks without a place, without paid capacity; whoever is served earlier then decides between the two.
 */
export function paidFirst(allocate: Allocate): Allocate {
  return (given) => {
    const { paid, ...input } = given;
    if (paid === undefined || input.demand.length === 0) return allocate(input);
    const plain = (): AllocationPlan =>
      planOf(allocate(input), { input, paid, usable: usableIn(paid, input), shown: [] });
    if (input.shouldStop()) return plain();
    const answer = withPaid(allocate, input, paid);
    if (answer === null) return plain();
    if (answer.unplaced.length === 0) return answer;
    // Asked even when time is up: nothing that is paid for is worth tasks that wait for ever.
    const other = plain();
    return servesAsMany(input, answer, other) ? answer : other;
  };
}

/** null: there is no node that would be paid for. */
function withPaid(allocate: Allocate, input: AllocationInput, paid: PaidCapacity): AllocationPlan | null {
  const usable = usableIn(paid, input);
  const reserved = reservedNodes(usable, input);
  const plans = savingsIn(paid, input);
  const ask = (shown: readonly PaidNode[], iterations: number): AllocationPlan =>
    planWith(allocate, { ...input, paid, iterations }, shown);
  const planned = (plan: AllocationPlan, shown: readonly PaidNode[]): AllocationPlan =>
    planOf(plan, { input, paid, usable, shown });
  if (plans.length === 0) return reserved.length === 0 ? null : planned(ask(reserved, input.iterations), reserved);
  const probe = reserved.length === 0 ? null : ask(reserved, 0);
  // Nothing is left to buy, or to wait for; or there is no time to ask what else would be paid for.
  if (probe !== null && ((probe.launches.length === 0 && probe.unplaced.length === 0) || input.shouldStop()))
    return planned(probe, reserved);
  const taken = probe === null ? [] : takenIn(probe, reserved);
  const shown = [...taken, ...savingNodes(allocate, { ...input, paid }, taken, plans)];
  return shown.length === 0 ? null : planned(ask(shown, input.iterations), shown);
}

/** Of every first part of the serving order, at least as many tasks. */
function servesAsMany(input: AllocationInput, plan: AllocationPlan, other: AllocationPlan): boolean {
  const [its, others] = [plan, other].map((one) => {
    const waiting = new Map(one.unplaced.map(({ demandId, count }) => [demandId, count]));
    return new Map(input.demand.map(({ id, count }) => [id, count - (waiting.get(id) ?? 0)]));
  }) as [Map<string, number>, Map<string, number>];
  const take = (served: Map<string, number>, id: string, most: number): number => {
    const count = Math.min(most, served.get(id) ?? 0);
    served.set(id, (served.get(id) ?? 0) - count);
    return count;
  };
  let ahead = 0;
  for (const { demand, count } of orderOf(input)) {
    ahead += take(its, demand.id, count) - take(others, demand.id, count);
    if (ahead < 0) return false;
  }
  return true;
}

/** The engine with all that counts beside the price of each offering. */
export function countingAll(allocate: Allocate): Allocate {
  return paidFirst(countingLearned(countingCredits(allocate)));
}

/** What a launch, or the start of a stopped node, says of what it takes. */
export type Taken = Pick<PlannedLaunch, 'offerings' | 'count' | 'reservation'>;

/** The question once these launches are made: what they count, and what they take of what is paid for. */
export function afterLaunches(input: AllocationInput, launches: readonly Taken[]): AllocationInput {
  const usage = addUsage(input.usage, sumUsage(launches.map((one) => reservedBy(one.offerings, one.count))));
  return { ...withoutPaid(input, launches), usage };
}

/** The question without what these take of what is paid for. */
export function withoutPaid({ paid, ...input }: AllocationInput, taken: readonly Taken[]): AllocationInput {
  if (paid === undefined) return input;
  const left = paid.flatMap((one) => {
    const its = taken.filter((launch) => mayTake(one.commitment, launch));
    const counted = one.commitment.kind === 'savings-plan' ? 'usdPerHour' : 'instances';
    const rest = one.left - sumUsage(its.map((it) => reservedBy(it.offerings, it.count)))[counted];
    return rest > 0 ? [{ ...one, left: rest }] : [];
  });
  return { ...input, ...(left.length === 0 ? {} : { paid: left }) };
}

/** Into what has to be named goes what names it, and that into nothing else. */
function mayTake(commitment: Commitment, { offerings, reservation }: Taken): boolean {
  if (isNamed(commitment) || reservation !== undefined) return reservation?.id === commitment.name;
  return offerings.some((one) => paysForOffering(commitment, one));
}

function planWith(allocate: Allocate, input: AllocationInput, nodes: readonly PaidNode[]): AllocationPlan {
  return allocate({ ...input, bins: [...input.bins, ...nodes.map(({ bin }) => bin)] });
}

/** Nodes that reserved instances, or a named reservation, would pay for in a zone: so many some demand could use. */
interface Usable {
  readonly by: Left;
  readonly offering: Offering;
  readonly count: number;
}

/** Of each commitment as many as are left, in every zone where it pays: the engine takes no more of them together. */
function usableIn(paid: PaidCapacity, input: AllocationInput): readonly Usable[] {
  const shapes = shapesOf(input.demand);
  return paid.flatMap((by) => {
    if (by.commitment.kind === 'savings-plan') return [];
    // What is set aside is there when EC2 has nothing else of the type.
    const sold = isNamed(by.commitment) ? [...input.offerings, ...input.unavailable] : input.offerings;
    return sold.flatMap((offering): Usable[] => {
      if (!paysForOffering(by.commitment, offering)) return [];
      const tasks = shapes.reduce((sum, one) => (mayUse(one.demand, offering, input.pool) ? sum + one.count : sum), 0);
      const count = Math.min(by.left, tasks);
      return count > 0 ? [{ by, offering, count }] : [];
    });
  });
}

function mayUse(demand: Demand, offering: Offering, pool: AllocationInput['pool']): boolean {
  return (
    (demand.resources.gpu > 0 || offering.type.gpu === 0)
    && canCarry(demand, offering, pool)
    && unmetRequirement(demand.requirements, shownAs(offering)) === null
  );
}

interface Shape {
  readonly demand: Demand;
  readonly count: number;
}

function shapesOf(demand: readonly Demand[]): readonly Shape[] {
  const shapes = new Map<string, { readonly demand: Demand; count: number }>();
  for (const one of demand) {
    const { cpuMilli, memoryMib, gpu } = one.resources;
    const key = `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${requirementsKey(one.requirements)}`;
    const same = shapes.get(key);
    if (same) same.count += one.count;
    else shapes.set(key, { demand: one, count: one.count });
  }
  return [...shapes.values()];
}

/** In turn one of each commitment and zone, so that none is shown before others without need. */
function reservedNodes(usable: readonly Usable[], input: AllocationInput): readonly PaidNode[] {
  const nodes: PaidNode[] = [];
  let open = usable;
  for (let at = 0; open.length > 0 && nodes.length < shownMax; at += 1) {
    for (const { by, offering } of open.slice(0, shownMax - nodes.length))
      nodes.push({ bin: binOf(offering, by, at, input), offering, by });
    open = open.filter((one) => one.count > at + 1);
  }
  assert(nodes.length <= shownMax, 'no more nodes are shown than may be');
  return nodes;
}

/** Burstable types bill CPU credits, which nothing pays for: they are for bursty tasks. */
function shownAs(offering: Offering): Offering {
  return offering.type.isBurstable ? { ...offering, isForBursts: true } : offering;
}

/** So long a node boots at most, before its tasks begin. */
const bootMs = 300_000;

function binOf(offering: Offering, { commitment }: Left, at: number, { pool }: AllocationInput): Bin {
  const endsAtMs = isNamed(commitment) ? endsInstancesAtMs(commitment) : null;
  return {
    // After all ids of nodes and launches.
    id: `~${commitment.name} ${offering.id} ${String(at).padStart(5, '0')}`,
    state: 'to-launch',
    offering: shownAs(offering),
    free: offering.type.allocatable,
    freeTasks: pool.tasksPerNode,
    paidBy: commitment.name,
    groups: {},
    antiAffinityGroups: [],
    expectedEmptyAtMs: null,
    paidShare: 1,
    ...(endsAtMs === null ? {} : { blockEndsAtMs: endsAtMs - bootMs }),
  };
}

/** Those that get tasks, in serving order. */
function takenIn(plan: AllocationPlan, nodes: readonly PaidNode[]): readonly PaidNode[] {
  const byId = new Map(nodes.map((one) => [one.bin.id, one]));
  return plan.placements.flatMap(({ binId }) => byId.get(binId) ?? []);
}

function usageOfNodes(nodes: readonly PaidNode[]): Usage {
  return sumUsage(nodes.map(({ offering }) => usageOf(offering)));
}

/** What is left of a savings plan, and what it pays for. */
interface Saving {
  readonly by: Left;
  readonly commitment: SavingsPlan;
  readonly offerings: readonly Offering[];
  /** In USD per hour on demand. */
  readonly left: number;
}

/** Those of one family come first, as EC2 settles them; without those that pay for nothing that is sold. */
function savingsIn(paid: PaidCapacity, input: AllocationInput): readonly Saving[] {
  const plans = paid.flatMap((by): Saving[] => {
    const { commitment } = by;
    if (commitment.kind !== 'savings-plan') return [];
    const offerings = savedBy(commitment, input.offerings);
    return offerings.length === 0 ? [] : [{ by, commitment, offerings, left: by.left }];
  });
  const isAny = ({ commitment: { instanceFamily } }: Saving): number => (instanceFamily === undefined ? 1 : 0);
  return plans.sort((a, b) => isAny(a) - isAny(b));
}

/**
 * What would be bought on demand for what is left of all savings plans, if nothing else were sold. Where more of some
 * families is wanted than their plans pay for, the others are asked about once more.
 */
function savingNodes(
  allocate: Allocate,
  input: AllocationInput,
  taken: readonly PaidNode[],
  plans: readonly Saving[],
): readonly PaidNode[] {
  const found = savedIn(allocate, input, taken, plans);
  if (!found.isMoreWanted || input.shouldStop()) return found.nodes;
  const others = savedIn(allocate, input, [...taken, ...found.nodes], found.left);
  return [...found.nodes, ...others.nodes];
}

interface Found {
  readonly nodes: readonly PaidNode[];
  /** What is left of the plans then. */
  readonly left: readonly Saving[];
  /** Nodes were wanted that none of the plans has enough left for. */
  readonly isMoreWanted: boolean;
}

function savedIn(
  allocate: Allocate,
  input: AllocationInput,
  before: readonly PaidNode[],
  plans: readonly Saving[],
): Found {
  const offerings = wholeNodesOf(plans);
  const left = new Map(plans.map((one) => [one, one.left]));
  const nodes: PaidNode[] = [];
  let isMoreWanted = false;
  const plan = offerings.length === 0 ? null : savedPlan(allocate, { ...input, offerings }, before, plans);
  for (const {
    offerings: [first],
    count,
  } of plan?.launches ?? []) {
    for (let one = 0; one < count && first !== undefined; one += 1) {
      const saving = plans.find(
        (it) => paysForOffering(it.commitment, first) && first.priceUsdPerHour <= (left.get(it) ?? 0),
      );
      if (nodes.length + before.length >= shownMax) break;
      isMoreWanted ||= saving === undefined;
      if (saving === undefined) break;
      left.set(saving, (left.get(saving) ?? 0) - first.priceUsdPerHour);
      nodes.push({ bin: binOf(first, saving.by, before.length + nodes.length, input), offering: first, by: saving.by });
    }
  }
  return { nodes, left: plans.map((one) => ({ ...one, left: left.get(one) ?? 0 })), isMoreWanted };
}

/** Nodes that one of the plans has enough left for. */
function wholeNodesOf(plans: readonly Saving[]): readonly Offering[] {
  return [...new Set(plans.flatMap((one) => one.offerings.filter((it) => it.priceUsdPerHour <= one.left)))];
}

/** On demand, for as much as is left of all of them. */
function savedPlan(
  allocate: Allocate,
  input: AllocationInput,
  before: readonly PaidNode[],
  plans: readonly Saving[],
): AllocationPlan {
  const spent = input.usage.usdPerHour + usageOfNodes(before).usdPerHour;
  const whole = plans.reduce((sum, one) => sum + one.left, 0);
  const usdPerHour = Math.min(input.pool.limits.usdPerHour ?? Infinity, spent + whole);
  const pool = { ...input.pool, limits: { ...input.pool.limits, usdPerHour } };
  return planWith(allocate, { ...input, unavailable: [], pool, iterations: 0 }, before);
}

/** By list of offerings: tick after tick asks for the same while nothing is refused. */
const savedLists = new WeakMap<readonly Offering[], Map<string, readonly Offering[]>>();

function savedBy(plan: SavingsPlan, offerings: readonly Offering[]): readonly Offering[] {
  const lists = savedLists.get(offerings) ?? new Map<string, readonly Offering[]>();
  const key = plan.instanceFamily ?? '';
  const saved = lists.get(key) ?? offerings.filter((one) => !one.type.isBurstable && paysForOffering(plan, one));
  savedLists.set(offerings, lists.set(key, saved));
  return saved;
}

/** What a plan was made with. `shown`: the nodes that the engine could give tasks to. */
interface Question {
  readonly input: AllocationInput;
  readonly paid: PaidCapacity;
  readonly usable: readonly Usable[];
  readonly shown: readonly PaidNode[];
}

function planOf(plan: AllocationPlan, question: Question): AllocationPlan {
  const taken = takenIn(plan, question.shown);
  const isPaid = new Set(taken.map(({ bin }) => bin.id));
  const launches = launchesOf(plan, taken);
  const paidUsdPerHour = taken.reduce((sum, { offering }) => sum + offering.priceUsdPerHour, 0);
  const { lowerBoundUsdPerHour: bound, costUsdPerHour: cost } = plan;
  const lower = bound === null ? null : Math.max(0, bound - notShownUsdPerHour(question));
  return {
    ...plan,
    placements: plan.placements.filter(({ binId }) => !isPaid.has(binId)),
    launches: [...launches, ...plan.launches],
    ...(launches.length === 0 ? {} : { paidUsdPerHour }),
    lowerBoundUsdPerHour: lower,
    gapPercent: cost === 0 ? 0 : lower !== null && lower > 0 ? 100 * (cost / lower - 1) : null,
  };
}

/**
 * What another plan could use of commitments beyond the nodes that were shown: the engine's bound gives these their
 * full worth already. By weak duality no node carries more worth than it costs, so the bound of what is not paid for is
 * lower by at most the price of the others.
 */
function notShownUsdPerHour({ paid, usable, shown }: Question): number {
  return paid.reduce((sum, by) => {
    if (by.commitment.kind === 'savings-plan') return sum + by.left;
    const its = usable.filter((one) => one.by === by);
    const most = Math.min(
      by.left,
      its.reduce((all, one) => all + one.count, 0),
    );
    const dearest = Math.max(0, ...its.map(({ offering }) => offering.priceUsdPerHour));
    return sum + Math.max(0, most - shown.filter((one) => one.by === by).length) * dearest;
  }, 0);
}

/** Equal nodes with equal tasks are one launch. */
function launchesOf(plan: AllocationPlan, taken: readonly PaidNode[]): readonly PlannedLaunch[] {
  const tasksOf = new Map(plan.placements.map(({ binId, tasks }) => [binId, tasks]));
  const launches = new Map<
    string,
    { readonly node: PaidNode; readonly tasks: PlannedLaunch['tasks']; count: number }
  >();
  for (const node of taken) {
    const tasks = tasksOf.get(node.bin.id) ?? [];
    const key = JSON.stringify([node.by.commitment.name, node.offering.id, tasks]);
    const same = launches.get(key);
    if (same) same.count += 1;
    else launches.set(key, { node, tasks, count: 1 });
  }
  return [...launches.values()].map(({ node: { offering, by }, tasks, count }) => {
    const all = tasks.reduce((sum, one) => sum + one.count, 0);
    return { offerings: [offering], count, tasks, ...paidBy(by), reason: reasonOf(by, offering, all) };
  });
}

function paidBy({ commitment }: Left): Pick<PlannedLaunch, 'paidBy' | 'reservation'> {
  const { name } = commitment;
  return { paidBy: name, ...(isNamed(commitment) ? { reservation: { id: name, kind: commitment.kind } } : {}) };
}

function reasonOf({ commitment, used, of }: Left, { type }: Offering, tasks: number): string {
  const whole =
    commitment.kind === 'savings-plan'
      ? `${used.toFixed(2)} of ${of.toFixed(2)} USD/h of it were in use`
      : `${String(used)} of its ${String(of)} were in use`;
  const what = isNamed(commitment) ? `${commitment.kind.replace('-', ' ')} ` : 'commitment ';
  return (
    `${type.name} is paid for by ${what}${commitment.name} (${whole}), so it costs nothing more; it carries `
    + `${String(tasks)} task${tasks === 1 ? '' : 's'}.`
  );
}
