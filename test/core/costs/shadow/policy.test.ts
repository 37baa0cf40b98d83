// A pool as its shadow declares it.
import { describe, expect, test } from '@jest/globals';
import { shadowSpec } from '../../../../lib/core/costs/shadow/policy.ts';
import { pool } from '../../builders.ts';

describe('a pool with the policy of its shadow', () => {
  test('is its own but for the fields that the shadow says, and has no shadow', () => {
    expect(shadowSpec(pool({ idleAfterMs: 5, shadow: { idleAfterMs: 7 } }), { idleAfterMs: 7 })).toEqual(
      pool({ idleAfterMs: 7 }),
    );
    expect(shadowSpec(pool({ shadow: {} }), {})).toEqual(pool());
  });

  test('buys no nodes to stop them: it keeps none stopped', () => {
    const warmNodes = { stopped: 2, expireAfterMs: 5 };
    expect(shadowSpec(pool({ warmNodes: { ...warmNodes, minStopped: 1 } }), {})).toEqual(pool({ warmNodes }));
  });

  test("has the shadow's objective where it says one, and the pool's own otherwise", () => {
    const now = pool({ objective: 'cost-now' });
    expect(shadowSpec(now, {}).objective).toBe('cost-now');
    expect(shadowSpec(pool(), { objective: 'cost-now' }).objective).toBe('cost-now');
    expect(shadowSpec(now, { objective: 'cost-over-time' })).toEqual(pool());
  });
});
