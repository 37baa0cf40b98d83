// Bugs that tests plant into what is paid for already, and into shadows: capacity reservations and blocks are launched
// into beyond what there is of them, or what a second policy decides has an effect.
import { isNamed } from '../../../lib/core/catalog/commitments.ts';
import type { Commitment, NamedReservation } from '../../../lib/core/catalog/commitments.ts';
import type { FrozenFleet, LaunchRecord } from '../../../lib/core/records/launch.ts';
import { tagLaunch } from '../../../lib/core/records/launch.ts';
import type { PutItem, Write } from '../../../lib/ports/store.ts';
import type { RunPorts, Tampering } from '../../../lib/simulator/run/types.ts';
import { reservedMachines } from './reserved-machines.ts';
import { isLaunch, replacing, rewriting } from '../planted-bugs.ts';
import type { PlantedBug } from '../planted-bugs.ts';
import { reading } from '../planted-protocol-bugs.ts';

/** What pools say of capacity reservations and blocks is read so. */
function readingReservations(change: (one: NamedReservation) => Commitment): Tampering {
  return reading((data) => {
    const { spec } = data as { spec?: { commitments?: readonly Commitment[] } };
    if (!spec?.commitments) return data;
    return {
      ...data,
      spec: { ...spec, commitments: spec.commitments.map((one) => (isNamed(one) ? change(one) : one)) },
    };
  });
}

const isShadows = (write: Write): boolean => write.op === 'put' && write.item.sk === 'SHADOW';

/** Does this with each write of a shadow's record. */
function withEachShadow(change: (writes: readonly Write[], ports: RunPorts) => Promise<readonly Write[]>): Tampering {
  return {
    ports: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        transact: async (writes, writeId) =>
          ports.store.transact(writes.some(isShadows) ? await change(writes, ports) : writes, writeId),
      },
    }),
  };
}

const idOfShadow = 'l-shadow1';

/** What the pool has bought last is called for once more, as its shadow would. */
function launchingForShadows(): Tampering {
  let last: FrozenFleet | null = null;
  const launching = withEachShadow(async (writes, { cloud }) => {
    if (last !== null)
      await cloud.launchFleet(idOfShadow, { ...last, tags: { ...last.tags, [tagLaunch]: idOfShadow } });
    return writes;
  });
  return {
    ports: (ports) => {
      const { cloud } = ports;
      const launchFleet = (token: string, request: FrozenFleet) => {
        last = request;
        return cloud.launchFleet(token, request);
      };
      const planted = launching.ports?.(ports) ?? ports;
      return { ...planted, cloud: replacing(cloud, { launchFleet }) };
    },
  };
}

/** The last launch of the pool is written once more, under an id of its shadow's. */
function writingForShadows(): Tampering {
  let last: PutItem<LaunchRecord> | null = null;
  const noting = rewriting((item) => {
    if (isLaunch(item.data) && item.data.state === 'open') last = item as PutItem<LaunchRecord>;
    return item;
  });
  const writing = withEachShadow(async (writes, ports) => {
    if (last === null) return writes;
    const item = { ...last, sk: idOfShadow, data: { ...last.data, id: idOfShadow } };
    await ports.store.put({ item, condition: 'absent', writeId: ports.random.id() });
    return writes;
  });
  return { ports: (ports) => writing.ports?.(noting.ports?.(ports) ?? ports) ?? ports };
}

export const plantedCapacityBugs: readonly PlantedBug[] = [
  {
    name: 'launch more into a reservation than there is',
    invariants: [27],
    run: { allocation: 'engine' },
    plant: () => readingReservations((one) => ({ ...one, count: one.count + 9 })),
  },
  {
    name: 'launch more machines of claims into a reservation than there is',
    invariants: [27],
    isClaimed: true,
    given: reservedMachines,
    plant: () => readingReservations((one) => ({ ...one, count: one.count + 9 })),
  },
  {
    name: 'launch into a reservation beside its time',
    invariants: [27],
    run: { allocation: 'engine' },
    plant: () => readingReservations(({ fromMs: _from, untilMs: _until, ...one }) => one),
  },
  { name: 'launch what a shadow decides', invariants: [29], run: { allocation: 'engine' }, plant: launchingForShadows },
  { name: 'write what a shadow buys', invariants: [3, 29], run: { allocation: 'engine' }, plant: writingForShadows },
  {
    name: 'write something else with what a shadow decides',
    invariants: [29],
    run: { allocation: 'engine' },
    plant: () =>
      withEachShadow(async (writes, ports) => {
        const memory = writes.find(isShadows);
        if (memory?.op !== 'put') return writes;
        const { pk } = memory.item;
        const known = await ports.store.get({ pk, sk: 'MEMORY' });
        if (known === null) return writes;
        return [...writes, { op: 'put', item: { pk, sk: 'MEMORY', data: known.data }, condition: known.version }];
      }),
  },
];
