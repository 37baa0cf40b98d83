// What requests cost in DynamoDB write units: the real control code on the store in memory, the simulated cloud and a
// fake agent, in virtual time at the pace of AWS. `node scripts/bench/store-writes.ts [requests] [array tasks]`
import { checkUnits, writeUnits } from '../../lib/adapters/aws/dynamodb/units.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { SimulatedCatalog } from '../../lib/adapters/simulated/catalog.ts';
import type { SimulatedCloud } from '../../lib/adapters/simulated/cloud/cloud.ts';
import { ec2Carrier } from '../../lib/adapters/simulated/carrier.ts';
import { DirectCloud } from '../../lib/adapters/simulated/direct-cloud.ts';
import { World as Ec2World } from '../../lib/adapters/simulated/ec2/world.ts';
import { noBells } from '../../lib/adapters/system/no-bells.ts';
import { awsSettings, createControl } from '../../lib/control/index.ts';
import type { Control } from '../../lib/control/index.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { awsDecisionSettings } from '../../lib/core/values/settings.ts';
import { ConditionFailedError } from '../../lib/ports/store.ts';
import type { ItemKey, Store, Write } from '../../lib/ports/store.ts';

/** Kinds of records, by the beginning of their partition key. */
type Units = Record<string, { table: number; indexes: number; calls: number }>;

const taskMs = 30_000;
const pool = 'default';

function countingStore(store: MemoryStore, units: Units): Store {
  const add = (key: ItemKey, table: number, indexes = 0): void => {
    const kind = key.pk.split('#')[0] === 'REQUEST' && key.sk !== 'ROW' ? 'CHUNK' : (key.pk.split('#')[0] ?? '');
    const sum = (units[kind] ??= { table: 0, indexes: 0, calls: 0 });
    sum.table += table;
    sum.indexes += indexes;
    sum.calls += 1;
  };
  const keyOf = (write: Write): ItemKey => (write.op === 'put' ? write.item : write.key);
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    query: (options) => store.query(options),
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

class World {
  nowMs = Date.UTC(2026, 0, 1);
  readonly units: Units = {};
  readonly control: Control;
  readonly #cloud: SimulatedCloud;
  readonly #agents = new Map<string, { seq: number; nextMs: number; claimed: Map<string, number> }>();
  readonly #woken = new Set<string>();
  nodeSeconds = 0;
  syncs = 0;
  #ids = 0;

  constructor() {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    const options = { cloud: { seed: 'bench', throttles: {} } };
    const ec2 = new Ec2World({ accountId: '000000000001', region: 'us-east-1', clock, options });
    this.#cloud = ec2.cloud;
    this.control = createControl(
      {
        clock,
        allocate,
        store: countingStore(new MemoryStore({ clock, indexLagMs: () => 50 }), this.units),
        catalog: new SimulatedCatalog(clock),
        cloud: new DirectCloud(ec2Carrier(ec2, clock)),
        outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
        bus: { wake: async (name) => void this.#woken.add(name) },
        bells: noBells,
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
      await this.control.runTick(name);
    }
    if (Math.floor(this.nowMs / 60_000) !== Math.floor((this.nowMs - ms) / 60_000))
      for (const name of await this.control.duePools()) await this.control.runTick(name);
    for (const instance of this.#cloud.instances()) {
      if (instance.state !== 'running') continue;
      this.nodeSeconds += ms / 1000;
      await this.#sync(instance.id);
    }
  }

  async #sync(nodeId: string): Promise<void> {
    const agent = this.#agents.get(nodeId) ?? { seq: 0, nextMs: 0, claimed: new Map<string, number>() };
    this.#agents.set(nodeId, agent);
    const done = [...agent.claimed].filter(([, startedAtMs]) => this.nowMs - startedAtMs >= taskMs);
    // Agents call at once when something ended.
    if (done.length === 0 && this.nowMs < agent.nextMs) return;
    for (const [id] of done) agent.claimed.delete(id);
    agent.seq += 1;
    this.syncs += 1;
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
      })),
      onNode: [...agent.claimed].map(([attemptId, startedAtMs]) => ({ attemptId, state: 'running', startedAtMs })),
    });
    for (const start of reply.start) agent.claimed.set(start.attemptId, this.nowMs);
    agent.nextMs = this.nowMs + (reply.start.length > 0 ? Math.min(1_000, reply.nextSyncMs) : reply.nextSyncMs);
  }
}

function spec(count: number): TaskSpec {
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

/** Everything from submitting to the last trace, until all requests have left the open ones and all nodes are gone. */
async function play(
  title: string,
  tasks: number,
  most: number,
  submit: (control: Control, world: World) => Promise<void>,
): Promise<boolean> {
  const world = new World();
  await world.control.putPool({
    name: pool,
    requirements: { arch: ['amd64'], instanceCategory: ['c', 'm'] },
    limits: { instances: 20 },
    tasksPerNode: 64,
    maxNodeVcpu: 16,
    ordering: 'fifo',
    placement: 'least-cost',
    learningStyle: 'reactive',
    idleAfterMs: 60_000,
    priority: 0,
    accepts: ['task'],
  });
  const startedMs = world.nowMs;
  await submit(world.control, world);
  for (;;) {
    await world.step(250);
    const {
      requestsByState: { pending, running },
      nodesByState,
    } = await world.control.stats('bench');
    if (pending + running === 0 && Object.values(nodesByState).every((count) => count === 0)) break;
    if (world.nowMs - startedMs > 4 * 3_600_000) throw new Error(`${title}: not over after four hours of its time`);
  }
  const rows = Object.entries(world.units).sort(([, a], [, b]) => b.table + b.indexes - a.table - a.indexes);
  const total = rows.reduce((sum, [, one]) => sum + one.table + one.indexes, 0);
  const perTask = total / tasks;
  process.stdout.write(
    `${title}: ${perTask.toFixed(2)} write units per task `
      + `(${most === Infinity ? 'no limit is set' : `at most ${String(most)}`}${perTask <= most ? '' : ': OVER'}); `
      + `${((world.nowMs - startedMs) / 60_000).toFixed(1)} minutes of its time\n`,
  );
  for (const [kind, { table, indexes, calls }] of rows) {
    process.stdout.write(
      `  ${kind.padEnd(14)} ${((table + indexes) / tasks).toFixed(3).padStart(7)} per task: table `
        + `${String(table)}, indexes ${String(indexes)}, ${String(calls)} writes and checks\n`,
    );
  }
  const nodeHours = world.nodeSeconds / 3600;
  process.stdout.write(
    `  ${String(world.syncs)} syncs in ${nodeHours.toFixed(2)} node-hours; write units of node documents per `
      + `node-hour: ${((world.units['NODES']?.table ?? 0) / nodeHours).toFixed(0)}\n`,
  );
  return perTask <= most;
}

const [requests = 300, arrayTasks = 5_000] = process.argv.slice(2).map(Number);
const body = { tenant: 'AppRole', pool: null };
const verdicts = [
  await play(`${String(requests)} distinct requests in batches of 100`, requests, 6, async (control) => {
    for (let from = 0; from < requests; from += 100) {
      const answers = await control.submitBatch(
        Array.from({ length: Math.min(100, requests - from) }, (_, at) => ({
          ...body,
          idempotencyKey: `key-${String(from + at)}`,
          spec: spec(1),
          canonicalBody: String(at),
        })),
      );
      for (const one of answers) if (one instanceof Error) throw one;
    }
  }),
  await play(
    `${String(requests)} distinct requests one by one, one a second`,
    requests,
    Infinity,
    async (control, world) => {
      for (let at = 0; at < requests; at += 1) {
        await control.submit({
          ...body,
          idempotencyKey: `key-${String(at)}`,
          spec: spec(1),
          canonicalBody: String(at),
        });
        for (let quarter = 0; quarter < 4; quarter += 1) await world.step(250);
      }
    },
  ),
  await play(`an array of ${String(arrayTasks)} tasks`, arrayTasks, 2, async (control) => {
    await control.submit({ ...body, idempotencyKey: 'array', spec: spec(arrayTasks), canonicalBody: 'array' });
  }),
];
if (verdicts.includes(false)) process.exitCode = 1;
