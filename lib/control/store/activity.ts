// What a pool did and why, and its running totals: written once per fact, in the write that makes the fact.
import type { Histogram } from '../../core/values/histogram.ts';
import { emptyHistogram } from '../../core/values/histogram.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { PutItem, Write } from '../../ports/store.ts';
import { keys } from './keys.ts';
import type { ControlPorts } from '../ports.ts';
import type { ActivityRecord } from '../use-cases.ts';

const keepActivityMs = 7 * 24 * 3_600_000;

export interface TotalsRecord {
  readonly ended: Readonly<Record<string, number>>;
  readonly launchedNodes: number;
  readonly goneNodes: number;
  readonly spentUsd: number;
  readonly acceptedToPlaced: Histogram;
  readonly placedToRunning: Histogram;
  readonly runningToEnded: Histogram;
}

export const emptyTotals: TotalsRecord = {
  ended: {},
  launchedNodes: 0,
  goneNodes: 0,
  spentUsd: 0,
  acceptedToPlaced: emptyHistogram,
  placedToRunning: emptyHistogram,
  runningToEnded: emptyHistogram,
};

export function activityItem(
  ports: ControlPorts,
  pool: string,
  fields: Partial<ActivityRecord> & Pick<ActivityRecord, 'code' | 'message'>,
): PutItem<ActivityRecord> {
  const atMs = ports.clock.nowMs();
  const data: ActivityRecord = {
    nodeId: null,
    launchId: null,
    instanceType: null,
    zone: null,
    capacityType: null,
    priceUsdPerHour: null,
    ...fields,
    atMs,
  };
  return { ...keys.activity(pool, atMs, ports.random.id()), data, expiresAtMs: atMs + keepActivityMs };
}

export function activityWrite(ports: ControlPorts, pool: string, fields: Parameters<typeof activityItem>[2]): Write {
  return { op: 'put', item: activityItem(ports, pool, fields), condition: 'absent' };
}

export function nodeFields(node: NodeRecord): Partial<ActivityRecord> {
  const { launchId, instanceType, zone, capacityType, priceUsdPerHour } = node;
  return { nodeId: node.id, launchId, instanceType, zone, capacityType, priceUsdPerHour };
}

export function usdSpent(node: Pick<NodeRecord, 'createdAtMs' | 'priceUsdPerHour'>, nowMs: number): number {
  return (Math.max(0, nowMs - node.createdAtMs) / 3_600_000) * node.priceUsdPerHour;
}
