// A store that is restored from a backup while EC2 went on: nothing is launched twice, nothing runs unseen, and what
// applications hold is not taken from them unasked.
import { describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import type { ControlPorts } from '../../../lib/control/index.ts';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { lookAtRestored } from '../../../lib/control/sweep/restored/look.ts';
import { LostClaimsError, reconcileRestored } from '../../../lib/control/sweep/restored/reconcile.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { Item } from '../../../lib/ports/store.ts';
import {
  ClaimWorld,
  Crash,
  machineSpec,
  settings as claimSettings,
  poolSpec as pools,
  storageSpec,
} from '../claims/world.ts';
import { poolSpec, settings, submission, World } from '../world.ts';

const asked = { by: 'the operator', endsClaims: false };
const long = { resources: { cpuMilli: 3_000, memoryMib: 512, gpu: 0 } };

/** While it waits, its time goes on. */
function waiting(world: { nowMs: number; readonly ports: ControlPorts }): ControlPorts {
  const sleep = async (ms: number): Promise<void> => {
    world.nowMs += ms;
  };
  return { ...world.ports, clock: { ...world.ports.clock, sleep } };
}

describe('tasks', () => {
  const storeOf = ({ ports }: World): MemoryStore => {
    if (!(ports.store instanceof MemoryStore)) throw new TypeError('the world has another store');
    return ports.store;
  };
  const live = (world: World): string[] =>
    world.cloud.instances().flatMap((one) => (one.state === 'pending' || one.state === 'running' ? [one.id] : []));

  test.each([
    ['small', 500],
    ['copied by ticks', 0],
  ])('of the restored time run again, once (a pool that is %s)', async (_, from) => {
    const world = new World({ settings: { copiedFromRecords: from } });
    world.ending = () => null;
    await world.control.putPool({ ...poolSpec, idleAfterMs: 300_000 });
    const first = (await world.control.submit(submission(long))).request.id;
    await world.run(60);
    const [known = ''] = live(world);
    const second = (await world.control.submit(submission(long))).request.id;
    const backup = [...storeOf(world).allItems()];

    // The time that will be lost: the first task ends, the second starts, and one comes of which nothing will be known.
    await world.run(10);
    world.ending = (attemptId) => (attemptId.startsWith(first) ? { outcome: 'exited', exitCode: 0 } : null);
    const lost = (await world.control.submit(submission({ resources: { cpuMilli: 7_000, memoryMib: 512, gpu: 0 } })))
      .request.id;
    await world.run(90);
    expect((await world.control.getRequest('default', first))?.state).toBe('succeeded');
    const then = live(world);
    expect(then.length).toBeGreaterThan(1);
    const ran = world.published.length;

    storeOf(world).restore(backup);
    const { before, refused, released, after } = await reconcileRestored(waiting(world), settings, asked);
    expect(before.nodes.map((one) => one.id).sort()).toEqual([...then].sort());
    expect(before.nodes.filter((one) => one.isKnown).map((one) => one.id)).toEqual([known]);
    expect(before.open).toEqual([{ pool: 'default', count: 2, ids: [first, second].sort() }]);
    expect([refused, released, after.nodes]).toEqual([[], null, []]);
    expect(live(world)).toEqual([]);
    const lock = storeOf(world).peek(keys.lock('default')) as Item<LockRecord>;
    // Above those of any time before, an earlier restore from the same items included.
    expect(lock.data.epoch).toBeGreaterThanOrEqual(world.nowMs - 120_000);
    expect(lock.data).not.toHaveProperty('isSettled');

    // The node was ordered to go, so that nobody counts its end against its tasks.
    const notes = [...storeOf(world).allItems()].map((item) => item.data as { code?: string; nodeId?: string });
    expect(notes.filter((one) => one.code === 'node_terminating').map((one) => one.nodeId)).toEqual([known]);

    // The same process goes on, with what it remembers.
    world.ending = () => ({ outcome: 'exited', exitCode: 0 });
    for (let minute = 0; minute < 10; minute += 1) {
      await world.run(60);
      await world.control.sweep();
      expect(live(world).length).toBeLessThanOrEqual(poolSpec.limits.instances ?? 0);
    }
    for (const id of [first, second]) {
      const request = await world.control.getRequest('default', id);
      expect(request).toMatchObject({ state: 'succeeded' });
      expect(JSON.stringify(request)).not.toContain('nodeLosses');
    }
    expect(await world.control.getRequest('default', lost)).toBeNull();
    const ends = world.published.slice(ran).filter((one) => one.type === 'TaskEnded');
    expect(ends.map((one) => one.requestId).sort()).toEqual([first, second].sort());
    expect(live(world)).toEqual([]);
  });
});

describe('claims', () => {
  test('of the lost time are named before anything is changed, and end when that is said, copied first', async () => {
    const world = new ClaimWorld();
    await world.control.putPool(pools);
    const kept = (await world.submit(machineSpec)).id;
    const given = (await world.submit(storageSpec)).id;
    await world.run(120);
    const [instance] = (await world.claim(kept)).machines;
    const backup = [...world.store.allItems()];

    const lost = (await world.submit(machineSpec)).id;
    await world.release(given);
    await world.run(120);
    const [lostMachine] = (await world.claim(lost)).machines;
    const had = world.left();
    const calls = world.mutatingCalls();

    world.store.restore(backup);
    const ports = waiting(world);
    const refusal: unknown = await reconcileRestored(ports, claimSettings, asked).catch((error: unknown) => error);
    if (!(refusal instanceof LostClaimsError)) throw refusal;
    const lostVolumes = lostMachine?.volumes.map((one) => one.volumeId ?? '') ?? [];
    const ids = refusal.lost.map((one) => one.id);
    expect(ids).toEqual(expect.arrayContaining([lostMachine?.instanceId, ...lostVolumes]));
    expect(ids).not.toContain(instance?.instanceId);
    expect(refusal.lost.every((one) => one.request === lost)).toBe(true);
    expect([world.left(), world.mutatingCalls()]).toEqual([had, calls]);
    expect([...world.store.allItems()]).toEqual(backup);

    const { before, released, after } = await reconcileRestored(ports, claimSettings, { ...asked, endsClaims: true });
    expect(before.missing).toEqual([expect.objectContaining({ kind: 'volume', request: given })]);
    expect(released).toContain('1 instances');
    expect(after.lost).toEqual([]);
    const copied = world.ec2.snapshots.all().map((one) => one.volumeId);
    expect(copied).toEqual(expect.arrayContaining(lostVolumes));

    await world.run(400, 5);
    expect(await world.control.sweep()).toMatchObject({ orphansSeen: 0 });
    expect((await world.claim(kept)).machines[0]?.instanceId).toBe(instance?.instanceId);
    expect((await world.claim(kept)).state).toBe('active');
    expect((await world.claim(given)).endedAtMs).not.toBeNull();
    await world.release(kept);
    await world.run(600, 5);
    expect(world.left()).toEqual({ instances: 0, volumes: 0, groups: 0 });
  });

  test('a launch that was open is settled by its tag, and never asked for again', async () => {
    const world = new ClaimWorld();
    await world.control.putPool(pools);
    const { id } = await world.submit({ ...machineSpec, volumes: [], network: null });
    world.onStep = (what) => {
      if (what === 'after RunInstances') throw new Crash();
    };
    await expect(world.run(30)).rejects.toThrow(Crash);
    world.onStep = () => undefined;
    const backup = [...world.store.allItems()];
    world.restart();
    await world.run(120);
    const instanceId = (await world.claim(id)).machines[0]?.instanceId ?? '';
    const launched = world.calls.get('RunInstances');

    world.store.restore(backup);
    const look = await lookAtRestored(world.ports, claimSettings);
    expect(look.launches).toEqual([expect.objectContaining({ pool: 'default', instances: [instanceId] })]);
    expect(look.lost).toEqual([]);
    await reconcileRestored(waiting(world), claimSettings, asked);
    await world.run(300);
    expect((await world.claim(id)).machines[0]?.instanceId).toBe(instanceId);
    expect(world.calls.get('RunInstances')).toBe(launched);
  });
});
