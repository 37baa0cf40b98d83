// Launching: the decision is durable (frozen request, fence, reservation) before EC2 is called with its id as the
// token, and it stays open until an answer to that token is known. Nothing here closes a launch on a guess.
import type { PlannedLaunch } from '../core/allocation/types.ts';
import { assert } from '../core/errors.ts';
import type { LaunchRecord } from '../core/launch.ts';
import { tagInstallation, tagLaunch, tagPool } from '../core/launch.ts';
import type { NodeRecord } from '../core/node.ts';
import type { PoolMemory } from '../core/observation.ts';
import { emptyMemory, zoneKey } from '../core/observation.ts';
import type { CapacityType, Offering } from '../core/offering.ts';
import { offeringId } from '../core/offering.ts';
import type { Usage } from '../core/pool.ts';
import type { Instance, LaunchAnswer, LaunchFault } from '../ports/compute.ts';
import { ComputeThrottledError, ComputeUnknownError, LaunchRefusedError, TokenUsedError } from '../ports/compute.ts';
import type { Item, Write } from '../ports/store.ts';
import { ConditionFailedError } from '../ports/store.ts';
import { activityWrite, emptyTotals, nodeFields } from './activity.ts';
import type { TotalsRecord } from './activity.ts';
import { keys } from './keys.ts';
import type { HeldLock } from './lock.ts';
import type { PoolItem } from './pools.ts';
import type { ControlPorts, ControlSettings } from './ports.ts';
import { put, reading, transact, update } from './writing.ts';

const keepPastMs = 7 * 24 * 3_600_000;
/** Not to be repeated by the next round while the first call is still under way. */
const firstRetryMs = 5_000;

function reservation(offerings: readonly Offering[], count: number): Usage {
  const most = (of: (one: Offering) => number): number => count * Math.max(...offerings.map(of));
  return {
    instances: count, vcpu: most((one) => one.type.vcpu), memoryMib: most((one) => one.type.memoryMib), usdPerHour: most((one) => one.priceUsdPerHour),
  };
}

export function freeze(ports: ControlPorts, settings: ControlSettings, pool: PoolItem, planned: PlannedLaunch): readonly LaunchRecord[] {
  const { spec } = pool.data;
  const [first] = planned.offerings;
  if (!first) return [];
  const launches: LaunchRecord[] = [];
  for (let left = planned.count; left > 0; left -= settings.decisions.nodesPerLaunch) {
    const id = `l-${ports.random.id()}`;
    const count = Math.min(left, settings.decisions.nodesPerLaunch);
    const nowMs = ports.clock.nowMs();
    launches.push({
      id, pool: spec.name, state: 'open', reserved: reservation(planned.offerings, count), tasksMax: spec.tasksPerNode,
      reason: planned.reason, createdAtMs: nowMs, calls: 0, nextTryAtMs: nowMs + firstRetryMs, tokenUsed: null, outcome: null,
      request: {
        capacityType: first.capacityType, templateVersion: settings.templateVersion, count,
        overrides: planned.offerings.map((one) => ({ instanceType: one.type.name, zone: one.zone, priceUsdPerHour: one.priceUsdPerHour })),
        tags: { [tagInstallation]: settings.installation, [tagPool]: spec.name, [tagLaunch]: id },
      },
    });
  }
  return launches;
}

/** Writes launches with the fence and the pool's spec version checked. @throws ConditionFailedError when either moved */
export async function recordLaunches(ports: ControlPorts, lock: HeldLock, pool: PoolItem, launches: readonly LaunchRecord[]): Promise<void> {
  const writes: Write[] = launches.map((launch) => ({ op: 'put', item: { ...keys.launch(lock.pool, launch.id), data: launch }, condition: 'absent' }));
  await transact(ports, [lock.fence, { op: 'check', key: keys.pool(lock.pool), condition: pool.version }, ...writes]);
}

/** What one settled launch says about capacity. */
export interface LaunchNews {
  readonly isClosed: boolean;
  readonly capacityType: CapacityType;
  readonly faults: readonly LaunchFault[];
}

/**
 * Calls EC2 for an open launch (the first time, or again with the same token) and settles it if the answer is
 * known. `isFirst`: this very tick wrote it. null: there was nothing to do. @throws ConditionFailedError when another tick was faster
 */
export async function callAndSettle(ports: ControlPorts, settings: ControlSettings, lock: HeldLock, id: string, isFirst: boolean): Promise<LaunchNews | null> {
  const found = await reading(ports, () => ports.store.get<LaunchRecord>(keys.launch(lock.pool, id)));
  if (!found) return null;
  // A repeat is noted before it is made, so that the launch's version tells its maker that he is not alone any more.
  const isAlone = isFirst && found.data.calls === 0;
  const item = isAlone || found.data.tokenUsed ? found : await noteRepeat(ports, lock, found);
  // Too late to call under this lock: the next holder finds the launch open and repeats it.
  if (ports.clock.monotonicMs() - lock.heldSinceMs > settings.lockLeaseMs / 2) return null;
  const news = (isClosed: boolean, faults: readonly LaunchFault[]): LaunchNews => ({ isClosed, faults, capacityType: item.data.request.capacityType });
  try {
    if (item.data.tokenUsed) return news(await settleFromTag(ports, settings, lock, item, item.data.tokenUsed), []);
    const answer = await ports.compute.launch(id, item.data.request);
    return news(await take(ports, settings, lock, item, answer), answer.faults);
  } catch (error) {
    if (error instanceof TokenUsedError) {
      await noteTokenUsed(ports, settings, lock, item, error.awsCode);
      return news(false, []);
    }
    if (error instanceof LaunchRefusedError) {
      if (!isFinal(error, isAlone)) {
        await postpone(ports, lock, item, error);
        return news(false, [error.fault]);
      }
      await settle(ports, lock, item, [], `${error.fault.code}: ${error.fault.message}`);
      return news(true, [error.fault]);
    }
    if (error instanceof ComputeThrottledError || error instanceof ComputeUnknownError) {
      await postpone(ports, lock, item, error);
      return news(false, []);
    }
    throw error;
  }
}

/**
 * Whether a refusal is EC2's last word on the token. An account that has no room now may have some in a minute, and
 * then a sender who stood still before his call all that time still launches: only the first sender, while the
 * launch is as he wrote it, knows that there is nobody else. What is wrong with the request itself stays wrong.
 */
function isFinal(error: LaunchRefusedError, isAlone: boolean): boolean {
  return error.isTokenUsed || isAlone || error.fault.scope === 'request' || error.fault.scope === 'zone';
}

async function noteRepeat(ports: ControlPorts, lock: HeldLock, item: Item<LaunchRecord>): Promise<Item<LaunchRecord>> {
  const data: LaunchRecord = { ...item.data, calls: item.data.calls + 1, nextTryAtMs: ports.clock.nowMs() + firstRetryMs };
  return put(ports, { ...keys.launch(lock.pool, item.data.id), data }, item.version);
}

async function postpone(ports: ControlPorts, lock: HeldLock, item: Item<LaunchRecord>, error: Error): Promise<void> {
  const waitMs = Math.min(60_000, 1_000 * 2 ** item.data.calls) * (0.5 + ports.random.next() / 2);
  ports.log.write('warn', 'a launch has no answer yet; it will be repeated with the same token', { pool: lock.pool, launch: item.data.id, error });
  await put(ports, { ...keys.launch(lock.pool, item.data.id), data: { ...item.data, calls: Math.max(1, item.data.calls), nextTryAtMs: ports.clock.nowMs() + waitMs } }, item.version);
}

/** true: the launch is closed. */
async function take(ports: ControlPorts, settings: ControlSettings, lock: HeldLock, item: Item<LaunchRecord>, answer: LaunchAnswer): Promise<boolean> {
  if (answer.isReplay && answer.instances.length < item.data.request.count) {
    // A replay does not promise to list what the first call launched, faults or not: the tag knows.
    await noteTokenUsed(ports, settings, lock, item, 'replay');
    return false;
  }
  const told = answer.faults.length === 0 ? null : [...new Set(answer.faults.map((fault) => `${fault.code}${fault.about ? ` (${fault.about.instanceType ?? '*'} in ${fault.about.zone})` : ''}`))].join(', ');
  await settle(ports, lock, item, answer.instances, told);
  return true;
}

async function listByTag(ports: ControlPorts, settings: ControlSettings, launch: LaunchRecord): Promise<readonly Instance[]> {
  return ports.compute.describe({ installation: settings.installation, pool: launch.pool, launchId: launch.id });
}

/** The first listing of what the token launched. A throttled listing postpones it: the token stays used. */
async function noteTokenUsed(ports: ControlPorts, settings: ControlSettings, lock: HeldLock, item: Item<LaunchRecord>, code: string): Promise<void> {
  const nowMs = ports.clock.nowMs();
  try {
    const found = await listByTag(ports, settings, item.data);
    const tokenUsed = { code, listedAtMs: nowMs, instanceIds: found.map((one) => one.id).sort() };
    const nextTryAtMs = nowMs + settings.decisions.listingsApartMs;
    await put(ports, { ...keys.launch(lock.pool, item.data.id), data: { ...item.data, tokenUsed, nextTryAtMs } }, item.version);
  } catch (error) {
    if (!(error instanceof ComputeThrottledError || error instanceof ComputeUnknownError)) throw error;
    await postpone(ports, lock, item, error);
  }
}

/** The token was used: what it launched is what two listings, far enough apart, agree upon. true: closed. */
async function settleFromTag(ports: ControlPorts, settings: ControlSettings, lock: HeldLock, item: Item<LaunchRecord>, used: NonNullable<LaunchRecord['tokenUsed']>): Promise<boolean> {
  const nowMs = ports.clock.nowMs();
  if (nowMs - used.listedAtMs < settings.decisions.listingsApartMs) return false;
  const found = await listByTag(ports, settings, item.data);
  const ids = found.map((one) => one.id).sort();
  if (JSON.stringify(ids) !== JSON.stringify(used.instanceIds)) {
    const next = { ...item.data, tokenUsed: { ...used, listedAtMs: nowMs, instanceIds: ids }, nextTryAtMs: nowMs + settings.decisions.listingsApartMs };
    await put(ports, { ...keys.launch(lock.pool, item.data.id), data: next }, item.version);
    return false;
  }
  await settle(ports, lock, item, found.filter((one) => one.state !== 'terminated'), `settled from the tag after ${used.code}`);
  return true;
}

/** Writes the nodes and closes the launch in one transaction: the reservation passes from it to them. */
async function settle(
  ports: ControlPorts, lock: HeldLock, item: Item<LaunchRecord>,
  instances: readonly Pick<Instance, 'id' | 'instanceType' | 'zone' | 'capacityType'>[], told: string | null,
): Promise<void> {
  const launch = item.data;
  const nodes: NodeRecord[] = [];
  for (const instance of instances) nodes.push(await newNode(ports, launch, instance));
  const outcome = `${String(nodes.length)} of ${String(launch.request.count)} launched${told === null ? '' : `; ${told}`}`;
  const settled: LaunchRecord = { ...launch, state: 'settled', outcome, calls: launch.calls + 1 };
  const nowMs = ports.clock.nowMs();
  const writes: Write[] = [
    { op: 'delete', key: keys.launch(lock.pool, launch.id), condition: item.version },
    { op: 'put', item: { ...keys.pastLaunch(lock.pool, launch.id), data: settled, expiresAtMs: nowMs + keepPastMs }, condition: 'absent' },
    ...nodes.map((node): Write => ({ op: 'put', item: { ...keys.node(lock.pool, node.id), data: node }, condition: 'absent' })),
    nodes.length > 0
      ? activityWrite(ports, lock.pool, { code: 'launch', message: `${outcome}: ${nodes.map((node) => `${node.id} (${node.instanceType} ${node.capacityType} in ${node.zone})`).join(', ')}. ${launch.reason}`, launchId: launch.id, ...only(nodes) })
      : activityWrite(ports, lock.pool, { code: 'launch_failed', message: `${outcome}. ${launch.reason}`, launchId: launch.id }),
  ];
  await transactCounting(ports, lock.pool, writes, nodes.length);
  await ports.events.publish(nodes.map((node) => ({
    type: 'NodeLaunched', nodeId: node.id, pool: node.pool, instanceType: node.instanceType, zone: node.zone,
    capacityType: node.capacityType, priceUsdPerHour: node.priceUsdPerHour, atMs: nowMs,
  })));
}

/** The writes and the count of launched nodes together. Launches settle side by side, and all count in one item: who is late counts again. */
async function transactCounting(ports: ControlPorts, pool: string, writes: readonly Write[], launchedNodes: number): Promise<void> {
  if (launchedNodes === 0) return transact(ports, writes);
  const key = keys.totals(pool);
  for (let tries = 1; ; tries += 1) {
    const before = await reading(ports, () => ports.store.get<TotalsRecord>(key));
    const totals = before?.data ?? emptyTotals;
    const data: TotalsRecord = { ...totals, launchedNodes: totals.launchedNodes + launchedNodes };
    try {
      return await transact(ports, [...writes, { op: 'put', item: { ...key, data }, condition: before?.version ?? 'absent' }]);
    } catch (error) {
      const isCount = error instanceof ConditionFailedError && error.key.pk === key.pk && error.key.sk === key.sk;
      if (!isCount || tries >= 20) throw error;
    }
  }
}

function only(nodes: readonly NodeRecord[]): ReturnType<typeof nodeFields> {
  const [first] = nodes;
  return nodes.length === 1 && first ? nodeFields(first) : {};
}

async function newNode(ports: ControlPorts, launch: LaunchRecord, instance: Pick<Instance, 'id' | 'instanceType' | 'zone' | 'capacityType'>): Promise<NodeRecord> {
  const type = await ports.catalog.instanceType(instance.instanceType);
  assert(type, `EC2 answered the type ${instance.instanceType}, which the catalog lacks though the launch named it`);
  const override = launch.request.overrides.find((one) => one.instanceType === instance.instanceType && one.zone === instance.zone)
    ?? launch.request.overrides.find((one) => one.instanceType === instance.instanceType);
  const priceUsdPerHour = override?.priceUsdPerHour ?? type.onDemandUsdPerHour ?? 0;
  return {
    id: instance.id, pool: launch.pool, launchId: launch.id, instanceType: instance.instanceType, zone: instance.zone,
    capacityType: instance.capacityType, priceUsdPerHour, allocatable: type.allocatable, tasksMax: launch.tasksMax,
    reserved: { instances: 1, vcpu: type.vcpu, memoryMib: type.memoryMib, usdPerHour: priceUsdPerHour },
    state: 'launching', createdAtMs: ports.clock.nowMs(), readyAtMs: null, bootId: '', seq: 0, lastSeenAtMs: null, assigned: [],
    emptySinceMs: null, drain: null, isLost: false, terminateAcceptedAtMs: null, missingSinceMs: null,
  };
}

/** What answers say about capacity and the account, kept for the next decisions. */
export async function rememberFaults(ports: ControlPorts, settings: ControlSettings, pool: string, news: readonly LaunchNews[]): Promise<void> {
  if (news.every((one) => one.faults.length === 0)) return;
  const nowMs = ports.clock.nowMs();
  await update<PoolMemory>(ports, keys.memory(pool), (current) => {
    const memory: PoolMemory = current?.data ?? emptyMemory;
    const outUntilMs: Record<string, number> = { ...memory.outUntilMs };
    let { buying } = memory;
    const untilMs = nowMs + settings.decisions.outOfCapacityMs;
    for (const { faults, capacityType } of news) {
      for (const fault of faults) {
        switch (fault.scope) {
          case 'offering':
            if (fault.about?.instanceType) outUntilMs[offeringId(fault.about.instanceType, fault.about.zone, capacityType)] = untilMs;
            break;
          case 'zone':
          case 'subnet':
            if (fault.about) outUntilMs[zoneKey(fault.about.zone, capacityType)] = untilMs;
            break;
          case 'account':
          case 'request':
            // Not capacity memory: the account or the request is at fault, wherever it is sent.
            buying = {
              pausedUntilMs: nowMs + settings.decisions.accountPauseMs,
              code: fault.scope === 'account' ? 'account_limit' : 'launch_refused', message: `EC2 refused: ${fault.code}: ${fault.message}`,
            };
            break;
        }
      }
    }
    return { ...keys.memory(pool), data: { ...memory, outUntilMs, buying } };
  });
}
