// The time-aware oracle: schedules that are checked by other code than made them, by hand, against every schedule
// there is on tiny traces, and against the fluid bound.
import { describe, expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { addLowerBound } from '../../../lib/backtest/measure/lower-bound.ts';
import { NodeMeter, totalOf } from '../../../lib/backtest/measure/node-costs.ts';
import { Series } from '../../../lib/backtest/measure/series.ts';
import { oracleOf, oracleSchedule, oracleTasksMax } from '../../../lib/backtest/oracle/index.ts';
import type { OracleNode } from '../../../lib/backtest/oracle/index.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import type { Trace } from '../../../lib/backtest/traces/trace.ts';
import { drawAt } from '../../../lib/backtest/world/draws.ts';
import { calm, catalogWeather } from '../../../lib/backtest/world/weather.ts';
import { instanceType, offeringsOf } from '../../../lib/core/catalog/index.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';

const head = 'submit_s,duration_s,vcpu,memory_mib,gpu,count';
const delayS = 40;
const bootS = 30;
const behaviour = { launchMs: 10_000, bootMs: { minMs: 20_000, maxMs: 40_000 }, weather: calm };

function pool(requirements: object, more: object = {}): PoolSpec {
  return poolSpecOf('pool', poolBody.parse({ requirements, ...more }));
}

function scheduleOf(trace: Trace, one: PoolSpec, seed = 1): readonly OracleNode[] {
  return oracleSchedule({ trace, pools: [one], behaviour, seed, steps: 3_000_000 });
}

const usdOf = (nodes: readonly OracleNode[]): number => nodes.reduce((sum, node) => sum + node.usd, 0);

/** Replays each node on the meter of the back-test's world. Answers what all cost. */
function checked(trace: Trace, nodes: readonly OracleNode[], one: PoolSpec): number {
  const runs = new Map<number, number>();
  let usd = 0;
  for (const { machine, fromMs, toMs, items } of nodes) {
    const { type, priceUsdPerHour } = machine.offering;
    const meter = new NodeMeter(type, priceUsdPerHour);
    const moments = items.flatMap((item, at) => [
      { ms: item.startMs, isEnd: false, item, at },
      { ms: item.endMs, isEnd: true, item, at },
    ]);
    moments.sort((a, b) => a.ms - b.ms || Number(b.isEnd) - Number(a.isEnd));
    const used = { cpuMilli: 0, memoryMib: 0, gpu: 0, tasks: 0 };
    meter.runs(fromMs);
    meter.ready(fromMs + bootS * 1000);
    for (const { ms, isEnd, item, at } of moments) {
      const task = trace.tasks[item.task];
      if (task === undefined) throw new RangeError(`no task ${String(item.task)}`);
      const sign = isEnd ? -1 : 1;
      used.cpuMilli += sign * task.resources.cpuMilli;
      used.memoryMib += sign * task.resources.memoryMib;
      used.gpu += sign * task.resources.gpu;
      used.tasks += sign;
      if (isEnd) meter.ends(String(at), true, ms);
      else meter.starts(String(at), task.resources, ms);
      expect(used.cpuMilli).toBeLessThanOrEqual(type.allocatable.cpuMilli);
      expect(used.memoryMib).toBeLessThanOrEqual(type.allocatable.memoryMib);
      expect(used.gpu).toBeLessThanOrEqual(type.allocatable.gpu);
      expect(used.tasks).toBeLessThanOrEqual(one.tasksPerNode);
      expect(ms).toBeGreaterThanOrEqual(fromMs + bootS * 1000);
      expect(ms).toBeLessThanOrEqual(toMs);
      if (isEnd) continue;
      expect([task.submitMs + delayS * 1000, task.durationMs]).toEqual([ms, item.endMs - ms]);
      for (const [name, values] of Object.entries(task.requirements))
        if (name === 'arch') expect(values).toContain(type.arch);
      runs.set(item.task, (runs.get(item.task) ?? 0) + 1);
    }
    meter.stops(toMs);
    usd += totalOf(meter.parts);
  }
  expect(trace.tasks.map((_, at) => runs.get(at) ?? 0)).toEqual(trace.tasks.map((task) => task.count));
  return usd;
}

const m5 = { instanceType: ['m5.large'], capacityType: ['on-demand'] };
const perS = (instanceType('m5.large')?.onDemandUsdPerHour ?? NaN) / 3600;

describe('the time-aware oracle, by hand', () => {
  test.each([
    ['an hour and its boot', ['0,3600,1,512,0,1'], 3630],
    ['ten seconds are billed as sixty, each on a node of its own', ['0,10,1,512,0,1', '900,10,1,512,0,1'], 120],
    ['two at a time share a node', ['0,600,0.5,512,0,2'], 630],
    ['a gap of ten seconds is cheaper than a boot', ['0,100,1,512,0,1', '110,100,1,512,0,1'], 240],
    ['a gap of forty is not', ['0,100,1,512,0,1', '140,100,1,512,0,1'], 260],
    ['what has no room beside runs elsewhere', ['0,100,1.5,512,0,1', '50,100,1.5,512,0,1'], 260],
  ])('%s', (_, rows, seconds) => {
    const trace = readCsv(`${head}\n${rows.join('\n')}\n`);
    const nodes = scheduleOf(trace, pool(m5));
    expect(usdOf(nodes)).toBeCloseTo(seconds * perS, 9);
    expect(checked(trace, nodes, pool(m5))).toBeCloseTo(seconds * perS, 9);
  });

  test('knows durations: a short task joins the short node, and the long one ends alone on the cheapest', () => {
    const types = pool({ instanceType: ['m5.large', 'm5.xlarge'], capacityType: ['on-demand'] });
    const trace = readCsv(`${head}\n0,7200,1.5,512,0,1\n0,120,1.5,512,0,2\n`);
    const nodes = scheduleOf(trace, types);
    // Never the long one beside a short one on an m5.xlarge that would then be half empty for two hours.
    expect(usdOf(nodes)).toBeCloseTo((7230 + 2 * 150) * perS, 9);
  });

  test('what no node can carry is left out, and a trace that is too long has no oracle', () => {
    const trace = readCsv(`${head}\n0,60,1,512,0,1\n0,60,64,512,0,1\n`);
    expect(scheduleOf(trace, pool(m5)).flatMap((node) => node.items)).toHaveLength(1);
    const long = readCsv(`${head}\n${`0,60,1,512,0,10000\n`.repeat(oracleTasksMax / 10_000)}0,60,1,512,0,1\n`);
    expect(oracleOf({ trace: long, pools: [pool(m5)], behaviour, seed: 1 })).toBeNull();
    const moving = { ...behaviour, weather: catalogWeather };
    expect(oracleOf({ trace, pools: [pool(m5)], behaviour: moving, seed: 1 })).toBeNull();
  });

  test('a result says what a report needs', () => {
    const trace = readCsv(`${head}\n0,3600,1,512,0,1\n`);
    const result = oracleOf({ trace, pools: [pool(m5)], behaviour, seed: 1 });
    expect(result).toMatchObject({ tasks: 1, nodes: 1, waitS: delayS, usd: expect.closeTo(3630 * perS, 9) });
    expect(Math.max(...(result?.usdPerHour ?? []))).toBeCloseTo(3600 * perS, 9);
  });
});

function drawn(tasks: number, seed: number, spanS: number): Trace {
  const rows = Array.from({ length: tasks }, (_, at) => {
    const draw = (name: string): number => drawAt(seed, name, at);
    const durationS = Math.min(5_000, 15 / (1 - draw('duration')) ** 0.9);
    const shape = [
      [0.1, 200],
      [0.5, 3000],
      [1, 1000],
      [3, 2000],
      [0.2, 12_000],
    ][Math.floor(draw('shape') * 5)];
    const arch = draw('arch') < 0.2 ? 'arm64' : '';
    const count = draw('count') < 0.05 ? 20 : 1;
    return [(draw('at') * spanS).toFixed(1), durationS.toFixed(1), ...(shape ?? []), 0, count, arch].join(',');
  });
  return readCsv(`${head},arch\n${rows.join('\n')}\n`);
}

describe('a schedule of the oracle', () => {
  test.each([
    ['on demand', pool({ capacityType: ['on-demand'] })],
    ['spot, few tasks per node', pool({ arch: ['amd64', 'arm64'] }, { tasksPerNode: 3 })],
    ['burstable types', pool({ instanceFamily: ['t3', 't3a', 't4g', 'm5', 'm6g'], capacityType: ['on-demand'] })],
  ])('is valid, costs what the meter counts, and no less than the fluid bound: %s', (_, one) => {
    for (const seed of [1, 2]) {
      const trace = drawn(150, seed, 7_200);
      const nodes = scheduleOf(trace, one, seed);
      const usd = checked(trace, nodes, one);
      expect(usdOf(nodes)).toBeCloseTo(usd, 8);
      const bound = addLowerBound(trace, [one], new Series(20_000_000, 480));
      expect(bound).toBeGreaterThan(0);
      expect(usd).toBeGreaterThan(bound);
      expect(JSON.stringify(scheduleOf(trace, one, seed))).toBe(JSON.stringify(nodes));
    }
  });

  test('is as cheap as the best of all there are, on tiny traces', () => {
    const one = pool({ instanceType: ['m5.large', 'm5.xlarge', 'c5.xlarge', 'r5.large'], capacityType: ['on-demand'] });
    const offerings = offeringsOf(one.requirements);
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const rows = Array.from({ length: 6 }, (_, at) => {
        const [cpu, memory] =
          [
            [0.9, 1000],
            [1.5, 6000],
            [3, 3000],
            [0.4, 9000],
          ][Math.floor(drawAt(seed, 's', at) * 4)] ?? [];
        const durationS = 20 + Math.floor(drawAt(seed, 'd', at) ** 2 * 600);
        const submitS = Math.floor(drawAt(seed, 'a', at) * 300);
        return [submitS, durationS, cpu, memory, 0, 1].join(',');
      });
      const trace = readCsv(`${head}\n${rows.join('\n')}\n`);
      const nodes = scheduleOf(trace, one, seed);
      expect(usdOf(nodes)).toBeCloseTo(bestOfAll(trace, offerings), 9);
    }
  });
});

/** The cheapest of all ways to divide the tasks among nodes, each of the cheapest type that carries its part. */
function bestOfAll({ tasks }: Trace, offerings: readonly Offering[]): number {
  const costOf = (part: readonly number[]): number => {
    const own = part.flatMap((at) => tasks[at] ?? []);
    const needed = own.map((first) => {
      const beside = own.filter(
        ({ submitMs, durationMs }) => submitMs <= first.submitMs && submitMs + durationMs > first.submitMs,
      );
      return [
        beside.reduce((sum, { resources }) => sum + resources.cpuMilli, 0),
        beside.reduce((sum, { resources }) => sum + resources.memoryMib, 0),
      ] as const;
    });
    const lastMs = Math.max(...own.map(({ submitMs, durationMs }) => submitMs + durationMs));
    const ranMs = lastMs - Math.min(...own.map(({ submitMs }) => submitMs));
    const billedS = Math.max(60, Math.ceil(bootS + ranMs / 1000));
    const fitting = offerings.filter(({ type }) =>
      needed.every(([cpu, memory]) => cpu <= type.allocatable.cpuMilli && memory <= type.allocatable.memoryMib),
    );
    return Math.min(Infinity, ...fitting.map(({ priceUsdPerHour }) => (priceUsdPerHour * billedS) / 3600));
  };
  const divide = (at: number, parts: readonly (readonly number[])[]): number => {
    if (at === tasks.length) return parts.reduce((sum, part) => sum + costOf(part), 0);
    const joined = parts.map((part, which) =>
      divide(
        at + 1,
        parts.map((other, index) => (index === which ? [...part, at] : other)),
      ),
    );
    return Math.min(divide(at + 1, [...parts, [at]]), ...joined);
  };
  return divide(0, []);
}
