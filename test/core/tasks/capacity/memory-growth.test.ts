// What a task that was ended for its memory has in its next attempt.
import { expect, test } from '@jest/globals';
import { taskSpecOf, taskBody } from '../../../../lib/api/schemas/requests.ts';
import { fieldErrors } from '../../../../lib/api/problems.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import type { AttemptEnd } from '../../../../lib/core/records/sync.ts';
import { withMemoryAfter } from '../../../../lib/core/tasks/capacity/memory-growth.ts';
import { newRequest } from '../../../../lib/core/tasks/request-lifecycle.ts';
import { newTask } from '../../../../lib/core/tasks/task-lifecycle.ts';

const body = { type: 'task', resources: { vcpu: 1, memoryMib: 1000 }, command: ['true'], retries: 3 };
const growing = { ...body, memoryGrowth: 1.5, memoryMaxMib: 2000 };
const end: AttemptEnd = {
  attemptId: 'r.0.1',
  outcome: 'exited',
  exitCode: 137,
  message: null,
  startedAtMs: 1,
  endedAtMs: 2,
  isOutOfMemory: true,
};

function waiting(from: object, state: 'pending' | 'failed' = 'pending'): RequestRecord {
  const spec = taskSpecOf(taskBody.parse(from));
  const record = newRequest({ id: 'r', tenant: 't', pool: 'p', bodyHash: '', spec }, 0);
  return { ...record, tasks: [{ ...newTask(0), state, attempt: 2 }] };
}

test('it grows by its factor, up to what was said, and the timeline tells it', () => {
  const once = withMemoryAfter(waiting(growing), end, 5);
  expect(once.spec.resources).toEqual({ cpuMilli: 1000, memoryMib: 1500, gpu: 0 });
  expect(once.timeline.at(-1)).toMatchObject({
    code: 'memory_grown',
    message: 'attempt 2 is given 1500 MiB of memory: the one before had 1000 MiB, and needed more',
  });
  const twice = withMemoryAfter(once, end, 6);
  expect(twice.spec.resources.memoryMib).toBe(2000);
  expect(withMemoryAfter(twice, end, 7)).toBe(twice);
});

test('nothing grows after another end, for a task that ended, or that did not ask for it', () => {
  const { isOutOfMemory: _, ...other } = end;
  for (const [record, why] of [
    [waiting(growing), other],
    [waiting(growing), null],
    [waiting(growing, 'failed'), end],
    [waiting(body), end],
  ] as const)
    expect(withMemoryAfter(record, why, 5)).toBe(record);
});

test.each([
  ['memoryMaxMib', { memoryMaxMib: undefined }],
  ['memoryGrowth', { memoryGrowth: undefined }],
  ['memoryMaxMib', { memoryMaxMib: 1000 }],
  ['retries', { retries: 0 }],
  ['count', { count: 2 }],
  ['memoryGrowth', { memoryGrowth: 1 }],
])('%s is refused where it makes no sense: %j', (path, over) => {
  const parsed = taskBody.safeParse({ ...growing, ...over });
  expect(fieldErrors(parsed.error?.issues ?? []).map((one) => one.path)).toEqual([path]);
});
