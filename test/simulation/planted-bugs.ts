// Bugs that tests plant into the control plane, each as a wrapper of its ports or a change of its settings: what
// the real code would do if one rule of the protocol were forgotten. The checkers have to notice.
import type { FaultKind, FaultRates } from '../../lib/simulator/faults/faults.ts';
import { tasksOfTwoPriorities } from './given/priorities.ts';
import { plainAllocate } from '../../lib/simulator/run/plain-allocation.ts';
import type { Given, RunOptions, Tampering } from '../../lib/simulator/run/types.ts';
import type { ControlPorts } from '../../lib/control/index.ts';
import { keys } from '../../lib/control/store/keys.ts';
import type { LaunchRecord } from '../../lib/core/records/launch.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import { noUsage } from '../../lib/core/records/pool.ts';
import type { RequestRecord, TaskRecord } from '../../lib/core/records/request.ts';
import { parseAttemptId } from '../../lib/core/records/request.ts';
import { CloudUnknownError } from '../../lib/ports/cloud.ts';
import type { Cloud } from '../../lib/ports/cloud.ts';
import type { Item, PutItem, Store, Write } from '../../lib/ports/store.ts';

/** The cloud port with some of its methods replaced. */
export function replacing(cloud: Cloud, methods: Partial<Cloud>): Cloud {
  return new Proxy(cloud, {
    get: (target, name): unknown => Reflect.get(Object.hasOwn(methods, name) ? methods : target, name),
  });
}

export interface PlantedBug {
  readonly name: string;
  /** Numbers of the invariants that may notice first. */
  readonly invariants: readonly number[];
  /** Kinds of fault that would show a side effect of the planting first. */
  readonly without?: readonly FaultKind[];
  /** More of these faults than seeds draw. */
  readonly rates?: Partial<FaultRates>;
  /** A larger world than most seeds draw, for what shows only under load; the short allocation keeps it cheap. */
  readonly run?: Pick<RunOptions, 'size' | 'allocation'>;
  /** Instead of what seeds draw: a run laid out by hand, of which the seed decides the details. */
  readonly given?: (seed: number) => Given;
  /** It is about services, learning styles, or claims. */
  readonly hasServices?: boolean;
  readonly hasStyles?: boolean;
  readonly isClaimed?: boolean;
  /** A new one for every run: some bugs remember things. */
  readonly plant: () => Tampering;
}

/** Changes everything that is written, on its way to the store. */
export function rewriting(change: (item: PutItem) => PutItem): Tampering {
  return {
    ports: (ports) => {
      const { store } = ports;
      const changed: Store = {
        ...store,
        put: (write) => store.put({ ...write, item: change(write.item) as typeof write.item }),
        transact: (writes, writeId) =>
          store.transact(
            writes.map((write): Write => (write.op === 'put' ? { ...write, item: change(write.item) } : write)),
            writeId,
          ),
      };
      return { ...ports, store: changed };
    },
  };
}

export const isLaunch = (data: unknown): data is LaunchRecord =>
  typeof data === 'object' && data !== null && 'tokenUsed' in data && 'reserved' in data;
const isNode = (data: unknown): data is NodeRecord => typeof data === 'object' && data !== null && 'assigned' in data;
const isRequest = (data: unknown): data is RequestRecord =>
  typeof data === 'object' && data !== null && 'bodyHash' in data;

function changeNode(item: PutItem, change: (node: NodeRecord) => NodeRecord): PutItem {
  return isNode(item.data) ? { ...item, data: change(item.data) } : item;
}

/** Ends what a late end is about, whichever attempt is the current one. */
async function acceptStaleEnd(ports: ControlPorts, attemptId: string, exitCode: number): Promise<void> {
  const about = parseAttemptId(attemptId);
  const row = about === null ? null : await ports.store.get<RequestRecord>(keys.request(about.requestId));
  const [task] = row?.data.tasks ?? [];
  if (!row || !task || !about || task.attempt <= about.attempt) return;
  const ended: TaskRecord = {
    ...task,
    state: exitCode === 0 ? 'succeeded' : 'failed',
    exitCode,
    endedAtMs: ports.clock.nowMs(),
  };
  await ports.store.put({
    item: { pk: row.pk, sk: row.sk, index: row.index, data: { ...row.data, tasks: [ended] } },
    condition: row.version,
    writeId: ports.random.id(),
  });
}

/** Wakes count as served only when the lock is given back: what was written while the tick read is never looked at. */
function servingWakesLate(): Tampering {
  return {
    ports: (ports) => {
      const { store } = ports;
      const isServing = (item: PutItem): boolean =>
        item.pk.startsWith('WAKE#')
        && (item.data as { wanted: number; served: number }).wanted === (item.data as { served: number }).served;
      const put: Store['put'] = async <T>(write: {
        readonly item: PutItem<T>;
        readonly condition: 'absent' | number;
        readonly writeId: string;
      }): Promise<Item<T>> => {
        if (isServing(write.item))
          return {
            index: {},
            expiresAtMs: null,
            ...write.item,
            version: Number(write.condition) + 1,
            writeId: write.writeId,
          };
        const done = await store.put(write);
        if (write.item.pk.startsWith('LOCK#') && (write.item.data as { holder: string | null }).holder === null) {
          const wake = await store.get<{ wanted: number; served: number }>(
            keys.wake(write.item.pk.slice('LOCK#'.length)),
          );
          if (wake)
            await store.put({
              item: { pk: wake.pk, sk: wake.sk, data: { ...wake.data, served: wake.data.wanted } },
              condition: wake.version,
              writeId: ports.random.id(),
            });
        }
        return done;
      };
      return { ...ports, store: { ...store, put } };
    },
    // The sweep would find out a minute later; without it the wake is all there is.
    control: (control) => ({ ...control, sweep: async () => ({ orphansSeen: 0, reaped: 0 }) }),
  };
}

/** Rows as they were before the node documents of a tick were read. */
function readingRowsFirst(): Tampering {
  return {
    ports: (ports) => {
      const { store } = ports;
      let rows = new Map<string, Item<unknown> | null>();
      const query: Store['query'] = async (options) => {
        // The first of what a tick reads of its pool.
        if (options.pk.startsWith('LAUNCHES#')) {
          rows = new Map();
          for (const pk of keys.openShards(options.pk.slice('LAUNCHES#'.length))) {
            const page = await store.indexKeys('open', { pk, limit: 1_000 });
            for (const item of await store.getMany(page.keys)) if (item) rows.set(item.pk, item);
          }
        }
        return store.query(options);
      };
      const getMany: Store['getMany'] = async <T>(of: Parameters<Store['getMany']>[0]) => {
        const now = await store.getMany<T>(of);
        return now.map((item) =>
          item && item.sk === 'ROW' ? ((rows.get(item.pk) as Item<T> | undefined) ?? item) : item,
        );
      };
      return { ...ports, store: { ...store, query, getMany } };
    },
  };
}

/** What tasks ask for there is overlooked: rows are read as if they asked for `instead`, and written as they were. */
function overlooking<Key extends 'gang' | 'spread' | 'priority'>(
  key: Key,
  instead?: RequestRecord['spec'][Key],
): Tampering {
  const asked = new Map<string, RequestRecord['spec'][Key]>();
  const withSpec = <T>(item: Item<T>, value: RequestRecord['spec'][Key] | undefined): Item<T> => {
    if (!isRequest(item.data) || !asked.has(item.data.id)) return item;
    const { [key]: _was, ...spec } = item.data.spec;
    return { ...item, data: { ...item.data, spec: value === undefined ? spec : { ...spec, [key]: value } } };
  };
  const written = (item: PutItem): PutItem => {
    if (!isRequest(item.data)) return item;
    const { id, spec } = item.data;
    if (!asked.has(id) && spec[key] !== undefined) asked.set(id, spec[key]);
    return withSpec(item as Item<unknown>, asked.get(id));
  };
  const { ports: writing = (ports) => ports } = rewriting(written);
  return {
    ports: (ports) => {
      const { store, ...others } = writing(ports);
      const getMany: Store['getMany'] = async <T>(of: Parameters<Store['getMany']>[0]) =>
        (await store.getMany<T>(of)).map((item) => item && withSpec(item, instead));
      return { ...others, store: { ...store, getMany } };
    },
  };
}

/** What seems to wait ends at once when its caller cancels it, without asking whether a node has it. */
async function endAtOnce(ports: ControlPorts, id: string): Promise<void> {
  const row = await ports.store.get<RequestRecord>(keys.request(id));
  const [task] = row?.data.tasks ?? [];
  if (!row || task?.state !== 'pending') return;
  const ended: RequestRecord = {
    ...row.data,
    state: 'cancelled',
    endedAtMs: ports.clock.nowMs(),
    tasks: [{ ...task, state: 'cancelled' }],
  };
  await ports.store.put({
    item: { pk: row.pk, sk: row.sk, index: row.index, data: ended },
    condition: row.version,
    writeId: ports.random.id(),
  });
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'overlook that a gang starts whole',
    invariants: [21],
    run: { allocation: 'engine' },
    plant: () => overlooking('gang'),
  },
  {
    name: 'let tenants share nodes',
    invariants: [26],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        allocate: (input) => {
          const { isTenantPerNode: _apart, ...pool } = input.pool;
          return ports.allocate({ ...input, pool });
        },
      }),
    }),
  },
  { name: 'read rows before node documents', invariants: [7, 15], plant: readingRowsFirst },
  {
    name: 'end what seems to wait when it is cancelled',
    invariants: [7],
    // One request in eight is cancelled, and few of them while a node has them: a larger world has more.
    run: { size: 'medium', allocation: 'plain' },
    plant: () => ({
      control: (control, ports) => ({
        ...control,
        cancel: async (tenant, id) => {
          const record = await control.cancel(tenant, id);
          await endAtOnce(ports, id);
          return record;
        },
      }),
    }),
  },
  {
    name: 'publish metrics before a tick decides',
    invariants: [0],
    rates: { metricsOutage: 1 },
    plant: () => ({
      control: (control) => ({
        ...control,
        runTick: async (pool) => {
          await control.publishMetrics(1);
          return control.runTick(pool);
        },
      }),
    }),
  },
  {
    name: 'forget the ends that a node has to report',
    invariants: [15],
    plant: () => rewriting((item) => changeNode(item, ({ ended: _, ...node }) => node)),
  },
  {
    name: 'publish an end and do not note it',
    invariants: [14, 15],
    plant: () => {
      const noted = new Map<string, readonly string[]>();
      return rewriting((item) =>
        changeNode(item, (node) => {
          const ended = node.ended ?? noted.get(node.id) ?? [];
          noted.set(node.id, ended);
          return { ...node, ended };
        }),
      );
    },
  },
  {
    name: 'write no entry for a batch',
    invariants: [1],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          put: async (write) =>
            write.item.pk.startsWith('BATCH#')
              ? { index: {}, expiresAtMs: null, ...write.item, version: 1, writeId: write.writeId }
              : ports.store.put(write),
        },
      }),
    }),
  },
  {
    name: 'count no ends',
    invariants: [15],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          transact: (writes, writeId) =>
            ports.store.transact(
              writes.filter((write) => write.op !== 'put' || write.item.sk !== 'TOTALS'),
              writeId,
            ),
        },
      }),
    }),
  },
  {
    name: 'drop the token',
    invariants: [3, 4],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        cloud: replacing(ports.cloud, {
          launchFleet: (_token, request) => ports.cloud.launchFleet(ports.random.id(), request),
        }),
      }),
    }),
  },
  {
    name: 'a new token on retry',
    invariants: [3, 4],
    plant: () => {
      const calls = new Map<string, number>();
      return {
        ports: (ports) => ({
          ...ports,
          cloud: replacing(ports.cloud, {
            launchFleet: (token, request) => {
              const call = (calls.get(token) ?? 0) + 1;
              calls.set(token, call);
              return ports.cloud.launchFleet(call === 1 ? token : `${token}-${String(call)}`, request);
            },
          }),
        }),
      };
    },
  },
  {
    name: 'skip the fence check',
    invariants: [3, 4, 6, 7],
    // It shows when a tick stands still for longer than it has the lock.
    rates: { pause: 0.03 },
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          transact: (writes, writeId) =>
            ports.store.transact(
              writes.filter((write) => write.op !== 'check' || !write.key.pk.startsWith('FENCE#')),
              writeId,
            ),
        },
      }),
    }),
  },
  {
    name: 'forget the reservation',
    invariants: [3],
    plant: () =>
      rewriting((item) =>
        isLaunch(item.data) && item.data.state === 'open'
          ? { ...item, data: { ...item.data, reserved: noUsage } }
          : item,
      ),
  },
  {
    name: 'release the reservation twice',
    invariants: [3],
    plant: () =>
      rewriting((item) =>
        changeNode(item, (node) => (node.state === 'launching' ? node : { ...node, reserved: noUsage })),
      ),
  },
  {
    name: 'forget to re-queue',
    invariants: [1, 14],
    rates: { instanceDies: 0.5 },
    plant: () => {
      const forget = (task: TaskRecord): TaskRecord =>
        task.state === 'pending' && task.losses > 0 ? { ...task, notBeforeMs: 8e15 } : task;
      return rewriting((item) =>
        isRequest(item.data) ? { ...item, data: { ...item.data, tasks: item.data.tasks.map(forget) } } : item,
      );
    },
  },
  {
    name: 're-queue on silence',
    invariants: [7],
    plant: () => ({
      settings: (settings) => {
        const { decisions } = settings;
        return {
          ...settings,
          decisions: {
            ...decisions,
            silenceMarginMs: 1_000 - decisions.fenceMs - decisions.killGraceMs - decisions.lastSeenWriteMs,
            massSilenceWaitMs: 0,
          },
        };
      },
    }),
  },
  {
    name: 'terminate a busy node',
    invariants: [8],
    plant: () =>
      rewriting((item) =>
        changeNode(item, (node) => (node.state === 'draining' ? { ...node, state: 'terminating' } : node)),
      ),
  },
  {
    name: 'accept a stale end',
    invariants: [7],
    plant: () => ({
      control: (control, ports) => ({
        ...control,
        sync: async (request) => {
          const reply = await control.sync(request);
          for (const end of request.ends)
            if (end.exitCode !== null) await acceptStaleEnd(ports, end.attemptId, end.exitCode);
          return reply;
        },
      }),
    }),
  },
  {
    name: 'close a launch without an answer',
    invariants: [4],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        cloud: replacing(ports.cloud, {
          launchFleet: async (token, request) => {
            try {
              return await ports.cloud.launchFleet(token, request);
            } catch (error) {
              if (error instanceof CloudUnknownError) return { instances: [], faults: [], isReplay: false };
              throw error;
            }
          },
        }),
      }),
    }),
  },
  {
    name: 'sweep at the first sighting',
    // What is swept before its launch is settled may be bought again for ever.
    invariants: [8, 14],
    plant: () => ({ settings: (settings) => ({ ...settings, orphanAgeMs: 0 }) }),
  },
  {
    name: "never end what is nobody's",
    invariants: [5],
    plant: () => ({ settings: (settings) => ({ ...settings, orphanAgeMs: 9e12 }) }),
  },
  {
    name: 'serve wakes when the lock is released',
    invariants: [1, 14, 16, 25],
    without: ['strayInstance'],
    plant: servingWakesLate,
  },
  {
    name: 'take a node for twice as large as it is',
    invariants: [6],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        allocate: (input) =>
          plainAllocate({
            ...input,
            bins: input.bins.map((bin) => ({
              ...bin,
              freeTasks: 2 * bin.freeTasks + 1,
              free: { ...bin.free, cpuMilli: bin.free.cpuMilli + 1_000, memoryMib: bin.free.memoryMib + 4_096 },
            })),
          }),
      }),
    }),
  },
  {
    name: 'forget the limits',
    invariants: [3],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        allocate: (input) => plainAllocate({ ...input, pool: { ...input.pool, limits: {} } }),
      }),
    }),
  },
  {
    name: 'serve the youngest first',
    invariants: [12],
    // It shows where many wait for long: a small quota keeps most of a larger world waiting.
    run: { size: 'medium', allocation: 'plain' },
    rates: { quota: 0.6 },
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        allocate: (input) =>
          plainAllocate({
            ...input,
            demand: input.demand.map((one) => ({ ...one, createdAtMs: 4e12 - one.createdAtMs })),
          }),
      }),
    }),
  },
  {
    name: 'derive the id from nothing',
    invariants: [2],
    plant: () => ({
      control: (control) => ({
        ...control,
        submit: (submission) => control.submit({ ...submission, idempotencyKey: null }),
      }),
    }),
  },
  {
    name: 'forget what has ended',
    invariants: [1, 2, 7],
    plant: () => ({ settings: (settings) => ({ ...settings, keepEndedMs: 0 }) }),
  },
  {
    name: 'write a heartbeat',
    invariants: [13],
    plant: () => ({
      control: (control, ports) => ({
        ...control,
        sweep: async () => {
          const pk = 'HEARTBEAT';
          const before = await ports.store.get({ pk, sk: pk });
          await ports.store.put({
            item: { pk, sk: pk, data: { atMs: ports.clock.nowMs() } },
            condition: before?.version ?? 'absent',
            writeId: ports.random.id(),
          });
          return control.sweep();
        },
      }),
    }),
  },
  {
    name: 'leave what has ended out of the archive',
    invariants: [25],
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        store: new Proxy(ports.store, {
          get: (store, name): unknown =>
            name === 'put'
              ? (write: Parameters<Store['put']>[0]) =>
                  write.item.pk.startsWith('ENDED#')
                    ? Promise.resolve({ ...write.item, version: 1, writeId: write.writeId, index: {}, expiresAtMs: 0 })
                    : store.put(write)
              : Reflect.get(store, name),
        }),
      }),
    }),
  },
  {
    name: 'wait for ever for a node to boot',
    invariants: [1, 14],
    plant: () => ({
      settings: (settings) => ({ ...settings, decisions: { ...settings.decisions, bootTimeoutMs: 9e12 } }),
    }),
  },
  {
    name: 'do not see who runs where',
    invariants: [19],
    run: { allocation: 'engine', size: 'small' },
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        allocate: (input) =>
          ports.allocate({
            ...input,
            closed: [],
            bins: input.bins.map((bin) => ({ ...bin, groups: {}, antiAffinityGroups: [], zoneAntiAffinityGroups: [] })),
          }),
      }),
    }),
  },
  {
    name: 'overlook that a group is spread',
    invariants: [23],
    run: { allocation: 'engine', size: 'small' },
    plant: () => overlooking('spread'),
  },
  {
    name: 'overlook priorities',
    invariants: [24],
    given: tasksOfTwoPriorities,
    plant: () => overlooking('priority', 0),
  },
];
