// Tasks that mount volumes: placed in the volume's zone, handed out once it is attached, one at a time; the
// volume comes free after the end, also after the loss of the node.
import { expect, test } from '@jest/globals';
import type { AnyRequest } from '../../../lib/core/records/claim.ts';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import type { AssignedAttempt, AttemptEnd } from '../../../lib/core/records/sync.ts';
import { taskSpec } from '../world.ts';
import { Crash, ClaimWorld, machineSpec, poolSpec, storageSpec } from './world.ts';
import { stepsOf } from '../../slice.ts';

const nothing = { instances: 0, volumes: 0, groups: 0 };

/** Agents that obey at once, and check that nothing starts without its volume. */
class MountWorld extends ClaimWorld {
  readonly started: AssignedAttempt[] = [];
  /** How tasks end; null: they run on. */
  ending: (attemptId: string) => Pick<AttemptEnd, 'outcome' | 'exitCode'> | null = () => ({
    outcome: 'exited',
    exitCode: 0,
  });
  isMounting = true;
  readonly #agents = new Map<string, { seq: number; readonly claimed: Map<string, AssignedAttempt> }>();

  async task(storage: readonly string[], fields: Partial<TaskSpec> = {}): Promise<AnyRequest> {
    const spec: TaskSpec = { ...taskSpec, mounts: storage.map((request) => ({ request, path: null })), ...fields };
    const { request } = await this.control.submit({
      tenant: 'default',
      idempotencyKey: null,
      pool: null,
      spec,
      canonicalBody: JSON.stringify(spec),
    });
    return request;
  }

  async state(id: string): Promise<string> {
    return (await this.control.getRequest('default', id))?.state ?? 'unknown';
  }

  async sync(): Promise<void> {
    for (const { id, state, tags } of this.ec2.cloud.instances()) {
      if (state !== 'running' || tags['bellows:request'] !== undefined) continue;
      const agent = this.#agents.get(id) ?? { seq: 0, claimed: new Map<string, AssignedAttempt>() };
      this.#agents.set(id, agent);
      const ends: AttemptEnd[] = [];
      for (const attemptId of agent.claimed.keys()) {
        const ending = this.ending(attemptId);
        if (ending) ends.push({ attemptId, ...ending, message: null, startedAtMs: this.nowMs, endedAtMs: this.nowMs });
      }
      for (const { attemptId } of ends) this.#mount(agent.claimed.get(attemptId), id, false);
      for (const { attemptId } of ends) agent.claimed.delete(attemptId);
      agent.seq += 1;
      const reply = await this.control.sync({
        nodeId: id,
        pool: 'default',
        bootId: `boot-${id}`,
        seq: agent.seq,
        ends,
        onNode: [...agent.claimed.keys()].map((attemptId) => ({
          attemptId,
          state: 'running',
          startedAtMs: this.nowMs,
        })),
      });
      for (const [attemptId, attempt] of [...agent.claimed])
        if (!reply.assigned.includes(attemptId)) {
          this.#mount(attempt, id, false);
          agent.claimed.delete(attemptId);
        }
      for (const attempt of reply.start) {
        this.#mount(attempt, id, true);
        agent.claimed.set(attempt.attemptId, attempt);
        this.started.push(attempt);
      }
    }
  }

  /** The task runs with its volumes, or the world is wrong. */
  #mount(attempt: AssignedAttempt | undefined, instanceId: string, isMounted: boolean): void {
    for (const { volumeId, device } of attempt?.mounts ?? []) {
      const volume = this.ec2.volumes.get(volumeId);
      const attachment = volume?.attachments[0];
      if (isMounted)
        expect({
          attempt: attempt?.attemptId,
          at: attachment?.instanceId,
          device: attachment?.device,
          count: volume?.attachments.length,
          isMounted: attachment?.isMounted,
        }).toEqual({ attempt: attempt?.attemptId, at: instanceId, device, count: 1, isMounted: false });
      if (volume && this.isMounting)
        this.ec2.volumes.put({
          ...volume,
          attachments: volume.attachments.map((one) => (one.instanceId === instanceId ? { ...one, isMounted } : one)),
        });
    }
  }

  override async run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i += 1) {
      await super.run(1);
      await this.sync();
    }
  }
}

async function newWorld(): Promise<MountWorld> {
  const world = new MountWorld();
  await world.control.putPool({ ...poolSpec, idleAfterMs: 5_000 });
  return world;
}

async function volume(world: MountWorld, zone = 'us-east-1b'): Promise<string> {
  const { id } = await world.submit({ ...storageSpec, zone });
  await world.run(15);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  return id;
}

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

/** Two tasks on one volume, one after the other, and its release; the controller dies at step `at`. */
async function story(at: number): Promise<number> {
  const world = await newWorld();
  const data = await volume(world);
  let steps = 0;
  world.onStep = (what) => {
    steps += 1;
    if (steps === at) throw new Crash(what);
  };
  const survive = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      world.restart();
      await work();
    }
  };
  const ids: string[] = [];
  for (const key of ['one', 'two']) {
    const spec: TaskSpec = { ...taskSpec, mounts: [{ request: data, path: null }] };
    await survive(async () => {
      ids.push(
        (await world.control.submit({ tenant: 'default', idempotencyKey: key, pool: null, spec, canonicalBody: key }))
          .request.id,
      );
    });
  }
  for (let n = 0; n < 90; n += 1) await survive(() => world.run(1));
  expect({ at, states: await Promise.all([...new Set(ids)].map(async (id) => world.state(id))) }).toEqual({
    at,
    states: ['succeeded', 'succeeded'],
  });
  await survive(() => world.release(data));
  for (let n = 0; n < 60; n += 1) await survive(() => world.run(1));
  if ((await world.claim(data)).state !== 'released') await survive(() => world.run(150));
  expect({
    at,
    state: (await world.claim(data)).state,
    left: world.left(),
    attached: world.started.filter((one) => one.mounts?.length !== 1),
  }).toEqual({ at, state: 'released', left: nothing, attached: [] });
  return steps;
}

test('no crash, wherever it falls, runs a task without its volume, or keeps the volume', async () => {
  const steps = await story(Infinity);
  for (const at of stepsOf(steps, 4)) await story(at);
});
