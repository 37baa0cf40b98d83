// Records of a shadow for example tests, whole and valid: a test says only what matters to it.
import type { LiveNode, ShadowNode, ShadowRecord, ShadowTask } from '../../../../lib/core/costs/shadow/record.ts';
import { noShadow } from '../../../../lib/core/costs/shadow/record.ts';
import { nowMs, resources, smallType } from '../../builders.ts';

export const hourMs = 3_600_000;
/** When the shadow of {@link shadow} began. */
export const sinceMs = nowMs - hourMs;

/** Of the declaration `1`, empty, and an hour old. */
export function shadow(more: Partial<ShadowRecord> = {}): ShadowRecord {
  return { ...noShadow, revision: '1', sinceMs, atMs: nowMs - 1_000, isBootGuessed: false, ...more };
}

/** Waits in both. */
export function shadowTask(request: string, more: Partial<ShadowTask> = {}): ShadowTask {
  return {
    request,
    index: 0,
    livePlacedAtMs: null,
    hasStarted: false,
    tookMs: null,
    node: null,
    placedAtMs: null,
    attempt: 1,
    ...more,
  };
}

/** Of {@link smallType}, ready and empty since the shadow began. */
export function shadowNode(id: string, more: Partial<ShadowNode> = {}): ShadowNode {
  return {
    id,
    instanceType: smallType.name,
    zone: 'za',
    capacityType: 'on-demand',
    priceUsdPerHour: 0.1,
    tasksMax: 10,
    createdAtMs: sinceMs,
    readyAtMs: sinceMs,
    emptySinceMs: sinceMs,
    ...more,
  };
}

export function liveNode(id: string, more: Partial<LiveNode> = {}): LiveNode {
  return { id, capacityType: 'on-demand', priceUsdPerHour: 0.1, createdAtMs: sinceMs, ...more };
}

/** By id, what the shadow keeps of requests that came at this time. */
export function requestsOf(ids: readonly string[], createdAtMs = sinceMs): ShadowRecord['requests'] {
  const spec = { resources, requirements: {}, priority: 0 };
  return Object.fromEntries(ids.map((id) => [id, { tenant: 't', createdAtMs, spec }]));
}
