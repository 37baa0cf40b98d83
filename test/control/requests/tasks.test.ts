// The tasks of an array, one by one: which failed, how, where; what is untouched; pages and filters.
import { describe, expect, test } from '@jest/globals';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import { isEnd } from '../../../lib/core/records/request.ts';
import { newChunk } from '../../../lib/core/tasks/array-chunks.ts';
import type { RequestRecord, TaskRecord } from '../../../lib/core/records/request.ts';
import type { TaskFilter } from '../../../lib/control/use-cases.ts';
import { poolSpec, submission, World } from '../world.ts';

const indexOf = (attemptId: string): number => Number(attemptId.split('.')[1]);

async function ran(count: number, spec: Parameters<typeof submission>[0], ending: World['ending']) {
  const world = new World();
  await world.control.putPool({ ...poolSpec, tasksPerNode: 100 });
  world.ending = ending;
  const { request } = await world.control.submit(submission({ count, ...spec }));
  const list = async (filter: Partial<TaskFilter> = {}) => {
    const page = await world.control.listTasks('default', request.id, { from: 0, limit: 1_000, ...filter });
    if (page === null) throw new Error('no tasks');
    return page;
  };
  const untilEnd = async (): Promise<string | null> => {
    for (let seconds = 0; seconds < 120; seconds += 1) {
      await world.run(1);
      const row = await world.control.getRequest('default', request.id);
      if (row && isEnd(row.state)) return row.reason;
    }
    throw new Error('it does not end');
  };
  return { world, id: request.id, list, untilEnd };
}

const indices = (tasks: readonly TaskRecord[]): number[] => tasks.map((task) => task.index);

describe('the tasks of an array', () => {
  test('those that failed are named, with exit code, attempts and node, and first of all in the reason', async () => {
    const { list, untilEnd } = await ran(
      60,
      { retries: 1, resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } },
      (id) =>
        indexOf(id) === 41
          ? { outcome: 'timeout', exitCode: null }
          : { outcome: 'exited', exitCode: indexOf(id) === 7 || indexOf(id) === 59 ? 3 : 0 },
    );
    expect(await untilEnd()).toBe('3 of 60 tasks failed: 7 (exit 3), 41 (timeout), 59 (exit 3)');
    const { tasks, nextFrom } = await list({ state: 'failed' });
    expect(nextFrom).toBeNull();
    const allocation = { nodeId: expect.stringMatching(/^i-/) };
    expect(tasks).toMatchObject([
      { index: 7, exitCode: 3, attempt: 2, failures: 2, reason: 'exit code 3', allocation },
      { index: 41, exitCode: null, attempt: 1, reason: 'timeout', allocation },
      { index: 59, exitCode: 3, attempt: 2, allocation },
    ]);
    expect((await list({ state: 'succeeded' })).tasks).toHaveLength(57);
  });

  test('pages go on where the last one ended, whatever is touched', async () => {
    const { world, list } = await ran(130, {}, () => null);
    const walk = async (filter: Partial<TaskFilter>): Promise<number[]> => {
      const all: number[] = [];
      for (let from: number | null = 0; from !== null;) {
        const page: Awaited<ReturnType<typeof list>> = await list({ ...filter, from });
        expect(page.tasks.length).toBeLessThanOrEqual(filter.limit ?? 0);
        all.push(...indices(page.tasks));
        from = page.nextFrom;
      }
      return all;
    };
    const everyone = Array.from({ length: 130 }, (_, index) => index);
    for (const limit of [1, 7, 25, 26, 130, 1_000]) expect(await walk({ limit })).toEqual(everyone);
    // Some are placed, in chunks; the others are untouched.
    await world.run(8);
    const running = await walk({ limit: 9, state: 'running' });
    expect(running.length).toBeGreaterThan(0);
    expect(running.length).toBeLessThan(130);
    for (const limit of [7, 1_000]) {
      expect([...(await walk({ limit, state: 'pending' })), ...running].sort((a, b) => a - b)).toEqual(everyone);
      expect(await walk({ limit })).toEqual(everyone);
    }
    expect((await list({ state: 'running', limit: 1 })).tasks[0]?.startedAtMs).not.toBeNull();
  });

  test('those that were never touched end with their array', async () => {
    const { world, id, list, untilEnd } = await ran(60, {}, () => null);
    await world.control.cancel('default', id);
    await untilEnd();
    const { tasks } = await list({ state: 'cancelled' });
    expect(tasks).toHaveLength(60);
    expect(tasks[59]).toMatchObject({ reason: 'cancelled', endedAtMs: expect.any(Number) });
  });

  test('a request of one task has that one; what is unknown, or of others, has none', async () => {
    const { world, id, list, untilEnd } = await ran(1, {}, () => ({ outcome: 'exited', exitCode: 0 }));
    expect((await list()).tasks).toMatchObject([{ index: 0, state: 'pending' }]);
    await untilEnd();
    expect(await list({ from: 0, limit: 1 })).toMatchObject({ tasks: [{ state: 'succeeded' }], nextFrom: null });
    expect((await list({ state: 'failed' })).tasks).toEqual([]);
    expect((await list({ from: 1 })).tasks).toEqual([]);
    const filter = { from: 0, limit: 1 };
    expect(await world.control.listTasks('somebody else', id, filter)).toBeNull();
    expect(await world.control.listTasks('default', 'unknown', filter)).toBeNull();
  });

  test('a few reads of the store find the failed ones of the largest array', async () => {
    const { world, id } = await ran(10_000, {}, () => null);
    const row = (await world.control.getRequest('default', id)) as RequestRecord;
    for (let chunk = 0; chunk < 400; chunk += 1)
      await put(world.ports, { ...keys.chunk(id, chunk), data: newChunk(row, chunk) }, 'absent');
    let [queries, items] = [0, 0];
    const { store } = world.ports;
    const query = store.query.bind(store);
    store.query = async (options) => {
      const page = await query(options);
      queries += 1;
      items += page.items.length;
      return page as never;
    };
    await world.control.listTasks('default', id, { from: 0, limit: 100, state: 'failed' });
    expect(items).toBe(400);
    expect(queries).toBeLessThan(10);
  });
});

const startOf = async (world: World, id: string) => {
  // The agent's next sync hands out what the tick has placed.
  const started = new Map<number, { readonly index: number; readonly count: number | undefined }>();
  for (let seconds = 0; seconds < 20; seconds += 1) {
    world.nowMs += 1_000;
    await world.tickDue();
    for (const instance of world.cloud.instances()) {
      if (instance.state !== 'running') continue;
      const { start } = await world.sync(instance.id);
      for (const one of start)
        if (one.requestId === id) started.set(indexOf(one.attemptId), { index: one.index, count: one.count });
    }
  }
  return started;
};

describe('running failed tasks again', () => {
  test('is a new request of those tasks, which keep their index and the size of their array', async () => {
    const fails = new Set([3, 4, 5, 40]);
    const { world, id, list, untilEnd } = await ran(60, { env: { A: 'b' } }, (attempt) => ({
      outcome: 'exited',
      exitCode: fails.has(indexOf(attempt)) ? 2 : 0,
    }));
    expect(await world.control.retryTasks('somebody else', id, { state: 'failed', idempotencyKey: null })).toBeNull();
    await expect(world.control.retryTasks('default', id, { state: 'failed', idempotencyKey: null })).rejects.toThrow(
      `no task of request ${id} is failed: it is pending`,
    );
    await untilEnd();
    const wish = { state: 'failed', idempotencyKey: 'again' } as const;
    const again = await world.control.retryTasks('default', id, wish);
    const request = again?.request as RequestRecord;
    expect(request.spec).toMatchObject({
      count: 4,
      env: { A: 'b' },
      retryOf: id,
      subset: { of: 60, indices: '3-5,40' },
    });
    expect(await world.control.retryTasks('default', id, wish)).toMatchObject({
      isRepeat: true,
      request: { id: request.id },
    });
    // All of its tasks but index 40, which is its fourth, succeed.
    world.ending = (attempt) => ({ outcome: 'exited', exitCode: indexOf(attempt) === 3 ? 9 : 0 });
    const started = await startOf(world, request.id);
    expect([...started.values()].map((one) => one.index).sort((a, b) => a - b)).toEqual([3, 4, 5, 40]);
    expect(new Set([...started.values()].map((one) => one.count))).toEqual(new Set([60]));
    await world.run(10);
    const ended = await world.control.getRequest('default', request.id);
    expect(ended).toMatchObject({ state: 'failed', reason: '1 of 4 tasks failed: 40 (exit 9)' });
    const page = async (filter: Partial<TaskFilter>) =>
      world.control.listTasks('default', request.id, { from: 0, limit: 10, ...filter });
    expect(indices((await page({}))?.tasks ?? [])).toEqual([3, 4, 5, 40]);
    expect(await page({ limit: 2 })).toMatchObject({ nextFrom: 5 });
    expect(indices((await page({ from: 5 }))?.tasks ?? [])).toEqual([5, 40]);
    expect((await world.control.getTask('default', request.id, 40))?.state).toBe('failed');
    expect(await world.control.getTask('default', request.id, 0)).toBeNull();
    // And once more: still known by the index in the first array.
    const third = await world.control.retryTasks('default', request.id, { state: 'failed', idempotencyKey: null });
    expect(third?.request.spec).toMatchObject({ count: 1, retryOf: request.id, subset: { of: 60, indices: '40' } });
    expect((await list()).tasks).toHaveLength(60);
  });

  test('a request of one task runs again as it was', async () => {
    const { world, id, untilEnd } = await ran(1, {}, () => ({ outcome: 'exited', exitCode: 1 }));
    await untilEnd();
    const again = await world.control.retryTasks('default', id, { state: 'failed', idempotencyKey: null });
    expect(again?.request.spec).toEqual({ ...(await world.control.getRequest('default', id))?.spec, retryOf: id });
  });

  test('keeps its index; who names none is shown the first task that it has', async () => {
    const { world, id, untilEnd } = await ran(60, {}, (attempt) => ({
      outcome: 'exited',
      exitCode: indexOf(attempt) === 40 ? 2 : 0,
    }));
    await untilEnd();
    const again = await world.control.retryTasks('default', id, { state: 'failed', idempotencyKey: null });
    const retried = again?.request.id ?? '';
    expect(await world.control.readOutput('default', retried, 0, 100)).toBeNull();
    expect(await world.control.readOutput('default', retried, null, 100)).toMatchObject({ hasEnded: false });
    expect(await world.control.attemptsOf('default', retried, null)).toEqual([`${retried}.0.1`]);
    expect(await world.control.readOutput('default', id, null, 100)).toMatchObject({ hasEnded: true });
  });

  test('twice is once, as long as the tasks are the same; a key of its own is another request', async () => {
    const fails = new Set([3, 40]);
    const { world, id, untilEnd } = await ran(60, {}, (attempt) => ({
      outcome: 'exited',
      exitCode: fails.has(indexOf(attempt)) ? 2 : 0,
    }));
    await untilEnd();
    const retried = async (state: 'failed' | 'cancelled', idempotencyKey: string | null) =>
      (await world.control.retryTasks('default', id, { state, idempotencyKey }))?.request.id;
    const first = await retried('failed', null);
    expect(await retried('failed', null)).toBe(first);
    expect(await retried('failed', 'other')).not.toBe(first);
    expect(await retried('failed', 'other')).toBe(await retried('failed', 'other'));
  });
});

describe('cancelling one task', () => {
  test('ends it alone, whether it waits untouched or runs, and the array says so', async () => {
    const { world, id, list, untilEnd } = await ran(130, {}, () => null);
    await world.run(8);
    const running = (await list({ state: 'running' })).tasks[0]?.index ?? -1;
    expect(running).toBeGreaterThanOrEqual(0);
    expect(await world.control.cancelTask('default', id, 129)).toMatchObject({ index: 129, state: 'cancelled' });
    expect(await world.control.cancelTask('default', id, running)).toMatchObject({ index: running, state: 'placed' });
    expect(await world.control.cancelTask('default', id, 130)).toBeNull();
    expect(await world.control.cancelTask('somebody else', id, 1)).toBeNull();
    await world.run(6);
    expect(indices((await list({ state: 'cancelled' })).tasks)).toEqual([running, 129]);
    expect((await list({ state: 'pending' })).tasks.length + (await list({ state: 'running' })).tasks.length).toBe(128);
    // Again, and of one that has ended: nothing changes.
    expect(await world.control.cancelTask('default', id, running)).toMatchObject({ state: 'cancelled' });
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    expect(await untilEnd()).toBe('cancelled: of 130 tasks 128 succeeded, 0 failed, 2 were cancelled');
    expect(await world.control.cancelTask('default', id, 1)).toMatchObject({ state: 'succeeded' });
  });

  test('one that runs and fails meanwhile is not tried again; one whose node is lost is not queued again', async () => {
    const { world, id, list } = await ran(2, { retries: 5 }, () => null);
    await world.run(8);
    await world.control.cancelTask('default', id, 0);
    world.ending = (attempt) => (indexOf(attempt) === 0 ? { outcome: 'exited', exitCode: 1 } : null);
    await world.syncAll();
    await world.run(2);
    expect((await list()).tasks).toMatchObject([{ state: 'cancelled', attempt: 1 }, { state: 'placed' }]);
    await world.control.cancelTask('default', id, 1);
    for (const instance of world.cloud.instances()) world.cloud.terminate([instance.id]);
    await world.run(300, 5);
    expect((await list()).tasks).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled', attempt: 1 }]);
  });

  test('of a request of one task is the cancel of the request', async () => {
    const { world, id, untilEnd } = await ran(1, {}, () => null);
    await world.control.cancelTask('default', id, 0);
    expect(await untilEnd()).toBe('cancelled');
  });
});
