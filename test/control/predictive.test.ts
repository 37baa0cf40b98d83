// A predictive pool through control: it buys before anybody asks, keeps what it forecasts, and gives it back.
import { expect, test } from '@jest/globals';
import type { Curve } from '../../lib/core/forecast/history.ts';
import { poolSpec, submission, World } from './world.ts';

const minute = 60_000;
const predictive = { ...poolSpec, learningStyle: 'predictive' } as const;

/** Each day eight vCPU from an hour before now's time of day on for three hours; by the minute for three days. */
async function worldWithDays(beginsInMs: number): Promise<World> {
  const world = new World();
  const now = Math.floor(world.nowMs / minute);
  const from = Math.floor(now / 60) * 60 - 3 * 1_440;
  const points = [0, 0, 0, 0];
  for (let day = -3; day < 0; day += 1) {
    const begins = now + day * 1_440 + Math.round(beginsInMs / minute);
    if (begins > from) points.push(begins - from, 8_000, 16_384, 0, begins + 180 - from, 0, 0, 0);
  }
  const to = Math.floor(now / 60) * 60;
  const curves: Record<string, Curve> = { minutes: { from, to, points }, open: { from: to, to, points: [0, 0, 0, 0] } };
  for (const [sk, data] of Object.entries(curves))
    await world.ports.store.put({
      item: { pk: 'HISTORY#default', sk, data },
      condition: 'absent',
      writeId: `made-${sk}`,
    });
  return world;
}

const running = (world: World): number =>
  world.cloud.instances().filter((one) => one.state === 'pending' || one.state === 'running').length;

test('what is wanted each day at this time is bought before it is asked for, and terminated later', async () => {
  const world = await worldWithDays(2 * minute);
  await world.control.putPool(predictive);
  await world.run(125);
  const bought = running(world);
  expect(bought).toBeGreaterThan(0);
  const shown = await world.control.forecastOfPool('default');
  expect(shown?.forecast?.method).toContain('day');
  expect(shown?.forecast?.wantedMilli).toBeGreaterThanOrEqual(2_000);
  const activity = await world.control.listActivity('default', { limit: 100 });
  expect((activity?.items ?? []).map((one) => one.message).join('\n')).toMatch(
    /ahead of a forecast: [\d.]+ vCPU wanted within \d+ s in 90 of 100 cases \(\S+, [\d.]+ expected\)/,
  );
  // They run at once, and nothing has to boot for them.
  const { request } = await world.control.submit(submission({ count: 4 }));
  await world.run(5);
  expect(['running', 'succeeded']).toContain((await world.control.getRequest('default', request.id))?.state);
  await world.control.putPool(poolSpec);
  await world.run(300);
  expect(running(world)).toBe(0);
});

test('a predictive pool that knows too little, or keeps no history, buys nothing ahead and says why', async () => {
  const world = new World();
  await world.control.putPool(predictive);
  await world.run(120);
  expect(running(world)).toBe(0);
  expect(await world.control.forecastOfPool('default')).toMatchObject({
    forecast: null,
    missing: 'it knows its demand of 0 minutes, and needs 120 minutes at least',
  });
  const other = await worldWithDays(-30 * minute);
  await other.control.putPool({ ...predictive, historyDays: 0 });
  await other.run(120);
  expect(running(other)).toBe(0);
  expect((await other.control.forecastOfPool('default'))?.missing).toContain('historyDays is 0');
});

test('in peace nothing is written, though it looks each minute', async () => {
  const world = await worldWithDays(6 * 60 * minute);
  await world.control.putPool(predictive);
  await world.run(120);
  const before = world.changes.length;
  await world.run(300);
  const isOwn = (pk: string): boolean => !/^(LOCK|FENCE|WAKE)#/.test(pk);
  expect(world.changes.slice(before).filter(({ key }) => isOwn(key.pk))).toEqual([]);
  expect(await world.control.forecastOfPool('nowhere')).toBeNull();
});
