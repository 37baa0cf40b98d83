// Stops and starts on a bare world: what is called, and what EC2's answer, its refusal or its silence leaves behind.
import { describe, expect, test } from '@jest/globals';
import { takeLock } from '../../../../lib/control/coordination/lock.ts';
import type { ControlPorts } from '../../../../lib/control/ports.ts';
import { keys } from '../../../../lib/control/store/keys.ts';
import { put } from '../../../../lib/control/store/store-retry.ts';
import { CallMemory } from '../../../../lib/control/tick/apply/calls.ts';
import { applyPower } from '../../../../lib/control/tick/apply/power.ts';
import type { PoolMemory } from '../../../../lib/core/plan/observation.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { newWarm } from '../../../../lib/core/records/node.ts';
import { usageOf } from '../../../../lib/core/records/limits.ts';
import { starting, stopped, stopping } from '../../../../lib/core/tasks/warm/power.ts';
import { offeringId } from '../../../../lib/core/values/offering.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError } from '../../../../lib/ports/cloud.ts';
import { node, offer, pool as poolSpec, smallType } from '../../../core/builders.ts';
import { BareWorld, settings } from '../../bare-world.ts';

const full = usageOf(offer(smallType, 'za', 'on-demand'));
const refusal = (code: string, scope: 'offering' | 'request' | 'account'): CloudRefusedError =>
  new CloudRefusedError({ code, scope, about: null, message: 'no' });

async function open(to: 'stop' | 'start', answer: () => Promise<void> = async () => {}, askedAgoMs = 10_000) {
  const world = new BareWorld();
  const { nowMs } = world;
  const heard = { nowMs, callLifeMs: 900_000, promptMs: 5_000 };
  const stops = stopping(node({ warm: newWarm(nowMs - 3_600_000, 0.1) }), nowMs - askedAgoMs);
  const before = to === 'stop' ? stops : starting(stopped(stops, 0.002, heard).node, full, nowMs).node;
  const called: string[] = [];
  const call = (what: string) => async (ids: readonly string[]) => {
    called.push(`${what} ${ids.join(' ')}`);
    await answer();
  };
  const cloud = { stop: call('stop'), start: call('start') } as unknown as ControlPorts['cloud'];
  const ports: ControlPorts = { ...world.ports, cloud };
  const lock = await takeLock(ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  const data = { spec: poolSpec(), specVersion: 1, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null };
  const pool = await put(ports, { ...keys.pool('p'), data }, 'absent');
  const key = keys.node('p', before.id);
  await put(ports, { ...key, data: before }, 'absent');
  const context = { ports, settings, lock, pool, calls: new CallMemory(), listing: null };
  const after = async () => (await ports.store.get<NodeRecord>(key))?.data;
  const apply = async (seen?: NodeRecord) =>
    applyPower(context, [{ kind: 'power', to, nodes: [seen ?? (await after()) ?? before] }]);
  const memory = async () => (await ports.store.get<PoolMemory>(keys.memory('p')))?.data;
  return { world, ports, before, key, called, apply, after, memory };
}

describe('a stop or a start', () => {
  test.each(['stop', 'start'] as const)('%s is called once, and its acceptance noted', async (to) => {
    const { apply, called, after, world } = await open(to);
    expect(await apply()).toBe(1);
    expect(called).toEqual([`${to} i-1`]);
    expect((await after())?.warm?.acceptedAtMs).toBe(world.nowMs);
    // What was asked for a moment ago is not asked for again.
    expect(await apply()).toBe(0);
    expect(called).toHaveLength(1);
  });

  test('without an answer is asked for again; after a stop that may come late the node is not started', async () => {
    const lost = async (): Promise<void> => {
      throw new CloudUnknownError('no answer');
    };
    const stop = await open('stop', lost);
    expect(await stop.apply()).toBe(0);
    expect((await stop.after())?.warm).toMatchObject({
      unheardUntilMs: stop.world.nowMs + settings.decisions.callLifeMs,
    });
    stop.world.nowMs += 2 * settings.decisions.listingBusyMs;
    await stop.apply();
    expect(stop.called).toHaveLength(2);
    const start = await open('start', lost);
    expect([await start.apply(), await start.after()]).toEqual([0, start.before]);
  });

  test('that EC2 throttles leaves everything as it was', async () => {
    const start = await open('start', async () => {
      throw new CloudThrottledError('Request limit exceeded.');
    });
    expect([await start.apply(), await start.after()]).toEqual([0, start.before]);
  });

  test('that EC2 throttles at once is asked for later; the node may be started as soon as it is stopped', async () => {
    const { decisions } = settings;
    const answers = [new CloudThrottledError('Request limit exceeded.'), null];
    const next = async (): Promise<void> => {
      const error = answers.shift();
      if (error) throw error;
    };
    const stop = await open('stop', next, 0);
    expect(await stop.apply()).toBe(0);
    expect(await stop.apply()).toBe(0);
    expect(stop.called).toHaveLength(1);
    stop.world.nowMs += 2 * decisions.listingBusyMs;
    expect(await stop.apply()).toBe(1);
    const { warm } = (await stop.after()) ?? stop.before;
    expect(warm).not.toHaveProperty('unheardUntilMs');
    const { nowMs } = stop.world;
    const off = stopped({ ...stop.before, ...(warm ? { warm } : {}) }, 0.002, {
      ...{ nowMs: nowMs + 30_000, callLifeMs: decisions.callLifeMs, promptMs: decisions.listingBusyMs },
    });
    expect(off.node.warm).not.toHaveProperty('unheardUntilMs');
    // Of an earlier call nobody knows what came of it: that a later one was throttled says nothing of it.
    const late = await open('stop', async () => {
      throw new CloudThrottledError('Request limit exceeded.');
    });
    expect([await late.apply(), await late.after()]).toEqual([0, late.before]);
  });

  test('of which EC2 shows nothing is repeated, and noted before: it may come when the node runs again', async () => {
    const seen: (number | undefined)[] = [];
    const stop = await open('stop', async () => void seen.push((await stop.after())?.warm?.unheardUntilMs), 80_000);
    const warm = { ...(stop.before.warm ?? newWarm(0, 0)), acceptedAtMs: stop.world.nowMs - 79_000 };
    await put(stop.ports, { ...stop.key, data: { ...stop.before, warm } }, 1);
    const untilMs = stop.world.nowMs + settings.decisions.callLifeMs;
    expect(await stop.apply()).toBe(1);
    expect(seen).toEqual([untilMs]);
    expect((await stop.after())?.warm).toMatchObject({ unheardUntilMs: untilMs, acceptedAtMs: stop.world.nowMs });
  });

  test('is not repeated where the node was stopped meanwhile', async () => {
    const stop = await open('stop', async () => {}, 80_000);
    const warm = { ...(stop.before.warm ?? newWarm(0, 0)), acceptedAtMs: stop.world.nowMs - 79_000 };
    const late = { ...stop.before, warm };
    await put(stop.ports, { ...stop.key, data: { ...late, state: 'stopped' } }, 1);
    expect(await stop.apply(late)).toBe(0);
    expect(stop.called).toEqual([]);
  });

  test('that a clock decided which was far ahead is called for at once', async () => {
    const [soon, wrong] = [await open('stop', async () => {}, -60_000), await open('stop', async () => {}, -60_001)];
    expect([await soon.apply(), await wrong.apply()]).toEqual([0, 1]);
  });

  test('which EC2 has no capacity for: the node stays stopped, and the offering is not asked for', async () => {
    const { apply, after, memory } = await open('start', async () => {
      throw refusal('InsufficientInstanceCapacity', 'offering');
    });
    expect(await apply()).toBe(1);
    expect(await after()).toMatchObject({ state: 'stopped', reserved: { instances: 0, vcpu: 0 } });
    expect(Object.keys((await memory())?.refusals ?? {})).toEqual([offeringId(smallType.name, 'za', 'on-demand')]);
  });

  test.each(['IncorrectInstanceState', 'InvalidInstanceID.NotFound'])('%s passes', async (code) => {
    const { apply, after, before } = await open('start', async () => {
      throw refusal(code, 'request');
    });
    expect([await apply(), await after()]).toEqual([0, before]);
  });

  test.each([
    ['stop', 'UnauthorizedOperation', 'account'],
    ['start', 'UnsupportedOperation', 'offering'],
  ] as const)('%s refused for good (%s): the node goes, and its pool buys on', async (...of) => {
    const [to, code, scope] = of;
    const { apply, after, memory } = await open(to, async () => {
      throw refusal(code, scope);
    });
    expect(await apply()).toBe(1);
    expect(await after()).toMatchObject({ state: 'terminating', drain: { by: 'refused-power' } });
    expect(await memory()).toBeUndefined();
  });

  test('an answer that comes when the node is on another way changes nothing', async () => {
    const { apply, after, ports, key, before } = await open('start', async () => {
      await put(ports, { ...key, data: { ...before, state: 'terminating' } }, 1);
    });
    await apply();
    expect(await after()).toEqual({ ...before, state: 'terminating' });
  });
});
