// Tasks that mount volumes: who may be placed, who waits, who fails; and attempts that wait for their volumes.
import { describe, expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../../lib/core/records/request.ts';
import type { VolumeUse } from '../../../lib/core/records/volume.ts';
import { decideMounts } from '../../../lib/core/tasks/mounts.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { demandOf } from '../allocation/worlds.ts';
import {
  aside,
  assignment,
  node,
  nowMs,
  observation,
  placedTask,
  request,
  storage,
  summary,
  task,
} from '../builders.ts';

const mounting = (
  id: string,
  volumes: readonly string[] = ['v'],
  spec: Partial<TaskSpec> = {},
  more = {},
): RequestRecord => request(id, { mounts: volumes.map((one) => ({ request: one, path: null })), ...spec }, more);

function decided(
  requests: readonly RequestRecord[],
  claims: readonly ClaimRecord[],
  nodes: readonly NodeRecord[] = [],
) {
  const seen = observation({ requests, nodes, storages: new Map(claims.map((one) => [one.id, one])) });
  const copy = new WorkingCopy(seen);
  const gate = decideMounts(seen, copy, settings);
  const admitted = (id: string) => gate.admit(demandOf(id, 1, 100)).map((one) => one.requirements);
  return { copy, gate, admitted, codes: Object.values(gate.why).map((one) => one.code) };
}

describe('a task', () => {
  test('whose volume is free may be placed in its zone', () => {
    const { admitted, codes, copy } = decided([mounting('r')], [storage('v', 'za')]);
    expect(admitted('r')).toEqual([{ zone: ['za'] }]);
    expect([codes, summary(copy)]).toEqual([[], []]);
  });

  test('that mounts nothing is not gated', () => {
    expect(decided([request('r')], []).admitted('r')).toEqual([{}]);
  });

  test.each<[string, Partial<ClaimRecord>, string, RegExp]>([
    [
      'is not granted yet',
      { state: 'pending' },
      'waiting_for_reference',
      /^waits for v, which it mounts, to be active$/,
    ],
    ['is nowhere yet', { volume: null }, 'waiting_for_reference', /to be active$/],
    [
      'is a machine’s',
      { usedBy: { request: 'm', machine: 0, device: '/dev/sdf' } },
      'in_use',
      /^waits for v, which m uses: a volume is attached to one machine at most$/,
    ],
    ['is being detached', { isDetaching: true }, 'in_use', /which a machine uses/],
  ])('waits while its volume %s', (_what, more, code, message) => {
    const { admitted, gate, copy } = decided([mounting('r')], [storage('v', 'za', more)]);
    expect(admitted('r')).toEqual([]);
    expect(Object.values(gate.why)).toEqual([
      { code, message: expect.stringMatching(message), nextTryAtMs: null, excluded: [] },
    ]);
    expect(summary(copy)).toEqual([]);
  });

  test('waits while its volume is set aside, whatever its record says', () => {
    const storages = new Map([['v', storage('v', 'za', { state: 'releasing' })]]);
    const seen = observation({ requests: [mounting('r')], storages, aside: aside({ claims: new Set(['v']) }) });
    const copy = new WorkingCopy(seen);
    const gate = decideMounts(seen, copy, settings);
    expect([gate.admit(demandOf('r', 1, 100)), summary(copy)]).toEqual([[], []]);
    expect(Object.values(gate.why)).toMatchObject([
      {
        code: 'waiting_for_reference',
        message: expect.stringMatching(/^waits for v, which it mounts and which is set/),
      },
    ]);
  });

  test.each<[string, RequestRecord, readonly ClaimRecord[], RegExp]>([
    ['is not there', mounting('r'), [], /^reference_gone: v, which it mounts, is no storage request of this tenant/],
    ['is another tenant’s', mounting('r'), [storage('v', 'za', { tenant: 'u' })], /^reference_gone/],
    ['is being released', mounting('r'), [storage('v', 'za', { state: 'releasing' })], /^reference_gone/],
    ['is to be released', mounting('r'), [storage('v', 'za', { cancelRequestedAtMs: 1 })], /^reference_gone/],
    [
      'is in another zone than its other one',
      mounting('r', ['v', 'w']),
      [storage('v', 'zb'), storage('w', 'za')],
      /^zone_mismatch: its volumes are in za and zb: .* one machine takes volumes of one zone$/,
    ],
    [
      'is in a zone that its requirements exclude',
      mounting('r', ['v'], { requirements: { zone: ['zb', 'zc'] } }),
      [storage('v', 'za')],
      /^zone_mismatch: its volumes are in za, and its requirements allow zb, zc$/,
    ],
    [
      'is in a zone that an expression excludes',
      mounting('r', ['v'], {
        requirements: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['za'] }] },
      }),
      [storage('v', 'za')],
      /its requirements allow others only$/,
    ],
  ])('fails when its volume %s', (_what, record, claims, reason) => {
    const { copy, admitted } = decided([record], claims);
    expect(summary(copy)).toEqual(['stop r']);
    expect(copy.task('r', 0)).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason) });
    expect(admitted('r')).toEqual([]);
  });

  test.each<[string, RequestRecord]>([
    ['has ended', mounting('r', ['v'], {}, { endedAtMs: 1 })],
    ['shall stop', mounting('r', ['v'], {}, { cancelRequestedAtMs: 1 })],
    ['waits for its time', mounting('r', ['v'], {}, { tasks: [task({ notBeforeMs: nowMs + 1 })] })],
    ['is placed', mounting('r', ['v'], {}, { tasks: [placedTask()] })],
  ])('that %s is not looked at', (_what, record) => {
    const { copy, codes } = decided([record], []);
    expect([summary(copy), codes]).toEqual([[], []]);
  });

  test('has its volume for itself: the most urgent first, then the oldest, then by id', () => {
    const requests = [
      mounting('c', ['v'], {}, { createdAtMs: 5 }),
      mounting('b', ['v'], {}, { createdAtMs: 4 }),
      mounting('a', ['v'], {}, { createdAtMs: 4 }),
    ];
    const first = decided(requests, [storage('v', 'za')]);
    expect(['a', 'b', 'c'].map((id) => first.admitted(id).length)).toEqual([1, 0, 0]);
    expect(Object.values(first.gate.why)[0]?.message).toMatch(/which a uses/);
    const urgent = decided(
      [...requests, mounting('z', ['v'], { priority: 1 }, { createdAtMs: 9 })],
      [storage('v', 'za')],
    );
    expect(['a', 'z'].map((id) => urgent.admitted(id).length)).toEqual([0, 1]);
  });

  test('waits for a volume whose task was placed just now', () => {
    const holder = node({ assigned: [assignment('s', { mounts: { requests: ['v'], areAttached: true } })] });
    const requests = [mounting('r'), mounting('s', ['v'], {}, { tasks: [placedTask()] })];
    const { admitted, gate } = decided(requests, [storage('v', 'za')], [holder]);
    expect(admitted('r')).toEqual([]);
    expect(Object.values(gate.why)[0]?.message).toMatch(/which s uses/);
  });
});

test('of many shapes that wait 200 are explained', () => {
  const requests = Array.from({ length: 210 }, (_, at) => mounting(`r${String(at)}`, [`v${String(at)}`]));
  const claims = requests.map((_, at) => storage(`v${String(at)}`, 'za', { state: 'pending' }));
  expect(decided(requests, claims).codes).toHaveLength(200);
});

describe('an attempt that waits for its volumes', () => {
  const waiting = assignment('r', {
    isOffered: false,
    placedAtMs: nowMs,
    mounts: { requests: ['v'], areAttached: false },
  });
  const running = mounting('r', ['v'], {}, { tasks: [placedTask()] });
  const use = (more: Partial<NonNullable<VolumeUse['node']>> = {}): VolumeUse => ({
    request: 'r',
    machine: 0,
    device: '/dev/sdf',
    node: { id: 'i-1', attemptId: waiting.attemptId, sinceMs: 1, isAttached: false, refusal: null, ...more },
  });
  const after = (claim: Partial<ClaimRecord>, on: Partial<NodeRecord> = {}, one = waiting) =>
    decided([running], [storage('v', 'za', claim)], [node({ assigned: [one], ...on })]).copy;

  test('waits on while they are not attached', () => {
    expect(summary(after({ usedBy: null }))).toEqual([]);
    expect(summary(after({ usedBy: use() }))).toEqual([]);
  });

  test('is handed out once they are', () => {
    const copy = after({ usedBy: use({ isAttached: true }) });
    expect(summary(copy)).toEqual(['attached i-1']);
    expect(copy.node('i-1')?.assigned[0]?.mounts?.areAttached).toBe(true);
  });

  test.each<[string, Partial<ClaimRecord>, Partial<NodeRecord>, RegExp]>([
    ['its node drains', { usedBy: use() }, { state: 'draining' }, /^its node i-1 is draining$/],
    ['another has the volume', { usedBy: { ...use(), request: 'm', node: undefined } as never }, {}, /is used by m$/],
    ['another attempt has it', { usedBy: use({ attemptId: 'r.0.9' }) }, {}, /is used by r$/],
    [
      'EC2 does not attach it there',
      { usedBy: use({ refusal: 'AttachmentLimitExceeded' }) },
      {},
      /^EC2 does not attach vol-v to i-1: AttachmentLimitExceeded$/,
    ],
  ])('is taken back when %s', (_what, claim, on, reason) => {
    const copy = after(claim, on);
    expect(summary(copy)).toEqual(['requeue r i-1']);
    expect(copy.task('r', 0)).toMatchObject({ state: 'pending', attempt: 2, reason: expect.stringMatching(reason) });
    expect(copy.node('i-1')?.assigned).toEqual([]);
  });

  test('is taken back when a volume is released, and its task then fails', () => {
    const copy = after({ usedBy: use(), state: 'releasing' });
    expect(summary(copy)).toEqual(['requeue r i-1', 'stop r']);
    expect(copy.actions[0]).toMatchObject({ reason: 'v, which it mounts, is being released' });
    expect(copy.task('r', 0)).toMatchObject({ state: 'failed', attempt: 2 });
  });

  test('is taken back when that takes longer than a boot may', () => {
    const placedAtMs = nowMs - settings.bootTimeoutMs;
    expect(summary(after({ usedBy: use() }, {}, { ...waiting, placedAtMs }))).toEqual([]);
    const copy = after({ usedBy: use() }, {}, { ...waiting, placedAtMs: placedAtMs - 1 });
    expect(copy.task('r', 0)?.reason).toBe('its volumes were not attached to i-1 within 15 minutes');
  });

  test('is only dropped when its task has moved on', () => {
    const moved = mounting('r', ['v'], {}, { tasks: [task({ attempt: 2 })] });
    const { copy } = decided([moved], [], [node({ assigned: [waiting] })]);
    expect(summary(copy).filter((one) => one.startsWith('requeue'))).toEqual(['requeue i-1']);
  });

  test('is left alone when its request is set aside, or its volumes are attached', () => {
    const aside = decided(
      [{ ...running, quarantine: 'broken' }],
      [],
      [node({ assigned: [waiting], state: 'draining' })],
    );
    expect(summary(aside.copy)).toEqual([]);
    const attached = { ...waiting, mounts: { requests: ['v'], areAttached: true } };
    expect(summary(after({ usedBy: null }, { state: 'draining' }, attached))).toEqual([]);
  });
});
