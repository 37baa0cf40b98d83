// Learning styles of requests through control: a reactive pool buys ahead of those that say so, and of no others.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import type { Curve } from '../../lib/core/forecast/history.ts';
import { poolSpec, submission, taskSpec, World } from './world.ts';

const minute = 60_000;

/** Requests that were forecast for themselves wanted eight vCPU each day from two minutes after this time on. */
async function worldWithOwnDays(): Promise<World> {
  const world = new World();
  const now = Math.floor(world.nowMs / minute);
  const hour = Math.floor(now / 60) * 60;
  const from = hour - 3 * 1_440;
  const points = [0, 0, 0, 0];
  for (let day = -3; day < 0; day += 1) {
    const begins = now + 2 + day * 1_440 - from;
    if (begins > 0) points.push(begins, 8_000, 16_384, 0, begins + 180, 0, 0, 0);
  }
  const curves: readonly Curve[] = [
    { from, to: hour, points },
    { from: hour, to: hour, points: [0, 0, 0, 0] },
  ];
  for (const [at, data] of curves.entries())
    await world.ports.store.put({
      item: { ...keys.ownHistory('default', at === 0 ? 'minutes' : 'open'), data },
      condition: 'absent',
      writeId: `made-${String(at)}`,
    });
  return world;
}

const launchesOf = async (world: World): Promise<string> =>
  ((await world.control.listActivity('default', { limit: 100 }))?.items ?? []).map((one) => one.message).join('\n');
const ahead = /ahead of a forecast: .* for requests that are predictive or adaptive/;

test('a reactive pool buys ahead of requests that are predictive, and keeps their demand beside its own', async () => {
  const world = await worldWithOwnDays();
  await world.control.putPool(poolSpec);
  const own = { ...taskSpec, learningStyle: 'predictive' } as const;
  await world.control.submit(submission(own));
  await world.run(240);
  expect(await launchesOf(world)).toMatch(ahead);
  const kept = await world.ports.store.get(keys.ownHistory('default', 'open'));
  expect(kept?.data).not.toMatchObject({ points: [0, 0, 0, 0] });
});

test('requests that say nothing there are not bought ahead of', async () => {
  const world = await worldWithOwnDays();
  await world.control.putPool(poolSpec);
  await world.control.submit(submission(taskSpec));
  await world.run(240);
  expect(await launchesOf(world)).not.toMatch(/ahead of a forecast/);
});

test('scheduled is refused where the pool has no schedule, with the cure', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const scheduled = { ...taskSpec, learningStyle: 'scheduled' } as const;
  await expect(world.control.submit(submission(scheduled))).rejects.toThrow(
    'learningStyle scheduled goes by the schedule of pool default, which has no policy of kind "schedule"; add one to '
      + 'its policies, or leave learningStyle out',
  );
  const entries = [{ cron: '0 8 * * *', wanted: 1 }];
  const policies = [{ kind: 'schedule', name: 'office', timeZone: 'UTC', entries }] as const;
  await world.control.putPool({ ...poolSpec, policies });
  expect((await world.control.submit(submission(scheduled))).request.state).toBe('pending');
});
