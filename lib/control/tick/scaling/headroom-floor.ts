// The headroom floor of a pool: alarms move it. Its record remembers the last state of each alarm and is written on
// condition, together with the activity, so that an event delivered twice, or to two functions at once, counts once.
import type { Floor } from '../../../core/plan/observation.ts';
import type { PoolSpec } from '../../../core/records/pool.ts';
import type { AlarmAct, AlarmEvent, FloorRecord } from '../../../core/scaling/alarms.ts';
import { emptyFloor, floorNodes, applyAlarms, hasFloor, nextActAtMs } from '../../../core/scaling/alarms.ts';
import type { CloudWatchSeen } from '../../../core/scaling/policies/cloudwatch.ts';
import { applyPolicies, isByDemand, noPolicies, policiesDueAtMs } from '../../../core/scaling/policies/headroom.ts';
import { earliest } from '../../../core/plan/decide-tasks.ts';
import { activityWrite } from '../../store/activity.ts';
import { keys } from '../../store/keys.ts';
import type { ControlPorts, ReadingPorts } from '../../ports.ts';
import type { PoolRecord } from '../../use-cases.ts';
import { lastCloudWatch } from './cloudwatch.ts';
import { historyDaysOf, readDemand } from './demand-history.ts';
import { reading, update, updateWith } from '../../store/store-retry.ts';

/**
 * What a tick holds, as time has left it. Only reads, and nothing for a pool without alarms and policies. `hasNews`: an
 * alarm whose cooldown has ended acts now, or a policy wants something else; {@link applyAlarm} writes it.
 */
export async function readFloor(
  ports: ReadingPorts,
  pool: PoolRecord,
  cloudWatch: CloudWatchSeen | null,
): Promise<(Floor & { readonly hasNews: boolean }) | null> {
  const { spec, deletingSinceMs } = pool;
  if (!hasFloor(spec) || deletingSinceMs !== null) return null;
  const before = spec.alarms || spec.policies ? await readFloorRecord(ports, spec.name) : emptyFloor;
  const nowMs = ports.clock.nowMs();
  const applied = await policiesNow(ports, spec, before, cloudWatch);
  const floor = withPolicies(applyAlarms(before, spec, null, nowMs).floor, applied);
  const { because, policies } = floor;
  const declared = spec.headroom?.nodes ?? 0;
  const isByPolicies = applied !== null && policies !== undefined && policies.nodes > (spec.alarms ? floor.nodes : 0);
  return {
    nodes: floorNodes(floor, spec),
    nextActAtMs: earliest(
      nextActAtMs(floor, spec),
      applied === null ? null : policiesDueAtMs(spec.policies ?? [], applied, nowMs, cloudWatch?.nextMs ?? null),
    ),
    hasNews: floor !== before,
    because:
      (declared > 0 ? `, ${String(declared)} of them as declared` : '')
      + (isByPolicies
        ? `, by ${policies.reason}`
        : because === null
          ? ''
          : `, held since alarm ${because.alarmName} (${because.reason})`),
  };
}

type Applied = ReturnType<typeof applyPolicies>;

/** null: the pool has no policies. */
export async function policiesNow(
  ports: ReadingPorts,
  spec: PoolSpec,
  { policies: before = noPolicies }: Pick<FloorRecord, 'policies'>,
  /** Absent: as the last tick left it. */
  cloudWatch?: CloudWatchSeen | null,
): Promise<Applied | null> {
  if (spec.policies === undefined) return null;
  const demand = isByDemand(spec) && historyDaysOf(spec) > 0 ? await readDemand(ports, spec.name) : null;
  const seen = cloudWatch === undefined ? await lastCloudWatch(ports, { spec, services: [] }) : cloudWatch;
  return applyPolicies(before, spec, {
    nowMs: ports.clock.nowMs(),
    demand,
    ...(seen === null ? {} : { cloudWatch: seen }),
  });
}

/** The same floor where they change nothing. */
function withPolicies(floor: FloorRecord, applied: Applied | null): FloorRecord {
  return applied === null || applied.record === (floor.policies ?? noPolicies)
    ? floor
    : { ...floor, policies: applied.record };
}

export async function readFloorRecord(ports: ReadingPorts, pool: string): Promise<FloorRecord> {
  return (await reading(ports, () => ports.store.get<FloorRecord>(keys.floor(pool))))?.data ?? emptyFloor;
}

/** A pool that gets alarms, for the first time or again, begins at zero; what they said last stays known. */
export async function lowerFloor(ports: ControlPorts, pool: string): Promise<void> {
  await update<FloorRecord>(ports, keys.floor(pool), (current) => {
    if (!current || (current.data.nodes === 0 && Object.values(current.data.alarms).every((one) => !one.isWaiting)))
      return null;
    const alarms = Object.fromEntries(
      Object.entries(current.data.alarms).map(([name, one]) => [name, { ...one, isWaiting: false }]),
    );
    return { ...keys.floor(pool), data: { ...current.data, nodes: 0, because: null, alarms } };
  });
}

/** The floor after an event, or (null) as time alone leaves it. */
export async function applyAlarm(
  ports: ControlPorts,
  spec: PoolSpec,
  event: AlarmEvent | null,
  cloudWatch?: CloudWatchSeen | null,
): Promise<{ floor: FloorRecord; isChanged: boolean }> {
  const key = keys.floor(spec.name);
  const { data, isChanged } = await updateWith<FloorRecord>(ports, key, async (current) => {
    const before = current?.data ?? emptyFloor;
    const { floor: alarmed, acts } = applyAlarms(before, spec, event, ports.clock.nowMs());
    const floor = withPolicies(alarmed, await policiesNow(ports, spec, before, cloudWatch));
    if (floor === before) return null;
    const messages = [...acts.map(messageOf), ...policiesMessage(before.policies, floor.policies)];
    return {
      item: { ...key, data: floor },
      others: messages.map((message) => activityWrite(ports, spec.name, { code: 'headroom_changed', message })),
    };
  });
  return { floor: data ?? emptyFloor, isChanged };
}

function policiesMessage(before = noPolicies, after = noPolicies): readonly string[] {
  if (before.nodes === after.nodes) return [];
  return [`policies: the headroom goes from ${String(before.nodes)} to ${String(after.nodes)} nodes. ${after.reason}`];
}

function messageOf({ alarmName, reason, wanted, from, to }: AlarmAct): string {
  const change = from === to ? `stays at ${String(from)}` : `goes from ${String(from)} to ${String(to)}`;
  const bound = to === from + wanted ? '' : wanted > 0 ? ' (the limit of instances)' : ' (it cannot go below zero)';
  return (
    `alarm ${alarmName} (${wanted < 0 ? '' : '+'}${String(wanted)}): the headroom floor ${change} `
    + `nodes${bound}. ${reason}`
  );
}
