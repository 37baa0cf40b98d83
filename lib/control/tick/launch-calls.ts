// Launching nodes: the decision is durable (frozen request, fence, reservation) before EC2 is called with its id as the
// token, and it is settled by EC2's word on that token (tokens.ts).
import type { PlannedLaunch } from '../../core/allocation/types.ts';
import type { LaunchFault, LaunchNews } from '../../core/plan/capacity-memory.ts';
import { rememberNews } from '../../core/plan/capacity-memory.ts';
import { assert } from '../../core/values/errors.ts';
import type { LaunchRecord } from '../../core/records/launch.ts';
import { newTokenCalls, tagInstallation, tagLaunch, tagPool } from '../../core/records/launch.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { PoolMemory } from '../../core/plan/observation.ts';
import { emptyMemory, isSameMemory } from '../../core/plan/observation.ts';
import type { Offering } from '../../core/values/offering.ts';
import type { Usage } from '../../core/records/pool.ts';
import type { CloudRefusedError, Instance } from '../../ports/cloud.ts';
import type { Item, Write } from '../../ports/store.ts';
import { activityWrite, nodeFields } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import { countLaunchedNodes, transactCounting } from '../store/totals.ts';
import type { HeldLock } from '../coordination/lock.ts';
import { outboxWrites } from './outbox.ts';
import type { PoolItem } from '../requests/pools.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { resolveLaunchToken } from './launch-token.ts';
import { transact, update } from '../store/store-retry.ts';

const keepPastMs = 7 * 24 * 3_600_000;

function reservation(offerings: readonly Offering[], count: number): Usage {
  const most = (of: (one: Offering) => number): number => count * Math.max(...offerings.map(of));
  return {
    instances: count,
    vcpu: most((one) => one.type.vcpu),
    memoryMib: most((one) => one.type.memoryMib),
    usdPerHour: most((one) => one.priceUsdPerHour),
  };
}

export function freeze(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: PoolItem,
  planned: PlannedLaunch,
): readonly LaunchRecord[] {
  const { spec } = pool.data;
  const [first] = planned.offerings;
  if (!first) return [];
  const launches: LaunchRecord[] = [];
  for (let left = planned.count; left > 0; left -= settings.decisions.nodesPerLaunch) {
    const id = `l-${ports.random.id()}`;
    const count = Math.min(left, settings.decisions.nodesPerLaunch);
    const nowMs = ports.clock.nowMs();
    launches.push({
      id,
      pool: spec.name,
      state: 'open',
      reserved: reservation(planned.offerings, count),
      tasksMax: spec.tasksPerNode,
      reason: planned.reason,
      createdAtMs: nowMs,
      ...newTokenCalls(nowMs),
      outcome: null,
      ...(planned.gangs === undefined ? {} : { gangs: planned.gangs }),
      request: {
        capacityType: first.capacityType,
        templateVersion: settings.templateVersion,
        count,
        overrides: planned.offerings.map((one) => ({
          instanceType: one.type.name,
          zone: one.zone,
          priceUsdPerHour: one.priceUsdPerHour,
        })),
        tags: { [tagInstallation]: settings.installation, [tagPool]: spec.name, [tagLaunch]: id },
      },
    });
  }
  return launches;
}

/**
 * Writes launches with the fence and the pool's spec version checked. @throws
 * ConditionFailedError when either moved
 */
export async function recordLaunches(
  ports: ControlPorts,
  lock: HeldLock,
  pool: PoolItem,
  launches: readonly LaunchRecord[],
): Promise<void> {
  const writes: Write[] = launches.map((launch) => ({
    op: 'put',
    item: { ...keys.launch(lock.pool, launch.id), data: launch },
    condition: 'absent',
  }));
  await transact(ports, [lock.fence, { op: 'check', key: keys.pool(lock.pool), condition: pool.version }, ...writes]);
}

/** What EC2 said of one launch. */
export interface LaunchWord {
  readonly isClosed: boolean;
  readonly news: LaunchNews;
}

/**
 * Calls EC2 for an open launch (the first time, or again with the same token) and settles it if the answer is
 * known. `isMaker`: this very tick wrote it. null: there was nothing to do. @throws ConditionFailedError when
 * another tick was faster
 */
export async function callAndSettle(
  ports: ControlPorts,
  settings: ControlSettings,
  lock: HeldLock,
  id: string,
  isMaker: boolean,
): Promise<LaunchWord | null> {
  const word = await resolveLaunchToken(
    { ports, settings, lock },
    {
      key: keys.launch(lock.pool, id),
      send: (launch: LaunchRecord) => ports.cloud.launchFleet(id, launch.request),
      isWhole: (launch, answer) => !answer.isReplay || answer.instances.length >= launch.request.count,
      list: async (launch) => {
        const scope = { installation: settings.installation, pool: launch.pool, launchId: id };
        return (await ports.cloud.list({ ...scope, things: 'instances' })).instances;
      },
    },
    isMaker,
  );
  if (word.kind === 'nothing') return null;
  const { request, gangs } = word.item.data;
  const news = (
    isClosed: boolean,
    faults: readonly LaunchFault[],
    launched: LaunchNews['launched'] = [],
  ): LaunchWord => ({
    isClosed,
    // A part of a gang is a part when the launch is closed, not while more may come of it.
    news: {
      faults,
      launched,
      capacityType: request.capacityType,
      asked: request.overrides,
      count: request.count,
      gangs: isClosed ? (gangs ?? []) : [],
    },
  });
  switch (word.kind) {
    case 'open':
      return news(false, word.answer?.faults ?? faultsOf(word.refusal));
    case 'answered': {
      const { instances, faults } = word.answer;
      const told =
        faults.length === 0
          ? null
          : [
              ...new Set(
                faults.map(
                  (fault) =>
                    `${fault.code}${fault.about ? ` (${fault.about.instanceType ?? '*'} in ${fault.about.zone})` : ''}`,
                ),
              ),
            ].join(', ');
      await settle(ports, lock, word.item, instances, told);
      return news(true, faults, instances);
    }
    case 'listed': {
      const made = word.made.filter((one) => one.state !== 'terminated');
      await settle(ports, lock, word.item, made, `settled from the tag after ${word.code}`);
      return news(true, [], made);
    }
    case 'refused': {
      const faults = faultsOf(word.refusal);
      await settle(ports, lock, word.item, [], faults.map((fault) => `${fault.code}: ${fault.message}`).join(', '));
      return news(true, faults);
    }
  }
}

function faultsOf(refusal: CloudRefusedError | null): readonly LaunchFault[] {
  return refusal === null ? [] : [refusal.fault];
}

/** Writes the nodes and closes the launch in one transaction: the reservation passes from it to them. */
async function settle(
  ports: ControlPorts,
  lock: HeldLock,
  item: Item<LaunchRecord>,
  instances: readonly Pick<Instance, 'id' | 'instanceType' | 'zone' | 'capacityType'>[],
  told: string | null,
): Promise<void> {
  const launch = item.data;
  const nodes: NodeRecord[] = [];
  for (const instance of instances) nodes.push(await newNode(ports, launch, instance));
  const outcome =
    `${String(nodes.length)} of ${String(launch.request.count)} ` + `launched${told === null ? '' : `; ${told}`}`;
  const settled: LaunchRecord = { ...launch, state: 'settled', outcome, calls: launch.calls + 1 };
  const nowMs = ports.clock.nowMs();
  const writes: Write[] = [
    { op: 'delete', key: keys.launch(lock.pool, launch.id), condition: item.version },
    {
      op: 'put',
      item: { ...keys.pastLaunch(lock.pool, launch.id), data: settled, expiresAtMs: nowMs + keepPastMs },
      condition: 'absent',
    },
    ...nodes.map((node): Write => ({
      op: 'put',
      item: { ...keys.node(lock.pool, node.id), data: node },
      condition: 'absent',
    })),
    nodes.length > 0
      ? activityWrite(ports, lock.pool, {
          code: 'launch',
          message:
            `${outcome}: `
            + `${nodes.map((node) => `${node.id} (${node.instanceType} ${node.capacityType} in ${node.zone})`).join(', ')}`
            + '. '
            + `${launch.reason}`,
          launchId: launch.id,
          ...only(nodes),
        })
      : activityWrite(ports, lock.pool, {
          code: 'launch_failed',
          message: `${outcome}. ${launch.reason}`,
          launchId: launch.id,
        }),
    ...outboxWrites(
      ports,
      lock.pool,
      nodes.map((node) => ({
        type: 'NodeLaunched',
        nodeId: node.id,
        pool: node.pool,
        instanceType: node.instanceType,
        zone: node.zone,
        capacityType: node.capacityType,
        priceUsdPerHour: node.priceUsdPerHour,
        atMs: nowMs,
      })),
    ),
  ];
  if (nodes.length === 0) await transact(ports, writes);
  else await transactCounting(ports, lock.pool, writes, countLaunchedNodes(nodes.length));
}

function only(nodes: readonly NodeRecord[]): ReturnType<typeof nodeFields> {
  const [first] = nodes;
  return nodes.length === 1 && first ? nodeFields(first) : {};
}

async function newNode(
  ports: ControlPorts,
  launch: LaunchRecord,
  instance: Pick<Instance, 'id' | 'instanceType' | 'zone' | 'capacityType'>,
): Promise<NodeRecord> {
  const type = await ports.catalog.instanceType(instance.instanceType);
  assert(type, `EC2 answered the type ${instance.instanceType}, which the catalog lacks though the launch named it`);
  const override =
    launch.request.overrides.find((one) => one.instanceType === instance.instanceType && one.zone === instance.zone)
    ?? launch.request.overrides.find((one) => one.instanceType === instance.instanceType);
  const priceUsdPerHour = override?.priceUsdPerHour ?? type.onDemandUsdPerHour ?? 0;
  return {
    id: instance.id,
    pool: launch.pool,
    launchId: launch.id,
    instanceType: instance.instanceType,
    zone: instance.zone,
    capacityType: instance.capacityType,
    priceUsdPerHour,
    allocatable: type.allocatable,
    tasksMax: launch.tasksMax,
    reserved: { instances: 1, vcpu: type.vcpu, memoryMib: type.memoryMib, usdPerHour: priceUsdPerHour },
    state: 'launching',
    createdAtMs: ports.clock.nowMs(),
    readyAtMs: null,
    bootId: '',
    seq: 0,
    lastSeenAtMs: null,
    assigned: [],
    emptySinceMs: null,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
    missingSinceMs: null,
  };
}

/** What answers say about capacity and the account, kept for the next decisions. */
export async function rememberFaults(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: string,
  news: readonly LaunchNews[],
): Promise<void> {
  if (news.length === 0) return;
  const nowMs = ports.clock.nowMs();
  await update<PoolMemory>(ports, keys.memory(pool), (current) => {
    const memory: PoolMemory = { ...emptyMemory, ...current?.data };
    const data: PoolMemory = { ...memory, ...rememberNews(memory, news, nowMs, settings.decisions) };
    return isSameMemory(data, memory) ? null : { ...keys.memory(pool), data };
  });
}
