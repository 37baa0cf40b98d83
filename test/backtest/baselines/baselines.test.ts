// Baselines on tiny traces, calculated by hand: what they buy, when, and what they give back.
import { describe, expect, test } from '@jest/globals';
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { Fleet } from '../../../lib/backtest/baselines/fleet.ts';
import type { Placement, Policy } from '../../../lib/backtest/baselines/fleet.ts';
import { baselineNames, bearableWaitS, runBaseline } from '../../../lib/backtest/baselines/index.ts';
import { KarpenterLike } from '../../../lib/backtest/baselines/karpenter-like.ts';
import { ManagedInstances } from '../../../lib/backtest/baselines/managed-instances.ts';
import { BatchLike, FixedFleet, NodesOnDemand, TargetTracking } from '../../../lib/backtest/baselines/policies.ts';
import { totalOf } from '../../../lib/backtest/measure/node-costs.ts';
import { instancesUsd } from '../../../lib/backtest/results.ts';
import { adjusted } from '../../../lib/backtest/traces/adjust.ts';
import { readCsv } from '../../../lib/backtest/traces/csv.ts';
import { awsBehaviour } from '../../../lib/backtest/world/behaviour.ts';
import { readWeather } from '../../../lib/backtest/world/weather.ts';
import type { Behaviour } from '../../../lib/backtest/world/behaviour.ts';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import { rootVolumeUsdPerHour } from '../../../lib/core/catalog/root-volume.ts';

const behaviour: Behaviour = { ...awsBehaviour, launchMs: 10_000, bootMs: 30_000, networkMs: 0, taskStartMs: 0 };
const head = 'submit_s,duration_s,vcpu,memory_mib,gpu,count';

function pool(instanceType: readonly string[]) {
  return poolSpecOf('pool', poolBody.parse({ requirements: { instanceType, capacityType: ['on-demand'] } }));
}

async function run(
  rows: readonly string[],
  policy: Policy,
  types: readonly string[] = ['m5.large'],
  placement: Placement = 'first-fit',
  zones: readonly string[] = ['us-east-1a'],
): Promise<Fleet> {
  const spec = pool(types);
  const offerings = offeringsOf(spec.requirements, { zones });
  const trace = readCsv(`${head}\n${rows.join('\n')}\n`);
  const fleet = new Fleet({ trace, pool: spec, offerings, behaviour, seed: 1, policy, placement });
  await fleet.run();
  return fleet;
}

const [m5] = offeringsOf({ instanceType: ['m5.large'], capacityType: ['on-demand'] }, { zones: ['us-east-1a'] });
if (m5 === undefined) throw new RangeError('no m5.large');
const waitsOf = (fleet: Fleet): readonly number[] => {
  const { p50S, maxS } = fleet.measures.waits.all();
  return [p50S, maxS];
};

describe('a fleet of spot nodes', () => {
  const [spot] = offeringsOf({ instanceType: ['m5.large'], capacityType: ['spot'] }, { zones: ['us-east-1a'] });
  if (spot === undefined) throw new RangeError('no spot m5.large');

  test('pays the price of its launch, and replaces what EC2 takes', async () => {
    const weather = readWeather(
      'at_s,offering,price,capacity,interrupt\n0,*/spot,0.02,,\n50,*/spot,0.04,,\n100,*/spot,,,1\n',
      'w.csv',
    );
    const trace = readCsv(`${head}\n10,200,1.5,512,0,1\n`);
    const options = { trace, pool: pool(['m5.large']), offerings: [spot], seed: 1, placement: 'first-fit' as const };
    const policy = new FixedFleet(spot, 1);
    const fleet = new Fleet({ ...options, behaviour: { ...behaviour, weather }, policy });
    await fleet.run();
    expect(fleet.counts).toMatchObject({ interruptions: 1, ended: 1 });
    expect(fleet.measures.counts).toMatchObject({ interrupted: 1, moved: 0 });
    // The first is launched as the trace begins, at the catalog's price; launch and boot of the second take 40 s.
    const { restarted, work, stranded, boot } = fleet.measures.costs;
    expect(restarted).toBeGreaterThan(0);
    expect(boot).toBeCloseTo((30 * 0.04) / 3600, 9);
    expect(work + stranded).toBeCloseTo((200 * 0.04 + 90 * spot.priceUsdPerHour) / 3600 - restarted, 9);
    expect(waitsOf(fleet)).toEqual([0, 0]);
  });
});

describe('a fixed fleet', () => {
  test('has as many nodes as the peak needs, and costs them from the first submission to the last end', async () => {
    const rows = ['0,100,1.5,512,0,2', '50,100,1.5,512,0,1', '120,30,1.5,512,0,1'];
    const peak = new NodesOnDemand(m5);
    await run(rows, peak);
    expect(peak.nodes).toBe(3);
    const fleet = await run(rows, new FixedFleet(m5, peak.nodes));
    expect(waitsOf(fleet)).toEqual([0, 0]);
    const usdPerHour = m5.priceUsdPerHour + rootVolumeUsdPerHour(m5.type, awsBehaviour.rootVolumeGib);
    expect(totalOf(fleet.measures.costs)).toBeCloseTo((3 * 150 * usdPerHour) / 3600, 9);
    expect(fleet.measures.costs.boot).toBe(0);
  });

  test('of too few nodes makes tasks wait in their order', async () => {
    const fleet = await run(['0,100,1.5,512,0,1', '1,100,1.5,512,0,1', '2,100,1.5,512,0,1'], new FixedFleet(m5, 1));
    expect(waitsOf(fleet)).toEqual([99, 198]);
    expect(fleet.measures.busyVcpu.integral).toBeCloseTo((3 * 100 * 1.5) / 3600, 9);
  });
});

describe('target tracking', () => {
  test('grows after three minutes above the target, in proportion, and shrinks after fifteen below', async () => {
    const fleet = await run(['0,3000,1.5,512,0,4', '5000,60,1,512,0,1'], new TargetTracking(m5, 70));
    // One node is there; the others are bought at 180 s and boot for 40.
    expect(waitsOf(fleet)).toEqual([220, 220]);
    expect(fleet.measures.counts.launched).toBe(Math.ceil(6000 / m5.type.allocatable.cpuMilli / 0.7));
    expect(fleet.measures.nodes.level).toBe(0);
    expect(fleet.measures.costs.idle).toBeGreaterThan(0);
  });
});

describe('batch-like', () => {
  test('looks once a minute, buys the least price per vCPU that is large enough, terminates what is idle', async () => {
    const types = ['m5.large', 'm5.xlarge', 'r5.large'];
    const fleet = await run(['1,600,1,512,0,2', '2000,10,1,512,0,1'], new BatchLike(2, 64), types);
    // Bought at 60 s, ready at 100 s.
    expect(waitsOf(fleet)[0]).toBe(99);
    expect([...fleet.measures.launchedByType.keys()]).toEqual(['m5.large on-demand']);
    // Idle from 700 s to the first minute at which that is two: 120 s or more, less than 180 s; and for the last task.
    const idleS = (fleet.measures.costs.idle * 3600) / m5.priceUsdPerHour;
    const nodes = fleet.measures.counts.launched - 1;
    expect(idleS).toBeGreaterThanOrEqual(120 * nodes);
    expect(idleS).toBeLessThan(180 * nodes);
  });
});

describe('batch-managed-like', () => {
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

  test('spreads over zones, packs within one, and terminates what was idle for as long as was said', async () => {
    const policy = new ManagedInstances(60, 64);
    const fleet = await run(
      ['0,600,0.9,512,0,3', '800,100,0.5,512,0,1'],
      policy,
      ['m5.large'],
      'zones-then-packed',
      zones,
    );
    // A second to look, 40 s to boot: a node in each zone, though two tasks fit one.
    expect(fleet.measures.counts.launched).toBe(4);
    expect(waitsOf(fleet)).toEqual([41, 41]);
    // Idle from 641 s to the next look after 60 s, at 710 s; the last one goes with the end of the run.
    expect((fleet.measures.costs.idle * 3600) / m5.priceUsdPerHour).toBeCloseTo(3 * 69, 6);
  });

  test('puts a task into the zone with fewest, on the node with the least room', async () => {
    const [a, b] = offeringsOf({ instanceType: ['m5.large'], capacityType: ['on-demand'] });
    if (a === undefined || b === undefined) throw new RangeError('m5.large is not sold in two zones');
    let running: readonly number[] = [];
    const looking: Policy = {
      begin: (fleet) => {
        for (const offering of [a, a, b]) fleet.launch(offering, true);
        fleet.after(50_000, () => (running = fleet.nodes.map((node) => node.running.size)));
      },
    };
    await run(['0,100,0.5,512,0,3'], looking, ['m5.large'], 'zones-then-packed', zones);
    expect(running).toEqual([2, 0, 1]);
  });
});

describe('karpenter-like', () => {
  test('batches for a second, and packs first: one large node where small ones would do', async () => {
    const types = ['m5.large', 'm5.xlarge', 'm5.4xlarge'];
    const policy = new KarpenterLike({ consolidateAfterMs: 0, savingsPerDisruption: null });
    const fleet = await run(['0,600,1,512,0,14'], policy, types);
    expect([...fleet.measures.launchedByType]).toEqual([['m5.4xlarge on-demand', 1]]);
    expect(waitsOf(fleet)).toEqual([41, 41]);
    const small = await run(['0,600,1,512,0,1'], policy, types);
    expect([...small.measures.launchedByType]).toEqual([['m5.large on-demand', 1]]);
  });

  test('moves tasks of a node that others have room for when it saves enough, and they begin again', async () => {
    const rows = ['0,300,1.5,512,0,1', '0,4000,1,512,0,1', '600,60,0.2,128,0,1', '700,60,0.2,128,0,1'];
    const types = ['m5.large'];
    const off = await run(rows, new KarpenterLike({ consolidateAfterMs: 60_000, savingsPerDisruption: null }), types);
    expect(off.measures.counts.interrupted).toBe(0);
    const two = ['0,300,1.5,512,0,2', '100,4000,0.3,512,0,2'];
    const spread = new KarpenterLike({ consolidateAfterMs: 60_000, savingsPerDisruption: 1 });
    const on = await run(two, spread, types, 'least-allocated');
    expect(on.measures.counts).toMatchObject({ interrupted: 1, moved: 1 });
    expect(on.measures.costs.restarted).toBeGreaterThan(0);
    const never = new KarpenterLike({ consolidateAfterMs: 60_000, savingsPerDisruption: 3 });
    expect((await run(two, never, types, 'least-allocated')).measures.counts.interrupted).toBe(0);
  });
});

describe('every baseline', () => {
  test.each(baselineNames.filter((name) => name !== 'recorded'))(
    'runs all tasks, and shows the cheapest setting whose wait is bearable: %s',
    async (name) => {
      const rows = Array.from({ length: 60 }, (_, at) => `${String(at * 37)},${String(60 + at * 9)},1,1024,0,1`);
      const result = await runBaseline({
        name,
        trace: readCsv(`${head}\n${rows.join('\n')}\n0,1,500,1,0,1\n`),
        pool: pool(['m5.large', 'm5.xlarge', 'm5.2xlarge', 'c5.xlarge']),
        behaviour,
        seed: 3,
      });
      expect(result).toMatchObject({ kind: 'baseline', tasks: { ended: 60, refused: 1, unfinished: 0 } });
      const tried = result.tried ?? [];
      const bearable = tried.filter((one) => one.waitP95S <= bearableWaitS);
      const best = Math.min(...(bearable.length > 0 ? bearable : tried).map((one) => one.costUsd));
      if (bearable.length > 0) expect(result.cost.total).toBe(best);
      expect(result.cost.total).toBeGreaterThan(result.boundUsd);
      expect(result.utilisation).toBeLessThan(1);
      expect(result.refusals).toEqual([{ line: 62, reason: 'no node of the fleet can carry it' }]);
    },
  );
});

describe('what was recorded', () => {
  const columns = `${head},node,node_type,node_capacity,node_usd_per_hour,started_s`;
  const recorded = async (rows: readonly string[]) =>
    runBaseline({
      name: 'recorded',
      trace: readCsv(`${columns}\n${rows.join('\n')}\n`),
      pool: pool(['m5.large', 'm5.xlarge']),
      behaviour,
      seed: 1,
    });
  const large = (m5.priceUsdPerHour ?? NaN) / 3600;

  test('costs each node from its first start to its last end, at its price or the list price', async () => {
    const result = await recorded([
      '0,100,1,512,0,1,a,m5.large,,,20',
      '50,100,1,512,0,1,a,m5.large,,,50',
      '200,60,1,512,0,2,b,m5.xlarge,spot,0.06,',
      '400,100,1,512,0,1,a,m5.large,,,400',
    ]);
    const spotUsd = (60 / 3600) * 0.06;
    expect(instancesUsd(result.cost)).toBeCloseTo(480 * large + spotUsd, 9);
    expect(result.cost.idle).toBeCloseTo(250 * large, 9);
    expect(result).toMatchObject({
      kind: 'baseline',
      settings: null,
      tasks: { submitted: 5, ended: 5, refused: 0, unfinished: 0 },
      nodes: { launched: 2, byType: { 'm5.large on-demand': 1, 'm5.xlarge spot': 1 } },
      waits: { all: { maxS: 20 } },
    });
  });

  test('leaves out, by name, what did not run on a node that is known; a trace without any is refused', async () => {
    const result = await recorded([
      '0,100,1,512,0,1,a,m5.large,,,',
      '0,9,1,512,0,3,,,,,',
      '5,9,1,512,0,1,c,x9.huge,,,',
    ]);
    expect(result).toMatchObject({ tasks: { ended: 1, refused: 4, unfinished: 0 } });
    expect(result.refusals).toEqual([
      { line: 3, reason: 'the trace does not say where it ran' },
      { line: 4, reason: 'x9.huge is not in the catalog' },
    ]);
    await expect(recorded(['0,9,1,512,0,1,,,,,'])).rejects.toThrow('recorded needs the columns node and node_type');
  });

  test('a cut trace keeps the starts; copies of a scaled one ran nowhere', () => {
    const trace = readCsv(`${columns}\n100,100,1,512,0,1,a,m5.large,,,120\n`);
    expect(adjusted(trace, { fromMs: 90_000 }).tasks[0]).toMatchObject({ submitMs: 10_000, ran: { startMs: 30_000 } });
    expect(adjusted(trace, { scaleDemand: 2 }).tasks.map(({ ran }) => ran?.node ?? null)).toEqual(['a', null]);
  });
});
