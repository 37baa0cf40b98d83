// One sweep after another: when an orphan is seen, noted and reaped, and which pools are woken.
import { describe, expect, test } from '@jest/globals';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { readWake, serveWakes } from '../../../lib/control/coordination/wake.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import { sweep } from '../../../lib/control/sweep/sweep.ts';
import { tagRequest } from '../../../lib/core/records/claim.ts';
import { tagInstallation, tagPool } from '../../../lib/core/records/launch.ts';
import type { CloudListing, ListingScope } from '../../../lib/ports/cloud.ts';
import { CloudThrottledError } from '../../../lib/ports/cloud.ts';
import { poolSpec, settings as local, submission, World } from '../world.ts';

const settings = { ...local, orphanAgeMs: 5_000 };

/** Groups that no record names, as many as `world.groups` says; deleting one takes it from there. */
function swept() {
  const world = new World();
  const lines: unknown[][] = [];
  const scopes: ListingScope[] = [];
  const closed: string[] = [];
  const state: { groups: string[]; error: Error | null } = { groups: [], error: null };
  const tags = { [tagInstallation]: 'test', [tagPool]: 'default', [tagRequest]: 'r-none' };
  const list = async (scope: ListingScope): Promise<CloudListing> => {
    scopes.push(scope);
    if (state.error) throw state.error;
    const groups = state.groups.map((id) => ({ id, name: id, rules: [], tags }));
    return { instances: [], volumes: [], snapshots: [], groups };
  };
  const deleteGroup = async (id: string) => {
    state.groups = state.groups.filter((one) => one !== id);
  };
  const ports = {
    ...world.ports,
    cloud: Object.assign(Object.create(world.ports.cloud) as typeof world.ports.cloud, { list, deleteGroup }),
    bells: { ...world.ports.bells, list: async () => ['i-gone'], close: async (id: string) => void closed.push(id) },
    log: { write: (...line: unknown[]) => void lines.push(line) },
  };
  const orphans = async () => ports.store.get<{ sinceMs: Record<string, number> }>(keys.orphans);
  return { world, ports, lines, scopes, closed, state, orphans, sweep: () => sweep(ports, settings) };
}

function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, n) => `sg-${String(from + n).padStart(5, '0')}`);
}

describe('an orphan', () => {
  test('is noted when it is seen first, and reaped when it still is one after a while', async () => {
    const { sweep: next, state, orphans, world, scopes } = swept();
    state.groups = ['sg-1'];
    const sinceMs = world.nowMs;
    expect(await next()).toEqual({ orphansSeen: 1, reaped: 0 });
    expect((await orphans())?.data.sinceMs).toEqual({ 'sg-1': sinceMs });
    world.nowMs += 4_999;
    expect(await next()).toEqual({ orphansSeen: 1, reaped: 0 });
    expect((await orphans())?.version).toBe(1);
    world.nowMs += 1;
    expect(await next()).toEqual({ orphansSeen: 1, reaped: 1 });
    expect(state.groups).toEqual([]);
    expect(await next()).toEqual({ orphansSeen: 0, reaped: 0 });
    expect((await orphans())?.data.sinceMs).toEqual({});
    expect(scopes[0]).toEqual({ installation: 'test', things: 'all' });
  });

  test('begins anew when it was none meanwhile', async () => {
    const { sweep: next, state, orphans, world } = swept();
    state.groups = ['sg-1'];
    await next();
    state.groups = [];
    await next();
    world.nowMs += 9_000;
    state.groups = ['sg-1'];
    expect(await next()).toEqual({ orphansSeen: 1, reaped: 0 });
    expect((await orphans())?.data.sinceMs).toEqual({ 'sg-1': world.nowMs });
  });

  test('that a clock far ahead has noted is not kept until then', async () => {
    const { sweep: next, state, world } = swept();
    state.groups = ['sg-1'];
    world.nowMs += 3_600_000;
    await next();
    world.nowMs -= 3_590_000;
    expect(await next()).toEqual({ orphansSeen: 1, reaped: 0 });
    world.nowMs += 5_000;
    expect(await next()).toEqual({ orphansSeen: 1, reaped: 1 });
  });

  test('that is not there is not written', async () => {
    const { sweep: next, orphans } = swept();
    expect(await next()).toEqual({ orphansSeen: 0, reaped: 0 });
    expect(await orphans()).toBeNull();
  });

  test('that is new never pushes out what was noted before', async () => {
    const { sweep: next, state, orphans, world } = swept();
    state.groups = numbered(2, 5_000);
    await next();
    const before = world.nowMs;
    world.nowMs += 1_000;
    state.groups = numbered(2_500).concat(state.groups);
    expect(await next()).toEqual({ orphansSeen: 2_502, reaped: 0 });
    const noted = (await orphans())?.data.sinceMs ?? {};
    expect(noted).toMatchObject({ 'sg-05000': before, 'sg-05001': before, 'sg-00000': world.nowMs });
    expect(Object.keys(noted).length).toBe(2_000);
  });
});

describe('many orphans', () => {
  test.each([
    [100, 0.5, numbered(100)],
    [101, 0, numbered(100)],
    [101, 0.99, [...numbered(2, 99), ...numbered(98)]],
    [300, 0.5, numbered(100, 150)],
  ])('%d: a stretch of a hundred goes, from %d on', async (count, random, wanted) => {
    const { sweep: next, state, ports, world } = swept();
    ports.random = { ...ports.random, next: () => random };
    state.groups = numbered(count);
    await next();
    world.nowMs += 5_000;
    expect(await next()).toEqual({ orphansSeen: count, reaped: 100 });
    expect(numbered(count).filter((id) => !state.groups.includes(id))).toEqual([...wanted].sort());
  });
});

describe('EC2', () => {
  test('that cannot be listed now is listed by the next sweep', async () => {
    const { sweep: next, state, lines, orphans, closed } = swept();
    state.error = new CloudThrottledError('slowly');
    expect(await next()).toEqual({ orphansSeen: 0, reaped: 0 });
    expect(lines).toEqual([['warn', 'EC2 could not be listed; the next sweep tries again', { error: state.error }]]);
    expect([await orphans(), closed]).toEqual([null, []]);
  });

  test('that fails otherwise ends the sweep', async () => {
    const { sweep: next, state } = swept();
    state.error = new TypeError('broken');
    await expect(next()).rejects.toThrow('broken');
  });

  test('without a node has its bell closed', async () => {
    const { sweep: next, closed } = swept();
    await next();
    expect(closed).toEqual(['i-gone']);
  });
});

describe('a pool is woken', () => {
  const day = 24 * 3_600_000;

  /** A pool with one open request, its wakes served, and this lock. */
  async function withPool(lock: Partial<LockRecord> | null) {
    const one = swept();
    const { world, ports } = one;
    await world.control.putPool(poolSpec);
    await world.control.submit(submission());
    await serveWakes(ports, 'default');
    const data: LockRecord = { holder: null, epoch: 1, expiresAtMs: 0, nextDueAtMs: null, openRequests: 1, ...lock };
    if (lock) await put(ports, { ...keys.lock('default'), data }, 'absent');
    const wanted = async () => (await readWake(ports, 'default'))?.data.wanted ?? 0;
    const before = await wanted();
    await one.sweep();
    return (await wanted()) > before;
  }

  test.each([
    ['of which more is open than the last tick knew', { openRequests: 0 }, true],
    ['of which less is', { openRequests: 2 }, true],
    ['of which other claims are open', { openClaims: 1 }, true],
    ['of which the last tick knew all', {}, false],
    ['that no tick has looked at', null, true],
    ['that a tick has', { openRequests: 0, holder: 'h', expiresAtMs: 2_000_000_000_000 }, false],
    ['that is due anyway', { openRequests: 0, nextDueAtMs: 7 }, false],
  ])('%s', async (_name, lock, wanted) => {
    expect(await withPool(lock)).toBe(wanted);
  });

  test.each([
    ['when its tombstone may go', day, true],
    ['not before', day - 1, false],
  ])('%s', async (_name, afterMs, wanted) => {
    const { world, ports, sweep: next } = swept();
    await world.control.putPool(poolSpec);
    await world.control.deletePool('default');
    await world.tickDue();
    const lock = await ports.store.get<LockRecord>(keys.lock('default'));
    if (!lock) throw new Error('no tick came');
    // No tick is to come by itself.
    await put(ports, { pk: lock.pk, sk: lock.sk, data: { ...lock.data, nextDueAtMs: null } }, lock.version);
    const before = (await readWake(ports, 'default'))?.data.wanted ?? 0;
    world.nowMs += afterMs;
    await next();
    expect(((await readWake(ports, 'default'))?.data.wanted ?? 0) > before).toBe(wanted);
  });

  test('fifty tombstones at most are woken, and no pool of which nothing was ever open', async () => {
    const { ports, sweep: next } = swept();
    const names = Array.from({ length: 52 }, (_, n) => `p${String(n)}`);
    for (const [n, name] of names.entries()) {
      const times = { createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: n === 0 ? null : 0 };
      const data = { spec: { ...poolSpec, name }, specVersion: 1, ...times };
      await put(ports, { ...keys.pool(name), data }, 'absent');
    }
    await next();
    const wakes = await ports.store.getMany(names.map(keys.wake));
    expect([wakes[0], wakes.filter((one) => one !== null).length]).toEqual([null, 50]);
  });
});
