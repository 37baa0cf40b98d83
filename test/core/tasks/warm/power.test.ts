// What a warm node's document says on its way, and what it costs.
import { describe, expect, test } from '@jest/globals';
import { usageOf } from '../../../../lib/core/records/limits.ts';
import { newWarm } from '../../../../lib/core/records/node.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import {
  isKnownToStop,
  nodeUsd,
  startedWarm,
  starting,
  stopped,
  stoppedAgain,
  stopping,
  stoppingAgain,
} from '../../../../lib/core/tasks/warm/power.ts';
import { assignment, node, offer, smallType } from '../../builders.ts';

const hour = 3_600_000;
const volume = 0.002;
const full = usageOf(offer(smallType, 'za', 'on-demand'));
const accepted = (one: NodeRecord, atMs: number): NodeRecord =>
  one.warm === undefined ? one : { ...one, warm: { ...one.warm, acceptedAtMs: atMs } };
const heard = (nowMs: number) => ({ nowMs, callLifeMs: 900_000, promptMs: 5_000 });
const nanoUsd = (costs: readonly { readonly nanoUsd: number }[]): number =>
  costs.reduce((sum, one) => sum + one.nanoUsd, 0);

/** Bought at 0, it runs for an hour, and is stopped ten seconds after it was asked for. */
const stoppedNode = stopped(accepted(stopping(node(), hour - 10_000), hour - 9_000), volume, heard(hour));

describe('a warm node', () => {
  test('costs what it costs while it runs, and its root volume while it is stopped', () => {
    expect(nodeUsd(node(), 2 * hour)).toBeCloseTo(0.2, 9);
    expect(nodeUsd(stoppedNode.node, 11 * hour)).toBeCloseTo(0.1 + 10 * volume, 9);
    const again = starting(stoppedNode.node, full, 11 * hour);
    expect(nodeUsd(again.node, 13 * hour)).toBeCloseTo(0.1 + 10 * volume + 0.2, 9);
  });

  test('passes to the days of its pool what it cost, at the price of each time', () => {
    expect(nanoUsd(stoppedNode.costs)).toBe(100_000_000);
    expect(nanoUsd(starting(stoppedNode.node, full, 11 * hour).costs)).toBe(20_000_000);
  });

  test('that is stopped takes of the limits its root volume alone, and as much as a new one when it starts', () => {
    expect(stoppedNode.node).toMatchObject({
      state: 'stopped',
      priceUsdPerHour: volume,
      lastSeenAtMs: null,
      reserved: { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: volume },
      warm: { stops: 1, runningUsdPerHour: 0.1 },
    });
    const again = starting(stoppedNode.node, full, 11 * hour).node;
    expect(again).toMatchObject({ state: 'starting', priceUsdPerHour: 0.1, reserved: full });
    expect(again.warm?.acceptedAtMs).toBeUndefined();
    expect(stoppingAgain(stoppedNode.node, full, 11 * hour).node).toMatchObject({ state: 'stopping', reserved: full });
  });

  test('that EC2 does not start is stopped as before', () => {
    const refused = stoppedAgain(starting(stoppedNode.node, full, 11 * hour).node, volume, 11 * hour + 1_000).node;
    expect(refused).toMatchObject({ state: 'stopped', priceUsdPerHour: volume, warm: { stops: 1 } });
    expect(refused.reserved).toEqual(stoppedNode.node.reserved);
  });

  test('may be started when no call may come late that stops it again', () => {
    expect(stoppedNode.node.warm?.unheardUntilMs).toBeUndefined();
    const asked = stopping(node(), hour);
    expect(stopped(asked, volume, heard(hour + 9_000)).node.warm?.unheardUntilMs).toBe(hour + 909_000);
    expect(stopped(accepted(asked, hour + 8_000), volume, heard(hour + 9_000)).node.warm?.unheardUntilMs).toBe(
      hour + 909_000,
    );
  });

  test('may be started where EC2 accepted the stop promptly and nothing else was asked', () => {
    const asked = stopping(node(), hour);
    expect(asked).toMatchObject({ state: 'stopping', warm: { askedAtMs: hour } });
    const unheardOf = (one: NodeRecord) => stopped(one, volume, heard(hour + 9_000)).node.warm?.unheardUntilMs;
    expect(unheardOf(accepted(asked, hour + 5_000))).toBeUndefined();
    expect(unheardOf(accepted(asked, hour + 5_001))).toBe(hour + 909_000);
    // The accepted call is one of several: nobody knows the end of another.
    const { warm } = accepted(asked, hour + 1_000);
    if (warm === undefined) throw new Error('it is a warm node');
    expect(unheardOf({ ...asked, warm: { ...warm, unheardUntilMs: hour + 10_000 } })).toBe(hour + 909_000);
    expect(stopping({ ...asked, warm: { ...warm, unheardUntilMs: 1 } }, 2 * hour).warm).toEqual({
      ...newWarm(asked.createdAtMs, 0.1),
      askedAtMs: 2 * hour,
    });
  });

  test('learns how long its start took', () => {
    const { warm } = starting(stoppedNode.node, full, 11 * hour).node;
    if (warm === undefined) throw new Error('it is a warm node');
    expect(startedWarm(warm, 11 * hour + 20_000).lastStart).toEqual({ readyAtMs: 11 * hour + 20_000, tookMs: 20_000 });
  });
});

describe('a listing that shows a node stopped, or not yet stopped', () => {
  const readyAtMs = 5 * hour;
  const knownOf = (more: Partial<NodeRecord>, atMs = readyAtMs + hour) =>
    isKnownToStop(node({ warm: newWarm(0, 0.1), ...more }), { atMs }, { listingsApartMs: 30_000 });
  const working = [assignment('r')];

  test.each(['stopping', 'stopped', 'starting', 'terminating'] as const)('is no news while it is %s', (state) => {
    expect(knownOf({ state, assigned: working })).toBe(true);
    const plain = node({ state, assigned: working });
    expect(isKnownToStop(plain, { atMs: readyAtMs }, { listingsApartMs: 30_000 })).toBe(false);
  });

  test('is no news while it leaves without work, and is while it has work or stays', () => {
    expect(knownOf({ state: 'draining' })).toBe(true);
    expect(knownOf({ state: 'draining', assigned: working })).toBe(false);
    expect(knownOf({ state: 'ready' })).toBe(false);
    expect(knownOf({ state: 'ready', assigned: working })).toBe(false);
  });

  test('is no news so shortly after its start that the listing may be of before', () => {
    const warm = { ...newWarm(0, 0.1), lastStart: { readyAtMs, tookMs: 20_000 } };
    expect(knownOf({ state: 'ready', warm }, readyAtMs)).toBe(true);
    expect(knownOf({ state: 'ready', warm }, readyAtMs + 29_999)).toBe(true);
    expect(knownOf({ state: 'ready', warm }, readyAtMs + 30_000)).toBe(false);
  });
});
