// What a volume has cost, at the prices that it had.
import { describe, expect, test } from '@jest/globals';
import { hoursPerMonth } from '../../../../lib/core/catalog/root-volume.ts';
import { keptUsd, volumeUsd, withShape } from '../../../../lib/core/claims/volumes/volume-cost.ts';
import type { VolumePart } from '../../../../lib/core/records/volume.ts';
import { keptVolume, storage, volumeShape } from '../../builders.ts';

const hourMs = 3_600_000;
const monthMs = hoursPerMonth * hourMs;

function partOf(more: Partial<VolumePart> = {}): VolumePart {
  const { volume } = storage('s', 'za');
  if (!volume) throw new Error('a storage request has a volume');
  return { ...volume, ...more };
}

describe('a volume has cost', () => {
  const shape = { ...volumeShape, usdPerMonth: 730 };

  test.each([
    ['nothing before it is asked for', {}, hourMs, 0],
    ['its price since it was asked for', { askedAtMs: hourMs }, 3 * hourMs, 2],
    ['nothing for a clock that goes back', { askedAtMs: 2 * hourMs }, hourMs, 0],
    ['what it cost before, and its price since then', { askedAtMs: 0, costSinceMs: hourMs, paidUsd: 5 }, 2 * hourMs, 6],
    ['what was paid, where it is not asked for again', { paidUsd: 5 }, hourMs, 5],
  ])('%s', (_what, more, untilMs, usd) => {
    expect(volumeUsd(partOf({ shape, ...more }), untilMs)).toBeCloseTo(usd, 9);
  });

  test('its monthly price after a month', () => {
    expect(volumeUsd({ shape, askedAtMs: 0 }, monthMs)).toBeCloseTo(730, 6);
  });

  test('after a resize the new price from then on', () => {
    const resized = withShape(partOf({ shape, askedAtMs: 0 }), { ...shape, usdPerMonth: 7_300 }, 2 * hourMs);
    expect(volumeUsd(resized, 2 * hourMs)).toBeCloseTo(2, 9);
    expect(volumeUsd(resized, 3 * hourMs)).toBeCloseTo(12, 9);
  });

  test('while it was kept', () => {
    expect(keptUsd(keptVolume('vol-1', { shape, keptSinceMs: hourMs }), 4 * hourMs)).toBeCloseTo(3, 9);
  });
});
