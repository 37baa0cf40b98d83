// What a decision remembers of a pool, and why tasks wait: written when it changes, and in nobody's way.
import type { PoolMemory } from '../../../core/plan/observation.ts';
import type { Why, WhyEntry } from '../../../core/plan/plan.ts';
import { jsonBytes } from '../../../core/values/json-bytes.ts';
import type { ItemKey } from '../../../ports/store.ts';
import { ConditionFailedError, itemBytesMax } from '../../../ports/store.ts';
import type { TickLock } from '../../coordination/lock.ts';
import type { ControlPorts } from '../../ports.ts';
import { sizeOf } from '../../requests/record-size.ts';
import { keys } from '../../store/keys.ts';
import { put, update } from '../../store/store-retry.ts';
import type { Versions } from './records.ts';

interface MemoryContext {
  readonly ports: ControlPorts;
  readonly lock: TickLock;
}

export async function remember(context: MemoryContext, versions: Versions, memory: PoolMemory): Promise<void> {
  try {
    const key = keys.memory(context.lock.pool);
    await put(context.ports, { ...key, data: memory }, versions.of(key));
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    context.ports.log.write('info', 'the pool memory changed meanwhile; the next round decides again', {
      pool: context.lock.pool,
    });
  }
}

/**
 * As much of the explanations as one item of the store takes; the shapes that are left out share one. By name: in which
 * order they are served changes with time alone, and is no news.
 */
function fitting(why: Why, key: ItemKey): Why {
  const all = Object.entries(why.byShape);
  if (jsonBytes(why) + 2_000 <= itemBytesMax) return { ...why, byShape: byName(all) };
  for (let count = all.length; ; count = Math.floor(count / 2)) {
    const left = all.length - count;
    const message =
      `${String(left)} more kinds of tasks wait in this pool than can be explained one by one; its `
      + 'activity and its limits tell what the pool lacks';
    const others: WhyEntry = { code: 'not_explained', message, nextTryAtMs: null, excluded: [] };
    const byShape = byName(all.slice(0, count));
    const part: Why = left === 0 ? { ...why, byShape } : { ...why, byShape, others };
    if (count === 0 || sizeOf({ ...key, data: part }) <= itemBytesMax) return part;
  }
}

function byName(entries: readonly (readonly [string, WhyEntry])[]): Why['byShape'] {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.assign(Object.create(null) as Record<string, WhyEntry>, Object.fromEntries(sorted));
}

export async function explain(context: MemoryContext, whole: Why): Promise<void> {
  const key = keys.why(context.lock.pool);
  const why = fitting(whole, key);
  await update<Why>(context.ports, key, (current) => {
    const isSame = current
      ? JSON.stringify(current.data) === JSON.stringify(why)
      : Object.keys(why.byShape).length === 0
        && [why.headroom, why.warmNodes, why.unseen, why.stops].every((one) => one === undefined);
    return isSame ? null : { ...key, data: why };
  });
}
