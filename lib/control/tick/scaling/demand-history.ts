// The demand of a pool over time (core/forecast/history.ts): the last thing that a tick does. Written where something
// changed, at most once a minute unless demand rises; an hour's end moves it to the older parts.
import type { Curve, DemandHistory, HistoryLevel } from '../../../core/forecast/history.ts';
import {
  closedHour,
  historyDaysDefault,
  historyLevels,
  lastDemand,
  withSample,
} from '../../../core/forecast/history.ts';
import type { Observation } from '../../../core/plan/observation.ts';
import type { PoolSpec } from '../../../core/records/pool.ts';
import { forecastDemand, notedDemand } from '../../../core/scaling/demand-now.ts';
import { forecastsOwn } from '../../../core/tasks/capacity/learning/styles.ts';
import { earliest } from '../../../core/plan/decide-tasks.ts';
import type { Resources } from '../../../core/values/resources.ts';
import { assert } from '../../../core/values/errors.ts';
import type { Item, Write } from '../../../ports/store.ts';
import type { TickLock } from '../../coordination/lock.ts';
import { withFence } from '../../coordination/lock.ts';
import type { ControlPorts, ReadingPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { queryAll, reading, transact } from '../../store/store-retry.ts';

export function historyDaysOf({ historyDays = historyDaysDefault }: Pick<PoolSpec, 'historyDays'>): number {
  return historyDays;
}

/** When the next sample is due though nothing happens; null: none is. @throws FencedError */
export async function keepDemand(ports: ControlPorts, lock: TickLock, seen: Observation): Promise<number | null> {
  if (historyDaysOf(seen.pool) === 0 || seen.isPoolDeleting) return null;
  const dueMs = await keepCurve(ports, lock, seen, notedDemand(seen), false);
  if (!forecastsOwn(seen, seen.nowMs)) return dueMs;
  return earliest(dueMs, await keepCurve(ports, lock, seen, forecastDemand(seen), true));
}

async function keepCurve(
  ports: ControlPorts,
  lock: TickLock,
  { pool, nowMs }: Observation,
  demand: Resources,
  isOwn: boolean,
): Promise<number | null> {
  const days = historyDaysOf(pool);
  const keyOf = isOwn ? keys.ownHistory : keys.history;
  const key = keyOf(lock.pool, 'open');
  const stored = await reading(ports, () => ports.store.get<Curve>(key));
  const noted = withSample(stored?.data ?? null, demand, nowMs);
  if (noted.kind === 'same') return noted.laterMs;
  if (noted.kind === 'open') {
    const write: Write = { op: 'put', item: { ...key, data: noted.open }, condition: stored?.version ?? 'absent' };
    return (await written(ports, lock, [write])) ? noted.laterMs : againMs(nowMs);
  }
  const items = await readHistory(ports, lock.pool);
  const before = historyOf(items, isOwn);
  if (before.open === null) return againMs(nowMs);
  const closed = closedHour(before, nowMs, days);
  const next = withSample(closed.open, demand, nowMs);
  assert(next.kind !== 'closed', 'an hour that has just begun is over');
  const after = next.kind === 'open' ? { ...closed, open: next.open } : closed;
  const writes = historyLevels.flatMap((level): Write[] => {
    const data = after[level];
    if (data === null || data === before[level]) return [];
    const at = keyOf(lock.pool, level);
    const condition = items.find((one) => one.sk === at.sk)?.version ?? 'absent';
    return [{ op: 'put', item: { ...at, data }, condition }];
  });
  return (await written(ports, lock, writes)) ? next.laterMs : againMs(nowMs);
}

/** A sample that lost to somebody's write is taken a second later. */
function againMs(nowMs: number): number {
  return nowMs + 1_000;
}

function written(ports: ControlPorts, lock: TickLock, writes: readonly Write[]): Promise<boolean> {
  return withFence(lock, (fence) => transact(ports, [fence, ...writes]));
}

export async function readHistory(ports: ReadingPorts, pool: string): Promise<readonly Item<Curve>[]> {
  return queryAll<Curve>(ports, keys.histories(pool));
}

/** As last noted. */
export async function readDemand(ports: ReadingPorts, pool: string): Promise<Resources> {
  const open = await reading(ports, () => ports.store.get<Curve>(keys.history(pool, 'open')));
  return lastDemand({ open: open?.data ?? null });
}

/** `isOwn`: of requests that are forecast though their pool is not. */
export function historyOf(items: readonly Item<Curve>[], isOwn = false): DemandHistory {
  const keyOf = isOwn ? keys.ownHistory : keys.history;
  const of = (level: HistoryLevel): Curve | null => items.find((one) => one.sk === keyOf('', level).sk)?.data ?? null;
  return { open: of('open'), minutes: of('minutes'), fives: of('fives'), hours: of('hours') };
}
