// The protocol of a launch, the same for nodes and for machines: recorded under the fence and the pool's spec version
// before EC2 is called, counted against the limits while it is open, and closed only by EC2's last word on its token.
import { describe, expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import type { LaunchRecord } from '../../lib/core/records/launch.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError } from '../../lib/ports/cloud.ts';
import type { Store } from '../../lib/ports/store.ts';
import { ClaimWorld, Crash, machineSpec, poolSpec, settings } from './claims/world.ts';
import { submission, taskSpec } from './world.ts';

const kinds = ['nodes', 'machines'] as const;
type Kind = (typeof kinds)[number];
type Answer = 'launch' | 'lost' | 'throttled' | 'the sender dies' | 'no quota';

interface LaunchWorld {
  readonly world: ClaimWorld;
  /** Tokens of the calls that were sent, in their order. */
  readonly sent: string[];
  /** What becomes of the next calls. */
  answer: Answer;
}

async function newWorld(limits: object = {}): Promise<LaunchWorld> {
  const world = new ClaimWorld();
  const { cloud } = world.ports;
  const made: LaunchWorld = { world, sent: [], answer: 'launch' };
  const fault = { code: 'VcpuLimitExceeded', scope: 'quota', message: 'no more vCPU', about: null } as const;
  const through = async <T>(token: string, call: () => Promise<T>): Promise<T> => {
    made.sent.push(token);
    if (made.answer === 'lost') throw new CloudUnknownError('no answer');
    if (made.answer === 'throttled') throw new CloudThrottledError('RequestLimitExceeded');
    if (made.answer === 'the sender dies') throw new Crash();
    if (made.answer === 'no quota') throw new CloudRefusedError(fault);
    return call();
  };
  const launchFleet = cloud.launchFleet.bind(cloud);
  const runInstances = cloud.runInstances.bind(cloud);
  cloud.launchFleet = (token, request) => through(token, () => launchFleet(token, request));
  cloud.runInstances = (token, request) => through(token, () => runInstances(token, request));
  await world.control.putPool({ ...poolSpec, limits });
  return made;
}

/** `cpuMilli`: of the task that nodes are bought for. */
async function want(world: ClaimWorld, kind: Kind, { cpuMilli = 500 } = {}): Promise<void> {
  if (kind === 'nodes') await world.control.submit(submission({ resources: { ...taskSpec.resources, cpuMilli } }));
  else await world.submit({ ...machineSpec, network: null, volumes: [] });
}

async function open(world: ClaimWorld): Promise<readonly LaunchRecord[]> {
  const { items } = await world.store.query<LaunchRecord>({ pk: keys.launches('default'), limit: 10 });
  return items.map((item) => item.data);
}

/** Does something once, right before the next transaction that writes an open launch. */
function beforeLaunchWrite(world: ClaimWorld, what: () => Promise<unknown>): void {
  const { store } = world.ports;
  let isDone = false;
  const watched: Store = {
    ...store,
    transact: async (writes, writeId) => {
      if (!isDone && writes.some((one) => one.op === 'put' && one.item.pk === keys.launches('default'))) {
        isDone = true;
        await what();
      }
      return store.transact(writes, writeId);
    },
  };
  Object.assign(world.ports, { store: watched });
}

/** As another tick does that takes the lock over. */
async function raiseFence({ store }: ClaimWorld): Promise<void> {
  const fence = await store.get<{ readonly epoch: number }>(keys.fence('default'));
  if (!fence) throw new TypeError('no tick has taken the lock');
  const item = { ...keys.fence('default'), data: { epoch: fence.data.epoch + 1 } };
  await store.put({ item, condition: fence.version, writeId: 'another tick' });
}

describe.each(kinds)('launches of %s', (kind) => {
  test('one that was decided by an older spec of the pool is neither recorded nor called', async () => {
    const { world, sent } = await newWorld();
    await want(world, kind);
    beforeLaunchWrite(world, () => world.control.putPool({ ...poolSpec, limits: { instances: 0 } }));
    await world.run(3);
    expect(sent).toEqual([]);
    expect(await open(world)).toEqual([]);
  });

  test('a tick that lost the lock before it recorded one leaves, and calls nothing', async () => {
    const { world, sent } = await newWorld();
    await want(world, kind);
    beforeLaunchWrite(world, () => raiseFence(world));
    world.nowMs += 1_000;
    expect(await world.control.runTick('default')).toMatchObject({ ran: false });
    expect(sent).toEqual([]);
    expect(await open(world)).toEqual([]);
  });

  test('a tick that lost the lock before it repeats the call leaves, and calls nothing', async () => {
    const made = await newWorld();
    const { world, sent } = made;
    made.answer = 'lost';
    await want(world, kind);
    await world.run(1);
    expect(sent).toHaveLength(1);
    beforeLaunchWrite(world, () => raiseFence(world));
    world.nowMs += 60_000;
    expect(await world.control.runTick('default')).toMatchObject({ ran: false });
    expect(sent).toHaveLength(1);
    expect(await open(world)).toHaveLength(1);
  });

  test.each([
    ['has no answer', ['lost']],
    ['has no answer, and a repeat is throttled', ['lost', 'throttled']],
    ['was made by a sender that died', ['the sender dies']],
  ] as const)('a refusal closes none whose earlier call %s; when that must be over, it does', async (_, before) => {
    const made = await newWorld();
    const { world, sent } = made;
    await want(world, kind);
    for (const answer of before) {
      made.answer = answer;
      const ticks = world.run(answer === 'throttled' ? 30 : 1);
      if (answer === 'the sender dies') await expect(ticks).rejects.toThrow(Crash);
      else await ticks;
    }
    const [first] = await open(world);
    made.answer = 'no quota';
    await world.run(settings.decisions.callLifeMs / 1_000 - 120, 5);
    expect(new Set(sent)).toEqual(new Set([first?.id]));
    expect(sent.length).toBeGreaterThan(2);
    expect((await open(world)).map((one) => one.id)).toEqual([first?.id]);
    await world.run(400, 5);
    expect((await open(world)).map((one) => one.id)).not.toContain(first?.id);
    const past = await world.store.get<LaunchRecord>(keys.pastLaunch('default', first?.id ?? ''));
    expect(past?.data).toMatchObject({
      state: 'settled',
      outcome: expect.stringMatching(/^0 of 1 launched; VcpuLimitExceeded/),
      reason: expect.stringMatching(/./),
    });
  });

  test('a settled one is kept, with why it was bought and what came of it', async () => {
    const { world, sent } = await newWorld();
    await want(world, kind);
    await world.run(2);
    expect(await open(world)).toEqual([]);
    const past = await world.store.get<LaunchRecord>(keys.pastLaunch('default', sent[0] ?? ''));
    expect(past?.data).toMatchObject({
      state: 'settled',
      outcome: '1 of 1 launched',
      reason: expect.stringMatching(/./),
    });
    const { items } = (await world.control.listActivity('default', { limit: 50 })) ?? { items: [] };
    const line = items.find((one) => one.launchId === sent[0]);
    expect(line?.message).toContain(past?.data.reason);
  });
});

test.each([
  ['machines', 'machines'],
  ['machines', 'nodes'],
  ['nodes', 'machines'],
  ['nodes', 'nodes'],
] as const)(
  'an open launch of %s counts against the limits: nothing is bought beside it for %s',
  async (first, then) => {
    const made = await newWorld({ instances: 1 });
    const { world, sent } = made;
    made.answer = 'lost';
    await want(world, first);
    await world.run(1);
    await want(world, then, { cpuMilli: 7_000 });
    await world.run(30);
    expect(new Set(sent).size).toBe(1);
    expect(await open(world)).toHaveLength(1);
    expect((await world.control.stats('default')).usage.instances).toBe(1);
  },
);

test('a launch of machines counts against the limits of volumes while it is open', async () => {
  const made = await newWorld({ volumeGib: 30 });
  const { world, sent } = made;
  made.answer = 'lost';
  for (const _ of ['one', 'and no room for another']) {
    await world.submit({ ...machineSpec, network: null });
    await world.run(15);
  }
  expect(new Set(sent).size).toBe(1);
});

test('launches that are decided together count against the limits together', async () => {
  const { world, sent } = await newWorld({ instances: 1 });
  const needs = machineSpec.needs;
  await world.submit({ ...machineSpec, network: null, volumes: [], needs });
  await world.submit({ ...machineSpec, network: null, volumes: [], needs: { ...needs, vcpu: 8, memoryMib: 8_192 } });
  await world.run(1);
  expect(sent).toHaveLength(1);
});
