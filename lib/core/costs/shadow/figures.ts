// A shadow beside its pool, for people.
import type { PoolSpec } from '../../records/pool.ts';
import { hasFloor } from '../../scaling/alarms.ts';
import { withEnds } from './advance.ts';
import { withEnded, withPresent } from './bill.ts';
import { shadowSpec } from './policy.ts';
import type { LiveNode, ShadowRecord, ShadowSums, ShadowTask } from './record.ts';
import { meanWaitMs, waitAt } from './waits.ts';

export interface ShadowSide {
  readonly usd: number;
  readonly spotUsd: number;
  readonly usdPerHour: number;
  readonly nodes: number;
  readonly launches: number;
  readonly ends: number;
  readonly moves: number;
  /** Tasks that were submitted since, and have had a place. */
  readonly started: number;
  /** That wait now. */
  readonly waiting: number;
  /** null: none has started. */
  readonly waits: { readonly meanMs: number; readonly p50Ms: number; readonly p95Ms: number } | null;
}

export interface ShadowFigures {
  readonly sinceMs: number;
  /** Up to then both sides are counted. */
  readonly untilMs: number;
  /** null: it goes on. */
  readonly stopped: { readonly reason: string; readonly againAtMs: number } | null;
  readonly isBootGuessed: boolean;
  readonly cutShort: number;
  readonly live: ShadowSide;
  readonly shadow: ShadowSide;
}

/** By name of the pool. */
export interface PoolShadow {
  readonly pool: string;
  readonly figures: ShadowFigures;
}

/** `pool`: with its shadow. */
export function shadowFigures(stored: ShadowRecord, pool: PoolSpec, nowMs: number): ShadowFigures {
  const { sinceMs, stopped, isBootGuessed, cutShort } = stored;
  const untilMs = stopped?.atMs ?? nowMs;
  const { live, tasks, nodes, sums, requests } = withoutIdle(withEnds(stored, untilMs), pool, untilMs);
  const open = tasks.filter(({ request }) => (requests[request]?.createdAtMs ?? Infinity) <= untilMs);
  const side = (own: ShadowSums, there: readonly Omit<LiveNode, 'id'>[], waiting: number): ShadowSide => {
    const { usd, spotUsd, launches, ends, moves, waits } = withPresent(own, there, sinceMs, untilMs);
    const [meanMs, p50Ms, p95Ms] = [meanWaitMs(waits), waitAt(waits, 0.5), waitAt(waits, 0.95)];
    return {
      ...{ usd, spotUsd, launches, ends, moves, waiting, nodes: there.length, started: waits.count },
      usdPerHour: there.reduce((sum, one) => sum + one.priceUsdPerHour, 0),
      waits: meanMs === null || p50Ms === null || p95Ms === null ? null : { meanMs, p50Ms, p95Ms },
    };
  };
  return {
    ...{ sinceMs, untilMs, isBootGuessed, cutShort },
    stopped: stopped === undefined ? null : { reason: stopped.reason, againAtMs: stopped.againAtMs },
    live: side(live.sums, live.nodes, open.filter((one) => one.livePlacedAtMs === null && one.tookMs === null).length),
    shadow: side(sums, nodes, open.filter(isWaiting).length),
  };
}

function isWaiting({ node, isOver }: ShadowTask): boolean {
  return node === null && isOver !== true;
}

/** Where no tick has come since, nodes have gone that were idle for long enough: the next tick finds the same. */
function withoutIdle(record: ShadowRecord, own: PoolSpec, untilMs: number): ShadowRecord {
  const pool = shadowSpec(own, own.shadow ?? {});
  if (hasFloor(pool) || pool.learningStyle !== 'reactive') return record;
  const busy = new Set(record.tasks.map((one) => one.node));
  let { sums } = record;
  const nodes = record.nodes.filter((node) => {
    const goesMs = Math.max(node.emptySinceMs ?? 0, node.readyAtMs) + pool.idleAfterMs;
    if (busy.has(node.id) || goesMs >= untilMs || record.tasks.some(isWaiting)) return true;
    sums = withEnded(sums, node, record.sinceMs, goesMs);
    return false;
  });
  return { ...record, nodes, sums };
}
