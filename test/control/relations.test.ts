// Relations between tasks through control: what the allocation engine decides must hold on the nodes.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

async function running(world: World) {
  const nodes = (await world.control.listNodes('default')) ?? [];
  return nodes.filter((node) => node.assigned.length > 0);
}

test('tasks that refuse each other run on nodes of their own, also those that come later', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, limits: { instances: 10 } });
  world.ending = () => null;
  const apart = { group: 'db', antiAffinity: [{ topology: 'node', group: 'db' }] } as const;
  await world.control.submit(submission({ count: 3, ...apart }));
  await world.run(12);
  await world.control.submit(submission({ count: 2, ...apart }));
  await world.run(12);
  const nodes = await running(world);
  expect(nodes.map((node) => node.assigned.length)).toEqual([1, 1, 1, 1, 1]);
});

test('spread over zones keeps the counts within maxSkew', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, limits: { instances: 10 } });
  world.ending = () => null;
  await world.control.submit(
    submission({ count: 8, group: 'web', spread: [{ topology: 'zone', group: 'web', maxSkew: 1 }] }),
  );
  const seen: string[] = [];
  for (let second = 0; second < 15; second += 1) {
    await world.run(1);
    const byZone: Record<string, number> = { 'us-east-1a': 0, 'us-east-1b': 0 };
    for (const node of await running(world)) byZone[node.zone] = (byZone[node.zone] ?? 0) + node.assigned.length;
    // Also while some nodes are there and others still boot.
    expect(Math.abs((byZone['us-east-1a'] ?? 0) - (byZone['us-east-1b'] ?? 0))).toBeLessThanOrEqual(1);
    seen.push(JSON.stringify(byZone));
  }
  expect(seen.at(-1)).toBe(JSON.stringify({ 'us-east-1a': 4, 'us-east-1b': 4 }));
});

test('a gang starts as a whole or not at all', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, limits: { instances: 2 }, tasksPerNode: 4 });
  world.ending = () => null;
  await expect(world.control.submit(submission({ count: 9, gang: true }))).rejects.toMatchObject({
    code: 'unsatisfiable',
  });
  await world.control.putPool({ ...poolSpec, limits: { instances: 3 }, tasksPerNode: 4 });
  const tooBig = await world.control.submit(submission({ count: 9, gang: true }));
  await world.control.putPool({ ...poolSpec, limits: { instances: 2 }, tasksPerNode: 4 });
  await world.run(15);
  expect(await world.control.getRequest('default', tooBig.request.id)).toMatchObject({
    state: 'pending',
    counts: { running: 0, pending: 9 },
  });
  const fitting = await world.control.submit(submission({ count: 8, gang: true }));
  await world.run(20);
  expect(await world.control.getRequest('default', fitting.request.id)).toMatchObject({
    counts: { running: 8, pending: 0 },
  });
  expect(await world.control.getRequest('default', tooBig.request.id)).toMatchObject({ counts: { running: 0 } });
});

/** The zones in which the tasks run, those on draining nodes among them. */
async function zonesOf(world: World): Promise<readonly string[]> {
  return (await running(world)).flatMap((node) => node.assigned.map(() => node.zone)).sort();
}

async function interrupt(world: World): Promise<void> {
  const [node] = await running(world);
  if (!node) throw new Error('no node runs a task');
  await world.control.handleInstanceEvent({
    kind: 'interruption-warning',
    instanceId: node.id,
    pool: 'default',
    atMs: world.nowMs + 120_000,
  });
}

const apartInZones = { group: 'db', antiAffinity: [{ topology: 'zone', group: 'db' }] } as const;

test.each([
  ['the one that comes refuses those that run', apartInZones, apartInZones],
  ['those that run refuse the one that comes', apartInZones, { group: 'db' }],
])('zones apart hold beside a node that drains: %s', async (_what, first, second) => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, limits: { instances: 10 } });
  await world.control.submit(submission(first));
  await world.run(10);
  await interrupt(world);
  await world.run(1);
  await world.control.submit(submission(second));
  await world.run(15);
  expect(await zonesOf(world)).toEqual(['us-east-1a', 'us-east-1b']);
});

test('who follows a group runs in its zone, also beside a draining node or one that is no longer allowed', async () => {
  const world = new World();
  world.ending = () => null;
  const pool = { ...poolSpec, limits: { instances: 10 } };
  await world.control.putPool(pool);
  await world.control.submit(submission({ group: 'db', requirements: { zone: ['us-east-1b'] } }));
  await world.run(10);
  await interrupt(world);
  await world.control.submit(submission({ affinity: [{ topology: 'zone', group: 'db' }] }));
  await world.run(15);
  expect(await zonesOf(world)).toEqual(['us-east-1b', 'us-east-1b']);
  await world.control.putPool({ ...pool, requirements: { ...pool.requirements, instanceCategory: ['r'] } });
  await world.control.submit(submission({ affinity: [{ topology: 'zone', group: 'db' }], env: { N: '2' } }));
  await world.run(15);
  expect(await zonesOf(world)).toEqual(['us-east-1b', 'us-east-1b', 'us-east-1b']);
});

test('a group that comes as many requests is spread as one array is, also while nodes boot', async () => {
  for (const seed of ['s0', 's1', 's2']) {
    const world = new World({ cloud: { seed, launchMs: { minMs: 1_000, maxMs: 20_000 } } });
    world.ending = () => null;
    await world.control.putPool({ ...poolSpec, limits: { instances: 10 } });
    const spread = [{ topology: 'zone', group: 'web', maxSkew: 1 }] as const;
    for (let n = 0; n < 8; n += 1)
      await world.control.submit(submission({ group: 'web', spread, env: { N: String(n) } }));
    for (let second = 0; second < 40; second += 1) {
      await world.run(1);
      const zones = await zonesOf(world);
      const inA = zones.filter((zone) => zone === 'us-east-1a').length;
      expect(Math.abs(2 * inA - zones.length)).toBeLessThanOrEqual(1);
    }
    expect(await zonesOf(world)).toHaveLength(8);
  }
});
