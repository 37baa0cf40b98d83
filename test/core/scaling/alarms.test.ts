import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import type { PoolAlarm, PoolLimits } from '../../../lib/core/records/pool.ts';
import type { AlarmEvent, AlarmState, FloorRecord } from '../../../lib/core/scaling/alarms.ts';
import { emptyFloor, floorNodes, applyAlarms, hasFloor, nextActAtMs } from '../../../lib/core/scaling/alarms.ts';

const high: PoolAlarm = { alarmName: 'high', addNodes: 2, cooldownMs: 0 };
const low: PoolAlarm = { alarmName: 'low', removeNodes: 3, cooldownMs: 0 };
const t = 1_000_000;

class Pool {
  floor: FloorRecord = emptyFloor;
  acts: string[] = [];
  spec: { alarms: readonly PoolAlarm[]; limits: PoolLimits };
  constructor(alarms: readonly PoolAlarm[], limits: PoolLimits = {}) {
    this.spec = { alarms, limits };
  }

  hear(
    alarmName: string,
    state: AlarmState,
    atMs: number,
    nowMs = atMs,
    previousState: AlarmState | null = state === 'ALARM' ? 'OK' : 'ALARM',
  ): number {
    return this.applyAlarm({ alarmName, state, atMs, previousState, reason: `because of ${String(atMs)}` }, nowMs);
  }

  applyAlarm(event: AlarmEvent | null, nowMs: number): number {
    const { floor, acts } = applyAlarms(this.floor, this.spec, event, nowMs);
    this.floor = floor;
    this.acts.push(...acts.map((act) => `${act.alarmName} ${String(act.from)}->${String(act.to)} ${act.reason}`));
    return floorNodes(floor, this.spec);
  }
}

describe('an alarm that begins to ring', () => {
  test('raises or lowers the floor once, and names its reason', () => {
    const pool = new Pool([high, low]);
    expect(pool.hear('high', 'ALARM', t)).toBe(2);
    expect(pool.hear('high', 'OK', t + 10)).toBe(2);
    expect(pool.hear('high', 'ALARM', t + 20)).toBe(4);
    expect(pool.hear('low', 'ALARM', t + 30)).toBe(1);
    expect(pool.hear('low', 'OK', t + 40)).toBe(1);
    expect(pool.hear('low', 'ALARM', t + 50)).toBe(0);
    expect(pool.acts).toEqual([
      'high 0->2 because of 1000000',
      'high 2->4 because of 1000020',
      'low 4->1 because of 1000030',
      'low 1->0 because of 1000050',
    ]);
    expect(pool.floor.because).toEqual({ alarmName: 'low', reason: 'because of 1000050', atMs: t + 50 });
  });

  test('is not heard again when its event comes twice, late, or after a newer one', () => {
    const pool = new Pool([high]);
    pool.hear('high', 'ALARM', t);
    const after = pool.floor;
    expect(pool.hear('high', 'ALARM', t)).toBe(2);
    expect(pool.hear('high', 'OK', t - 5)).toBe(2);
    expect(pool.hear('high', 'ALARM', t - 10)).toBe(2);
    expect(pool.floor).toBe(after);
    // The newest first: the older of the two transitions is late.
    const reordered = new Pool([high]);
    reordered.hear('high', 'ALARM', t + 20);
    reordered.hear('high', 'OK', t + 10);
    expect(reordered.hear('high', 'ALARM', t)).toBe(2);
  });

  test('counts when the OK between is lost, and not when it only goes on ringing', () => {
    const pool = new Pool([high]);
    pool.hear('high', 'ALARM', t);
    expect(pool.hear('high', 'ALARM', t + 10, t + 10, 'ALARM')).toBe(2);
    expect(pool.hear('high', 'ALARM', t + 20, t + 20, null)).toBe(2);
    expect(pool.hear('high', 'ALARM', t + 30, t + 30, 'OK')).toBe(4);
    expect(pool.hear('high', 'ALARM', t + 40, t + 40, 'INSUFFICIENT_DATA')).toBe(6);
  });

  test('of another name, or of a pool without alarms, changes nothing', () => {
    const pool = new Pool([high]);
    expect(pool.hear('other', 'ALARM', t)).toBe(0);
    expect(pool.floor).toBe(emptyFloor);
    pool.hear('high', 'ALARM', t);
    expect(floorNodes(pool.floor, { limits: {} })).toBe(0);
  });
});

describe('the cooldown', () => {
  const cooling: PoolAlarm = { ...high, cooldownMs: 300_000 };

  test('puts a further transition off; it acts at the end if it is still in ALARM', () => {
    const pool = new Pool([cooling, low]);
    pool.hear('high', 'ALARM', t);
    pool.hear('high', 'OK', t + 60_000);
    expect(pool.hear('high', 'ALARM', t + 120_000)).toBe(2);
    expect(nextActAtMs(pool.floor, pool.spec)).toBe(t + 300_000);
    expect(pool.applyAlarm(null, t + 299_999)).toBe(2);
    expect(pool.applyAlarm(null, t + 300_000)).toBe(4);
    expect(nextActAtMs(pool.floor, pool.spec)).toBeNull();
    // Another alarm has a cooldown of its own.
    expect(pool.hear('low', 'ALARM', t + 300_001)).toBe(1);
  });

  test('swallows a transition that is over when it ends', () => {
    const pool = new Pool([cooling]);
    pool.hear('high', 'ALARM', t);
    pool.hear('high', 'OK', t + 1);
    pool.hear('high', 'ALARM', t + 2);
    pool.hear('high', 'OK', t + 3);
    expect(pool.applyAlarm(null, t + 400_000)).toBe(2);
    expect(pool.hear('high', 'ALARM', t + 400_001)).toBe(4);
  });

  test('is measured on our clock: an event that was long on its way is not cooled by that', () => {
    const pool = new Pool([cooling]);
    pool.hear('high', 'ALARM', t, t + 250_000);
    expect(pool.hear('high', 'ALARM', t + 200_000, t + 310_000)).toBe(2);
    expect(pool.applyAlarm(null, t + 550_000)).toBe(4);
  });
});

test('the floor stays within the limit of instances, also a limit that is lowered later, and never below zero', () => {
  const pool = new Pool([high, low], { instances: 3 });
  pool.hear('high', 'ALARM', t);
  expect(pool.hear('high', 'ALARM', t + 1)).toBe(3);
  // At the limit it acts in vain, and is not what set the floor.
  pool.hear('high', 'ALARM', t + 1.5);
  expect(pool.floor.because).toMatchObject({ atMs: t + 1 });
  // Beyond the limit nothing is piled up that would have to be taken down again.
  expect(pool.hear('low', 'ALARM', t + 2)).toBe(0);
  pool.hear('high', 'ALARM', t + 3);
  pool.spec = { ...pool.spec, limits: { instances: 1 } };
  expect(floorNodes(pool.floor, pool.spec)).toBe(1);
});

test('whatever is doubled and shuffled, the floor is never higher than one step per transition', () => {
  const history: AlarmEvent[] = Array.from({ length: 8 }, (_, at) => ({
    alarmName: 'high',
    state: at % 2 === 0 ? 'ALARM' : 'OK',
    previousState: at % 2 === 0 ? 'OK' : 'ALARM',
    reason: 'r',
    atMs: t + at * 1_000,
  }));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: history.length - 1 }), { maxLength: 30 }), (deliveries) => {
      const pool = new Pool([high]);
      for (const at of deliveries) pool.applyAlarm(history[at] ?? null, t + 100_000);
      const rises = new Set<number>();
      let newest = -1;
      for (const at of deliveries) {
        if (at > newest && at % 2 === 0) rises.add(at);
        newest = Math.max(newest, at);
      }
      expect(pool.floor.nodes).toBe(2 * rises.size);
      // And once more, all of it: nothing.
      const before = pool.floor;
      for (const at of deliveries) pool.applyAlarm(history[at] ?? null, t + 100_000);
      expect(pool.floor).toBe(before);
    }),
  );
});

test('declared nodes are kept beside those of alarms, within the limit of instances', () => {
  const headroom = { resources: { cpuMilli: 500, memoryMib: 512, gpu: 0 }, nodes: 2 };
  const floor = { ...emptyFloor, nodes: 3 };
  expect(floorNodes(floor, { headroom, limits: {} })).toBe(2);
  expect(floorNodes(floor, { headroom, alarms: [high], limits: {} })).toBe(5);
  expect(floorNodes(floor, { headroom, alarms: [high], limits: { instances: 4 } })).toBe(4);
  expect([hasFloor({}), hasFloor({ headroom: { ...headroom, nodes: 0 } })]).toEqual([false, false]);
  expect([hasFloor({ headroom }), hasFloor({ alarms: [] })]).toEqual([true, true]);
});
