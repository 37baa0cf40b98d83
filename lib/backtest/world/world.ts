// One back-test: the real control code, on ports in this process, in virtual time. Tasks are submitted when the trace
// says so; nodes boot, sync and run them as the behaviour says; meters count what everything cost. Events alone cost
// time: where nothing happens, nothing runs.
import { DirectCloud } from '../../adapters/simulated/direct-cloud.ts';
import { SimulatedCatalog } from '../../adapters/simulated/catalog.ts';
import { ec2Carrier } from '../../adapters/simulated/carrier.ts';
import type { CloudEvent } from '../../adapters/simulated/cloud/events.ts';
import { World as Ec2World } from '../../adapters/simulated/ec2/world.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import type { Change } from '../../adapters/memory/store.ts';
import { SeededRandom } from '../../adapters/simulated/cloud/random.ts';
import { createControl } from '../../control/index.ts';
import type { Control, ControlPorts } from '../../control/index.ts';
import { StaleSyncError } from '../../control/errors.ts';
import { keys } from '../../control/store/keys.ts';
import { allocate } from '../../core/allocation/index.ts';
import { instanceType } from '../../core/catalog/index.ts';
import { tagPool } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { Why } from '../../core/plan/plan.ts';
import type { PoolShadow } from '../../core/costs/shadow/figures.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { RequestRecord, TaskSpec } from '../../core/records/request.ts';
import { isEnd, parseAttemptId } from '../../core/records/request.ts';
import type { AssignedAttempt, SyncReply, SyncRequest } from '../../core/records/sync.ts';
import { offeringId } from '../../core/values/offering.ts';
import { BellowsError } from '../../core/values/errors.ts';
import type { Log } from '../../ports/log.ts';
import { Kernel, epochMs } from '../../simulator/kernel.ts';
import { Stream } from '../../simulator/random.ts';
import { PoolMoney } from '../measure/pool-money.ts';
import { Measures } from '../measure/measures.ts';
import type { Refusal, RunFigures } from '../results.ts';
import { poolOf } from '../traces/pool-of.ts';
import type { Trace, TraceTask } from '../traces/trace.ts';
import type { Behaviour } from './behaviour.ts';
import { doPricesMove } from './weather.ts';
import type { Weather, WeatherChange } from './weather.ts';
import { NodeAgent, savesEveryMs } from './node-agent.ts';
import type { AgentWorld } from './node-agent.ts';
import { Ticks } from './ticks.ts';

export interface WorldOptions {
  readonly trace: Trace;
  readonly pools: readonly PoolSpec[];
  readonly behaviour: Behaviour;
  readonly seed: number;
  /** false: every sync is made, also those without effect. Slow, and for tests: nothing else may change. */
  readonly leavesOutSyncs?: boolean;
  /** Asked now and then; ended tasks of all. */
  readonly onProgress?: (ended: number, tasks: number) => void;
}

/** After the last task could have ended, waiting ones have this long to find a place. */
const cleanEveryMs = 600_000;
const settleMs = 7 * 24 * 3_600_000;
const refusalsShown = 20;
/** From EC2's notice to the end of a spot instance. */
const noticeMs = 120_000;

export class BacktestWorld implements RunFigures {
  readonly kernel = new Kernel();
  readonly measures: Measures;
  readonly ticks: Ticks;
  readonly calls = new Map<string, number>();
  readonly refusals: Refusal[] = [];
  readonly counts = { tasks: 0, refused: 0, ended: 0, failed: 0, syncs: 0, interruptions: 0, warnings: 0, ticks: 0 };
  readonly #options: WorldOptions;
  readonly #store: MemoryStore;
  readonly #ec2: Ec2World;
  readonly #control: Control;
  readonly #agents = new Map<string, NodeAgent>();
  readonly #booting = new Set<string>();
  readonly #taskOf = new Map<string, TraceTask>();
  /** By attempt. */
  readonly #startedAtMs = new Map<string, number>();
  /** By task: of its duration, what its ended attempts have saved. */
  readonly #savedMs = new Map<string, number>();
  readonly #moneys: ReadonlyMap<string, PoolMoney>;
  readonly #boots: SeededRandom;
  /** What the sync under way draws; null: any other use case. */
  #drawOfSync: number | null = null;
  #cloudAtMs = Infinity;
  #cleanedAtMs = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { kernel } = this;
    const { trace, behaviour, seed } = options;
    this.counts.tasks = trace.tasks.reduce((sum, task) => sum + task.count, 0);
    this.measures = new Measures(trace, behaviour.rootVolumeGib);
    this.#moneys = new Map(options.pools.map((pool) => [pool.name, new PoolMoney(pool)]));
    this.#boots = new SeededRandom(`boots ${String(seed)}`);
    const clock = {
      nowMs: () => Math.floor(epochMs + kernel.nowMs),
      monotonicMs: () => Math.floor(kernel.nowMs),
      sleep: (ms: number) => new Promise<void>((resolve) => kernel.after(ms, resolve)),
    };
    this.#store = new MemoryStore({ clock, onChange: (changes) => this.#stored(changes) });
    this.#ec2 = new Ec2World({
      accountId: '000000000002',
      region: 'us-east-1',
      clock,
      options: {
        cloud: {
          seed: String(seed),
          launchMs: behaviour.launchMs,
          shutdownMs: behaviour.shutdownMs,
          describeLagMs: behaviour.describeLagMs,
          spotInterruptionsPerHour: behaviour.weather.interruptionsPerHour,
          spotPriceVariation: behaviour.weather.priceVariation,
          throttles: {},
        },
      },
    });
    const wakes: ControlPorts['bus'] = { wake: (pool) => this.ticks.wake(pool) };
    this.#control = createControl(this.#portsOf(clock, wakes), { ...behaviour.control, templateVersion: '1' });
    this.ticks = new Ticks({ kernel, scheduler: this.#control, ...behaviour });
  }

  /** @throws BellowsError for a pool that cannot be declared; whatever the control code throws. */
  async run(): Promise<void> {
    const { kernel } = this;
    const { pools, trace } = this.#options;
    for (const pool of pools) await this.#control.putPool(pool);
    this.#changeWeatherFrom(0);
    this.#submitFrom(0);
    const lastMs = trace.tasks.reduce((last, task) => Math.max(last, task.submitMs + task.durationMs), 0);
    await kernel.run(
      lastMs + settleMs,
      () => {
        this.#pollCloud();
        this.#cleanStore();
      },
      () => this.#isOver(),
    );
    this.measures.end(kernel.nowMs);
    this.counts.ticks = this.ticks.counts.ticks;
  }

  get weather(): Weather {
    return this.#options.behaviour.weather;
  }

  /** Of each pool that has one: its shadow beside it, up to now. */
  async shadows(): Promise<readonly PoolShadow[]> {
    const all: PoolShadow[] = [];
    for (const { name } of this.#options.pools) {
      const figures = (await this.#control.shadowOfPool(name))?.figures;
      if (figures) all.push({ pool: name, figures });
    }
    return all;
  }

  get unfinished(): number {
    return this.counts.tasks - this.counts.ended - this.counts.refused;
  }

  /** What EC2 bills for all instances, for a check of the meters. */
  get billedUsd(): number {
    return this.#ec2.cloud.billing().spentUsd;
  }

  #isOver(): boolean {
    return this.unfinished === 0 && this.measures.nodesAlive === 0;
  }

  #portsOf(clock: ControlPorts['clock'], bus: ControlPorts['bus']): ControlPorts {
    const ids = new Stream(this.#options.seed, 'ids');
    const draws = new Stream(this.#options.seed, 'draws');
    return {
      store: this.#store,
      cloud: new DirectCloud(
        ec2Carrier(this.#ec2, clock, (action) => this.calls.set(action, (this.calls.get(action) ?? 0) + 1)),
      ),
      catalog: new SimulatedCatalog(clock, doPricesMove(this.weather) ? this.#ec2.cloud.prices : null),
      outputs: {
        uploadUrl: async (attempt) => `output:${attempt}`,
        write: async () => undefined,
        read: async () => null,
      },
      bus,
      bells: this.#bells(),
      events: { publish: async () => undefined },
      clock,
      random: { next: () => this.#drawOfSync ?? draws.next(), id: () => ids.id() },
      log: this.#log(),
      allocate,
    };
  }

  /** None is lost, and those of nodes that are gone are gone with them. */
  #bells(): ControlPorts['bells'] {
    const { behaviour } = this.#options;
    return {
      open: async (id) => `bell of ${id}`,
      ring: async (id) => void this.kernel.after(behaviour.bellMs, () => this.#agents.get(id)?.ring()),
      list: async () => [...this.#agents.keys()],
      close: async () => undefined,
    };
  }

  #log(): Log {
    return {
      write: (level) => {
        if (level === 'warn' || level === 'error') this.counts.warnings += 1;
      },
    };
  }

  // ---- tasks ---------------------------------------------------------------------------------------

  /** One event at a time: a long trace must not fill the queue. */
  #submitFrom(at: number): void {
    const task = this.#options.trace.tasks[at];
    if (task === undefined) return;
    this.kernel.at(task.submitMs, () => {
      this.#submit(task, at).catch((error: unknown) => this.kernel.fail(error));
      this.#submitFrom(at + 1);
    });
  }

  async #submit(task: TraceTask, at: number): Promise<void> {
    const pool = poolOf(task, this.#options.pools);
    if (pool === null) return this.#refused(task, `the variant has no pool ${JSON.stringify(task.pool)}`);
    try {
      const { request } = await this.#control.submit({
        tenant: task.tenant,
        idempotencyKey: `task ${String(at)}`,
        pool: pool.name,
        spec: specOf(task),
        canonicalBody: String(at),
      });
      this.#taskOf.set(request.id, task);
      this.measures.submitted(task, this.kernel.nowMs);
    } catch (error) {
      if (!(error instanceof BellowsError) || error.code === 'assertion_failed') throw error;
      this.#refused(task, error.message);
    }
  }

  #refused({ line, count }: TraceTask, reason: string): void {
    this.counts.refused += count;
    if (this.refusals.length < refusalsShown) this.refusals.push({ line, reason });
  }

  // ---- the market ----------------------------------------------------------------------------------

  /** One event at a time. What is to be at the start is so before anything is submitted. */
  #changeWeatherFrom(at: number): void {
    const change = this.weather.changes[at];
    if (change === undefined) return;
    const act = (): void => {
      this.#changeWeather(change, at);
      this.#changeWeatherFrom(at + 1);
    };
    if (change.atMs <= this.kernel.nowMs) act();
    else this.kernel.at(change.atMs, act);
  }

  #changeWeather(change: WeatherChange, at: number): void {
    const { cloud } = this.#ec2;
    switch (change.kind) {
      case 'price':
        for (const { id } of change.offerings) cloud.prices.set(id, change.usdPerHour);
        return;
      case 'capacity':
        cloud.setCapacity(change.pattern, change.instances);
        return;
      case 'interrupt': {
        const draws = new Stream(this.#options.seed, `weather ${String(at)}`);
        const hit = new Set(change.offerings.map(({ id }) => id));
        for (const { id, state, capacityType, instanceType: type, zone } of cloud.instances()) {
          if (state !== 'running' || capacityType !== 'spot' || !hit.has(offeringId(type, zone, 'spot'))) continue;
          if (draws.next() < change.share) cloud.interrupt(id, noticeMs);
        }
      }
    }
  }

  // ---- what changes --------------------------------------------------------------------------------

  #stored(changes: readonly Change[]): void {
    for (const { key, before, after } of changes) {
      if (key.pk.startsWith('NODES#')) this.#agents.get(key.sk)?.documentChanged();
      else if (key.sk === 'WHY')
        this.measures.reasons.set(key.pk, (after?.data as Why | undefined) ?? { byShape: {} }, this.kernel.nowMs);
      else if (key.sk === 'ROW') this.#rowChanged(before?.data as RequestRecord, after?.data as RequestRecord);
    }
  }

  #rowChanged(before: RequestRecord | undefined, after: RequestRecord | undefined): void {
    if (after === undefined || !isEnd(after.state) || (before !== undefined && isEnd(before.state))) return;
    const { succeeded, failed, cancelled } = after.counts;
    const count = after.spec.count === 1 ? 1 : succeeded + failed + cancelled;
    this.counts.ended += count;
    if (after.state !== 'succeeded') this.counts.failed += count - succeeded;
    const task = this.#taskOf.get(after.id);
    const ran = after.state === 'succeeded' ? count : succeeded;
    this.measures.finished(task, this.kernel.nowMs, task?.count ?? 0, ran);
    this.#options.onProgress?.(this.counts.ended + this.counts.refused, this.counts.tasks);
  }

  /** Of a day's requests most have ended: what is no longer kept is not kept in memory either. */
  #cleanStore(): void {
    if (this.kernel.nowMs < this.#cleanedAtMs + cleanEveryMs) return;
    this.#cleanedAtMs = this.kernel.nowMs;
    this.#store.dropExpired();
  }

  /** Takes what EC2 has done by itself, and comes back when it next does something. */
  #pollCloud(): void {
    const { cloud } = this.#ec2;
    const nowMs = Math.floor(epochMs + this.kernel.nowMs);
    for (const event of cloud.takeEvents(nowMs)) this.#happened(event);
    const nextAtMs = cloud.nextChangeAtMs() ?? Infinity;
    if (nextAtMs === this.#cloudAtMs || nextAtMs === Infinity) return;
    this.#cloudAtMs = nextAtMs;
    this.kernel.at(nextAtMs - epochMs, () => undefined);
  }

  #happened(event: CloudEvent): void {
    const { instanceId } = event;
    const atMs = event.atMs - epochMs;
    if (event.kind === 'interruption-warning') {
      this.counts.interruptions += 1;
      this.measures.taken(instanceId);
      this.#agents.get(instanceId)?.interrupt(event.reclaimAtMs);
    } else if (event.kind === 'state-change') {
      const record = this.#ec2.cloud.record(instanceId);
      if (event.state === 'pending' && record) {
        const money = this.#moneyOf(event.tags[tagPool] ?? '');
        if (!this.measures.startsAgain(instanceId, record, money, atMs)) this.measures.launched(record, money);
      }
      if (event.state === 'running') this.#instanceRuns(instanceId, event.tags[tagPool] ?? '', atMs);
      if (event.state === 'stopping' && record) this.measures.stopping(instanceId, record, atMs);
      if (event.state === 'shutting-down' || event.state === 'terminated' || event.state === 'stopping') {
        this.#booting.delete(instanceId);
        this.#agents.get(instanceId)?.powerOff();
        this.#agents.delete(instanceId);
        if (event.state !== 'stopping') this.measures.ended(instanceId, atMs);
      }
    }
    const pool = event.tags[tagPool];
    if (pool === undefined) return;
    this.kernel.after(this.#options.behaviour.eventMs, () => {
      this.#control
        .handleInstanceEvent({
          kind: event.kind,
          instanceId,
          pool,
          atMs: event.kind === 'interruption-warning' ? event.reclaimAtMs : event.atMs,
        })
        .catch((error: unknown) => this.kernel.fail(error));
    });
  }

  #moneyOf(pool: string): PoolMoney {
    const money = this.#moneys.get(pool);
    if (money === undefined) throw new RangeError(`an instance of a pool that is not known: ${pool}`);
    return money;
  }

  #instanceRuns(id: string, pool: string, atMs: number): void {
    const { behaviour, pools } = this.#options;
    const record = this.#ec2.cloud.record(id);
    const type = record && instanceType(record.instanceType);
    const spec = pools.find((one) => one.name === pool);
    if (!record || !type || !spec) throw new RangeError(`an instance that is not known runs: ${id} of pool ${pool}`);
    this.measures.runs(id, atMs);
    this.#booting.add(id);
    const isStart = this.measures.hasStarted(id);
    this.kernel.at(atMs + this.#boots.drawMs(isStart ? behaviour.startMs : behaviour.bootMs), () => {
      if (!this.#booting.delete(id) || !record.boots) return;
      this.measures.ready(id, this.kernel.nowMs);
      this.#agents.set(id, new NodeAgent(id, pool, type.allocatable, spec.tasksPerNode, this.#agentWorld()));
    });
  }

  #agentWorld(): AgentWorld {
    const { behaviour, seed, leavesOutSyncs = true } = this.#options;
    const { control, networkMs, taskStartMs, uploadMs } = behaviour;
    const { syncBusyMs, syncIdleMs, syncListeningBusyMs, syncListeningIdleMs, decisions } = control;
    return {
      kernel: this.kernel,
      seed,
      pace: {
        networkMs,
        syncBusyMs,
        syncIdleMs,
        syncListeningBusyMs,
        syncListeningIdleMs,
        lastSeenWriteMs: decisions.lastSeenWriteMs,
      },
      taskStartMs,
      uploadMs,
      leavesOutSyncs,
      documentOf: (pool, id) => {
        const item = this.#store.peek(keys.node(pool, id));
        return item === null ? null : { version: item.version, record: item.data as NodeRecord };
      },
      sync: (request, random) => this.#sync(request, random),
      durationMsOf: (attempt) => this.#leftOf(attempt),
      onStarted: (node, attempt) => {
        this.#startedAtMs.set(attempt.attemptId, this.kernel.nowMs);
        this.measures.started(
          node.id,
          attempt,
          this.#knownTask(attempt.requestId),
          this.kernel.nowMs,
          taskNameOf(attempt),
        );
      },
      onEnded: (node, attemptId, isComplete) => {
        this.#ended(attemptId);
        this.measures.stopped(node.id, attemptId, isComplete, this.kernel.nowMs);
      },
    };
  }

  /** Of its duration, what it has not saved yet; without saves all of it. */
  #leftOf(attempt: AssignedAttempt): number {
    return this.#knownTask(attempt.requestId).durationMs - (this.#savedMs.get(taskNameOf(attempt)) ?? 0);
  }

  /** Of one that saves, what it does again is as much as it does between two saves. */
  #ended(attemptId: string): void {
    const about = parseAttemptId(attemptId);
    const startedAtMs = this.#startedAtMs.get(attemptId);
    this.#startedAtMs.delete(attemptId);
    if (about === null || startedAtMs === undefined) return;
    if (this.#taskOf.get(about.requestId)?.disruption !== 'checkpoint') return;
    const name = taskNameOf(about);
    const newMs = Math.max(0, this.kernel.nowMs - startedAtMs - savesEveryMs);
    this.#savedMs.set(name, (this.#savedMs.get(name) ?? 0) + newMs);
  }

  async #sync(request: SyncRequest, random: number): Promise<SyncReply | null> {
    this.counts.syncs += 1;
    this.#drawOfSync = random;
    try {
      return await this.#control.sync(request);
    } catch (error) {
      if (error instanceof StaleSyncError) return null;
      throw error;
    } finally {
      this.#drawOfSync = null;
    }
  }

  #knownTask(requestId: string): TraceTask {
    const task = this.#taskOf.get(requestId);
    if (task === undefined) throw new RangeError(`nobody asked for request ${requestId}`);
    return task;
  }
}

function taskNameOf({ requestId, index }: { readonly requestId: string; readonly index: number }): string {
  return `${requestId}.${String(index)}`;
}

function specOf(task: TraceTask): TaskSpec {
  return {
    type: 'task',
    resources: task.resources,
    run: { kind: 'command', argv: ['trace', String(task.line)] },
    env: {},
    count: task.count,
    timeoutMs: null,
    retries: 0,
    priority: task.priority,
    requirements: task.requirements,
    expectedDurationMs: null,
    deadlineMs: null,
    learningStyle: null,
    ...(task.group === null ? {} : { group: task.group }),
    ...(task.disruption === undefined ? {} : { disruption: { mode: task.disruption } }),
  };
}
