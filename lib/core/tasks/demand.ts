// From open requests to demand: which tasks wait now, as shapes with counts, and in which order they go.
import type { Demand } from '../allocation/types.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import type { ChunkRecord, RequestRecord, ServiceMember, TaskRecord, TaskSpec } from '../records/request.ts';
import { stopOf } from '../costs/budgets.ts';
import { requirementsOf } from './capacity/agents.ts';
import { runsAlone } from './node-losses.ts';
import type { PoolSpec } from '../records/pool.ts';
import { chunkSize, firstIndexOf } from './array-chunks.ts';
import { stopWish } from './request-lifecycle.ts';
import { requirementsKey } from '../values/requirements.ts';

/** What tasks of a shape wait for that are kept apart. */
export function aloneKey(shape: string): string {
  return `alone ${shape}`;
}

/** Equal texts wait for equal reasons. */
export function shapeKey(
  spec: Pick<
    TaskSpec,
    'resources' | 'requirements' | 'group' | 'spread' | 'affinity' | 'antiAffinity' | 'gang' | 'mounts'
  >,
): string {
  const { cpuMilli, memoryMib, gpu } = spec.resources;
  const relations = [spec.group, spec.spread, spec.affinity, spec.antiAffinity, spec.gang].some(
    (one) => one !== undefined,
  )
    ? JSON.stringify([spec.group, spec.spread, spec.affinity, spec.antiAffinity, spec.gang])
    : '';
  const mounts = spec.mounts === undefined ? '' : ` ${spec.mounts.map((one) => one.request).join(' ')}`;
  return (
    `${String(cpuMilli)}m ${String(memoryMib)}Mi ${String(gpu)}gpu ${requirementsKey(spec.requirements)} `
    + `${relations}${mounts}`
  ).trim();
}

const unrelated: Relations = Object.freeze({});

type Relations = Pick<TaskSpec, 'group' | 'spread' | 'affinity' | 'antiAffinity'>;

/** As they are decided by: a group is of one tenant, and what others call the same is another one. */
export function relationsOf({ tenant, spec }: Pick<RequestRecord, 'tenant' | 'spec'>): Relations {
  const { group, spread, affinity, antiAffinity } = spec;
  // As nearly all: a decision asks of each task that runs.
  if (group === undefined && (spread ?? affinity ?? antiAffinity) === undefined) return unrelated;
  const own = (name: string): string => `${name} of ${tenant}`;
  const all = <T extends { readonly group: string }>(rules: readonly T[]): readonly T[] =>
    rules.map((one) => ({ ...one, group: own(one.group) }));
  return {
    ...(group === undefined ? {} : { group: own(group) }),
    ...(spread === undefined ? {} : { spread: all(spread) }),
    ...(affinity === undefined ? {} : { affinity: all(affinity) }),
    ...(antiAffinity === undefined ? {} : { antiAffinity: all(antiAffinity) }),
  };
}

/** A name of a service is of one tenant. */
export function serviceOf({ tenant }: Pick<RequestRecord, 'tenant'>, { name }: ServiceMember): string {
  return `${name} of ${tenant}`;
}

/** {@link shapeKey} of its tasks. */
export function shapeOf(record: Pick<RequestRecord, 'tenant' | 'spec'>): string {
  return shapeKey({ ...record.spec, ...relationsOf(record), requirements: requirementsOf(record.spec) });
}

/** Those that share nodes with others, or those that are kept apart (see node-losses.ts). */
export type Company = 'together' | 'alone';

/** Tells a request's tasks apart. Of a gang all are kept apart when one is: they start together. */
function isOfCompany(
  record: RequestRecord,
  chunks: readonly ChunkRecord[],
  pool: Pick<PoolSpec, 'lossesMax'>,
  company: Company,
): (task: TaskRecord | null) => boolean {
  const isAlone = (task: TaskRecord | null): boolean => task !== null && runsAlone(task, record.spec, pool);
  const isGangAlone =
    record.spec.gang === true
    && chunks.some((chunk) => chunk.tasks.some((task) => task.state === 'pending' && isAlone(task)));
  return (task) => (isGangAlone || isAlone(task)) === (company === 'alone');
}

/** Indexes of tasks that may be placed now, lowest first. */
export function* waitingIndexes(
  record: RequestRecord,
  chunks: readonly ChunkRecord[],
  nowMs: number,
  company: Company,
  pool: Pick<PoolSpec, 'lossesMax'>,
): Generator<number> {
  const isWanted = isOfCompany(record, chunks, pool, company);
  const waits = (task: TaskRecord): boolean => task.state === 'pending' && task.notBeforeMs <= nowMs && isWanted(task);
  if (record.spec.count === 1) {
    for (const task of record.tasks) if (waits(task)) yield task.index;
    return;
  }
  const byNumber = new Map(chunks.map((chunk) => [chunk.chunk, chunk]));
  for (let number = record.closed.chunks; chunkSize(record.spec.count, number) > 0; number += 1) {
    const chunk = byNumber.get(number);
    if (chunk) {
      for (const task of chunk.tasks) if (waits(task)) yield task.index;
    } else if (isWanted(null)) {
      const from = firstIndexOf(number);
      for (let at = 0; at < chunkSize(record.spec.count, number); at += 1) yield from + at;
    }
  }
}

/** The demand of one request; null when nothing of it waits now. */
export function demandOf(
  record: RequestRecord,
  copy: WorkingCopy,
  company: Company,
  pool: Pick<PoolSpec, 'lossesMax'>,
): Demand | null {
  // Most rows of a large pool are of tasks that run.
  if (record.spec.count === 1 && record.tasks[0]?.state !== 'pending') return null;
  if (record.endedAtMs !== null || stopWish(record, copy.nowMs)) return null;
  if (stopOf(copy.seen.stops, record.tenant)) return null;
  let count = 0;
  for (const _ of waitingIndexes(record, copy.chunks(record.id), copy.nowMs, company, pool)) count += 1;
  return count === 0 ? null : demandFor(record, count);
}

/** Of so many of its tasks. */
export function demandFor(record: RequestRecord, count: number): Demand {
  const { spec } = record;
  return {
    id: record.id,
    tenant: record.tenant,
    count,
    resources: spec.resources,
    requirements: requirementsOf(spec),
    priority: spec.priority,
    createdAtMs: record.createdAtMs,
    expectedDurationMs: spec.expectedDurationMs,
    ...(spec.timeoutMs === null ? {} : { timeoutMs: spec.timeoutMs }),
    ...relationsOf(record),
    ...(spec.service === undefined ? {} : { service: serviceOf(record, spec.service) }),
    ...(spec.preferences === undefined ? {} : { preferences: spec.preferences }),
    ...(spec.gang === undefined ? {} : { gang: spec.gang }),
  };
}
