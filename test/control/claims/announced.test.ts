// What AWS is about to do to a machine that a request holds: its caller is told, once, and nothing is taken from him.
import { expect, test } from '@jest/globals';
import { ClaimWorld, machineSpec, poolSpec } from './world.ts';

test.each([
  ['scheduled-change', 'AWS Health announces AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED for 2026-12-05T15:10:09.000Z'],
  ['interruption-warning', undefined],
] as const)('%s of a machine is in its timeline and in the activity once, and it stays', async (kind, reason) => {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const { id } = await world.submit({ ...machineSpec, volumes: [], network: null });
  await world.run(20);
  const instanceId = (await world.claim(id)).machines[0]?.instanceId ?? '';
  for (let i = 0; i < 2; i += 1)
    await world.control.handleInstanceEvent({
      kind,
      instanceId,
      pool: 'default',
      atMs: world.nowMs + 120_000,
      ...(reason === undefined ? {} : { reason }),
    });
  await world.run(10);
  const claimed = await world.claim(id);
  const message = `${instanceId}: ${reason ?? 'EC2 is about to take this spot instance'}`;
  expect(claimed.state).toBe('active');
  expect(claimed.timeline.filter((entry) => entry.code === 'announced')).toMatchObject([{ stage: 'active', message }]);
  const activity = (await world.control.listActivity('default', { limit: 100 }))?.items ?? [];
  expect(activity.filter((one) => one.code === 'machine_announced')).toMatchObject([
    { message: `${message} (claimed by ${id})`, nodeId: instanceId },
  ]);
  // Of an instance that nobody has claimed, and of one that is released already, nothing is written.
  await world.control.handleInstanceEvent({
    kind,
    instanceId: 'i-0fedcba9876543210',
    pool: 'default',
    atMs: world.nowMs,
  });
  await world.release(id);
  await world.run(60);
  await world.control.handleInstanceEvent({ kind, instanceId, pool: 'default', atMs: world.nowMs, reason: 'another' });
  expect((await world.claim(id)).timeline.filter((entry) => entry.code === 'announced')).toHaveLength(1);
});

test('a rebalance recommendation is in the timeline once, and takes nothing', async () => {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const { id } = await world.submit({ ...machineSpec, volumes: [], network: null });
  await world.run(20);
  const instanceId = (await world.claim(id)).machines[0]?.instanceId ?? '';
  const event = { kind: 'rebalance-recommendation', instanceId, pool: 'default', atMs: world.nowMs } as const;
  for (let i = 0; i < 2; i += 1) await world.control.handleInstanceEvent(event);
  const claimed = await world.claim(id);
  const message = `${instanceId}: EC2 recommends to replace this spot instance, as it is likelier to be interrupted`;
  expect(claimed.timeline.filter((one) => one.code === 'announced')).toMatchObject([{ message }]);
  expect(claimed).not.toHaveProperty('leaving');
  const atMs = world.nowMs + 120_000;
  await world.control.handleInstanceEvent({ ...event, kind: 'interruption-warning', atMs });
  expect((await world.claim(id)).leaving).toEqual({
    instanceId,
    reason: 'EC2 is about to take this spot instance',
    atMs,
  });
});
