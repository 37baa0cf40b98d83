// An array that is stopped ends as stopped and says what else became of its tasks, whatever had ended by then.
import { expect, test } from '@jest/globals';
import type { RequestRecord } from '../../lib/core/records/request.ts';
import { poolSpec, submission, World } from './world.ts';

const count = 60;
const indexOf = (attemptId: string): number => Number(attemptId.split('.')[1]);

/** An array of which task 0 fails and tasks 1 to 9 succeed at once; the others run on, or wait. */
async function begun(
  over: Parameters<typeof submission>[0] = {},
): Promise<{ world: World; id: string; row: () => Promise<RequestRecord> }> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, tasksPerNode: 10, limits: { instances: 2 } });
  world.ending = (id) => (indexOf(id) >= 10 ? null : { outcome: 'exited', exitCode: indexOf(id) === 0 ? 1 : 0 });
  const {
    request: { id },
  } = await world.control.submit(submission({ count, ...over }));
  const row = async (): Promise<RequestRecord> => (await world.control.getRequest('default', id)) as RequestRecord;
  for (
    let seconds = 0;
    seconds < 60 && ((await row()).counts.failed < 1 || (await row()).counts.succeeded < 9);
    seconds += 1
  )
    await world.run(1);
  return { world, id, row };
}

test('cancelled while tasks run and wait: cancelled, with what had failed and succeeded', async () => {
  const { world, id, row } = await begun();
  await world.control.cancel('default', id);
  await world.run(20);
  expect(await row()).toMatchObject({
    state: 'cancelled',
    reason: 'cancelled: of 60 tasks 9 succeeded, 1 failed, 50 were cancelled; failed: 0 (exit 1)',
    counts: { succeeded: 9, failed: 1, cancelled: 50, pending: 0, running: 0 },
  });
  expect((await row()).timeline.at(-1)).toMatchObject({
    code: 'cancelled',
    message: 'cancelled: of 60 tasks 9 succeeded, 1 failed, 50 were cancelled; failed: 0 (exit 1)',
  });
  expect(
    (await world.control.listRequests({ tenant: 'default', limit: 10, state: 'cancelled' })).items.map((one) => one.id),
  ).toEqual([id]);
});

test('past its deadline while tasks run and wait: expired, with what had failed', async () => {
  const { world, row } = await begun({ deadlineMs: 120_000 });
  world.nowMs += 120_000;
  await world.run(20);
  expect(await row()).toMatchObject({
    state: 'expired',
    reason: 'deadline_missed: of 60 tasks 9 succeeded, 1 failed, 50 were stopped; failed: 0 (exit 1)',
  });
});

test(
  'a cancel that meets the last ends: what succeeded has succeeded, what failed is not ' + 'tried again but cancelled',
  async () => {
    for (const [exitCode, state, reason] of [
      [0, 'succeeded', null],
      [1, 'cancelled', 'cancelled'],
    ] as const) {
      const world = new World();
      await world.control.putPool(poolSpec);
      world.ending = () => null;
      const {
        request: { id },
      } = await world.control.submit(submission({ count: 10 }));
      await world.run(8);
      world.ending = () => ({ outcome: 'exited', exitCode });
      // Between the cancel and the next tick all agents tell the ends.
      await world.control.cancel('default', id);
      await world.syncAll();
      await world.run(10);
      expect([exitCode, await world.control.getRequest('default', id)]).toMatchObject([exitCode, { state, reason }]);
    }
  },
);

test('cancelled before anything began: cancelled, and nothing more to say', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  world.cloud.setCapacity('*', 0);
  const {
    request: { id },
  } = await world.control.submit(submission({ count }));
  await world.control.cancel('default', id);
  await world.run(3);
  expect(await world.control.getRequest('default', id)).toMatchObject({
    state: 'cancelled',
    reason: 'cancelled',
    counts: { cancelled: count },
  });
});
