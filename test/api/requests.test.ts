import { describe, expect, test } from '@jest/globals';
import { fc } from '../properties.ts';
import { canonicalJson } from '../../lib/api/canonical.ts';
import { poolBody, poolSpecOf, poolView, presentPool } from '../../lib/api/schemas/pools.ts';
import { fieldErrors } from '../../lib/api/problems.ts';
import { requestBody, resources, resourcesOf, taskBody, taskSpecOf } from '../../lib/api/schemas/requests.ts';

const task = { type: 'task', resources: { vcpu: 1, memoryMib: 512 }, shell: 'true' };

function errorsOf(body: unknown): { path: string; message: string }[] {
  const result = requestBody.safeParse(body);
  return result.success ? [] : fieldErrors(result.error.issues);
}

describe('a task', () => {
  test('with everything given becomes the core’s spec, in milliseconds and thousandths', () => {
    const body = taskBody.parse({
      type: 'task',
      pool: 'p',
      resources: { vcpu: 1.5, memoryMib: 512, gpu: 1 },
      command: ['a', ''],
      env: { A: 'b' },
      count: 3,
      timeoutSeconds: 1.5,
      retries: 2,
      priority: -3,
      requirements: { arch: ['arm64'], minInstanceGeneration: 6 },
      expectedDurationSeconds: 0.2,
      deadlineSeconds: 60,
      learningStyle: 'reactive',
      group: 'g',
      spread: [{ topology: 'zone', group: 'g' }],
      gang: true,
    });
    expect(taskSpecOf(body)).toEqual({
      type: 'task',
      resources: { cpuMilli: 1500, memoryMib: 512, gpu: 1 },
      run: { kind: 'command', argv: ['a', ''] },
      env: { A: 'b' },
      count: 3,
      timeoutMs: 1500,
      retries: 2,
      priority: -3,
      requirements: { arch: ['arm64'], minInstanceGeneration: 6 },
      expectedDurationMs: 200,
      deadlineMs: 60_000,
      learningStyle: 'reactive',
      group: 'g',
      spread: [{ topology: 'zone', group: 'g', maxSkew: 1 }],
      gang: true,
    });
  });

  test('with the least given has no optional keys, not even undefined ones', () => {
    const spec = taskSpecOf(taskBody.parse(task));
    expect(Object.keys(spec).sort()).toEqual([
      'count',
      'deadlineMs',
      'env',
      'expectedDurationMs',
      'learningStyle',
      'priority',
      'requirements',
      'resources',
      'retries',
      'run',
      'timeoutMs',
      'type',
    ]);
    expect(spec.run).toEqual({ kind: 'shell', script: 'true' });
  });

  test('with an image runs a command, a script, or what the image starts', () => {
    const run = (over: object): unknown =>
      taskSpecOf(taskBody.parse({ type: 'task', resources: { vcpu: 1, memoryMib: 512 }, image: 'alpine', ...over }))
        .run;
    expect(
      [run({ command: ['a', 'b'] }), run({ shell: 'true' }), run({})].map((one) => (one as { argv: unknown }).argv),
    ).toEqual([['a', 'b'], ['/bin/sh', '-c', 'true'], null]);
    expect(run({})).toEqual({ kind: 'container', image: 'alpine', argv: null });
  });

  test.each<[string, unknown]>([
    ['image', { ...task, image: '--privileged' }],
    ['image', { ...task, image: 'a b' }],
    ['', null],
    ['', 7],
    ['', []],
    ['type', {}],
    ['type', { ...task, type: 'job' }],
    ['resources', { type: 'task', shell: 'x' }],
    ['resources.vcpu', { ...task, resources: { vcpu: 0, memoryMib: 1 } }],
    ['resources.vcpu', { ...task, resources: { vcpu: 1025, memoryMib: 1 } }],
    ['resources.vcpu', { ...task, resources: { vcpu: Infinity, memoryMib: 1 } }],
    ['resources.vcpu', { ...task, resources: { vcpu: '1', memoryMib: 1 } }],
    ['resources.memoryMib', { ...task, resources: { vcpu: 1, memoryMib: 0.5 } }],
    ['resources.memoryMib', { ...task, resources: { vcpu: 1, memoryMib: 33_554_433 } }],
    ['resources.memoryMib', { ...task, resources: { vcpu: 1 } }],
    ['resources.gpu', { ...task, resources: { vcpu: 1, memoryMib: 1, gpu: 17 } }],
    ['resources.disk', { ...task, resources: { vcpu: 1, memoryMib: 1, disk: 1 } }],
    ['command', { ...task, shell: undefined }],
    ['shell', { ...task, command: ['x'] }],
    ['command', { ...task, shell: undefined, command: [] }],
    ['command', { ...task, shell: undefined, command: [''] }],
    ['command', { ...task, shell: undefined, command: Array(257).fill('x') }],
    ['command[1]', { ...task, shell: undefined, command: ['x', 'a\0b'] }],
    ['command[0]', { ...task, shell: undefined, command: ['\ud800'] }],
    ['shell', { ...task, shell: '' }],
    ['shell', { ...task, shell: 'ä'.repeat(65_501) }],
    ['env.1A', { ...task, env: { '1A': 'x' } }],
    ['env.A', { ...task, env: { A: 1 } }],
    ['env', { ...task, env: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`A${String(index)}`, ''])) }],
    ['env', { ...task, env: JSON.parse('{"__proto__": "x"}') as unknown }],
    ['count', { ...task, count: 0 }],
    ['count', { ...task, count: 10_001 }],
    ['count', { ...task, count: 1.5 }],
    ['timeoutSeconds', { ...task, timeoutSeconds: 0.5 }],
    ['retries', { ...task, retries: -1 }],
    ['priority', { ...task, priority: 1e9 }],
    ['deadlineSeconds', { ...task, deadlineSeconds: 0 }],
    ['expectedDurationSeconds', { ...task, expectedDurationSeconds: 0 }],
    ['pool', { ...task, pool: 'Big Pool' }],
    ['requirements.arch', { ...task, requirements: { arch: [] } }],
    ['requirements.arch[0]', { ...task, requirements: { arch: ['x86_64'] } }],
    ['requirements.colour', { ...task, requirements: { colour: ['red'] } }],
    ['spread[0].topology', { ...task, spread: [{ topology: 'rack', group: 'g' }] }],
    ['preferences[0].maxExtraUsdPerHour', { ...task, preferences: [{ requirements: {}, maxExtraUsdPerHour: -1 }] }],
    ['nmae', { ...task, nmae: 'x' }],
    [
      '__proto__',
      JSON.parse('{"type":"task","resources":{"vcpu":1,"memoryMib":1},"shell":"x","__proto__":{"count":5}}'),
    ],
  ])('names %j as what is wrong', (path, body) => {
    const errors = errorsOf(body);
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.message).toMatch(/^(must|is|give) /);
  });

  test('takes at its limits what it takes', () => {
    expect(
      errorsOf({
        ...task,
        resources: { vcpu: 0.001, memoryMib: 1 },
        count: 10_000,
        timeoutSeconds: 1,
        env: { _a9: '' },
        shell: 'ä'.repeat(65_500),
      }),
    ).toEqual([]);
  });
});

test('vCPUs are rounded up to thousandths, without charging for binary fractions', () => {
  const milli = (vcpu: number): number => resourcesOf(resources.parse({ vcpu, memoryMib: 1 })).cpuMilli;
  expect([milli(0.1 + 0.2), milli(0.3), milli(0.0011), milli(2), milli(1.1)]).toEqual([300, 300, 2, 2000, 1100]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_024_000 }), (cpuMilli) => {
      expect(milli(cpuMilli / 1000)).toBe(cpuMilli);
    }),
  );
});

describe('canonical JSON', () => {
  test('does not depend on the order of keys, and is JSON of the same value', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, one]) => [key, shuffled(one)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('tells different bodies apart', () => {
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
  });
});

test('a virtual machine of a size that it says is valid', () => {
  const needs = { vcpu: 2, localDiskGib: 10, networkGbps: 5 };
  expect(errorsOf({ type: 'virtual_machine', needs, subnetId: 'subnet-12345678' })).toEqual([]);
});

test.each(['one-tenant', 'any-tenant'] as const)('nodes that serve %s are shown so', (nodesServe) => {
  const spec = poolSpecOf('p', poolBody.parse({ nodesServe }));
  expect(spec.nodesServe).toBe(nodesServe === 'any-tenant' ? nodesServe : undefined);
  expect(presentPool({ spec, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null }).nodesServe).toBe(nodesServe);
});

describe('a pool', () => {
  test('is shown as it was put', () => {
    const body = {
      requirements: { arch: ['arm64'], zone: ['us-east-1a'] },
      limits: { instances: 3, usdPerHour: 1.5 },
      tasksPerNode: 4,
      maxNodeVcpu: 8,
      ordering: 'fifo',
      placement: 'spread',
      learningStyle: 'reactive',
      idleAfterSeconds: 0.5,
      priority: 7,
      accepts: ['task'],
    };
    const view = presentPool({
      spec: poolSpecOf('p', poolBody.parse(body)),
      createdAtMs: 0,
      updatedAtMs: 1000,
      deletingSinceMs: null,
    });
    expect(view).toEqual({
      name: 'p',
      ...body,
      nodesServe: 'one-tenant',
      objective: 'cost-over-time',
      lifetimes: 'learned',
      historyDays: 90,
      forecastQuantile: 0.9,
      default: false,
      createdAt: '1970-01-01T00:00:00.000Z',
      updatedAt: '1970-01-01T00:00:01.000Z',
      deletingSince: null,
    });
  });

  test('shows its alarms with what is known of them, and its headroom', () => {
    const spec = poolSpecOf(
      'p',
      poolBody.parse({
        alarms: [
          { alarmName: 'high', addNodes: 2, cooldownSeconds: 60 },
          { alarmName: 'low', removeNodes: 2 },
        ],
      }),
    );
    expect(spec.alarms).toEqual([
      { alarmName: 'high', addNodes: 2, cooldownMs: 60_000 },
      { alarmName: 'low', removeNodes: 2, cooldownMs: 300_000 },
    ]);
    const record = {
      nodes: 2,
      because: { alarmName: 'high', reason: 'Threshold Crossed', atMs: 0 },
      alarms: {
        high: { state: 'ALARM' as const, atMs: 0, reason: 'Threshold Crossed', actedAtMs: 0, isWaiting: false },
      },
    };
    const at = '1970-01-01T00:00:00.000Z';
    const view = presentPool({
      spec,
      createdAtMs: 0,
      updatedAtMs: 0,
      deletingSinceMs: null,
      headroom: {
        floorNodes: 2,
        record,
        lacking: { code: 'limit_reached', message: 'no room', nextTryAtMs: null, excluded: [] },
      },
    });
    expect(poolView.parse(view)).toMatchObject({
      alarms: [
        { alarmName: 'high', addNodes: 2, cooldownSeconds: 60, state: 'ALARM', since: at, actedAt: at },
        { alarmName: 'low', removeNodes: 2, cooldownSeconds: 300 },
      ],
      headroom: { floorNodes: 2, alarmName: 'high', reason: 'Threshold Crossed', lacking: 'no room' },
    });
  });

  test.each([
    [{ limits: { instances: -1 } }],
    [{ tasksPerNode: 0 }],
    [{ ordering: 'random' }],
    [{ idleAfterSeconds: -1 }],
    [{ accepts: [] }],
    [{ accepts: ['job'] }],
    [{ limits: { gpus: 1 } }],
    [{ created: 1 }],
    [{ alarms: [{ alarmName: 'a' }] }],
    [{ alarms: [{ alarmName: 'a', addNodes: 1, removeNodes: 1 }] }],
    [{ alarms: [{ alarmName: 'a', addNodes: 0 }] }],
    [
      {
        alarms: [
          { alarmName: 'a', addNodes: 1 },
          { alarmName: 'a', removeNodes: 1 },
        ],
      },
    ],
    [{ alarms: [{ alarmName: '', addNodes: 1 }] }],
    [{ alarms: [{ alarmName: 'a', addNodes: 1, cooldownSeconds: -1 }] }],
  ])('refuses %j', (body) => {
    expect(poolBody.safeParse(body).success).toBe(false);
  });
});
