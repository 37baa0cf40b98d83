// Back-tests of tiny traces, calculated by hand; and that leaving out syncs without effect leaves out nothing else.
import { describe, expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { drawAt } from '../../../lib/backtest/world/draws.ts';
import { calm, readWeather } from '../../../lib/backtest/world/weather.ts';
import { awsBehaviour, localBehaviour, withBoot } from '../../../lib/backtest/world/behaviour.ts';
import type { Behaviour } from '../../../lib/backtest/world/behaviour.ts';
import { instancesUsd, resultOf } from '../../../lib/backtest/results.ts';
import type { VariantResult } from '../../../lib/backtest/results.ts';
import { boundOf } from '../../../lib/backtest/report/losses.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import type { Trace } from '../../../lib/backtest/traces/trace.ts';
import { BacktestWorld } from '../../../lib/backtest/world/world.ts';
import { instanceType } from '../../../lib/core/catalog/index.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { regretParts } from '../../../lib/core/costs/regret/regret.ts';

const head = 'submit_s,duration_s,vcpu,memory_mib,gpu,count';

function pool(body: object): PoolSpec {
  return poolSpecOf('pool', poolBody.parse({ requirements: { instanceType: ['m5.large'] }, ...body }));
}

async function backtest(
  trace: Trace,
  pools: readonly PoolSpec[],
  behaviour: Behaviour,
  more: { readonly leavesOutSyncs?: boolean; readonly seed?: number } = {},
): Promise<VariantResult & { readonly billedUsd: number }> {
  const { seed = 1 } = more;
  const world = new BacktestWorld({ trace, pools, behaviour, ...more, seed });
  await world.run();
  return { ...resultOf('v', seed, trace, pools, world), billedUsd: world.billedUsd };
}

/** Every delay is known. */
const exact: Behaviour = { ...awsBehaviour, launchMs: 10_000, bootMs: 30_000, shutdownMs: 5_000, describeLagMs: 0 };

describe('a back-test, by hand', () => {
  const onDemand = pool({ requirements: { instanceType: ['m5.large'], capacityType: ['on-demand'] } });
  const m5 = instanceType('m5.large');
  const price = m5?.onDemandUsdPerHour ?? NaN;

  test('one task of an hour on one node', async () => {
    const result = await backtest(readCsv(`${head}\n0,3600,1,512,0,1\n`), [onDemand], exact);
    expect(result.tasks).toMatchObject({ submitted: 1, ended: 1, failed: 0, attempts: 1 });
    expect(result.nodes).toMatchObject({ launched: 1, most: 1, byType: { 'm5.large on-demand': 1 } });
    // Wake and tick take half a second, launch and boot 40 s; then the agent calls, is placed upon, and is told.
    expect(result.waits.all.maxS).toBeGreaterThan(40.5);
    expect(result.waits.all.maxS).toBeLessThan(44);
    // Its end is told a moment later.
    expect(result.completions).toMatchObject({ tasks: 1 });
    expect(result.completions.maxS - result.waits.all.maxS).toBeGreaterThanOrEqual(3_600);
    expect(result.completions.maxS - result.waits.all.maxS).toBeLessThan(3_602);
    const share = 1000 / (m5?.allocatable.cpuMilli ?? NaN);
    expect(result.cost.boot).toBeCloseTo((30 / 3600) * price, 9);
    expect(result.cost.work).toBeCloseTo(share * price, 9);
    expect(result.cost.stranded).toBeCloseTo((1 - share) * price, 9);
    // The pool's 15 s, the seconds before the task, and the tick that gives the node back.
    expect(result.cost.idle).toBeGreaterThan((15 / 3600) * price);
    expect(result.cost.idle).toBeLessThan((85 / 3600) * price);
    expect(instancesUsd(result.cost)).toBeCloseTo(result.billedUsd, 9);
    // In hindsight the type was right.
    const { regret } = result;
    expect(regret.paid).toBeCloseTo(instancesUsd(result.cost), 9);
    expect(regretParts.reduce((sum, part) => sum + regret[part], 0)).toBeCloseTo(regret.paid, 9);
    expect(regret).toMatchObject({ boot: expect.closeTo((30 / 3600) * price, 9), needed: expect.closeTo(price, 9) });
    expect(regret.idleHead + regret.idleTail).toBeCloseTo(result.cost.idle, 9);
    // Nothing cheaper is sold to this pool than the one type.
    expect(result.boundUsd).toBeCloseTo(price, 6);
  });

  test('is by own prices', async () => {
    const cheap = { ...onDemand, prices: [{ instanceType: 'm5.*', discountPercent: 50 }] };
    const trace = readCsv(`${head}\n0,3600,1,512,0,1\n`);
    const [whole, half] = [await backtest(trace, [onDemand], exact), await backtest(trace, [cheap], exact)];
    expect(instancesUsd(half.cost)).toBeCloseTo(instancesUsd(whole.cost) / 2, 9);
    expect(half.boundUsd).toBeCloseTo(whole.boundUsd / 2, 9);
    expect(half.regret.paid).toBeCloseTo(instancesUsd(half.cost), 9);
  });

  test('commitments cost as much when nothing uses them, and pay for nodes while these run', async () => {
    const trace = readCsv(`${head}\n0,3600,1,512,0,1\n`);
    const reserved = (count: number, usdPerHour?: number): PoolSpec =>
      pool({
        requirements: { instanceType: ['m5.large'] },
        commitments: [{ kind: 'reserved-instances', name: 'r', instanceType: 'm5.large', count, usdPerHour }],
      });
    const plain = await backtest(trace, [onDemand], exact);
    expect(plain.cost.committed).toBeUndefined();
    const paid = await backtest(trace, [reserved(2, 0.05)], exact);
    // Spot would be cheaper by its price, but this one is paid for.
    expect(paid.nodes.byType).toEqual({ 'm5.large on-demand': 1 });
    const hours = 1 + (paid.waits.all.maxS + 30) / 3600;
    expect(paid.cost.committed).toBeGreaterThan(2 * 0.05);
    expect(paid.cost.committed).toBeCloseTo(2 * 0.05 * hours, 2);
    expect(paid.cost.covered).toBeCloseTo(instancesUsd(plain.cost), 3);
    // The meter bills whole seconds.
    expect(instancesUsd(paid.cost)).toBeCloseTo(paid.cost.committed ?? NaN, 4);
    expect(paid.boundUsd).toBeLessThanOrEqual(paid.cost.total + 1e-9);
    expect(paid.boundUsd).toBeCloseTo(paid.cost.committed ?? NaN, 6);
  });

  test('tasks that share a node cost one node; the bound knows that two shares are a half', async () => {
    const two = await backtest(readCsv(`${head}\n0,3600,0.5,512,0,2\n`), [onDemand], exact);
    expect(two.nodes.launched).toBe(1);
    expect(two.cost.work).toBeCloseTo((1000 / (m5?.allocatable.cpuMilli ?? NaN)) * price, 9);
    expect(two.boundUsd).toBeCloseTo(price, 6);
  });

  test('a node that has room hears of its next task by its bell, and not with its next sync', async () => {
    const later = Array.from({ length: 9 }, (_, n) => `${String(300 + 41 * n)},20,0.1,128,0,1`);
    const result = await backtest(readCsv(`${head}\n0,900,1,512,0,1\n${later.join('\n')}\n`), [onDemand], exact);
    expect(result.nodes.launched).toBe(1);
    // All but the first, for which the node was bought.
    expect(result.waits.curveS[90]).toBeLessThan(1);
  });

  test('a limit makes tasks wait for each other', async () => {
    const limited: PoolSpec = { ...onDemand, limits: { instances: 1 } };
    const result = await backtest(readCsv(`${head}\n0,600,1.5,512,0,1\n0,600,1.5,512,0,1\n`), [limited], exact);
    expect(result.nodes.launched).toBe(1);
    expect(result.waits.all.maxS - result.waits.all.p50S).toBeGreaterThan(600);
    expect(result.waits.all.maxS - result.waits.all.p50S).toBeLessThan(605);
    // From the first tick on, until the one task had made room for the other.
    expect(result.waitedFor).toEqual({
      limit_reached: { seconds: expect.any(Number), example: expect.stringContaining('limits.instances') },
    });
    expect(result.waitedFor['limit_reached']?.seconds).toBeGreaterThan(600);
    expect(result.waitedFor['limit_reached']?.seconds).toBeLessThan(700);
    expect(boundOf(result)[0]).toMatch(/^For 11 minutes tasks waited for "limit_reached", e\.g\.: .*limits\.instances/);
  });

  test('what can never run is refused, with its line', async () => {
    const result = await backtest(readCsv(`${head}\n0,60,1,512,0,1\n0,60,64,512,0,2\n`), [onDemand], exact);
    expect(result.tasks).toMatchObject({ submitted: 3, ended: 1, refused: 2, unfinished: 0 });
    expect(result.refusals).toEqual([{ line: 3, reason: expect.stringContaining('vCPU') }]);
  });

  test('a boot of another speed is a wait of another length', async () => {
    const slow = await backtest(readCsv(`${head}\n0,60,1,512,0,1\n`), [onDemand], withBoot(exact, 300));
    expect(slow.waits.all.maxS).toBeGreaterThan(220);
    expect(slow.waits.all.maxS).toBeLessThan(380);
  });
});

describe('the weather of a file', () => {
  const csv = 'at_s,offering,price,capacity,interrupt\n';
  const spot = pool({ requirements: { instanceType: ['m5.large'], capacityType: ['spot'], zone: ['us-east-1a'] } });
  const oneTask = readCsv(`${head}\n600,3600,1.5,512,0,1\n`);
  const under = (rows: string, trace = oneTask, from = 0): Promise<VariantResult & { readonly billedUsd: number }> =>
    backtest(trace, [spot], { ...exact, weather: readWeather(csv + rows, 'w.csv', from) });

  test('a price holds from its time on, for what is launched then', async () => {
    const cheap = await under('300,m5.large/us-east-1a/spot,0.01,,\n2000,*/spot,0.09,,\n');
    expect(cheap.cost.work + cheap.cost.stranded).toBeCloseTo(0.01, 6);
    expect(cheap.boundUsd).toBeCloseTo(0.01, 6);
    const later = await under('300,m5.large/us-east-1a/spot,0.01,,\n599,m5.*,0.02,,\n');
    expect(later.cost.work + later.cost.stranded).toBeCloseTo(0.02, 6);
    expect(instancesUsd(later.cost)).toBeCloseTo(later.billedUsd, 9);
    // A bound rests on the least price there ever is.
    expect(later.boundUsd).toBeCloseTo(0.01, 6);
  });

  test('an interruption of all that runs makes the task begin again', async () => {
    const result = await under('1800,*,,,1\n');
    expect(result.nodes.interruptions).toBe(1);
    expect(result.tasks).toMatchObject({ ended: 1, attempts: 2, interrupted: 1, moved: 0 });
    expect(boundOf(result)).toEqual([]);
    expect(result.cost.restarted).toBeGreaterThan(0);
    expect((await under('1800,*,,,0\n')).nodes.interruptions).toBe(0);
    expect((await under('1800,*,,,1\n', oneTask, 1_900_000)).nodes.interruptions).toBe(0);
  });

  test('a shortage makes the task wait until capacity is back', async () => {
    const result = await under('0,*/spot,,0,\n1800,*/spot,,-,\n');
    expect(result.tasks.ended).toBe(1);
    expect(result.waits.all.maxS).toBeGreaterThan(1200);
    expect(result.waits.all.maxS).toBeLessThan(3600);
  });

  test.each([
    ['at,offering\n', 'the first line must be'],
    [`${csv}x,*,1,,\n`, 'w.csv, line 2: at_s "x" must be a number'],
    [`${csv}0,*,,1,\n0,z9.huge/*,1,,\n`, 'line 3: "z9.huge/*" is no offering'],
    [`${csv}0,*,,,1.5\n`, 'interrupt "1.5" must be a number of 0 to 1'],
    [`${csv}0,*,,,\n`, 'it changes nothing'],
    [`${csv}0,*,1\n`, 'it has 3 cells'],
  ])('that cannot be read is refused with its line: %j', (text, message) => {
    expect(() => readWeather(text, 'w.csv')).toThrow(message);
  });
});

/** A few hours of arrivals in bursts, with shapes and arrays. */
function smallTrace(tasks: number, seed: number): Trace {
  const rows = Array.from({ length: tasks }, (_, at) => {
    const draw = (name: string): number => drawAt(seed, name, at);
    const submitS = Math.floor(draw('burst') * 6) * 1200 + draw('at') ** 3 * 900;
    const durationS = Math.min(3000, 20 / (1 - draw('duration')) ** 0.8);
    const count = draw('count') < 0.1 ? 30 : 1;
    return [
      submitS.toFixed(1),
      durationS.toFixed(1),
      [0.1, 0.5, 1, 1.5][at % 4],
      [128, 1024, 3000][at % 3],
      0,
      count,
    ].join(',');
  });
  return readCsv(`${head}\n${rows.join('\n')}\n`);
}

const generic = pool({ requirements: { arch: ['amd64'] }, idleAfterSeconds: 45 });

describe('syncs that are left out', () => {
  test.each([
    ['on AWS', awsBehaviour, 1],
    ['on AWS, with interruptions', { ...awsBehaviour, weather: { ...calm, interruptionsPerHour: 2 } }, 2],
    ['on a laptop', localBehaviour, 3],
  ])('change nothing but their number: %s', async (_, behaviour, seed) => {
    const trace = smallTrace(behaviour === localBehaviour ? 10 : 30, seed);
    const few = await backtest(trace, [generic], behaviour, { seed });
    const all = await backtest(trace, [generic], behaviour, { seed, leavesOutSyncs: false });
    expect(few.control.syncs).toBeLessThan(all.control.syncs);
    const { syncs: _few, ...ofFew } = few.control;
    const { syncs: _all, ...ofAll } = all.control;
    expect({ ...few, control: ofFew }).toEqual({ ...all, control: ofAll });
    expect(few.tasks.ended).toBe(few.tasks.submitted);
  });
});

describe('a result', () => {
  test('is the same for the same seed to the last byte, and another for another', async () => {
    const trace = smallTrace(20, 5);
    const text = async (seed: number): Promise<string> =>
      JSON.stringify(await backtest(trace, [generic], awsBehaviour, { seed }));
    const first = await text(7);
    expect(await text(7)).toBe(first);
    expect(await text(8)).not.toBe(first);
  });

  test('is never cheaper than the bound, and its parts are what EC2 bills and the credits', async () => {
    for (const seed of [1, 2, 3]) {
      const result = await backtest(smallTrace(20, seed), [generic], awsBehaviour, { seed });
      expect(instancesUsd(result.cost)).toBeCloseTo(result.billedUsd + result.cost.credits, 9);
      expect(result.boundUsd).toBeGreaterThan(0);
      expect(result.boundUsd).toBeLessThan(result.cost.total);
    }
  });
});
