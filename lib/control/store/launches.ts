// The open launches of a pool, of nodes and of machines: one partition, read in one query.
import type { LaunchRecord, MachineLaunch, NodeLaunch } from '../../core/records/launch.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';
import type { Versioned } from '../../core/plan/observation.ts';
import type { Item } from '../../ports/store.ts';
import type { ReadingPorts } from '../ports.ts';
import { keys } from './keys.ts';
import { queryAll, reading, versioned } from './store-retry.ts';

export interface OpenLaunches {
  readonly nodes: readonly Versioned<NodeLaunch>[];
  readonly machines: readonly Versioned<MachineLaunch>[];
  /** Ids of those whose record cannot be read. */
  readonly unreadable: readonly string[];
}

function isReadable(item: Item<LaunchRecord>): boolean {
  return 'request' in item.data;
}

export async function readLaunches(ports: ReadingPorts, pool: string): Promise<OpenLaunches> {
  const items = await queryAll<LaunchRecord>(ports, keys.launches(pool));
  const nodes: Versioned<NodeLaunch>[] = [];
  const machines: Versioned<MachineLaunch>[] = [];
  for (const item of items.filter(isReadable)) {
    const { record, version } = versioned(item);
    if (isNodeLaunch(record)) nodes.push({ record, version });
    else machines.push({ record, version });
  }
  return { nodes, machines, unreadable: items.filter((item) => !isReadable(item)).map((item) => item.sk) };
}

/** null: it is settled, or cannot be read. */
export async function readLaunch(ports: ReadingPorts, pool: string, id: string): Promise<Item<LaunchRecord> | null> {
  const item = await reading(ports, () => ports.store.get<LaunchRecord>(keys.launch(pool, id)));
  return item && isReadable(item) ? item : null;
}
