// A write that fails for good is set aside with its error, and stops nothing else.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import { ClaimWorld, poolSpec as claimPool, storageSpec } from './claims/world.ts';
import { refusing } from './wide.ts';
import { isQuick } from '../slice.ts';
import { poolSpec, submission, World } from './world.ts';

const small = { resources: { cpuMilli: 10, memoryMib: 8, gpu: 0 } };
const roomy = {
  ...poolSpec,
  requirements: { instanceType: ['c6a.8xlarge'], zone: ['us-east-1a'] },
  tasksPerNode: 1_000,
  maxNodeVcpu: 96,
};

async function troubles(world: World | ClaimWorld): Promise<readonly string[]> {
  const page = await world.control.listActivity('default', { limit: 1_000 });
  return page?.items.filter((one) => one.code === 'write_failed').map((one) => one.message) ?? [];
}

/** More than one change may write. */
const many = isQuick ? 120 : 300;

test(
  'of hundreds of tasks on a lost node one cannot be written: the others run elsewhere, the trouble is logged, and '
    + 'once it is gone the last one does too',
  async () => {
    const world = new World();
    await world.control.putPool(roomy);
    world.ending = () => null;
    const ids: string[] = [];
    for (let n = 0; n < many; n += 1) ids.push((await world.control.submit(submission(small))).request.id);
    await world.run(30);
    const poison = ids[50] ?? '';
    const refusal = refusing(world.ports, (key) => key.pk === keys.request(poison).pk);
    const [first] = world.cloud.instances();
    world.cloud.crashInstance(first?.id ?? '', 'the host died');
    await world.run(60);
    const nodes = await world.control.listNodes('default');
    expect(nodes?.map((node) => node.assigned.length).sort((a, b) => a - b)).toEqual([1, many - 1]);
    expect(nodes?.find((node) => node.id === first?.id)).toMatchObject({
      isLost: true,
      assigned: [{ requestId: poison }],
    });
    const found = await troubles(world);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(3);
    expect(found.at(0)).toContain('the item takes 500000 bytes');
    refusal.isOn = false;
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    await world.run(60);
    expect(await world.control.getRequest('default', poison)).toMatchObject({
      state: 'succeeded',
      tasks: [{ attempt: 2 }],
    });
    expect((await world.control.listNodes('default'))?.some((node) => node.id === first?.id)).toBe(false);
  },
);

test('an explanation that cannot be written does not stop buying and placing', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  refusing(world.ports, (key) => key.sk === keys.why('default').sk || key.sk === keys.memory('default').sk);
  // Both are to be written: capacity is out for one of them.
  world.cloud.setCapacity('*', 0);
  const waiting = await world.control.submit(submission(small));
  await world.run(5);
  world.cloud.setCapacity('*', null);
  const { request } = await world.control.submit(submission(small));
  await world.run(40);
  expect((await world.control.getRequest('default', request.id))?.state).toBe('succeeded');
  expect((await world.control.getRequest('default', waiting.request.id))?.state).toBe('succeeded');
  expect(await troubles(world)).not.toEqual([]);
});

test('one of 50 storage requests that cannot be written holds up none of the others', async () => {
  const world = new ClaimWorld();
  await world.control.putPool(claimPool);
  const ids: string[] = [];
  for (let n = 0; n < 50; n += 1) ids.push((await world.submit(storageSpec)).id);
  const poison = ids[20] ?? '';
  const refusal = refusing(world.ports, (key) => key.pk === keys.request(poison).pk);
  await world.run(20);
  const states = new Map<string, number>();
  for (const id of ids) {
    const { state } = await world.claim(id);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  expect([...states].sort()).toEqual([
    ['active', 49],
    ['pending', 1],
  ]);
  expect(await troubles(world)).toHaveLength(1);
  refusal.isOn = false;
  for (const id of ids) await world.release(id);
  await world.run(30);
  for (const id of ids) expect((await world.claim(id)).state).toMatch(/released|cancelled/);
});
