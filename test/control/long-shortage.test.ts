// EC2 has nothing for more than an hour: how often it is asked in vain, and how soon one sees that it has something.
import { expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import { awsDecisionSettings } from '../../lib/core/values/settings.ts';
import { sliceOf } from '../slice.ts';
import { poolSpec, settings, submission, World } from './world.ts';

class Shortage {
  readonly world: World;
  readonly callsMs: number[] = [];
  readonly widths: number[] = [];
  readonly types: string[] = [];

  private constructor(world: World) {
    this.world = world;
    const { cloud } = world.ports;
    const launchFleet = cloud.launchFleet.bind(cloud);
    Object.assign(cloud, {
      launchFleet: (...[id, request]: Parameters<typeof launchFleet>) => {
        this.callsMs.push(world.nowMs);
        this.widths.push(request.overrides.length);
        this.types.push(request.capacityType);
        return launchFleet(id, request);
      },
    });
  }

  static async begin(pool: Partial<PoolSpec>): Promise<Shortage> {
    const decisions = { ...awsDecisionSettings, allocationIterations: 5 };
    const shortage = new Shortage(new World({ settings: { ...settings, decisions, nextLookMs: 0 } }));
    const { world } = shortage;
    const { maxNodeVcpu: _max, ...open } = poolSpec;
    await world.control.putPool({ ...open, limits: { instances: 50 }, ...pool });
    world.ending = () => null;
    world.cloud.setCapacity('*/*/*', 0);
    return shortage;
  }

  async minutes(count: number): Promise<void> {
    await this.world.run(count * 60, 20);
  }

  callsSince(atMs: number): number {
    return this.callsMs.filter((one) => one >= atMs).length;
  }

  async isRunning(id: string): Promise<boolean> {
    return (await this.world.control.getRequest('default', id))?.state === 'running';
  }
}

const all = { requirements: {} };
const onDemand = {
  requirements: {
    capacityType: ['on-demand' as const],
    instanceFamily: ['c6a', 'c7i', 'm6a', 'm7i', 'r7i'],
    zone: ['us-east-1a', 'us-east-1b'],
  },
};
const few = { requirements: { ...onDemand.requirements, capacityType: ['spot' as const, 'on-demand' as const] } };

test.each(
  sliceOf(
    [
      ['on-demand of a few families', onDemand, 12],
      ['everything in the catalog', all, 40],
    ] as const,
    1,
  ),
)('%s: few calls find out, then at most ten in 90 minutes', async (_what, pool, allowed) => {
  const shortage = await Shortage.begin(pool);
  const { world } = shortage;
  const { request } = await world.control.submit(submission({ count: 40, resources: small }));
  await shortage.minutes(2);
  const discovery = shortage.callsMs.length;
  expect(discovery).toBeLessThanOrEqual(allowed);
  const fromMs = world.nowMs;
  await shortage.minutes(90);
  const inVain = shortage.callsSince(fromMs);
  expect(inVain).toBeGreaterThanOrEqual(8);
  expect(inVain).toBeLessThanOrEqual(10);
  expect(await shortage.isRunning(request.id)).toBe(false);
  expect((await world.control.getRequest('default', request.id))?.reason).toBe('no_capacity');
  world.cloud.setCapacity('*/*/*', null);
  await shortage.minutes(10);
  expect(await shortage.isRunning(request.id)).toBe(true);
});

const small = { cpuMilli: 1_000, memoryMib: 1_024, gpu: 0 };

test('spot and on-demand take turns, and one that comes back alone is noticed', async () => {
  const shortage = await Shortage.begin(few);
  const { world } = shortage;
  const { request } = await world.control.submit(submission({ resources: small }));
  await shortage.minutes(60);
  const again = shortage.types.slice(-4);
  expect(new Set(again.slice(0, 2)).size).toBe(2);
  expect(again.slice(0, 2)).toEqual(again.slice(2));
  world.cloud.setCapacity('*/*/on-demand', null);
  await shortage.minutes(19);
  expect(await shortage.isRunning(request.id)).toBe(true);
});

test('two shapes are asked for together, and neither more often for the other', async () => {
  const shortage = await Shortage.begin(onDemand);
  const { world } = shortage;
  await world.control.submit(submission({ resources: small }));
  await shortage.minutes(5);
  await world.control.submit(submission({ resources: { cpuMilli: 3_000, memoryMib: 9_000, gpu: 0 } }));
  await shortage.minutes(20);
  const fromMs = world.nowMs;
  await shortage.minutes(90);
  expect(shortage.callsSince(fromMs)).toBeLessThanOrEqual(20);
});

test('a shortage in one zone holds up nothing that may run in another', async () => {
  const shortage = await Shortage.begin(onDemand);
  const { world } = shortage;
  const inA = await world.control.submit(submission({ requirements: { zone: ['us-east-1a'] } }));
  await shortage.minutes(30);
  world.cloud.setCapacity('*/us-east-1b/*', null);
  const anywhere = await world.control.submit(submission({ requirements: { arch: ['amd64'] } }));
  await shortage.minutes(2);
  expect(await shortage.isRunning(anywhere.request.id)).toBe(true);
  expect(await shortage.isRunning(inA.request.id)).toBe(false);
});
