// What nodes of both sides cost: list prices from launch to end, a minute at least, from when the shadow began.
import type { LiveNode, ShadowRecord, ShadowSums } from './record.ts';

const hourMs = 3_600_000;
/** EC2 bills a new instance for so long at least. */
const leastMs = 60_000;

type Priced = Pick<LiveNode, 'capacityType' | 'priceUsdPerHour' | 'createdAtMs'>;

/** What it has cost by then, in USD, of what counts. */
export function costOf({ priceUsdPerHour, createdAtMs }: Priced, sinceMs: number, atMs: number): number {
  const ms = Math.max(0, atMs - Math.max(createdAtMs, sinceMs));
  return (priceUsdPerHour * ms) / hourMs;
}

export function withEnded(sums: ShadowSums, node: Priced, sinceMs: number, atMs: number): ShadowSums {
  const untilMs = node.createdAtMs >= sinceMs ? Math.max(atMs, node.createdAtMs + leastMs) : atMs;
  const usd = costOf(node, sinceMs, untilMs);
  return {
    ...sums,
    usd: sums.usd + usd,
    spotUsd: sums.spotUsd + (node.capacityType === 'spot' ? usd : 0),
    ends: sums.ends + 1,
  };
}

/** So long a shadow that could not go on waits. */
const againAfterMs = 600_000;

/** Its figures up to now stay, and nothing else. */
export function stopShadow(record: ShadowRecord, reason: string, nowMs: number): ShadowRecord {
  const { sinceMs, nodes, sums, live } = record;
  return {
    ...record,
    ...{ requests: {}, tasks: [], nodes: [], dueAtMs: null, atMs: nowMs },
    sums: withPresent(sums, nodes, sinceMs, nowMs),
    live: { nodes: [], sums: withPresent(live.sums, live.nodes, sinceMs, nowMs) },
    stopped: { reason, atMs: nowMs, againAtMs: nowMs + againAfterMs },
  };
}

/** With what nodes have cost that are there. */
export function withPresent(sums: ShadowSums, nodes: readonly Priced[], sinceMs: number, atMs: number): ShadowSums {
  let { usd, spotUsd } = sums;
  for (const node of nodes) {
    const cost = costOf(node, sinceMs, atMs);
    usd += cost;
    if (node.capacityType === 'spot') spotUsd += cost;
  }
  return { ...sums, usd, spotUsd };
}
