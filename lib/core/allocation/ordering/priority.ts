// Higher priority first, then arrival. A level of priority of which nothing is placed while others are, gets a turn
// from time to time: whoever waits is served, and a long backlog of a low level stands before nobody.
import { requirementsKey } from '../../values/requirements.ts';
import type { AllocationInput, Demand } from '../types.ts';
import { byArrival } from './fifo.ts';
import type { Order, Turn } from './order.ts';

/** A level that waits and got nothing for this long has a turn: of each shape the oldest task, before all others. */
export const turnAfterMs = 600_000;

/** So many shapes of a level have a turn at once. */
const shapesPerTurnMax = 8;

/** Levels of priority are told apart by this; in a pool with fair shares each tenant has its own. */
export function levelKey({ tenant, priority }: Pick<Demand, 'tenant' | 'priority'>, isByTenant: boolean): string {
  return isByTenant ? `${String(priority)} ${tenant}` : String(priority);
}

export const priority: Order = (input) => byPriority(input.demand, input, false);

export function byPriority(
  demand: readonly Demand[],
  { passedOver = {}, nowMs }: Pick<AllocationInput, 'passedOver' | 'nowMs'>,
  isByTenant: boolean,
): Turn[] {
  const sorted = [...demand].sort((a, b) => b.priority - a.priority || byArrival(a, b));
  const levels = new Map<string, { readonly sinceMs: number; readonly shapes: Map<string, Demand> }>();
  if (Object.keys(passedOver).length > 0) {
    for (const one of sorted) {
      const key = levelKey(one, isByTenant);
      const sinceMs = Object.hasOwn(passedOver, key) ? passedOver[key] : undefined;
      if (sinceMs === undefined || sinceMs + turnAfterMs > nowMs) continue;
      const level = levels.get(key) ?? { sinceMs, shapes: new Map<string, Demand>() };
      const shape = shapeOf(one);
      if (level.shapes.size < shapesPerTurnMax && !level.shapes.has(shape)) level.shapes.set(shape, one);
      levels.set(key, level);
    }
  }
  const first = [...levels]
    .sort(([a, one], [b, other]) => one.sinceMs - other.sinceMs || (a < b ? -1 : 1))
    .flatMap(([, { shapes }]) => [...shapes.values()])
    .map((one): Turn => ({ demand: one, count: one.gang === true ? one.count : 1 }));
  const served = new Map(first.map((turn) => [turn.demand, turn.count]));
  const others = sorted
    .map((one): Turn => ({ demand: one, count: one.count - (served.get(one) ?? 0) }))
    .filter(({ count }) => count > 0);
  return [...first, ...others];
}

function shapeOf({ resources, requirements }: Demand): string {
  const { cpuMilli, memoryMib, gpu } = resources;
  return `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${requirementsKey(requirements)}`;
}

/** So many levels are remembered as passed over. */
export const levelsMax = 100;

/**
 * Since when each level of priority waits and gets nothing. `waiting`: demands of which tasks have no place; `served`:
 * those of which tasks were placed now. Where there is one level alone, nothing is remembered.
 */
export function passedOverAfter(
  { demand, passedOver = {}, nowMs, pool }: Pick<AllocationInput, 'demand' | 'passedOver' | 'nowMs' | 'pool'>,
  waiting: ReadonlySet<string>,
  served: ReadonlySet<string>,
): Readonly<Record<string, number>> {
  if (pool.ordering === 'fifo') return {};
  const levels = new Map<string, { isWaiting: boolean; isServed: boolean }>();
  for (const one of demand) {
    const key = levelKey(one, pool.ordering === 'fair-share');
    const level = levels.get(key) ?? { isWaiting: false, isServed: false };
    level.isWaiting ||= waiting.has(one.id);
    level.isServed ||= served.has(one.id);
    levels.set(key, level);
  }
  if (levels.size < 2) return {};
  const entries = [...levels].flatMap(([key, { isWaiting, isServed }]): [string, number][] => {
    const sinceMs = Object.hasOwn(passedOver, key) ? passedOver[key] : undefined;
    if (isServed || (!isWaiting && sinceMs === undefined)) return [];
    return [[key, sinceMs ?? nowMs]];
  });
  return Object.fromEntries(entries.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).slice(0, levelsMax));
}
