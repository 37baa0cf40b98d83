// What commitments pay for, and until when.
import { describe, expect, test } from '@jest/globals';
import type { ReservedInstances, SavingsPlan } from '../../../lib/core/catalog/commitments.ts';
import { coveredUsdPerHour, isOver, paysFor, paysForOffering } from '../../../lib/core/catalog/commitments.ts';
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
