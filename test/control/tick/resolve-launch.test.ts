// One launch and EC2's word on its token: what is written before each call, and which answer closes the launch.
import { describe, expect, test } from '@jest/globals';
import { FencedError, takeLock } from '../../../lib/control/coordination/lock.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import type { LaunchKind, MadeInstance } from '../../../lib/control/tick/launch-kind.ts';
import { resolveLaunchToken } from '../../../lib/control/tick/resolve-launch.ts';
import type { NodeLaunch } from '../../../lib/core/records/launch.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError, TokenUsedError } from '../../../lib/ports/cloud.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import { launch, pool as poolSpec } from '../../core/builders.ts';
import { BareWorld, settings } from '../bare-world.ts';

type Kind = LaunchKind<NodeLaunch, MadeInstance>;

const { callLifeMs, listingsApartMs } = settings.decisions;
const unused = (): never => {
  throw new Error('not for resolving a token');
};

function made(id: string): MadeInstance {
  return { id, instanceType: 'c6a.large', zone: 'za', capacityType: 'on-demand' };
}

function refusal(scope: 'account' | 'request', isTokenUsed = false): CloudRefusedError {
  return new CloudRefusedError({ code: 'No', scope, about: null, message: 'no' }, isTokenUsed);
}

/** A launch of another tick's that may be repeated: `calls` made, none of them under way. */
const repeated: Partial<NodeLaunch> = { calls: 2, callingSinceMs: null };

async function open(more: Partial<NodeLaunch> = {}, own: Partial<Kind> = {}) {
  const world = new BareWorld();
  const lines: unknown[][] = [];
  const ports = { ...world.ports, log: { write: (...line: unknown[]) => void lines.push(line) } };
  const lock = await takeLock(ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  const key = keys.launch('p', 'l-1');
  const record = launch('l-1', { callingSinceMs: world.nowMs, nextTryAtMs: world.nowMs, ...more });
  const found = await put(ports, { ...key, data: record }, 'absent');
  const stored = async () => (await ports.store.get<NodeLaunch>(key))?.data;
  const seen: { calls: number; listings: number; atCall?: NodeLaunch | undefined } = { calls: 0, listings: 0 };
  const { send = async () => ({ made: [made('i-1')], faults: [] }), list = async () => [], ...rest } = own;
  const kind: Kind = {
    isWhole: () => true,
    asked: unused,
    faultOf: unused,
    handOut: unused,
    noteRefusal: unused,
    ...rest,
    send: async (one) => {
      seen.calls += 1;
      seen.atCall = await stored();
      return send(one);
    },
    list: async (one) => {
      seen.listings += 1;
      return list(one);
    },
  };
  const data = { spec: poolSpec(), specVersion: 1, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null };
  const pool = await put(ports, { pk: keys.pools, sk: 'p', data }, 'absent');
  const resolve = (isMaker: boolean) => resolveLaunchToken({ ports, settings, lock, pool }, kind, found, isMaker);
  return { world, ports, lock, lines, key, found, stored, seen, resolve };
}

describe('the call', () => {
  test('of the tick that wrote the launch is made at once', async () => {
    const { found, resolve, seen, stored } = await open();
    expect(await resolve(true)).toEqual({ kind: 'answered', item: found, answer: { made: [made('i-1')], faults: [] } });
    expect([seen.calls, await stored()]).toEqual([1, found.data]);
  });

  test.each([
    ['of another tick', false, {}],
    ['of the maker, after somebody repeated it', true, { calls: 1 }],
  ])('%s is noted before it is made', async (_who, isMaker, more) => {
    const { found, resolve, seen, stored, world } = await open(more);
    world.nowMs += 7_000;
    const answer = await resolve(isMaker);
    const noted = {
      ...found.data,
      calls: found.data.calls + 1,
      callingSinceMs: world.nowMs,
      // Its maker noted no answer: he may call still.
      unheardUntilMs: world.nowMs - 7_000 + callLifeMs,
      nextTryAtMs: world.nowMs + 5_000,
    };
    expect(seen.atCall).toEqual(noted);
    expect(answer).toMatchObject({ kind: 'answered', item: { data: noted, version: 2 } });
    expect(await stored()).toEqual(noted);
  });

  test.each([
    ['no call is unheard', { callingSinceMs: null, unheardUntilMs: null }, null],
    ['one is', { callingSinceMs: null, unheardUntilMs: 5 }, 5],
    ['the later of two counts', { callingSinceMs: 10, unheardUntilMs: 5 }, 10 + callLifeMs],
    ['or the earlier, where it lasts longer', { callingSinceMs: 10, unheardUntilMs: callLifeMs + 11 }, callLifeMs + 11],
  ])('says until when an earlier one may reach EC2: %s', async (_name, more, wanted) => {
    const { resolve, stored } = await open(more);
    await resolve(false);
    expect((await stored())?.unheardUntilMs).toBe(wanted);
  });

  test('is made until half of the lease has passed', async () => {
    const { resolve, seen, world } = await open();
    world.nowMs += settings.lockLeaseMs / 2;
    expect((await resolve(true)).kind).toBe('answered');
    world.nowMs += 1;
    expect(await resolve(true)).toEqual({ kind: 'nothing' });
    expect(seen.calls).toBe(1);
  });

  test('is not repeated by whoever has lost the lock', async () => {
    const { ports, resolve, seen, world } = await open();
    world.nowMs += settings.lockLeaseMs;
    await takeLock(ports, settings, 'p');
    await expect(resolve(false)).rejects.toThrow(FencedError);
    expect(seen.calls).toBe(0);
  });

  test('is not repeated when another tick was faster', async () => {
    const { found, key, ports, resolve, seen } = await open();
    await put(ports, { ...key, data: found.data }, found.version);
    await expect(resolve(false)).rejects.toThrow(ConditionFailedError);
    await expect(resolve(false)).rejects.not.toThrow(FencedError);
    expect(seen.calls).toBe(0);
  });

  test('that fails otherwise ends the tick, and the launch stays as it is', async () => {
    const { found, resolve, stored } = await open({}, { send: () => Promise.reject(new TypeError('broken')) });
    await expect(resolve(true)).rejects.toThrow('broken');
    expect(await stored()).toEqual(found.data);
  });
});

describe('an answer', () => {
  test.each([
    ['of the maker’s call', true, {}, true],
    ['of a repeat', false, repeated, false],
    ['of the maker’s repeat', true, repeated, false],
  ])('%s: whether it is whole is asked with whether it is the first', async (_name, isMaker, more, wanted) => {
    const firsts: boolean[] = [];
    const isWhole: Kind['isWhole'] = (_launch, _answer, isFirst) => firsts.push(isFirst) > 0;
    const { resolve } = await open(more, { isWhole });
    await resolve(isMaker);
    expect(firsts).toEqual([wanted]);
  });

  test('that is not whole leaves the launch open, with a first listing', async () => {
    const list = async () => [made('i-2'), made('i-1')];
    const { resolve, seen, stored, world } = await open(repeated, { isWhole: () => false, list });
    expect(await resolve(false)).toMatchObject({
      kind: 'open',
      answer: { made: [made('i-1')], faults: [] },
      refusal: null,
      item: { version: 2 },
    });
    expect(await stored()).toMatchObject({
      calls: 3,
      tokenUsed: { code: 'replay', listedAtMs: world.nowMs, instanceIds: ['i-1', 'i-2'] },
      nextTryAtMs: world.nowMs + listingsApartMs,
    });
    expect([seen.calls, seen.listings]).toEqual([1, 1]);
  });
});

describe('a token that was used', () => {
  const used = () => Promise.reject(new TokenUsedError('IdempotentInstanceTerminated', 'used'));

  test('is listed by its tag', async () => {
    const { resolve, stored, world } = await open(repeated, { send: used, list: async () => [made('i-1')] });
    expect(await resolve(false)).toMatchObject({ kind: 'open', answer: null, refusal: null });
    expect((await stored())?.tokenUsed).toEqual({
      code: 'IdempotentInstanceTerminated',
      listedAtMs: world.nowMs,
      instanceIds: ['i-1'],
    });
  });

  test('is asked for again when EC2 cannot list now', async () => {
    const list = () => Promise.reject(new CloudThrottledError('slowly'));
    const { resolve, stored, world, lines } = await open(repeated, { send: used, list });
    expect(await resolve(false)).toMatchObject({ kind: 'open', answer: null, refusal: null });
    expect(await stored()).toMatchObject({ tokenUsed: null, unheardUntilMs: world.nowMs + callLifeMs });
    expect(lines.length).toBe(1);
  });

  test('ends the tick when the listing fails otherwise', async () => {
    const list = () => Promise.reject(new TypeError('broken'));
    const { resolve } = await open(repeated, { send: used, list });
    await expect(resolve(false)).rejects.toThrow('broken');
  });
});

describe('the second listing', () => {
  const listedAtMs = 1_700_000_000_000;
  const tokenUsed = { code: 'replay', listedAtMs, instanceIds: ['i-1', 'i-2'] };

  async function listed(afterMs: number, list: Kind['list']) {
    const one = await open({ ...repeated, tokenUsed }, { list });
    one.world.nowMs = listedAtMs + afterMs;
    // The clock went back to the listing: so did the lock.
    Object.assign(one.lock, { takenAtMs: one.world.nowMs });
    return one;
  }

  test('waits for its time', async () => {
    const { resolve, seen, found, stored } = await listed(listingsApartMs - 1, async () => []);
    expect(await resolve(false)).toEqual({ kind: 'nothing' });
    expect([seen.calls, seen.listings, await stored()]).toEqual([0, 0, found.data]);
  });

  test('settles what agrees with the first, in any order, and calls no more', async () => {
    const list = async () => [made('i-2'), made('i-1')];
    const { resolve, seen, found, stored } = await listed(listingsApartMs, list);
    expect(await resolve(false)).toEqual({ kind: 'listed', item: found, made: await list(), code: 'replay' });
    expect([seen.calls, seen.listings, await stored()]).toEqual([0, 1, found.data]);
  });

  test('is the first again while they differ', async () => {
    const { resolve, stored, world, found } = await listed(listingsApartMs, async () => [made('i-1')]);
    expect(await resolve(false)).toEqual({ kind: 'open', item: found, answer: null, refusal: null });
    expect(await stored()).toMatchObject({
      tokenUsed: { code: 'replay', listedAtMs: world.nowMs, instanceIds: ['i-1'] },
      nextTryAtMs: world.nowMs + listingsApartMs,
    });
  });

  test('is the first where a clock that was ahead made the one before, also where they agree', async () => {
    const list = async () => [made('i-2'), made('i-1')];
    const waits = await listed(1 - listingsApartMs, list);
    expect(await waits.resolve(false)).toEqual({ kind: 'nothing' });
    const { resolve, stored, world } = await listed(-listingsApartMs, list);
    expect((await resolve(false)).kind).toBe('open');
    expect((await stored())?.tokenUsed).toEqual({ ...tokenUsed, listedAtMs: world.nowMs });
  });

  test('is tried again when EC2 cannot list now', async () => {
    const { resolve, stored } = await listed(listingsApartMs, () => Promise.reject(new CloudThrottledError('slowly')));
    expect((await resolve(false)).kind).toBe('open');
    expect((await stored())?.tokenUsed).toEqual(tokenUsed);
  });
});

describe('a refusal', () => {
  test.each([
    ['no other call can be under way', refusal('account'), { ...repeated, unheardUntilMs: null }],
    ['the other calls have ended', refusal('account'), { ...repeated, unheardUntilMs: 1_800_000_000_000 }],
    ['EC2 noted the token', refusal('account', true), { ...repeated, unheardUntilMs: 1_800_000_000_001 }],
  ])('closes the launch: %s', async (_name, error, more) => {
    const { resolve } = await open(more, { send: () => Promise.reject(error) });
    expect(await resolve(false)).toMatchObject({ kind: 'refused', item: { version: 2 }, refusal: error });
  });

  test.each([
    ['of the account is asked again soon', refusal('account'), 1_800_000_000_000 + 8_000 * 0.75],
    ['of the request is asked again when it can be the last', refusal('request'), 1_800_000_000_001],
  ])('%s while an earlier call may be under way', async (_name, error, nextTryAtMs) => {
    const unheardUntilMs = 1_800_000_000_001;
    const { resolve, stored, lines } = await open(
      { ...repeated, unheardUntilMs },
      { send: () => Promise.reject(error) },
    );
    expect(await resolve(false)).toMatchObject({ kind: 'open', answer: null, refusal: error });
    expect(await stored()).toMatchObject({ calls: 3, callingSinceMs: null, unheardUntilMs, nextTryAtMs });
    expect(lines).toEqual([
      [
        'warn',
        'a launch has no final answer yet; it will be repeated with the same token',
        { pool: 'p', launch: 'l-1', error },
      ],
    ]);
  });
});

describe('no answer', () => {
  test.each([
    ['throttled: EC2 has not heard it', new CloudThrottledError('slowly'), null],
    ['lost: EC2 may hear it still', new CloudUnknownError('timeout'), 1_800_000_000_000 + callLifeMs],
  ])('%s', async (_name, error, unheardUntilMs) => {
    const { resolve, stored, world } = await open({}, { send: () => Promise.reject(error) });
    expect(await resolve(true)).toMatchObject({ kind: 'open', answer: null, refusal: null });
    expect(await stored()).toMatchObject({
      // Its maker is not the only one any more.
      calls: 1,
      callingSinceMs: null,
      unheardUntilMs,
      nextTryAtMs: world.nowMs + 750,
    });
  });

  test('is waited for a minute at most', async () => {
    const { resolve, stored, world } = await open(
      { calls: 9, callingSinceMs: null },
      { send: () => Promise.reject(new CloudThrottledError('slowly')) },
    );
    await resolve(false);
    expect(await stored()).toMatchObject({ calls: 10, nextTryAtMs: world.nowMs + 45_000 });
  });
});
