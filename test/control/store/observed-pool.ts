// A pool that ticks keep a copy of, and what they read of the store.
import { expect } from '@jest/globals';
import type { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import type { ControlSettings } from '../../../lib/control/index.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { storeWith } from '../store-with.ts';
import { poolSpec, submission, World } from '../world.ts';

export const copied: Partial<ControlSettings> = { copiedFromRecords: 0, copyLifeMs: 3_600_000, listedSettleMs: 1_000 };

/** What was read of the store since it was last emptied: the partitions, without their pool and shard. */
class Reads {
  readonly all: string[] = [];

  take(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const pk of this.all.splice(0)) counts[pk] = (counts[pk] ?? 0) + 1;
    return counts;
  }
}

export interface Given {
  readonly world: World;
  readonly reads: Reads;
  readonly store: MemoryStore;
}

export function observed(own: Partial<ControlSettings> = {}): Given {
  const world = new World({ settings: { ...copied, ...own } });
  const reads = new Reads();
  const store = world.ports.store as MemoryStore;
  const note = (pk: string, count: number): void => {
    for (let n = 0; n < count; n += 1) reads.all.push(pk.split('#')[0] ?? '');
  };
  replaceStore(world, {
    get: (key) => (note(key.pk, 1), store.get(key)),
    getMany: (all) => (all.forEach((key) => note(key.pk, 1)), store.getMany(all)),
    query: async <T>(options: Parameters<Store['query']>[0]) => {
      const page = await store.query<T>(options);
      note(options.pk, page.items.length);
      return page;
    },
    indexKeys: async (index, options) => {
      const page = await store.indexKeys(index, options);
      note(options.pk, page.keys.length);
      return page;
    },
  });
  return { world, reads, store };
}

export function replaceStore(world: World, own: Partial<Store>): void {
  Object.assign(world.ports, { store: storeWith(world.ports.store, own) });
}

/** A pool whose nodes run so many tasks, which the process has a copy of. */
export async function running(given: Given, tasks: number): Promise<void> {
  const { world, reads } = given;
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  for (let n = 0; n < tasks; n += 1) await world.control.submit(submission({}, `task-${String(n)}`));
  await world.run(60);
  expect(nodesOf(given).flatMap((node) => node.assigned)).toHaveLength(tasks);
  await tick(world);
  reads.take();
}

export async function tick(world: World): Promise<void> {
  world.nowMs += 1_000;
  await wake(world);
  await world.control.runTick('default');
}

/** As any event of EC2 does. */
export async function wake(world: World): Promise<void> {
  await world.control.handleInstanceEvent({
    kind: 'rebalance-recommendation',
    instanceId: 'i-0',
    pool: 'default',
    atMs: world.nowMs,
  });
}

export function nodesOf({ store }: Given): readonly NodeRecord[] {
  return [...store.allItems()]
    .filter((item) => item.pk === keys.nodes('default'))
    .map((item) => item.data as NodeRecord);
}

export function rowOf({ store }: Given, id: string): RequestRecord {
  return store.peek(keys.request(id))?.data as RequestRecord;
}

export function entriesOf({ store }: Given): number {
  return [...store.allItems()].filter((item) => item.pk.startsWith('CHANGES#')).length;
}
