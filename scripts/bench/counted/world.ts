// The real control code on a store in memory that counts units, the simulated cloud and fake agents, in virtual time at
// the pace of AWS: for benchmarks of what requests and nodes cost.
import { checkUnits, itemBytes, writeUnits } from '../../../lib/adapters/aws/dynamodb/units.ts';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import { SimulatedCatalog } from '../../../lib/adapters/simulated/catalog.ts';
import type { SimulatedCloud } from '../../../lib/adapters/simulated/cloud/cloud.ts';
import { ec2Carrier } from '../../../lib/adapters/simulated/carrier.ts';
import { DirectCloud } from '../../../lib/adapters/simulated/direct-cloud.ts';
import { World as Ec2World } from '../../../lib/adapters/simulated/ec2/world.ts';
import { noBells } from '../../../lib/adapters/system/no-bells.ts';
import { awsSettings, createControl } from '../../../lib/control/index.ts';
import type { Control } from '../../../lib/control/index.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import { awsDecisionSettings } from '../../../lib/core/values/settings.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import type { Item, ItemKey, QueryOptions, Store, Write } from '../../../lib/ports/store.ts';

/** Who writes. */
export const writers = ['submit', 'sync', 'tick', 'sweep'] as const;
export type Writer = (typeof writers)[number];

/** Kinds of records, by the beginning of their partition key. */
export type Units = Record<
  string,
  { table: number; indexes: number; calls: number; readonly by: Partial<Record<Writer, number>> }
>;

export const taskMs = 30_000;
export const pool = 'default';

/** Consistent reads, in units of a begun 4 KB; of a query the sum of its items. */
export interface Reads {
  units: number;
  calls: number;
}

function countedReads(store: MemoryStore, reads: Reads): Pick<Store, 'get' | 'getMany' | 'query'> {
  const read = (items: readonly (Item | null)[], isWhole: boolean): void => {
    const bytes = items.map((item) => (item === null ? 1 : itemBytes(item)));
    const each = bytes.reduce((sum, one) => sum + Math.ceil(one / 4_096), 0);
    const whole = Math.ceil(bytes.reduce((sum, one) => sum + one, 1) / 4_096);
    reads.units += isWhole ? whole : each;
    reads.calls += 1;
  };
  return {
    async get<T>(key: ItemKey) {
      const item = await store.get<T>(key);
      read([item], false);
      return item;
    },
    async getMany<T>(keys: readonly ItemKey[]) {
      const items = await store.getMany<T>(keys);
      read(items, false);
      return items;
    },
    async query<T>(options: QueryOptions) {
      const page = await store.query<T>(options);
      read(page.items, true);
      return page;
    },
  };
}

function countingStore(store: MemoryStore, units: Units, reads: Reads, writer: () => Writer): Store {
  const add = (key: ItemKey, table: number, indexes = 0): void => {
    const [partition = ''] = key.pk.split('#');
    const kind = partition === 'REQUEST' && key.sk !== 'ROW' ? (key.sk.split('#')[0] ?? '') : partition;
    const sum = (units[kind] ??= { table: 0, indexes: 0, calls: 0, by: {} });
    const by = writer();
    sum.by[by] = (sum.by[by] ?? 0) + table + indexes;
    sum.table += table;
    sum.indexes += indexes;
    sum.calls += 1;
  };
  const keyOf = (write: Write): ItemKey => (write.op === 'put' ? write.item : write.key);
  return {
    ...countedReads(store, reads),
    queryIndex: (index, options) => store.queryIndex(index, options),
    indexKeys: (index, options) => store.indexKeys(index, options),
    async put(write) {
      const before = store.peek(write.item);
      try {
        const item = await store.put(write);
        const cost = writeUnits(before, item, false);
        add(item, cost.table, cost.indexes);
        return item;
      } catch (error) {
        if (error instanceof ConditionFailedError) add(write.item, checkUnits(before, false));
        throw error;
      }
    },
    async delete(key, condition) {
      const before = store.peek(key);
      await store.delete(key, condition);
      const cost = writeUnits(before, null, false);
      add(key, cost.table, cost.indexes);
    },
    async transact(writes, writeId) {
      const before = writes.map((write) => store.peek(keyOf(write)));
      try {
        await store.transact(writes, writeId);
      } catch (error) {
        if (error instanceof ConditionFailedError)
          writes.forEach((write, at) => {
            add(keyOf(write), checkUnits(before[at] ?? null, true));
          });
        throw error;
      }
      writes.forEach((write, at) => {
        const key = keyOf(write);
        const cost =
          write.op === 'check'
            ? { table: checkUnits(before[at] ?? null, true), indexes: 0 }
            : writeUnits(before[at] ?? null, store.peek(key), true);
        add(key, cost.table, cost.indexes);
      });
    },
  };
}

export interface WorldOptions {
  /** Whether nodes have bells; without, agents call at the short pauses. */
  readonly hasBells: boolean;
  /** What each task writes; null: nothing comes with its end. */
  readonly output: string | null;
}

export class World {
  nowMs = Date.UTC(2026, 0, 1);
  readonly units: Units = {};
  readonly reads: Reads = { units: 0, calls: 0 };
  /** Of syncs alone. */
  readonly syncReads: Reads = { units: 0, calls: 0 };
  readonly #options: WorldOptions;
  rings = 0;
  readonly control: Control;
  readonly #cloud: SimulatedCloud;
  readonly #agents = new Map<string, { seq: number; nextMs: number; claimed: Map<string, number>; listens: boolean }>();
  readonly #woken = new Set<string>();
  nodeSeconds = 0;
  ticks = 0;
  syncs = 0;
  #ids = 0;
  /** What is not done by this world is done by whoever submits. */
  #writer: Writer = 'submit';

  constructor(options: WorldOptions = { hasBells: true, output: 'done\n' }) {
    this.#options = options;
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    const ec2 = new Ec2World({
      accountId: '000000000001',
      region: 'us-east-1',
      clock,
      options: { cloud: { seed: 'bench', throttles: {} } },
    });
    this.#cloud = ec2.cloud;
    this.control = createControl(
      {
        clock,
        allocate,
        store: countingStore(
          new MemoryStore({ clock, indexLagMs: () => 50 }),
          this.units,
          this.reads,
          () => this.#writer,
        ),
        catalog: new SimulatedCatalog(clock),
        cloud: new DirectCloud(ec2Carrier(ec2, clock)),
        outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
        bus: { wake: async (name) => void this.#woken.add(name) },
        bells: options.hasBells
          ? { ...noBells, open: async (id) => `/bell/${id}`, ring: async (id) => this.#ring(id) }
          : noBells,
        events: { publish: async () => {} },
        // As long as real ids, which are a part of the items' size.
        random: { next: () => 0.5, id: () => String((this.#ids += 1)).padStart(20, '0') },
        log: { write: () => {} },
      },
      {
        ...awsSettings,
        decisions: { ...awsDecisionSettings, allocationIterations: 5 },
        installation: 'bench',
        templateVersion: 'amd64:1,arm64:1',
      },
    );
  }

  async step(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const name of [...this.#woken]) {
      this.#woken.delete(name);
      await this.#tick(name);
    }
    if (Math.floor(this.nowMs / 60_000) !== Math.floor((this.nowMs - ms) / 60_000))
      for (const name of await this.control.duePools()) await this.#tick(name);
    for (const instance of this.#cloud.instances()) {
      if (instance.state !== 'running') continue;
      this.nodeSeconds += ms / 1000;
      await this.#as('sync', () => this.#sync(instance.id));
    }
  }

  async sweep(): Promise<void> {
    await this.#as('sweep', () => this.control.sweep());
  }

  async #tick(name: string): Promise<void> {
    const { ran } = await this.#as('tick', () => this.control.runTick(name));
    if (ran) this.ticks += 1;
  }

  async #as<T>(writer: Writer, work: () => Promise<T>): Promise<T> {
    const before = this.#writer;
    this.#writer = writer;
    try {
      return await work();
    } finally {
      this.#writer = before;
    }
  }

  /** An agent that listens syncs at once. */
  #ring(nodeId: string): void {
    this.rings += 1;
    const agent = this.#agents.get(nodeId);
    if (agent?.listens === true) agent.nextMs = this.nowMs;
  }

  async #sync(nodeId: string): Promise<void> {
    const agent = this.#agents.get(nodeId) ?? { seq: 0, nextMs: 0, claimed: new Map<string, number>(), listens: false };
    this.#agents.set(nodeId, agent);
    const done = [...agent.claimed].filter(([, startedAtMs]) => this.nowMs - startedAtMs >= taskMs);
    // Agents call at once when something ended.
    if (done.length === 0 && this.nowMs < agent.nextMs) return;
    for (const [id] of done) agent.claimed.delete(id);
    agent.seq += 1;
    this.syncs += 1;
    const { output } = this.#options;
    const before = { ...this.reads };
    const reply = await this.control.sync({
      nodeId,
      pool,
      bootId: `boot-${nodeId}`,
      seq: agent.seq,
      ends: done.map(([attemptId, startedAtMs]) => ({
        attemptId,
        outcome: 'exited',
        exitCode: 0,
        message: null,
        startedAtMs,
        endedAtMs: this.nowMs,
        ...(output === null ? {} : { output: { stdout: output, stderr: '', truncated: false } }),
      })),
      ...(agent.listens ? { listens: true as const } : {}),
      onNode: [...agent.claimed].map(([attemptId, startedAtMs]) => ({ attemptId, state: 'running', startedAtMs })),
    });
    this.syncReads.units += this.reads.units - before.units;
    this.syncReads.calls += this.reads.calls - before.calls;
    if (reply.bell !== undefined) agent.listens = true;
    for (const start of reply.start) agent.claimed.set(start.attemptId, this.nowMs);
    agent.nextMs = this.nowMs + (reply.start.length > 0 ? Math.min(1_000, reply.nextSyncMs) : reply.nextSyncMs);
  }
}

export function spec(count: number): TaskSpec {
  return {
    type: 'task',
    resources: { cpuMilli: 500, memoryMib: 512, gpu: 0 },
    run: { kind: 'command', argv: ['convert', 'input.png', '-resize', '640x480', 'output.webp'] },
    env: { BUCKET: 'images', KEY: '2026/01/01/input.png' },
    count,
    timeoutMs: 600_000,
    retries: 2,
    priority: 0,
    requirements: {},
    expectedDurationMs: taskMs,
    deadlineMs: null,
    learningStyle: null,
  };
}
