// Nodes that a repack does not want. Their tasks all bear a stop, and have room on nodes that run others as they are
// now (delete), or cheaper new nodes carry what these have no room for: one for one (replace), one for several
// (merge), several for one or more (split). They go when what they would still cost is more, by a margin, than what is
// lost and what is paid instead; consolidation-worth.ts has the sums. New nodes are bought first: their launch names
// the nodes that they replace, and these go when the new ones are ready and it still pays.
import type { Allocate, AllocationInput, AllocationPlan, Bin, PlannedLaunch } from '../allocation/types.ts';
import { binsOf } from '../tasks/capacity/bins.ts';
import { withoutBuying } from '../tasks/capacity/capacity-question.ts';
import { Lives, withPredictions } from '../tasks/capacity/predictions.ts';
import { bootMsOf } from '../tasks/capacity/boots.ts';
import { buysOneAtATime } from '../plan/capacity-memory.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { NodeRecord } from '../records/node.ts';
import { replacedMax } from '../records/node.ts';
import type { Resources } from '../values/resources.ts';
import { addResources, fits, noResources, sumResources } from '../values/resources.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { withinBudgets } from './budgets.ts';
import type { Command } from './method.ts';
import { isOff, newDemandOn, poolCalmAtMs, replacedOf, replacementDueAtMs } from './methods/consolidation.ts';
import type { Elsewhere, Move } from './consolidation-worth.ts';
import {
  afterBoot,
  bySaving,
  demandOn,
  elsewhereOf,
  gainOf,
  isMovable,
  moveOf,
  reasonOf,
  together,
  usedShareOf,
} from './consolidation-worth.ts';

/** So many single nodes, the best first, are tried in one decision; and so many in whose place one is bought. */
const triedMax = 8;
const triedForOneMax = 4;
/** Sizes of the sets of nodes that are tried together: of those that others carry, and of those that a new one does. */
const deletedTogether = [2, 4, 8, 16, 32, 64];
const replacedTogether = [2, 4, replacedMax];
/** So many are bought in one decision. */
const boughtMax = 8;
/** Nodes in the place of others cost at most this part of their price: prices move. */
const cheaperPart = 0.85;
/** Of a pool in which no node has booted yet. */
const bootMsDefault = 120_000;

export interface RepackQuestion {
  /** That of the tasks that wait. */
  readonly input: AllocationInput;
  /** Nodes that this decision counts on: they neither go nor take tasks of those that go. */
  readonly wanted: ReadonlySet<string>;
}

export interface Repack {
  /** Nodes that go now. */
  readonly commands: readonly Command[];
  /** Bought now, for the nodes that go when it is ready. */
  readonly purchase: { readonly planned: readonly PlannedLaunch[]; readonly replaces: readonly string[] } | null;
}

interface Search {
  readonly input: AllocationInput;
  readonly copy: WorkingCopy;
  readonly allocate: Allocate;
  readonly lives: Lives;
  readonly bins: readonly Bin[];
  readonly closed: NonNullable<AllocationInput['closed']>;
  /** Bins that may take tasks. */
  readonly takers: ReadonlySet<string>;
  /** As much as came a short time ago stays free: while demand goes on, what is free is filled again. */
  readonly spare: Resources;
}

interface Found {
  readonly move: Move;
  readonly elsewhere: Elsewhere;
  readonly plan: AllocationPlan;
}

/** null: none, or something else is under way that has to be seen first. */
export function repackOf(
  { input, wanted }: RepackQuestion,
  copy: WorkingCopy,
  allocate: Allocate,
  settings: DecisionSettings,
): Repack | null {
  const { seen, nowMs } = copy;
  if (isOff(seen) || seen.launches.length > 0) return null;
  // Tasks that are being stopped will want the room that is free now.
  if ([...copy.nodes()].some(isBeingEmptied)) return null;
  const coming = [...copy.nodes()].filter((node) => replacementDueAtMs(node, seen) !== null);
  if (coming.length === 0 && poolCalmAtMs(seen) > nowMs) return null;
  const { bins, closed = [] } = binsOf(seen, copy, settings);
  const isTaker = ({ id, state, freeTasks, goesAtMs }: Bin): boolean =>
    state === 'ready' && freeTasks > 0 && goesAtMs === undefined && !wanted.has(id);
  // An empty node goes by itself, and one that only boots may never come.
  const takers = new Set(bins.filter((one) => isTaker(one) && isBusy(copy.node(one.id))).map(({ id }) => id));
  const spare = newDemandOn([...copy.nodes()], seen);
  const search: Search = { input, copy, allocate, lives: new Lives(copy), bins, closed, takers, spare };
  const usable = new Set(bins.filter(({ id }) => !wanted.has(id)).map(({ id }) => id));
  if (coming.length > 0)
    return coming.some((node) => node.state === 'launching') ? null : movedTo(coming, usable, search);
  const moves = seen.nodes
    .map(({ record }) => record)
    .filter((node) => usable.has(node.id) && isMovable(node, copy))
    .map((node) => moveOf(node, search.lives, copy))
    .filter((move) => gainOf(move) > 0)
    .sort(bySaving);
  return moves.length === 0 ? null : (deletion(moves, search) ?? purchaseFor(moves, search));
}

/** The best single node that others can do without, and as many more with it as go together. */
function deletion(moves: readonly Move[], search: Search): Repack | null {
  const fitting = moves.filter((move) => mayFit(move, search));
  let first: Move | undefined;
  let best: Found | null = null;
  for (const move of fitting.slice(0, triedMax)) {
    best = withoutPurchase(move, search);
    if (best === null) continue;
    first = move;
    break;
  }
  if (!first || !best) return null;
  const rest = fitting.filter((move) => move !== first);
  const room = roomInBudgets(moves, search.copy);
  for (const count of deletedTogether) {
    if (count > room || count > fitting.length) break;
    const larger = withoutPurchase(together([first, ...rest.slice(0, count - 1)]), search);
    if (larger === null) break;
    best = larger;
  }
  return { commands: commandsFor(best, 'on other nodes'), purchase: null };
}

/** New nodes for one or several, where that saves most. */
function purchaseFor(moves: readonly Move[], search: Search): Repack | null {
  const { copy } = search;
  if (buysOneAtATime(copy.seen.memory)) return null;
  const room = roomInBudgets(moves, copy);
  // What a node has less of than its tasks take is not saved by a smaller one.
  const worthIt = moves.filter((move) => gainOf({ ...move, savedUsd: move.savedUsd * (1 - usedShareOf(move)) }) > 0);
  const sets = [
    ...worthIt.slice(0, triedForOneMax),
    ...replacedTogether.filter((count) => count <= worthIt.length).map((count) => together(worthIt.slice(0, count))),
  ].filter(({ nodes }) => nodes.length <= room);
  const found = sets
    .map((move) => withPurchase(move, search))
    .filter((one) => one !== null)
    .sort((a, b) => gainOf(b.move, b.elsewhere) - gainOf(a.move, a.elsewhere));
  const [best] = found;
  if (!best) return null;
  const replaces = best.move.nodes.map(({ id }) => id);
  const why = reasonOf(best.move, 'on what is bought and on others', best.elsewhere);
  const planned = best.plan.launches.map((launch) => ({
    ...launch,
    reason: `${launch.reason} In the place of ${replaces.join(', ')}: ${why}`,
  }));
  return { commands: [], purchase: { planned, replaces } };
}

/** The nodes that were bought for others are there: these go, if it still pays. */
function movedTo(coming: readonly NodeRecord[], usable: ReadonlySet<string>, search: Search): Repack | null {
  const { copy } = search;
  const ids = new Set(coming.flatMap(({ replaces = [] }) => replaces));
  const moves = copy.seen.nodes
    .map(({ record }) => record)
    .filter((one) => ids.has(one.id) && usable.has(one.id) && isMovable(one, copy, () => -Infinity))
    .map((one) => moveOf(one, search.lives, copy));
  if (moves.length === 0) return null;
  const bought = coming.map(({ id }) => id);
  const withNew: Search = { ...search, takers: new Set([...search.takers, ...bought]), spare: noResources };
  const found = withoutPurchase(together(moves), withNew);
  const where = `on what was bought for that (${bought.join(', ')}) and on others`;
  return found && { commands: commandsFor(found, where), purchase: null };
}

function commandsFor({ move, elsewhere }: Found, where: string): readonly Command[] {
  const reason = reasonOf(move, where, elsewhere);
  return move.nodes.map((node) => ({ node, reason }));
}

function withoutPurchase(move: Move, search: Search): Found | null {
  const { input } = search;
  // Asked before the engine is: under steady demand this alone says no.
  if (!leavesRoom(move, [], search)) return null;
  const plan = planFor(move, withoutBuying(input), search);
  if (plan.launches.length > 0) return null;
  const elsewhere = elsewhereOf(move, plan, 0, search.lives, search.copy);
  return elsewhere !== null && gainOf(move, elsewhere) > 0 ? { move, elsewhere, plan } : null;
}

function withPurchase(move: Move, search: Search): Found | null {
  const { copy, lives, input } = search;
  const whole = planFor(move, sameCapacity(move, input, copy), search);
  const count = whole.launches.reduce((sum, one) => sum + one.count, 0);
  if (count === 0 || count > boughtMax) return null;
  const priceMax = cheaperPart * move.nodes.reduce((sum, node) => sum + copy.unpaidUsdPerHour(node), 0);
  const dearer = priceMax / whole.costUsdPerHour;
  if (dearer < 1) return null;
  // EC2 takes any of the offerings: together they stay below.
  const launches = whole.launches.map((launch) => ({
    ...launch,
    offerings: launch.offerings.filter(
      (one) => one.priceUsdPerHour <= dearer * (launch.offerings[0]?.priceUsdPerHour ?? 0),
    ),
  }));
  const plan = { ...whole, launches };
  if (!leavesRoom(move, launches, search)) return null;
  const bootMs = bootMsOf(copy.seen) ?? bootMsDefault;
  const later = afterBoot(move, bootMs, copy);
  const elsewhere = elsewhereOf(move, plan, bootMs, lives, copy);
  return elsewhere !== null && gainOf(later, elsewhere) > 0 ? { move: later, elsewhere, plan } : null;
}

/** A pool's share on demand is not undone by what is cheaper: on-demand nodes have on-demand ones in their place. */
function sameCapacity({ nodes }: Move, input: AllocationInput, { seen: { pool } }: WorkingCopy): AllocationInput {
  if (pool.onDemand === undefined || nodes.every((one) => one.capacityType === 'spot')) return input;
  return { ...input, offerings: input.offerings.filter((one) => one.capacityType === 'on-demand') };
}

/** The engine's plan for the tasks of these nodes, as if they were not there. */
function planFor(move: Move, input: AllocationInput, { copy, allocate, bins, closed, takers }: Search): AllocationPlan {
  const gone = new Set(move.nodes.map(({ id }) => id));
  const left = bins
    .filter((one) => one.state === 'ready' && !gone.has(one.id))
    // Those that take none of its tasks carry some that count for relations.
    .map((one) => (takers.has(one.id) ? one : { ...one, freeTasks: 0 }));
  const demand = demandOn(move, copy);
  return allocate(withPredictions(copy, { ...input, bins: left, closed, demand, iterations: 0 }));
}

/** Whether so much as came lately has room beside them. */
function leavesRoom({ nodes }: Move, launches: readonly PlannedLaunch[], search: Search): boolean {
  const gone = new Set(nodes.map(({ id }) => id));
  const room = [
    ...takersBeside(gone, search).map(({ free }) => free),
    ...launches.flatMap(({ offerings: [first], count }) =>
      Array.from({ length: count }, () => first?.type.allocatable ?? noResources),
    ),
  ];
  const sizes = nodes.flatMap(({ assigned }) => assigned.map((one) => one.resources));
  return fits(addResources(sumResources(sizes), search.spare), sumResources(room));
}

/** Nodes that may take their tasks: what other tenants have free is none of theirs. */
function takersBeside(gone: ReadonlySet<string>, { bins, takers }: Search): readonly Bin[] {
  const owners = new Set(bins.filter((one) => gone.has(one.id)).map(({ tenant }) => tenant));
  const isTheirs = ({ tenant }: Bin): boolean => tenant === undefined || owners.has(tenant);
  return bins.filter((one) => takers.has(one.id) && !gone.has(one.id) && isTheirs(one));
}

/** How many of them budgets let go at once. */
function roomInBudgets(moves: readonly Move[], copy: WorkingCopy): number {
  const commands = moves
    .flatMap(({ nodes }) => nodes)
    .map((node) => [node.id, { node, by: 'consolidation', reason: '' }] as const);
  return withinBudgets(new Map(commands), [...copy.nodes()], copy.seen).allowed.size;
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

/** Said without the engine: most nodes of a full pool are not worth its time. */
function mayFit({ nodes }: Move, search: Search): boolean {
  const gone = new Set(nodes.map(({ id }) => id));
  const others = takersBeside(gone, search);
  const sizes = nodes.flatMap(({ assigned }) => assigned.map((one) => one.resources));
  return (
    fits(sumResources(sizes), sumResources(others.map(({ free }) => free)))
    && sizes.every((size) => others.some(({ free }) => fits(size, free)))
  );
}

/** Nodes that were bought in the place of others which still run: no other method takes them until they are used. */
export function keptReplacements(copy: WorkingCopy): {
  readonly ids: readonly string[];
  readonly untilMs: number | null;
} {
  const replacements = [...copy.nodes()].flatMap((node) => {
    const untilMs = replacementDueAtMs(node, copy.seen);
    return untilMs === null || replacedOf(node, copy.seen).length === 0 ? [] : [{ id: node.id, untilMs }];
  });
  const untilMs = replacements.reduce((first, one) => Math.min(first, one.untilMs), Infinity);
  return { ids: replacements.map(({ id }) => id), untilMs: untilMs === Infinity ? null : untilMs };
}
