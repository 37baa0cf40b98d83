import { describe, expect, test } from '@jest/globals';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import { NodeMeter, totalOf } from '../../../lib/backtest/measure/node-costs.ts';
import { rootVolumeUsdPerHour } from '../../../lib/core/catalog/root-volume.ts';

const type = (name: string): NonNullable<ReturnType<typeof instanceType>> => {
  const found = instanceType(name);
  if (found === undefined) throw new Error(`${name} is not in the catalog`);
  return found;
};

describe('the root volume of a node', () => {
  test('20 GiB of gp3 are 1.60 USD a month of 730 hours', () => {
    expect(rootVolumeUsdPerHour(type('m5.large'), 20)).toBeCloseTo(1.6 / 730, 12);
    expect(rootVolumeUsdPerHour(type('m5.large'), 0)).toBe(0);
  });

  test('with GPUs it is of 120 GiB at least; where nothing is paid for volumes, nothing', () => {
    expect(rootVolumeUsdPerHour(type('g5.xlarge'), 20)).toBeCloseTo(9.6 / 730, 12);
    expect(rootVolumeUsdPerHour(type('g5.xlarge'), 200)).toBeCloseTo(16 / 730, 12);
    expect(rootVolumeUsdPerHour(type('g5.xlarge'), 0)).toBe(0);
  });

  test('it is paid for as long as its node is billed, 60 seconds at least', () => {
    const node = new NodeMeter(type('m5.large'), 3.6, 0.36);
    node.runs(0);
    node.stops(10_000);
    expect(node.parts.volumes).toBeCloseTo(0.006, 12);
    expect(totalOf(node.parts)).toBeCloseTo(0.066, 12);
  });
});
