// What one tick of a large pool reads, writes and costs in CPU time: the real control code on the store in memory, with
// nodes and running tasks put there beforehand, and a cloud that lists them. Once as a tick reads without a copy of its
// pool, and once with one. `node scripts/bench/tick.ts [nodes] [running tasks] [ends] [arrivals] [whole | copy]`
import { itemBytes, writeUnits } from '../../lib/adapters/aws/dynamodb/units.ts';
import { MemoryCompactCopies } from '../../lib/adapters/memory/compact-copies.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { SimulatedCatalog } from '../../lib/adapters/simulated/catalog.ts';
import { noBells } from '../../lib/adapters/system/no-bells.ts';
import { awsSettings, createControl } from '../../lib/control/index.ts';
import type { Control, ControlPorts, ControlSettings } from '../../lib/control/index.ts';
import { requestItem } from '../../lib/control/requests/submit.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { attemptId } from '../../lib/core/records/request.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import { schemaVersion } from '../../lib/core/records/schema.ts';
import { newRequest } from '../../lib/core/tasks/request-lifecycle.ts';
import { awsDecisionSettings } from '../../lib/core/values/settings.ts';
import type { Instance } from '../../lib/ports/cloud.ts';
import type { Item, ItemKey, PutItem, Store } from '../../lib/ports/store.ts';
import type { CompactCopies } from '../../lib/ports/store/compact-copies.ts';

const [nodeCount = 1_000, taskCount = 10_000, ends = 100, arrivals = 100] = process.argv.slice(2).map(Number);
const pool = 'default';
const readUnitUsd = 0.125e-6;
const writeUnitUsd = 0.625e-6;

const bytesOf = new WeakMap<object, number>();

/** Packing an item takes longer than a tick does: each is packed once. */
function itemBytesOf(item: Item): number {
  const data = item.data as object;
  const bytes = bytesOf.get(data) ?? itemBytes(item);
  bytesOf.set(data, bytes);
  return bytes;
}

/** What a tick asked of the store. Sizes are added up afterwards, so that adding them up is not measured. */
class Counts {
  calls = 0;
  indexKeys = 0;
  readonly writes: (() => { readonly table: number; readonly indexes: number })[] = [];
  readonly gets: (Item | null)[] = [];
  readonly pages: (readonly Item[])[] = [];

  get items(): number {
    return this.gets.length + this.pages.reduce((sum, page) => sum + page.length, 0) + this.indexKeys;
  }

  get writeUnits(): number {
    return this.writes.reduce((sum, unitsOf) => {
      const { table, indexes } = unitsOf();
      return sum + table + indexes;
    }, 0);
  }

  /** A unit per begun 4 KB, of each item that is got, and of each page of a query; half a unit in an index. */
  get readUnits(): number {
    const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4_096));
    const gets = this.gets.reduce((sum, item) => sum + (item === null ? 1 : unitsOf(itemBytesOf(item))), 0);
    const pages = this.pages.reduce(
      (sum, page) => sum + unitsOf(page.reduce((bytes, item) => bytes + itemBytesOf(item), 0)),
      0,
    );
    return gets + pages + Math.ceil((this.indexKeys * 160) / 4_096) / 2;
  }
}

/** What ticks leave for processes without a copy. */
class CountingCopies implements CompactCopies {
  reads = 0;
  writes = 0;
  bytes = 0;
  manifests = 0;
  #kept = new MemoryCompactCopies();

  lose(): void {
    this.#kept = new MemoryCompactCopies();
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    if (name.endsWith('/manifest')) this.manifests += 1;
    this.writes += 1;
    this.bytes += bytes.length;
    return this.#kept.write(name, bytes);
  }

  async read(name: string): Promise<Uint8Array | null> {
    const bytes = await this.#kept.read(name);
    this.reads += 1;
    this.bytes += bytes?.length ?? 0;
    return bytes;
  }

  /** Since it was last asked. */
  take(): string {
    const { reads, writes, bytes } = this;
    [this.reads, this.writes, this.bytes] = [0, 0, 0];
    return `copies: ${String(writes)} puts, ${String(reads)} gets, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
  }
}

class CountingStore implements Store {
  counts = new Counts();
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  async get<T>(key: ItemKey): Promise<Item<T> | null> {
    const item = await this.#store.get<T>(key);
    this.counts.calls += 1;
    this.counts.gets.push(item);
    return item;
  }

  async getMany<T>(all: readonly ItemKey[]): Promise<readonly (Item<T> | null)[]> {
    const items = await this.#store.getMany<T>(all);
    this.counts.calls += Math.ceil(all.length / 100);
    for (const item of items) this.counts.gets.push(item);
    return items;
  }

  query: Store['query'] = async <T>(options: Parameters<Store['query']>[0]) => {
    const page = await this.#store.query<T>(options);
    this.counts.calls += 1;
    this.counts.pages.push(page.items);
    return page;
  };

  queryIndex: Store['queryIndex'] = async <T>(...given: Parameters<Store['queryIndex']>) => {
    const page = await this.#store.queryIndex<T>(...given);
    this.counts.calls += 1;
    this.counts.pages.push(page.items);
    return page;
  };

  indexKeys: Store['indexKeys'] = async (...given) => {
    const page = await this.#store.indexKeys(...given);
    this.counts.calls += 1;
    this.counts.indexKeys += page.keys.length;
    return page;
  };

  put: Store['put'] = async (write) => {
    const before = this.#store.peek(write.item);
    const item = await this.#store.put(write);
    this.#wrote(before, item, false);
    return item;
  };

  delete: Store['delete'] = async (key, condition) => {
    const before = this.#store.peek(key);
    await this.#store.delete(key, condition);
    this.#wrote(before, null, false);
  };

  transact: Store['transact'] = async (writes, writeId) => {
    const before = writes.map((one) => this.#store.peek(one.op === 'put' ? one.item : one.key));
    await this.#store.transact(writes, writeId);
    writes.forEach((one, at) => {
      const key = one.op === 'put' ? one.item : one.key;
      this.#wrote(before[at] ?? null, this.#store.peek(key), true);
    });
  };

  #wrote(before: Item | null, after: Item | null, isTransactional: boolean): void {
    this.counts.writes.push(() => writeUnits(before, after, isTransactional));
  }
}

function spec(): TaskSpec {
  return {
    type: 'task',
    resources: { cpuMilli: 500, memoryMib: 512, gpu: 0 },
    run: { kind: 'command', argv: ['convert', 'input.png', '-resize', '640x480', 'output.webp'] },
    env: { BUCKET: 'images', KEY: '2026/01/01/input.png' },
    count: 1,
    timeoutMs: 600_000,
    retries: 2,
    priority: 0,
    requirements: {},
    expectedDurationMs: null,
    deadlineMs: null,
    learningStyle: null,
  };
}

const hex = (n: number, length: number): string =>
  ((n + 1) * 2_654_435_761).toString(16).padStart(length, '0').slice(0, length);
const requestId = (n: number): string => `r-${hex(n, 14)}${String(n).padStart(12, '0')}`;
const nodeId = (n: number): string => `i-${hex(n, 9)}${String(n).padStart(8, '0')}`;

/** Each writes four parts of it. */
const copyTicksMax = 100;

class World {
  nowMs = Date.UTC(2026, 0, 1);
  readonly memory: MemoryStore;
  readonly store: CountingStore;
  readonly copies = new CountingCopies();
  readonly #ports: ControlPorts;
  readonly #settings: ControlSettings;
  control: Control;
  #ids = 0;
  #seq = 1;

  constructor(own: Partial<ControlSettings>) {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    this.memory = new MemoryStore({ clock });
    this.store = new CountingStore(this.memory);
    const unasked = (): Promise<never> => Promise.reject(new Error('nobody asks EC2 for this here'));
    this.#ports = {
      clock,
      allocate,
      store: this.store,
      compactCopies: this.copies,
      catalog: new SimulatedCatalog(clock),
      cloud: {
        list: async () => ({ instances: this.#instances(), volumes: [], snapshots: [], groups: [] }),
        launchFleet: unasked,
        runInstances: unasked,
        terminate: unasked,
        stop: unasked,
        start: unasked,
        createVolume: unasked,
        attach: unasked,
        detach: unasked,
        modify: unasked,
        snapshot: unasked,
        deleteVolume: unasked,
        deleteSnapshot: unasked,
        createGroup: unasked,
        authorize: unasked,
        revoke: unasked,
        setGroups: unasked,
        tag: unasked,
        deleteGroup: unasked,
      },
      outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
      bells: noBells,
      bus: { wake: async () => {} },
      events: { publish: async () => {} },
      random: { next: () => 0.5, id: () => String((this.#ids += 1)).padStart(20, '0') },
      log: {
        write: (level, message, fields) => {
          if (level === 'warn' || level === 'error')
            process.stdout.write(`  ${level}: ${message} ${JSON.stringify(fields ?? {})}\n`);
        },
      },
    };
    this.#settings = {
      ...awsSettings,
      decisions: { ...awsDecisionSettings, allocationIterations: 5 },
      installation: 'bench',
      templateVersion: 'amd64:1,arm64:1',
      ...own,
    };
    this.control = createControl(this.#ports, this.#settings);
  }

  /** Another process: it remembers nothing. */
  restart(): void {
    this.control = createControl(this.#ports, this.#settings);
  }

  async fill(): Promise<void> {
    await this.control.putPool({
      name: pool,
      requirements: { arch: ['amd64'], instanceFamily: ['m7i'] },
      limits: { instances: nodeCount },
      tasksPerNode: 64,
      ordering: 'fifo',
      placement: 'least-cost',
      learningStyle: 'reactive',
      idleAfterMs: 600_000,
      priority: 0,
      accepts: ['task'],
    });
    const put = async (item: PutItem): Promise<void> => {
      const data = { ...(item.data as object), schemaVersion };
      await this.memory.put({ item: { ...item, data }, condition: 'absent', writeId: 'fill' });
    };
    for (let n = 0; n < taskCount; n += 1) {
      const fields = { id: requestId(n), tenant: 'AppRole', pool, bodyHash: hex(n, 64), spec: spec() };
      await put(requestItem(newRequest(fields, this.nowMs - 3_600_000 + n), null));
    }
    for (let n = 0; n < nodeCount; n += 1) {
      const node = this.#node(n);
      await put({ ...keys.node(pool, node.id), data: node });
    }
  }

  #node(n: number): NodeRecord {
    const tasks: number[] = [];
    for (let task = n; task < taskCount; task += nodeCount) tasks.push(task);
    return {
      id: nodeId(n),
      pool,
      launchId: `l-${hex(n % 100, 20)}`,
      specVersion: 1,
      templateVersion: 'amd64:1,arm64:1',
      instanceType: 'm7i.2xlarge',
      zone: 'us-east-1a',
      capacityType: 'on-demand',
      priceUsdPerHour: 0.4032,
      allocatable: { cpuMilli: 7_910, memoryMib: 29_000, gpu: 0 },
      tasksMax: 64,
      reserved: {
        instances: 1,
        vcpu: 8,
        memoryMib: 32_768,
        gpu: 0,
        usdPerHour: 0.4032,
        volumeGib: 0,
      } as NodeRecord['reserved'],
      missingSinceMs: null,
      state: 'ready',
      createdAtMs: this.nowMs - 3_600_000,
      readyAtMs: this.nowMs - 3_500_000,
      bootId: 'boot',
      seq: 1,
      lastSeenAtMs: this.nowMs - (n % 60) * 1_000,
      assigned: tasks.map((task) => ({
        attemptId: attemptId(requestId(task), 0, 1),
        requestId: requestId(task),
        index: 0,
        attempt: 1,
        resources: spec().resources,
        isOffered: true,
        placedAtMs: this.nowMs - 3_000_000,
        startedAtMs: this.nowMs - 2_990_000,
        expectedEndAtMs: null,
        withdrawn: null,
      })),
      emptySinceMs: tasks.length === 0 ? this.nowMs : null,
      drain: null,
      isLost: false,
      terminateAcceptedAtMs: null,
    };
  }

  #instances(): readonly Instance[] {
    return Array.from({ length: nodeCount }, (_, n) => ({
      id: nodeId(n),
      state: 'running' as const,
      instanceType: 'm7i.2xlarge',
      zone: 'us-east-1a',
      capacityType: 'on-demand' as const,
      launchedAtMs: this.nowMs - 3_600_000,
      launchIndex: 0,
      privateIp: null,
      publicIp: null,
      disks: [],
      groupIds: [],
      tags: {},
      stateReason: null,
    }));
  }

  /** Of every fifth node in turn: all are heard of within the time that one may be silent. */
  async heartbeats(turn: number): Promise<void> {
    for (let n = turn % 5; n < nodeCount; n += 5) {
      const key = keys.node(pool, nodeId(n));
      const item = this.memory.peek(key);
      if (!item) throw new Error(`node ${nodeId(n)} is gone`);
      const data = { ...(item.data as object), lastSeenAtMs: this.nowMs };
      await this.memory.put({ item: { ...key, data }, condition: item.version, writeId: 'heartbeat' });
    }
  }

  /** One task of each of so many nodes ends, and as many others come, in batches of a hundred. */
  async change(): Promise<void> {
    this.#seq += 1;
    const step = Math.max(1, Math.floor(nodeCount / ends));
    for (let at = 0; at < ends; at += 1) {
      const id = nodeId((at * step + this.#seq) % nodeCount);
      const node = this.memory.peek(keys.node(pool, id))?.data as NodeRecord;
      const [first, ...others] = node.assigned;
      if (!first) throw new Error(`node ${id} has nothing to end; give each more tasks`);
      await this.control.sync({
        nodeId: id,
        pool,
        bootId: 'boot',
        seq: node.seq + 1,
        ends: [
          {
            attemptId: first.attemptId,
            outcome: 'exited',
            exitCode: 0,
            message: null,
            startedAtMs: this.nowMs - 10_000,
            endedAtMs: this.nowMs,
          },
        ],
        onNode: others.map((one) => ({ attemptId: one.attemptId, state: 'running', startedAtMs: this.nowMs - 10_000 })),
      });
    }
    for (let from = 0; from < arrivals; from += 100) {
      const answers = await this.control.submitBatch(
        Array.from({ length: Math.min(100, arrivals - from) }, (_, at) => ({
          tenant: 'AppRole',
          pool: null,
          idempotencyKey: `arrival-${String(this.#seq)}-${String(from + at)}`,
          spec: spec(),
          canonicalBody: String(at),
        })),
      );
      for (const one of answers) if (one instanceof Error) throw one;
    }
  }
}

interface Row {
  readonly what: string;
  readonly cpuMs: number;
  readonly counts: Counts;
  readonly rounds: number;
  readonly copies: string;
}

async function tick(world: World, what: string): Promise<Row> {
  world.store.counts = new Counts();
  const before = process.cpuUsage();
  const { rounds } = await world.control.runTick(pool);
  const { user, system } = process.cpuUsage(before);
  const { counts } = world.store;
  world.store.counts = new Counts();
  return { what, cpuMs: (user + system) / 1_000, counts, rounds, copies: world.copies.take() };
}

async function play(title: string, own: Partial<ControlSettings>): Promise<void> {
  const world = new World(own);
  await world.fill();
  const rows: Row[] = [];
  rows.push(await tick(world, 'first'));
  world.nowMs += 20_000;
  await world.change();
  await tick(world, 'begins to keep a copy');
  for (const n of [1, 2, 3]) {
    world.nowMs += 2_000;
    await world.change();
    rows.push(await tick(world, `warm ${String(n)}, ${String(ends)} ends and ${String(arrivals)} arrivals`));
  }
  world.nowMs += 60_000;
  const quiet = await tick(world, 'quiet, a minute later');
  rows.push(quiet);
  if (own.copiedFromRecords === undefined) {
    for (let n = 0; world.copies.manifests === 0 && n < copyTicksMax; n += 1) {
      world.nowMs += 20_000;
      await world.heartbeats(n);
      await tick(world, 'writes its copy');
    }
    world.restart();
    world.nowMs += 2_000;
    await world.change();
    rows.push(await tick(world, 'cold, from a compact copy'));
    world.copies.lose();
  }
  world.restart();
  world.nowMs += 2_000;
  await world.change();
  rows.push(await tick(world, 'cold, without one'));
  const memory = process.memoryUsage();
  process.stdout.write(`${title}, ${String(nodeCount)} nodes, ${String(taskCount)} running tasks\n`);
  for (const { what, cpuMs, counts, rounds, copies } of rows) {
    process.stdout.write(
      `  ${what.padEnd(42)} ${cpuMs.toFixed(0).padStart(6)} ms of CPU, ${String(rounds)} rounds, read: `
        + `${String(counts.items).padStart(7)} items (${String(counts.indexKeys)} of them keys of the index) in `
        + `${String(counts.calls)} calls, ${counts.readUnits.toFixed(0)} units; written: `
        + `${String(counts.writes.length)} items, ${String(counts.writeUnits)} units; ${copies}\n`,
    );
  }
  process.stdout.write(
    '  a month of quiet ticks like this one, one a minute (beside heartbeats and what is read anew: docs/cost.md): '
      + `${(quiet.counts.readUnits * 43_800 * readUnitUsd).toFixed(2)} USD of reads, `
      + `${(quiet.counts.writeUnits * 43_800 * writeUnitUsd).toFixed(2)} USD of writes; heap used (with the store `
      + `itself): ${(memory.heapUsed / 2 ** 20).toFixed(0)} MiB\n`,
  );
}

const ways = process.argv[6] ?? 'both';
if (ways !== 'copy') await play('Every tick reads everything', { copiedFromRecords: Infinity });
if (ways !== 'whole') await play('With a copy and a change list', {});
