// The world around the process that ticks: the store, in which nodes and running tasks were put, and the agents and
// callers who change it.
import { once } from 'node:events';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import { SimulatedCatalog } from '../../../lib/adapters/simulated/catalog.ts';
import { createControl } from '../../../lib/control/index.ts';
import type { Control, ControlPorts } from '../../../lib/control/index.ts';
import { requestItem } from '../../../lib/control/requests/submit.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { schemaVersion } from '../../../lib/core/records/schema.ts';
import { newRequest } from '../../../lib/core/tasks/request-lifecycle.ts';
import type { Item, PutItem } from '../../../lib/ports/store.ts';
import { CountedStore, Counts } from './counted-store.ts';
import { hash, nodeId, nodeOf, pool, portsOf, requestId, settingsOf, spec } from './pool.ts';
import type { Ended, EndOrder, Question, Ticked, TickOrder, TickSettings } from './wire.ts';

export interface Scale {
  readonly nodeCount: number;
  readonly taskCount: number;
  /** Before each tick. */
  readonly ends: number;
  readonly arrivals: number;
  /** Every tick reads everything. */
  readonly isWhole: boolean;
  /** Of the function that ticks; null: as much as it wants. */
  readonly memoryMib: number | null;
}

type Reply = Ticked | Ended;

export type Row = Ticked & { readonly counts: Counts };

/** The process died; what it said is on stderr. */
export class TickDied extends Error {}

const scheduler = fileURLToPath(new URL('scheduler.ts', import.meta.url));
/** So much of its memory Lambda gives to the heap of old objects. */
const heapShare = 0.9;
const plentyMib = 16_384;

export class World {
  nowMs = Date.UTC(2026, 0, 1);
  readonly counted: CountedStore;
  readonly #scale: Scale;
  readonly #memory: MemoryStore;
  readonly #control: Control;
  #process: ChildProcess | null = null;
  #seq = 1;

  constructor(scale: Scale) {
    this.#scale = scale;
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    this.#memory = new MemoryStore({ clock });
    this.counted = new CountedStore(this.#memory);
    this.#control = createControl(this.#portsOf('a'), settingsOf({}));
  }

  #portsOf(idPrefix: string): ControlPorts {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    const catalog = new SimulatedCatalog(clock);
    return portsOf({ clock, store: this.#memory, catalog, idPrefix, instances: () => [] });
  }

  async fill(): Promise<void> {
    const { nodeCount } = this.#scale;
    await this.#control.putPool({
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
    // A first tick, that finds the pool worth a copy: from then on its changes are listed.
    const ports = this.#portsOf('f');
    await createControl(ports, settingsOf({ copiedFromRecords: 0 })).runTick(pool);
    this.#memory.restore([...this.#memory.allItems(), ...this.#running()]);
    this.nowMs += 20_000;
  }

  /** Tasks that run and their nodes, as they are in a store and in its order: none has to be put in between. */
  *#running(): Generator<Item> {
    const { nodeCount, taskCount } = this.#scale;
    const stored = ({ data, index = {}, ...key }: PutItem): Item => ({
      ...{ ...key, version: 1, writeId: 'fill', index, expiresAtMs: null },
      data: { ...(data as object), schemaVersion },
    });
    for (let n = 0; n < taskCount; n += 1) {
      const fields = { id: requestId(n), tenant: 'AppRole', pool, bodyHash: hash(`body ${String(n)}`), spec };
      yield stored(requestItem(newRequest(fields, this.nowMs - 3_600_000 + n), null));
    }
    const nodes: NodeRecord[] = [];
    for (let n = 0; n < nodeCount; n += 1) {
      const tasks: string[] = [];
      for (let task = n; task < taskCount; task += nodeCount) tasks.push(requestId(task));
      nodes.push(nodeOf(n, tasks, this.nowMs));
    }
    for (const node of nodes.sort((a, b) => (a.id < b.id ? -1 : 1)))
      yield stored({ ...keys.node(pool, node.id), data: node });
  }

  /** All nodes are heard of. */
  async heartbeats(): Promise<void> {
    for (let n = 0; n < this.#scale.nodeCount; n += 1) {
      const key = keys.node(pool, nodeId(n));
      const item = this.#memory.peek(key);
      if (!item) throw new Error(`node ${nodeId(n)} is gone`);
      const data = { ...(item.data as object), lastSeenAtMs: this.nowMs };
      await this.#memory.put({ item: { ...key, data }, condition: item.version, writeId: 'heartbeat' });
    }
  }

  /** One task of each of so many nodes ends, and as many others come, in batches of a hundred. */
  async change(): Promise<void> {
    const { nodeCount, ends, arrivals } = this.#scale;
    this.#seq += 1;
    const step = Math.max(1, Math.floor(nodeCount / ends));
    for (let at = 0; at < ends; at += 1) await this.#end(nodeId((at * step + this.#seq) % nodeCount));
    for (let from = 0; from < arrivals; from += 100) {
      const answers = await this.#control.submitBatch(
        Array.from({ length: Math.min(100, arrivals - from) }, (_, at) => ({
          tenant: 'AppRole',
          pool: null,
          idempotencyKey: `arrival-${String(this.#seq)}-${String(from + at)}`,
          spec,
          canonicalBody: String(at),
        })),
      );
      for (const one of answers) if (one instanceof Error) throw one;
    }
  }

  async #end(id: string): Promise<void> {
    const node = this.#memory.peek(keys.node(pool, id))?.data as NodeRecord;
    const [first, ...others] = node.assigned;
    if (!first) throw new Error(`node ${id} has nothing to end; give each more tasks`);
    const times = { startedAtMs: this.nowMs - 10_000, endedAtMs: this.nowMs };
    await this.#control.sync({
      ...{ nodeId: id, pool, bootId: 'boot', seq: node.seq + 1 },
      ends: [{ attemptId: first.attemptId, outcome: 'exited', exitCode: 0, message: null, ...times }],
      onNode: others.map((one) => ({ attemptId: one.attemptId, state: 'running', startedAtMs: this.nowMs - 10_000 })),
    });
  }

  /** By the process that did the last one, or a new one. @throws TickDied */
  async tick(): Promise<Row> {
    const ticking = (this.#process ??= this.#start());
    this.counted.counts = new Counts();
    const ticked = await this.#order(ticking, { kind: 'tick', nowMs: this.nowMs }, 'ticked');
    return { ...ticked, counts: this.counted.counts };
  }

  /** The next tick is another process's, which remembers nothing. Answers what this one keeps of its heap, in MiB. */
  async stop(): Promise<number> {
    const stopped = this.#process;
    if (stopped === null) return 0;
    const { keptMib } = await this.#order(stopped, { kind: 'end' }, 'ended');
    this.#process = null;
    const exited = once(stopped, 'exit');
    stopped.disconnect();
    await exited;
    return keptMib;
  }

  #order<K extends Reply['kind']>(
    to: ChildProcess,
    order: TickOrder | EndOrder,
    kind: K,
  ): Promise<Extract<Reply, { readonly kind: K }>> {
    return new Promise((resolve, reject) => {
      const die = (code: number | null, signal: string | null): void => {
        this.#process = null;
        reject(new TickDied(`the process that ticks died (${String(code ?? signal)})`));
      };
      const take = (message: Question | Reply): void => {
        if (message.kind !== kind) return;
        to.off('message', take).off('exit', die);
        resolve(message as Extract<Reply, { readonly kind: K }>);
      };
      to.on('message', take).on('exit', die);
      to.send(order);
    });
  }

  #start(): ChildProcess {
    const { nodeCount, isWhole, memoryMib } = this.#scale;
    const heapMib = memoryMib === null ? plentyMib : Math.floor(memoryMib * heapShare);
    const settings: TickSettings = { nodeCount, isWhole };
    const started = fork(scheduler, [JSON.stringify(settings)], {
      execArgv: [...process.execArgv, '--expose-gc', `--max-old-space-size=${String(heapMib)}`],
      serialization: 'advanced',
    });
    started.on('message', (message: Question | Reply) => {
      if (message.kind !== 'question') return;
      void this.counted.answer(message).then((answer) => {
        if (started.connected) started.send(answer);
      });
    });
    return started;
  }
}
