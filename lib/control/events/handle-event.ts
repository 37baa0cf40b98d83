// Events of AWS are hints: what is about to take an instance drains its node at once, every other one wakes its pool;
// alarms move the headroom floor of the pools that name them, and services that do.
import { withTimeline } from '../../core/records/timeline.ts';
import type { ClaimRow } from '../../core/records/claim.ts';
import type { MachineRecord } from '../../core/records/machine.ts';
import { announcedLeadMs, announcedTo } from '../../core/disruption/methods/announced.ts';
import { drainedBy, spotInterruption } from '../../core/disruption/methods/interruption.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { AlarmEvent } from '../../core/scaling/alarms.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import { withAlarmEvent } from '../../core/services/scaling.ts';
import { activityWrite, nodeFields } from '../store/activity.ts';
import { applyAlarm } from '../tick/scaling/headroom-floor.ts';
import { rowItem } from '../claims/store.ts';
import { keys } from '../store/keys.ts';
import { readPools, readServices } from '../requests/pools.ts';
import type { ControlPorts } from '../ports.ts';
import type { InstanceEvent, PoolRecord } from '../use-cases.ts';
import { raiseWake } from '../coordination/wake.ts';
import { queryAll, update, updateWith } from '../store/store-retry.ts';

export async function handleInstanceEvent(ports: ControlPorts, event: InstanceEvent): Promise<void> {
  const isTaken = event.kind === 'interruption-warning' || event.kind === 'scheduled-change';
  // A node runs on under a recommendation: EC2 need not take it.
  const isNode = isTaken ? await drain(ports, event) : false;
  if (!isNode && event.kind !== 'state-change') await announce(ports, event);
  await raiseWake(ports, event.pool, event.kind === 'state-change' ? ports.clock.nowMs() : 0);
}

/** A node that drains already has its reason; the activity tells of the first. false: it is no node. */
async function drain(ports: ControlPorts, event: InstanceEvent): Promise<boolean> {
  const key = keys.node(event.pool, event.instanceId);
  const reason = event.reason ?? spotInterruption;
  const { data: node } = await updateWith<NodeRecord>(ports, key, (current) => {
    const nowMs = ports.clock.nowMs();
    const isFarOff = event.kind === 'scheduled-change' && event.atMs - announcedLeadMs > nowMs;
    const data =
      current
      && (isFarOff
        ? announcedTo(current.data, { reason, atMs: event.atMs })
        : drainedBy(current.data, { reason, deadlineMs: event.atMs }, nowMs));
    if (!data) return null;
    return {
      item: { ...key, data },
      others: [
        activityWrite(ports, event.pool, {
          code: isFarOff ? 'node_announced' : 'node_draining',
          message: `${data.id}: ${reason}`,
          ...nodeFields(data),
        }),
      ],
    };
  });
  return node !== null;
}

const recommended = 'EC2 recommends to replace this spot instance, as it is likelier to be interrupted';
const interrupted = 'EC2 is about to take this spot instance';

/**
 * A claimed machine is its caller's: the request's timeline says it once, and what becomes of the machine
 * is the caller's decision. A service puts another in its place before EC2 takes it.
 */
async function announce(ports: ControlPorts, event: InstanceEvent): Promise<void> {
  const { instanceId, kind, atMs } = event;
  const machines = await queryAll<MachineRecord>(ports, keys.resources(event.pool), { skPrefix: keys.machinePrefix });
  const id = machines.find(({ data }) => data.instanceId === instanceId)?.data.claim ?? null;
  if (id === null) return;
  const isTaken = kind !== 'rebalance-recommendation';
  const reason = event.reason ?? (isTaken ? interrupted : recommended);
  const message = `${instanceId}: ${reason}`;
  await updateWith<ClaimRow>(ports, keys.request(id), (current) => {
    if (!current || current.data.endedAtMs !== null || current.data.timeline.some((entry) => entry.message === message))
      return null;
    const { leaving: earlier } = current.data;
    const isFirst = isTaken && (earlier === undefined || earlier.instanceId !== instanceId || atMs < earlier.atMs);
    const data = withTimeline(
      { ...current.data, ...(isFirst ? { leaving: { instanceId, reason, atMs } } : {}) },
      { atMs: ports.clock.nowMs(), stage: current.data.state, code: 'announced', message },
    );
    return {
      item: rowItem(data, null),
      others: [
        activityWrite(ports, event.pool, {
          code: 'machine_announced',
          message: `${message} (claimed by ${id})`,
          nodeId: instanceId,
        }),
      ],
    };
  });
}

/** Every pool that names the alarm hears of it, and every service. Answers pools, and services as `POOL/SERVICE`. */
export async function handleAlarmEvent(ports: ControlPorts, event: AlarmEvent): Promise<readonly string[]> {
  const all = (await readPools(ports)).filter(({ data }) => data.deletingSinceMs === null);
  const services: string[] = [];
  for (const { data } of all) services.push(...(await alarmServices(ports, data, event)));
  const pools = all.filter(({ data }) => (data.spec.alarms ?? []).some((one) => one.alarmName === event.alarmName));
  for (const pool of pools) {
    const { isChanged } = await applyAlarm(ports, pool.data.spec, event);
    // Also where nothing changed: the first delivery may have stopped between its write and its wake.
    if (isChanged || event.state === 'ALARM') await raiseWake(ports, pool.sk);
  }
  return [...pools.map((pool) => pool.sk), ...services];
}

/** What the alarm does to them is decided by the tick. */
async function alarmServices(ports: ControlPorts, pool: PoolRecord, event: AlarmEvent): Promise<readonly string[]> {
  const named = (await readServices(ports, pool)).filter(
    ({ data: { quarantine, scaling } }) =>
      quarantine === undefined
      && scaling?.policies.some((one) => one.kind === 'alarm' && one.alarmName === event.alarmName) === true,
  );
  for (const { pk, sk } of named)
    await update<ServiceRecord>(ports, { pk, sk }, (current) => {
      if (current === null || current.data.quarantine !== undefined) return null;
      const data = withAlarmEvent(current.data, event);
      return data === current.data ? null : { pk, sk, data };
    });
  if (named.length > 0) await raiseWake(ports, pool.spec.name);
  return named.map(({ data }) => `${pool.spec.name}/${data.name}`);
}
