// Policies of a pool's headroom: what each wants, what comes of several, and when they look again.
import { describe, expect, test } from '@jest/globals';
import type { HeadroomPolicy } from '../../../../lib/core/records/pool.ts';
import {
  applyPolicies,
  headroomWishes,
  noPolicies,
  policiesDueAtMs,
} from '../../../../lib/core/scaling/policies/headroom.ts';
import type { PoliciesRecord } from '../../../../lib/core/scaling/policies/headroom.ts';

const friday = Date.UTC(2026, 10, 27);
const at = (hours: number): number => friday + hours * 3_600_000;
const manual: HeadroomPolicy = { kind: 'manual', name: 'floor', nodes: 2 };
const schedule: HeadroomPolicy = {
  kind: 'schedule',
  name: 'office',
  timeZone: 'Europe/Berlin',
  entries: [
    { cron: '0 8 * * 1-5', wanted: 5 },
    { cron: '0 18 * * 1-5', wanted: 0 },
  ],
};
const target: HeadroomPolicy = { kind: 'target', name: 'load', vcpuPerNode: 10 };
const step: HeadroomPolicy = {
  kind: 'step',
  name: 'load',
  steps: [
    { from: 10, wanted: 1 },
    { from: 50, wanted: 4 },
  ],
};
const vcpu = (count: number) => ({ cpuMilli: count * 1000, memoryMib: 0, gpu: 0 });

describe('wishes', () => {
  test.each<[string, HeadroomPolicy, number, number | null, number | null]>([
    ['manual', manual, at(3), null, 2],
    ['before work', schedule, at(6.9), null, 0],
    ['at work', schedule, at(7), null, 5],
    ['after work', schedule, at(17), null, 0],
    ['a node for each 10 vCPU', target, at(3), 41, 5],
    ['none without demand', target, at(3), 0, 0],
    ['no data', target, at(3), null, null],
    ['below all steps', step, at(3), 9, 0],
    ['the first step', step, at(3), 10, 1],
    ['the last step', step, at(3), 90, 4],
    ['steps without data', step, at(3), null, null],
  ])('%s', (_name, policy, nowMs, demand, wanted) => {
    const [wish] = headroomWishes([policy], { nowMs, demand: demand === null ? null : vcpu(demand) }, 0);
    expect(wish?.wanted).toBe(wanted);
    expect(wish?.policy).toBe(`${policy.kind} ${policy.name}`);
  });
});

/** The nodes after each look. */
function run(
  policies: readonly HeadroomPolicy[],
  looks: readonly (readonly [number, number | null])[],
  instances = 50,
) {
  let record: PoliciesRecord = noPolicies;
  return looks.map(([nowMs, demand]) => {
    ({ record } = applyPolicies(
      record,
      { policies, limits: { instances } },
      { nowMs, demand: demand === null ? null : vcpu(demand) },
    ));
    return record.nodes;
  });
}

describe('nodes', () => {
  test('the largest wish, at once, also downwards where no metric is in it', () => {
    expect(
      run(
        [manual, schedule],
        [
          [at(6), 0],
          [at(7), 0],
          [at(17), 0],
        ],
      ),
    ).toEqual([2, 5, 2]);
  });
  test('by a metric: out at once, in after five minutes', () => {
    const minute = 60_000;
    const looks = [
      [0, 40],
      [1, 80],
      [2, 20],
      [6.9, 20],
      [7.1, 20],
      [8, null],
      [9, 5],
    ] as const;
    expect(
      run(
        [target],
        looks.map(([minutes, demand]) => [minutes * minute, demand]),
      ),
    ).toEqual([4, 8, 8, 8, 2, 2, 2]);
  });
  test('never above the limit of instances', () => {
    expect(run([target], [[0, 900]], 6)).toEqual([6]);
  });
  test('a quiet look changes nothing that is remembered', () => {
    const spec = { policies: [target, manual], limits: {} };
    const first = applyPolicies(noPolicies, spec, { nowMs: 0, demand: vcpu(40) });
    expect(applyPolicies(first.record, spec, { nowMs: 60_000, demand: vcpu(48) }).record).not.toBe(first.record);
    expect(applyPolicies(first.record, spec, { nowMs: 60_000, demand: vcpu(40) }).record).toBe(first.record);
  });
});

test('looks again at the next time of a schedule, and soon while less is wanted than there is', () => {
  const spec = { policies: [schedule], limits: {} };
  const calm = applyPolicies(noPolicies, spec, { nowMs: at(3), demand: null });
  expect(policiesDueAtMs([schedule], calm, at(3))).toBe(at(7));
  const high = applyPolicies(noPolicies, { policies: [target], limits: {} }, { nowMs: 0, demand: vcpu(40) });
  const falls = applyPolicies(high.record, { policies: [target], limits: {} }, { nowMs: 60_000, demand: vcpu(0) });
  expect(falls.record.nodes).toBe(4);
  expect(policiesDueAtMs([target], falls, 60_000)).toBe(90_000);
  expect(policiesDueAtMs([manual], applyPolicies(noPolicies, spec, { nowMs: 0, demand: null }), 0)).toBeNull();
});
