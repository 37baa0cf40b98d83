// What the history of a pool has of a tenant's tasks and of shortages, also where the pool is gone.
import type { ArchivePart } from '../../../core/forecast/archive.ts';
import { hourMs, shortagesIn } from '../../../core/forecast/shortages.ts';
import type { Shortage, ShortageHour } from '../../../core/forecast/shortages.ts';
import type { ControlPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';
import type { ListedPage, PastTasksWish } from '../../use-cases.ts';
import { historyDaysOf } from '../../tick/scaling/demand-history.ts';
import { readPool } from '../pools.ts';

/** Of 256 KB and 1,000 tasks at most; an answer of API Gateway is 6 MB. */
const partsPerPage = 6;
/** Of 500 shortages at most. */
const hoursPerPage = 24;
const dayMs = 86_400_000;

/** null: there is no such pool, and nothing is known of one. @throws InvalidCursorError */
export async function pastTasks(
  ports: ControlPorts,
  name: string,
  { tenant, sinceMs = 0, cursor }: PastTasksWish,
): Promise<ListedPage<ArchivePart> | null> {
  const pool = await readPool(ports, name);
  // What ended after it was accepted is behind it.
  const query = { pk: keys.archives(name), limit: partsPerPage, skFrom: keys.timeText(sinceMs) };
  const page = await reading(ports, () => ports.store.query<ArchivePart>({ ...query, cursor }));
  if (!pool && page.items.length === 0 && cursor === undefined) return null;
  // What was to be kept for longer is no longer shown when the pool keeps less.
  const keptMs = pool ? ports.clock.nowMs() - historyDaysOf(pool.data.spec) * dayMs : 0;
  const kept = page.items.filter((part) => keys.atMsOf(part) >= keptMs);
  const items = kept.map(({ data: { nodes, requests } }) => ({
    nodes,
    requests: requests.filter((one) => one.tenant === tenant && one.createdAtMs >= sinceMs),
  }));
  return { items: eachTaskOnce(items), nextCursor: page.cursor ?? null };
}

/** A sweep that died may have left some tasks to be archived again; what an earlier page has is not known here. */
function eachTaskOnce(parts: readonly ArchivePart[]): readonly ArchivePart[] {
  const shown = new Set<string>();
  const isNew = (key: string): boolean => {
    const before = shown.size;
    return shown.add(key).size > before;
  };
  return parts.map(({ nodes, requests }) => ({
    nodes,
    requests: requests
      .map((one) => ({ ...one, tasks: one.tasks.filter(([index]) => isNew(`${one.id} ${String(index)}`)) }))
      .filter(({ tasks }) => tasks.length > 0),
  }));
}

/** What EC2 had no capacity for, an hour after the other; null as for {@link pastTasks}. @throws InvalidCursorError */
export async function pastShortages(
  ports: ControlPorts,
  name: string,
  { sinceMs = 0, cursor }: Omit<PastTasksWish, 'tenant'>,
): Promise<ListedPage<Shortage> | null> {
  const pool = await readPool(ports, name);
  const skFrom = keys.timeText(Math.floor(sinceMs / hourMs) * hourMs);
  const query = { pk: keys.allShortages(name), limit: hoursPerPage, skFrom };
  const page = await reading(ports, () => ports.store.query<ShortageHour>({ ...query, cursor }));
  if (!pool && page.items.length === 0 && cursor === undefined) return null;
  const items = page.items.flatMap(({ data }) => shortagesIn(data)).filter((one) => one.fromMs >= sinceMs);
  return { items, nextCursor: page.cursor ?? null };
}
