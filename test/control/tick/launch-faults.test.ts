// What the activity says of refused overrides: by code, and never hundreds of them.
import { expect, test } from '@jest/globals';
import { faultsText } from '../../../lib/control/tick/launch-calls.ts';
import type { LaunchFault } from '../../../lib/core/plan/capacity-memory.ts';

function fault(code: string, instanceType: string | null, zone: string | null = 'us-east-1a'): LaunchFault {
  return { code, scope: 'offering', about: { instanceType, zone }, message: 'm' };
}

test.each<[string, readonly LaunchFault[]]>([
  ['', []],
  ['Throttled', [{ code: 'Throttled', scope: 'request', about: null, message: 'm' }]],
  ['ICE (a in us-east-1a, b in us-east-1a)', [fault('ICE', 'a'), fault('ICE', 'a'), fault('ICE', 'b')]],
  ['ICE (* in *), Quota (a in us-east-1a)', [fault('ICE', null, null), fault('Quota', 'a')]],
  [
    'ICE (t0 in us-east-1a, t1 in us-east-1a, t2 in us-east-1a, and 297 more)',
    Array.from({ length: 300 }, (_, n) => fault('ICE', `t${String(n)}`)),
  ],
])('%s', (text, faults) => {
  expect(faultsText(faults)).toBe(text);
});
