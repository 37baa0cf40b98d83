// Invariant 12: no tenant starves. A task that could run is not passed over again and again by younger tasks of
// the same shape and priority, whoever asked for them. What one tick places is one passing over: it may be a thousand
// tasks, one transaction after the other.
import type { RequestRecord } from '../../../core/records/request.ts';
import { requirementsKey } from '../../../core/values/requirements.ts';
import { epochMs } from '../../kernel.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '12: no tenant starves';
const waitMaxMs = 20 * 60_000;
const overtakesMax = 25;

/** Written by each tick that begins, and by nothing else. */
const fence = /^FENCE#([^ ]+)/;

export function noStarvation(truth: Truth): Watcher {
  const overtakes = new Map<string, { readonly count: number; readonly tick: number }>();
  const ticks = new Map<string, number>();
  return {
    wrote(keys) {
      for (const key of keys) {
        const pool = fence.exec(key)?.[1];
        if (pool !== undefined) ticks.set(pool, (ticks.get(pool) ?? 0) + 1);
      }
    },
    task(request, was, after) {
      if (after.state !== 'placed' || was?.state === 'placed') return;
      overtakes.delete(request.id);
      const shape = shapeOf(request);
      const placedAtMs = epochMs + truth.nowMs;
      const tick = ticks.get(request.pool) ?? 0;
      for (const other of truth.requests.values()) {
        if (
          other.createdAtMs >= request.createdAtMs
          || other.pool !== request.pool
          || other.spec.priority < request.spec.priority
          || shapeOf(other) !== shape
        )
          continue;
        if (placedAtMs - other.createdAtMs < waitMaxMs || !isWaiting(truth, other, placedAtMs)) continue;
        const before = overtakes.get(other.id) ?? { count: 0, tick: -1 };
        if (before.tick === tick) continue;
        const count = before.count + 1;
        overtakes.set(other.id, { count, tick });
        if (count > overtakesMax)
          truth.violate(
            name,
            `request ${other.id} of ${other.tenant} has waited `
              + `${String(Math.round((placedAtMs - other.createdAtMs) / 60_000))} minutes and was passed over `
              + `${String(count)} times by younger tasks of its shape, now by ${request.id} of ${request.tenant}`,
            [other.id, request.id],
          );
      }
    },
  };
}

/** With its relations to others: what is kept apart, or starts at once, may wait where others run. */
export function shapeOf({ spec, tenant }: RequestRecord): string {
  const { resources, requirements, group, spread, affinity, antiAffinity, gang, count } = spec;
  const together = gang === true ? count : 1;
  const all = [group, spread, affinity, antiAffinity];
  const relations = all.every((one) => one === undefined) ? [] : [tenant, ...all];
  return (
    `${String(resources.cpuMilli)} ${String(resources.memoryMib)} ${String(resources.gpu)} `
    + `${requirementsKey(requirements)} ${JSON.stringify([...relations, together])}`
  );
}

/** It has tasks that may be placed now and that nobody wants to stop. */
export function isWaiting(truth: Truth, request: RequestRecord, nowMs: number): boolean {
  if (
    request.cancelRequestedAtMs !== null
    || request.quarantine !== null
    || (request.state !== 'pending' && request.state !== 'running')
  )
    return false;
  const tasks = truth.tasksOf(request);
  return (
    tasks.length < request.spec.count || tasks.some((task) => task.state === 'pending' && task.notBeforeMs <= nowMs)
  );
}
