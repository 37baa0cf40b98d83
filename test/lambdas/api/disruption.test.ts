// By which choices nodes go, what tasks bear of it, and the operator's brake, as the API takes and shows them.
import { describe, expect, test } from '@jest/globals';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import { presentNodeWithTasks } from '../../../lib/api/schemas/pools.ts';
import type { HttpHandler } from '../../../lambdas/http/handler.ts';
import type { Answer } from '../calls.ts';
import { RecordingLog, call, problem, noFiles } from '../calls.ts';

import type { Caller } from '../../../lib/ports/access/identity.ts';
import { FakeUseCases, caller, fakeNode, localIdentity, nowMs } from '../fake-use-cases.ts';

const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 128 }, command: ['echo', 'hi'] };

function setUp(): { api: HttpHandler; fake: FakeUseCases } {
  const fake = new FakeUseCases();
  return {
    api: createApiHandler({ ...noFiles, useCases: fake, identity: localIdentity, log: new RecordingLog() }),
    fake,
  };
}

describe('disruption', () => {
  test('a task says what it bears, in seconds outside and milliseconds inside', async () => {
    const { api, fake } = setUp();
    const disruption = { mode: 'restart', graceSeconds: 60, maxDrainSeconds: 0.5 };
    expect((await call(api, 'POST', '/v1/requests', { ...task, disruption })).status).toBe(202);
    await call(api, 'POST', '/v1/requests', { ...task, disruption: {} });
    const saving = { mode: 'checkpoint', signal: 'USR1', costUsd: 0.5 };
    await call(api, 'POST', '/v1/requests', { ...task, disruption: saving });
    await call(api, 'POST', '/v1/requests', { ...task, disruption: { mode: 'checkpoint', graceSeconds: 3 } });
    expect(fake.submissions.map(({ spec }) => 'disruption' in spec && spec.disruption)).toEqual([
      { mode: 'restart', graceMs: 60_000, maxDrainMs: 500 },
      { mode: 'never' },
      { ...saving, graceMs: 120_000 },
      { mode: 'checkpoint', graceMs: 3_000 },
    ]);
    const wrong = async (disruption: object) =>
      problem(await call(api, 'POST', '/v1/requests', { ...task, disruption })).errors;
    expect(await wrong({ mode: 'restart', signal: 'INT' })).toEqual([
      { path: 'disruption.signal', message: 'is only for the mode checkpoint' },
    ]);
    expect(await wrong({ mode: 'checkpoint', signal: 'KILL' })).toEqual([
      { path: 'disruption.signal', message: 'must be one of TERM, INT, HUP, USR1, USR2' },
    ]);
    expect((await wrong({ costUsd: -1 }))[0]?.path).toBe('disruption.costUsd');
    const tooLong = await call(api, 'POST', '/v1/requests', { ...task, disruption: { graceSeconds: 601 } });
    expect(problem(tooLong).errors).toEqual([
      { path: 'disruption.graceSeconds', message: 'must be at most 600 seconds' },
    ]);
  });

  test('a pool shows its choices and budgets as they were declared', async () => {
    const { api } = setUp();
    const put = (disruption: object) => call(api, 'PUT', '/v1/pools/batch', { disruption });
    const window = { schedule: '0 8 * * 1-5', timeZone: 'Europe/Berlin', durationSeconds: 32_400 };
    const budgets = [{ percent: 10 }, { nodes: 0, methods: ['drift'] }, { nodes: 0, ...window }];
    const consolidation = { calmSeconds: 90, apartSeconds: 1 };
    const declared = { drift: true, expireAfterSeconds: 3_600, consolidation, maxDrainSeconds: 60, budgets };
    expect((await put(declared)).body).toMatchObject({ disruption: declared });
    expect((await put({})).body).toMatchObject({ disruption: { drift: false } });
    expect(problem(await put({ budgets: [{ nodes: 1, percent: 1 }] })).errors).toEqual([
      { path: 'disruption.budgets[0]', message: 'must have either nodes or percent' },
    ]);
    expect(problem(await put({ budgets: [{ nodes: 1, methods: ['silence'] }] })).errors[0]?.path).toBe(
      'disruption.budgets[0].methods[0]',
    );
    const wrong = async (budget: object) => problem(await put({ budgets: [{ nodes: 0, ...budget }] })).errors;
    const path = 'disruption.budgets[0]';
    const both = { path, message: 'must have both schedule and durationSeconds, or neither' };
    expect(await wrong({ schedule: '0 8 * * *' })).toEqual([both]);
    expect(await wrong({ durationSeconds: 60 })).toEqual([both]);
    expect(await wrong({ timeZone: 'UTC' })).toEqual([{ path, message: 'must have a schedule for its timeZone' }]);
    expect(await wrong({ ...window, timeZone: 'Berlin' })).toEqual([
      { path: `${path}.timeZone`, message: 'must be a time zone of the IANA database, e.g. "Europe/Berlin"' },
    ]);
    expect((await wrong({ ...window, schedule: '0 8 * *' }))[0]?.path).toBe(`${path}.schedule`);
    expect((await wrong({ ...window, durationSeconds: 59 }))[0]?.path).toBe(`${path}.durationSeconds`);
  });
});

describe("the operator's brake", () => {
  test('pauses and resumes a pool, in the name of who calls', async () => {
    const { api } = setUp();
    const paused = await call(api, 'POST', '/v1/pools/default/pause');
    expect([paused.status, paused.body]).toMatchObject([
      200,
      { name: 'default', paused: { by: 'tenant-a/alice', since: '2026-11-22T16:00:00.000Z' } },
    ]);
    expect((await call(api, 'GET', '/v1/pools/default')).body).toHaveProperty('paused');
    const resumed = await call(api, 'POST', '/v1/pools/default/resume');
    expect([resumed.status, Object.keys(resumed.body as object)]).toEqual([
      200,
      expect.not.arrayContaining(['paused']),
    ]);
    expect(problem(await call(api, 'POST', '/v1/pools/nope/pause')).code).toBe('unknown_pool');
  });

  test('cordons, drains and terminates nodes', async () => {
    const { api } = setUp();
    const post = (what: string, body?: object): Promise<Answer> => call(api, 'POST', `/v1/nodes/i-1/${what}`, body);
    expect((await post('cordon')).body).toMatchObject({ state: 'ready', cordoned: { by: 'tenant-a/alice' } });
    expect(await post('uncordon')).toMatchObject({ status: 200, body: { cordoned: null } });
    expect(await post('drain', {})).toMatchObject({ status: 202, body: { state: 'draining', stopsTasksAt: null } });
    expect((await post('drain', { deadlineSeconds: 60 })).body).toMatchObject({
      stopsTasksAt: '2026-11-22T16:01:00.000Z',
    });
    expect(await post('terminate')).toMatchObject({
      status: 202,
      body: { drainReason: 'terminated by tenant-a/alice', stopsTasksAt: '2026-11-22T16:00:00.000Z' },
    });
    expect(problem(await post('drain', { deadlineSeconds: -1 })).errors[0]?.path).toBe('deadlineSeconds');
    expect(problem(await call(api, 'POST', '/v1/nodes/i-2/cordon')).code).toBe('not_found');
    expect((await call(api, 'GET', '/v1/nodes/i-1/why')).body).toMatchObject({
      node: { id: 'i-1' },
      mayGoAt: '2026-11-22T16:00:10.000Z',
      methods: expect.arrayContaining([
        {
          method: 'emptiness',
          takes: false,
          reason: 'it is without work, and may go at 2026-11-22T16:00:10.000Z',
          at: '2026-11-22T16:00:10.000Z',
        },
      ]),
    });
  });
});

describe('tasks of nodes', () => {
  const assigned = async (path: string, isOperator: boolean): Promise<unknown> => {
    const fake = new FakeUseCases();
    const identity = async (): Promise<Caller> => ({ ...caller('tenant-a', ['read']), isOperator });
    const api = createApiHandler({ ...noFiles, useCases: fake, identity, log: new RecordingLog() });
    const { body } = await call(api, 'GET', path);
    const { items, node } = body as { items?: { assigned?: unknown }[]; node?: { assigned?: unknown } };
    return (items?.[0] ?? node)?.assigned;
  };

  test('are listed where it is asked for, and named to operators only', async () => {
    expect(await assigned('/v1/pools/default/nodes', true)).toBeUndefined();
    expect(await assigned('/v1/pools/default/nodes?tasks=true', true)).toEqual([]);
    expect(await assigned('/v1/nodes/i-1/why', true)).toEqual([]);
    const node = {
      ...fakeNode('default'),
      assigned: [
        {
          attemptId: 'r-1.3.2',
          requestId: 'r-1',
          index: 3,
          attempt: 2,
          resources: { cpuMilli: 500, memoryMib: 128, gpu: 0 },
          isOffered: true,
          placedAtMs: nowMs,
          startedAtMs: null,
          expectedEndAtMs: null,
          withdrawn: null,
        },
      ],
    };
    expect(presentNodeWithTasks(node, true).assigned).toEqual([
      {
        request: 'r-1',
        index: 3,
        attempt: 2,
        vcpu: 0.5,
        memoryMib: 128,
        gpu: 0,
        placedAt: '2026-11-22T16:00:00.000Z',
        startedAt: null,
      },
    ]);
    expect(presentNodeWithTasks(node, false).assigned?.[0]?.request).toBeNull();
  });
});
