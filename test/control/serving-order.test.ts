// A decision is carried out in serving order: a scheduler that stops half way has served the oldest.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

const tiny = { resources: { cpuMilli: 1, memoryMib: 1, gpu: 0 } };

test('more arrays than one transaction takes: what is placed first is what came first', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, tasksPerNode: 1_000, limits: { instances: 1 } });
  world.ending = () => null;
  // The node comes up for one task; the others come when it is there, and are decided together.
  await world.control.submit(submission({ ...tiny, env: { SEED: 'first' } }));
  await world.run(10);
  const ids: string[] = [];
  for (let n = 0; n < 250; n += 1) {
    world.nowMs += 1;
    ids.push((await world.control.submit(submission({ ...tiny, count: 3 }))).request.id);
  }
  const { store } = world.ports;
  const transact = store.transact.bind(store);
  let placing = 0;
  Object.assign(store, {
    transact: async (...given: Parameters<typeof transact>) => {
      if (given[0].some((write) => write.op === 'put' && write.item.pk.startsWith('NODES#'))) placing += 1;
      if (placing > 1) throw new Error('the process ends here');
      return transact(...given);
    },
  });
  await expect(world.control.runTick('default')).rejects.toThrow('the process ends here');
  const [node] = (await world.control.listNodes('default')) ?? [];
  const placed = new Set(node?.assigned.map((one) => one.requestId).filter((id) => ids.includes(id)));
  expect(placed.size).toBeGreaterThan(50);
  expect(placed.size).toBeLessThan(250);
  expect([...placed]).toEqual(ids.slice(0, placed.size));
});

test.each(['one array', 'many requests'])(
  'a higher priority is not behind an old backlog of a lower one: %s',
  async (form) => {
    const world = new World();
    const started = new Map<string, number>();
    world.ending = (taskId) => {
      started.set(taskId, started.get(taskId) ?? world.nowMs);
      return world.nowMs - (started.get(taskId) ?? 0) >= 30_000 ? { outcome: 'exited', exitCode: 0 } : null;
    };
    await world.control.putPool({ ...poolSpec, ordering: 'priority', tasksPerNode: 2, limits: { instances: 1 } });
    if (form === 'one array') await world.control.submit(submission({ count: 40 }));
    else for (let n = 0; n < 40; n += 1) await world.control.submit(submission({ env: { N: String(n) } }));
    // A day of it: no age makes up for a level.
    world.nowMs += 86_400_000;
    await world.run(20);
    expect(started.size).toBe(2);
    const { request } = await world.control.submit(submission({ priority: 1 }));
    await world.run(35);
    expect((await world.control.getRequest('default', request.id))?.state).toBe('running');
    expect(started.size).toBeLessThan(6);
  },
);
