// EC2's events name an instance and nothing else: whose it is, is asked of the table. A node has a document of
// its name, one read per pool; the document of a claim's machine has another name, and says which instance it is.
import type { ReadingPorts } from '../../lib/control/ports.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { queryAll } from '../../lib/control/store/store-retry.ts';
import type { MachineRecord } from '../../lib/core/records/machine.ts';
import type { Moment } from '../../lib/control/coordination/elapsed.ts';
import { elapsedMs, momentOf } from '../../lib/control/coordination/elapsed.ts';
import type { LockRecord } from '../../lib/control/coordination/lock.ts';
import type { PoolRecord } from '../../lib/control/use-cases.ts';

/** Rules see every instance of the account: what others do must not make us read all claims each time. */
const readAgainAfterMs = 2_000;

export class InstancePools {
  readonly #ports: ReadingPorts;
  #machines: ReadonlyMap<string, string> = new Map();
  /** null: never, or it did not succeed. */
  #readAt: Moment | null = null;

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
    const isOld = this.#readAt === null || elapsedMs(clock, this.#readAt) >= readAgainAfterMs;
    if (!this.#machines.has(instanceId) && isOld) await this.#readMachines(pools, warm);
    return this.#machines.get(instanceId) ?? null;
  }

  async #readMachines(pools: readonly string[], warmPools: ReadonlySet<string>): Promise<void> {
    const { store, clock } = this.#ports;
    const readAt = momentOf(clock);
    const found = new Map<string, string>();
    const locks = await store.getMany<LockRecord>(pools.map((pool) => keys.lock(pool)));
    for (const [at, pool] of pools.entries()) {
      // Before the first tick that saw it, nothing of a request is in EC2.
      const lock = locks[at]?.data;
      if (!lock || (lock.holder === null && (lock.openClaims ?? 0) === 0 && !warmPools.has(pool))) continue;
      const machines = await queryAll<Partial<MachineRecord>>(this.#ports, keys.resources(pool), {
        skPrefix: keys.machinePrefix,
      });
      for (const { data } of machines) if (data.instanceId) found.set(data.instanceId, pool);
    }
    // Only now: what was not read to its end says of nobody that he is a stranger.
    [this.#machines, this.#readAt] = [found, readAt];
  }
}
