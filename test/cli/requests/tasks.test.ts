// Commands about the tasks of an array.
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TaskRecord } from '../../../lib/core/records/request.ts';
import { nowMs } from '../../lambdas/fake-use-cases.ts';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

function task(index: number, over: Partial<TaskRecord> = {}): TaskRecord {
  return {
    index,
    state: 'pending',
    attempt: 1,
    allocation: null,
    placedAtMs: null,
    startedAtMs: null,
    endedAtMs: null,
    exitCode: null,
    reason: null,
    failures: 0,
    losses: 0,
    notBeforeMs: 0,
    ...over,
  };
}

const ended = { placedAtMs: nowMs, startedAtMs: nowMs, endedAtMs: nowMs + 4_000 };
const allocation = {
  nodeId: 'i-1',
  instanceType: 'c7g.large',
  zone: 'us-east-1a',
  capacityType: 'spot',
  priceUsdPerHour: 0.03,
} as const;

beforeEach(async () => {
  await bench.run(['run', '--count', '60', '--', 'true']);
  bench.fake.arrayTasks.set('r1', [
    task(0, { ...ended, state: 'succeeded', exitCode: 0, allocation }),
    task(1, {
      ...ended,
      state: 'failed',
      exitCode: 3,
      reason: 'exit code 3',
      attempt: 2,
      earlierNanoUsd: 3e7,
      allocation,
    }),
    ...Array.from({ length: 56 }, (_, n) => task(n + 2)),
    task(58, { ...ended, state: 'failed', reason: 'timeout', allocation }),
    task(59),
  ]);
  const nothing = { truncated: false, leftOutBytes: { stdout: 0, stderr: 0 } };
  bench.fake.outputs.set('r1.1', { ...nothing, stdout: 'one\n', stderr: 'oops\n' });
  bench.fake.outputs.set('r1.58', { ...nothing, stdout: 'slow\n', stderr: '' });
});

describe('tasks', () => {
  test('are a table, by index, as many as are wanted', async () => {
    const { out, err } = await bench.run(['tasks', 'r1', '--limit', '3']);
    expect(out).toBe(
      [
        'INDEX  STATE      EXIT  ATTEMPTS  NODE  TYPE       TOOK  USD       REASON',
        '0      succeeded  0     1         i-1   c7g.large  4s    <$0.0001',
        '1      failed     3     2         i-1   c7g.large  4s    $0.0300   exit code 3',
        '2      pending    -     0         -     -          -     -',
        '',
      ].join('\n'),
    );
    expect(err).toBe('there are more: --from 3\n');
    const rest = await bench.run(['tasks', 'r1', '--from', '58']);
    expect([rest.out.split('\n').length, rest.err]).toEqual([4, '']);
  });

  test('by state, and as JSON', async () => {
    const { out } = await bench.run(['tasks', 'r1', '--state', 'failed', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      items: [
        { index: 1, state: 'failed', exitCode: 3, attempts: 2, node: { id: 'i-1', zone: 'us-east-1a' } },
        { index: 58, reason: 'timeout', endedAt: new Date(nowMs + 4_000).toISOString() },
      ],
      nextFrom: null,
    });
    expect((await bench.run(['tasks', 'r1', '--state', 'expired'])).out).toBe('no tasks\n');
    const wrong = await bench.run(['tasks', 'r1', '--state', 'placed']);
    expect(wrong).toMatchObject({ exit: 4, err: expect.stringContaining('must be one of pending, running') });
    expect((await bench.run(['tasks', 'r9'])).exit).toBe(4);
  });

  test('logs --failed shows what each failed one wrote, and why it failed', async () => {
    const all = await bench.run(['logs', 'r1', '--failed']);
    expect(all).toEqual({
      exit: 0,
      out: 'one\nslow\n',
      err: 'task 1 failed: exit code 3\noops\ntask 58 failed: timeout\n',
    });
    expect((await bench.run(['logs', 'r1', '--failed', '--index', '2'])).out).toBe('slow\n');
    expect(JSON.parse((await bench.run(['logs', 'r1', '--failed', '--json'])).out)).toMatchObject({
      items: [
        { index: 1, reason: 'exit code 3', stdout: 'one\n' },
        { index: 58, stdout: 'slow\n' },
      ],
      nextFrom: null,
    });
    bench.fake.arrayTasks.set('r1', [task(0)]);
    expect(await bench.run(['logs', 'r1', '--failed'])).toEqual({ exit: 0, out: '', err: 'no task has failed\n' });
  });
});

describe('retry and cancel', () => {
  test('retry prints the id of the new request, and says how many tasks it has', async () => {
    bench.fake.change('r1', { state: 'failed', endedAtMs: nowMs });
    expect(await bench.run(['retry', 'r1', '--failed'])).toEqual({
      exit: 0,
      out: 'r2\n',
      err: '60 tasks of r1 run again as r2\n',
    });
    expect((await bench.run(['show', 'r2'])).out).toMatch(/^retry of +r1$/m);
    const none = await bench.run(['retry', 'r1', '--cancelled']);
    expect(none).toMatchObject({ exit: 4, err: expect.stringContaining('not_possible (409): no task') });
    expect((await bench.run(['retry', 'r1', '--failed', '--expired'])).exit).toBe(2);
    expect((await bench.run(['retry', 'r9'])).exit).toBe(4);
  });

  test('cancel --index cancels one task, and tells a script when that came too late', async () => {
    expect(await bench.run(['cancel', 'r1', '--index', '5'])).toMatchObject({
      exit: 0,
      out: 'task 5 of r1 is cancelled\n',
    });
    expect(await bench.run(['cancel', 'r1', '--index', '1'])).toMatchObject({
      exit: 5,
      out: 'task 1 of r1 has ended as failed; there is nothing to cancel\n',
    });
    expect((await bench.run(['cancel', 'r1', '--index', '77'])).exit).toBe(4);
  });
});

describe('ids', () => {
  test('may be names, and the beginnings of ids, while they mean one request', async () => {
    const [first, second] = ['r-0123456789abcdef0123456789', 'r-0123456789abcdef0123450000'];
    const request = bench.fake.requests.get('r1');
    if (!request) throw new Error('no request');
    bench.fake.requests.set(first, { ...request, id: first, spec: { ...request.spec, name: 'nightly' } });
    bench.fake.requests.set(second, { ...request, id: second, spec: { ...request.spec, name: 'weekly' } });
    expect(JSON.parse((await bench.run(['show', 'nightly', '--json'])).out)).toMatchObject({ id: first });
    expect(JSON.parse((await bench.run(['show', 'r-0123456789abcdef012345678', '--json'])).out)).toMatchObject({
      id: first,
    });
    const several = await bench.run(['cancel', 'r-0123']);
    expect([several.exit, several.err]).toEqual([
      2,
      `bellows: several requests begin with r-0123: ${first}, ${second}\n  give the id of one of them, or more of it\n`,
    ]);
    bench.fake.requests.set(second, { ...request, id: second, spec: { ...request.spec, name: 'nightly' } });
    expect((await bench.run(['logs', 'nightly'])).err).toContain('several requests are called nightly');
    expect(await bench.run(['show', 'unknown'])).toMatchObject({ exit: 4, err: expect.stringContaining('not_found') });
    expect((await bench.run(['show', 'no name!'])).exit).toBe(4);
  });
});

describe('cancel', () => {
  beforeEach(async () => {
    for (let n = 0; n < 3; n += 1) await bench.run(['run', '--', 'true']);
    bench.fake.end('r2', 0);
  });

  test('of several names each, and the exit says what was too late or refused', async () => {
    const ran = await bench.run(['cancel', 'r3', 'r4', 'r9']);
    expect(ran.out.split('\n').sort()).toEqual(['', 'r3 is cancelled', 'r4 is cancelled']);
    expect(ran).toMatchObject({ exit: 4, err: expect.stringContaining('r9: not_found') });
    expect(await bench.run(['cancel', 'r3', 'r2'])).toMatchObject({ exit: 5 });
    expect(JSON.parse((await bench.run(['cancel', 'r3', 'r4', '--json'])).out)).toMatchObject({
      results: [{ state: 'cancelled' }, { state: 'cancelled' }],
    });
  });

  test('by a filter says first how many it finds, and cancels with --yes', async () => {
    const asked = await bench.run(['cancel', '--state', 'pending']);
    expect(asked).toEqual({
      exit: 2,
      out: '3 open requests: 3 pending\n',
      err: 'nothing is cancelled yet: add --yes\n',
    });
    expect(bench.fake.requests.get('r3')?.state).toBe('pending');
    const done = await bench.run(['cancel', '--state', 'pending', '--yes']);
    expect(done).toMatchObject({ exit: 0, err: '3 open requests: 3 pending\n' });
    expect(['r1', 'r2', 'r3', 'r4'].map((id) => bench.fake.requests.get(id)?.state)).toEqual([
      'cancelled',
      'succeeded',
      'cancelled',
      'cancelled',
    ]);
    expect(await bench.run(['cancel', '--state', 'pending', '--yes'])).toMatchObject({
      exit: 0,
      out: 'no open request is found\n',
    });
    for (const wrong of [['cancel'], ['cancel', 'r3', '--state', 'pending'], ['cancel', 'r3', 'r4', '--index', '1']])
      expect((await bench.run(wrong)).exit).toBe(2);
  });
});

describe('logs --follow', () => {
  test('prints each stream as it comes, waits for a server that restarts, and ends with the task', async () => {
    await bench.run(['run', '--', 'true']);
    const kept = (stdout: string, stderr = '') => ({
      stdout,
      stderr,
      truncated: false,
      leftOutBytes: { stdout: 0, stderr: 0 },
    });
    const { port } = new URL(bench.server.url);
    const ran = await bench.run(['logs', '-f', 'r2'], {
      onSleep: async (turn) => {
        if (turn === 0) bench.fake.outputs.set('r2.0', kept('one\n'));
        if (turn === 1) bench.fake.outputs.set('r2.0', kept('one\ntwo', 'oops\n'));
        if (turn === 2) await bench.stop();
        if (turn === 3) await bench.start(Number(port));
        if (turn === 4) bench.fake.end('r2', 0, { stdout: 'one\ntwo\nend\n', stderr: 'oops\n' });
      },
    });
    expect(ran).toMatchObject({ exit: 0, out: 'one\ntwo\nend\n' });
    expect(ran.err).toMatch(/^oops\nno server answers at .*; trying again\n$/);
    expect((await bench.run(['logs', '-f', 'r2', '--json'])).exit).toBe(2);
    expect((await bench.run(['logs', '-f', 'r9'])).exit).toBe(4);
  });
});
