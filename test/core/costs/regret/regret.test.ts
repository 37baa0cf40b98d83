// Nodes priced again in hindsight, by hand.
import { describe, expect, test } from '@jest/globals';
import { instanceType, offeringsOf } from '../../../../lib/core/catalog/index.ts';
import { Hindsight, addRegret, noRegret, regretParts } from '../../../../lib/core/costs/regret/regret.ts';
import type { EndedNode, RanTask, Regret } from '../../../../lib/core/costs/regret/regret.ts';
import type { InstanceType } from '../../../../lib/core/values/offering.ts';

const names = ['m5.large', 'm5.xlarge', 'm5.4xlarge'];
const hindsight = new Hindsight(offeringsOf({ instanceType: names, capacityType: ['on-demand', 'spot'] }));

function type(name: string): InstanceType {
  const found = instanceType(name);
  if (!found) throw new RangeError(name);
  return found;
}

/** USD for a second. */
const price = (name: string): number => (type(name).onDemandUsdPerHour ?? NaN) / 3600;

function task(startS: number, endS: number, vcpu: number, more: Partial<RanTask> = {}): RanTask {
  const resources = { cpuMilli: vcpu * 1000, memoryMib: 512, gpu: 0 };
  return { startMs: startS * 1000, endMs: endS * 1000, resources, requirements: {}, used: null, ...more };
}

function node(name: string, endedAtS: number, tasks: readonly RanTask[], more: Partial<EndedNode> = {}): EndedNode {
  return {
    type: type(name),
    zone: 'us-east-1a',
    capacityType: 'on-demand',
    priceUsdPerHour: type(name).onDemandUsdPerHour ?? NaN,
    billedFromMs: 0,
    readyAtMs: 30_000,
    endedAtMs: endedAtS * 1000,
    tasks,
    ...more,
  };
}

function expectParts(regret: Regret, expected: Partial<Regret>): void {
  const wanted = { ...noRegret, paid: regret.paid, ...expected };
  for (const part of ['paid', ...regretParts] as const)
    expect([part, regret[part]]).toEqual([part, expect.closeTo(wanted[part], 9)]);
  expect(regretParts.reduce((sum, part) => sum + regret[part], 0)).toBeCloseTo(regret.paid, 9);
}

describe('in hindsight', () => {
  const large = price('m5.large');
  const xlarge = price('m5.xlarge');

  test('a node that was right costs its boot, and idles before and after its task', () => {
    const regret = hindsight.of(node('m5.large', 700, [task(40, 640, 1.5)]));
    expectParts(regret, {
      paid: 700 * large,
      boot: 30 * large,
      idleHead: 10 * large,
      idleTail: 60 * large,
      needed: 600 * large,
    });
  });

  test('one that was too large: by as much as the cheapest that carries all at once is cheaper', () => {
    const regret = hindsight.of(node('m5.4xlarge', 630, [task(30, 630, 1.5), task(30, 630, 1.5)]));
    expectParts(regret, {
      boot: 30 * price('m5.4xlarge'),
      size: 600 * (price('m5.4xlarge') - xlarge),
      needed: 600 * xlarge,
    });
  });

  test('tasks one after the other need no more than one at a time', () => {
    const regret = hindsight.of(node('m5.xlarge', 630, [task(30, 330, 1.5), task(330, 630, 1.5)]));
    expectParts(regret, { boot: 30 * xlarge, size: 600 * (xlarge - large), needed: 600 * large });
  });

  test('a long task beside a short one: two nodes, each with its boot, would have been cheaper', () => {
    const regret = hindsight.of(node('m5.xlarge', 7_230, [task(30, 330, 1.5), task(30, 7_230, 1.5)]));
    expectParts(regret, {
      boot: 30 * xlarge,
      lifetime: 7_200 * xlarge - (7_200 + 330) * large,
      needed: (7_200 + 330) * large,
    });
  });

  test('what tasks used counts where it is known of all', () => {
    const used = { cpuMilli: 700, memoryMib: 100, gpu: 0 };
    const both = [task(30, 630, 3, { used }), task(30, 630, 0.5, { used })];
    expectParts(hindsight.of(node('m5.xlarge', 630, both)), {
      boot: 30 * xlarge,
      request: 600 * (xlarge - large),
      needed: 600 * large,
    });
    const [first, second] = both;
    const one = [...(first ? [first] : []), ...(second ? [{ ...second, used: null }] : [])];
    expectParts(hindsight.of(node('m5.xlarge', 630, one)), { boot: 30 * xlarge, needed: 600 * xlarge });
  });

  test('a requirement of a task, the zone, the capacity type and the architecture stay', () => {
    const asked = task(30, 630, 1, { requirements: { instanceType: ['m5.xlarge'] } });
    expectParts(hindsight.of(node('m5.xlarge', 630, [asked])), { boot: 30 * xlarge, needed: 600 * xlarge });
    const elsewhere = node('m5.xlarge', 630, [task(30, 630, 1)], { zone: 'eu-west-1a' });
    expectParts(hindsight.of(elsewhere), { boot: 30 * xlarge, needed: 600 * xlarge });
  });

  test('nothing ran; it never came up; sixty seconds are billed at least', () => {
    expectParts(hindsight.of(node('m5.large', 130, [])), { boot: 30 * large, unused: 100 * large });
    expectParts(hindsight.of(node('m5.large', 300, [], { readyAtMs: null })), { boot: 300 * large });
    expectParts(hindsight.of(node('m5.large', 40, [task(30, 40, 1)])), {
      paid: 60 * large,
      boot: 30 * large,
      billing: 20 * large,
      needed: 10 * large,
    });
    expect(() => hindsight.of(node('m5.large', 10, []))).toThrow('ended before it was there');
  });

  test('sums add every part', () => {
    const one = hindsight.of(node('m5.large', 130, []));
    expectParts(addRegret(one, one), { paid: 260 * large, boot: 60 * large, unused: 200 * large, billing: 0 });
  });
});
