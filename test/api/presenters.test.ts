import { describe, expect, test } from '@jest/globals';
import { presentPlan } from '../../lib/api/schemas/plan.ts';
import { presentRequest, presentTimeline } from '../../lib/api/presenters.ts';
import { fieldErrors, pathText, problemKinds, problemOf, problemView } from '../../lib/api/problems.ts';
import type { ProblemCode } from '../../lib/api/problems.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { presentShadow } from '../../lib/api/schemas/figures/shadow.ts';
import { presentTemplate } from '../../lib/api/schemas/asked.ts';
import { poolBody } from '../../lib/api/schemas/pools.ts';
import { requestView, taskBody, taskSpecOf, timelineView } from '../../lib/api/schemas/requests.ts';
import { serviceBody, serviceWantedOf } from '../../lib/api/schemas/tasks/services.ts';
import { instanceType } from '../../lib/core/catalog/index.ts';
import type { RequestRecord, TaskRecord } from '../../lib/core/records/request.ts';
import { defaultPool, nowMs, requestRecord } from '../lambdas/fake-use-cases.ts';

const spec = taskSpecOf(taskBody.parse({ type: 'task', resources: { vcpu: 1, memoryMib: 1 }, shell: 'true' }));
const pending = requestRecord('r1', { tenant: 't', pool: 'default', spec });

function withTask(changes: Partial<TaskRecord>, more: Partial<RequestRecord> = {}): RequestRecord {
  const [task] = pending.tasks;
  if (task === undefined) throw new Error('the record of one task holds it');
  return { ...pending, ...more, tasks: [{ ...task, ...changes }] };
}

const allocation = {
  nodeId: 'i-1',
  instanceType: 'c7g.large',
  zone: 'us-east-1a',
  capacityType: 'spot',
  priceUsdPerHour: 0.03,
} as const;

test('why a shadow stopped, which may name requests, is for operators', () => {
  const waits = { usd: 0, spotUsd: 0, usdPerHour: 0, nodes: 0, launches: 0, ends: 0, moves: 0, started: 0, waiting: 0 };
  const side = { ...waits, waits: null };
  const stopped = { reason: 'what t1 says of where it may run is too long', againAtMs: nowMs };
  const figures = { sinceMs: 0, untilMs: nowMs, stopped, isBootGuessed: false, cutShort: 0, live: side, shadow: side };
  const state = { pool: { ...defaultPool, shadow: {} }, figures };
  expect(presentShadow(state, true).figures?.stopped?.reason).toBe(stopped.reason);
  expect(JSON.stringify(presentShadow(state, false))).not.toContain('t1');
  expect(presentShadow(state, false).figures?.stopped?.again).toBe(new Date(nowMs).toISOString());
});

describe('attempts', () => {
  test.each<[string, number, Partial<TaskRecord>]>([
    ['none while it waits for the first', 0, {}],
    ['one once it is placed', 1, { state: 'placed', placedAtMs: nowMs }],
    ['two while it waits for the third', 2, { attempt: 3 }],
    ['two that ended', 2, { attempt: 2, state: 'failed', placedAtMs: nowMs }],
    ['none if it was cancelled before', 0, { state: 'cancelled' }],
  ])('are %s', (_name, attempts, task) => {
    expect(presentRequest(withTask(task), null).attempts).toBe(attempts);
  });
});

describe('the view of a request', () => {
  test('shows times in RFC 3339, the end, and where it ran', () => {
    const view = presentRequest(
      withTask(
        { state: 'succeeded', attempt: 1, exitCode: 0, placedAtMs: nowMs, allocation },
        { state: 'succeeded', startedAtMs: nowMs + 1, endedAtMs: nowMs + 2 },
      ),
      defaultPool,
    );
    expect(view).toMatchObject({
      startedAt: '2026-11-22T16:00:00.001Z',
      endedAt: '2026-11-22T16:00:00.002Z',
      exitCode: 0,
    });
    expect(view.allocation).toEqual({
      resourceType: 'ec2-instance',
      instanceType: 'c7g.large',
      zone: 'us-east-1a',
      capacityType: 'spot',
      priceUsdPerHour: 0.03,
      placement: 'least-cost',
      learningStyle: 'reactive',
    });
    expect(requestView.parse(view)).toEqual(view);
  });

  test('its own learning style comes before the pool’s, and a pool that is gone is null', () => {
    const record = withTask(
      { placedAtMs: nowMs, state: 'placed', allocation },
      { spec: { ...spec, learningStyle: 'adaptive' } },
    );
    const view = presentRequest(record, defaultPool);
    expect(view.allocation).toMatchObject({ learningStyle: 'adaptive' });
    expect(view.learning).toMatchObject({ style: 'adaptive', acted: 'adaptive' });
    expect(requestView.parse(view)).toEqual(view);
    expect(presentRequest(withTask({ placedAtMs: nowMs, state: 'placed', allocation }), null).allocation).toMatchObject(
      { placement: null, learningStyle: null },
    );
  });

  test('of an array has counts, and nothing that only one task has', () => {
    const view = presentRequest(
      {
        ...pending,
        spec: { ...spec, count: 3 },
        tasks: [],
        counts: { pending: 1, running: 1, succeeded: 1, failed: 0, cancelled: 0 },
      },
      null,
    );
    expect(view).toMatchObject({
      count: 3,
      exitCode: null,
      attempts: null,
      allocation: null,
      counts: { pending: 1, running: 1, succeeded: 1 },
    });
  });

  test('of a timeline is in the order in which it happened, whatever was heard of first', () => {
    const entry = (atMs: number, code: string) => ({ atMs, stage: 'pending', code, message: '' }) as const;
    const timeline = [entry(1, 'accepted'), entry(9, 'cancelling'), entry(5, 'placed'), entry(9, 'stopped')];
    const { items } = presentTimeline({ ...pending, timeline });
    expect(items.map((one) => one.code)).toEqual(['accepted', 'placed', 'cancelling', 'stopped']);
  });

  test('of a timeline keeps only what is known', () => {
    const view = presentTimeline({
      ...pending,
      timeline: [
        { atMs: 0, stage: 'accepted', code: 'accepted', message: 'recorded' },
        {
          atMs: 1,
          stage: 'planned',
          code: 'limits',
          message: 'waits',
          nextTryAtMs: 1000,
          excluded: [{ constraint: 'zone', offerings: 3 }],
        },
      ],
    });
    expect(view.items).toEqual([
      { at: '1970-01-01T00:00:00.000Z', stage: 'accepted', code: 'accepted', message: 'recorded' },
      {
        at: '1970-01-01T00:00:00.001Z',
        stage: 'planned',
        code: 'limits',
        message: 'waits',
        nextTryAt: '1970-01-01T00:00:01.000Z',
        excluded: [{ constraint: 'zone', offerings: 3 }],
      },
    ]);
    expect(timelineView.parse(view)).toEqual(view);
  });
});

test('a plan is shown with one entry per node, so that prices add up to its cost', () => {
  const type = instanceType('c7g.large');
  if (type === undefined) throw new Error('the catalog has c7g.large');
  const offering = {
    id: 'c7g.large/us-east-1a/spot',
    type,
    zone: 'us-east-1a',
    capacityType: 'spot',
    priceUsdPerHour: 0.5,
  } as const;
  const view = presentPlan({
    placements: [{ binId: 'i-1', tasks: [{ demandId: 'a', count: 2 }] }],
    launches: [{ offerings: [offering], count: 3, tasks: [{ demandId: 'a', count: 4 }], reason: 'cheapest' }],
    unplaced: [
      {
        demandId: 'b',
        count: 1,
        kind: 'shortage',
        message: 'none is there',
        excluded: [{ constraint: 'zone', offerings: 1 }],
      },
    ],
    costUsdPerHour: 1.5,
    lowerBoundUsdPerHour: null,
    gapPercent: null,
    coefficients: null,
  });
  expect(view.placements).toEqual([{ nodeId: 'i-1', tasks: [{ requestId: 'a', count: 2 }] }]);
  expect(view.launches).toHaveLength(3);
  expect(view.launches[2]).toEqual({
    instanceType: 'c7g.large',
    zone: 'us-east-1a',
    capacityType: 'spot',
    priceUsdPerHour: 0.5,
    gpu: null,
    requestIds: ['a'],
    tasks: [{ requestId: 'a', count: 4 }],
    reason: 'cheapest',
  });
  expect(view.unplaceable).toEqual([
    { requestId: 'b', count: 1, kind: 'shortage', reasons: ['none is there', 'zone excludes 1 offering'] },
  ]);
});

describe('problems', () => {
  test('carry all fields of RFC 9457 and the code', () => {
    for (const code of Object.keys(problemKinds) as ProblemCode[]) {
      const problem = problemOf(code, 'why', [{ path: 'a', message: 'b' }]);
      expect(problemView.parse(problem)).toEqual({
        type: `urn:bellows:problem:${code}`,
        title: problemKinds[code][1],
        status: problemKinds[code][0],
        code,
        detail: 'why',
        errors: [{ path: 'a', message: 'b' }],
      });
    }
  });

  test('write paths as people do', () => {
    expect([pathText([]), pathText(['a', 'b']), pathText(['requests', 3, 'env', 'A']), pathText([0])]).toEqual([
      '',
      'a.b',
      'requests[3].env.A',
      '[0]',
    ]);
  });

  test.each([
    [
      'a bound that has no words of its own',
      { idleAfterSeconds: 1e9 },
      'must be a number of seconds (at most 2592000)',
    ],
    ['one that has', { idleAfterSeconds: -1 }, 'must not be negative'],
    ['a wrong type', { idleAfterSeconds: '3' }, 'must be a number of seconds'],
  ])('name %s', (_what, body, message) => {
    const result = poolBody.safeParse(body);
    expect(result.success ? [] : fieldErrors(result.error.issues, [], poolBody)).toEqual([
      { path: 'idleAfterSeconds', message },
    ]);
  });

  test('list at most a hundred errors', () => {
    const result = taskBody.safeParse({
      type: 'task',
      ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${String(index)}`, 1])),
    });
    expect(result.success ? [] : fieldErrors(result.error.issues)).toHaveLength(100);
  });
});

describe('what was asked for is shown again', () => {
  test('with its relations, its wishes and what it bears', () => {
    const asked = {
      group: 'web',
      spread: [{ topology: 'zone', group: 'web', maxSkew: 2 }],
      affinity: [{ topology: 'zone', group: 'db' }],
      antiAffinity: [{ topology: 'node', group: 'web' }],
      preferences: [{ requirements: { arch: ['arm64'] }, maxExtraUsdPerHour: 0.1 }],
      disruption: { mode: 'checkpoint', signal: 'USR1', costUsd: 2, graceSeconds: 60, maxDrainSeconds: 600 },
    } as const;
    const body = taskBody.parse({ type: 'task', resources: { vcpu: 1, memoryMib: 1 }, shell: 'true', ...asked });
    expect(presentTemplate(taskSpecOf(body))).toMatchObject(asked);
  });

  test('of a service with its ports, its check and what runs before it stops, as they can be declared again', () => {
    const template = {
      resources: { vcpu: 1, memoryMib: 1, gpu: 0 },
      command: ['serve'],
      ports: [{ name: 'http' }, { name: 'admin', port: 9_000 }],
      health: { http: { port: 'http', path: '/up' }, intervalSeconds: 2, startPeriodSeconds: 10, timeoutSeconds: 1 },
      preStop: { command: ['drain', 'now'] },
    };
    const wanted = (given: object) => serviceWantedOf(serviceBody.parse({ replicas: 1, template: given })).template;
    const shown = presentTemplate(wanted(template) as TaskSpec);
    expect(shown).toMatchObject(template);
    const { ports, health, preStop } = shown;
    expect(wanted({ ...template, ports, health, preStop })).toEqual(wanted(template));
  });
});
