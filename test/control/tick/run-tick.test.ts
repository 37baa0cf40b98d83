// One tick in a bare world, with an engine and an EC2 that say what each test wants: when it runs, how often it looks,
// when it gives way, and what it leaves for the next one.
import { describe, expect, test } from '@jest/globals';
import { takeLock } from '../../../lib/control/coordination/lock.ts';
import { raiseWake, readWake } from '../../../lib/control/coordination/wake.ts';
import type { WakeRecord } from '../../../lib/control/coordination/wake.ts';
import { requestItem } from '../../../lib/control/requests/submit.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import type { AllocationInput, AllocationPlan } from '../../../lib/core/allocation/types.ts';
import type { ClaimRecord } from '../../../lib/core/records/claim.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { keptVolume, pool, request, seenMachine, seenVolume, storageWish } from '../../core/builders.ts';
import { service } from '../../core/services/builders.ts';
import { settings as local } from '../bare-world.ts';
import type { Case } from './tick-world.ts';
import { buying, given, idle, none, waiting } from './tick-world.ts';

describe('a tick', () => {
  test('of a pool in which nothing is to be done leaves it free, and looks once', async () => {
    const { tick, lock, ports, hints, later, world } = await given();
    later(60_000);
    expect(await tick()).toEqual({ pool: 'p', ran: true, rounds: 1, actions: 0, nextDueAtMs: null });
    expect(await lock()).toMatchObject({ holder: null, epoch: 1, openRequests: 0, openClaims: 0, publishing: null });
    expect((await readWake(ports, 'p'))?.data).toMatchObject({ wanted: 1, served: 1 });
    expect(hints).toEqual([]);
    expect(world.nowMs).toBe(1_800_000_060_000);
  });

  test('of a pool that is not due does nothing, and takes no lock', async () => {
    const { tick, lock } = await given();
    await tick();
    const before = await lock();
    expect(await tick()).toEqual(none);
    expect(await lock()).toEqual(before);
  });

  test('while another one has the lock does nothing', async () => {
    const { tick, ports, settings, later } = await given();
    await takeLock(ports, settings, 'p');
    expect(await tick()).toEqual(none);
    later(settings.lockLeaseMs - 1);
    expect(await tick()).toEqual(none);
    later(1);
    expect((await tick()).ran).toBe(true);
  });

  test('of a pool that is not there says so, and is due no more', async () => {
    const { tick, lock } = await given({ pool: null });
    expect(await tick()).toEqual({ pool: 'p', ran: true, rounds: 1, actions: 0, nextDueAtMs: null });
    expect(await lock()).toMatchObject({ holder: null, openRequests: 0, openClaims: 0 });
  });

  test('looks again when the index must have caught up with the wake that it served', async () => {
    const { tick, settings, world } = await given();
    const settledAtMs = world.nowMs + settings.decisions.indexSettleMs;
    expect((await tick()).nextDueAtMs).toBe(settledAtMs);
  });

  test('is hinted at again where a wake came meanwhile', async () => {
    const { tick, hooks, ports, hints } = await given({ settings: { tickRoundsMax: 1 } });
    hooks.onOfferings = async () => raiseWake(ports, 'p');
    await tick();
    // One by who raised it, one by the tick.
    expect(hints).toEqual(['p', 'p']);
  });
});

describe('rounds', () => {
  test('follow one another while something moves: what was bought is there in the second', async () => {
    const { tick, asked, ports, lock } = await given({ requests: [waiting('a'), waiting('b')], answer: buying });
    const report = await tick();
    expect(report).toMatchObject({ ran: true, rounds: 2 });
    expect(asked.map(({ bins, demand }) => [bins.length, demand.length])).toEqual([
      [0, 2],
      [2, 2],
    ]);
    expect(report.actions).toBeGreaterThanOrEqual(4);
    expect((await ports.store.query({ pk: keys.nodes('p'), limit: 9 })).items).toHaveLength(2);
    expect(await lock()).toMatchObject({ openRequests: 2 });
  });

  test('are so many at most, and then the pool is due at once', async () => {
    const { tick, asked, world, hints } = await given({
      ...{ requests: [waiting('a')], answer: buying, settings: { tickRoundsMax: 1 } },
    });
    expect(await tick()).toMatchObject({ rounds: 1, nextDueAtMs: world.nowMs });
    expect(asked).toHaveLength(1);
    expect(hints).toEqual(['p']);
  });

  test('end when the time of the tick is over', async () => {
    const { tick, asked, hooks, later, settings } = await given({ requests: [waiting('a')], answer: buying });
    hooks.onAllocate = () => {
      later(settings.tickBudgetMs);
    };
    expect(await tick()).toMatchObject({ rounds: 1 });
    expect(asked).toHaveLength(1);
  });
});

describe('a tick that was overtaken', () => {
  test('leaves, and does not free the lock of the other', async () => {
    const { tick, hooks, ports, settings, later, lock, lines } = await given({
      ...{ requests: [waiting('a')], answer: buying },
    });
    let isTaken = false;
    hooks.onOfferings = async () => {
      if (isTaken) return;
      isTaken = true;
      later(settings.lockLeaseMs + 1);
      await takeLock(ports, settings, 'p');
    };
    expect(await tick()).toEqual(none);
    expect(await lock()).toMatchObject({ epoch: 2, holder: expect.any(String) as unknown });
    expect(lines).toContainEqual(['info', 'this tick was overtaken by another; it leaves', { pool: 'p', epoch: 1 }]);
  });

  const noRoom = ({ demand }: AllocationInput): Partial<AllocationPlan> => ({
    unplaced: demand.map(({ id }) => ({ demandId: id, count: 1, kind: 'limits', message: 'full', excluded: [] })),
  });

  test.each([
    ['that stop at the fence', buying, 'this tick was overtaken by another; it leaves'],
    ['that have nothing to write', noRoom, 'the tick lock had been taken over before it was released'],
  ])('raises the wakes again that decisions have served %s: the other may have looked before', async (...of) => {
    const [, answer, message] = of;
    const { tick, hooks, ports, settings, later, lock, lines } = await given({
      ...{ answer, pool: { spec: pool({ historyDays: 0 }) } },
    });
    let isOvertaken = false;
    hooks.onPut = async ({ pk }) => {
      if (pk !== keys.fence('p').pk || isOvertaken) return;
      isOvertaken = true;
      later(settings.lockLeaseMs + 1);
      expect(await tick()).toMatchObject({ ran: true, nextDueAtMs: null });
      await put(ports, requestItem(waiting('late'), null), 'absent');
      await raiseWake(ports, 'p');
    };
    await tick();
    expect(lines.map(([, text]) => text)).toEqual([message]);
    expect(await lock()).toMatchObject({ holder: null, nextDueAtMs: null, openRequests: 0 });
    expect(await tick()).toMatchObject({ ran: true });
    expect(await lock()).toMatchObject({ openRequests: 1, nextDueAtMs: expect.any(Number) as unknown });
  });

  test('raises them also where it ends by an error, and not where the lock is still its own', async () => {
    const { tick, hooks, ports, settings, later } = await given();
    let tries = 0;
    hooks.onOfferings = async () => {
      tries += 1;
      if (tries > 2) return;
      if (tries === 2) {
        later(settings.lockLeaseMs + 1);
        expect(await tick()).toMatchObject({ ran: true });
      }
      throw new Error('no offerings');
    };
    await expect(tick()).rejects.toThrow('no offerings');
    expect((await readWake(ports, 'p'))?.data).toMatchObject({ wanted: 1, served: 1 });
    later(settings.lockLeaseMs);
    await expect(tick()).rejects.toThrow('no offerings');
    expect((await readWake(ports, 'p'))?.data).toMatchObject({ wanted: 2, served: 1 });
  });

  test('by an error keeps the lock, so that its pool stays due', async () => {
    const { tick, hooks, lock } = await given();
    hooks.onOfferings = async () => {
      throw new Error('no offerings');
    };
    await expect(tick()).rejects.toThrow('no offerings');
    expect((await lock())?.holder).not.toBeNull();
  });

  test('by an error tells of that one, also where the wakes cannot be raised again', async () => {
    const { tick, hooks, ports, settings, later, lines } = await given();
    hooks.onOfferings = async () => {
      later(settings.lockLeaseMs + 1);
      await takeLock(ports, settings, 'p');
      hooks.onPut = async ({ pk, sk }) => {
        if (pk === keys.wake('p').pk && sk === keys.wake('p').sk) throw new Error('no store');
      };
      throw new Error('no offerings');
    };
    await expect(tick()).rejects.toThrow('no offerings');
    const message = 'the wakes of a tick that failed could not be raised again';
    expect(lines).toEqual([['error', message, { pool: 'p', error: new Error('no store') }]]);
  });
});

describe('a search that takes long', () => {
  test('is ended by its time, which is logged', async () => {
    const stops: boolean[] = [];
    const { tick, hooks, later, settings, lines, asked } = await given({ requests: [waiting('a')] });
    hooks.onAllocate = () => {
      const input = asked.at(-1);
      stops.push(input?.shouldStop() ?? false);
      later(settings.decisions.allocationBudgetMs + 1);
      stops.push(input?.shouldStop() ?? false);
    };
    await tick();
    expect(stops).toEqual([false, true]);
    const said = lines.find(([, message]) => String(message).startsWith('the search for cheaper nodes was ended'));
    const { allocationBudgetMs, allocationIterations } = settings.decisions;
    expect(said?.[0]).toBe('warn');
    expect(said?.[2]).toEqual({
      ...{ pool: 'p', allocationBudgetMs, allocationIterations, sinceLockMs: allocationBudgetMs + 1 },
    });
  });

  test('in time is not mentioned', async () => {
    const { tick, hooks, later, settings, lines, asked } = await given({ requests: [waiting('a')] });
    hooks.onAllocate = () => {
      later(settings.decisions.allocationBudgetMs);
      asked.at(-1)?.shouldStop();
    };
    await tick();
    expect(lines).toEqual([]);
  });

  test('in the first round ends when it is time to launch', async () => {
    const stops: boolean[] = [];
    const { tick, hooks, later, settings, asked } = await given({
      requests: [waiting('a')],
      settings: { lockLeaseMs: 400, decisions: { ...local.decisions, allocationBudgetMs: 1e9 } },
    });
    hooks.onAllocate = () => {
      later(settings.lockLeaseMs / 4);
      stops.push(asked.at(-1)?.shouldStop() ?? false);
      later(1);
      stops.push(asked.at(-1)?.shouldStop() ?? false);
    };
    await tick();
    expect(stops.slice(0, 2)).toEqual([false, true]);
  });
});

describe('what a tick leaves', () => {
  test('is when the pool is due for what waits, and how much is open', async () => {
    const { tick, world, settings, lock } = await given({
      requests: [waiting('a'), waiting('b')],
      answer: ({ demand }) => ({
        unplaced: demand.map(({ id }) => ({ demandId: id, count: 1, kind: 'limits', message: 'full', excluded: [] })),
      }),
      settings: { decisions: { ...local.decisions, indexSettleMs: 1e9 } },
    });
    expect((await tick()).nextDueAtMs).toBe(world.nowMs + settings.decisions.unplacedAgainMs);
    expect(await lock()).toMatchObject({ openRequests: 2, openClaims: 0 });
  });

  test('is how many records it could not read', async () => {
    const { tick, ports, lock, lines } = await given({ requests: [waiting('a')] });
    await put(ports, { ...requestItem(waiting('bad'), null), data: { id: 'bad' } as never }, 'absent');
    await tick();
    expect((await lock())?.setAside).toBe(1);
    expect(lines.filter(([level]) => level === 'error')).not.toEqual([]);
  });

  test('counts no request that has ended and whose end a document carries still', async () => {
    const ended = waiting('done', { state: 'succeeded', endedAtMs: 1_799_999_999_500 });
    const { tick, ports, lock } = await given({
      ...{ nodes: [{ ...idle('i-1'), ended: ['done'] }], requests: [waiting('a')], settings: { tickRoundsMax: 1 } },
    });
    await put(ports, requestItem(ended, { expiresAtMs: 1_900_000_000_000 }), 'absent');
    await tick();
    expect(await lock()).toMatchObject({ openRequests: 1 });
  });

  test('is that more costs are passed on a little later: no other round is for that', async () => {
    const createdAtMs = 1_800_000_000_000 - 2 * 24 * 3_600_000;
    const old = { ...idle('i-1'), createdAtMs, readyAtMs: createdAtMs + 1, emptySinceMs: 1_800_000_000_000 };
    const { tick, world, settings, ports } = await given({ nodes: [old], instances: [seenMachine('i-1')] });
    const { rounds, actions, nextDueAtMs } = await tick();
    expect({ rounds, actions }).toEqual({ rounds: 1, actions: 1 });
    expect(nextDueAtMs).toBeLessThanOrEqual(world.nowMs + settings.decisions.listingCalmMs);
    expect(nextDueAtMs).toBeGreaterThan(world.nowMs);
    const stored = await ports.store.get<NodeRecord>(keys.node('p', 'i-1'));
    expect(stored?.data.billed?.toMs).toBe(1_800_000_000_000);
  });

  test('is a node that EC2 is asked about again soon', async () => {
    const { tick, listed, world, settings } = await given({ nodes: [idle('i-1')] });
    const { nextDueAtMs } = await tick();
    expect(listed).toHaveLength(1);
    expect(nextDueAtMs).toBeLessThanOrEqual(world.nowMs + settings.decisions.listingCalmMs);
    expect(nextDueAtMs).toBeGreaterThan(world.nowMs);
  });
});

describe('a pool that is being deleted', () => {
  const dayMs = 24 * 3_600_000;
  const deletedAgo = (ms: number): Case => ({ pool: { deletingSinceMs: 1_800_000_000_000 - ms } });

  test('stays for a day, and is due then', async () => {
    const { tick, world, ports, later } = await given(deletedAgo(dayMs - 70_000));
    later(60_000);
    expect((await tick()).nextDueAtMs).toBe(world.nowMs + 10_000);
    expect(await ports.store.get(keys.pool('p'))).not.toBeNull();
  });

  test('goes with what it remembered when nothing is left of it', async () => {
    const { tick, ports } = await given(deletedAgo(dayMs));
    expect(await tick()).toMatchObject({ ran: true, nextDueAtMs: null });
    expect(await ports.store.get(keys.pool('p'))).toBeNull();
    expect(await ports.store.get<WakeRecord>(keys.wake('p'))).toBeNull();
  });

  test('stays while anything of it is left', async () => {
    const { tick, ports } = await given({ ...deletedAgo(dayMs), nodes: [{ ...idle('i-1'), isLost: true }] });
    await tick();
    expect(await ports.store.get(keys.pool('p'))).not.toBeNull();
  });

  test('stays while EC2 has not deleted a volume of it that was kept', async () => {
    const { tick, ports } = await given({ ...deletedAgo(dayMs), volumes: [seenVolume('vol-k')] });
    const kept = keptVolume('vol-k', { keptSinceMs: 1_799_999_000_000, keptUntilMs: 1_900_000_000_000 });
    await put(ports, { ...keys.kept('p', 'vol-k'), data: kept }, 'absent');
    await tick();
    expect(await ports.store.get(keys.pool('p'))).not.toBeNull();
  });

  test('is tried again a second later where somebody wrote one of its records', async () => {
    const { tick, hooks, later, world } = await given(deletedAgo(dayMs));
    later(60_000);
    hooks.onTransact = async (writes) => {
      if (writes.some((one) => one.op === 'delete')) await raiseWake(world.ports, 'p');
    };
    expect((await tick()).nextDueAtMs).toBe(world.nowMs + 1_000);
    expect(await world.ports.store.get(keys.pool('p'))).not.toBeNull();
  });
});

describe('a pool that is large', () => {
  test('has its changes listed from then on, and leaves its figures', async () => {
    const { tick, lock, world } = await given({ nodes: [idle('i-1')], settings: { copiedFromRecords: 1 } });
    await tick();
    expect(await lock()).toMatchObject({ listedSinceMs: world.nowMs, present: expect.anything() as unknown });
  });

  test('is no other one', async () => {
    const { tick, lock } = await given({ nodes: [idle('i-1')], settings: { copiedFromRecords: 2 } });
    await tick();
    expect(await lock()).not.toHaveProperty('listedSinceMs');
    expect(await lock()).not.toHaveProperty('present');
  });
});

describe('a claim', () => {
  const atMs = 1_800_000_000_000;
  const wished = (id = 'v'): ClaimRecord => storageWish(id, {}, { createdAtMs: atMs });
  const nextLookMs = 5_000;
  const granted = { pool: 'p', ran: true, actions: expect.any(Number) as unknown };

  test('whose volume comes soon is granted in the tick that asked for it, which waits in small steps', async () => {
    const { tick, ports, slept, listed } = await given({
      ...{ claims: [wished()], volumeMs: 900, settings: { nextLookMs } },
    });
    expect(await tick()).toMatchObject(granted);
    expect((await ports.store.get<ClaimRecord>(keys.request('v')))?.data.state).toBe('active');
    expect(slept.slice(0, 2)).toEqual([500, 500]);
    // Before the call, at once after it, and when the volume was due.
    expect(listed.map((ms) => ms - atMs)).toEqual([0, 0, 1_000]);
  });

  test('that is not due soon enough is left to the next tick', async () => {
    const { tick, slept, lock, world } = await given({
      ...{ claims: [wished()], volumeMs: 60_000, settings: { nextLookMs: local.decisions.listingBusyMs - 1 } },
    });
    const { nextDueAtMs } = await tick();
    expect(slept).toEqual([]);
    expect(nextDueAtMs).toBe(world.nowMs + local.decisions.listingBusyMs);
    expect(await lock()).toMatchObject({ openClaims: 1, openRequests: 0 });
  });

  test('is not waited for beyond the time of the tick', async () => {
    const { tick, slept } = await given({
      ...{ claims: [wished()], volumeMs: 60_000, settings: { nextLookMs, tickBudgetMs: 2_500 } },
    });
    await tick();
    expect(slept).toEqual([500, 500, 500, 500]);
  });

  test('waits no longer when somebody wants a tick', async () => {
    const { tick, hooks, ports, slept } = await given({
      ...{ claims: [wished()], volumeMs: 60_000, settings: { nextLookMs, tickBudgetMs: 1_600 } },
    });
    let isRaised = false;
    hooks.onSleep = async () => {
      if (!isRaised) await raiseWake(ports, 'p');
      isRaised = true;
    };
    await tick();
    expect(slept).toEqual([500, 500, 500]);
  });

  test('among very many things in EC2 is looked at when the listing has become old', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => seenVolume(`vol-other-${String(at)}`));
    const listedOf = async (count: number): Promise<number> => {
      const { tick, listed } = await given({ claims: [wished()], volumeMs: 60_000, volumes: many(count) });
      await tick();
      return listed.length;
    };
    expect(await listedOf(500)).toBe(2);
    expect(await listedOf(501)).toBe(1);
  });

  test('that was set aside is open still', async () => {
    const quarantine = { reason: 'it cannot be decided', sinceMs: atMs } as never;
    const { tick, lock } = await given({ claims: [{ ...wished('bad'), quarantine }, wished()] });
    await tick();
    expect(await lock()).toMatchObject({ openClaims: 2 });
  });
});

describe('target groups of services', () => {
  const arn = 'arn:web';
  const web = service({ targetGroups: [{ arn, port: 'http' }], replicas: 0 });
  const grantedIn = { pool: { spec: pool({ targetGroups: [{ arn: '*' }] }) }, services: [web] };
  const described = { kind: 'ip' as const, type: 'ip', delayMs: 9_000 };

  test('are asked after the round, and what they answer is decided about in another one', async () => {
    let calls = 0;
    const describe = async (): Promise<typeof described> => {
      calls += 1;
      return described;
    };
    const { tick, ports } = await given({ ...grantedIn, groups: { describe } });
    const { rounds } = await tick();
    expect(calls).toBe(1);
    expect(rounds).toBeGreaterThanOrEqual(2);
    const [stored] = (await ports.store.query({ pk: keys.allTargets('p'), limit: 9 })).items;
    expect(stored?.data).toMatchObject({ facts: { kind: 'ip', delayMs: 9_000 } });
  });

  test('that changed in the last round make the pool due at once', async () => {
    const groups = { describe: async () => described };
    const { tick, world } = await given({ ...grantedIn, groups, settings: { tickRoundsMax: 1 } });
    expect(await tick()).toMatchObject({ rounds: 1, nextDueAtMs: world.nowMs });
  });

  test('are asked by no tick whose time is over', async () => {
    let calls = 0;
    const describe = async (): Promise<typeof described> => {
      calls += 1;
      return described;
    };
    const { tick, hooks, later, settings } = await given({ ...grantedIn, groups: { describe } });
    hooks.onOfferings = async () => {
      later(settings.lockLeaseMs - 1);
    };
    await tick();
    expect(calls).toBe(0);
  });
});

describe('the archive', () => {
  const ended = waiting('a', { spec: { ...request('a').spec, deadlineMs: 1_000 }, createdAtMs: 1_799_999_000_000 });
  const notesOf = async (archiveAfterMs: number | null): Promise<readonly string[]> => {
    const { tick, world } = await given({ requests: [ended], settings: { archiveAfterMs } });
    await tick();
    return world.changes.filter(({ key }) => key.pk.startsWith('ENDED')).map(({ key }) => key.pk);
  };

  test('is made of what ended in the tick, where there is one', async () => {
    expect(await notesOf(3_600_000)).toHaveLength(1);
    expect(await notesOf(null)).toEqual([]);
  });
});
