// The life of a task, edge by edge, and the law that a stale attempt changes nothing.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import type { Allocation, TaskRecord } from '../../../lib/core/records/request.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import type { AttemptEnd, EndOutcome } from '../../../lib/core/records/sync.ts';
import {
  endTask,
  newTask,
  placeTask,
  requeueAfterLoss,
  retryDelayMs,
  stopPending,
  withdrawnWithoutEnd,
} from '../../../lib/core/tasks/task-lifecycle.ts';

const allocation: Allocation = {
  nodeId: 'i-1',
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'spot',
  priceUsdPerHour: 0.03,
};
const placed = (changes: Partial<TaskRecord> = {}): TaskRecord => ({
  ...placeTask(newTask(0), allocation, 10),
  ...changes,
});
const end = (outcome: EndOutcome, exitCode: number | null = null): AttemptEnd => ({
  attemptId: 'r.0.1',
  outcome,
  exitCode,
  message: null,
  startedAtMs: 20,
  endedAtMs: 30,
});
const cancelWish = { state: 'cancelled', reason: 'cancelled' } as const;

describe('ends', () => {
  test.each<[string, AttemptEnd, number, Partial<TaskRecord>]>([
    ['exit 0 succeeds', end('exited', 0), 0, { state: 'succeeded', exitCode: 0, reason: null, endedAtMs: 30 }],
    ['exit 3 without retries fails', end('exited', 3), 0, { state: 'failed', exitCode: 3, reason: 'exit code 3' }],
    [
      '126 is said in words',
      end('exited', 126),
      0,
      { reason: 'exit code 126: by convention, found, but could not be executed' },
    ],
    ['127 is said in words', end('exited', 127), 0, { reason: 'exit code 127: by convention, command not found' }],
    ['128 is no signal', end('exited', 128), 0, { reason: 'exit code 128' }],
    [
      'a death by SIGKILL is said in words',
      end('exited', 137),
      0,
      { exitCode: 137, reason: 'exit code 137: by convention, killed by signal 9 (SIGKILL)' },
    ],
    [
      'a death by SIGSEGV is said in words',
      end('exited', 139),
      0,
      { reason: 'exit code 139: by convention, killed by signal 11 (SIGSEGV)' },
    ],
    [
      'what the agent knows goes before the convention',
      { ...end('exited', 137), message: 'killed: used more than its 512 MiB of memory' },
      0,
      { reason: 'exit code 137: killed: used more than its 512 MiB of memory' },
    ],
    ['255 is no signal', end('exited', 255), 0, { reason: 'exit code 255' }],
    [
      'exit 3 with a retry is queued again, later',
      end('exited', 3),
      1,
      { state: 'pending', attempt: 2, failures: 1, notBeforeMs: 1_100 },
    ],
    ['a timeout fails and is not retried', end('timeout'), 5, { state: 'failed', reason: 'timeout' }],
    ['a start that failed counts as a failure', end('error'), 0, { state: 'failed' }],
    [
      'a fenced attempt is a loss, not a failure',
      end('fenced'),
      0,
      { state: 'pending', attempt: 2, losses: 1, failures: 0 },
    ],
    ['a refused attempt is a loss', end('refused'), 0, { state: 'pending', attempt: 2, losses: 1 }],
    ['a withdrawal that nobody wished is a loss', end('withdrawn'), 0, { state: 'pending', attempt: 2, losses: 1 }],
  ])('%s', (_name, what, retries, expected) => {
    expect(endTask(placed(), 1, what, { retries }, null, 100)).toMatchObject(expected);
  });

  test('a cancelled task that was stopped is cancelled; one that succeeded anyway has succeeded', () => {
    expect(endTask(placed(), 1, end('withdrawn'), { retries: 3 }, cancelWish, 100)).toMatchObject({
      state: 'cancelled',
    });
    expect(endTask(placed(), 1, end('exited', 143), { retries: 3 }, cancelWish, 100)).toMatchObject({
      state: 'cancelled',
      exitCode: 143,
    });
    expect(endTask(placed(), 1, end('exited', 0), { retries: 3 }, cancelWish, 100)).toMatchObject({
      state: 'succeeded',
    });
  });

  test('a node that let go of an attempt ends it as wished, or queues it again', () => {
    expect(withdrawnWithoutEnd(placed(), cancelWish, 'drain', 100)).toMatchObject({ state: 'cancelled' });
    expect(withdrawnWithoutEnd(placed(), null, 'drain', 100)).toMatchObject({ state: 'pending', attempt: 2 });
  });

  test('the first loss is queued at once, repeated ones slow down to five minutes', () => {
    expect(requeueAfterLoss(placed(), 'lost', 100).notBeforeMs).toBe(100);
    expect(requeueAfterLoss(placed({ losses: 1 }), 'lost', 100).notBeforeMs).toBe(1_100);
    expect(retryDelayMs(50)).toBe(300_000);
  });
});

test('what the last attempt used stays with the task, also while it waits again', () => {
  const usage = { memoryPeakMib: 300, cpuMs: 1_500, writtenBytes: 0, by: 'cgroup' } as const;
  const known = { usage, imageDigest: `sha256:${'0d'.repeat(32)}` };
  const failed = { ...end('exited', 1), ...known };
  expect(endTask(placed(), 1, failed, { retries: 1 }, null, 100)).toMatchObject({ state: 'pending', ...known });
  expect(endTask(placed(), 1, failed, { retries: 0 }, null, 100)).toMatchObject({ state: 'failed', ...known });
  expect(endTask(placed({ usage }), 1, end('exited', 0), { retries: 0 }, null, 100)).toMatchObject({ usage });
});

test('only pending tasks are placed or stopped while they wait', () => {
  expect(() => placeTask(placed(), allocation, 1)).toThrow('only a pending task');
  expect(() => stopPending(placed(), cancelWish, 1)).toThrow('only a pending task');
});

test(
  'an end of any other attempt, or after an end, changes nothing; one that counts ends it ' + 'or raises the attempt',
  () => {
    const outcomes: EndOutcome[] = ['exited', 'timeout', 'withdrawn', 'fenced', 'error', 'refused'];
    fc.assert(
      fc.property(
        fc.constantFrom(...outcomes),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (outcome, exitCode, current, reported, isEnded) => {
          const task = placed({ attempt: current, ...(isEnded ? { state: 'succeeded' } : {}) });
          const next = endTask(task, reported, end(outcome, exitCode), { retries: 1 }, null, 100);
          if (isEnded || current !== reported) expect(next).toBeNull();
          else expect(next !== null && (isEnd(next.state) || next.attempt === current + 1)).toBe(true);
        },
      ),
    );
  },
);
