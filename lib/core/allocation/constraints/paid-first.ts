// Paid capacity first: as long as commitments have something left, nodes of it cost nothing more. The engine knows no
// price that holds for so many nodes only; so it is shown these nodes as if they were coming (bins of the state
// `to-launch`, after all others), and those that get tasks are launched. What they have no room for is bought as ever.
// Which nodes a savings plan pays for, which names no type, is the engine's plan on demand within what is left of it.
import { paysForOffering } from '../../catalog/commitments.ts';
import type { SavingsPlan } from '../../catalog/commitments.ts';
import { isWithin, reservedBy, usageOf } from '../../records/limits.ts';
import type { Usage } from '../../records/pool.ts';
import { addUsage, sumUsage } from '../../records/pool.ts';
import { assert } from '../../values/errors.ts';
import type { Offering } from '../../values/offering.ts';
import { countingCredits } from './burstable-prices.ts';
import { unmetRequirement } from '../../values/requirements.ts';
import type { Allocate, AllocationInput, AllocationPlan, Bin, PaidCapacity, PlannedLaunch } from '../types.ts';

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

/** The engine, with paid capacity first. Where nothing is paid for, a plan is the engine's own. */
export function paidFirst(allocate: Allocate): Allocate {
  return (given) => {
    const { paid, ...input } = given;
    if (paid === undefined || input.demand.length === 0) return allocate(input);
    const reserved = reservedNodes(paid, input);
    const probe = reserved.length === 0 ? null : planWith(allocate, { ...input, iterations: 0 }, reserved);
    const taken = probe === null ? [] : takenIn(probe, reserved);
    const kept = withinBounds(taken, input);
    // Nothing is left to buy, or to wait for.
    if (probe?.launches.length === 0 && probe.unplaced.length === 0 && kept.length === taken.length)
      return planOf(probe, taken, { input, paid, shown: kept });
    const shown = [...kept, ...savingNodes(allocate, input, kept, paid)];
    const plan = planWith(allocate, { ...input, usage: addUsage(input.usage, usageOfNodes(shown)) }, shown);
    return planOf(plan, takenIn(plan, shown), { input, paid, shown });
  };
}

/** The engine with all that counts beside the price of each offering. */
export function countingAll(allocate: Allocate): Allocate {
  return paidFirst(countingCredits(allocate));
}

/** The question once these launches are made: what they count, and what they take of what is paid for. */
export function afterLaunches(input: AllocationInput, launches: readonly PlannedLaunch[]): AllocationInput {
  const usage = addUsage(input.usage, sumUsage(launches.map((one) => reservedBy(one.offerings, one.count))));
  if (input.paid === undefined) return { ...input, usage };
  const { paid, ...others } = input;
  const left = paid.flatMap((one) => {
    const its = launches.filter(({ offerings }) => offerings.some((it) => paysForOffering(one.commitment, it)));
    const counted = one.commitment.kind === 'savings-plan' ? 'usdPerHour' : 'instances';
    const rest = one.left - sumUsage(its.map((it) => reservedBy(it.offerings, it.count)))[counted];
    return rest > 0 ? [{ ...one, left: rest }] : [];
  });
  return { ...others, usage, ...(left.length === 0 ? {} : { paid: left }) };
}

function planWith(allocate: Allocate, input: AllocationInput, nodes: readonly PaidNode[]): AllocationPlan {
  return allocate({ ...input, bins: [...input.bins, ...nodes.map(({ bin }) => bin)] });
}

/** Of each commitment as many as are left, in every zone where it pays: which are taken, the plan decides. */
function reservedNodes(paid: PaidCapacity, input: AllocationInput): readonly PaidNode[] {
  const tasks = input.demand.reduce((sum, one) => sum + one.count, 0);
  const nodes: PaidNode[] = [];
  for (const by of paid) {
    if (by.commitment.kind !== 'reserved-instances') continue;
    for (const offering of input.offerings) {
      if (!paysForOffering(by.commitment, offering) || !isSold(offering, input)) continue;
      const count = Math.min(by.left, tasks, shownMax - nodes.length);
      for (let at = 0; at < count; at += 1) nodes.push({ bin: binOf(offering, by, at, input), offering, by });
    }
  }
  assert(nodes.length <= shownMax, 'no more nodes are shown than may be');
  return nodes;
}

function isSold(offering: Offering, { pool: { requirements, maxNodeVcpu = Infinity } }: AllocationInput): boolean {
  return offering.type.vcpu <= maxNodeVcpu && unmetRequirement(requirements, offering) === null;
}

/** Burstable types bill CPU credits, which nothing pays for: they are for bursty tasks. */
function binOf(offering: Offering, { commitment }: Left, at: number, { pool }: AllocationInput): Bin {
  return {
    // After all ids of nodes and launches.
    id: `~${commitment.name} ${offering.id} ${String(at).padStart(5, '0')}`,
    state: 'to-launch',
    offering: offering.type.isBurstable ? { ...offering, isForBursts: true } : offering,
    free: offering.type.allocatable,
    freeTasks: pool.tasksPerNode,
    groups: {},
    antiAffinityGroups: [],
    expectedEmptyAtMs: null,
    paidShare: 1,
  };
}

/** Those that get tasks, in serving order. */
function takenIn(plan: AllocationPlan, nodes: readonly PaidNode[]): readonly PaidNode[] {
  const byId = new Map(nodes.map((one) => [one.bin.id, one]));
  return plan.placements.flatMap(({ binId }) => byId.get(binId) ?? []);
}

/** The first of them, as many as are left of each commitment, and as the limits have room for. */
function withinBounds(nodes: readonly PaidNode[], input: AllocationInput): readonly PaidNode[] {
  const left = new Map<Left, number>();
  const kept: PaidNode[] = [];
  let usage = input.usage;
  for (const node of nodes) {
    const rest = left.get(node.by) ?? node.by.left;
    const more = addUsage(usage, usageOf(node.offering));
    if (rest < 1 || !isWithin(more, input.pool.limits)) continue;
    left.set(node.by, rest - 1);
    usage = more;
    kept.push(node);
  }
  return kept;
}

function usageOfNodes(nodes: readonly PaidNode[]): Usage {
  return sumUsage(nodes.map(({ offering }) => usageOf(offering)));
}

/** What would be bought on demand for what is left of each savings plan, if nothing else were sold. */
function savingNodes(
  allocate: Allocate,
  input: AllocationInput,
  reserved: readonly PaidNode[],
  paid: PaidCapacity,
): readonly PaidNode[] {
  const found: PaidNode[] = [];
  for (const by of paid) {
    const { commitment } = by;
    if (commitment.kind !== 'savings-plan') continue;
    const offerings = savedBy(commitment, input.offerings);
    if (offerings.length === 0) continue;
    const before = [...reserved, ...found];
    const usage = addUsage(input.usage, usageOfNodes(before));
    const usdPerHour = Math.min(input.pool.limits.usdPerHour ?? Infinity, usage.usdPerHour + by.left);
    const limits = { ...input.pool.limits, usdPerHour };
    const plan = planWith(
      allocate,
      { ...input, offerings, unavailable: [], usage, pool: { ...input.pool, limits }, iterations: 0 },
      before,
    );
    let [left, at] = [by.left, 0];
    for (const {
      offerings: [first],
      count,
    } of plan.launches)
      for (let one = 0; one < count && first !== undefined; one += 1) {
        if (first.priceUsdPerHour > left || found.length + reserved.length >= shownMax) continue;
        left -= first.priceUsdPerHour;
        found.push({ bin: binOf(first, by, (at += 1), input), offering: first, by });
      }
  }
  return found;
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
  readonly shown: readonly PaidNode[];
}

function planOf(plan: AllocationPlan, taken: readonly PaidNode[], question: Question): AllocationPlan {
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
function notShownUsdPerHour({ input, paid, shown }: Question): number {
  const tasks = input.demand.reduce((sum, one) => sum + one.count, 0);
  return paid.reduce((sum, by) => {
    if (by.commitment.kind === 'savings-plan') return sum + by.left;
    const dearest = input.offerings.reduce(
      (most, one) => (paysForOffering(by.commitment, one) ? Math.max(most, one.priceUsdPerHour) : most),
      0,
    );
    return sum + Math.max(0, Math.min(by.left, tasks) - shown.filter((one) => one.by === by).length) * dearest;
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
    return { offerings: [offering], count, tasks, paidBy: by.commitment.name, reason: reasonOf(by, offering, all) };
  });
}

function reasonOf({ commitment, used, of }: Left, { type }: Offering, tasks: number): string {
  const whole =
    commitment.kind === 'savings-plan'
      ? `${used.toFixed(2)} of ${of.toFixed(2)} USD/h of it were in use`
      : `${String(used)} of its ${String(of)} were in use`;
  return (
    `${type.name} is paid for by commitment ${commitment.name} (${whole}), so it costs nothing more; it carries `
    + `${String(tasks)} task${tasks === 1 ? '' : 's'}.`
  );
}
