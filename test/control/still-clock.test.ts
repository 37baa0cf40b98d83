// A process that stood still, and its monotonic clock with it (a function that is frozen between two calls, a laptop
// that sleeps): what it took for granted for a while is looked at again, as time went on everywhere else.
import { expect, test } from '@jest/globals';
import { isTimeToLaunch, isTooLateToCall, takeLock } from '../../lib/control/coordination/lock.ts';
import type { LockRecord } from '../../lib/control/coordination/lock.ts';
import type { ControlPorts } from '../../lib/control/ports.ts';
import { requestItem } from '../../lib/control/requests/submit.ts';
import { withAnnouncedChanges } from '../../lib/control/store/copy/announcing-store.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { NodesSeen } from '../../lib/control/store/seen.ts';
import { put } from '../../lib/control/store/store-retry.ts';
import { node, request } from '../core/builders.ts';
import { BareWorld, settings } from './bare-world.ts';
import { nodesOf, observed, running, tick } from './store/observed-pool.ts';
import { storeWith } from './store-with.ts';
import { submission } from './world.ts';

function stillWorld(): { readonly world: BareWorld; readonly ports: ControlPorts; readonly listed: () => number } {
  const world = new BareWorld();
  const clock = { ...world.ports.clock, monotonicMs: () => 7 };
  const listed = () => world.changes.filter(({ after }) => after?.pk.startsWith('CHANGES#') === true).length;
  return { world, ports: { ...world.ports, clock }, listed };
}

const hourMs = 3_600_000;

test('it lists what it writes, where that was not wanted when it last looked', async () => {
  const { world, ports, listed } = stillWorld();
  const lock: LockRecord = { holder: null, epoch: 1, expiresAtMs: 0, nextDueAtMs: null, openRequests: 0 };
  const { version } = await put(ports, { ...keys.lock('p'), data: lock }, 'absent');
  const frozen = withAnnouncedChanges(ports);
  await put(frozen, requestItem(request('a'), null), 'absent');
  expect(listed()).toBe(0);
  await put(ports, { ...keys.lock('p'), data: { ...lock, listedSinceMs: world.nowMs } }, version);
  world.nowMs += hourMs;
  await put(frozen, requestItem(request('b'), null), 'absent');
  expect(listed()).toBe(1);
});

test('it lists what it writes, where it looked long ago and had the answer just now', async () => {
  const { world, ports, listed } = stillWorld();
  const lock: LockRecord = { holder: null, epoch: 1, expiresAtMs: 0, nextDueAtMs: null, openRequests: 0 };
  const { version } = await put(ports, { ...keys.lock('p'), data: lock }, 'absent');
  let isSlow = true;
  const slow = storeWith(ports.store, {
    get: async (key) => {
      const item = await ports.store.get(key);
      if (key.pk === keys.lock('p').pk && isSlow) world.nowMs += 20_000;
      return item as never;
    },
  });
  const announced = withAnnouncedChanges({ ...ports, store: slow });
  await announced.store.get(keys.lock('p'));
  isSlow = false;
  await put(ports, { ...keys.lock('p'), data: { ...lock, listedSinceMs: 1 } }, version);
  await put(announced, requestItem(request('a'), null), 'absent');
  expect(listed()).toBe(1);
});

test('it lists a change once more that was written long after it was listed', async () => {
  const { world, ports, listed } = stillWorld();
  const lock = { holder: null, epoch: 1, expiresAtMs: 0, nextDueAtMs: null, openRequests: 0, listedSinceMs: 1 };
  await put(ports, { ...keys.lock('p'), data: lock }, 'absent');
  const below = storeWith(ports.store, {
    put: async (write) => {
      if (write.item.pk.startsWith('REQUEST#')) world.nowMs += hourMs;
      return ports.store.put(write);
    },
  });
  await put(withAnnouncedChanges({ ...ports, store: below }), requestItem(request('a'), null), 'absent');
  expect(listed()).toBe(2);
});

test('it calls EC2 no more under a lock whose lease is half over', async () => {
  const { world, ports } = stillWorld();
  const lock = await takeLock(ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  world.nowMs += settings.lockLeaseMs / 4;
  expect(isTimeToLaunch(ports, settings, lock)).toBe(false);
  world.nowMs += 1;
  expect(isTimeToLaunch(ports, settings, lock)).toBe(true);
  world.nowMs += settings.lockLeaseMs / 4 - 1;
  expect(isTooLateToCall(ports, settings, lock)).toBe(false);
  world.nowMs += 1;
  expect(isTooLateToCall(ports, settings, lock)).toBe(true);
});

test.each([
  ['as they are now', hourMs],
  ['also where its wall clock was set back', -hourMs],
])('it shows the nodes of a large pool %s', async (_, ms) => {
  const { world, ports } = stillWorld();
  const ids = Array.from({ length: 60 }, (_one, n) => `i-${String(n).padStart(2, '0')}`);
  for (const id of ids) await put(ports, { ...keys.node('p', id), data: node({ id }) }, 'absent');
  const nodes = new NodesSeen(ports);
  const shown = async () => (await nodes.of('p')).length;
  expect(await shown()).toBe(60);
  await ports.store.delete(keys.node('p', 'i-00'), 1);
  expect(await shown()).toBe(60); // within a second
  world.nowMs += ms;
  expect(await shown()).toBe(59);
});

test('its copy of a pool has the heartbeats that came meanwhile, and no node seems silent', async () => {
  const given = observed({ copyLifeMs: 150_000 });
  const { world } = given;
  let stoodStillMs = 0;
  const clock = { ...world.ports.clock, monotonicMs: () => world.nowMs - stoodStillMs };
  Object.assign(world.ports, { clock });
  await running(given, 3);
  // All of it is read anew.
  world.nowMs += 150_000;
  await world.syncAll();
  await tick(world);
  for (const ms of [50_000, 50_000]) {
    world.nowMs += ms;
    stoodStillMs += ms;
    await world.syncAll();
  }
  const before = nodesOf(given).length;
  const { request: late } = await world.control.submit(submission({}, 'late'));
  await world.control.runTick('default');
  expect(nodesOf(given)).toHaveLength(before);
  expect(nodesOf(given).flatMap((one) => one.assigned.map((task) => task.requestId))).toContain(late.id);
});
