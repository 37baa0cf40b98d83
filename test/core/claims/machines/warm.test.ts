// Machines that a pool keeps ready: as many as it declares, handed over to requests, and what becomes of them when a
// request cannot use them.
import { describe, expect, test } from '@jest/globals';
import {
  decideWarm,
  forgetEnded,
  readyMachines,
  returnUnstartable,
  takeWarm,
  warmFor,
  warmTenant,
} from '../../../../lib/core/claims/machines/warm.ts';
import type { ReadyMachine } from '../../../../lib/core/claims/machines/warm.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import type { PoolMemory } from '../../../../lib/core/plan/observation.ts';
import type { SeenMachine } from '../../../../lib/core/plan/listing.ts';
import type { ClaimRecord, MachineSpec } from '../../../../lib/core/records/claim.ts';
import type { MachinePart } from '../../../../lib/core/records/machine.ts';
import { timesUsage } from '../../../../lib/core/records/pool.ts';
import type { Usage, WarmSpec } from '../../../../lib/core/records/pool.ts';
import {
  claimCopy,
  claimListing,
  group,
  lastEntry,
  machines,
  machineSpec,
  machineThere,
  machineWish,
  newlyClaimed,
  node,
  nowMs,
  offer,
  offerings,
  pool,
  seenMachine,
  storage,
  typeOf,
  volumeWish,
} from '../../builders.ts';

type World = NonNullable<Parameters<typeof claimCopy>[0]>;
type Copy = ReturnType<typeof claimCopy>;

const wish: WarmSpec = { running: 1, stopped: 1, needs: machineSpec.needs, requirements: {}, imageId: null };
const minute = 60_000;

/** What a claim for such a machine asks for. */
const warmSpec = ((): MachineSpec => {
  const copy = claimCopy({ pool: pool({ warm: wish }) });
  decideWarm(copy);
  const spec = copy.claim('w-n1')?.spec;
  if (spec?.type !== 'virtual_machine') throw new Error('no warm machine is made');
  return spec;
})();

/** There and ready for more than a minute. */
function warm(id: string, more: Partial<ClaimRecord> = {}, part: Partial<MachinePart> = {}): ClaimRecord {
  const fresh = newlyClaimed(`w-${id}`, warmSpec, { tenant: warmTenant });
  return {
    ...fresh,
    state: 'active',
    startedAtMs: nowMs - 10 * minute,
    machines: fresh.machines.map((one) => machineThere(one, `i-${id}`, part)),
    ...more,
  };
}

const stopped = (id: string, more: Partial<ClaimRecord> = {}): ClaimRecord =>
  warm(id, { power: 'stopped', ...more }, { stoppedSinceMs: nowMs - minute });

const usage = (instances: number): Usage => timesUsage(node().reserved, instances);

/** What newClaim says of its time. */
function accepted(claim: ClaimRecord | undefined): Partial<ClaimRecord> {
  return { createdAtMs: nowMs, timeline: claim?.timeline ?? [] };
}

/** Still being launched. */
const coming = (id: string, more: Partial<ClaimRecord> = {}): ClaimRecord =>
  newlyClaimed(`w-${id}`, warmSpec, { tenant: warmTenant, ...more });

function kept(claims: readonly ClaimRecord[], declared: Partial<WarmSpec> | null = {}, world: World = {}): Copy {
  const copy = claimCopy({
    pool: pool(declared === null ? {} : { warm: { ...wish, ...declared } }),
    ...world,
    claims: [...claims, ...(world.claims ?? [])],
  });
  decideWarm(copy);
  return copy;
}

const added = (copy: Copy): readonly string[] =>
  copy
    .changedClaims()
    .filter((claim) => claim.createdAtMs === nowMs)
    .map((claim) => claim.id);
const leaving = (copy: Copy): readonly string[] =>
  copy
    .claims()
    .filter((claim) => claim.cancelRequestedAtMs === nowMs)
    .map((claim) => claim.id);
const powers = (copy: Copy): Readonly<Record<string, string>> =>
  Object.fromEntries(copy.changedClaims().map((claim) => [claim.id, claim.power]));

/** EC2 has no capacity for the small type in zone za. */
const refusedMemory: PoolMemory = {
  ...emptyMemory,
  refusals: {
    [offerings[0]?.id ?? '']: {
      untilMs: nowMs + minute,
      waitMs: minute,
      code: 'InsufficientInstanceCapacity',
      message: 'none',
    },
  },
};

describe('as many as the pool declares', () => {
  test('are made where there are none', () => {
    const copy = kept([]);
    expect(added(copy)).toEqual(['w-n1', 'w-n2']);
    expect(copy.claim('w-n1')).toEqual(
      newlyClaimed('w-n1', { ...machineSpec }, { tenant: '(warm)', ...accepted(copy.claim('w-n1')) }),
    );
  });

  test('are of the kind that it declares', () => {
    const needs = { vcpu: 4, memoryMib: 8192, gpu: 0, arch: 'arm64' } as const;
    const requirements = { zone: ['zb'] };
    const spec = kept([], { running: 1, stopped: 0, needs, requirements, imageId: 'ami-1' }).claim('w-n1')?.spec;
    expect(spec).toEqual({ ...machineSpec, needs, requirements, imageId: 'ami-1' });
  });

  test('are there already: nothing changes', () => {
    const copy = kept([warm('a'), stopped('b')]);
    expect([copy.changedClaims(), copy.isMoving, copy.dueAtMs]).toEqual([[], false, []]);
  });

  test('are made up to that number, those that come counted', () => {
    expect(added(kept([warm('a')]))).toEqual(['w-n1']);
    expect(added(kept([warm('a'), coming('b')], { running: 2, stopped: 0 }))).toEqual([]);
    expect(added(kept([warm('a')], { running: 1, stopped: 0 }))).toEqual([]);
    expect(added(kept([warm('a', { cancelRequestedAtMs: 5 })], { running: 1, stopped: 0 }))).toEqual(['w-n1']);
    expect(added(kept([warm('a', { state: 'releasing' })], { running: 1, stopped: 0 }))).toEqual(['w-n1']);
    expect(added(kept([machines('m')], { running: 1, stopped: 0 }))).toEqual(['w-n1']);
  });

  test('stay where the pool is declared anew in another order, and go where anything of it is another', () => {
    const { arch, gpu, memoryMib, vcpu } = warmSpec.needs;
    const requirements = { zone: ['za', 'zb'], instanceFamily: ['m6i', 'm7i'] };
    const kinds = { ...warmSpec, requirements };
    const standing = [warm('a', { spec: kinds })];
    const again = { instanceFamily: ['m7i', 'm6i'], zone: ['zb', 'za'] };
    const declared = { running: 1, stopped: 0, needs: { arch, gpu, memoryMib, vcpu }, requirements: again };
    expect(JSON.stringify(declared.needs)).not.toBe(JSON.stringify(warmSpec.needs));
    expect(leaving(kept(standing, declared))).toEqual([]);
    expect(leaving(kept(standing, { ...declared, needs: { ...declared.needs, vcpu: vcpu + 1 } }))).toEqual(['w-a']);
    expect(leaving(kept(standing, { ...declared, imageId: 'ami-2' }))).toEqual(['w-a']);
    expect(leaving(kept(standing, { ...declared, requirements: { ...again, zone: ['za'] } }))).toEqual(['w-a']);
  });

  test('are none where the pool declares none, or is being deleted', () => {
    for (const copy of [kept([warm('a')], null), kept([warm('a')], {}, { isPoolDeleting: true })]) {
      expect([leaving(copy), added(copy), copy.isMoving]).toEqual([['w-a'], [], true]);
      expect(copy.claim('w-a')?.timeline.at(-1)).toMatchObject({
        atMs: nowMs,
        stage: 'active',
        code: 'release_requested',
        message: 'pool p keeps no machine like it any more',
      });
    }
    expect(leaving(kept([machines('m')], null))).toEqual([]);
  });

  test('are replaced where the pool declares another kind, or may not have theirs any more', () => {
    const other = kept([warm('a')], { running: 1, stopped: 0, imageId: 'ami-2' });
    expect([leaving(other), added(other)]).toEqual([['w-a'], ['w-n1']]);
    const only = { offerings: offerings.filter((one) => one.zone === 'zb') };
    const gone = kept([warm('a'), coming('b')], {}, only);
    expect([leaving(gone), added(gone)]).toEqual([['w-a'], ['w-n1']]);
  });

  test('wait while a request waits for room below the limits', () => {
    const copy = claimCopy({ pool: pool({ warm: wish }) });
    copy.short = { request: 'm', usage: usage(0), needed: usage(1) };
    decideWarm(copy);
    expect(added(copy)).toEqual([]);
  });
});

describe('a machine that could not be had', () => {
  const failed = (agoMs: number, more: Partial<ClaimRecord> = {}): ClaimRecord =>
    coming('f', { state: 'failed', endedAtMs: nowMs - agoMs, ...more });
  const one = { running: 1, stopped: 0 };

  test('is tried again five minutes later', () => {
    const soon = kept([], one, { warmFailed: [failed(299_999)] });
    expect([added(soon), soon.droppedWarm, soon.dueAtMs]).toEqual([[], [], [nowMs + 1]]);
    const due = kept([], one, { warmFailed: [failed(300_000)] });
    expect([added(due), due.droppedWarm, due.dueAtMs]).toEqual([['w-n1'], ['w-f'], []]);
    expect(added(kept([], wish, { warmFailed: [failed(0)] }))).toEqual(['w-n1']);
    // It failed by a clock that was far ahead.
    expect(added(kept([], one, { warmFailed: [failed(-3_600_000)] }))).toEqual(['w-n1']);
  });

  test('is forgotten where the pool declares another kind, or none', () => {
    const other = kept([], { ...one, imageId: 'ami-2' }, { warmFailed: [failed(0)] });
    expect([other.droppedWarm, added(other)]).toEqual([['w-f'], ['w-n1']]);
    expect(kept([], null, { warmFailed: [failed(0)] }).droppedWarm).toEqual(['w-f']);
  });
});

describe('running and stopped', () => {
  test('what runs beyond the number is stopped where stopped ones lack', () => {
    const copy = kept([warm('a', { createdAtMs: 1 }), warm('b')]);
    expect(powers(copy)).toEqual({ 'w-a': 'stopped' });
    expect([lastEntry(copy, 'w-a'), copy.isMoving]).toEqual([
      'stop_requested: is kept stopped for the next request',
      true,
    ]);
    expect(copy.claim('w-a')?.timeline.at(-1)).toMatchObject({ atMs: nowMs, stage: 'active' });
  });

  test('of those created at once the last by id', () => {
    expect(powers(kept([warm('b'), warm('a')]))).toEqual({ 'w-b': 'stopped' });
    expect(powers(kept([warm('a'), warm('b')]))).toEqual({ 'w-b': 'stopped' });
  });

  test('one that still comes before one that is there', () => {
    const copy = kept([coming('a', { createdAtMs: -5 }), warm('b')]);
    expect(powers(copy)).toEqual({});
    // It is stopped once it is there.
    expect(copy.dueAtMs).toEqual([nowMs + minute]);
  });

  test('not before its first boot is over, nor soon after EC2 refused to stop it', () => {
    const booting = kept([warm('a', { createdAtMs: 1, startedAtMs: nowMs - minute + 1 }), warm('b')]);
    expect([powers(booting), booting.dueAtMs]).toEqual([{}, [nowMs + 1]]);
    expect(powers(kept([warm('a', { createdAtMs: 1, startedAtMs: nowMs - minute }), warm('b')]))).not.toEqual({});
    const refused = (agoMs: number): Copy => {
      const entry = { stage: 'active', message: '' };
      const timeline = [
        { ...entry, atMs: nowMs - agoMs, code: 'stop_refused' },
        { ...entry, atMs: nowMs - agoMs, code: 'other' },
      ];
      return kept([warm('a', { createdAtMs: 1, timeline }), warm('b')]);
    };
    expect([powers(refused(299_999)), refused(299_999).dueAtMs]).toEqual([{}, [nowMs + 1]]);
    expect(powers(refused(300_000))).toEqual({ 'w-a': 'stopped' });
  });

  test('what is stopped beyond the number is started where running ones lack', () => {
    const copy = kept([stopped('a', { createdAtMs: 1 }), stopped('b')]);
    expect(powers(copy)).toEqual({ 'w-a': 'running' });
    expect(lastEntry(copy, 'w-a')).toBe('start_requested: is kept running for the next request');
  });

  test('what is too many of both is released', () => {
    const copy = kept([warm('a'), warm('b'), stopped('c'), stopped('d')]);
    expect(leaving(copy)).toEqual(['w-b', 'w-d']);
    expect(lastEntry(copy, 'w-b')).toBe('release_requested: pool p keeps fewer');
  });

  test('three that run, where one of each is declared: one is stopped, one is released', () => {
    const copy = kept([warm('a'), warm('b'), warm('c')]);
    expect(leaving(copy)).toEqual(['w-c']);
    expect(powers(copy)).toEqual({ 'w-b': 'stopped', 'w-c': 'running' });
    const three = kept([stopped('a'), stopped('b'), stopped('c')]);
    expect(leaving(three)).toEqual(['w-c']);
    expect(powers(three)).toEqual({ 'w-b': 'running', 'w-c': 'stopped' });
  });
});

describe('room for a request that waits for the limits', () => {
  /** Two of the pool's three instances are warm; the request needs so many. */
  const waiting = (needed: number, claims: readonly ClaimRecord[]): Copy => {
    const copy = claimCopy({ pool: pool({ warm: { ...wish, running: 2 }, limits: { instances: 3 } }), claims });
    copy.short = { request: 'm', usage: usage(3), needed: usage(needed) };
    decideWarm(copy);
    return copy;
  };
  const two = [warm('a', { createdAtMs: 1 }), warm('b', { createdAtMs: 2 })];

  test('comes from the newest', () => {
    const copy = waiting(1, two);
    expect(leaving(copy)).toEqual(['w-b']);
    expect(lastEntry(copy, 'w-b')).toBe('release_requested: makes room for m');
    expect(added(copy)).toEqual([]);
    expect(leaving(waiting(1, [warm('b'), warm('a')]))).toEqual(['w-b']);
    expect(leaving(waiting(1, [warm('a'), warm('b')]))).toEqual(['w-b']);
  });

  test('comes from as many as it takes', () => {
    expect(leaving(waiting(2, two))).toEqual(['w-a', 'w-b']);
  });

  test('does not come from those whose room would not be enough', () => {
    expect(leaving(waiting(3, two))).toEqual([]);
  });

  test('is there already with what is being released, or was never launched', () => {
    expect(leaving(waiting(1, [warm('a'), warm('c', { state: 'releasing' })]))).toEqual([]);
    expect(leaving(waiting(1, [coming('a'), coming('b')]))).toEqual([]);
    const gone = warm('c', { state: 'releasing' }, { state: 'gone' });
    expect(leaving(waiting(1, [warm('a'), gone]))).toEqual(['w-a']);
  });
});

describe('machines that are ready', () => {
  const listedAs = (...all: readonly (readonly [id: string, state: SeenMachine['state']])[]): World => ({
    listing: claimListing({ machines: all.map(([id, state]) => seenMachine(`i-${id}`, { state })) }),
  });
  const readyIds = (claims: readonly ClaimRecord[], world: World): readonly string[] =>
    readyMachines(claimCopy({ ...world, claims })).map((one) => one.claim.id);

  test('run or are stopped as they should, as EC2 shows them: running ones first, then the oldest', () => {
    const claims = [
      stopped('a', { createdAtMs: 1 }),
      warm('b', { createdAtMs: 3 }),
      warm('d', { createdAtMs: 2 }),
      warm('c', { createdAtMs: 2 }),
    ];
    const world = listedAs(['a', 'stopped'], ['b', 'running'], ['c', 'running'], ['d', 'running']);
    const ready = readyMachines(claimCopy({ ...world, claims }));
    expect(ready.map((one) => [one.claim.id, one.isRunning])).toEqual([
      ['w-c', true],
      ['w-d', true],
      ['w-b', true],
      ['w-a', false],
    ]);
    expect(ready[0]).toMatchObject({ part: { instanceId: 'i-c' }, offering: offerings[0] });
  });

  test('are none that start or stop, that EC2 does not list, or that may not be had any more', () => {
    expect(readyIds([warm('a')], listedAs(['a', 'pending']))).toEqual([]);
    expect(readyIds([stopped('a')], listedAs(['a', 'running']))).toEqual([]);
    expect(readyIds([warm('a')], {})).toEqual([]);
    expect(readyIds([warm('a')], { ...listedAs(['a', 'running']), offerings: offerings.slice(1) })).toEqual([]);
  });

  test('are none that are released, still come, or are a request’s', () => {
    const world = listedAs(['a', 'running'], ['m-0', 'running']);
    expect(readyIds([warm('a', { cancelRequestedAtMs: 1 })], world)).toEqual([]);
    expect(readyIds([warm('a', { state: 'pending' })], world)).toEqual([]);
    expect(readyIds([machines('m')], world)).toEqual([]);
    expect(readyIds([warm('a')], world)).toEqual(['w-a']);
  });

  test('are none that are stopped where EC2 has no capacity to start them', () => {
    const world = { ...listedAs(['a', 'stopped'], ['b', 'running']), memory: refusedMemory };
    expect(readyIds([stopped('a'), warm('b')], world)).toEqual(['w-b']);
  });
});

describe('what a request takes', () => {
  const ready = (id: string, at = 0): ReadyMachine => {
    const claim = warm(id);
    const [part] = claim.machines;
    const offering = offerings[at];
    if (!part || !offering) throw new Error('no such offering');
    return { claim, part, offering, isRunning: true };
  };
  const chosen = (
    spec: Partial<MachineSpec>,
    all: readonly ReadyMachine[],
    count = 1,
    able = offerings,
  ): readonly string[] =>
    warmFor(claimCopy(), { ...machineSpec, ...spec }, count, able, all).map((one) => one.claim.id);

  test('is as many as it needs, in their order', () => {
    const all = [ready('a'), ready('b', 1), ready('c')];
    expect(chosen({}, all, 2)).toEqual(['w-a', 'w-b']);
    expect(chosen({}, all, 9)).toEqual(['w-a', 'w-b', 'w-c']);
  });

  test('is of an offering that can do it, at no more than twice the price of its cheapest', () => {
    expect(chosen({}, [ready('a'), ready('b', 1)], 2, offerings.slice(1))).toEqual(['w-b']);
    const cheap = offer(typeOf('t9.small', 2, 4, 0.05), 'za', 'on-demand');
    expect(chosen({}, [ready('a')], 1, [...offerings, cheap])).toEqual(['w-a']);
    expect(chosen({}, [ready('a')], 1, [...offerings, { ...cheap, priceUsdPerHour: 0.049 }])).toEqual([]);
  });

  test('has its image', () => {
    expect(chosen({ imageId: 'ami-amd64' }, [ready('a')])).toEqual(['w-a']);
    expect(chosen({ imageId: 'ami-2' }, [ready('a')])).toEqual([]);
    const own = ready('a');
    const other: ReadyMachine = { ...own, claim: { ...own.claim, spec: { ...machineSpec, imageId: 'ami-2' } } };
    expect(chosen({ imageId: 'ami-2' }, [other])).toEqual(['w-a']);
    expect(chosen({}, [other])).toEqual([]);
  });

  test.each([
    ['spot', { capacityType: 'spot' }],
    ['user data', { userData: 'AA==' }],
    ['a key pair', { keyName: 'k' }],
    ['a role', { instanceProfile: 'p' }],
    ['a subnet', { subnetId: 'subnet-1' }],
    ['new volumes', { volumes: [volumeWish] }],
  ] as const)('is none where it asks for %s, which only a launch can give', (_what, spec) => {
    expect(chosen(spec, [ready('a')])).toEqual([]);
  });

  test('becomes its machine, and leaves the warm pool', () => {
    const claim = machineWish('m', { count: 2 });
    const all = [ready('a'), ready('b', 1)];
    const stoppedOne = ready('b', 1);
    const second: ReadyMachine = {
      ...stoppedOne,
      isRunning: false,
      part: { ...stoppedOne.part, stoppedSinceMs: nowMs - 9 },
    };
    const copy = claimCopy({ claims: [claim, ...all.map((one) => one.claim)] });
    const left = [ready('c'), second, ready('d')];
    const taken = takeWarm(copy, claim, claim.machines.slice(1), [second], left);
    expect(taken).toBe(copy.claim('m'));
    expect(taken.machines[0]).toBe(claim.machines[0]);
    expect(taken.machines[1]).toEqual({
      ...second.part,
      index: 1,
      stoppedSinceMs: null,
      stoppedMs: 9,
      warm: { id: 'w-b', spec: warmSpec },
    });
    expect(taken.grantSinceMs).toBe(nowMs);
    expect(copy.claim('w-b')).toBeUndefined();
    expect(copy.claim('w-a')).toBeDefined();
    expect(left.map((one) => one.claim.id)).toEqual(['w-c', 'w-d']);
    expect(taken.timeline.at(-1)).toEqual({
      atMs: nowMs,
      stage: 'pending',
      code: 'warm_taken',
      message: 'takes i-b (c7.large, stopped) from the warm pool',
    });
  });

  test('is named, five at most', () => {
    const claim = machineWish('m', { count: 6 });
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ready(id));
    const copy = claimCopy({ claims: [claim] });
    takeWarm(copy, claim, claim.machines, all, [...all]);
    expect(lastEntry(copy, 'm')).toMatch(
      /^warm_taken: takes i-a \(c7.large, running\), i-b .*, i-e \(c7.large, running\) from the warm pool$/,
    );
  });
});

const fromWarm = (more: Partial<MachinePart> = {}, claim: Partial<ClaimRecord> = {}): ClaimRecord => {
  const one = machines('m', { count: 2 }, { state: 'pending', startedAtMs: null, ...claim });
  const warmOrigin = { id: 'w-a', spec: machineSpec };
  return { ...one, machines: one.machines.map((part, n) => (n === 0 ? { ...part, warm: warmOrigin, ...more } : part)) };
};

describe('a warm machine that ends before its request is granted', () => {
  const after = (claim: ClaimRecord, state: SeenMachine['state'] | null): [ClaimRecord, Copy] => {
    const instances = state === null ? [] : ['i-m-0', 'i-m-1'].map((id) => seenMachine(id, { state }));
    const copy = claimCopy({ claims: [claim], listing: claimListing({ machines: instances }) });
    return [forgetEnded(copy, claim), copy];
  };

  test.each(['shutting-down', 'terminated'] as const)('%s, is replaced', (state) => {
    const claim = fromWarm();
    const [next, copy] = after(claim, state);
    expect(next.machines[0]).toEqual(machineWish('m', { count: 2 }).machines[0]);
    expect(next.machines[1]).toBe(claim.machines[1]);
    expect(copy.claim('m')).toBe(next);
    expect(next.timeline.at(-1)).toEqual({
      atMs: nowMs,
      stage: 'pending',
      code: 'warm_lost',
      message: 'i-m-0 had ended already',
    });
  });

  test('is not replaced while it lives, once its request was granted, or in another kind of request', () => {
    for (const state of ['running', 'stopped', null] as const) {
      const claim = fromWarm();
      expect(after(claim, state)[0]).toBe(claim);
    }
    for (const claim of [
      fromWarm({}, { startedAtMs: 1 }),
      fromWarm({}, { state: 'active' }),
      fromWarm({ warm: undefined as never }),
      storage('s', 'za', { state: 'pending', startedAtMs: null }),
    ])
      expect(after(claim, 'terminated')[0]).toBe(claim);
  });
});

describe('a stopped machine that EC2 has no capacity to start', () => {
  const returned = (
    claim: ClaimRecord,
    world: World = {},
    state: SeenMachine['state'] = 'stopped',
  ): [boolean, Copy] => {
    const instances = ['i-m-0', 'i-m-1'].map((id) => seenMachine(id, { state }));
    const copy = claimCopy({
      claims: [claim],
      listing: claimListing({ machines: instances }),
      memory: refusedMemory,
      ...world,
    });
    return [returnUnstartable(copy, claim), copy];
  };

  test('returns to the warm pool, and its request buys another', () => {
    const claim = fromWarm();
    const [isReturned, copy] = returned(claim);
    expect([isReturned, copy.isMoving]).toEqual([true, true]);
    expect(copy.claim('m')?.machines).toEqual([machineWish('m', { count: 2 }).machines[0], claim.machines[1]]);
    expect(copy.claim('m')?.timeline.at(-1)).toMatchObject({ atMs: nowMs, stage: 'pending', code: 'no_capacity' });
    expect(lastEntry(copy, 'm')).toMatch(
      /^no_capacity: EC2 has no capacity to start i-m-0; returned to the warm pool$/,
    );
    const back = copy.claim('w-a');
    expect(back).toMatchObject({
      tenant: warmTenant,
      state: 'active',
      power: 'stopped',
      reason: 'stopped',
      startedAtMs: nowMs,
      cancelRequestedAtMs: null,
      spec: machineSpec,
      machines: [{ index: 0, instanceId: 'i-m-0', stoppedSinceMs: nowMs, state: 'there' }],
    });
    expect(back?.machines[0]).not.toHaveProperty('warm');
  });

  test('is released where its request has security groups: it may have them attached, and would keep them', () => {
    const groups = [group('m')];
    expect(returned(fromWarm(), { groups })[1].claim('w-a')?.cancelRequestedAtMs).toBe(nowMs);
  });

  test('stays otherwise', () => {
    expect(returned(fromWarm({}, { startedAtMs: 1 }))[0]).toBe(false);
    expect(returned(fromWarm({ warm: undefined as never }))[0]).toBe(false);
    expect(returned(storage('s', 'za', { startedAtMs: null }))[0]).toBe(false);
    expect(returned(fromWarm(), {}, 'running')[0]).toBe(false);
    expect(returned(fromWarm({ zone: 'zb' }))[0]).toBe(false);
    const [isReturned, copy] = returned(fromWarm(), { memory: emptyMemory });
    expect([isReturned, copy.changedClaims(), copy.isMoving]).toEqual([false, [], false]);
  });
});
