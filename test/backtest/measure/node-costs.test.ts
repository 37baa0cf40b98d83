// What a node's seconds were paid for, calculated by hand.
import { expect, test } from '@jest/globals';
import { NodeMeter, totalOf } from '../../../lib/backtest/measure/node-costs.ts';
import { Counts, Series } from '../../../lib/backtest/measure/series.ts';
import { Waits, figuresOf } from '../../../lib/backtest/measure/waits.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import type { InstanceType } from '../../../lib/core/values/offering.ts';

function type(name: string): InstanceType {
  const found = instanceType(name);
  if (!found) throw new RangeError(name);
  return { ...found, allocatable: { cpuMilli: 2000, memoryMib: 4000, gpu: 0 } };
}

const secondMs = 1000;
const half = { cpuMilli: 1000, memoryMib: 500, gpu: 0 };
const quarterOfMemory = { cpuMilli: 100, memoryMib: 3000, gpu: 0 };

test('boot, work, stranded, idle and restarted work add up to the bill', () => {
  const node = new NodeMeter(type('m5.large'), 3.6);
  node.runs(10 * secondMs);
  node.ready(40 * secondMs);
  node.starts('a', half, 50 * secondMs);
  node.starts('b', quarterOfMemory, 150 * secondMs);
  node.ends('a', true, 250 * secondMs);
  node.ends('b', false, 350 * secondMs);
  node.stops(400.5 * secondMs);
  // 3.6 USD an hour are 0.001 a second. Boot 30 s; idle 10 s and 50.5 s.
  // 50 to 150: half of the CPU. 150 to 250: 3500 of 4000 MiB. 250 to 350: 3000 of 4000 MiB, all of it b's.
  // From 150 to 250 a and b share the work as 0.5 to 0.75.
  const ofB = 0.0875 * (0.75 / 1.25) + 0.075;
  const expected = {
    boot: 0.03,
    idle: 0.0605,
    work: 0.05 + 0.0875 + 0.075 - ofB,
    restarted: ofB,
    stranded: 0.05 + 0.0125 + 0.025,
    billing: 0.0005,
    credits: 0,
  };
  for (const [name, usd] of Object.entries(expected))
    expect([name, node.parts[name as 'work']]).toEqual([name, expect.closeTo(usd, 9)]);
  expect(totalOf(node.parts)).toBeCloseTo(0.391, 9);
});

test('a node of ten seconds is billed for sixty; one that never ran is not billed', () => {
  const node = new NodeMeter(type('m5.large'), 3.6);
  node.runs(0);
  node.stops(10 * secondMs);
  expect(node.parts).toMatchObject({ boot: expect.closeTo(0.01, 9), billing: expect.closeTo(0.05, 9) });
  const never = new NodeMeter(type('m5.large'), 3.6);
  never.stops(10 * secondMs);
  expect(totalOf(never.parts)).toBe(0);
});

test('a burstable type bills the CPU above its baseline', () => {
  const node = new NodeMeter(type('t3.micro'), 0.0104);
  node.runs(0);
  node.ready(0);
  node.starts('a', { cpuMilli: 1200, memoryMib: 100, gpu: 0 }, 0);
  node.ends('a', true, 3600 * secondMs);
  node.stops(3600 * secondMs);
  // Two vCPU with a tenth of each paid for: one vCPU hour at 0.05 USD.
  expect(node.parts.credits).toBeCloseTo(0.05, 9);
  expect(node.parts.work + node.parts.stranded).toBeCloseTo(0.0104, 9);
});

test('a series holds means of its intervals, and all of it in the integral', () => {
  const series = new Series(4_000, 4);
  series.change(500, 2);
  series.change(2_500, -1);
  series.set(5_000, 0);
  expect(series.means(6_000)).toEqual([1, 2, 1.5, 1]);
  expect(series.integral * 3600).toBeCloseTo(2 * 2 + 2.5, 9);
  expect(series.max).toBe(2);
  expect(() => new Series(0, 4)).toThrow('cannot be kept');
});

test('counts are of the interval in which something happened; what comes after the end, of the last one', () => {
  const counts = new Counts(4_000, 4);
  for (const atMs of [0, 999, 1_000, 3_999, 9_000]) counts.add(atMs);
  expect(counts.values).toEqual([2, 1, 0, 2]);
});

test('percentiles are waits that some task had', () => {
  const waits = Array.from({ length: 100 }, (_, at) => (100 - at) * 1000);
  expect(figuresOf(waits)).toEqual({ tasks: 100, meanS: 50.5, p50S: 50, p95S: 95, p99S: 99, maxS: 100 });
  const all = new Waits();
  const trace = readCsv('submit_s,duration_s,vcpu,memory_mib,gpu\n0,300,1,1024,0\n');
  for (const task of trace.tasks) for (const waitMs of waits) all.add(task, waitMs);
  expect([all.curveS().length, all.curveS()[0], all.curveS()[95], all.curveS()[100]]).toEqual([101, 1, 95, 100]);
  expect(figuresOf([])).toEqual({ tasks: 0, meanS: 0, p50S: 0, p95S: 0, p99S: 0, maxS: 0 });
});
