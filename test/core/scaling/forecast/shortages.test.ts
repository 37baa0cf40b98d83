// Hours in which EC2 had no capacity: bounded, whatever it refuses.
import { expect, test } from '@jest/globals';
import { shortagesIn, shortagesPerHour, withShortages } from '../../../../lib/core/forecast/shortages.ts';
import type { Shortage } from '../../../../lib/core/forecast/shortages.ts';

const shortage = (n: number): Shortage => ({
  fromMs: n,
  untilMs: n + 1,
  offering: `t${String(n)}/*/spot`,
  code: 'short',
});

test('an hour has what came first, up to its bound, and says when there is nothing new to write', () => {
  expect(withShortages(null, [])).toBeNull();
  const hour = withShortages(null, [shortage(1), shortage(2)]);
  expect(hour && shortagesIn(hour)).toEqual([shortage(1), shortage(2)]);
  const later = withShortages(hour, [shortage(3)]);
  expect(later && shortagesIn(later)).toEqual([shortage(1), shortage(2), shortage(3)]);
  const many = Array.from({ length: 2 * shortagesPerHour }, (_, n) => shortage(n));
  const full = withShortages(hour, many);
  expect(full?.shortages).toHaveLength(shortagesPerHour);
  expect(JSON.stringify(full).length).toBeLessThan(100_000);
  expect(withShortages(full, many)).toBeNull();
});
