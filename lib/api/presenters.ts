// The core's request records as the API shows them.
import { isClaim } from '../core/records/claim.ts';
import type { AnyRequest, ClaimRecord } from '../core/records/claim.ts';
import type { VolumeShape } from '../core/records/volume.ts';
import { waitsUntil } from '../core/claims/lifecycle.ts';
import { etagOf } from '../core/claims/etag.ts';
import type { PoolSpec } from '../core/records/pool.ts';
import { actedOn } from '../core/tasks/capacity/learning/styles.ts';
import { attemptsNanoUsd, lastAttemptUsd, requestUsd } from '../core/costs/attempt.ts';
import { nanoPerUsd } from '../core/costs/meter.ts';
import type { RequestRecord, TaskRecord, TaskSpec } from '../core/records/request.ts';
import { leaseOf, networkOf, partsOf } from './schemas/claims.ts';
import type { RequestView, TaskView, TimelineView } from './schemas/requests.ts';
import { presentQuoted } from './schemas/tasks/cost.ts';
import { usageOf } from './schemas/tasks/usage.ts';
import { compact, timeOf, timeOrNull } from './schemas/values.ts';

/** `pool`: the spec of the request's pool now; null when it is gone (or not asked for, as nothing is allocated). */
export function presentRequest(record: AnyRequest, pool: PoolSpec | null): RequestView {
  return isClaim(record) ? presentClaim(record, pool) : presentRun(record, pool);
}

function presentClaim(claim: ClaimRecord, pool: PoolSpec | null): RequestView {
  const { id, spec, tenant, state, reason } = claim;
  const untilMs = waitsUntil(claim);
  return {
    id,
    type: spec.type,
    ...compact({ name: spec.name, labels: spec.labels }),
    pool: claim.pool,
    tenant,
    state,
    reason,
    createdAt: timeOf(claim.createdAtMs),
    startedAt: timeOrNull(claim.startedAtMs),
    endedAt: timeOrNull(claim.endedAtMs),
    count: spec.count,
    counts: { ...claim.counts },
    exitCode: null,
    attempts: null,
    allocation: claimAllocation(claim, pool),
    ...(spec.type === 'virtual_machine' ? compact({ service: spec.service }) : {}),
    parts: partsOf(claim),
    ...networkOf(claim),
    ...leaseOf(claim),
    ...compact({ nextTryAt: untilMs === null ? undefined : timeOf(untilMs) }),
    etag: `"${etagOf(claim)}"`,
  };
}

function claimAllocation(claim: ClaimRecord, pool: PoolSpec | null): RequestView['allocation'] {
  const machine = claim.machines.find((one) => one.instanceId !== null);
  if (machine?.instanceId && machine.instanceType !== null && machine.zone !== null) {
    return {
      resourceType: 'ec2-instance',
      instanceType: machine.instanceType,
      zone: machine.zone,
      capacityType: machine.capacityType,
      priceUsdPerHour: machine.priceUsdPerHour,
      instanceId: machine.instanceId,
      privateAddress: machine.privateIp,
      publicAddress: machine.publicIp,
      placement: pool?.placement ?? null,
      learningStyle: null,
    };
  }
  const { volume, usedBy } = claim;
  if (volume?.volumeId) {
    const { type: volumeType, sizeGib, iops, throughputMibps, usdPerMonth } = volume.shape;
    return {
      resourceType: 'ebs-volume',
      volumeId: volume.volumeId,
      volumeType,
      sizeGib,
      iops,
      throughputMibps,
      zone: volume.zone,
      priceUsdPerMonth: usdPerMonth,
      ...(claim.wantedShape === null ? {} : { wanted: wantedOf(claim.wantedShape) }),
      attachedTo: usedBy?.request ?? null,
      device: usedBy?.device ?? null,
    };
  }
  const [groupId] = claim.groupIds;
  return groupId === undefined ? null : { resourceType: 'security-group', groupId };
}

function wantedOf({ type: volumeType, sizeGib, iops, throughputMibps, usdPerMonth: priceUsdPerMonth }: VolumeShape): {
  volumeType: string;
  sizeGib: number;
  iops: number | null;
  throughputMibps: number | null;
  priceUsdPerMonth: number;
} {
  return { volumeType, sizeGib, iops, throughputMibps, priceUsdPerMonth };
}

function presentRun(record: RequestRecord, pool: PoolSpec | null): RequestView {
  const task = record.spec.count === 1 ? record.tasks[0] : undefined;
  return {
    id: record.id,
    type: record.spec.type,
    ...compact({ name: record.spec.name, labels: record.spec.labels }),
    pool: record.pool,
    tenant: record.tenant,
    state: record.state,
    reason: record.reason,
    createdAt: timeOf(record.createdAtMs),
    startedAt: timeOrNull(record.startedAtMs),
    endedAt: timeOrNull(record.endedAtMs),
    count: record.spec.count,
    counts: { ...record.counts },
    exitCode: task?.exitCode ?? null,
    attempts: attemptsOf(record, task),
    lastAttemptUsd: task === undefined ? null : lastAttemptUsd(task, record.spec.resources),
    usd: requestUsd(record),
    ...usageOf(task),
    allocation: allocationOf(record, task, pool),
    ...(needsPool(record) && pool !== null ? { learning: actedOn(record.spec, pool) } : {}),
    ...compact({
      service: record.spec.service,
      waitsFor: waitsFor(record),
      retryOf: record.spec.retryOf,
      subset: record.spec.subset,
    }),
    ...(record.quoted && { quoted: presentQuoted(record.quoted, record.createdAtMs) }),
  };
}

function waitsFor({ counts, endedAtMs, timeline }: RequestRecord): RequestView['waitsFor'] {
  const word = timeline.at(-1);
  if (counts.pending === 0 || endedAtMs !== null || word === undefined) return undefined;
  return { code: word.code, message: word.message };
}

/** `task.startedAtMs`: of one that runs, where that is known. */
export function presentTask(task: TaskRecord, { resources }: Pick<TaskSpec, 'resources'>): TaskView {
  const { allocation } = task;
  const nanoUsd = attemptsNanoUsd(task, resources);
  return {
    index: task.index,
    state: task.state === 'placed' ? 'running' : task.state,
    exitCode: task.exitCode,
    reason: task.reason,
    attempts: attemptsBegun(task),
    ...usageOf(task),
    node: allocation && {
      id: allocation.nodeId,
      instanceType: allocation.instanceType,
      zone: allocation.zone,
      capacityType: allocation.capacityType,
      priceUsdPerHour: allocation.priceUsdPerHour,
    },
    lastAttemptUsd: lastAttemptUsd(task, resources),
    usd: nanoUsd === undefined ? null : nanoUsd / nanoPerUsd,
    placedAt: timeOrNull(task.placedAtMs),
    startedAt: timeOrNull(task.startedAtMs),
    endedAt: timeOrNull(task.endedAtMs),
    ...(task.state === 'pending' && task.notBeforeMs > 0 ? { nextTryAt: timeOf(task.notBeforeMs) } : {}),
  };
}

/** An attempt counts from when it is placed: the record names the current one before that. */
function attemptsOf(record: RequestRecord, task: TaskRecord | undefined): number | null {
  if (task === undefined) return record.spec.count === 1 ? 0 : null;
  return attemptsBegun(task);
}

function attemptsBegun({ placedAtMs, state, attempt }: TaskRecord): number {
  return placedAtMs === null || state === 'pending' ? attempt - 1 : attempt;
}

function allocationOf(
  record: RequestRecord,
  task: TaskRecord | undefined,
  pool: PoolSpec | null,
): RequestView['allocation'] {
  const allocation = task?.allocation;
  if (!allocation) return null;
  return {
    resourceType: 'ec2-instance',
    instanceType: allocation.instanceType,
    zone: allocation.zone,
    capacityType: allocation.capacityType,
    priceUsdPerHour: allocation.priceUsdPerHour,
    placement: pool?.placement ?? null,
    learningStyle: record.spec.learningStyle ?? pool?.learningStyle ?? null,
  };
}

/** Whether showing the record needs its pool. */
export function needsPool(record: AnyRequest): boolean {
  if (isClaim(record)) return record.machines.some((one) => one.instanceId !== null);
  return record.spec.learningStyle !== null || (record.spec.count === 1 && Boolean(record.tasks[0]?.allocation));
}

export function presentTimeline(record: AnyRequest): TimelineView {
  return {
    // What a node did is heard of later than what happened here meanwhile.
    items: [...record.timeline]
      .sort((a, b) => a.atMs - b.atMs)
      .map((entry) => ({
        at: timeOf(entry.atMs),
        stage: entry.stage,
        code: entry.code,
        message: entry.message,
        ...(entry.nextTryAtMs === undefined ? {} : { nextTryAt: timeOf(entry.nextTryAtMs) }),
        ...(entry.excluded === undefined ? {} : { excluded: entry.excluded.map((one) => ({ ...one })) }),
      })),
  };
}
