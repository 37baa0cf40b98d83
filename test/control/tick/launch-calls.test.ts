// Launches from their record to their end: what is written before EC2 is called, what settles one, what is handed out,
// and what is remembered of the answers. On a bare world, with an EC2 that says what each test wants.
import { describe, expect, test } from '@jest/globals';
import { FencedError, takeLock } from '../../../lib/control/coordination/lock.ts';
import type { ControlPorts } from '../../../lib/control/ports.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import { applyLaunches, faultsText } from '../../../lib/control/tick/launch-calls.ts';
import { SetAside, WriteTroubles } from '../../../lib/control/tick/write-troubles.ts';
import type { ActivityRecord } from '../../../lib/control/use-cases.ts';
import { batchBounds } from '../../../lib/core/plan/bounds.ts';
import type { LaunchFault } from '../../../lib/core/plan/capacity-memory.ts';
import type { LaunchAction } from '../../../lib/core/plan/launches.ts';
import type { PoolMemory } from '../../../lib/core/plan/observation.ts';
import type { LaunchRecord, NodeLaunch } from '../../../lib/core/records/launch.ts';
import { CloudRefusedError, CloudUnknownError } from '../../../lib/ports/cloud.ts';
import type { Write } from '../../../lib/ports/store.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import { launch, machineLaunch, pool as poolSpec, smallType } from '../../core/builders.ts';
import { BareWorld, settings } from '../bare-world.ts';
import { watchedStore } from '../watched-store.ts';

type Answer = Awaited<ReturnType<ControlPorts['cloud']['launchFleet']>>;

const short: LaunchFault = {
  ...{ code: 'InsufficientInstanceCapacity', scope: 'offering', message: 'none' },
  about: { instanceType: smallType.name, zone: 'za' },
};
const instance = (id: string) => ({ id, instanceType: smallType.name, zone: 'za', capacityType: 'on-demand' as const });
const answering = (ids: readonly string[], faults: readonly LaunchFault[] = []): Answer => ({
  ...{ instances: ids.map(instance), faults, isReplay: false },
});

async function open(
  answer: (token: string) => Answer = (token) => answering([`i-${token}`]),
  more: Partial<ControlPorts['cloud']> = {},
) {
  const world = new BareWorld();
  const sent: string[] = [];
  const seenAtCall: (readonly string[])[] = [];
  const all = async <T>(pk: string): Promise<readonly T[]> =>
    (await world.ports.store.query<T>({ pk, limit: 100 })).items.map(({ data }) => data);
  const openNow = () => all<LaunchRecord>(keys.launches('p'));
  const { store } = world.ports;
  const watched = watchedStore(store);
  const cloud = {
    launchFleet: async (token: string) => {
      sent.push(token);
      seenAtCall.push((await openNow()).map(({ id }) => id));
      return answer(token);
    },
    ...more,
  } as unknown as ControlPorts['cloud'];
  const catalog = { instanceType: async () => smallType } as unknown as ControlPorts['catalog'];
  const ports: ControlPorts = { ...world.ports, store: watched.store, cloud, catalog };
  const lock = await takeLock(ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  const data = { spec: poolSpec(), specVersion: 1, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null };
  const pool = await put(ports, { ...keys.pool('p'), data }, 'absent');
  const setAside = new SetAside({ ports, lock, troubles: new WriteTroubles() });
  const apply = (...actions: readonly LaunchAction[]) =>
    applyLaunches({ ports, settings, lock, pool }, setAside, actions);
  const past = async (id: string) => (await store.get<LaunchRecord>(keys.pastLaunch('p', id)))?.data;
  const memory = async () => (await store.get<PoolMemory>(keys.memory('p')))?.data;
  const activity = () => all<ActivityRecord>(keys.activity('p', 0, '').pk);
  const wanted = (id: string, more: Partial<NodeLaunch> = {}, count = 1): LaunchAction => ({
    kind: 'launch',
    launch: launch(id, { callingSinceMs: world.nowMs, nextTryAtMs: world.nowMs, ...more }, count),
  });
  return { world, ports, store, pool, apply, wanted, sent, seenAtCall, openNow, past, memory, activity, all, watched };
}

const deletes = (writes: readonly Write[], id: string): boolean =>
  writes.some((one) => one.op === 'delete' && one.key.sk === id);

describe('a launch', () => {
  test('is recorded, called for, handed out and closed', async () => {
    const { world, apply, wanted, sent, seenAtCall, openNow, past, store, activity, all, memory } = await open();
    expect(await apply(wanted('l-1'))).toBe(2);
    expect([sent, seenAtCall, await openNow()]).toEqual([['l-1'], [['l-1']], []]);
    expect(await past('l-1')).toMatchObject({ id: 'l-1', state: 'settled', outcome: '1 of 1 launched', calls: 1 });
    expect((await store.get(keys.pastLaunch('p', 'l-1')))?.expiresAtMs).toBe(world.nowMs + 7 * 86_400_000);
    expect(await all(keys.node('p', '').pk)).toMatchObject([{ id: 'i-l-1', launchId: 'l-1', state: 'launching' }]);
    expect(await activity()).toMatchObject([
      {
        ...{ code: 'launch', launchId: 'l-1', nodeId: 'i-l-1', instanceType: smallType.name },
        message: '1 of 1 launched: i-l-1 (c7.large on-demand in za). cheapest',
      },
    ]);
    expect(await all(keys.outboxes('p'))).toHaveLength(1);
    expect((await store.get(keys.totals('p')))?.data).toMatchObject({ launchedNodes: 1, launches: { launched: 1 } });
    // Nothing was refused: nothing is remembered.
    expect(await memory()).toBeUndefined();
  });

  test('of which a part came says what was refused, which is remembered', async () => {
    const { apply, wanted, past, memory } = await open(() => answering(['i-1'], [short]));
    expect(await apply(wanted('l-1', {}, 2))).toBe(2);
    expect((await past('l-1'))?.outcome).toBe('1 of 2 launched; InsufficientInstanceCapacity (c7.large in za)');
    expect(Object.keys((await memory())?.refusals ?? {})).toEqual(['c7.large/za/on-demand']);
  });

  test('of which nothing came is a failed one, by the code of the first fault', async () => {
    const { apply, wanted, activity, store, all } = await open(() => answering([], [short]));
    await apply(wanted('l-1'));
    expect(await activity()).toMatchObject([{ code: 'launch_failed', nodeId: null }]);
    expect(await all(keys.outboxes('p'))).toEqual([]);
    expect((await store.get(keys.totals('p')))?.data).toMatchObject({ launches: { [short.code]: 1 } });
    const silent = await open(() => answering([]));
    await silent.apply(silent.wanted('l-1'));
    expect((await silent.past('l-1'))?.outcome).toBe('0 of 1 launched');
    expect((await silent.store.get(keys.totals('p')))?.data).toMatchObject({ launches: { nothing_launched: 1 } });
  });

  test('that EC2 refuses as a whole is closed with its words', async () => {
    const fault: LaunchFault = {
      code: 'UnauthorizedOperation',
      scope: 'account',
      message: 'not allowed.',
      about: null,
    };
    const { apply, wanted, past, memory, store, activity } = await open(() => {
      throw new CloudRefusedError(fault);
    });
    expect(await apply(wanted('l-1'))).toBe(2);
    expect((await past('l-1'))?.outcome).toBe('0 of 1 launched; UnauthorizedOperation: not allowed.');
    expect((await activity())[0]?.message).not.toContain('..');
    expect((await memory())?.refusals).toMatchObject({ '*/*/*': { code: 'UnauthorizedOperation' } });
    expect((await store.get(keys.totals('p')))?.data).toMatchObject({ launches: { UnauthorizedOperation: 1 } });
  });

  test('without an answer stays open, and counts: it has to be looked at again', async () => {
    const { apply, wanted, openNow, past, memory } = await open(() => {
      throw new CloudUnknownError('no answer');
    });
    expect(await apply(wanted('l-1', { gangs: ['g'] }, 2))).toBe(1);
    expect([(await openNow()).map(({ id }) => id), await past('l-1')]).toEqual([['l-1'], undefined]);
    expect(await memory()).toBeUndefined();
  });

  test('of a gang of which a part came is remembered when it is closed', async () => {
    const { apply, wanted, memory } = await open(() => answering(['i-1'], [short]));
    await apply(wanted('l-1', { gangs: ['g'] }, 2));
    expect((await memory())?.gangs).toMatchObject({ g: { came: 1, of: 2 } });
  });

  test('of a shape that EC2 is short of is remembered by it', async () => {
    const { apply, wanted, memory } = await open(() => answering([], [short]));
    await apply(wanted('l-1', { shapes: ['large'] }));
    expect(Object.keys((await memory())?.droughts?.byShape ?? {})).toEqual(['large']);
  });

  test('names fifty instances, and says how many more there are', async () => {
    const ids = Array.from({ length: 52 }, (_, at) => `i-${String(at)}`);
    const { apply, wanted, activity } = await open(() => answering(ids));
    await apply(wanted('l-1', {}, 52));
    const [line] = await activity();
    expect(line?.message).toMatch(
      /^52 of 52 launched: i-0 \(.* i-49 \(c7\.large on-demand in za\) and 2 more\. cheapest$/,
    );
    expect(line?.nodeId).toBeNull();
  });
});

describe('an open launch that is due', () => {
  test('is called for again with its token, and settled', async () => {
    const { world, ports, apply, sent, past } = await open();
    const record = launch('l-9', { createdAtMs: world.nowMs, callingSinceMs: null, nextTryAtMs: 0, calls: 1 });
    await put(ports, { ...keys.launch('p', 'l-9'), data: record }, 'absent');
    expect(await apply({ kind: 'settle', launchId: 'l-9' })).toBe(1);
    expect([sent, (await past('l-9'))?.outcome]).toEqual([['l-9'], '1 of 1 launched']);
  });

  const due = async (record: Partial<NodeLaunch>, ...how: Parameters<typeof open>) => {
    const made = await open(...how);
    const { world, ports } = made;
    const whole = launch('l-9', {
      createdAtMs: world.nowMs,
      callingSinceMs: null,
      nextTryAtMs: 0,
      calls: 1,
      ...record,
    });
    await put(ports, { ...keys.launch('p', 'l-9'), data: whole }, 'absent');
    return { ...made, effects: await made.apply({ kind: 'settle', launchId: 'l-9' }) };
  };
  const refusing = () => {
    throw new CloudRefusedError({ ...short, message: 'none now' });
  };

  test('that is refused while an earlier call may be under way stays open, and the refusal is remembered', async () => {
    const { effects, past, openNow, memory } = await due({ unheardUntilMs: 9e12, gangs: ['g'] }, refusing);
    expect([effects, await past('l-9'), (await openNow()).length]).toEqual([0, undefined, 1]);
    expect(await memory()).toMatchObject({ refusals: { 'c7.large/za/on-demand': { code: short.code } }, gangs: {} });
  });

  test('whose token is used is settled by what EC2 lists with its tag', async () => {
    const tokenUsed = { code: 'IdempotentInstanceTerminated', listedAtMs: 0, instanceIds: ['i-9'] };
    const list = async () => ({ instances: [{ ...instance('i-9'), state: 'running' }] }) as never;
    const { effects, past, all, memory } = await due({ tokenUsed }, undefined, { list });
    expect([effects, (await past('l-9'))?.outcome]).toEqual([
      1,
      '1 of 1 launched; settled from the tag after IdempotentInstanceTerminated',
    ]);
    expect(await all(keys.node('p', '').pk)).toMatchObject([{ id: 'i-9' }]);
    expect(await memory()).toBeUndefined();
  });

  test('that is gone is nothing to do', async () => {
    const { apply, sent } = await open();
    expect(await apply({ kind: 'settle', launchId: 'l-9' })).toBe(0);
    expect(sent).toEqual([]);
  });
});

describe('what is to be bought', () => {
  test('is recorded together, before any of it is called for', async () => {
    const { apply, wanted, seenAtCall, watched } = await open();
    let recording = 0;
    watched.before = (writes) => {
      if (writes.some((one) => one.op === 'put' && one.item.pk === keys.launches('p'))) recording += 1;
    };
    expect(await apply(wanted('l-1'), wanted('l-2'))).toBe(4);
    expect([recording, seenAtCall[0]]).toEqual([1, ['l-1', 'l-2']]);
  });

  test('by an older spec of the pool is neither recorded nor called for', async () => {
    const { ports, pool, apply, wanted, sent, openNow } = await open();
    await put(ports, pool, pool.version);
    await expect(apply(wanted('l-1'))).resolves.toBe(1);
    expect([sent, await openNow()]).toEqual([[], []]);
  });

  test('in several parts is not recorded further than that', async () => {
    const { ports, pool, apply, wanted, sent, watched } = await open();
    await put(ports, pool, pool.version);
    watched.transactions.length = 0;
    const many = Array.from({ length: 2 * batchBounds.writes }, (_, at) => wanted(`l-${String(at)}`));
    expect(await apply(...many)).toBe(many.length);
    expect([sent, watched.transactions.length]).toEqual([[], 1]);
  });

  test('for a claim that asks for what cannot be is no fault of the pool', async () => {
    const refused = (scope: 'request' | 'account') => async () => {
      throw new CloudRefusedError({ code: 'InvalidKeyPair.NotFound', scope, message: 'no such key', about: null });
    };
    const remembered = async (scope: 'request' | 'account') => {
      const { world, apply, memory, past } = await open(undefined, { runInstances: refused(scope) });
      const machine = machineLaunch('l-1', 'm', { callingSinceMs: world.nowMs, nextTryAtMs: world.nowMs });
      expect(await apply({ kind: 'launch', launch: machine })).toBe(2);
      expect((await past('l-1'))?.outcome).toMatch(/^0 of 1 launched; InvalidKeyPair/);
      return Object.keys((await memory())?.refusals ?? {});
    };
    expect([await remembered('request'), await remembered('account')]).toEqual([[], ['*/*/*']]);
  });

  test('by a tick that has lost the lock is neither', async () => {
    const { store, apply, wanted, sent, openNow } = await open();
    const fence = await store.get<{ readonly epoch: number }>(keys.fence('p'));
    if (!fence) throw new Error('there is no fence');
    await store.put({ item: { ...keys.fence('p'), data: { epoch: 99 } }, condition: fence.version, writeId: 'other' });
    await expect(apply(wanted('l-1'))).rejects.toThrow(FencedError);
    expect([sent, await openNow()]).toEqual([[], []]);
  });

  test('and cannot be written is set aside; the others are tried one by one', async () => {
    const { apply, wanted, sent, activity, watched } = await open();
    watched.before = (writes) => {
      if (writes.some((one) => one.op === 'put' && one.item.sk === 'l-2')) throw new TypeError('it cannot be written');
    };
    expect(await apply(wanted('l-1'), wanted('l-2'), wanted('l-3'))).toBe(5);
    expect(sent.toSorted()).toEqual(['l-1', 'l-3']);
    const lines = (await activity()).filter(({ code }) => code === 'write_failed');
    expect(lines.map(({ message }) => message)).toEqual([
      'the launch of l-2 could not be written and is set aside: it cannot be written',
    ]);
  });

  test('is not tried one by one where the store is at fault', async () => {
    const { apply, wanted, sent, watched } = await open();
    let tries = 0;
    watched.before = () => {
      tries += 1;
      throw new Error('the process dies');
    };
    await expect(apply(wanted('l-1'), wanted('l-2'))).rejects.toThrow('the process dies');
    expect([sent, tries]).toEqual([[], 1]);
  });
});

describe('the write that settles one', () => {
  /** Another's write comes first, so many times, at this key. */
  async function raced(times: number, key = { pk: 'REQUEST#r', sk: 'ROW' }) {
    const made = await open();
    let tries = 0;
    made.watched.before = (writes) => {
      if (!deletes(writes, 'l-1')) return;
      tries += 1;
      if (tries <= times) throw new ConditionFailedError(key, null);
    };
    const effects = await made.apply(made.wanted('l-1'));
    return { effects, tries, outcome: (await made.past('l-1'))?.outcome, sent: made.sent };
  }

  test('is made anew where whom it is for was changed meanwhile, ten times', async () => {
    expect(await raced(1)).toEqual({ effects: 2, tries: 2, outcome: '1 of 1 launched', sent: ['l-1'] });
    expect(await raced(9)).toMatchObject({ effects: 2, tries: 10, outcome: '1 of 1 launched' });
    expect(await raced(10)).toMatchObject({ effects: 1, tries: 10, outcome: undefined });
  });

  test('ends where another tick settled it', async () => {
    expect(await raced(1, keys.launch('p', 'l-1'))).toMatchObject({ effects: 1, tries: 1, outcome: undefined });
  });

  test('that fails for good is set aside with the others settled', async () => {
    const { apply, wanted, past, openNow, activity, watched } = await open();
    watched.before = (writes) => {
      if (deletes(writes, 'l-1')) throw new RangeError('too large');
    };
    expect(await apply(wanted('l-1'), wanted('l-2'))).toBe(3);
    expect([(await openNow()).map(({ id }) => id), (await past('l-2'))?.outcome]).toEqual([['l-1'], '1 of 1 launched']);
    const failed = (await activity()).find(({ code }) => code === 'write_failed');
    expect(failed?.message).toBe('the launch of l-1 could not be written and is set aside: too large');
  });
});

test('faults are named code by code, with three offerings each', () => {
  const of = (code: string, about: LaunchFault['about']): LaunchFault => ({
    code,
    scope: 'offering',
    message: '',
    about,
  });
  const at = (...zones: readonly string[]) => zones.map((zone) => of('A', { instanceType: 'c7.large', zone }));
  expect(faultsText([])).toBe('');
  expect(faultsText([of('A', null), of('A', null), of('B', null)])).toBe('A, B');
  expect(faultsText([...at('za', 'za'), of('B', { instanceType: null, zone: 'zb' }), ...at('zb')])).toBe(
    'A (c7.large in za, c7.large in zb), B (* in zb)',
  );
  expect(faultsText(at('za', 'zb', 'zc'))).toBe('A (c7.large in za, c7.large in zb, c7.large in zc)');
  expect(faultsText([...at('za', 'zb', 'zc', 'zd'), of('A', { instanceType: 'm7.large', zone: null })])).toBe(
    'A (c7.large in za, c7.large in zb, c7.large in zc, and 2 more)',
  );
});
