// What every adapter of the cloud port must do for nodes, whatever stands behind it: fleets, their listing, their end.
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FrozenFleet } from '../../lib/core/records/launch.ts';
import { installation } from './cloud.bench.ts';
import type { CloudBench } from './cloud.bench.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../lib/core/records/launch.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError, TokenUsedError } from '../../lib/ports/cloud.ts';
import type { Cloud, Instance, ListingScope } from '../../lib/ports/cloud.ts';

export function frozenLaunch(launchId: string, over: Partial<FrozenFleet> = {}): FrozenFleet {
  return {
    call: 'fleet',
    capacityType: 'on-demand',
    templateVersion: '1',
    overrides: [
      { instanceType: 'c7g.large', zone: 'us-east-1a', priceUsdPerHour: 0.0725 },
      { instanceType: 'm7g.large', zone: 'us-east-1b', priceUsdPerHour: 0.0816 },
    ],
    count: 2,
    tags: { [tagInstallation]: installation, [tagPool]: 'p', [tagLaunch]: launchId },
    ...over,
  };
}

/** More than any start, stop or lag of a bench's cloud takes. */
const longMs = 10_000;

export function fleetsContract(name: string, open: () => Promise<CloudBench>): void {
  describe(`cloud port, fleets: ${name}`, () => {
    let bench: CloudBench;
    let cloud: Cloud;
    beforeEach(async () => {
      bench = await open();
      ({ cloud } = bench);
    });
    const listed = (launchId: string): Promise<readonly Instance[]> => list({ installation, launchId });
    const list = async (scope: Omit<ListingScope, 'things'>): Promise<readonly Instance[]> => {
      const { instances, ...others } = await cloud.list({ ...scope, things: 'instances' });
      expect(others).toEqual({ volumes: [], snapshots: [], groups: [] });
      return instances;
    };

    test('a launch yields what was asked for, which comes up and is listed with type, zone and tags', async () => {
      const request = frozenLaunch('l-1');
      const answer = await cloud.launchFleet('l-1', request);
      expect(answer).toMatchObject({ faults: [], isReplay: false });
      expect(answer.instances).toHaveLength(2);
      await bench.pass(longMs);
      const instances = await listed('l-1');
      expect(instances.map((instance) => instance.id).sort()).toEqual(
        answer.instances.map((instance) => instance.id).sort(),
      );
      for (const instance of instances) {
        expect(instance).toMatchObject({ state: 'running', capacityType: 'on-demand', stateReason: null });
        expect(instance.tags).toMatchObject(request.tags);
        expect(
          request.overrides.some(
            (override) => override.instanceType === instance.instanceType && override.zone === instance.zone,
          ),
        ).toBe(true);
      }
    });

    test('spot launches are listed as spot', async () => {
      const {
        instances: [launched],
      } = await cloud.launchFleet('l-s', frozenLaunch('l-s', { capacityType: 'spot', count: 1 }));
      expect(launched).toMatchObject({ capacityType: 'spot' });
      await bench.pass(longMs);
      expect(await listed('l-s')).toMatchObject([{ id: launched?.id, capacityType: 'spot' }]);
    });

    test('a token repeated with the same request changes nothing and says that it is a replay', async () => {
      const request = frozenLaunch('l-2');
      const first = await cloud.launchFleet('l-2', request);
      const second = await cloud.launchFleet('l-2', request);
      expect(second.isReplay).toBe(true);
      for (const instance of second.instances) expect(first.instances.map((one) => one.id)).toContain(instance.id);
      expect(await bench.effectsOf('l-2')).toBe(2);
    });

    test('twenty calls at once with one token launch once', async () => {
      const request = frozenLaunch('l-3');
      await Promise.all(Array.from({ length: 20 }, () => cloud.launchFleet('l-3', request)));
      expect(await bench.effectsOf('l-3')).toBe(2);
    });

    test('a token with another request is refused, and nothing is launched', async () => {
      await cloud.launchFleet('l-4', frozenLaunch('l-4'));
      const other = cloud.launchFleet('l-4', frozenLaunch('l-4', { count: 3 }));
      await expect(other).rejects.toBeInstanceOf(TokenUsedError);
      await expect(other).rejects.toMatchObject({ awsCode: 'IdempotentParameterMismatch' });
      expect(await bench.effectsOf('l-4')).toBe(2);
    });

    test('a token whose instances are terminated is refused, and nothing is launched', async () => {
      const request = frozenLaunch('l-5');
      const { instances } = await cloud.launchFleet('l-5', request);
      await bench.pass(longMs);
      await cloud.terminate(instances.map((instance) => instance.id));
      await bench.pass(longMs);
      const again = cloud.launchFleet('l-5', request);
      await expect(again).rejects.toBeInstanceOf(TokenUsedError);
      await expect(again).rejects.toMatchObject({ awsCode: 'IdempotentInstanceTerminated' });
      expect(await bench.effectsOf('l-5')).toBe(2);
    });

    test('a fleet that finds no capacity answers with a fault per offering', async () => {
      await bench.setCapacity('*', 0);
      const answer = await cloud.launchFleet('l-6', frozenLaunch('l-6'));
      expect(answer.instances).toEqual([]);
      expect(answer.faults).toHaveLength(2);
      for (const fault of answer.faults)
        expect(fault).toMatchObject({ code: 'InsufficientInstanceCapacity', scope: 'offering' });
      expect(
        answer.faults.map((fault) => `${fault.about?.instanceType ?? ''}/${fault.about?.zone ?? ''}`).sort(),
      ).toEqual(['c7g.large/us-east-1a', 'm7g.large/us-east-1b']);
    });

    test(
      'a call that launched nothing has used its token: capacity that comes back ' + 'later changes no answer',
      async () => {
        await bench.setCapacity('*', 0);
        const request = frozenLaunch('l-7');
        await cloud.launchFleet('l-7', request);
        await bench.setCapacity('*', null);
        expect((await cloud.launchFleet('l-7', request)).instances).toEqual([]);
        await expect(cloud.launchFleet('l-7', frozenLaunch('l-7', { count: 1 }))).rejects.toBeInstanceOf(
          TokenUsedError,
        );
        expect(await bench.effectsOf('l-7')).toBe(0);
      },
    );

    test('a fleet may be partial', async () => {
      await bench.setCapacity('*', 0);
      await bench.setCapacity('m7g.large/us-east-1b/on-demand', 1);
      const answer = await cloud.launchFleet('l-8', frozenLaunch('l-8', { count: 3 }));
      expect(answer.instances).toMatchObject([{ instanceType: 'm7g.large', zone: 'us-east-1b' }]);
      expect(answer.faults.length).toBeGreaterThan(0);
    });

    test('a quota refuses what its bucket counts, with the offering that met it and the scope quota', async () => {
      await bench.limitVcpu(1);
      const { instances, faults } = await cloud.launchFleet('l-9', frozenLaunch('l-9'));
      expect(instances).toEqual([]);
      expect(faults).toHaveLength(2);
      for (const fault of faults) expect(fault).toMatchObject({ code: 'VcpuLimitExceeded', scope: 'quota' });
      expect(faults.map((fault) => `${fault.about?.instanceType ?? ''}/${fault.about?.zone ?? ''}`).sort()).toEqual([
        'c7g.large/us-east-1a',
        'm7g.large/us-east-1b',
      ]);
      expect(await bench.effectsOf('l-9')).toBe(0);
    });

    test(
      'a type that EC2 does not have launches nothing: the fault is of the whole call, or of the '
        + 'override where EC2 names it',
      async () => {
        const overrides = [{ instanceType: 'c99.mythical', zone: 'us-east-1a', priceUsdPerHour: 1 }];
        const faults = await cloud.launchFleet('l-10', frozenLaunch('l-10', { overrides })).then(
          (answer) => answer.faults,
          (error: unknown) => {
            if (!(error instanceof CloudRefusedError)) throw error;
            return [error.fault];
          },
        );
        expect(faults).toHaveLength(1);
        expect(faults[0]).toMatchObject(
          faults[0]?.about === null
            ? { scope: 'request' }
            : { scope: 'offering', about: { instanceType: 'c99.mythical', zone: 'us-east-1a' } },
        );
        expect(await bench.effectsOf('l-10')).toBe(0);
      },
    );

    test('a throttled launch has done nothing, and its token may be repeated', async () => {
      await bench.setFault('CreateFleet', 'throttle', 1);
      const request = frozenLaunch('l-11');
      await expect(cloud.launchFleet('l-11', request)).rejects.toBeInstanceOf(CloudThrottledError);
      expect(await bench.effectsOf('l-11')).toBe(0);
      expect((await cloud.launchFleet('l-11', request)).instances).toHaveLength(2);
    });

    test('a lost answer is unknown; the effect is found by the tag, and a repeat does not launch again', async () => {
      await bench.setFault('CreateFleet', 'drop-response', 1);
      const request = frozenLaunch('l-12');
      await expect(cloud.launchFleet('l-12', request)).rejects.toBeInstanceOf(CloudUnknownError);
      await bench.pass(longMs);
      expect(await listed('l-12')).toHaveLength(2);
      expect((await cloud.launchFleet('l-12', request)).isReplay).toBe(true);
      expect(await bench.effectsOf('l-12')).toBe(2);
    });

    test('a lost request is unknown too, and a repeat launches', async () => {
      await bench.setFault('CreateFleet', 'drop-request', 1);
      const request = frozenLaunch('l-13');
      await expect(cloud.launchFleet('l-13', request)).rejects.toBeInstanceOf(CloudUnknownError);
      expect((await cloud.launchFleet('l-13', request)).instances).toHaveLength(2);
      expect(await bench.effectsOf('l-13')).toBe(2);
    });

    test("describe lists by installation, pool and launch, and others' instances never", async () => {
      await cloud.launchFleet('l-14', frozenLaunch('l-14'));
      await cloud.launchFleet(
        'l-15',
        frozenLaunch('l-15', { tags: { [tagInstallation]: installation, [tagPool]: 'q', [tagLaunch]: 'l-15' } }),
      );
      await cloud.launchFleet(
        'l-16',
        frozenLaunch('l-16', { tags: { [tagInstallation]: 'another', [tagPool]: 'p', [tagLaunch]: 'l-16' } }),
      );
      await bench.pass(longMs);
      expect(await list({ installation })).toHaveLength(4);
      expect(await list({ installation, pool: 'q' })).toHaveLength(2);
      expect(await list({ installation, pool: 'p', launchId: 'l-15' })).toEqual([]);
      expect(await list({ installation: 'another' })).toHaveLength(2);
    });

    test('describe lists everything, also beyond one page', async () => {
      await cloud.launchFleet('l-17', frozenLaunch('l-17', { count: 1100 }));
      await bench.pass(longMs);
      expect(await listed('l-17')).toHaveLength(1100);
    });

    test('describe that is throttled or has no answer says which', async () => {
      await bench.setFault('DescribeInstances', 'throttle', 1);
      await expect(list({ installation })).rejects.toBeInstanceOf(CloudThrottledError);
      await bench.setFault('DescribeInstances', 'drop-response', 1);
      await expect(list({ installation })).rejects.toBeInstanceOf(CloudUnknownError);
    });

    test('terminated instances go, and stay listed with a reason', async () => {
      const { instances } = await cloud.launchFleet('l-18', frozenLaunch('l-18'));
      await bench.pass(longMs);
      const ids = instances.map((instance) => instance.id);
      const answer = await cloud.terminate(ids);
      expect([...answer.accepted].sort()).toEqual([...ids].sort());
      expect(answer.refused).toEqual([]);
      await bench.pass(longMs);
      for (const instance of await listed('l-18')) {
        expect(instance.state).toBe('terminated');
        expect(instance.stateReason).toContain('User initiated');
      }
      expect(await cloud.terminate(ids)).toMatchObject({ refused: [] });
    });

    test('unknown ids are refused one by one; the others of the batch end', async () => {
      const { instances } = await cloud.launchFleet('l-19', frozenLaunch('l-19', { count: 5 }));
      await bench.pass(longMs);
      const ids = instances.map((instance) => instance.id);
      const unknown = ['i-00000000000000001', 'i-00000000000000002'];
      const answer = await cloud.terminate([
        ...ids.slice(0, 2),
        ...unknown.slice(0, 1),
        ...ids.slice(2),
        ...unknown.slice(1),
      ]);
      expect([...answer.accepted].sort()).toEqual([...ids].sort());
      expect(answer.refused.map((one) => one.id).sort()).toEqual(unknown);
      for (const one of answer.refused) expect(one.code).toBe('InvalidInstanceID.NotFound');
    });

    test('a protected instance is refused alone', async () => {
      const { instances } = await cloud.launchFleet('l-20', frozenLaunch('l-20', { count: 4 }));
      await bench.pass(longMs);
      const ids = instances.map((instance) => instance.id);
      const [guarded = ''] = ids;
      await bench.protect(guarded);
      const answer = await cloud.terminate(ids);
      expect([...answer.accepted].sort()).toEqual(ids.slice(1).sort());
      expect(answer.refused).toMatchObject([{ id: guarded, code: 'OperationNotPermitted' }]);
    });

    test('terminating nothing is nothing', async () => {
      expect(await cloud.terminate([])).toEqual({ accepted: [], refused: [] });
    });

    test('a throttled or lost terminate says which', async () => {
      const { instances } = await cloud.launchFleet('l-21', frozenLaunch('l-21'));
      await bench.pass(longMs);
      const ids = instances.map((instance) => instance.id);
      await bench.setFault('TerminateInstances', 'throttle', 1);
      await expect(cloud.terminate(ids)).rejects.toBeInstanceOf(CloudThrottledError);
      await bench.setFault('TerminateInstances', 'drop-response', 1);
      await expect(cloud.terminate(ids)).rejects.toBeInstanceOf(CloudUnknownError);
      expect(await cloud.terminate(ids)).toMatchObject({ refused: [] });
    });
  });
}
