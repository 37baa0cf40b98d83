// What it saves and costs when nodes go whose tasks run elsewhere from then on: sums in USD, by what lifetimes predict.
import type { AllocationPlan, Demand } from '../allocation/types.ts';
import type { Lives } from '../tasks/capacity/predictions.ts';
import { demandFor } from '../tasks/demand.ts';
import { stopWish } from '../tasks/request-lifecycle.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Resources } from '../values/resources.ts';
import { sumResources } from '../values/resources.ts';
import { isAtWork, nodeCalmAtMs } from './methods/consolidation.ts';
import { bearsStop } from './stop-tasks.ts';

/** So many times what is lost has to be saved: lives are guesses, and a restart may take longer than it should. */
const margin = 1.5;
/** What stopping a task costs beside its work since it was last saved. */
const restartMs = 60_000;
const hourMs = 3_600_000;

/** Nodes that may go together. */
export interface Move {
  readonly nodes: readonly NodeRecord[];
  /** What they would cost until their tasks have ended. */
  readonly savedUsd: number;
  /** What their tasks lose: work, restarts, and what they say that a stop costs. */
  readonly lostUsd: number;
  /** The last of these. */
  readonly saidUsd: number;
}

/** What comes of it where its tasks run from then on. */
export interface Elsewhere {
  /** The longer use of nodes that are there. */
  readonly longerUsd: number;
  /** Of nodes bought for it, now or before: boots that are to come, and use until their tasks have ended; 0: none. */
  readonly boughtUsd: number;
}

/** What is stopped there starts elsewhere by itself: neither a part of a gang, nor a task that has to be alone. */
export function isMovable(node: NodeRecord, copy: WorkingCopy, isCalm = nodeCalmAtMs): boolean {
  if (!isAtWork(node) || copy.node(node.id) !== node || isCalm(node, copy.seen) > copy.nowMs) return false;
  return node.assigned.every(({ requestId, index, attempt, isAlone }) => {
    const request = copy.request(requestId);
    const task = copy.task(requestId, index);
    return (
      request !== undefined
      && bearsStop(request.spec.disruption)
      && request.spec.gang !== true
      && isAlone !== true
      && !copy.isAside(requestId)
      && task?.state === 'placed'
      && task.attempt === attempt
      && stopWish(request, copy.nowMs) === null
    );
  });
}

export function moveOf(node: NodeRecord, lives: Lives, copy: WorkingCopy): Move {
  const lostMs = node.assigned.reduce(
    (sum, one) => sum + (lives.unsavedMs(one) + restartMs) * shareOf(one.resources, node.allocatable),
    0,
  );
  const usdPerMs = copy.unpaidUsdPerHour(node) / hourMs;
  const saidUsd = node.assigned.reduce(
    (sum, { requestId }) => sum + (copy.request(requestId)?.spec.disruption?.costUsd ?? 0),
    0,
  );
  return { nodes: [node], savedUsd: staysFor(node, lives) * usdPerMs, lostUsd: lostMs * usdPerMs + saidUsd, saidUsd };
}

export function together(moves: readonly Move[]): Move {
  const sum = (key: 'savedUsd' | 'lostUsd' | 'saidUsd'): number => moves.reduce((all, one) => all + one[key], 0);
  return {
    nodes: moves.flatMap(({ nodes }) => nodes),
    savedUsd: sum('savedUsd'),
    lostUsd: sum('lostUsd'),
    saidUsd: sum('saidUsd'),
  };
}

/** The same when a node has booted for it: until then the nodes are paid for, and their tasks work on. */
export function afterBoot(move: Move, bootMs: number, copy: WorkingCopy): Move {
  const usd = (part: (node: NodeRecord) => number): number =>
    move.nodes.reduce((sum, node) => sum + (part(node) * copy.unpaidUsdPerHour(node) * bootMs) / hourMs, 0);
  return {
    ...move,
    savedUsd: move.savedUsd - usd(() => 1),
    lostUsd: move.lostUsd + usd((node) => usedShareOf({ ...move, nodes: [node] })),
  };
}

/** Most saved for what is lost first. */
export function bySaving(a: Move, b: Move): number {
  return b.savedUsd * a.lostUsd - a.savedUsd * b.lostUsd || ((a.nodes[0]?.id ?? '') < (b.nodes[0]?.id ?? '') ? -1 : 1);
}

/** What is saved beyond the margin, in USD; it pays when that is above 0. */
export function gainOf({ savedUsd, lostUsd }: Move, { longerUsd, boughtUsd }: Elsewhere = nothingElsewhere): number {
  return savedUsd - boughtUsd - margin * (lostUsd + longerUsd);
}

const nothingElsewhere: Elsewhere = { longerUsd: 0, boughtUsd: 0 };

/** The part of the nodes that their tasks take, by what they take most of; 0 to 1. */
export function usedShareOf({ nodes }: Move): number {
  const whole = sumResources(nodes.map((node) => node.allocatable));
  return shareOf(sumResources(nodes.flatMap(({ assigned }) => assigned.map((one) => one.resources))), whole);
}

/** Their tasks as if they waited; those with volumes stay in their zone. */
export function demandOn({ nodes }: Move, copy: WorkingCopy): readonly Demand[] {
  const counts = new Map<string, number>();
  const zones = new Map<string, string>();
  for (const { assigned, zone } of nodes)
    for (const { requestId } of assigned) {
      counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
      zones.set(requestId, zone);
    }
  return [...counts].flatMap(([id, count]) => {
    const record = copy.request(id);
    if (!record) return [];
    const demand = demandFor(record, count);
    // Only single tasks mount volumes, so all of its tasks are in this zone.
    const zone = record.spec.mounts === undefined ? {} : { zone: [zones.get(id) ?? ''] };
    return [{ ...demand, requirements: { ...demand.requirements, ...zone } }];
  });
}

/**
 * What it costs where the plan puts its tasks, which go on from their last save or begin anew; null: it does not put
 * all of them somewhere. `bootMs`: of a node that is bought.
 */
export function elsewhereOf(
  { nodes }: Move,
  plan: AllocationPlan,
  bootMs: number,
  lives: Lives,
  copy: WorkingCopy,
): Elsewhere | null {
  if (plan.unplaced.length > 0) return null;
  const wholeMs = new Map<string, number>();
  for (const one of nodes.flatMap(({ assigned }) => assigned))
    wholeMs.set(
      one.requestId,
      Math.max(wholeMs.get(one.requestId) ?? 0, lives.unsavedMs(one) + lives.remainingMs(one)),
    );
  const longestMs = (tasks: readonly { readonly demandId: string }[]): number =>
    tasks.reduce((most, { demandId }) => Math.max(most, wholeMs.get(demandId) ?? 0), 0);
  let [longerUsd, boughtUsd] = [0, 0];
  for (const { binId, tasks } of plan.placements) {
    const taker = copy.node(binId);
    if (!taker) continue;
    const usd = (Math.max(0, longestMs(tasks) - staysFor(taker, lives)) * copy.unpaidUsdPerHour(taker)) / hourMs;
    // It was bought for that.
    if (taker.replaces !== undefined && taker.assigned.length === 0) boughtUsd += usd;
    else longerUsd += usd;
  }
  for (const { offerings, tasks, count, paidBy } of plan.launches) {
    if (paidBy !== undefined) continue;
    const dearest = offerings.reduce((most, one) => Math.max(most, one.priceUsdPerHour), 0);
    boughtUsd += (count * (bootMs + longestMs(tasks)) * dearest) / hourMs;
  }
  return { longerUsd, boughtUsd };
}

/** For people: the three or more sums. `where`: `"on other nodes"` */
export function reasonOf(
  { nodes, savedUsd, lostUsd, saidUsd }: Move,
  where: string,
  { longerUsd, boughtUsd }: Elsewhere,
): string {
  const count = nodes.reduce((sum, { assigned }) => sum + assigned.length, 0);
  const of = nodes.length === 1 ? 'its' : 'their';
  const tasks = count === 1 ? `${of} task fits` : `${of} ${String(count)} tasks fit`;
  const many = nodes.length === 1 ? '' : `one of ${String(nodes.length)} nodes that go together: `;
  const said = saidUsd === 0 ? '' : `, ${usd(saidUsd)} USD that its tasks say a stop costs`;
  const bought = boughtUsd === 0 ? '' : `, ${usd(boughtUsd)} USD of boot and use of what is bought`;
  return (
    `${many}${tasks} ${where}: that saves ${usd(savedUsd)} USD, for ${usd(lostUsd - saidUsd)} USD of work that is done `
    + `again${said}${bought} and ${usd(longerUsd)} USD of longer use of the others`
  );
}

function staysFor({ assigned }: NodeRecord, lives: Lives): number {
  return assigned.reduce((most, one) => Math.max(most, lives.remainingMs(one)), 0);
}

/** Of the node, by what the task takes most of. */
function shareOf(size: Resources, whole: Resources): number {
  const part = (key: keyof Resources): number => (whole[key] > 0 ? size[key] / whole[key] : 0);
  return Math.max(part('cpuMilli'), part('memoryMib'), part('gpu'));
}

function usd(amount: number): string {
  return amount === 0 || amount >= 0.01 ? amount.toFixed(2) : amount.toPrecision(1);
}
