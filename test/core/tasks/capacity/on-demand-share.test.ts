// How many of the nodes that a pool buys are on demand where it wants a share of that.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { PlannedLaunch } from '../../../../lib/core/allocation/types.ts';
import { decide } from '../../../../lib/core/plan/decide.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { OnDemandShare, PoolLimits } from '../../../../lib/core/records/pool.ts';
import {
  onDemandVcpuOf,
  shareContextOf,
  withOnDemandShare,
} from '../../../../lib/core/tasks/capacity/on-demand-share.ts';
import type { Requirements } from '../../../../lib/core/values/requirements.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { launch, node, nowMs, observation, offer, pool, request, smallType, terms } from '../../builders.ts';

const [spot, onDemand] = (['spot', 'on-demand'] as const).map((one) => offer(smallType, 'za', one));
const offerings = [spot, onDemand].filter((one) => one !== undefined);
type World = NonNullable<Parameters<typeof observation>[0]>;

/** Of this many spot nodes of 2 vCPU that are planned, how many are bought of each kind, and why on demand. */
function bought(
  onDemandShare: OnDemandShare,
  count: number,
  { requirements = {}, ...more }: World & { readonly requirements?: Requirements; readonly limits?: PoolLimits } = {},
  plan: Partial<PlannedLaunch> = {},
) {
  const spec = pool({ onDemand: onDemandShare, limits: more.limits ?? {} });
  const asked = request('r', { count: 4, requirements });
  const seen = observation({ offerings, requests: [asked], pool: spec, ...more });
  const planned = { offerings: offerings.slice(0, 1), count, tasks: [{ demandId: 'r', count: 1 }], reason: 'Least.' };
  const { resources } = asked.spec;
  const launches = withOnDemandShare(
    [{ ...planned, ...plan }],
    [{ id: 'r', count, resources, requirements } as never],
    shareContextOf(new WorkingCopy(seen)),
  );
  const of = (type: string) =>
    launches.filter((one) => one.offerings[0]?.capacityType === type).reduce((sum, one) => sum + one.count, 0);
  return [of('on-demand'), of('spot'), launches[0]?.reason];
}

const why = (text: string) => `Least. On demand: the pool wants ${text} there.`;

test('the first vCPUs are on demand, and a part of those above, rounded up to whole nodes', () => {
  expect(onDemandVcpuOf({ baseVcpu: 4, percent: 25 }, 3)).toBe(3);
  expect(onDemandVcpuOf({ baseVcpu: 4, percent: 25 }, 12)).toBe(6);
  expect(bought({ baseVcpu: 3, percent: 0 }, 5)).toEqual([2, 3, why('the first 3 vCPU')]);
  expect(bought({ baseVcpu: 0, percent: 40 }, 5)).toEqual([2, 3, why('40 % of the vCPU')]);
  expect(bought({ baseVcpu: 2, percent: 50 }, 5)).toEqual([3, 2, why('the first 2 vCPU and 50 % of the vCPU above')]);
  expect(bought({ baseVcpu: 0, percent: 100 }, 5).slice(0, 2)).toEqual([5, 0]);
  expect(bought({ baseVcpu: 0, percent: 0 }, 5)).toEqual([0, 5, 'Least.']);
});

test('what was learned to be worse on demand is not bought for it beside another', () => {
  const inBoth = ['za', 'zb'].map((zone) => offer(smallType, zone, 'spot'));
  const cheap = { ...offer(smallType, 'za', 'on-demand'), priceUsdPerHour: 0.09 };
  const bad = { ...cheap, learned: { factor: 2, hopeful: 2, because: 'counts 100 % more than its price' } };
  const other = offer(smallType, 'zb', 'on-demand');
  const namedOf = (twin: typeof cheap): readonly string[] => {
    const seen = observation({
      offerings: [...inBoth, twin, other],
      pool: pool({ onDemand: { baseVcpu: 2, percent: 0 } }),
    });
    const planned = { offerings: inBoth, count: 1, tasks: [], reason: 'Least.' };
    return (
      withOnDemandShare([planned], [], shareContextOf(new WorkingCopy(seen)))[0]?.offerings.map(({ id }) => id) ?? []
    );
  };
  expect(namedOf(cheap)).toEqual([cheap.id, other.id]);
  expect(namedOf(bad)).toEqual([other.id]);
});

describe('what the pool has counts', () => {
  const share = { baseVcpu: 4, percent: 0 };
  const spotLaunch = launch('l').request;

  test('nodes that stay, and what is on its way; not what leaves', () => {
    expect(bought(share, 3, { nodes: [node()] }).slice(0, 2)).toEqual([1, 2]);
    expect(bought(share, 3, { nodes: [node({ capacityType: 'spot' })] }).slice(0, 2)).toEqual([2, 1]);
    expect(bought(share, 3, { launches: [launch('l', {}, 2)] }).slice(0, 2)).toEqual([0, 3]);
    const onSpot = launch('l', { request: { ...spotLaunch, capacityType: 'spot' } }, 2);
    expect(bought(share, 3, { launches: [onSpot] }).slice(0, 2)).toEqual([2, 1]);
    expect(bought(share, 3, { nodes: [node({ state: 'draining' })] }).slice(0, 2)).toEqual([2, 1]);
  });

  test('what is bought on demand anyway, too', () => {
    const seen = observation({ offerings, requests: [request('r')], pool: pool({ onDemand: share }) });
    const of = (one: typeof spot, count: number): PlannedLaunch => ({
      ...{ offerings: one ? [one] : [], count, tasks: [{ demandId: 'r', count: 1 }], reason: '' },
    });
    const launches = withOnDemandShare([of(onDemand, 2), of(spot, 2)], [], shareContextOf(new WorkingCopy(seen)));
    expect(launches).toEqual([of(onDemand, 2), of(spot, 2)]);
  });
});

describe('spot is bought all the same', () => {
  const all = { baseVcpu: 0, percent: 100 };
  const none = [0, 3, 'Least.'];

  test('where a task asks for it, EC2 has nothing on demand, or it is not sold there', () => {
    expect(bought(all, 3, { requirements: { capacityType: ['spot'] } })).toEqual(none);
    const memory = {
      ...emptyMemory,
      refusals: { [onDemand?.id ?? '']: { untilMs: nowMs + 1_000, code: 'InsufficientInstanceCapacity', count: 1 } },
    } as never;
    expect(bought(all, 3, { memory })).toEqual(none);
    expect(bought(all, 3, { offerings: offerings.slice(0, 1) })).toEqual(none);
  });

  test('where the limits have no room for its price; and where it is paid for there is no question', () => {
    expect(bought(all, 3, { limits: { usdPerHour: 0.29 } })).toEqual(none);
    expect(bought(all, 3, { limits: { usdPerHour: 0.31 } }).slice(0, 2)).toEqual([3, 0]);
    expect(bought(all, 3, {}, { paidBy: 'ri' })).toEqual(none);
  });
});

test('a decision buys by it', () => {
  const seen = observation({
    offerings,
    pool: pool({ onDemand: { baseVcpu: 2, percent: 0 } }),
    requests: [request('r', { count: 3, resources: { cpuMilli: 1_900, memoryMib: 256, gpu: 0 } })],
  });
  const { plan } = decide(seen, settings, terms, allocate, () => false);
  const launches = plan.actions.flatMap((one) => (one.kind === 'launch' ? [one.launch.request] : []));
  expect(launches).toMatchObject([
    { capacityType: 'on-demand', count: 1 },
    { capacityType: 'spot', count: 2 },
  ]);
});
