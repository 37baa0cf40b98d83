// Invariant 12: no tenant starves. A task that could run is not passed over again and again by younger tasks of
// the same shape and priority, whoever asked for them.
import type { RequestRecord } from '../../core/request.ts';
import { requirementsKey } from '../../core/requirements.ts';
import { epochMs } from '../kernel.ts';
import type { Truth, Watcher } from '../truth.ts';

const name = '12: no tenant starves';
const waitMaxMs = 20 * 60_000;
const overtakesMax = 25;
/** One decision may place a thousand tasks, one transaction after the other: that is passed over once. */
const decisionMs = 1_000;

export function noStarvation(truth: Truth): Watcher {
  const overtakes = new Map<string, { readonly count: number; readonly atMs: number }>();
  return {
    task(request, was, after) {
      if (after.state !== 'placed' || was?.state === 'placed') return;
      overtakes.delete(request.id);
      const shape = shapeOf(request);
      const placedAtMs = epochMs + truth.nowMs;
      for (const other of truth.requests.values()) {
        if (other.createdAtMs >= request.createdAtMs || other.pool !== request.pool || other.spec.priority < request.spec.priority || shapeOf(other) !== shape) continue;
        if (placedAtMs - other.createdAtMs < waitMaxMs || !isWaiting(truth, other, placedAtMs)) continue;
        const { count: before = 0, atMs = -Infinity } = overtakes.get(other.id) ?? {};
        if (truth.nowMs - atMs < decisionMs) continue;
        const count = before + 1;
        overtakes.set(other.id, { count, atMs: truth.nowMs });
        if (count > overtakesMax) truth.violate(name, `request ${other.id} of ${other.tenant} has waited ${String(Math.round((placedAtMs - other.createdAtMs) / 60_000))} minutes and was passed over ${String(count)} times by younger tasks of its shape, now by ${request.id} of ${request.tenant}`, [other.id, request.id]);
      }
    },
  };
}

function shapeOf({ spec }: RequestRecord): string {
  return `${String(spec.resources.cpuMilli)} ${String(spec.resources.memoryMib)} ${String(spec.resources.gpu)} ${requirementsKey(spec.requirements)}`;
}

/** It has tasks that may be placed now and that nobody wants to stop. */
function isWaiting(truth: Truth, request: RequestRecord, nowMs: number): boolean {
  if (request.cancelRequestedAtMs !== null || request.quarantine !== null || (request.state !== 'pending' && request.state !== 'running')) return false;
  const tasks = truth.tasksOf(request);
  return tasks.length < request.spec.count || tasks.some((task) => task.state === 'pending' && task.notBeforeMs <= nowMs);
}
