import { describe, expect, test } from '@jest/globals';
import type { SchedulerOptions } from '../../lambdas/scheduler/handler.ts';
import { ScheduleError, createSchedulerHandler } from '../../lambdas/scheduler/handler.ts';
import { RecordingLog } from './calls.ts';

const schedule = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

function setUp(changes: Partial<SchedulerOptions> = {}): {
  send: (event: unknown) => Promise<unknown>;
  done: string[];
  log: RecordingLog;
} {
  const done: string[] = [];
  const log = new RecordingLog();
  const handler = createSchedulerHandler({
    useCases: {
      duePools: async () => ['a', 'b', 'c'],
      runTick: async (pool) => {
        done.push(`tick ${pool}`);
        return { pool, ran: true, rounds: 1, actions: 2, nextDueAtMs: null };
      },
      sweep: async () => {
        done.push('sweep');
        return { orphansSeen: 3, reaped: 2 };
      },
    },
    wake: async (pool) => {
      done.push(`wake ${pool}`);
    },
    isSweepDue: async () => true,
    clock: { monotonicMs: () => 0 },
    log,
    ...changes,
  });
  return { send: (event) => handler(event, {} as never), done, log };
}

describe('a wake', () => {
  test.each([{ pool: 'a' }, { source: 'bellows', 'detail-type': 'Wake', detail: { pool: 'a' } }])(
    'ticks its pool and nothing else',
    async (event) => {
      const { send, done } = setUp();
      expect(await send(event)).toEqual({
        kind: 'wake',
        report: { pool: 'a', ran: true, rounds: 1, actions: 2, nextDueAtMs: null },
      });
      expect(done).toEqual(['tick a']);
    },
  );
});

describe('a schedule', () => {
  test('hands on every due pool, ticks none itself, and sweeps when that is due', async () => {
    const due = setUp();
    expect(await due.send(schedule)).toEqual({ kind: 'schedule', woken: ['a', 'b', 'c'], hasSwept: true });
    expect(due.done).toEqual(['wake a', 'wake b', 'wake c', 'sweep']);
    const early = setUp({ isSweepDue: async () => false });
    expect(await early.send(schedule)).toMatchObject({ hasSwept: false });
    expect(early.done).not.toContain('sweep');
  });

  test(
    'wakes the others and sweeps although one pool cannot be woken, ' + 'ticks that one itself, and then fails',
    async () => {
      const { send, done, log } = setUp({
        wake: async (pool) => {
          if (pool === 'b') throw new Error('no bus');
          done.push(`wake ${pool}`);
        },
      });
      await expect(send(schedule)).rejects.toThrow(ScheduleError);
      expect(done).toEqual(['wake a', 'wake c', 'tick b', 'sweep']);
      expect(log.lines[0]).toMatchObject({ level: 'error', message: 'waking pool b failed' });
    },
  );

  test('while the bus takes no wake every pool is ticked in its turn, as many a minute as fit', async () => {
    let nowMs = 0;
    const ticked: string[] = [];
    const { send } = setUp({
      wake: () => Promise.reject(new Error('no bus')),
      clock: { monotonicMs: () => nowMs },
      useCases: {
        duePools: async () => ['a', 'b', 'c'],
        sweep: async () => ({ orphansSeen: 0, reaped: 0 }),
        runTick: async (pool) => {
          nowMs += 10_000;
          ticked.push(pool);
          return { pool, ran: true, rounds: 1, actions: 0, nextDueAtMs: null };
        },
      },
    });
    for (const minute of [0, 1, 2]) {
      nowMs = minute * 60_000;
      await expect(send(schedule)).rejects.toThrow(ScheduleError);
    }
    expect(ticked).toEqual(['a', 'b', 'b', 'c', 'c', 'a']);
  });

  test('metrics that fail cost nothing but themselves', async () => {
    const done: string[] = [];
    const { send } = setUp({
      housekeeping: [
        { what: 'sending metrics', work: () => Promise.reject(new Error('no metrics')) },
        {
          what: 'refreshing the catalog',
          work: async ({ due, reaped }) => {
            done.push(`catalog for ${due.join(' ')}, ${String(reaped)} reaped`);
          },
        },
      ],
    });
    await expect(send(schedule)).rejects.toThrow('sending metrics');
    expect(done).toEqual(['catalog for a b c, 2 reaped']);
  });
});

test.each([{}, null, 'x', { pool: '' }, { 'detail-type': 'Wake', detail: {} }, { 'detail-type': 'Other' }])(
  'refuses the event %j',
  async (event) => {
    const { send, done, log } = setUp();
    await expect(send(event)).rejects.toThrow();
    expect(done).toEqual([]);
    expect(log.lines).toHaveLength(1);
  },
);
