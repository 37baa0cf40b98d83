// What a node's price is split into: each attempt pays for its share of the node (node-share.ts). Where the shares of
// all are more than a whole (one asks for CPU, the other for memory), each pays so much less. A node's document
// carries a meter: what a whole share has cost since the node is there, up to the last change of its tasks. An attempt
// costs its share of what the meter moved on while it was there, whatever came and went beside it.
import type { Assignment, NodeRecord } from '../records/node.ts';
import { shareOf } from './node-share.ts';

type Metered = Pick<NodeRecord, 'meter' | 'createdAtMs' | 'priceUsdPerHour' | 'assigned' | 'allocatable'>;

/** Whole numbers of this add up exactly, and lie close together in a stored record. */
export const nanoPerUsd = 1e9;

/** Nano-USD that so long a time costs. */
export function nanoUsdOf(usdPerHour: number, ms: number): number {
  return Math.round((Math.max(0, ms) / 3_600_000) * usdPerHour * nanoPerUsd);
}

/** What a whole share has cost until now. */
export function meterAt(node: Metered, nowMs: number): number {
  const { atMs, nanoUsd } = node.meter ?? { atMs: node.createdAtMs, nanoUsd: 0 };
  const sum = node.assigned.reduce((shares, one) => shares + shareOf(one, node.allocatable), 0);
  return nanoUsd + Math.round(nanoUsdOf(node.priceUsdPerHour, nowMs - atMs) / Math.max(1, sum));
}

/** Before tasks come or go: what follows is shared otherwise. */
export function withMeter(node: NodeRecord, nowMs: number): NodeRecord {
  return { ...node, meter: { atMs: Math.max(nowMs, node.meter?.atMs ?? 0), nanoUsd: meterAt(node, nowMs) } };
}

/** What an attempt on the node has cost since its meter stood there. */
export function shareNanoUsd(node: Metered, one: Assignment, fromNanoUsd: number, nowMs: number): number {
  return Math.max(0, Math.round(shareOf(one, node.allocatable) * (meterAt(node, nowMs) - fromNanoUsd)));
}
