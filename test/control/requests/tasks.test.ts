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
