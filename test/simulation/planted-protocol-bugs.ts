// Bugs that tests plant into the protocol of ticks: each is a check that is dropped, an error that is swallowed,
// or a step out of its order. They show only when calls cross, so some runs have more of that.
import { ConditionFailedError } from '../../lib/ports/store.ts';
import type { Item, ItemKey, PutItem, Store, Write } from '../../lib/ports/store.ts';
import type { Commitment } from '../../lib/core/catalog/commitments.ts';
import type { DisruptionBudget } from '../../lib/core/records/pool.ts';
import { noUsage } from '../../lib/core/records/pool.ts';
import { plainAllocate } from '../../lib/simulator/run/plain-allocation.ts';
import type { Tampering } from '../../lib/simulator/run/types.ts';
import { launchesThatCross } from './given/crossing-launches.ts';
import { expiringNodes } from './given/expiring-nodes.ts';
import { fallingDemand } from './given/falling-demand.ts';
import { burstsOnWarmNodes } from './given/warm-nodes.ts';
import { isLaunch, rewriting } from './planted-bugs.ts';
import type { PlantedBug } from './planted-bugs.ts';

export const isStarting = (data: object): boolean => 'assigned' in data && 'state' in data && data.state === 'starting';

function onStore(change: (store: Store) => Partial<Store>): Tampering {
  return { ports: (ports) => ({ ...ports, store: { ...ports.store, ...change(ports.store) } }) };
}

const isPoolCheck = (write: Write): boolean => write.op === 'check' && write.key.pk === 'POOLS';

/** Whoever lost the fence goes on as if the write had happened. */
function swallowingFenceErrors(): Tampering {
  return onStore((store) => ({
    transact: async (writes, writeId) => {
      try {
        await store.transact(writes, writeId);
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || !error.key.pk.startsWith('FENCE#')) throw error;
      }
    },
  }));
}

/** Wakes count as served with the first write after the requests were read. */
function servingWakesAfterReading(): Tampering {
  return {
    ports: (ports) => {
      const { store } = ports;
      let late: Parameters<Store['put']>[0] | null = null;
      const catchUp = async (): Promise<void> => {
        const write = late;
        late = null;
        if (write) await store.put(write);
      };
      const put: Store['put'] = async <T>(write: {
        readonly item: PutItem<T>;
        readonly condition: 'absent' | number;
        readonly writeId: string;
      }): Promise<Item<T>> => {
        const { wanted, served } = write.item.data as { wanted?: number; served?: number };
        if (write.item.pk.startsWith('WAKE#') && wanted === served) {
          late = write;
          const version = Number(write.condition) + 1;
          return { index: {}, expiresAtMs: null, ...write.item, version, writeId: write.writeId };
        }
        await catchUp();
        return store.put(write);
      };
      const transact: Store['transact'] = async (writes, writeId) => {
        await catchUp();
        await store.transact(writes, writeId);
      };
      return { ...ports, store: { ...store, put, transact } };
    },
  };
}

/** What is read of some records is not what is stored. */
export function reading(change: (data: object) => object): Tampering {
  const read = <T>(item: Item<T>): Item<T> => ({ ...item, data: change(item.data as object) as T });
  return onStore((store) => ({
    get: async <T>(key: ItemKey) => {
      const item = await store.get<T>(key);
      return item && read(item);
    },
    query: async <T>(options: Parameters<Store['query']>[0]) => {
      const page = await store.query<T>(options);
      return { ...page, items: page.items.map((item) => read(item)) };
    },
  }));
}

const without = (data: object, key: string): object =>
  Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));

const isNode = (data: object): boolean => 'assigned' in data && 'cordon' in data;
const isLock = (data: object): boolean => 'holder' in data && 'epoch' in data;

/** The same, through whatever it is read. */
function readingAnyhow(change: (data: object) => object): Tampering {
  const read = <T>(item: Item<T>): Item<T> => ({ ...item, data: change(item.data as object) as T });
  const direct = reading(change);
  const others = onStore((store) => ({
    getMany: async <T>(wanted: readonly ItemKey[]) =>
      (await store.getMany<T>(wanted)).map((item) => item && read(item)),
    queryIndex: async <T>(...of: Parameters<Store['queryIndex']>) => {
      const page = await store.queryIndex<T>(...of);
      return { ...page, items: page.items.map((item) => read(item)) };
    },
  }));
  return { ports: (ports) => others.ports?.(direct.ports?.(ports) ?? ports) ?? ports };
}

/** Every task that is read bears a restart; what it said is written back. */
function takingAllForMovable(): Tampering {
  const movable = (data: object): object => {
    const { spec } = data as { spec?: { run?: object; disruption?: object } };
    if (!spec?.run) return data;
    return { ...data, spec: { ...spec, disruption: { mode: 'restart' }, said: spec.disruption ?? null } };
  };
  const asSaid = (data: object): object => {
    const { spec } = data as { spec?: { said?: object | null } };
    if (spec?.said === undefined) return data;
    const rest = without(spec, 'said');
    return { ...data, spec: spec.said === null ? without(rest, 'disruption') : { ...rest, disruption: spec.said } };
  };
  const read = readingAnyhow(movable);
  const write = rewriting((item) => ({ ...item, data: asSaid(item.data as object) }));
  return { ports: (ports) => read.ports?.(write.ports?.(ports) ?? ports) ?? ports };
}

export const plantedProtocolBugs: readonly PlantedBug[] = [
  {
    name: 'forecasts forget the limits',
    invariants: [3],
    hasStyles: true,
    run: { allocation: 'plain' },
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        allocate: (input) => {
          const isForecast = input.demand.some((one) => one.id.startsWith('forecast'));
          return plainAllocate(isForecast ? { ...input, pool: { ...input.pool, limits: {} } } : input);
        },
      }),
    }),
  },
  {
    name: 'buy for a pool that is paused',
    invariants: [18],
    rates: { operatorOrder: 0.5 },
    plant: () => reading((data) => ('spec' in data && 'paused' in data ? without(data, 'paused') : data)),
  },
  {
    name: 'forget the budgets',
    invariants: [11],
    given: expiringNodes,
    plant: () =>
      reading((data) => {
        const { spec } = data as { spec?: { disruption?: object } };
        if (!spec?.disruption) return data;
        return { ...data, spec: { ...spec, disruption: without(spec.disruption, 'budgets') } };
      }),
  },
  {
    name: 'take the windows of budgets for those of another time zone',
    invariants: [11],
    given: expiringNodes,
    plant: () =>
      reading((data) => {
        const { spec } = data as { spec?: { disruption?: { budgets?: readonly DisruptionBudget[] } } };
        const budgets = spec?.disruption?.budgets?.map((one) =>
          one.window === undefined ? one : { ...one, window: { ...one.window, timeZone: 'UTC' } },
        );
        if (!budgets) return data;
        return { ...data, spec: { ...spec, disruption: { ...spec?.disruption, budgets } } };
      }),
  },
  {
    name: 'count more of a commitment than there is',
    invariants: [27],
    run: { allocation: 'engine' },
    plant: () =>
      reading((data) => {
        const { spec } = data as { spec?: { commitments?: readonly Commitment[] } };
        const commitments = spec?.commitments?.map((one) =>
          one.kind === 'savings-plan' ? { ...one, usdPerHour: 9 * one.usdPerHour } : { ...one, count: one.count + 9 },
        );
        return commitments ? { ...data, spec: { ...spec, commitments } } : data;
      }),
  },
  {
    name: 'move tasks that do not bear it',
    invariants: [19],
    given: fallingDemand,
    run: { allocation: 'engine' },
    plant: takingAllForMovable,
  },
  {
    name: 'place on a node that is cordoned',
    invariants: [18],
    rates: { operatorOrder: 0.5 },
    plant: () => reading((data) => (isNode(data) ? without(data, 'cordon') : data)),
  },
  {
    name: "drop the check of the pool's spec version",
    invariants: [3],
    rates: { deploy: 0, limitChange: 1, slowCall: 0.05, pause: 0.01 },
    plant: () =>
      onStore((store) => ({
        transact: (writes, writeId) =>
          store.transact(
            writes.filter((write) => !isPoolCheck(write)),
            writeId,
          ),
      })),
  },
  {
    name: 'take over a lock that is in doubt without raising the fence',
    // 0: or by a tick that finds the note of another under its own epoch.
    invariants: [0, 3, 4, 6, 7],
    // It shows when a tick stands still for longer than it has the lock.
    rates: { pause: 0.03 },
    plant: () => reading((data) => (isLock(data) ? { ...data, isSettled: true } : data)),
  },
  { name: 'take a lost fence for a success', invariants: [17], rates: { pause: 0.02 }, plant: swallowingFenceErrors },
  {
    name: 'close a refused launch while another call may be under way',
    invariants: [3, 4],
    given: launchesThatCross,
    plant: () =>
      rewriting((item) => (isLaunch(item.data) ? { ...item, data: { ...item.data, unheardUntilMs: null } } : item)),
  },
  {
    name: 'do not see what a sweep that died has archived',
    invariants: [25],
    rates: { crashBefore: 0.01, crashAfter: 0.01 },
    plant: () =>
      onStore((store) => ({
        query: (options) => (options.pk.startsWith('ARCHIVE#') ? Promise.resolve({ items: [] }) : store.query(options)),
        put: (write) => {
          const { item, writeId } = write;
          if (!item.pk.startsWith('ARCHIVE#')) return store.put(write);
          return store.put({ ...write, item: { ...item, sk: `${item.sk}-${writeId}` } });
        },
      })),
  },
  {
    name: 'take stopped nodes for nothing of the limits when they start',
    invariants: [3],
    given: burstsOnWarmNodes,
    run: { allocation: 'engine' },
    plant: () =>
      rewriting((item) => {
        const data = item.data as object;
        return isStarting(data) ? { ...item, data: { ...data, reserved: noUsage } } : item;
      }),
  },
  { name: 'serve wakes after reading what they are about', invariants: [16], plant: servingWakesAfterReading },
];
