// EC2's events name an instance and nothing else: whose it is, is asked of the table. A node has a document of
// its name, one read per pool; the document of a claim's machine has another name, and says which instance it is.
import type { ReadingPorts } from '../../lib/control/ports.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { queryAll } from '../../lib/control/store/store-retry.ts';
import type { MachineRecord } from '../../lib/core/records/machine.ts';
import type { LockRecord } from '../../lib/control/coordination/lock.ts';
import type { PoolRecord } from '../../lib/control/use-cases.ts';

/** Rules see every instance of the account: what others do must not make us read all claims each time. */
const readAgainAfterMs = 2_000;

export class InstancePools {
  readonly #ports: ReadingPorts;
  readonly #machines = new Map<string, string>();
  #readAtMs = -Infinity;

  constructor(ports: ReadingPorts) {
    this.#ports = ports;
  }

  /** null: not an instance of this installation, or one that no record names yet or any more. */
  async poolOf(instanceId: string): Promise<string | null> {
    const pools: string[] = [];
    const warm = new Set<string>();
    const { store, clock } = this.#ports;
    let cursor: string | undefined;
    do {
      const page = await store.query<Partial<PoolRecord>>({ pk: keys.pools, limit: 1_000, cursor });
      pools.push(...page.items.map((item) => item.sk));
      for (const { sk, data } of page.items) if (data.spec?.warm !== undefined) warm.add(sk);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const nodes = await store.getMany(pools.map((pool) => keys.node(pool, instanceId)));
    const ofNode = pools.find((_, at) => nodes[at] !== null);
    if (ofNode !== undefined) return ofNode;
    if (!this.#machines.has(instanceId) && clock.monotonicMs() - this.#readAtMs >= readAgainAfterMs)
      await this.#readMachines(pools, warm);
    return this.#machines.get(instanceId) ?? null;
  }

  async #readMachines(pools: readonly string[], warmPools: ReadonlySet<string>): Promise<void> {
    const { store, clock } = this.#ports;
    this.#readAtMs = clock.monotonicMs();
    const locks = await store.getMany<LockRecord>(pools.map((pool) => keys.lock(pool)));
    this.#machines.clear();
    for (const [at, pool] of pools.entries()) {
      // Before the first tick that saw it, nothing of a request is in EC2.
      const lock = locks[at]?.data;
      if (!lock || (lock.holder === null && (lock.openClaims ?? 0) === 0 && !warmPools.has(pool))) continue;
      const machines = await queryAll<Partial<MachineRecord>>(this.#ports, keys.resources(pool), {
        skPrefix: keys.machinePrefix,
      });
      for (const { data } of machines) if (data.instanceId) this.#machines.set(data.instanceId, pool);
    }
  }
}
