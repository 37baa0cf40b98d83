// The shadow's own time: from one thing that happens there to the next (a task comes or ends, a node is ready or has
// been idle for long enough), each with a decision of the same code that decides for the pool. No step calls anybody.
import { decide } from '../../plan/decide.ts';
import type { PoolSpec } from '../../records/pool.ts';
import { shadowBootMs } from './absorb.ts';
import { afterDecision } from './apply.ts';
import { stopShadow, withEnded } from './bill.ts';
import type { ShadowWorld } from './observation.ts';
import { shadowObservation } from './observation.ts';
import type { ShadowNode, ShadowRecord, ShadowTask } from './record.ts';
import { shadowNodesMax } from './record.ts';

/** Decisions of a shadow in one tick at most; it goes on with the next tick where it was. */
export const shadowStepsMax = 8;

/** Of these, for looking again at what waits though nothing happened. */
const lookAgainParts = 4;

/** Up to the time of what was seen, as far as steps and time reach. */
export function advance(before: ShadowRecord, world: ShadowWorld): ShadowRecord {
  const untilMs = world.seen.nowMs;
  if (before.stopped !== undefined) return before;
  let record = before;
  for (let steps = 0; steps < shadowStepsMax; steps += 1) {
    if (world.isTooLate()) break;
    const atMs = nextMs(record, world.pool, before.atMs, untilMs);
    record = stepTo(record, atMs, world);
    if (record.stopped !== undefined || atMs >= untilMs) return record;
  }
  return { ...record, cutShort: before.cutShort + 1 };
}

/** The next time at which something happens there, `untilMs` at most. */
function nextMs(record: ShadowRecord, pool: PoolSpec, fromMs: number, untilMs: number): number {
  const { atMs, dueAtMs, nodes, tasks, requests } = record;
  let first = untilMs;
  const consider = (ms: number): void => {
    if (ms > atMs && ms < first) first = ms;
  };
  // However long nothing happened: a few looks, not one a minute.
  if (dueAtMs !== null) consider(Math.max(dueAtMs, atMs + (untilMs - fromMs) / lookAgainParts));
  for (const task of tasks) {
    if (task.isOver === true) continue;
    if (task.node === null) consider(requests[task.request]?.createdAtMs ?? 0);
    else consider(endMs(task, atMs) ?? Infinity);
  }
  for (const node of nodes) {
    consider(node.readyAtMs);
    const emptySinceMs = node.emptySinceMs ?? node.readyAtMs;
    if (!tasks.some((one) => one.node === node.id)) consider(Math.max(emptySinceMs, node.readyAtMs) + pool.idleAfterMs);
  }
  return first;
}

/** When it leaves its node; null: it is not known yet. One that began earlier than in the pool ends as known there. */
function endMs({ placedAtMs, tookMs }: ShadowTask, atMs: number): number | null {
  return placedAtMs === null || tookMs === null ? null : Math.max(atMs, placedAtMs + tookMs);
}

function stepTo(before: ShadowRecord, atMs: number, world: ShadowWorld): ShadowRecord {
  const { settings, terms, allocate, isTooLate, pool } = world;
  const record = withEnds(before, atMs);
  let named = record.named;
  const newId = (): string => `shadow${String((named += 1))}`;
  const seen = shadowObservation(record, atMs, world);
  const decision = decide(seen, settings, { ...terms, newId }, allocate, isTooLate);
  const [culprit] = decision.culprits;
  if (culprit !== undefined)
    return stopShadow(record, `its decision about ${culprit.key} failed: ${culprit.error.slice(0, 500)}`, atMs);
  const after = afterDecision({ ...record, named, atMs }, decision, seen.nodes, {
    tasksMax: pool.tasksPerNode,
    bootMs: shadowBootMs(world.seen),
  });
  return after.nodes.length > shadowNodesMax
    ? stopShadow(after, `it has more than ${String(shadowNodesMax)} nodes`, atMs)
    : after;
}

/** Tasks that have ended by then leave their nodes, and nodes that only waited for that go. */
export function withEnds(before: ShadowRecord, atMs: number): ShadowRecord {
  const ended = new Map<ShadowTask, number>();
  for (const task of before.tasks) {
    const ms = task.node === null ? null : endMs(task, before.atMs);
    if (ms !== null && ms <= atMs) ended.set(task, ms);
  }
  if (ended.size === 0) return before;
  const tasks = before.tasks.filter((one) => !ended.has(one));
  const busy = new Set(tasks.map((one) => one.node));
  let { sums } = before;
  const nodes: ShadowNode[] = [];
  for (const node of before.nodes) {
    const ends = [...ended].filter(([task]) => task.node === node.id).map(([, ms]) => ms);
    if (ends.length === 0 || busy.has(node.id)) nodes.push(node);
    else if (node.drain === undefined) nodes.push({ ...node, emptySinceMs: Math.max(...ends) });
    else sums = withEnded(sums, node, before.sinceMs, Math.max(...ends));
  }
  const used = new Set(tasks.map((one) => one.request));
  const requests = Object.fromEntries(Object.entries(before.requests).filter(([id]) => used.has(id)));
  return { ...before, tasks, nodes, sums, requests };
}
