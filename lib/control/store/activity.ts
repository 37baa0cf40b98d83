// What a pool did and why: written once per fact, in the write that makes the fact.
import type { NodeRecord } from '../../core/records/node.ts';
import type { PutItem, Write } from '../../ports/store.ts';
import { keys } from './keys.ts';
import type { ControlPorts } from '../ports.ts';
import type { ActivityRecord } from '../use-cases.ts';

const keepActivityMs = 7 * 24 * 3_600_000;

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
