// Policies of a pool's headroom through control: kept, moved by time and by demand, told, and quiet in peace.
import { expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import { poolSpec, submission, World } from './world.ts';

const running = (world: World): number =>
  world.cloud.instances().filter((one) => one.state === 'pending' || one.state === 'running').length;

async function messages(world: World): Promise<readonly string[]> {
  const page = await world.control.listActivity('default', { limit: 100 });
  return (page?.items ?? []).filter((one) => one.code === 'headroom_changed').map((one) => one.message);
}

/** The minute of the hour that comes in so many minutes, for a time zone of whole hours. */
function minuteIn(world: World, minutes: number): string {
  return String(new Date(world.nowMs + minutes * 60_000).getUTCMinutes());
}

test('a schedule: nodes come at its time and go at the next, with an activity for each', async () => {
  const world = new World();
  const entries = [
    { cron: `${minuteIn(world, 2)} * * * *`, wanted: 2 },
    { cron: `${minuteIn(world, 7)} * * * *`, wanted: 0 },
  ];
  const policies: PoolSpec['policies'] = [{ kind: 'schedule', name: 'office', timeZone: 'UTC', entries }];
  await world.control.putPool({ ...poolSpec, learningStyle: 'scheduled', policies });
  await world.run(60);
  expect(running(world)).toBe(0);
  await world.run(150);
  expect(running(world)).toBe(2);
  expect(await world.control.explainPool('default')).toMatchObject({
    headroomNodes: 2,
    wanted: 2,
    wishes: [{ policy: 'schedule office', wanted: 2 }],
  });
  await world.run(400);
  expect(running(world)).toBe(0);
  const said = await messages(world);
  const [last] = entries.slice(-1);
  expect(said[0]).toBe(`policies: the headroom goes from 2 to 0 nodes. schedule office: ${String(last?.cron)} in UTC`);
  expect(said).toHaveLength(2);
});

test('by demand: out at once, in after five minutes, and nothing written in peace', async () => {
  const world = new World();
  const policies: PoolSpec['policies'] = [{ kind: 'target', name: 'load', vcpuPerNode: 4 }];
  await world.control.putPool({ ...poolSpec, policies });
  let ends = false;
  world.ending = () => (ends ? { outcome: 'exited', exitCode: 0 } : null);
  await world.control.submit(submission({ count: 16 }));
  await world.run(130);
  expect((await world.control.explainPool('default'))?.headroomNodes).toBe(2);
  expect((await messages(world))[0]).toContain('target load: total 8, target 4 each');
  ends = true;
  await world.run(240);
  expect((await world.control.explainPool('default'))?.headroomNodes).toBe(2);
  await world.run(300);
  expect((await world.control.explainPool('default'))?.headroomNodes).toBe(0);
  await world.run(200);
  const before = world.changes.length;
  await world.run(300);
  expect(world.changes.slice(before).filter(({ key }) => key.sk === 'FLOOR')).toEqual([]);
  expect(await world.control.explainPool('nowhere')).toBeNull();
});

test('beside alarms the larger counts; a pool without policies forgets what they wanted', async () => {
  const world = new World();
  const alarms = [{ alarmName: 'high', addNodes: 3, cooldownMs: 0 }];
  await world.control.putPool({ ...poolSpec, alarms, policies: [{ kind: 'manual', name: 'floor', nodes: 1 }] });
  await world.run(5);
  expect((await world.control.explainPool('default'))?.headroomNodes).toBe(1);
  await world.control.handleAlarmEvent({
    alarmName: 'high',
    state: 'ALARM',
    previousState: 'OK',
    reason: 'many',
    atMs: world.nowMs,
  });
  await world.run(5);
  expect((await world.control.explainPool('default'))?.headroomNodes).toBe(3);
  await world.control.putPool(poolSpec);
  await world.run(5);
  expect(await world.control.explainPool('default')).toMatchObject({ headroomNodes: 0, wishes: [] });
});
