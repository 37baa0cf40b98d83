// Tasks that mount volumes. A task is placed once its volumes are free, in their zone; its agent hears of
// it once EC2 has attached them to the node. Until then the attempt can be taken back at once, and is,
// when that cannot be.
import { dictionary } from '../values/dictionary.ts';
import { assert } from '../values/errors.ts';
import { volumeZoneConflict } from '../values/volume-zone.ts';
import type { Demand } from '../allocation/types.ts';
import type { WorkingCopy } from '../plan/working-copy.ts';
import { shapeOf } from './demand.ts';
import type { ClaimRecord } from '../records/claim.ts';
import type { Assignment, NodeRecord } from '../records/node.ts';
import { awaitsMounts } from '../records/node.ts';
import type { Observation } from '../plan/observation.ts';
import type { WhyEntry } from '../plan/plan.ts';
import type { RequestRecord, TaskRecord } from '../records/request.ts';
import { stopWish } from './request-lifecycle.ts';
import { allowsZone } from '../values/requirements.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { requeueAfterLoss, stopPending } from './task-lifecycle.ts';

export interface MountGate {
  /** The demand, in the zone of its volumes; nothing while these are not available. */
  admit(demand: Demand): readonly Demand[];
  readonly why: Readonly<Record<string, WhyEntry>>;
}

/** Explanations are one record of the pool: those of more requests than this are left out. */
const explainedMax = 200;

export function decideMounts(observation: Observation, copy: WorkingCopy, settings: DecisionSettings): MountGate {
  const storages: ReadonlyMap<string, ClaimRecord> = observation.storages ?? new Map();
  for (const { record } of observation.nodes)
    if (copy.settledOn(record) === undefined) decideAwaitingMounts(copy, record.id, storages, settings);
  const zones = new Map<string, string>();
  const why = dictionary<WhyEntry>();
  const taken = takenVolumes(copy);
  const aside = observation.aside?.claims ?? new Set();
  const waiting = copy
    .waiting()
    .filter(
      (record) =>
        record.spec.mounts !== undefined
        && record.endedAtMs === null
        && isWaiting(record.tasks[0], copy.nowMs)
        && stopWish(record, copy.nowMs) === null,
    )
    .sort((a, b) => b.spec.priority - a.spec.priority || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  for (const record of waiting) {
    const found = asideOf(record, aside) ?? lookAt(record, storages, taken);
    if (found.kind === 'never') fail(copy, record, found.message);
    else if (found.kind === 'wait') {
      if (Object.keys(why).length < explainedMax)
        why[shapeOf(record)] = { code: found.code, message: found.message, nextTryAtMs: null, excluded: [] };
    } else {
      zones.set(record.id, found.zone);
      for (const { request } of record.spec.mounts ?? []) taken.set(request, record.id);
    }
  }
  const isMounting = (id: string): boolean => copy.request(id)?.spec.mounts !== undefined;
  return {
    why,
    admit: (demand) => {
      const zone = zones.get(demand.id);
      if (zone === undefined) return isMounting(demand.id) ? [] : [demand];
      return [{ ...demand, requirements: { ...demand.requirements, zone: [zone] } }];
    },
  };
}

function isWaiting(task: TaskRecord | undefined, nowMs: number): boolean {
  return task?.state === 'pending' && task.notBeforeMs <= nowMs;
}

/** Volumes of placed tasks: their storage need not know it yet. */
function takenVolumes(copy: WorkingCopy): Map<string, string> {
  const taken = new Map<string, string>();
  for (const node of copy.nodes())
    for (const one of copy.settledOn(node) === undefined ? node.assigned : [])
      for (const request of one.mounts?.requests ?? []) taken.set(request, one.requestId);
  return taken;
}

type Look =
  | { readonly kind: 'free'; readonly zone: string }
  | { readonly kind: 'wait'; readonly code: string; readonly message: string }
  | { readonly kind: 'never'; readonly message: string };

/** Nothing is decided about such a volume, so it would be attached to no node. null: it has none. */
function asideOf({ spec }: RequestRecord, aside: ReadonlySet<string>): Look | null {
  const found = spec.mounts?.find((one) => aside.has(one.request));
  if (!found) return null;
  return {
    kind: 'wait',
    code: 'waiting_for_reference',
    message: `waits for ${found.request}, which it mounts and which is set aside: see its error, or its user's`,
  };
}

function isLive(storage: ClaimRecord | undefined, tenant: string): storage is ClaimRecord {
  return (
    storage?.spec.type === 'storage'
    && storage.tenant === tenant
    && storage.cancelRequestedAtMs === null
    && (storage.state === 'pending' || storage.state === 'active')
  );
}

function lookAt(
  record: RequestRecord,
  storages: ReadonlyMap<string, ClaimRecord>,
  taken: ReadonlyMap<string, string>,
): Look {
  const zones = new Set<string>();
  for (const { request } of record.spec.mounts ?? []) {
    const storage = storages.get(request);
    if (!isLive(storage, record.tenant))
      return {
        kind: 'never',
        message:
          `reference_gone: ${request}, which it mounts, is no storage request of this tenant, `
          + 'or is being released',
      };
    const zone = storage.volume?.zone ?? null;
    if (storage.state === 'pending' || zone === null)
      return {
        kind: 'wait',
        code: 'waiting_for_reference',
        message: `waits for ${request}, which it mounts, to be active`,
      };
    zones.add(zone);
    const user = storage.usedBy?.request ?? taken.get(request);
    if (user !== undefined || storage.isDetaching)
      return {
        kind: 'wait',
        code: 'in_use',
        message: `waits for ${request}, which ${user ?? 'a machine'} uses: a volume is attached to one machine at most`,
      };
  }
  const conflict = volumeZoneConflict(zones);
  if (conflict !== null) return { kind: 'never', message: `zone_mismatch: ${conflict}` };
  const [zone] = zones;
  assert(zone !== undefined, `request ${record.id} mounts nothing`);
  if (!allowsZone(record.spec.requirements, zone)) {
    const allowed = record.spec.requirements.zone?.join(', ') ?? 'others only';
    return {
      kind: 'never',
      message: `zone_mismatch: its volumes are in ${zone}, and its requirements allow ${allowed}`,
    };
  }
  return { kind: 'free', zone };
}

function fail(copy: WorkingCopy, record: RequestRecord, reason: string): void {
  const [task] = record.tasks;
  if (task)
    copy.change('stop', reason, [copy.setTask(record.id, stopPending(task, { state: 'failed', reason }, copy.nowMs))]);
}

/** Attempts that wait for their volumes: handed out once they are attached, taken back where they cannot be. */
function decideAwaitingMounts(
  copy: WorkingCopy,
  nodeId: string,
  storages: ReadonlyMap<string, ClaimRecord>,
  settings: DecisionSettings,
): void {
  for (const assignment of copy.node(nodeId)?.assigned ?? []) {
    const node = copy.node(nodeId);
    if (!node || !assignment.mounts || !awaitsMounts(assignment) || copy.isAside(assignment.requestId)) continue;
    const request = copy.request(assignment.requestId);
    const problem = request ? problemOf(copy, node, assignment, request, storages, settings) : null;
    if (problem !== null) takeBack(copy, node, assignment, problem);
    else if (
      assignment.mounts.requests.every(
        (id) =>
          storages.get(id)?.usedBy?.node?.attemptId === assignment.attemptId
          && storages.get(id)?.usedBy?.node?.isAttached === true,
      )
    ) {
      const ready: Assignment = { ...assignment, mounts: { ...assignment.mounts, areAttached: true } };
      const next: NodeRecord = {
        ...node,
        assigned: node.assigned.map((one) => (one.attemptId === assignment.attemptId ? ready : one)),
      };
      copy.change('attached', `the volumes of ${assignment.attemptId} are attached to ${nodeId}`, [copy.setNode(next)]);
    }
  }
}

function problemOf(
  copy: WorkingCopy,
  node: NodeRecord,
  assignment: Assignment,
  request: RequestRecord,
  storages: ReadonlyMap<string, ClaimRecord>,
  settings: DecisionSettings,
): string | null {
  if (node.state !== 'ready') return `its node ${node.id} is ${node.state}`;
  for (const id of assignment.mounts?.requests ?? []) {
    const storage = storages.get(id);
    if (!isLive(storage, request.tenant)) return `${id}, which it mounts, is being released`;
    const { usedBy } = storage;
    if (usedBy !== null && usedBy.node?.attemptId !== assignment.attemptId)
      return `${id}, which it mounts, is used by ${usedBy.request}`;
    if (usedBy?.node?.refusal)
      return `EC2 does not attach ${storage.volume?.volumeId ?? id} to ${node.id}: ${usedBy.node.refusal}`;
  }
  return copy.nowMs - assignment.placedAtMs > settings.bootTimeoutMs
    ? `its volumes were not attached to ${node.id} within `
        + `${String(Math.round(settings.bootTimeoutMs / 60_000))} minutes`
    : null;
}

/** Its agent cannot have heard of it. */
function takeBack(copy: WorkingCopy, node: NodeRecord, assignment: Assignment, reason: string): void {
  const without = copy.setNode(copy.withoutAssignments(node, [assignment]));
  const task = copy.task(assignment.requestId, assignment.index);
  const isCurrent = task?.state === 'placed' && task.attempt === assignment.attempt;
  copy.change(
    'requeue',
    reason,
    isCurrent ? [copy.setTask(assignment.requestId, requeueAfterLoss(task, reason, copy.nowMs)), without] : [without],
  );
}
