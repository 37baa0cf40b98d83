// Services for example tests, whole and valid: a test says only what matters to it.
import type { Replica, Revision, ServiceRecord, UpdatePolicy } from '../../../lib/core/services/record.ts';
import { replicaId } from '../../../lib/core/services/record.ts';
import { begun } from '../../../lib/core/services/rollout.ts';
import type { ReplicaState } from '../../../lib/core/services/replica-state.ts';
import { request, taskSpec } from '../builders.ts';

export const update: UpdatePolicy = {
  ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
  ...{ minHealthyMs: 0, progressMs: 60_000, isRolledBack: true },
};

export function revisions(...numbers: readonly number[]): readonly Revision[] {
  return numbers.map((number) => ({ number, template: taskSpec, createdAtMs: 0 }));
}

const id = '00000000000000aa';

/** Three replicas of revision 1 are wanted, and its rollout is done. */
export function service(more: Partial<ServiceRecord> = {}): ServiceRecord {
  const revision = more.revision ?? 1;
  return {
    ...{ id, tenant: 't', name: 'web', pool: 'p', replicas: 3, update, drainMs: 1_000, revision },
    rollout: { ...begun(revision, null, 0, null), state: 'done', available: 3 },
    revisions: revisions(revision),
    running: [],
    crashed: [],
    started: 0,
    events: [],
    createdAtMs: 0,
    updatedAtMs: 0,
    deletingSinceMs: null,
    ...more,
  };
}

/** The nth request of the service is in the nth place. */
export function replica(n: number, more: Partial<Replica> = {}): Replica {
  return { request: replicaId({ id }, n), slot: n, revision: 1, crashes: 0, stop: null, ...more };
}

type Made = Partial<Omit<ReplicaState, 'replica'>> & Partial<Omit<Replica, 'request'>>;

/** A replica in the nth place that serves since 0. */
export function state(n: number, { slot, revision, crashes, stop, ...more }: Made = {}): ReplicaState {
  const own = replica(n, { slot: slot ?? n, revision: revision ?? 1, crashes: crashes ?? 0, stop: stop ?? null });
  const phase = more.phase ?? 'ready';
  return {
    replica: own,
    phase,
    request: request(own.request),
    node: null,
    machine: null,
    readySinceMs: phase === 'ready' ? 0 : null,
    health: null,
    assignment: null,
    isLeaving: false,
    isTarget: false,
    refusedBecause: null,
    ...more,
  };
}

/** It is being stopped. */
export const stop = { atMs: 0, cancelAtMs: 1_000, reason: 'r' };
