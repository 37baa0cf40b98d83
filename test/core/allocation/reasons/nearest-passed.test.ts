// Of what would pass the limits, the reason names what passes them least.
import { expect, test } from '@jest/globals';
import { nearestPassed } from '../../../../lib/core/allocation/reasons/explain.ts';
import { offer, typeOf } from '../../builders.ts';

const carriers = [typeOf('c5.12xlarge', 48, 96, 2), typeOf('c6.large', 4, 8, 0.2), typeOf('c6.xlarge', 8, 16, 0.4)].map(
  (type) => offer(type, 'za', 'on-demand'),
);
const usage = (vcpu: number, instances = 1) => ({ instances, vcpu, memoryMib: 8_192, usdPerHour: 0.2 });

test.each([
  ['that is used up', { vcpu: 4 }, usage(4), 'c6.large'],
  ['that is used up, and another', { vcpu: 4, instances: 1 }, usage(4), 'c6.large'],
  ['that is not used up', { vcpu: 7 }, usage(4), 'c6.large'],
  ['of nothing', { vcpu: 0 }, usage(0, 0), 'c6.large'],
  ['of dollars', { usdPerHour: 0.2 }, usage(4), 'c6.large'],
])('a limit %s', (_what, limits, present, name) => {
  expect(nearestPassed(limits, carriers, present).name).toBe(name);
  expect(nearestPassed(limits, carriers.toReversed(), present).name).toBe(name);
});

test('fewer limits are nearer than less of several', () => {
  const wide = typeOf('r6.large', 4, 64, 0.2);
  const all = [offer(wide, 'za', 'on-demand'), ...carriers];
  expect(nearestPassed({ vcpu: 4, memoryMib: 24_576 }, all, usage(4)).name).toBe('c6.large');
});
