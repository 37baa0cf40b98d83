// What tasks wanted over time, through control: kept by the tick, shown, quiet in peace, and gone with the pool.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

const minute = 60_000;

async function worldWith(historyDays?: number): Promise<World> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, ...(historyDays === undefined ? {} : { historyDays }) });
  return world;
}

test('waiting and running tasks count until they have ended; then nothing is written', async () => {
  const world = await worldWith();
  const startMs = Math.floor(world.nowMs / minute) * minute;
  await world.control.submit(submission({ count: 30 }));
  await world.run(180);
  const minutes = Math.ceil((world.nowMs - startMs) / minute);
  const span = { fromMs: startMs, count: minutes, stepMs: minute };
  const shown = await world.control.historyOfPool('default', () => span);
  expect(Math.max(...(shown?.values ?? []).map((one) => one.cpuMilli))).toBe(30 * 500);
  expect(shown?.values.at(-1)?.cpuMilli).toBe(0);
  expect(shown?.knownFromMs).toBeLessThanOrEqual(startMs);
  const before = world.changes.length;
  await world.run(600);
  expect(world.changes.slice(before).filter(({ key }) => key.pk.startsWith('HISTORY#'))).toEqual([]);
  expect(await world.control.historyOfPool('nowhere', () => span)).toBeNull();
});

test('a pool that keeps none has none', async () => {
  const world = await worldWith(0);
  await world.control.submit(submission({ count: 3 }));
  await world.run(60);
  expect(world.changes.filter(({ key }) => key.pk.startsWith('HISTORY#'))).toEqual([]);
});
