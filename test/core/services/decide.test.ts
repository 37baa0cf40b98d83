// What becomes of services in one decision: replicas start, drain, stop and are replaced, and the document says so.
import { describe, expect, test } from '@jest/globals';
import type { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { Assignment } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import { crashForgottenMs, decideServices, restartDelayMs } from '../../../lib/core/services/decide.ts';
import type { ServiceRecord } from '../../../lib/core/services/record.ts';
import { replicaId, replicasMax } from '../../../lib/core/services/record.ts';
import { begun } from '../../../lib/core/services/rollout.ts';
import {
  assignment,
  changes,
  claimCopyOf,
  node,
  nowMs,
  observation,
  placedTask,
  request,
  taskSpec,
} from '../builders.ts';
import { replica, revisions, service, stop, update } from './builders.ts';

type Seen = Parameters<typeof observation>[0];

interface Outcome {
  readonly copy: WorkingCopy;
  readonly dueAtMs: number | null;
  /** As the decision leaves it; undefined: it is not written. */
  readonly record: ServiceRecord | undefined;
  /** New requests. */
  readonly started: readonly RequestRecord[];
  /** Requests that are to be cancelled. */
  readonly cancelled: readonly string[];
}

function decide(record: ServiceRecord, more: Seen = {}): Outcome {
  const outcome: { dueAtMs: number | null } = { dueAtMs: null };
  const copy = claimCopyOf(observation({ services: [{ record, version: 1 }], ...more }));
  outcome.dueAtMs = decideServices(copy);
  const writes = changes(copy, 'service').flatMap((one) => one.writes);
  const rows = writes.flatMap((one) => (one.type === 'request' ? [one.record] : []));
  return {
    copy,
    ...outcome,
    record: writes.flatMap((one) => (one.type === 'service' ? [one.record] : [])).at(-1),
    started: rows.filter((one) => one.cancelRequestedAtMs === null),
    cancelled: rows.filter((one) => one.cancelRequestedAtMs !== null).map((one) => one.id),
  };
}

function idOf(n: number): string {
  return replica(n).request;
}

/** Rows and a node, on which the first replicas run since 1,000. */
function running(count: number, more: Partial<Assignment> = {}): NonNullable<Seen> {
  const all = Array.from({ length: count }, (_, n) => idOf(n));
  return {
    requests: all.map((id) => request(id, {}, { startedAtMs: 1_000, tasks: [placedTask()] })),
    nodes: [node({ assigned: all.map((id) => assignment(id, { startedAtMs: 1_000, ...more })) })],
  };
}

function ended(n: number, more: Partial<RequestRecord> = {}): RequestRecord {
  const times = { startedAtMs: nowMs - 2_000, endedAtMs: nowMs - 1_000 };
  const tasks = [placedTask('i-1', { state: 'failed', ...times })];
  return request(idOf(n), {}, { state: 'failed', reason: 'exit code 1', ...times, tasks, ...more });
}

const all = [replica(0), replica(1), replica(2)];
const codes = (record: ServiceRecord | undefined): readonly string[] => record?.events.map((one) => one.code) ?? [];

test('a change rests on the requests of the list: where the end of one is not written, it stays listed', () => {
  const { copy, record } = decide(service({ running: all, started: 3 }), { requests: [0, 1, 2].map((n) => ended(n)) });
  expect(record?.running.map((one) => one.request)).not.toContain(idOf(0));
  const needs = changes(copy, 'service').map((one) => one.needs);
  expect(needs).toEqual([all.map((one) => `request ${one.request}`)]);
});

describe('starts', () => {
  test('as many as are wanted, each in the lowest free place, with its names', () => {
    const { record, started } = decide(service({ started: 7 }));
    expect(record?.running).toEqual([0, 1, 2].map((slot) => replica(7 + slot, { slot })));
    expect(record?.started).toBe(10);
    expect(started.map((one) => [one.id, one.tenant, one.pool, one.spec.service])).toEqual(
      [0, 1, 2].map((slot) => [idOf(7 + slot), 't', 'p', { name: 'web', slot, revision: 1 }]),
    );
    expect(started[1]?.spec.env).toEqual({ BELLOWS_SERVICE: 'web', BELLOWS_REPLICA: '1', BELLOWS_REVISION: '1' });
    expect(started[0]?.tasks[0]?.notBeforeMs).toBe(nowMs);
    expect(started[0]?.bodyHash).toBe('');
    expect(codes(record)).toEqual(['replicas_started']);
    expect(record?.events.map((one) => one.message)).toEqual(['3 replicas of revision 1 started: 3 wanted, 0 there']);
  });

  test('what is missing, beside what is there', () => {
    const { record, started } = decide(service({ running: [replica(0), replica(2)], started: 3 }), {
      requests: [request(idOf(0)), request(idOf(2))],
    });
    expect(record?.running.map((one) => one.slot)).toEqual([0, 2, 1]);
    expect(started).toHaveLength(1);
    expect(record?.events[0]?.message).toBe('1 replica of revision 1 started: 3 wanted, 2 there');
  });

  test('nothing, and no write, where all are there', () => {
    expect(decide(service({ running: all }), running(3))).toMatchObject({ record: undefined, dueAtMs: null });
  });

  test('with the environment of the template, which does not take the names of the service', () => {
    const template = { ...taskSpec, env: { COLOUR: 'blue', BELLOWS_REPLICA: 'x' } };
    const { started } = decide(service({ replicas: 1, revisions: [{ number: 1, template, createdAtMs: 0 }] }));
    expect(started[0]?.spec.env).toMatchObject({ COLOUR: 'blue', BELLOWS_REPLICA: '0' });
  });

  test('replicas with a port of the node keep away from each other; with a free one they do not', () => {
    const specOf = (port: object, more: object = {}) => {
      const template = { ...taskSpec, ports: [{ name: 'http', ...port }], ...more };
      return decide(service({ revisions: [{ number: 1, template, createdAtMs: 0 }] })).started[0]?.spec;
    };
    const group = 'service-00000000000000aa';
    expect(specOf({ port: 80 })).toMatchObject({ group, antiAffinity: [{ topology: 'node', group }] });
    const far = { topology: 'zone', group: 'db' };
    expect(specOf({ port: 80 }, { group: 'own', antiAffinity: [far] })).toMatchObject({
      group: 'own',
      antiAffinity: [far, { topology: 'node', group: 'own' }],
    });
    expect(specOf({}, { ports: [{ name: 'http' }, { name: 'peers', port: 80 }] })).toMatchObject({ group });
    expect(specOf({})?.antiAffinity).toBeUndefined();
  });

  test('nothing without the template that they shall have', () => {
    const record = service({ revision: 2, revisions: revisions(1) });
    expect(() => decide(record)).toThrow('service web has no revision 2');
  });

  test('nothing is decided about a service whose record cannot be read', () => {
    expect(decide(service({ quarantine: 'bad' })).copy.actions).toEqual([]);
  });
});

describe('what ended by itself', () => {
  test.each([
    [0, 0],
    [1, 0],
    [2, 1_000],
    [3, 2_000],
    [4, 4_000],
    [20, 300_000],
  ])('after %d in a row its place waits for %d ms', (crashes, ms) => {
    expect(restartDelayMs(crashes)).toBe(ms);
  });

  test('is replaced at once after the first time', () => {
    const seen = running(3);
    const requests = [...(seen.requests ?? []).slice(0, 2), ended(2)];
    const { record, started } = decide(service({ running: all, started: 3 }), { ...seen, requests });
    expect(record?.running).toEqual([replica(0), replica(1), replica(3, { slot: 2, crashes: 1 })]);
    expect(record?.crashed).toEqual([]);
    expect(started[0]?.tasks[0]?.notBeforeMs).toBe(nowMs);
    expect(record?.events[0]).toEqual({
      atMs: nowMs,
      code: 'replica_ended',
      message: `replica 2 (${idOf(2)}) ended by itself, exit code 1: it is replaced at once`,
    });
  });

  test('is replaced later each further time in a row', () => {
    const { record, started } = decide(service({ replicas: 1, running: [replica(0, { crashes: 2 })], started: 1 }), {
      requests: [ended(0, { reason: null })],
    });
    expect(started[0]?.tasks[0]?.notBeforeMs).toBe(nowMs + 2_000);
    expect(record?.running).toEqual([replica(1, { slot: 0, crashes: 3 })]);
    expect(record?.events[0]).toMatchObject({
      code: 'crash_loop',
      message: expect.stringContaining('with exit code 0: it is replaced in 2 s, having ended 3 times in a row'),
    });
  });

  test.each([
    [crashForgottenMs, 1],
    [crashForgottenMs - 1, 6],
  ])('after it ran for %d ms its crashes in a row are %d', (ranMs, crashes) => {
    const times = { startedAtMs: nowMs - ranMs - 1_000, endedAtMs: nowMs - 1_000 };
    const { record } = decide(service({ replicas: 1, running: [replica(0, { crashes: 5 })] }), {
      requests: [ended(0, times)],
    });
    expect(record?.running[0]?.crashes).toBe(crashes);
  });

  test('one that never started has crashed as well', () => {
    const { record } = decide(service({ replicas: 1, running: [replica(0, { crashes: 1 })] }), {
      requests: [ended(0, { startedAtMs: null })],
    });
    expect(record?.running[0]?.crashes).toBe(2);
  });

  test('its place is taken first, before lower ones that are free', () => {
    const crashed = [{ slot: 5, crashes: 1 }];
    const { record } = decide(service({ replicas: 2, crashed }));
    expect(record?.running.map((one) => [one.slot, one.crashes])).toEqual([
      [5, 1],
      [0, 0],
    ]);
    expect(record?.crashed).toEqual([]);
  });

  test('other places keep their crashes', () => {
    const others = [5, 7].map((slot) => ({ slot, crashes: slot }));
    const before = { crashed: [...others, { slot: 0, crashes: 9 }], running: [replica(0, { crashes: 2 })] };
    const wanted = [...others, { slot: 0, crashes: 3 }];
    const gone = decide(service({ replicas: 0, ...before }), { requests: [ended(0)] });
    expect(gone.record?.crashed).toEqual(wanted);
    const ill = { isChecked: true, health: { isHealthy: false, atMs: nowMs } } as const;
    const unhealthy = decide(service({ replicas: 0, ...before }), {
      ...running(1, ill),
      requests: [request(idOf(0), {}, { startedAtMs: nowMs - 5, tasks: [placedTask()] })],
    });
    expect(unhealthy.record?.crashed).toEqual(wanted);
    expect(decide(service({ replicas: 1, crashed: others })).record?.crashed).toEqual(others.slice(1));
  });

  test('its crashes are kept while its place stays free', () => {
    const { record } = decide(service({ replicas: 0, running: [replica(0)] }), { requests: [ended(0)] });
    expect(record).toMatchObject({ running: [], crashed: [{ slot: 0, crashes: 1 }] });
  });

  test('what a caller cancelled, or what is not there, is no crash', () => {
    const cancelled = decide(service({ replicas: 1, running: [replica(0)] }), {
      requests: [ended(0, { state: 'cancelled' })],
    });
    expect(cancelled.record).toMatchObject({ running: [{ slot: 0, crashes: 0 }] });
    expect(cancelled.record?.events[0]).toMatchObject({ message: `replica 0 (${idOf(0)}) is gone` });
    const { record } = decide(service({ replicas: 1, running: [replica(0)] }));
    expect(record).toMatchObject({ running: [{ crashes: 0 }] });
  });

  test('nor is what was being stopped: it is not reported', () => {
    const { record, copy } = decide(service({ replicas: 0, running: [replica(0, { stop })] }), {
      requests: [ended(0)],
    });
    expect(record).toMatchObject({ running: [], crashed: [], events: [] });
    expect(changes(copy).map((one) => one.reason)).toEqual(['replicas moved']);
  });
});

describe('stops', () => {
  test('what serves is drained first', () => {
    const outcome = decide(service({ replicas: 2, running: all }), running(3));
    expect(outcome.record?.running[2]?.stop).toEqual({
      atMs: nowMs,
      cancelAtMs: nowMs + 1_000,
      reason: '2 are wanted',
    });
    expect(outcome.cancelled).toEqual([]);
    expect(outcome.record?.running.slice(0, 2)).toEqual(all.slice(0, 2));
    const message = `replica 2 (${idOf(2)}) is stopped: 2 are wanted`;
    expect(outcome.record?.events).toEqual([{ atMs: nowMs, code: 'replica_stopped', message }]);
    expect(changes(outcome.copy).map((one) => one.reason)).toEqual([message]);
  });

  test('what does not serve yet is cancelled at once', () => {
    const { record, cancelled, copy } = decide(service({ replicas: 0, running: [replica(0)] }), {
      requests: [request(idOf(0))],
    });
    expect(record?.running[0]?.stop).toMatchObject({ cancelAtMs: nowMs });
    expect(cancelled).toEqual([idOf(0)]);
    expect(copy.request(idOf(0))?.timeline.at(-1)).toMatchObject({
      code: 'cancel_requested',
      message: 'stopped by its service: none is wanted',
    });
  });

  test('what has been drained is cancelled, once', () => {
    const due = replica(0, { stop: { ...stop, cancelAtMs: nowMs } });
    expect(decide(service({ replicas: 0, running: [due] }), running(1)).cancelled).toEqual([idOf(0)]);
    const row = request(idOf(0), {}, { startedAtMs: 1, cancelRequestedAtMs: 5, tasks: [placedTask()] });
    const again = decide(service({ replicas: 0, running: [due] }), { ...running(1), requests: [row] });
    expect([again.copy.actions, again.dueAtMs]).toEqual([[], null]);
  });

  test('until then the look at the end of its drain is due', () => {
    const first = replica(0, { stop: { ...stop, cancelAtMs: nowMs + 700 } });
    const second = replica(1, { stop: { ...stop, cancelAtMs: nowMs + 400 } });
    const outcome = decide(service({ replicas: 0, running: [first, second] }), running(2));
    expect([outcome.cancelled, outcome.dueAtMs]).toEqual([[], nowMs + 400]);
  });

  test('the unhealthy is replaced in its place, as after a crash', () => {
    const ill = { isChecked: true, health: { isHealthy: false, message: 'refused', atMs: nowMs } } as const;
    const { record, cancelled } = decide(service({ replicas: 1, running: [replica(0, { crashes: 1 })], started: 1 }), {
      ...running(1, ill),
      requests: [request(idOf(0), {}, { startedAtMs: nowMs - 5, tasks: [placedTask()] })],
    });
    expect(cancelled).toEqual([idOf(0)]);
    expect(record?.running).toEqual([
      replica(0, { crashes: 1, stop: { atMs: nowMs, cancelAtMs: nowMs, reason: 'it is unhealthy: refused' } }),
      replica(1, { slot: 0, crashes: 2 }),
    ]);
  });
});

test('replicas are unhealthy again and again and end slowly: no more start than the document has room for', () => {
  const ill = { isChecked: true, health: { isHealthy: false, message: 'refused', atMs: nowMs } } as const;
  let record = service({ replicas: replicasMax });
  for (const expected of [1, 2, 2, 2]) {
    const ids = record.running.map((one) => one.request);
    const outcome = decide(record, {
      requests: ids.map((id) => request(id, {}, { startedAtMs: 1_000, tasks: [placedTask()] })),
      nodes: [node({ assigned: ids.map((id) => assignment(id, { startedAtMs: 1_000, ...ill })) })],
    });
    record = outcome.record ?? record;
    expect(record.running).toHaveLength(expected * replicasMax);
  }
  expect(record.running.every((one) => one.stop !== null)).toBe(true);
  expect(decide(record).record?.running).toHaveLength(replicasMax);
});

describe('a deletion', () => {
  test('stops all replicas, and the document goes once they are gone', () => {
    const leaving = { deletingSinceMs: 5 };
    const first = decide(service({ ...leaving, running: all }), running(3));
    expect(first.record?.running.map((one) => one.stop?.cancelAtMs)).toEqual([1, 2, 3].map(() => nowMs + 1_000));
    expect(first.started).toEqual([]);
    const drop = { type: 'drop', name: { kind: 'service', tenant: 't', name: 'web' } };
    const writes = (outcome: Outcome) => changes(outcome.copy).flatMap((one) => one.writes);
    expect(writes(first)).not.toContainEqual(drop);
    const last = decide(service(leaving));
    expect(writes(last)).toEqual([drop]);
    expect(changes(last.copy)[0]?.reason).toBe('it was deleted, and its replicas are gone');
    const stopped = service({ ...leaving, running: [replica(0, { stop }), replica(1, { stop })] });
    expect(writes(decide(stopped, { requests: [ended(0), ended(1)] }))).toContainEqual(drop);
    expect(writes(decide(stopped, { ...running(2), requests: [ended(0), request(idOf(1))] }))).not.toContainEqual(drop);
  });

  test('of the pool does the same', () => {
    expect(decide(service({ running: all }), { ...running(3), isPoolDeleting: true })).toMatchObject({
      started: [],
      record: { running: all.map(() => ({ stop: { atMs: nowMs } })) },
    });
  });
});

describe('another template', () => {
  const rolling = (more: Partial<ServiceRecord> = {}): ServiceRecord => ({
    ...service({ revision: 2, revisions: revisions(1, 2), running: all, started: 3, ...more }),
    rollout: begun(2, 1, nowMs, null),
  });

  test('begins with one above', () => {
    const { record, dueAtMs } = decide(rolling(), running(3));
    expect(record?.running).toEqual([...all, replica(3, { revision: 2 })]);
    expect(dueAtMs).toBe(nowMs + update.progressMs);
  });

  test('counts failures of its own revision alone, and comes back after three', () => {
    const mine = [3, 4, 5].map((n) => replica(n, { slot: n, revision: 2 }));
    const seen = running(3);
    const requests = [...(seen.requests ?? []), ended(3), ended(4), ended(5)];
    const { record } = decide(rolling({ running: [...all, ...mine] }), { ...seen, requests });
    expect(record).toMatchObject({ revision: 1, rollout: { state: 'rolling-back' } });
    expect(codes(record)).toContain('rolled_back');
    const others = decide(rolling(), { requests: [ended(0), ended(1), ended(2)] });
    expect(others.record).toMatchObject({ revision: 2 });
    expect(others.record?.rollout.failures).toBe(0);
  });

  test('is judged no more when the service goes', () => {
    const own = all.map((one) => ({ ...one, revision: 2 }));
    const before = rolling({ running: own, deletingSinceMs: 5 });
    expect(decide(before, running(3)).record?.rollout).toEqual(before.rollout);
  });

  test('says nothing of a failure before it comes back', () => {
    const { record } = decide(rolling({ running: [...all, replica(3, { slot: 3, revision: 2 })] }), {
      ...running(3),
      requests: [...(running(3).requests ?? []), ended(3)],
    });
    expect(record?.rollout.failures).toBe(1);
    expect(codes(record)).toEqual(['replica_ended', 'replicas_started']);
  });

  test('counts no healthy one as a failure', () => {
    const before = rolling({ running: all.map((one) => (one.slot < 2 ? { ...one, revision: 2 } : one)) });
    expect((decide(before, running(3)).record ?? before).rollout.failures).toBe(0);
  });

  test('counts the unhealthy of its own revision as failures', () => {
    const ill = { isChecked: true, health: { isHealthy: false, atMs: nowMs } } as const;
    const own = all.map((one) => ({ ...one, revision: 2 }));
    expect(decide(rolling({ running: own }), running(3, ill)).record?.rollout.state).toBe('rolling-back');
    expect(decide(rolling(), running(3, ill)).record?.rollout.failures).toBe(0);
  });

  test('is done when all serve', () => {
    const own = all.map((one) => ({ ...one, revision: 2 }));
    const { record, dueAtMs } = decide(rolling({ running: own }), running(3));
    expect(record).toMatchObject({ rollout: { state: 'done', available: 3 }, events: [{ code: 'rollout_done' }] });
    expect(dueAtMs).toBeNull();
  });
});

test('the earliest look of several services is due', () => {
  const draining = (name: string, n: number, cancelAtMs: number): ServiceRecord =>
    service({ name, replicas: 0, running: [replica(n, { stop: { ...stop, cancelAtMs } })] });
  const services = [draining('a', 0, nowMs + 900), draining('b', 1, nowMs + 300), service({ name: 'c', replicas: 0 })];
  const seen = { services: services.map((record) => ({ record, version: 1 })), ...running(2) };
  expect(decide(service(), seen).dueAtMs).toBe(nowMs + 300);
});

test('ids of replicas are of the service, and never used twice', () => {
  expect(replicaId({ id: 'ab' }, 26)).toBe('r-ab000000001a');
});

test('a replica that a clock far ahead has begun to drain is drained from now on', () => {
  const hourMs = 3_600_000;
  const ahead = { ...stop, atMs: nowMs + hourMs, cancelAtMs: nowMs + hourMs + 700 };
  const { record, cancelled } = decide(service({ replicas: 0, running: [replica(0, { stop: ahead })] }), running(1));
  expect(record?.running[0]?.stop).toEqual({ ...stop, atMs: nowMs, cancelAtMs: nowMs + 700 });
  expect(cancelled).toEqual([]);
});
