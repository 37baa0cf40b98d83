// What EC2 had no capacity for, kept with the pool's history (core/forecast/shortages.ts): an item for each hour in
// which something was refused, written behind the memory that the refusal goes to.
import { hourMs, withShortages } from '../../core/forecast/shortages.ts';
import type { Shortage, ShortageHour } from '../../core/forecast/shortages.ts';
import type { CapacityMemory } from '../../core/plan/capacity-memory.ts';
import { isNarrow, isShortage } from '../../core/plan/capacity-memory.ts';
import type { ControlPorts } from '../ports.ts';
import type { PoolItem } from '../requests/pools.ts';
import { historyDaysOf } from '../tick/scaling/demand-history.ts';
import { keys } from './keys.ts';
import { update } from './store-retry.ts';

const dayMs = 86_400_000;

/** What is newly refused for want of capacity in the memory after EC2's answers. */
function newShortages(before: CapacityMemory, after: CapacityMemory, nowMs: number): readonly Shortage[] {
  return Object.entries(after.refusals).flatMap(([offering, refusal]) => {
    const { untilMs, code } = refusal;
    const isNew = untilMs > nowMs && before.refusals[offering]?.untilMs !== untilMs;
    return isNew && isNarrow(offering) && isShortage(refusal) ? [{ fromMs: nowMs, untilMs, offering, code }] : [];
  });
}

/** A history and no ledger: who stops between the memory's write and this one leaves a shortage out of it. */
export async function noteShortages(
  ports: ControlPorts,
  { data: { spec } }: PoolItem,
  before: CapacityMemory,
  after: CapacityMemory,
): Promise<void> {
  const nowMs = ports.clock.nowMs();
  const [days, added] = [historyDaysOf(spec), newShortages(before, after, nowMs)];
  if (days === 0 || added.length === 0) return;
  const atMs = Math.floor(nowMs / hourMs) * hourMs;
  const key = keys.shortages(spec.name, atMs);
  await update<ShortageHour>(ports, key, (current) => {
    const data = withShortages(current?.data ?? null, added);
    return data && { ...key, data, expiresAtMs: atMs + days * dayMs };
  });
}
