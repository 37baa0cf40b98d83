// Services whose replicas are virtual machines: each is a claim, kept alive and released as tasks are started and
// stopped.
import { describe, expect, test } from '@jest/globals';
import type { ClaimWorkingCopy } from '../../../lib/core/claims/working-copy.ts';
import { decideClaims } from '../../../lib/core/claims/decide.ts';
import type { ClaimRecord, ClaimRow } from '../../../lib/core/records/claim.ts';
import { decideServices } from '../../../lib/core/services/decide.ts';
import { addressOf, machineEnd, machinePhase } from '../../../lib/core/services/machines/machine-replica.ts';
import type { Replica, ServiceRecord } from '../../../lib/core/services/record.ts';
import { replicaStates } from '../../../lib/core/services/replica-state.ts';
import { aside, changes, claimCopy, claimListing, machines, machineSpec, nowMs, seenMachine } from '../builders.ts';
import { replica, service, stop, update } from './builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;

const revisions = [{ number: 1, template: machineSpec, createdAtMs: 0 }];

function ofMachines(more: Partial<ServiceRecord> = {}): ServiceRecord {
  return service({ revisions, ...more });
}

/** The nth replica's claim: one machine of it is there. */
function claim(n: number, more: Partial<ClaimRecord> = {}): ClaimRecord {
  return machines(replica(n).request, { service: { name: 'web', slot: n, revision: 1 } }, more);
}

interface Outcome {
  readonly copy: ClaimWorkingCopy;
  readonly dueAtMs: number | null;
  readonly record: ServiceRecord | undefined;
  readonly rows: readonly ClaimRow[];
}

function decide(record: ServiceRecord, claims: readonly ClaimRecord[], world: World = {}): Outcome {
  const copy = claimCopy({ services: [{ record, version: 1 }], claims, ...world });
  const dueAtMs = decideServices(copy);
  const writes = changes(copy, 'service').flatMap((one) => one.writes);
  return {
    copy,
    dueAtMs,
    record: writes.flatMap((one) => (one.type === 'service' ? [one.record] : [])).at(-1),
    rows: writes.flatMap((one) => (one.type === 'claim' ? [one.record] : [])),
  };
}

const all: readonly Replica[] = [0, 1, 2].map((n) => replica(n));
const said = (record: ServiceRecord | undefined): readonly string[] =>
  record?.events.map((one) => `${one.code}: ${one.message}`) ?? [];
const listed = (record: ServiceRecord | undefined) => record?.running.map((one) => one.request);

describe('starts', () => {
  test('a claim of one machine for each that is missing, in the write that lists it', () => {
    const template = { ...machineSpec, labels: { team: 'a' } };
    const { copy, rows, record } = decide(ofMachines({ revisions: [{ number: 1, template, createdAtMs: 0 }] }), []);
    expect(listed(record)).toEqual(rows.map((one) => one.id));
    expect(rows.map(({ spec, state, tenant, pool }) => ({ spec, state, tenant, pool }))).toEqual(
      [0, 1, 2].map((slot) => ({
        spec: { ...template, count: 1, service: { name: 'web', slot, revision: 1 } },
        ...{ state: 'pending', tenant: 't', pool: 'p' },
      })),
    );
    expect(rows[0]).not.toHaveProperty('notBeforeMs');
    expect(changes(copy, 'service')).toHaveLength(1);
  });

  test('nothing, and no write, where all are there', () => {
    expect(
      decide(
        ofMachines({ running: all }),
        [0, 1, 2].map((n) => claim(n)),
      ),
    ).toMatchObject({ ...{ record: undefined, dueAtMs: null } });
  });
});

describe('a machine that goes by itself', () => {
  const lost = { state: 'failed', reason: 'instance_lost: i-1 ended: Server.SpotInstanceTermination' } as const;
  const world = (more: Partial<ClaimRecord>) => [claim(0, more), claim(1), claim(2)];

  test('is replaced at once, while EC2 still has it', () => {
    const going = world({ state: 'releasing', ending: lost });
    const { record, rows } = decide(ofMachines({ running: all, started: 3 }), going);
    expect(listed(record)).toEqual([1, 2, 3].map((n) => replica(n).request));
    expect(rows.map((one) => [one.id, one.notBeforeMs])).toEqual([[replica(3).request, undefined]]);
    expect(said(record)[0]).toBe(
      `replica_ended: replica 0 (${replica(0).request}) ended, ${lost.reason}: it is replaced at once`,
    );
  });

  test('is replaced later each time', () => {
    const running = [replica(0, { crashes: 2 }), replica(1), replica(2)];
    const going = world({ state: 'releasing', ending: lost, startedAtMs: nowMs - 1_000 });
    const { record, rows } = decide(ofMachines({ running, started: 3 }), going);
    expect(rows[0]).toMatchObject({ notBeforeMs: nowMs + 2_000, after: `ended, ${lost.reason}` });
    expect(record?.running.at(-1)).toMatchObject({ slot: 0, crashes: 3 });
    expect(said(record)[0]).toContain('crash_loop');
    expect(said(record)[0]).toContain('is replaced in 2 s, having ended 3 times in a row');
  });

  test('is replaced at once and counts for nothing where its owner released it', () => {
    const { record, rows } = decide(ofMachines({ running: all, started: 3 }), world({ cancelRequestedAtMs: 5 }));
    expect(rows.map((one) => one.id)).toEqual([replica(3).request]);
    expect(record?.running.at(-1)?.crashes).toBe(0);
    expect(rows[0]).not.toHaveProperty('after');
    expect(said(record)[0]).toMatch(/^replica_ended: .* was released: another one takes its place$/);
  });

  test('is known though its claim has ended by now', () => {
    const ended = { ...claim(0, { state: 'failed', ending: lost }), endedAtMs: nowMs - 1 };
    const { record } = decide(ofMachines({ running: all, started: 3 }), [claim(1), claim(2)], {
      ended: new Map([[ended.id, ended]]),
    });
    expect(said(record)[0]).toContain(lost.reason);
  });

  test('is not replaced where nothing can be decided about its claim', () => {
    const set = aside({ claims: new Set([replica(0).request]) });
    expect(decide(ofMachines({ running: all }), [claim(1), claim(2)], { aside: set }).record).toBeUndefined();
  });
});

describe('what the template is to blame for', () => {
  const rollout = (more: Partial<ClaimRecord>): number | undefined =>
    decide(
      ofMachines({
        ...{ running: all, started: 3 },
        rollout: { ...service().rollout, state: 'running', progressAtMs: nowMs },
      }),
      [claim(0, { state: 'releasing', ...more }), claim(1), claim(2)],
    ).record?.rollout.failures;
  const failed = (reason: string) => ({ state: 'failed', reason }) as const;

  test('one that never came, or that shut itself down', () => {
    expect(rollout({ startedAtMs: null, ending: failed('launch_refused: no such image') })).toBe(1);
    const own = 'instance_lost: i-1 ended: Client.InstanceInitiatedShutdown: Instance initiated shutdown';
    expect(rollout({ ending: failed(own) })).toBe(1);
  });

  test('not one that EC2 took, or that somebody released', () => {
    expect(rollout({ ending: failed('instance_lost: i-1 ended: Server.SpotInstanceTermination') })).toBe(0);
    expect(rollout({ ending: failed('instance_lost: i-1 ended: Client.UserInitiatedShutdown') })).toBe(0);
    expect(rollout({ cancelRequestedAtMs: 5 })).toBe(0);
  });
});

describe('one that is too many', () => {
  const four = [...all, replica(3)];
  const claims = [0, 1, 2, 3].map((n) => claim(n));

  test('is drained first, then released in the write of the document', () => {
    const drained = decide(ofMachines({ running: four }), claims);
    expect(drained.rows).toEqual([]);
    expect(drained.dueAtMs).toBeNull();
    expect(drained.record?.running[3]?.stop).toMatchObject({ cancelAtMs: nowMs + 1_000 });
    const due = { ...replica(3), stop: { ...stop, cancelAtMs: nowMs } };
    const released = decide(ofMachines({ running: [...all, due] }), claims);
    expect(released.rows).toMatchObject([{ id: replica(3).request, cancelRequestedAtMs: nowMs }]);
    expect(released.rows[0]?.timeline.at(-1)?.message).toBe('released by its service: r');
  });

  test('is looked at again when its drain is over', () => {
    const draining = { ...replica(3), stop: { ...stop, cancelAtMs: nowMs + 7 } };
    expect(decide(ofMachines({ running: [...all, draining] }), claims).dueAtMs).toBe(nowMs + 7);
  });

  test('goes at once where it is not handed out yet', () => {
    const { rows } = decide(ofMachines({ running: four }), [...claims.slice(0, 3), claim(3, { state: 'pending' })]);
    expect(rows).toMatchObject([{ id: replica(3).request, cancelRequestedAtMs: nowMs }]);
  });

  test('stays on the list until its claim has ended, and is not released twice', () => {
    const due = { ...replica(3), stop: { ...stop, cancelAtMs: nowMs - 1 } };
    const going = claim(3, { state: 'releasing', cancelRequestedAtMs: 5 });
    expect(decide(ofMachines({ running: [...all, due] }), [...claims.slice(0, 3), going])).toMatchObject({
      ...{ record: undefined, dueAtMs: null, rows: [] },
    });
  });

  test('is released by this very decision, whatever EC2 shows of it', () => {
    const due = { ...replica(3), stop: { ...stop, cancelAtMs: nowMs } };
    const seen = seenMachine(`i-${replica(3).request}-0`, { privateIp: '10.0.0.9' });
    const listing = claimListing({ machines: [seen] });
    const { copy } = decide(ofMachines({ running: [...all, due] }), claims, { listing });
    decideClaims(copy);
    expect(copy.claim(replica(3).request)).toMatchObject({ state: 'releasing', cancelRequestedAtMs: nowMs });
  });
});

test('another template takes the place of the one before, one by one', () => {
  const record = ofMachines({
    ...{ running: all, started: 3, revision: 2, update },
    rollout: { ...service().rollout, state: 'running', revision: 2, from: 1, progressAtMs: nowMs },
    revisions: [...revisions, { number: 2, template: { ...machineSpec, userData: 'eA==' }, createdAtMs: 0 }],
  });
  const { rows } = decide(
    record,
    [0, 1, 2].map((n) => claim(n)),
  );
  expect(rows.map(({ spec }) => spec)).toMatchObject([{ userData: 'eA==', service: { revision: 2 } }]);
});

test('a service that is deleted goes when its machines have', () => {
  const gone = (n: number) => ({ ...replica(n), stop });
  const left = decide(ofMachines({ running: [gone(0)], deletingSinceMs: 1 }), [claim(0, { state: 'releasing' })]);
  expect(changes(left.copy, 'service').flatMap((one) => one.writes)).toEqual([]);
  const ended = { ...claim(0, { state: 'released' }), endedAtMs: 1 };
  const over = decide(ofMachines({ running: [gone(0)], deletingSinceMs: 1 }), [], {
    ended: new Map([[ended.id, ended]]),
  });
  expect(changes(over.copy, 'service').flatMap((one) => one.writes)).toContainEqual(
    expect.objectContaining({ type: 'drop' }),
  );
});

test('how it stands', () => {
  const phase = (more: Partial<ClaimRecord>, isStopping = false) => machinePhase(claim(0, more), isStopping);
  expect(phase({})).toBe('ready');
  expect(phase({ state: 'pending' })).toBe('pending');
  expect(phase({ power: 'stopped' })).toBe('pending');
  expect([phase({ state: 'releasing' }), phase({ state: 'releasing' }, true)]).toEqual(['gone', 'pending']);
  expect([phase({ cancelRequestedAtMs: 1 }), phase({ cancelRequestedAtMs: 1 }, true)]).toEqual(['gone', 'pending']);
  expect(phase({ endedAtMs: 1 }, true)).toBe('gone');
  expect(machineEnd({ ...claim(0), ending: null })).toMatchObject({ isCrash: true, text: 'ended, no reason is known' });
});

test('where it is', () => {
  const [state] = replicaStates(
    ofMachines({ running: [replica(0)] }),
    claimCopy({ claims: [claim(0, { startedAtMs: 9 })] }),
  );
  expect(state).toMatchObject({
    ...{ phase: 'ready', readySinceMs: 9, node: null },
    machine: { instanceId: `i-${replica(0).request}-0`, zone: 'za', privateAddress: null },
  });
  expect(addressOf(claim(0, { machines: [] }))).toBeNull();
});

describe('a machine that EC2 is about to take', () => {
  const leaving = { instanceId: 'i-0', reason: 'EC2 is about to take this spot instance', atMs: nowMs + 120_000 };
  const claims = (more: Partial<ClaimRecord>) => [claim(0, more), claim(1), claim(2)];
  const record = ofMachines({ running: all, started: 3 });

  test('is replaced first, and released when the other is active', () => {
    const first = decide(record, claims({ leaving }));
    expect(first.rows.map((one) => one.id)).toEqual([replica(3).request]);
    expect(first.record?.running.map((one) => one.stop)).toEqual([null, null, null, null]);
    const more = ofMachines({ running: [...all, replica(3)], started: 4 });
    const pending = [...claims({ leaving }), claim(3, { state: 'pending' })];
    expect(decide(more, pending).record).toBeUndefined();
    const { record: after } = decide(more, [...claims({ leaving }), claim(3)]);
    expect(after?.running.map((one) => one.stop?.reason ?? null)).toEqual([
      'i-0: EC2 is about to take this spot instance',
      null,
      null,
      null,
    ]);
  });

  test('long after is replaced a quarter of an hour before, and the next look is due then', () => {
    const later = { ...leaving, atMs: nowMs + 3_600_000 };
    expect(decide(record, claims({ leaving: later }))).toMatchObject({ rows: [], dueAtMs: later.atMs - 900_000 });
  });
});
