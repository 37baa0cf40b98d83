// The fleet of a baseline: nodes that boot and are billed as in a back-test's world, a queue of waiting tasks in the
// order of their submission, and a policy that says what to buy and what to release. There is no control plane: a
// baseline places at once, and what it does not know (refusals, lost calls) it does not suffer from.
import { interruptionsPerHour } from '../../adapters/simulated/cloud/lives.ts';
import { Prices } from '../../adapters/simulated/cloud/market/prices.ts';
import { SeededRandom } from '../../adapters/simulated/cloud/random.ts';
import { withDefaults } from '../../core/allocation/requirement-defaults.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Offering } from '../../core/values/offering.ts';
import { requirementsKey, unmetRequirement } from '../../core/values/requirements.ts';
import type { Requirements } from '../../core/values/requirements.ts';
import { addResources, fits, subtractResources } from '../../core/values/resources.ts';
import type { Resources } from '../../core/values/resources.ts';
import { Kernel, epochMs } from '../../simulator/kernel.ts';
import { PoolMoney } from '../measure/pool-money.ts';
import { Measures } from '../measure/measures.ts';
import type { RunFigures } from '../results.ts';
import type { Trace, TraceTask } from '../traces/trace.ts';
import type { Behaviour } from '../world/behaviour.ts';
import { WaitingTasks } from './waiting.ts';
import type { QueuedTask } from './waiting.ts';
import type { Weather } from '../world/weather.ts';

export interface FleetNode {
  readonly id: string;
  readonly offering: Offering;
  readonly createdAtMs: number;
  free: Resources;
  state: 'booting' | 'ready' | 'draining' | 'gone';
  readonly running: Map<string, RunningTask>;
  emptySinceMs: number;
}

/** Tasks that ask for the same. */
export interface Kind {
  readonly resources: Resources;
  readonly requirements: Requirements;
}

export interface RunningTask extends QueuedTask {
  readonly startedAtMs: number;
}

export interface Policy {
  /** The fleet is empty, the trace has not begun. */
  begin(fleet: Fleet): void;
  /** After each change: a submission, an end, a node that came up. Waiting tasks that had room are placed already. */
  changed?(fleet: Fleet): void;
  /** EC2 has taken the node; tasks that ran there wait again. */
  lost?(fleet: Fleet): void;
}

export type Placement = 'first-fit' | 'least-allocated' | 'zones-then-packed';

export interface FleetOptions {
  readonly trace: Trace;
  readonly pool: PoolSpec;
  readonly offerings: readonly Offering[];
  readonly behaviour: Behaviour;
  readonly seed: number;
  readonly policy: Policy;
  readonly placement: Placement;
}

export class Fleet implements RunFigures {
  readonly kernel = new Kernel();
  readonly measures: Measures;
  readonly counts = { tasks: 0, refused: 0, ended: 0, failed: 0, syncs: 0, interruptions: 0, warnings: 0, ticks: 0 };
  readonly refusals: { line: number; reason: string }[] = [];
  readonly calls = new Map<string, number>();
  readonly kinds: Kind[] = [];
  readonly waiting = new WaitingTasks();
  readonly offerings: readonly Offering[];
  readonly tasksPerNode: number;
  readonly #options: FleetOptions;
  readonly #draws: SeededRandom;
  readonly #nodes = new Map<string, FleetNode>();
  readonly #kindOf = new Map<string, number>();
  readonly #accepted = new Map<string, boolean>();
  readonly #money: PoolMoney;
  readonly #prices: Prices;
  #launched = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.measures = new Measures(options.trace, options.behaviour.rootVolumeGib);
    this.offerings = options.offerings;
    this.#prices = new Prices(String(options.seed), options.behaviour.weather.priceVariation);
    this.#money = new PoolMoney(options.pool);
    this.tasksPerNode = options.pool.tasksPerNode;
    this.#draws = new SeededRandom(`baseline ${String(options.seed)}`);
    this.counts.tasks = options.trace.tasks.reduce((sum, task) => sum + task.count, 0);
  }

  get weather(): Weather {
    return this.#options.behaviour.weather;
  }

  get nowMs(): number {
    return this.kernel.nowMs;
  }

  /** Nodes that are there or come, oldest first. */
  get nodes(): readonly FleetNode[] {
    return [...this.#nodes.values()];
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  get unfinished(): number {
    return this.counts.tasks - this.counts.ended - this.counts.refused;
  }

  /** Runs until every task has ended; what is left of the fleet goes then. */
  async run(): Promise<void> {
    const { trace, policy } = this.#options;
    policy.begin(this);
    this.#changeWeatherFrom(0);
    this.#submitFrom(0);
    const lastMs = trace.tasks.reduce((last, task) => Math.max(last, task.submitMs + task.durationMs), 0);
    await this.kernel.run(
      lastMs + 7 * 24 * 3_600_000,
      () => undefined,
      () => this.unfinished === 0,
    );
    for (const node of this.nodes) this.terminate(node);
    this.measures.end(this.nowMs);
  }

  after(ms: number, run: () => void): void {
    this.kernel.after(ms, run);
  }

  every(ms: number, run: () => void): void {
    this.after(ms, () => {
      run();
      this.every(ms, run);
    });
  }

  /** `isThere`: it has booted before the trace begins. */
  launch(offering: Offering, isThere = false): FleetNode {
    const { launchMs, bootMs } = this.#options.behaviour;
    this.#launched += 1;
    const id = `b-${String(this.#launched)}`;
    const node: FleetNode = {
      id,
      offering,
      createdAtMs: this.nowMs,
      free: offering.type.allocatable,
      state: isThere ? 'ready' : 'booting',
      running: new Map(),
      emptySinceMs: this.nowMs,
    };
    this.#nodes.set(id, node);
    const { zone, capacityType, type } = offering;
    const nowMs = epochMs + this.nowMs;
    const priceUsdPerHour = this.#prices.at(type.name, zone, capacityType, nowMs) ?? offering.priceUsdPerHour;
    this.measures.launched({ id, zone, capacityType, priceUsdPerHour, instanceType: type.name }, this.#money);
    if (isThere) {
      this.#runs(node);
      this.measures.ready(id, this.nowMs);
      return node;
    }
    this.after(this.#draws.drawMs(launchMs), () => {
      if (node.state === 'gone') return;
      this.#runs(node);
      this.after(this.#draws.drawMs(bootMs), () => this.#ready(node));
    });
    return node;
  }

  #runs(node: FleetNode): void {
    this.measures.runs(node.id, this.nowMs);
    const { capacityType, type } = node.offering;
    if (capacityType !== 'spot') return;
    const perHour = interruptionsPerHour(this.weather.interruptionsPerHour, type.name);
    if (perHour > 0) this.after(this.#draws.exponentialMs(perHour), () => this.#interrupt(node));
  }

  #interrupt(node: FleetNode): void {
    if (node.state === 'gone') return;
    this.counts.interruptions += 1;
    this.measures.taken(node.id);
    this.terminate(node);
    this.#options.policy.lost?.(this);
    this.place();
  }

  /** Prices and interruptions: a baseline is refused nothing. */
  #changeWeatherFrom(at: number): void {
    const change = this.weather.changes[at];
    if (change === undefined) return;
    this.kernel.at(change.atMs, () => {
      this.#changeWeatherFrom(at + 1);
      const hit = new Set(change.offerings.map(({ id }) => id));
      if (change.kind === 'price') for (const id of hit) this.#prices.set(id, change.usdPerHour);
      if (change.kind !== 'interrupt') return;
      for (const node of this.nodes)
        if (node.offering.capacityType === 'spot' && node.state !== 'booting' && hit.has(node.offering.id))
          if (this.#draws.next() < change.share) this.#interrupt(node);
    });
  }

  /** It takes no more tasks, and goes when it is empty. */
  drain(node: FleetNode): void {
    if (node.state === 'ready') node.state = 'draining';
    if (node.running.size === 0) this.terminate(node);
  }

  /** Tasks that run there begin again elsewhere. */
  terminate(node: FleetNode): void {
    if (node.state === 'gone') return;
    node.state = 'gone';
    this.#nodes.delete(node.id);
    for (const [name, task] of node.running) {
      this.measures.stopped(node.id, name, false, this.nowMs);
      this.waiting.add(task);
    }
    node.running.clear();
    this.measures.ended(node.id, this.nowMs);
  }

  canRun(kind: number, offering: Offering): boolean {
    const key = `${String(kind)} ${offering.id}`;
    const known = this.#accepted.get(key);
    if (known !== undefined) return known;
    const asked = this.kinds[kind];
    const can =
      asked !== undefined
      && fits(asked.resources, offering.type.allocatable)
      && unmetRequirement(asked.requirements, offering) === null;
    this.#accepted.set(key, can);
    return can;
  }

  hasRoom(node: FleetNode, kind: number): boolean {
    const asked = this.kinds[kind];
    return (
      asked !== undefined
      && node.running.size < this.tasksPerNode
      && fits(asked.resources, node.free)
      && this.canRun(kind, node.offering)
    );
  }

  /** Puts waiting tasks where there is room, in the order of their submission; then the policy looks. */
  place(): void {
    this.waiting.takeWhile((one) => {
      const node = this.#nodeFor(one.kind);
      if (node === null) return false;
      this.#start(node, one);
      return true;
    });
    this.#options.policy.changed?.(this);
  }

  #nodeFor(kind: number): FleetNode | null {
    if (this.#options.placement === 'zones-then-packed') return this.#packedNodeFor(kind);
    let best: FleetNode | null = null;
    let bestFree = -1;
    for (const node of this.#nodes.values()) {
      if (node.state !== 'ready' || !this.hasRoom(node, kind)) continue;
      if (this.#options.placement === 'first-fit') return node;
      const { cpuMilli, memoryMib } = node.offering.type.allocatable;
      const free = node.free.cpuMilli / cpuMilli + node.free.memoryMib / memoryMib;
      if (free > bestFree) [best, bestFree] = [node, free];
    }
    return best;
  }

  /** Of the zone in which fewest tasks run the node with the least room. */
  #packedNodeFor(kind: number): FleetNode | null {
    const tasks = new Map<string, number>();
    for (const { offering, running } of this.#nodes.values())
      tasks.set(offering.zone, (tasks.get(offering.zone) ?? 0) + running.size);
    let best: FleetNode | null = null;
    let bestKey: readonly [number, number] = [Infinity, Infinity];
    for (const node of this.#nodes.values()) {
      if (node.state !== 'ready' || !this.hasRoom(node, kind)) continue;
      const key = [tasks.get(node.offering.zone) ?? 0, node.free.cpuMilli] as const;
      if (key[0] < bestKey[0] || (key[0] === bestKey[0] && key[1] < bestKey[1])) [best, bestKey] = [node, key];
    }
    return best;
  }

  #start(node: FleetNode, one: QueuedTask): void {
    const { taskStartMs, networkMs } = this.#options.behaviour;
    const { resources } = one.task;
    const running: RunningTask = { ...one, startedAtMs: this.nowMs };
    node.running.set(one.name, running);
    node.free = subtractResources(node.free, resources);
    this.after(taskStartMs + networkMs, () => {
      if (node.running.get(one.name) !== running) return;
      this.measures.started(node.id, { attemptId: one.name, resources }, one.task, this.nowMs, one.name);
      this.after(one.task.durationMs, () => this.#end(node, running));
    });
  }

  #end(node: FleetNode, running: RunningTask): void {
    if (node.running.get(running.name) !== running) return;
    node.running.delete(running.name);
    node.free = addResources(node.free, running.task.resources);
    this.measures.stopped(node.id, running.name, true, this.nowMs);
    this.counts.ended += 1;
    this.measures.finished(running.task, this.nowMs, 1);
    if (node.running.size === 0) {
      node.emptySinceMs = this.nowMs;
      if (node.state === 'draining') this.terminate(node);
    }
    this.place();
  }

  #ready(node: FleetNode): void {
    if (node.state !== 'booting') return;
    node.state = 'ready';
    node.emptySinceMs = this.nowMs;
    this.measures.ready(node.id, this.nowMs);
    this.place();
  }

  #submitFrom(at: number): void {
    const task = this.#options.trace.tasks[at];
    if (task === undefined) return;
    this.kernel.at(task.submitMs, () => {
      this.#submit(task, at);
      this.#submitFrom(at + 1);
    });
  }

  #submit(task: TraceTask, at: number): void {
    const kind = this.#kindIn(task);
    if (!this.offerings.some((offering) => this.canRun(kind, offering))) {
      this.counts.refused += task.count;
      if (this.refusals.length < 20)
        this.refusals.push({ line: task.line, reason: 'no node of the fleet can carry it' });
      return;
    }
    this.measures.submitted(task, this.nowMs);
    for (let index = 0; index < task.count; index += 1)
      this.waiting.add({ task, kind, name: `${String(at)}.${String(index)}`, order: at });
    this.place();
  }

  #kindIn({ resources, requirements }: TraceTask): number {
    const { cpuMilli, memoryMib, gpu } = resources;
    const key = `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${requirementsKey(requirements)}`;
    const known = this.#kindOf.get(key);
    if (known !== undefined) return known;
    const complete = withDefaults({ requirements, gpu, image: null }, this.offerings);
    const kind = this.kinds.push({ resources, requirements: complete }) - 1;
    this.#kindOf.set(key, kind);
    return kind;
  }
}
