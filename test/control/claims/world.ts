// A small world for what is held: control over a store in memory and the strict EC2 model behind the Query protocol,
// with a clock that the test moves, a count of calls, and crashes on demand.
import { noBells } from '../../../lib/adapters/system/no-bells.ts';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import { ec2Carrier } from '../../../lib/adapters/simulated/carrier.ts';
import { DirectCloud } from '../../../lib/adapters/simulated/direct-cloud.ts';
import { World as Ec2World } from '../../../lib/adapters/simulated/ec2/world.ts';
import type { WorldOptions } from '../../../lib/adapters/simulated/ec2/world.ts';
import { createControl, localSettings } from '../../../lib/control/index.ts';
import type { Control, ControlPorts, ControlSettings } from '../../../lib/control/index.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { Submission } from '../../../lib/control/use-cases.ts';
import { allocate } from '../../../lib/core/allocation/index.ts';
import { assembledWarm, warmId } from '../../../lib/core/claims/documents.ts';
import type { WarmMachine } from '../../../lib/core/records/machine.ts';
import type { ClaimRecord, ClaimSpec, MachineSpec, NetworkSpec, StorageSpec } from '../../../lib/core/records/claim.ts';
import { isClaim } from '../../../lib/core/records/claim.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { localDecisionSettings } from '../../../lib/core/values/settings.ts';
import type { BellowsEvent } from '../../../lib/ports/events.ts';
import type { Store } from '../../../lib/ports/store.ts';
import { TestCatalog } from '../catalog.ts';

export const settings: ControlSettings = {
  ...localSettings,
  decisions: { ...localDecisionSettings, allocationIterations: 5 },
  installation: 'test',
  templateVersion: '1',
};

export const poolSpec: PoolSpec = {
  name: 'default',
  requirements: { arch: ['amd64'], instanceCategory: ['c', 'm', 'r'], zone: ['us-east-1a', 'us-east-1b'] },
  limits: {},
  tasksPerNode: 32,
  maxNodeVcpu: 8,
  ordering: 'fifo',
  placement: 'least-cost',
  learningStyle: 'reactive',
  idleAfterMs: 30_000,
  priority: 0,
  accepts: ['task', 'virtual_machine', 'storage', 'network'],
};

const base = { count: 1, leaseMs: null, deadlineMs: null, requirements: {} };
const volume = {
  sizeGib: 20,
  iops: null,
  throughputMibps: null,
  volumeType: null,
  snapshotId: null,
  strategy: 'cheapest',
  onRelease: 'delete',
  keepMs: 3_600_000,
} as const;
const ssh = {
  ingress: [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8', request: null }],
  egress: null,
  sharing: 'share',
  allowPublic: false,
} as const;

export const machineSpec: MachineSpec = {
  ...base,
  type: 'virtual_machine',
  needs: { vcpu: 2, memoryMib: 4_096, gpu: 0, arch: null },
  capacityType: 'on-demand',
  subnetId: null,
  imageId: null,
  userData: null,
  keyName: null,
  instanceProfile: null,
  volumes: [volume],
  network: ssh,
  volumeRequests: [],
  networkRequests: [],
};
export const storageSpec: StorageSpec = { ...base, type: 'storage', volume, zone: null, attachTo: null };
export const networkSpec: NetworkSpec = { ...base, type: 'network', network: ssh };

/** Thrown where a test wants the controller to die. */
export class Crash extends Error {}

export interface Left {
  readonly instances: number;
  readonly volumes: number;
  readonly groups: number;
}

export class ClaimWorld {
  nowMs = 1_800_000_000_000;
  control: Control;
  readonly ports: ControlPorts;
  readonly ec2: Ec2World;
  readonly store: MemoryStore;
  readonly published: BellowsEvent[] = [];
  readonly calls = new Map<string, number>();
  /** Called before each store write and each EC2 call, and after each EC2 call: throws {@link Crash} to die there. */
  onStep: (what: string) => void | Promise<void> = () => {};
  readonly #settings: ControlSettings;
  #ids = 0;
  #keys = 0;

  constructor(options: { ec2?: Partial<WorldOptions>; settings?: Partial<ControlSettings>; id?: string } = {}) {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs, sleep: async () => {} };
    const { cloud, ...rest } = options.ec2 ?? {};
    this.ec2 = new Ec2World({
      accountId: '000000000001',
      region: 'us-east-1',
      clock,
      options: { ...rest, cloud: { describeLagMs: 0, throttles: {}, ...cloud } },
    });
    this.store = new MemoryStore({ clock });
    const carry = ec2Carrier(this.ec2, clock, (action) => {
      this.calls.set(action, (this.calls.get(action) ?? 0) + 1);
    });
    this.ports = {
      clock,
      allocate,
      catalog: new TestCatalog(clock),
      cloud: new DirectCloud(async (call) => {
        await this.onStep(`before ${call.action}`);
        try {
          return await carry(call);
        } finally {
          await this.onStep(`after ${call.action}`);
        }
      }),
      store: this.#watched(this.store),
      outputs: { uploadUrl: async (id) => `/output/${id}`, write: async () => {}, read: async () => null },
      bus: { wake: async () => {} },
      bells: noBells,
      events: {
        publish: async (events) => {
          this.published.push(...events);
        },
      },
      random: { next: () => 0.5, id: () => `id${String((this.#ids += 1)).padStart(20, '0')}` },
      log: { write: () => {} },
    };
    this.#settings = {
      ...settings,
      subnets: [...this.ec2.subnets.values()].map(({ id, zone }) => ({ subnetId: id, zone })),
      ...options.settings,
    };
    this.control = createControl(this.ports, this.#settings);
  }

  #watched(store: Store): Store {
    return {
      get: (key) => store.get(key),
      getMany: (all) => store.getMany(all),
      query: (options) => store.query(options),
      queryIndex: (index, options) => store.queryIndex(index, options),
      indexKeys: (index, options) => store.indexKeys(index, options),
      put: async (write) => {
        await this.onStep(`before put ${write.item.pk}`);
        return store.put(write);
      },
      delete: async (key, condition) => {
        await this.onStep(`before delete ${key.pk}`);
        return store.delete(key, condition);
      },
      transact: async (writes, id) => {
        await this.onStep('before transact');
        return store.transact(writes, id);
      },
    };
  }

  /** The process died: a new one remembers nothing, and the lock of the old one runs out. */
  restart(): void {
    this.control = createControl(this.ports, this.#settings);
    this.nowMs += this.#settings.lockLeaseMs + 1;
  }

  async submit(spec: ClaimSpec, key: string | null = null): Promise<ClaimRecord> {
    const submission: Submission = {
      tenant: 'default',
      idempotencyKey: key ?? `key-${String((this.#keys += 1))}`,
      pool: null,
      spec,
      canonicalBody: JSON.stringify(spec),
    };
    const { request } = await this.control.submit(submission);
    if (!isClaim(request)) throw new TypeError('a task came back');
    return request;
  }

  async claim(id: string): Promise<ClaimRecord> {
    const record = await this.control.getRequest('default', id);
    if (!record || !isClaim(record)) throw new TypeError(`there is no ${id} that holds`);
    return record;
  }

  async release(id: string): Promise<void> {
    await this.control.cancel('default', id);
  }

  async run(seconds: number, stepSeconds = 1): Promise<void> {
    for (let at = 0; at < seconds; at += stepSeconds) {
      this.nowMs += 1_000 * stepSeconds;
      for (const pool of await this.control.duePools()) await this.control.runTick(pool);
    }
  }

  /** What EC2 has now: the truth, not what it shows. The default group and root disks of live machines are not ours. */
  left(): Left {
    return {
      instances: this.ec2.cloud.instances().filter((one) => one.state !== 'terminated').length,
      volumes: this.ec2.volumes.size,
      groups: this.ec2.securityGroups.all().filter((one) => one.name !== 'default').length,
    };
  }

  async documents(): Promise<number> {
    return (await this.store.query({ pk: keys.resources('default'), limit: 10_000 })).items.length;
  }

  /** Machines that are kept ready, and notes of those that could not be had. */
  async warm(): Promise<ClaimRecord[]> {
    const query = { pk: keys.resources('default'), skPrefix: `${keys.machinePrefix}${warmId('')}`, limit: 1_000 };
    return (await this.store.query<WarmMachine>(query)).items.map((item) => assembledWarm(item.data));
  }

  mutatingCalls(): number {
    return [...this.calls]
      .filter(([action]) => !action.startsWith('Describe'))
      .reduce((sum, [, count]) => sum + count, 0);
  }
}
