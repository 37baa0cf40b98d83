// What commitments pay for, and until when.
import { describe, expect, test } from '@jest/globals';
import type { NamedReservation, ReservedInstances, SavingsPlan } from '../../../lib/core/catalog/commitments.ts';
import {
  coveredUsdPerHour,
  endsInstancesAtMs,
  isLive,
  isNamed,
  isOpen,
  isOver,
  paysFor,
  paysForOffering,
  reservationOf,
} from '../../../lib/core/catalog/commitments.ts';
import { offer, typeOf } from '../builders.ts';

const reserved: ReservedInstances = { kind: 'reserved-instances', name: 'ri', instanceType: 'c7g.large', count: 2 };
const plan: SavingsPlan = { kind: 'savings-plan', name: 'sp', usdPerHour: 0.6, discountPercent: 40 };

test('it is over from its end on; one without an end never is', () => {
  expect([isOver(reserved, 1e15), isOver({ ...plan, untilMs: 10 }, 9), isOver({ ...plan, untilMs: 10 }, 10)]).toEqual([
    false,
    false,
    true,
  ]);
});

describe('it pays for', () => {
  test('its type, in its zone or in any', () => {
    expect(paysFor(reserved, 'c7g.large', 'za')).toBe(true);
    expect(paysFor(reserved, 'c7g.xlarge', 'za')).toBe(false);
    expect(paysFor({ ...reserved, zone: 'za' }, 'c7g.large', 'za')).toBe(true);
    expect(paysFor({ ...reserved, zone: 'za' }, 'c7g.large', 'zb')).toBe(false);
    expect(paysFor({ ...reserved, zone: 'za' }, 'c7g.xlarge', 'za')).toBe(false);
  });

  test('any type, or those of its family', () => {
    expect(paysFor(plan, 'm7i.large', 'za')).toBe(true);
    expect(paysFor({ ...plan, instanceFamily: 'm7i' }, 'm7i.large', 'za')).toBe(true);
    expect(paysFor({ ...plan, instanceFamily: 'm7' }, 'm7i.large', 'za')).toBe(false);
    expect(paysFor({ ...plan, instanceFamily: 'm7i' }, 'c7i.large', 'za')).toBe(false);
  });

  test('what is on demand alone', () => {
    const type = typeOf('c7g.large', 2, 4, 0.1);
    expect(paysForOffering(reserved, offer(type, 'za', 'on-demand'))).toBe(true);
    expect(paysForOffering(reserved, offer(type, 'za', 'spot'))).toBe(false);
    expect(paysForOffering(reserved, offer(typeOf('c7g.xlarge', 4, 8, 0.2), 'za', 'on-demand'))).toBe(false);
  });
});

test('a plan covers more on demand than it costs, by its discount', () => {
  expect(coveredUsdPerHour(plan)).toBeCloseTo(1, 12);
  expect(coveredUsdPerHour({ ...plan, discountPercent: 0 })).toBe(0.6);
});

describe('a reservation that is named at the launch', () => {
  const hourMs = 3_600_000;
  const named: NamedReservation = {
    ...{ kind: 'capacity-reservation', name: 'cr-1', instanceType: 'c7g.large', zone: 'za', count: 2 },
  };
  const block: NamedReservation = { ...named, kind: 'capacity-block', name: 'cr-2', fromMs: 10, untilMs: 9 * hourMs };

  test('is one of two kinds', () => {
    expect([named, block, reserved, plan].map(isNamed)).toEqual([true, true, false, false]);
  });

  test('is live from its beginning until its end; what is not named has begun', () => {
    expect([9, 10, 9 * hourMs - 1, 9 * hourMs].map((nowMs) => isLive(block, nowMs))).toEqual([
      ...[false, true],
      ...[true, false],
    ]);
    expect([isLive(named, 0), isLive(reserved, 0), isLive({ ...plan, untilMs: 5 }, 5)]).toEqual([true, true, false]);
    expect(isLive({ ...reserved, fromMs: 10 } as ReservedInstances, 9)).toBe(true);
  });

  test('is launched into while it is live, and a block until an hour before its end', () => {
    expect([9, 10, 8 * hourMs - 1, 8 * hourMs].map((nowMs) => isOpen(block, nowMs))).toEqual([
      ...[false, true],
      ...[true, false],
    ]);
    expect(isOpen({ ...named, untilMs: 9 * hourMs }, 9 * hourMs - 1)).toBe(true);
    expect(isOpen({ ...named, untilMs: 9 * hourMs }, 9 * hourMs)).toBe(false);
    expect(isOpen({ ...named, kind: 'capacity-block' }, 1e15)).toBe(true);
  });

  test('ends its instances half an hour before its end where it is a block', () => {
    expect(endsInstancesAtMs(block)).toBe(8.5 * hourMs);
    expect(endsInstancesAtMs({ ...named, untilMs: 9 * hourMs })).toBeNull();
    expect(endsInstancesAtMs({ ...named, kind: 'capacity-block' })).toBeNull();
  });

  test('is found by its id among those that are declared', () => {
    const pool = { commitments: [{ ...reserved, name: 'cr-2' }, named, block] };
    expect(reservationOf(pool, 'cr-2')).toBe(block);
    expect([reservationOf(pool, 'cr-9'), reservationOf(pool, undefined), reservationOf({}, 'cr-1')]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });
});
