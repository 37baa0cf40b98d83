// A whole small world for tests of control: a store in memory, the simulated cloud, agents that obey at once, and
// a clock that the test moves. Nothing is concurrent here; the fault simulator does that.
import type { SimulatedCloud } from '../../lib/adapters/simulated/cloud/cloud.ts';
import { ec2Carrier } from '../../lib/adapters/simulated/carrier.ts';
import { DirectCloud } from '../../lib/adapters/simulated/direct-cloud.ts';
import { setAside } from '../../lib/adapters/simulated/ec2/families/capacity-reservations.ts';
import type { CapacityReservation } from '../../lib/adapters/simulated/ec2/records.ts';
import { World as Ec2World } from '../../lib/adapters/simulated/ec2/world.ts';
import { noBells } from '../../lib/adapters/system/no-bells.ts';
import { MemoryMetrics } from '../../lib/adapters/memory/metrics.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import type { Change } from '../../lib/adapters/memory/store.ts';
import { createControl, localSettings } from '../../lib/control/index.ts';
import type { Control, ControlPorts, ControlSettings } from '../../lib/control/index.ts';
import type { Submission } from '../../lib/control/use-cases.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import type { Allocate } from '../../lib/core/allocation/types.ts';
import type { NodeUsage } from '../../lib/core/records/node.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { localDecisionSettings } from '../../lib/core/values/settings.ts';
import type { Health, OpenPort } from '../../lib/core/services/serving.ts';
import type { TargetGroups } from '../../lib/ports/ec2/target-groups.ts';
import type { AttemptEnd } from '../../lib/core/records/sync.ts';
import type { BellowsEvent } from '../../lib/ports/events.ts';
import { TestCatalog } from './catalog.ts';

export const settings: ControlSettings = {
  ...localSettings,
  decisions: { ...localDecisionSettings, allocationIterations: 5 },
  installation: 'test',
  templateVersion: '1',
};

export const poolSpec: PoolSpec = {
  name: 'default',
  requirements: { arch: ['amd64'], instanceCategory: ['c', 'm', 'r'], zone: ['us-east-1a', 'us-east-1b'] },
  limits: { instances: 5 },
  tasksPerNode: 32,
  maxNodeVcpu: 8,
  ordering: 'fifo',
  placement: 'least-cost',
  learningStyle: 'reactive',
  idleAfterMs: 30_000,
  priority: 0,
  accepts: ['task'],
};

export const taskSpec: TaskSpec = {
  type: 'task',
  resources: { cpuMilli: 500, memoryMib: 512, gpu: 0 },
  run: { kind: 'command', argv: ['true'] },
  env: {},
  count: 1,
  timeoutMs: null,
  retries: 0,
  priority: 0,
  requirements: {},
  expectedDurationMs: null,
  deadlineMs: null,
  learningStyle: null,
};

export function submission(spec: Partial<TaskSpec> = {}, key: string | null = null): Submission {
  const full = { ...taskSpec, ...spec };
  return { tenant: 'default', idempotencyKey: key, pool: null, spec: full, canonicalBody: JSON.stringify(full) };
}

interface TestAgent {
  readonly bootId: string;
  seq: number;
  claimed: Map<string, number>;
}

function healthIn(health: Health | null): { readonly health?: Health } {
  return health === null ? {} : { health };
}

export class World {
  nowMs = 1_800_000_000_000;
  readonly control: Control;
  readonly ports: ControlPorts;
  readonly cloud: SimulatedCloud;
  readonly metrics = new MemoryMetrics(() => this.nowMs);
  readonly published: BellowsEvent[] = [];
  readonly changes: Change[] = [];
  readonly agents = new Map<string, TestAgent>();
  /** How tasks end at the next sync after they started; null: they run on. */
  ending: (attemptId: string) => Pick<AttemptEnd, 'outcome' | 'exitCode' | 'preStop'> | null = () => ({
    outcome: 'exited',
    exitCode: 0,
  });
  /** What agents say of attempts that have not started; null: those start at once. */
  starting: (attemptId: string) => string | null = () => null;
  /** What agents say of the health of those that run; null: nothing. */
  health: (attemptId: string) => Health | null = () => null;
  /** What agents say that each attempt uses; null: nothing. */
  usage: NodeUsage | null = null;
  /** Where agents say that tasks are reached; null: nowhere. */
  serving: ((nodeId: string, attemptId: string) => { address: string; ports: readonly OpenPort[] }) | null = null;
  readonly #ec2: Ec2World;
  #ids = 0;

  constructor(
    options: {
      cloud?: object;
      settings?: Partial<ControlSettings>;
      engine?: (given: Allocate) => Allocate;
      targetGroups?: (clock: ControlPorts['clock']) => TargetGroups;
    } = {},
  ) {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    const ec2 = (this.#ec2 = new Ec2World({
      accountId: '000000000001',
      region: 'us-east-1',
      clock,
      options: { cloud: { describeLagMs: 0, ...options.cloud } },
    }));
    this.cloud = ec2.cloud;
    this.ports = {
      clock,
      catalog: new TestCatalog(clock),
      cloud: new DirectCloud(ec2Carrier(ec2, clock)),
      allocate: options.engine?.(allocate) ?? allocate,
      store: new MemoryStore({ clock, onChange: (changes) => this.changes.push(...changes) }),
      outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
      bus: { wake: async () => {} },
      bells: noBells,
      events: {
        publish: async (events) => {
          this.published.push(...events);
        },
      },
      cloudWatch: this.metrics,
      random: { next: () => 0.5, id: () => `id${String((this.#ids += 1)).padStart(20, '0')}` },
      log: { write: () => {} },
      ...(options.targetGroups && { targetGroups: options.targetGroups(clock) }),
    };
    this.control = createControl(this.ports, { ...settings, ...options.settings });
  }

  async tickDue(): Promise<void> {
    for (const pool of await this.control.duePools()) await this.control.runTick(pool);
  }

  /** Every running instance's agent syncs once; tasks end as `ending` says, one sync after they started. */
  async syncAll(pool = 'default'): Promise<void> {
    for (const instance of this.cloud.instances()) {
      if (instance.state !== 'running' || !instance.boots) continue;
      await this.sync(instance.id, pool);
    }
  }

  async sync(nodeId: string, pool = 'default') {
    let agent = this.agents.get(nodeId);
    if (!agent) {
      agent = { bootId: `boot-${nodeId}`, seq: 0, claimed: new Map() };
      this.agents.set(nodeId, agent);
    }
    const ends: AttemptEnd[] = [];
    for (const [attemptId, startedAtMs] of agent.claimed) {
      if (this.starting(attemptId) !== null) continue;
      const ending = this.ending(attemptId);
      if (ending) ends.push({ attemptId, ...ending, message: null, startedAtMs, endedAtMs: this.nowMs });
    }
    for (const end of ends) agent.claimed.delete(end.attemptId);
    agent.seq += 1;
    const reply = await this.control.sync({
      nodeId,
      pool,
      bootId: agent.bootId,
      seq: agent.seq,
      ends,
      ...(this.serving && { address: this.serving(nodeId, '').address }),
      onNode: [...agent.claimed].map(([attemptId, startedAtMs]) => {
        const note = this.starting(attemptId);
        return note === null
          ? {
              attemptId,
              state: 'running',
              startedAtMs,
              ...healthIn(this.health(attemptId)),
              ...(this.usage && { usage: this.usage }),
              ...(this.serving && { ports: this.serving(nodeId, attemptId).ports }),
            }
          : { attemptId, state: 'queued', startedAtMs: null, note };
      }),
    });
    for (const attemptId of [...agent.claimed.keys()])
      if (!reply.assigned.includes(attemptId)) agent.claimed.delete(attemptId);
    for (const start of reply.start) agent.claimed.set(start.attemptId, this.nowMs);
    return reply;
  }

  /** Steps of a second, or longer ones where hours pass: due ticks, then every agent. */
  /** A targeted capacity reservation, or a block, of m7i.xlarge in us-east-1a. */
  setAside(more: Pick<CapacityReservation, 'id' | 'count'> & Partial<CapacityReservation>): void {
    const place = {
      instanceType: 'm7i.xlarge',
      zone: 'us-east-1a',
      platform: 'Linux/UNIX',
      tenancy: 'default',
    } as const;
    const terms = {
      criteria: 'targeted',
      isEbsOptimized: false,
      endAtMs: null,
      createdAtMs: this.nowMs,
      tags: {},
    } as const;
    setAside(this.#ec2, { ...place, ...terms, ...more });
  }

  /** Ids of the instances in it. */
  usedOf(id: string): readonly string[] {
    return [...(this.#ec2.capacityReservations.get(id)?.usedBy ?? [])].sort();
  }

  async run(seconds: number, stepSeconds = 1): Promise<void> {
    for (let at = 0; at < seconds; at += stepSeconds) {
      this.nowMs += 1_000 * stepSeconds;
      await this.tickDue();
      await this.syncAll();
    }
  }
}
