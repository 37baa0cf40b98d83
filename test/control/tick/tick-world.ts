// A pool that is due, in a bare world with an engine and an EC2 that say what a test of one tick wants.
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { raiseWake } from '../../../lib/control/coordination/wake.ts';
import type { ControlPorts, ControlSettings } from '../../../lib/control/ports.ts';
import { requestItem } from '../../../lib/control/requests/submit.ts';
import { withAnnouncedChanges } from '../../../lib/control/store/copy/announcing-store.ts';
import { RoundPorts } from '../../../lib/control/store/copy/round-ports.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import { claimItem } from '../../../lib/control/claims/store.ts';
import { runTick, TickMemory } from '../../../lib/control/tick/run-tick.ts';
import { BadRecords, withCheckedRecords } from '../../../lib/control/tick/set-aside.ts';
import type { PoolRecord } from '../../../lib/control/use-cases.ts';
import type { AllocationInput, AllocationPlan } from '../../../lib/core/allocation/types.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import type { ServiceRecord } from '../../../lib/core/services/record.ts';
import type { SeenMachine, SeenVolume } from '../../../lib/core/plan/listing.ts';
import type { VolumeRequest } from '../../../lib/ports/cloud.ts';
import { CloudThrottledError } from '../../../lib/ports/cloud.ts';
import type { TargetGroups } from '../../../lib/ports/ec2/target-groups.ts';
import type { ItemKey, Write } from '../../../lib/ports/store.ts';
import { node, offerings, pool, request, seenVolume, smallType } from '../../core/builders.ts';
import { storeWith } from '../store-with.ts';
import { BareWorld, settings as local } from '../bare-world.ts';

const nothing: AllocationPlan = {
  ...{ placements: [], launches: [], unplaced: [], costUsdPerHour: 0 },
  ...{ lowerBoundUsdPerHour: null, gapPercent: null, coefficients: null },
};

export interface Case {
  readonly pool?: Partial<PoolRecord> | null;
  readonly settings?: Partial<ControlSettings>;
  readonly requests?: readonly RequestRecord[];
  readonly nodes?: readonly NodeRecord[];
  readonly claims?: readonly ClaimRecord[];
  readonly services?: readonly ServiceRecord[];
  readonly answer?: (input: AllocationInput) => Partial<AllocationPlan>;
  readonly launchFleet?: ControlPorts['cloud']['launchFleet'];
  /** A volume that is made is listed at once, and can be used so much later. */
  readonly volumeMs?: number;
  /** What EC2 lists of nodes and machines. */
  readonly instances?: readonly SeenMachine[];
  /** Volumes that EC2 lists besides. */
  readonly volumes?: readonly SeenVolume[];
  /** Present: the pool has target groups. */
  readonly groups?: Pick<TargetGroups, 'describe'>;
}

const launching = (token: string) => ({
  instances: [{ id: `i-${token}`, instanceType: smallType.name, zone: 'za', capacityType: 'on-demand' as const }],
  ...{ faults: [], isReplay: false },
});
/** One node for each request that waits. */
export const buying = ({ demand, bins }: AllocationInput): Partial<AllocationPlan> =>
  bins.length > 0
    ? {}
    : { launches: demand.map(({ id }) => ({ offerings, count: 1, tasks: [{ demandId: id, count: 1 }], reason: id })) };

/** A pool that is due, with what its tick needs of the world. */
export async function given(of: Case = {}) {
  const world = new BareWorld();
  const asked: AllocationInput[] = [];
  const lines: unknown[][] = [];
  const hints: string[] = [];
  const listed: number[] = [];
  const hooks = {
    onAllocate: () => {},
    onOfferings: async () => {},
    onTransact: async (_writes: readonly Write[]) => {},
    /** After the put. */
    onPut: async (_key: ItemKey) => {},
    onSleep: async () => {},
  };
  const slept: number[] = [];
  const volumes: { readonly readyAtMs: number; readonly volume: SeenVolume }[] = [];
  const { store } = world.ports;
  const hooked = storeWith(store, {
    transact: async (writes, writeId) => {
      await hooks.onTransact(writes);
      return store.transact(writes, writeId);
    },
    put: async (write) => {
      const item = await store.put(write);
      await hooks.onPut(write.item);
      return item;
    },
  });
  const cloud = {
    list: async () => {
      listed.push(world.nowMs);
      const made = volumes.map(({ readyAtMs, volume }) =>
        world.nowMs < readyAtMs ? { ...volume, state: 'creating' as const } : volume,
      );
      return { instances: of.instances ?? [], volumes: [...(of.volumes ?? []), ...made], snapshots: [], groups: [] };
    },
    createVolume: async (token: string, { zone, tags }: VolumeRequest) => {
      const volume = seenVolume(`vol-${token}`, { zone, tags });
      volumes.push({ readyAtMs: world.nowMs + (of.volumeMs ?? 0), volume });
      return volume.id;
    },
    deleteVolume: async () => {
      throw new CloudThrottledError('not now');
    },
    launchFleet: of.launchFleet ?? (async (token: string) => launching(token)),
    terminate: async (ids: readonly string[]) => ({ accepted: ids, refused: [] }),
  } as unknown as ControlPorts['cloud'];
  const catalog = {
    offerings: async () => {
      await hooks.onOfferings();
      return offerings;
    },
    instanceType: async () => smallType,
  } as unknown as ControlPorts['catalog'];
  const bare: ControlPorts = {
    ...world.ports,
    ...{ cloud, catalog, store: hooked, bus: { wake: async (name) => void hints.push(name) } },
    log: { write: (...line: unknown[]) => void lines.push(line) },
    clock: {
      ...world.ports.clock,
      sleep: async (ms) => {
        slept.push(ms);
        world.nowMs += ms;
        await hooks.onSleep();
      },
    },
    ...(of.groups && { targetGroups: of.groups as TargetGroups }),
    allocate: (input) => {
      asked.push(input);
      hooks.onAllocate();
      return { ...nothing, ...of.answer?.(input) };
    },
  };
  const bad = new BadRecords(bare);
  const announced = withAnnouncedChanges(bare);
  const ports = withCheckedRecords(announced, bad);
  const copies = new RoundPorts(announced, bad);
  const settings = { ...local, ...of.settings };
  if (of.pool !== null) {
    const record = { spec: pool(), specVersion: 1, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null, ...of.pool };
    await put(ports, { ...keys.pool('p'), data: record }, 'absent');
  }
  for (const one of of.requests ?? []) await put(ports, requestItem(one, null), 'absent');
  for (const one of of.nodes ?? []) await put(ports, { ...keys.node('p', one.id), data: one }, 'absent');
  for (const one of of.claims ?? []) await put(ports, claimItem(one, null), 'absent');
  for (const one of of.services ?? []) await put(ports, { ...keys.service(one), data: one }, 'absent');
  await raiseWake(ports, 'p');
  hints.length = 0;
  const memory = new TickMemory();
  const tick = async (with_ = settings) => runTick(ports, with_, 'p', memory, bad, copies);
  const lock = async () => (await ports.store.get<LockRecord>(keys.lock('p')))?.data;
  const later = (ms: number): void => void (world.nowMs += ms);
  return { world, ports, settings, hooks, asked, lines, hints, listed, slept, memory, tick, lock, later };
}

export const waiting = (id: string, more: Partial<RequestRecord> = {}): RequestRecord =>
  request(id, {}, { createdAtMs: 1_799_999_999_000, ...more });
export const idle = (id: string): NodeRecord =>
  node({ id, createdAtMs: 1_799_999_000_000, readyAtMs: 1_799_999_010_000, lastSeenAtMs: 1_800_000_000_000 });
export const none = { pool: 'p', ran: false, rounds: 0, actions: 0, nextDueAtMs: null };
