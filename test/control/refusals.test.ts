// What EC2 refuses is remembered at its scope: the next round buys something else, and who waits reads why.
import { describe, expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { awsDecisionSettings } from '../../lib/core/values/settings.ts';
import { CloudRefusedError } from '../../lib/ports/cloud.ts';
import { scopeOf } from '../../lib/ports/ec2/errors.ts';
import { isQuick, sliceOf } from '../slice.ts';
import { poolSpec, submission, World } from './world.ts';

const decisions = { ...awsDecisionSettings, allocationIterations: 5 };
const put = (world: World, part: Partial<PoolSpec>) => world.control.putPool({ ...poolSpec, ...part });
const add = async (world: World, spec: Partial<TaskSpec>) => (await world.control.submit(submission(spec))).request.id;
const look = async (world: World, id: string) => {
  const record = await world.control.getRequest('default', id);
  const last = record?.timeline.at(-1);
  return { state: record?.state, reason: record?.reason, message: last?.message ?? '', nextTryAtMs: last?.nextTryAtMs };
};
const codes = async (world: World) =>
  ((await world.control.listActivity('default', { limit: 500 }))?.items ?? []).map((one) => one.code);

/** Every spot launch is refused with the code; on-demand is free. */
function refuseSpot(world: World, code: string): { spot: number } {
  const calls = { spot: 0 };
  const { cloud } = world.ports;
  const launch = cloud.launchFleet.bind(cloud);
  cloud.launchFleet = async (token, request) => {
    if (request.capacityType === 'on-demand') return launch(token, request);
    calls.spot += 1;
    throw new CloudRefusedError({ code, scope: scopeOf(code, ''), about: null, message: 'refused' }, true);
  };
  return calls;
}

describe('quotas', () => {
  test.each(sliceOf([{}, poolSpec.requirements], 1))(
    'a spot quota of 0: on-demand is bought at the next round (pool %#)',
    async (requirements) => {
      const world = new World();
      await put(world, { requirements, limits: { instances: 50 } });
      world.ending = () => null;
      world.cloud.setVcpuLimit('spot', 'standard', 0);
      const id = await add(world, {});
      await world.run(15);
      expect(await look(world, id)).toMatchObject({ state: 'running' });
      expect((await codes(world)).filter((code) => code === 'launch_failed').length).toBeLessThanOrEqual(2);
    },
  );

  test.each([5, 12])('a quota of %i is used by nodes that fit it, though larger ones are cheaper', async (vcpu) => {
    const world = new World({ settings: { decisions } });
    await put(world, { requirements: { capacityType: ['on-demand'], instanceFamily: ['m7i'] }, objective: 'cost-now' });
    world.ending = () => null;
    world.cloud.setVcpuLimit('on-demand', 'standard', vcpu);
    const id = await add(world, { resources: { cpuMilli: 1000, memoryMib: 14_000, gpu: 0 }, count: 40 });
    await world.run(30);
    const types = ((await world.control.listNodes('default')) ?? []).map((one) => one.instanceType).sort();
    expect(types).toEqual(vcpu === 5 ? ['m7i.xlarge'] : ['m7i.2xlarge', 'm7i.xlarge']);
    expect((await look(world, id)).message).toMatch(
      /all on-demand instances of Standard .* of more than 2 vCPUs: Vcpu/,
    );
    await world.run(3_600, 15);
    expect((await codes(world)).filter((code) => code === 'launch_failed').length).toBeLessThanOrEqual(24);
  });

  test.each(sliceOf(['MaxSpotInstanceCountExceeded', 'AuthFailure.ServiceLinkedRoleCreationNotPermitted'], 1))(
    '%s for the account: one call, then on-demand',
    async (code) => {
      const world = new World();
      await put(world, {});
      world.ending = () => null;
      const calls = refuseSpot(world, code);
      const id = await add(world, {});
      await world.run(15);
      expect(await look(world, id)).toMatchObject({ state: 'running' });
      expect(calls.spot).toBe(1);
    },
  );

  test.each(sliceOf(['on-demand', 'spot'] as const, 1))(
    'a GPU quota of 0 (%s) stops no CPU task, and is not its reason',
    async (capacityType) => {
      const world = new World({ settings: { decisions } });
      await put(world, { requirements: { capacityType: [capacityType] }, limits: { instances: 50 } });
      world.ending = () => null;
      for (const bucket of ['g', 'p', 'trn', 'inf', 'dl', 'f']) world.cloud.setVcpuLimit(capacityType, bucket, 0);
      const gpu = await add(world, { resources: { cpuMilli: 1000, memoryMib: 1024, gpu: 1 } });
      await world.run(30);
      for (let n = 0; n < 5; n += 1) {
        const cpu = await add(world, { resources: { cpuMilli: 1500, memoryMib: 1024, gpu: 0 } });
        await world.run(10);
        expect(await look(world, cpu)).toMatchObject({ state: 'running' });
      }
      const waiting = await look(world, gpu);
      expect(waiting).toMatchObject({ state: 'pending', reason: 'account_limit' });
      expect(waiting.message).toMatch(
        new RegExp(
          `all ${capacityType} instances of G and VT.*${capacityType === 'spot' ? 'L-3819A6DF' : 'L-DB2E81BA'}`,
        ),
      );
      expect(waiting.nextTryAtMs).toBeGreaterThan(world.nowMs);
      world.cloud.setCapacity('*', 0);
      // Larger than what is left free anywhere.
      const cpu = await add(world, { resources: { cpuMilli: 3500, memoryMib: 1024, gpu: 0 } });
      await world.run(60);
      expect((await look(world, cpu)).message).not.toMatch(/Vcpu|MaxSpot|G and VT|L-/);
    },
  );
});

describe('faults of their own', () => {
  test.each(sliceOf(['InvalidParameterCombination', 'SomethingNew'], 1))(
    '%s of a whole call: the next call names others, and the task runs',
    async (code) => {
      const world = new World();
      await put(world, {});
      world.ending = () => null;
      const { cloud } = world.ports;
      const launch = cloud.launchFleet.bind(cloud);
      let refused = 0;
      cloud.launchFleet = async (token, request) => {
        if (!request.overrides.some((one) => one.instanceType.startsWith('m5') || refused >= 2)) {
          refused += 1;
          throw new CloudRefusedError({ code, scope: 'request', about: null, message: 'hvm' }, true);
        }
        return launch(token, request);
      };
      const id = await add(world, {});
      await world.run(20);
      expect(await look(world, id)).toMatchObject({ state: 'running' });
    },
  );

  test(
    'what is refused whatever is asked for is asked for less and less, never not at all, ' + 'and the reason says it',
    async () => {
      const world = new World({ settings: { decisions } });
      await put(world, {});
      let calls = 0;
      world.ports.cloud.launchFleet = async () => {
        calls += 1;
        throw new CloudRefusedError(
          { code: 'InvalidAMIID.NotFound', scope: 'request', about: null, message: 'The image id does not exist' },
          true,
        );
      };
      const id = await add(world, {});
      await world.run(3600, 5);
      const { reason, message, nextTryAtMs } = await look(world, id);
      expect(reason).toBe('launch_refused');
      expect(message).toMatch(/whatever this pool asks for: InvalidAMIID.NotFound: The image id does not exist/);
      expect(nextTryAtMs).toBeGreaterThan(world.nowMs);
      expect(calls).toBeGreaterThan(4);
      expect(calls).toBeLessThan(15);
    },
  );
});

describe('gangs', () => {
  const gpus = { cpuMilli: 90_000, memoryMib: 400_000, gpu: 8 };
  async function half(): Promise<{ world: World; id: string }> {
    const world = new World({ settings: { decisions } });
    world.ending = () => null;
    const { maxNodeVcpu: _none, ...spec } = poolSpec;
    await world.control.putPool({
      ...spec,
      idleAfterMs: 60_000,
      limits: { instances: 8 },
      requirements: { instanceType: ['p4d.24xlarge'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
    });
    world.cloud.setCapacity('*/*/*', 2);
    return { world, id: await add(world, { count: 4, gang: true, resources: gpus }) };
  }

  test('of which a part came wait longer each time, and say so', async () => {
    const { world, id } = await half();
    await world.run(3600, 5);
    expect((await codes(world)).filter((code) => code === 'launch').length).toBeLessThanOrEqual(4);
    const { reason, message, nextTryAtMs } = await look(world, id);
    expect(reason).toBe('no_capacity');
    expect(message).toMatch(/^2 of 4 nodes came/);
    expect(nextTryAtMs).toBeGreaterThan(world.nowMs);
    world.cloud.setCapacity('*/*/*', null);
    await world.run(3600, 5);
    expect(await look(world, id)).toMatchObject({ state: 'running' });
  });

  test('get the rest from elsewhere at once where there is an elsewhere', async () => {
    const world = new World({ settings: { decisions } });
    world.ending = () => null;
    const { maxNodeVcpu: _none, ...spec } = poolSpec;
    await world.control.putPool({
      ...spec,
      limits: { instances: 8 },
      requirements: { instanceType: ['p4d.24xlarge'], capacityType: ['on-demand'] },
    });
    world.cloud.setCapacity('*/*/*', 2);
    const id = await add(world, { count: 4, gang: true, resources: gpus });
    await world.run(60);
    expect(await look(world, id)).toMatchObject({ state: 'running' });
  });
});

describe('nodes that do not come up', () => {
  test('and never call are tried one at a time, less and less, and the reason says so', async () => {
    const world = new World({ settings: { decisions }, cloud: { neverBootsProbability: 1 } });
    await put(world, {});
    const id = await add(world, { count: 60, resources: { cpuMilli: 1000, memoryMib: 1024, gpu: 0 } });
    await world.run((isQuick ? 1 : 4) * 3600, 10);
    expect(world.cloud.billing().launched).toBeLessThanOrEqual(12);
    const { reason, message } = await look(world, id);
    expect(reason).toBe('launch_refused');
    expect(message).toMatch(/^\d+ nodes came and never called; look at their image/);
  });

  test('and end at once are bought less and less, with what EC2 said', async () => {
    const world = new World({ settings: { decisions }, cloud: { failedLaunchProbability: 1 } });
    await put(world, {});
    const id = await add(world, {});
    await world.run(1800, 5);
    expect(world.cloud.billing().launched).toBeLessThanOrEqual(7);
    expect((await look(world, id)).message).toMatch(/nodes came and never called.*Server.InternalError/);
  });

  test('are no reason any more once one calls', async () => {
    const world = new World({ settings: { decisions }, cloud: { failedLaunchProbability: 1 } });
    await put(world, {});
    world.ending = () => null;
    const id = await add(world, { count: 20, resources: { cpuMilli: 3000, memoryMib: 1024, gpu: 0 } });
    await world.run(1200, 5);
    world.cloud.options.failedLaunchProbability = 0;
    await world.run(1200, 5);
    expect((await look(world, id)).message).not.toMatch(/never called/);
    expect((await world.control.listNodes('default'))?.filter((one) => one.state === 'ready')).toHaveLength(5);
  });
});
