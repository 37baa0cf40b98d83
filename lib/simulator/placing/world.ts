// Placing alone, over hours: the real decision on records in memory. No store, no agents, no faults of calls: nodes
// boot, tasks start a second after they are placed and end when they end. The laws see what happened.
import { allocate } from '../../core/allocation/index.ts';
import type { Allocate } from '../../core/allocation/types.ts';
import { rememberNews } from '../../core/plan/capacity-memory.ts';
import type { Observation, PoolMemory } from '../../core/plan/observation.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import type { Change, RecordWrite, Why } from '../../core/plan/plan.ts';
import { decide, nextDueAtMs } from '../../core/plan/decide.ts';
import { withoutAttempts } from '../../core/plan/working-copy.ts';
import type { NodeLaunch } from '../../core/records/launch.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { newNode } from '../../core/records/node.ts';
import type { ChunkRecord, RequestRecord } from '../../core/records/request.ts';
import { tasksPerChunk } from '../../core/tasks/array-chunks.ts';
import { newRequest, withPlacement, withTask } from '../../core/tasks/request-lifecycle.ts';
import { endTask } from '../../core/tasks/task-lifecycle.ts';
import { assert } from '../../core/values/errors.ts';
import type { CapacityType, Offering } from '../../core/values/offering.ts';
import { offeringId } from '../../core/values/offering.ts';
import type { DecisionSettings } from '../../core/values/settings.ts';
import { awsDecisionSettings } from '../../core/values/settings.ts';
import type { Arrival, Scene } from './draw.ts';

export const placingSettings: DecisionSettings = {
  ...awsDecisionSettings,
  allocationIterations: 0,
  unplacedAgainMs: 300_000,
  listingCalmMs: 3_600_000,
};

/** Ticks are this far apart at least. */
const tickMs = 15_000;

export interface Tick {
  readonly nowMs: number;
  readonly world: PlacingWorld;
  /** Tasks that were placed, by node. */
  readonly placed: readonly { readonly node: NodeRecord; readonly requestId: string; readonly index: number }[];
  readonly why: Why;
  readonly launches: readonly { readonly launch: NodeLaunch; readonly came: number }[];
}

/** Hears of every tick, after it was applied. */
export interface Witness {
  readonly tick: (tick: Tick) => void;
}

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly what: () => void;
}

export class PlacingWorld {
  readonly scene: Scene;
  readonly requests = new Map<string, RequestRecord>();
  readonly nodes = new Map<string, NodeRecord>();
  readonly arrivals: ReadonlyMap<string, Arrival>;
  memory: PoolMemory = emptyMemory;
  nowMs = 0;
  spentUsd = 0;
  /** When a launch was last refused for the quota. */
  quotaRefusedAtMs = -Infinity;
  readonly #chunks = new Map<string, Map<number, ChunkRecord>>();
  readonly #collected = new Set<string>();
  readonly #engine: Allocate;
  readonly #started = new Set<string>();
  readonly #offerings: ReadonlyMap<string, Offering>;
  readonly #happenings: Happening[] = [];
  #ids = 0;
  #tickAtMs = Infinity;
  #placed: Tick['placed'][number][] = [];

  /** `engine`: another one than that of the product, to see that the laws notice. */
  constructor(scene: Scene, engine: Allocate = allocate) {
    this.scene = scene;
    this.#engine = engine;
    this.arrivals = new Map(scene.arrivals.map((one) => [one.id, one]));
    this.#offerings = new Map(scene.offerings.map((one) => [one.id, one]));
    for (const one of scene.arrivals) this.#at(one.atMs, () => this.#arrive(one));
  }

  /** Until nothing happens any more, or until then: well past the end of the scene. */
  run(witnesses: readonly Witness[], lastMs = this.scene.endMs + 96 * 3_600_000): void {
    for (;;) {
      const next = this.#happenings[0];
      const atMs = Math.min(next?.atMs ?? Infinity, this.#tickAtMs);
      if (atMs > lastMs) break;
      this.#pay(atMs);
      this.nowMs = atMs;
      if (next && next.atMs <= this.#tickAtMs) this.#pop().what();
      else this.#tick(witnesses);
    }
    this.#pay(Math.min(this.nowMs, lastMs));
  }

  waiting(): readonly RequestRecord[] {
    return [...this.requests.values()].filter((one) => one.endedAtMs === null && this.pendingOf(one) > 0);
  }

  pendingOf(record: RequestRecord): number {
    const carried = [...this.nodes.values()].reduce(
      (sum, node) => sum + node.assigned.filter((one) => one.requestId === record.id).length,
      0,
    );
    const ended = this.tasksOf(record).filter((task) => task.endedAtMs !== null).length;
    return record.spec.count - carried - ended;
  }

  offeringOf(node: NodeRecord): Offering {
    const found = this.#offerings.get(offeringId(node.instanceType, node.zone, node.capacityType));
    assert(found, `${node.instanceType} is not sold in this scene`);
    return found;
  }

  vcpuOf(capacityType: CapacityType): number {
    return [...this.nodes.values()]
      .filter((one) => one.capacityType === capacityType)
      .reduce((sum, one) => sum + one.reserved.vcpu, 0);
  }

  isOut(offering: Offering, atMs = this.nowMs): boolean {
    return this.scene.shortages.some((one) => one.fromMs <= atMs && atMs < one.untilMs && one.isOut(offering));
  }

  tasksOf(record: RequestRecord) {
    return record.spec.count === 1
      ? record.tasks
      : [...(this.#chunks.get(record.id)?.values() ?? [])].flatMap((chunk) => chunk.tasks);
  }

  #at(atMs: number, what: () => void): void {
    const happening = { atMs, order: (this.#ids += 1), what };
    let at = this.#happenings.length;
    this.#happenings.push(happening);
    // A heap, the earliest on top.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(this.#happenings[parent] as Happening, happening)) break;
      this.#happenings[at] = this.#happenings[parent] as Happening;
      at = parent;
    }
    this.#happenings[at] = happening;
  }

  #pop(): Happening {
    const first = this.#happenings[0] as Happening;
    const last = this.#happenings.pop() as Happening;
    const { length } = this.#happenings;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      const right = this.#happenings[child + 1];
      if (right && isBefore(right, this.#happenings[child] as Happening)) child += 1;
      if (isBefore(last, this.#happenings[child] as Happening)) break;
      this.#happenings[at] = this.#happenings[child] as Happening;
      at = child;
    }
    this.#happenings[at] = last;
    return first;
  }

  #pay(untilMs: number): void {
    const hours = (untilMs - this.nowMs) / 3_600_000;
    for (const node of this.nodes.values()) this.spentUsd += node.priceUsdPerHour * hours;
  }

  #wake(): void {
    this.#tickAtMs = Math.min(this.#tickAtMs, Math.ceil((this.nowMs + 1) / tickMs) * tickMs);
  }

  #arrive({ id, tenant, spec }: Arrival): void {
    this.requests.set(id, newRequest({ id, tenant, pool: this.scene.pool.name, bodyHash: '', spec }, this.nowMs));
    this.#wake();
  }

  #observation(): Observation {
    return {
      nowMs: this.nowMs,
      pool: this.scene.pool,
      isPoolDeleting: false,
      requests: [...this.requests.values()].map((record) => ({
        record,
        version: 1,
        chunks: [...(this.#chunks.get(record.id)?.values() ?? [])].map((chunk) => ({ record: chunk, version: 1 })),
        isCollected: this.#collected.has(record.id),
      })),
      nodes: [...this.nodes.values()].map((record) => ({
        record: { ...record, ...(record.readyAtMs === null ? {} : { lastSeenAtMs: this.nowMs }) },
        version: 1,
      })),
      launches: [],
      machineLaunches: [],
      claims: [],
      groups: [],
      kept: [],
      warmFailed: [],
      leftOver: [],
      listing: null,
      claimListing: null,
      snapshotOwners: new Map(),
      memory: this.memory,
      offerings: this.scene.offerings,
      tenantWeights: this.scene.weights,
    };
  }

  #tick(witnesses: readonly Witness[]): void {
    const observation = this.#observation();
    this.#placed = [];
    let why: Why = { byShape: {} };
    const launches: { launch: NodeLaunch; came: number }[] = [];
    const terms = {
      installation: 'i',
      templateVersion: '1',
      machineImages: { amd64: 'a', arm64: 'b' },
      specVersion: 1,
      newId: () => String((this.#ids += 1)),
    };
    const decision = decide(observation, placingSettings, terms, this.#engine, () => false);
    assert(decision.culprits.length === 0, `a decision failed: ${decision.culprits[0]?.error ?? ''}`);
    for (const action of decision.plan.actions) {
      switch (action.kind) {
        case 'change':
          this.#apply(action);
          break;
        case 'launch':
          assert(isNodeLaunch(action.launch), 'only nodes are bought here');
          launches.push({ launch: action.launch, came: 0 });
          break;
        case 'terminate':
          for (const { id } of action.nodes) this.nodes.delete(id);
          this.#wake();
          break;
        case 'remember':
          this.memory = action.memory;
          break;
        case 'explain':
          ({ why } = action);
          break;
        case 'call':
        case 'settle':
        case 'power':
          assert(false, `placing has no ${action.kind}`);
      }
    }
    for (const one of launches) one.came = this.#buy(one.launch);
    const hasChanged = decision.plan.actions.some(({ kind }) => kind === 'change' || kind === 'launch');
    const dueMs = nextDueAtMs(decision, placingSettings);
    this.#tickAtMs =
      dueMs === null || (this.requests.size === 0 && this.nodes.size === 0) ? Infinity : this.#due(dueMs);
    if (hasChanged) this.#wake();
    for (const witness of witnesses)
      witness.tick({ nowMs: this.nowMs, world: this, placed: this.#placed, why, launches });
  }

  /** Nodes are listed here by themselves: the pool's regular look at EC2 is left out. */
  #due(dueMs: number): number {
    const isCalm = this.waiting().length === 0;
    const idleMs = [...this.nodes.values()].flatMap(({ emptySinceMs, readyAtMs, assigned }) =>
      assigned.length > 0 || readyAtMs === null ? [] : [(emptySinceMs ?? readyAtMs) + this.scene.pool.idleAfterMs],
    );
    const atMs = isCalm ? Math.min(...idleMs, Infinity) : dueMs;
    return Math.max(atMs, (Math.floor(this.nowMs / tickMs) + 1) * tickMs);
  }

  #buy(launch: NodeLaunch): number {
    const { capacityType, overrides, count } = launch.request;
    const sold = overrides.flatMap(
      (one) => this.#offerings.get(offeringId(one.instanceType, one.zone, capacityType)) ?? [],
    );
    const open = overrides.filter((_, at) => {
      const offering = sold[at];
      return offering !== undefined && !this.isOut(offering);
    });
    const left = this.scene.quotas[capacityType] - this.vcpuOf(capacityType);
    const [first] = open;
    const vcpu = sold.find((one) => one.type.name === first?.instanceType)?.type.vcpu ?? 1;
    const came = first ? Math.min(count, Math.max(0, Math.floor(left / vcpu))) : 0;
    for (let n = 0; first && n < came; n += 1) this.#launch(launch, first);
    const faults = overrides
      .filter((one) => !open.includes(one))
      .map(({ instanceType, zone }) => ({
        code: 'InsufficientInstanceCapacity',
        scope: 'offering' as const,
        about: { instanceType, zone },
        message: 'none',
      }));
    const overQuota = {
      code: 'VcpuLimitExceeded',
      scope: 'quota' as const,
      about: first ? { instanceType: first.instanceType, zone: first.zone } : null,
      message: 'too many vCPU',
    };
    if (first && came < count) this.quotaRefusedAtMs = this.nowMs;
    const launched = Array.from({ length: came }, () => first).filter((one) => one !== undefined);
    const news = {
      capacityType,
      asked: overrides,
      launched,
      count,
      faults: first && came < count ? [...faults, overQuota] : faults,
      gangs: launch.gangs ?? [],
      shapes: launch.shapes ?? [],
    };
    this.memory = { ...this.memory, ...rememberNews(this.memory, [news], this.nowMs, placingSettings) };
    return came;
  }

  #launch(launch: NodeLaunch, { instanceType, zone }: NodeLaunch['request']['overrides'][number]): void {
    const offering = this.#offerings.get(offeringId(instanceType, zone, launch.request.capacityType));
    assert(offering, `${instanceType} is not sold`);
    const id = `i-${String((this.#ids += 1)).padStart(8, '0')}`;
    const { capacityType } = launch.request;
    const instance = { id, instanceType, zone, capacityType, priceUsdPerHour: offering.priceUsdPerHour };
    this.nodes.set(id, newNode(launch, instance, offering.type, this.nowMs));
    this.#at(this.nowMs + this.scene.bootMs, () => {
      const node = this.nodes.get(id);
      if (node?.state !== 'launching') return;
      this.nodes.set(id, { ...node, state: 'ready', readyAtMs: this.nowMs, emptySinceMs: this.nowMs, bootId: 'b' });
      this.#wake();
    });
  }

  #apply(change: Change): void {
    for (const write of change.writes) this.#put(write);
    this.#forgetEnded();
  }

  #put(write: RecordWrite): void {
    switch (write.type) {
      case 'request':
        if (write.isCollected === true) this.#collected.add(write.record.id);
        // Where a single task is placed, its node's document says.
        if (write.record.endedAtMs !== null || write.record.spec.count > 1)
          this.requests.set(write.record.id, write.record);
        break;
      case 'chunk':
        this.#putChunk(write.record);
        break;
      case 'node':
        this.#putNode(write.record);
        break;
      case 'drop':
        if (write.name.kind === 'node') this.nodes.delete(write.name.id);
        break;
      default:
        assert(false, `placing writes no ${write.type}`);
    }
  }

  #putChunk(record: ChunkRecord): void {
    const chunks = this.#chunks.get(record.requestId) ?? new Map<number, ChunkRecord>();
    chunks.set(record.chunk, record);
    this.#chunks.set(record.requestId, chunks);
  }

  #putNode(node: NodeRecord): void {
    this.nodes.set(node.id, node);
    for (const one of node.assigned) {
      if (this.#started.has(one.attemptId)) continue;
      this.#started.add(one.attemptId);
      this.#placed.push({ node, requestId: one.requestId, index: one.index });
      const lastsMs = this.arrivals.get(one.requestId)?.lastsMs ?? 0;
      this.#at(this.nowMs + 1_000 + lastsMs, () => this.#end(node.id, one.attemptId));
    }
  }

  #end(nodeId: string, attempt: string): void {
    const node = this.nodes.get(nodeId);
    const one = node?.assigned.find(({ attemptId }) => attemptId === attempt);
    const request = one && this.requests.get(one.requestId);
    if (!node || !request) return;
    this.nodes.set(nodeId, withoutAttempts(node, new Set([attempt]), this.nowMs));
    const whole = request.spec.count === 1 ? withPlacement(request, node, one) : request;
    const chunk = this.#chunks.get(request.id)?.get(Math.floor(one.index / tasksPerChunk));
    const task = request.spec.count === 1 ? whole.tasks[0] : chunk?.tasks[one.index % tasksPerChunk];
    const end = { attemptId: attempt, outcome: 'exited' as const, exitCode: 0, message: null };
    const times = { startedAtMs: one.placedAtMs + 1_000, endedAtMs: this.nowMs };
    const next = task && endTask(task, one.attempt, { ...end, ...times }, request.spec, null, this.nowMs);
    assert(next, `${attempt} ends and was not placed`);
    if (request.spec.count === 1) this.requests.set(request.id, withTask(whole, next, this.nowMs));
    else if (chunk)
      this.#putChunk({ ...chunk, tasks: chunk.tasks.map((old) => (old.index === one.index ? next : old)) });
    this.#wake();
  }

  /** What has ended and is nobody's any more is forgotten, so that a long run does not grow. */
  #forgetEnded(): void {
    for (const id of this.#collected) {
      this.requests.delete(id);
      this.#chunks.delete(id);
      this.#collected.delete(id);
    }
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
