// Tasks that mount volumes: placed in the volume's zone, handed out once it is attached, one at a time; the
// volume comes free after the end, also after the loss of the node.
import { expect, test } from '@jest/globals';
import { newWorld, volume } from './mount-world.ts';
import { machineSpec, storageSpec } from './world.ts';

const nothing = { instances: 0, volumes: 0, groups: 0 };

test('a task runs where its volume is, with it, and releases it; the next one finds it again', async () => {
  const world = await newWorld();
  const [data, more] = [await volume(world), await volume(world)];
  const first = await world.task([data, more], {
    mounts: [
      { request: data, path: 'data' },
      { request: more, path: null },
    ],
  });
  await world.run(60);
  expect(await world.state(first.id)).toBe('succeeded');
  const volumeId = (await world.claim(data)).volume?.volumeId;
  expect(world.started[0]?.mounts).toEqual([
    { volumeId, device: '/dev/sdf', path: 'data' },
    { volumeId: (await world.claim(more)).volume?.volumeId, device: '/dev/sdg', path: 'mnt/1' },
  ]);
  expect(await world.control.getRequest('default', first.id)).toMatchObject({
    tasks: [{ allocation: { zone: 'us-east-1b' } }],
  });
  await world.run(20);
  expect(await world.claim(data)).toMatchObject({ state: 'active', reason: null, usedBy: null });
  const second = await world.task([data]);
  await world.run(60);
  expect([await world.state(second.id), world.started[1]?.mounts?.[0]?.volumeId]).toEqual(['succeeded', volumeId]);
  for (const id of [data, more]) await world.release(id);
  await world.run(60);
  expect(world.left()).toEqual(nothing);
});

test('one task at a time: the others say what they wait for, and a machine does too', async () => {
  const world = await newWorld();
  const data = await volume(world);
  world.ending = () => null;
  const tasks = [await world.task([data]), await world.task([data]), await world.task([data])];
  await world.run(60);
  const states = await Promise.all(tasks.map(async ({ id }) => world.state(id)));
  expect([...states].sort()).toEqual(['pending', 'pending', 'running']);
  const running = tasks[states.indexOf('running')]?.id ?? '';
  const waiting = tasks[states.indexOf('pending')]?.id ?? '';
  expect(await world.control.getRequest('default', waiting)).toMatchObject({
    reason: 'in_use',
    timeline: expect.arrayContaining([
      expect.objectContaining({ code: 'in_use', message: expect.stringContaining(running) }),
    ]),
  });
  const machine = await world.submit({ ...machineSpec, volumes: [], network: null, volumeRequests: [data] });
  await expect(world.control.changeClaim('default', data, { kind: 'detach' })).rejects.toThrow(running);
  await world.release(data);
  await world.run(20);
  // Released while a task has it: it waits for the task; those that have not started yet fail, and say why.
  expect(await world.claim(data)).toMatchObject({ state: 'releasing', reason: 'in_use' });
  expect(await world.control.getRequest('default', waiting)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('reference_gone'),
  });
  expect([await world.state(running), (await world.claim(machine.id)).state]).toEqual(['running', 'failed']);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(90);
  expect([await world.state(running), (await world.claim(data)).state, world.started.length]).toEqual([
    'succeeded',
    'released',
    1,
  ]);
  expect(world.left()).toEqual(nothing);
});

test('a lost node gives the volume to the next attempt, elsewhere, and never to both', async () => {
  const world = await newWorld();
  const data = await volume(world);
  world.ending = () => null;
  const task = await world.task([data]);
  await world.run(40);
  expect(await world.state(task.id)).toBe('running');
  const { usedBy } = await world.claim(data);
  world.ec2.cloud.crashInstance(usedBy?.node?.id ?? '', 'the host failed');
  await world.run(60);
  expect(await world.state(task.id)).toBe('running');
  const again = (await world.claim(data)).usedBy?.node;
  expect([again?.id === usedBy?.node?.id, again?.attemptId, world.started.length]).toEqual([
    false,
    `${task.id}.0.2`,
    2,
  ]);
  await world.control.cancel('default', task.id);
  await world.release(data);
  await world.run(120);
  expect([await world.state(task.id), world.left()]).toEqual(['cancelled', nothing]);
});

test('a volume that stays mounted keeps its request busy until it is unmounted or its node goes', async () => {
  const world = await newWorld();
  const data = await volume(world);
  const task = await world.task([data]);
  for (let n = 0; n < 60 && world.started.length === 0; n += 1) await world.run(1);
  world.isMounting = false;
  await world.run(4);
  expect(await world.state(task.id)).toBe('succeeded');
  expect(await world.claim(data)).toMatchObject({ state: 'active', reason: 'busy' });
  // The idle node is given back, and with it goes what was mounted there.
  await world.run(60);
  expect(await world.claim(data)).toMatchObject({ state: 'active', reason: null, usedBy: null });
});

test('what EC2 does not attach is taken back, and tried again', async () => {
  const world = await newWorld();
  const data = await volume(world);
  world.ec2.cloud.faults.set({
    action: 'AttachVolume',
    effect: {
      kind: 'fail',
      code: 'AttachmentLimitExceeded',
      message: 'The maximum number of attachments is reached.',
      httpStatus: 400,
    },
    times: 1,
  });
  const task = await world.task([data]);
  await world.run(150);
  expect(await world.control.getRequest('default', task.id)).toMatchObject({
    state: 'succeeded',
    tasks: [{ attempt: 2, losses: 1 }],
  });
  expect(world.started).toHaveLength(1);
});

test('volumes that cannot be had together are told at once', async () => {
  const world = await newWorld();
  const [here, there] = [await volume(world, 'us-east-1a'), await volume(world, 'us-east-1b')];
  await expect(world.task([here, there])).rejects.toThrow('exclude each other');
  await expect(world.task([here], { requirements: { zone: ['us-east-1b'] } })).rejects.toThrow('exclude each other');
  await expect(world.task(['r-nobody'])).rejects.toThrow('r-nobody');
  // Where a volume will be is not always known when its task comes.
  const coming = await world.submit({ ...storageSpec, zone: null });
  const elsewhere = await world.task([coming.id], { requirements: { zone: ['us-east-1b'] } });
  await world.run(5);
  expect((await world.claim(coming.id)).volume?.zone).toBe('us-east-1a');
  expect(await world.control.getRequest('default', elsewhere.id)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('zone_mismatch'),
  });
});
