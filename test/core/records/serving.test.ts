import { describe, expect, test } from '@jest/globals';
import { judged, noVerdict, portVariables } from '../../../lib/core/services/serving.ts';

const check = { startPeriodMs: 5_000, healthyAfter: 2, unhealthyAfter: 3 };

/** `.`: it went well; `x`: it failed. A probe a second, from the start on. */
function verdicts(probes: string, rule = check): string {
  let count = noVerdict;
  return [...probes]
    .map((probe, second) => {
      count = judged(count, probe === 'x' ? 'refused' : null, second * 1_000, rule);
      return count.health === null ? '-' : count.health.isHealthy ? 'h' : 'u';
    })
    .join('');
}

describe('what probes say', () => {
  test.each([
    ['two in a row make it healthy', '...', '-hh'],
    ['one alone does not', '.x.x..', '-----h'],
    ['failures in the start period do not count', 'xxxxx..', '------h'],
    ['after it three in a row do', 'xxxxxxxx', '-------u'],
    ['one success ends the row', '..xx.xx.xxx', '-hhhhhhhhhu'],
    ['what was healthy has no start period any more', '..xxx', '-hhhu'],
    ['what was unhealthy may become healthy', '..xxx..', '-hhhuuh'],
  ])('%s', (_what, probes, expected) => {
    expect(verdicts(probes)).toBe(expected);
  });

  test('the failure is kept, and goes with the next success', () => {
    const failed = [0, 1, 2].reduce((count) => judged(count, 'connection refused', 9_000, check), noVerdict);
    expect(failed.health).toEqual({ isHealthy: false, message: 'connection refused' });
    const well = [0, 1].reduce((count) => judged(count, null, 9_000, check), failed);
    expect(well.health).toEqual({ isHealthy: true });
  });
});

test('ports are variables of the process', () => {
  expect(
    portVariables([
      { name: 'http', port: 80 },
      { name: 'admin-2', port: 9_000 },
    ]),
  ).toEqual({ BELLOWS_PORT_HTTP: '80', BELLOWS_PORT_ADMIN_2: '9000' });
});
