// The node that others of the pool can do without: its tasks all bear a restart and have room on nodes that run others
// as they are now, and what it would still cost until they have ended is more, by a margin, than what is lost by
// stopping them: the work since it was last saved and the restart at the node's price, what they say that a stop costs,
// and the longer use of the nodes that take them.
import type { Allocate, AllocationInput, AllocationPlan, Bin, Demand } from '../allocation/types.ts';
import { binsOf } from '../tasks/capacity/bins.ts';
import { withoutBuying } from '../tasks/capacity/capacity-question.ts';
import { Lives, withPredictions } from '../tasks/capacity/predictions.ts';
import { demandFor } from '../tasks/demand.ts';
import { stopWish } from '../tasks/request-lifecycle.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Resources } from '../values/resources.ts';
import { fits, sumResources } from '../values/resources.ts';
import type { DecisionSettings } from '../values/settings.ts';
import type { Command } from './method.ts';
import { bearsStop } from './stop-tasks.ts';
import { isAtWork, isOff, nodeCalmAtMs, poolCalmAtMs } from './methods/consolidation.ts';

/** So many times what is lost has to be saved: lives are guesses, and a restart may take longer than it should. */
const margin = 1.5;
/** What stopping a task costs beside its work so far. */
const restartMs = 60_000;
/** So many nodes, the best first, are tried in one decision. */
const triedMax = 8;
const hourMs = 3_600_000;

export interface SurplusQuestion {
  /** That of the tasks that wait. */
  readonly input: AllocationInput;
  /** Nodes that this decision counts on: they neither go nor take tasks of those that go. */
  readonly wanted: ReadonlySet<string>;
}

interface Move {
  readonly node: NodeRecord;
  /** What it would cost until its tasks have ended. */
  readonly savedUsd: number;
  /** What its tasks lose: work, restarts, and what they say that a stop costs. */
  readonly lostUsd: number;
  /** The last of these. */
  readonly saidUsd: number;
}

/** One at most; null: none, or something else is under way that has to be seen first. */
export function surplusOf(
  { input, wanted }: SurplusQuestion,
  copy: WorkingCopy,
  allocate: Allocate,
  settings: DecisionSettings,
): Command | null {
  const { seen, nowMs } = copy;
  if (isOff(seen) || seen.launches.length > 0 || poolCalmAtMs(seen) > nowMs) return null;
  // Tasks that are being stopped will want the room that is free now.
  if ([...copy.nodes()].some(isBeingEmptied)) return null;
  const lives = new Lives(copy);
  const { bins, closed = [] } = binsOf(seen, copy, settings);
  // An empty node goes by itself, and one that only boots may never come.
  const takers = bins.filter(
    ({ id, state, freeTasks, goesAtMs }) =>
      state === 'ready' && freeTasks > 0 && goesAtMs === undefined && !wanted.has(id) && isBusy(copy.node(id)),
  );
  const usable = new Set(bins.map((one) => one.id));
  const moves = seen.nodes
    .map(({ record }) => record)
    .filter((node) => isMovable(node, copy) && usable.has(node.id) && !wanted.has(node.id))
    .map((node) => moveOf(node, lives, copy))
    .filter(({ node, savedUsd, lostUsd }) => pays(savedUsd, lostUsd) && mayFit(node, takers))
    .sort((a, b) => b.savedUsd * a.lostUsd - a.savedUsd * b.lostUsd || (a.node.id < b.node.id ? -1 : 1));
  for (const move of moves.slice(0, triedMax)) {
    const left = { bins: binsWithout(move.node, bins, new Set(takers.map((one) => one.id))), closed };
    const demand = demandOn(move.node, copy);
    const asked = withPredictions(copy, { ...withoutBuying(input), ...left, demand, iterations: 0 });
    const longerUsd = longerUseUsd(move.node, allocate(asked), lives, copy);
    if (longerUsd === null || !pays(move.savedUsd, move.lostUsd + longerUsd)) continue;
    return { node: move.node, reason: reasonOf(move, longerUsd) };
  }
  return null;
}

/** Those that take none of its tasks carry some that count for relations. */
function binsWithout({ id }: NodeRecord, bins: readonly Bin[], takers: ReadonlySet<string>): readonly Bin[] {
  return bins
    .filter((one) => one.state === 'ready' && one.id !== id)
    .map((one) => (takers.has(one.id) ? one : { ...one, freeTasks: 0 }));
}

function pays(savedUsd: number, lostUsd: number): boolean {
  return savedUsd > margin * lostUsd;
}

function isBusy(node: NodeRecord | undefined): boolean {
  return node !== undefined && node.assigned.length > 0;
}

function isBeingEmptied({ state, assigned, drain }: NodeRecord): boolean {
  return (
    assigned.some((one) => one.withdrawn !== null)
    || (state === 'draining' && drain?.by === 'consolidation' && assigned.length > 0)
  );
}

/** What is stopped there starts elsewhere by itself: neither a part of a gang, nor a task that has to be alone. */
function isMovable(node: NodeRecord, copy: WorkingCopy): boolean {
  if (!isAtWork(node) || copy.node(node.id) !== node || nodeCalmAtMs(node, copy.seen) > copy.nowMs) return false;
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

function moveOf(node: NodeRecord, lives: Lives, copy: WorkingCopy): Move {
  const staysMs = staysFor(node, lives);
  const lostMs = node.assigned.reduce(
    (sum, one) => sum + (lives.unsavedMs(one) + restartMs) * shareOf(one.resources, node.allocatable),
    0,
  );
  const usdPerMs = node.priceUsdPerHour / hourMs;
  const saidUsd = node.assigned.reduce(
    (sum, { requestId }) => sum + (copy.request(requestId)?.spec.disruption?.costUsd ?? 0),
    0,
  );
  return { node, savedUsd: staysMs * usdPerMs, lostUsd: lostMs * usdPerMs + saidUsd, saidUsd };
}

function staysFor({ assigned }: NodeRecord, lives: Lives): number {
  return assigned.reduce((most, one) => Math.max(most, lives.remainingMs(one)), 0);
}

/** Of the node, by what the task takes most of. */
function shareOf(size: Resources, whole: Resources): number {
  const part = (key: keyof Resources): number => (whole[key] > 0 ? size[key] / whole[key] : 0);
  return Math.max(part('cpuMilli'), part('memoryMib'), part('gpu'));
}

/** Said without the engine: most nodes of a full pool are not worth its time. */
function mayFit({ id, assigned }: NodeRecord, takers: readonly Bin[]): boolean {
  const others = takers.filter((one) => one.id !== id);
  return (
    fits(sumResources(assigned.map((one) => one.resources)), sumResources(others.map(({ free }) => free)))
    && assigned.every((one) => others.some(({ free }) => fits(one.resources, free)))
  );
}

/** Its tasks as if they waited; those with volumes stay in their zone. */
function demandOn(node: NodeRecord, copy: WorkingCopy): readonly Demand[] {
  const counts = new Map<string, number>();
  for (const { requestId } of node.assigned) counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
  return [...counts].flatMap(([id, count]) => {
    const record = copy.request(id);
    if (!record) return [];
    const demand = demandFor(record, count);
    const zone = record.spec.mounts === undefined ? {} : { zone: [node.zone] };
    return [{ ...demand, requirements: { ...demand.requirements, ...zone } }];
  });
}

/** What nodes cost longer that take its tasks, which begin anew; null: they do not take all. */
function longerUseUsd({ assigned }: NodeRecord, plan: AllocationPlan, lives: Lives, copy: WorkingCopy): number | null {
  if (plan.unplaced.length > 0 || plan.launches.length > 0) return null;
  const wholeMs = new Map<string, number>();
  for (const one of assigned)
    wholeMs.set(
      one.requestId,
      Math.max(wholeMs.get(one.requestId) ?? 0, lives.unsavedMs(one) + lives.remainingMs(one)),
    );
  return plan.placements.reduce((sum, { binId, tasks }) => {
    const taker = copy.node(binId);
    if (!taker) return sum;
    const newMs = tasks.reduce((most, { demandId }) => Math.max(most, wholeMs.get(demandId) ?? 0), 0);
    return sum + (Math.max(0, newMs - staysFor(taker, lives)) * taker.priceUsdPerHour) / hourMs;
  }, 0);
}

function reasonOf({ node, savedUsd, lostUsd, saidUsd }: Move, longerUsd: number): string {
  const said = saidUsd === 0 ? '' : `, ${usd(saidUsd)} USD that its tasks say a stop costs`;
  const tasks = node.assigned.length === 1 ? 'its task fits' : `its ${String(node.assigned.length)} tasks fit`;
  return (
    `${tasks} on other nodes: that saves ${usd(savedUsd)} USD, for ${usd(lostUsd - saidUsd)} USD of work that is done `
    + `again${said} and ${usd(longerUsd)} USD of longer use of the others`
  );
}

function usd(amount: number): string {
  return amount === 0 || amount >= 0.01 ? amount.toFixed(2) : amount.toPrecision(1);
}
