// What a node's document keeps of what ran on it, and what it is priced again by.
import { describe, expect, test } from '@jest/globals';
import { instanceType, offeringsOf } from '../../../../lib/core/catalog/index.ts';
import type { Assignment, NodeRecord } from '../../../../lib/core/records/node.ts';
import { endedNodeOf, ranMax, withAsked, withRan } from '../../../../lib/core/costs/regret/history.ts';
import { Hindsight } from '../../../../lib/core/costs/regret/regret.ts';
import type { InstanceType } from '../../../../lib/core/values/offering.ts';
import { node as builtNode } from '../../builders.ts';

function type(name: string): InstanceType {
  const found = instanceType(name);
  if (!found) throw new RangeError(name);
  return found;
}

const createdAtMs = 1_000_000;
const base: NodeRecord = {
  ...builtNode(),
  instanceType: 'm5.4xlarge',
  zone: 'us-east-1a',
  capacityType: 'on-demand',
  priceUsdPerHour: type('m5.4xlarge').onDemandUsdPerHour ?? NaN,
  createdAtMs,
  readyAtMs: createdAtMs + 30_000,
  assigned: [],
};

function assignment(vcpu: number, startS: number | null): Assignment {
  return {
    attemptId: 'r.0.1',
    requestId: 'r',
    index: 0,
    attempt: 1,
    resources: { cpuMilli: vcpu * 1000, memoryMib: 512, gpu: 0 },
    isOffered: true,
    placedAtMs: createdAtMs,
    startedAtMs: startS === null ? null : createdAtMs + startS * 1000,
    expectedEndAtMs: null,
    withdrawn: null,
  };
}

function ran(node: NodeRecord, vcpu: number, startS: number, endS: number): NodeRecord {
  const one = assignment(vcpu, startS);
  return withRan(node, one, one.startedAtMs, createdAtMs + endS * 1000);
}

/** vCPU that are needed at a second. */
function needAt({ ran: all = [] }: NodeRecord, second: number): number {
  const ms = second * 1000;
  return all.reduce((sum, one) => sum + (one.fromMs <= ms && ms < one.fromMs + one.ms ? one.cpuMilli / 1000 : 0), 0);
}

describe('what ran', () => {
  test('is kept from its start, within the life of the node; what never started did not run', () => {
    expect(ran(base, 2, 40, 100).ran).toEqual([{ fromMs: 40_000, ms: 60_000, cpuMilli: 2000, memoryMib: 512, gpu: 0 }]);
    // A clock that is wrong: before the node was ready, after its end was heard of.
    expect(ran(base, 2, 10, 100).ran).toMatchObject([{ fromMs: 30_000, ms: 70_000 }]);
    expect(ran(base, 2, 200, 100).ran).toMatchObject([{ fromMs: 100_000, ms: 0 }]);
    expect(withRan(base, assignment(2, null), null, createdAtMs + 90_000)).toBe(base);
  });

  test('many equal tasks one after the other stay what they were: as many chains as ran at once', () => {
    let node = base;
    for (let round = 0; round < 40; round += 1)
      for (let slot = 0; slot < 4; slot += 1) node = ran(node, 1, 30 + round * 10, 40 + round * 10);
    expect(node.ran?.length).toBeLessThanOrEqual(ranMax);
    for (let second = 30; second < 430; second += 5) expect(needAt(node, second)).toBe(4);
  });

  test('whatever is merged, never less is needed at any time than there was, and not beyond the first and last', () => {
    let [node, draw] = [base, 7];
    const all: [vcpu: number, startS: number, endS: number][] = [];
    for (let n = 0; n < 60; n += 1) {
      draw = (draw * 48_271) % 2_147_483_647;
      const startS = 30 + (draw % 500);
      all.push([1 + (draw % 3), startS, startS + 1 + (draw % 97)]);
    }
    for (const one of all) node = ran(node, ...one);
    expect(node.ran?.length).toBe(ranMax);
    for (let second = 0; second < 700; second += 1) {
      const real = all.reduce((sum, [vcpu, from, to]) => sum + (from <= second && second < to ? vcpu : 0), 0);
      expect(needAt(node, second)).toBeGreaterThanOrEqual(real);
    }
    const [first, last] = [Math.min(...all.map((one) => one[1])), Math.max(...all.map((one) => one[2]))];
    expect(Math.min(...(node.ran ?? []).map((one) => one.fromMs))).toBe(first * 1000);
    expect(Math.max(...(node.ran ?? []).map((one) => one.fromMs + one.ms))).toBe(last * 1000);
  });
});

test('one wish of instance types is kept, beside tasks without one; two different ones are too many', () => {
  const wish = { instanceType: ['m5.xlarge'] };
  expect(withAsked(undefined, {})).toBeUndefined();
  expect(withAsked(withAsked(undefined, wish), {})).toEqual(wish);
  expect(withAsked(wish, { ...wish })).toEqual(wish);
  expect(withAsked(wish, { arch: ['arm64'] })).toBeNull();
  expect(withAsked(null, wish)).toBeNull();
});

describe('the node that has ended', () => {
  const hindsight = new Hindsight(offeringsOf({ instanceType: ['m5.large', 'm5.xlarge', 'm5.4xlarge'] }));
  const usdPerS = (name: string): number => (type(name).onDemandUsdPerHour ?? NaN) / 3600;
  const four = usdPerS('m5.4xlarge');
  const node: NodeRecord = { ...ran(base, 3, 50, 650), terminateAcceptedAtMs: createdAtMs + 710_000 };
  const regretOf = (one: NodeRecord, goneS = 750): ReturnType<Hindsight['of']> =>
    hindsight.of(endedNodeOf(one, type('m5.4xlarge'), createdAtMs + goneS * 1000));

  test('is paid for until EC2 was told to end it, and priced by what ran', () => {
    const regret = regretOf(node);
    expect(regret.paid).toBeCloseTo(710 * four, 9);
    expect(regret.boot).toBeCloseTo(30 * four, 9);
    expect(regret.idleHead).toBeCloseTo(20 * four, 9);
    expect(regret.idleTail).toBeCloseTo(60 * four, 9);
    expect(regret.size).toBeCloseTo(600 * (four - usdPerS('m5.xlarge')), 9);
    expect(regret.needed).toBeCloseTo(600 * usdPerS('m5.xlarge'), 9);
  });

  test('a wish of its tasks is heeded; of several nobody knows, and no smaller one is looked for', () => {
    const wished = regretOf({ ...node, asked: { instanceType: ['m5.4xlarge'] } });
    expect(wished.size).toBe(0);
    expect(regretOf({ ...node, asked: null })).toEqual(wished);
  });

  test('prices that moved for all since it was bought are no mistake of size', () => {
    const dear = regretOf({ ...node, priceUsdPerHour: node.priceUsdPerHour * 3 });
    expect(dear.size).toBeCloseTo(3 * regretOf(node).size, 9);
  });

  test('one that was lost with its tasks ran them until then; one that never was ready only booted', () => {
    const lost = regretOf({ ...base, assigned: [assignment(14, 50)] }, 650);
    expect([lost.idleTail, lost.size]).toEqual([0, 0]);
    expect(lost.needed).toBeCloseTo(600 * four, 9);
    const never = regretOf({ ...base, readyAtMs: null }, 300);
    expect([never.boot, never.unused]).toEqual([expect.closeTo(300 * four, 9), 0]);
  });

  test('what is merged into more than any node has is priced as it was bought', () => {
    const regret = regretOf({ ...node, ran: [{ fromMs: 50_000, ms: 1e5, cpuMilli: 1e6, memoryMib: 1, gpu: 0 }] });
    expect([regret.size, regret.lifetime]).toEqual([0, 0]);
    expect(regret.needed).toBeCloseTo(100 * four, 9);
  });
});
