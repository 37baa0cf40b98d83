// Replicas of a service are spread by Docker Swarm's rule: where the fewest of them are, by zone and then by node; and
// none waits for that.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationPlan, Bin } from '../../../../lib/core/allocation/types.ts';
import { offer, typeOf } from '../../builders.ts';
import { binOf, demandOf, inputOf } from '../worlds.ts';

const type = typeOf('c9.xl', 4, 8, 0.2);
const bin = (id: string, zone: string, more: Partial<Bin> = {}): Bin => binOf(id, offer(type, zone, 'on-demand'), more);
const replicas = (count: number, service = 'web') =>
  Array.from({ length: count }, (_, n) => demandOf(`${service}-${String(n)}`, 1, 100, 1, { service }));

/** How many tasks each node takes. */
function onNodes({ placements }: AllocationPlan): Readonly<Record<string, number>> {
  const sum = (tasks: AllocationPlan['placements'][number]['tasks']) => tasks.reduce((all, one) => all + one.count, 0);
  return Object.fromEntries(placements.map(({ binId, tasks }) => [binId, sum(tasks)] as const));
}

describe('on nodes that are there', () => {
  const bins = [bin('a1', 'za'), bin('a2', 'za'), bin('b1', 'zb')];
  test('zones first, then nodes', () => {
    expect(onNodes(allocate(inputOf(replicas(4), { bins })))).toEqual({ a1: 1, a2: 1, b1: 2 });
    expect(onNodes(allocate(inputOf(replicas(2), { bins })))).toEqual({ a1: 1, b1: 1 });
  });

  test('what runs there counts', () => {
    const [a1, ...others] = bins;
    const there = [{ ...bin('a1', 'za'), services: { web: 2, api: 9 } }, ...others];
    expect(a1?.id).toBe('a1');
    expect(onNodes(allocate(inputOf(replicas(3), { bins: there })))).toEqual({ a2: 1, b1: 2 });
  });

  test('each service by itself, and other tasks are packed as ever', () => {
    const demand = [...replicas(1, 'web'), ...replicas(1, 'api'), demandOf('job', 1, 100, 3)];
    expect(onNodes(allocate(inputOf(demand, { bins })))).toEqual({ a1: 3, a2: 2 });
  });

  test('none waits for it', () => {
    const full = { cpuMilli: 0, memoryMib: 0, gpu: 0 };
    const one = [bin('a1', 'za', { services: { web: 5 } }), bin('b1', 'zb', { free: full })];
    expect(onNodes(allocate(inputOf(replicas(3), { bins: one, offerings: [] })))).toEqual({ a1: 3 });
  });

  test('a node that boots is not waited for', () => {
    const coming = [bin('a1', 'za', { services: { web: 2 } }), bin('b1', 'zb', { state: 'in-flight' })];
    expect(onNodes(allocate(inputOf(replicas(1), { bins: coming })))).toEqual({ a1: 1 });
  });
});

describe('on nodes that are bought', () => {
  const sold = ['za', 'zb', 'zc'].map((zone) => offer(type, zone, 'on-demand'));
  const zones = ({ launches }: AllocationPlan): readonly string[] =>
    launches.flatMap((one) => Array<string>(one.count).fill(one.offerings[0]?.zone ?? '')).sort();

  test('zones of equal price take turns, the one with fewest first', () => {
    expect(zones(allocate(inputOf(replicas(9), { offerings: sold })))).toEqual(['za', 'zb', 'zc']);
    const full = { cpuMilli: 0, memoryMib: 0, gpu: 0 };
    const bins = [
      bin('a1', 'za', { services: { web: 4 }, free: full }),
      bin('b1', 'zb', { services: { web: 4 }, free: full }),
    ];
    expect(zones(allocate(inputOf(replicas(3), { offerings: sold, bins })))).toEqual(['zc']);
  });

  test('what is placed now counts', () => {
    const free = { cpuMilli: 3_000, memoryMib: 8_000, gpu: 0 };
    const bins = [bin('a1', 'za', { free })];
    expect(zones(allocate(inputOf(replicas(6), { offerings: sold, bins })))).toEqual(['zb']);
  });

  test('nothing dearer is bought for it', () => {
    const [za, ...others] = sold;
    const dear = others.map((one) => ({ ...one, priceUsdPerHour: 0.21 }));
    expect(zones(allocate(inputOf(replicas(9), { offerings: za ? [za, ...dear] : [] })))).toEqual(['za', 'za', 'za']);
  });
});

describe('no node that is bought carries more than half of a service', () => {
  const small = typeOf('c9.l', 2, 4, 0.1);
  const large = typeOf('c9.2xl', 8, 16, 0.39);
  const perNode = ({ launches }: AllocationPlan): readonly number[] =>
    launches
      .flatMap((one) => Array<number>(one.count).fill(one.tasks.reduce((sum, task) => sum + task.count, 0)))
      .sort();
  const sold = [small, type, large].map((one) => offer(one, 'za', 'on-demand'));

  test('where that costs little more', () => {
    expect(perNode(allocate(inputOf(replicas(6), { offerings: sold })))).toEqual([3, 3]);
    // The same tasks of no service share the large one, which is a little cheaper.
    const tasks = replicas(6).map(({ service: _none, ...one }) => one);
    expect(perNode(allocate(inputOf(tasks, { offerings: sold })))).toEqual([6]);
  });

  test('not where it would cost a quarter more', () => {
    const only = [offer(large, 'za', 'on-demand')];
    expect(perNode(allocate(inputOf(replicas(6), { offerings: only })))).toEqual([6]);
  });

  test('nobody waits for it', () => {
    const pool = { limits: { instances: 1 } };
    expect(perNode(allocate(inputOf(replicas(6), { offerings: sold, pool })))).toEqual([6]);
  });

  test('nor in the place of somebody else', () => {
    const pool = { limits: { instances: 1 } };
    const demand = [...replicas(6), demandOf('job', 1, 100, 4, { createdAtMs: 5 })];
    const plan = allocate(inputOf(demand, { offerings: [offer(large, 'za', 'on-demand')], pool }));
    expect(plan.unplaced).toMatchObject([{ demandId: 'job', count: 3, kind: 'limits' }]);
  });

  test('replicas that run elsewhere count', () => {
    const full = { cpuMilli: 0, memoryMib: 0, gpu: 0 };
    const bins = [bin('a1', 'za', { services: { web: 6 }, free: full })];
    expect(perNode(allocate(inputOf(replicas(6), { offerings: sold, bins })))).toEqual([6]);
  });

  test('a template with a group of its own says itself how it is spread', () => {
    const grouped = replicas(6).map((one) => ({ ...one, group: 'own' }));
    expect(perNode(allocate(inputOf(grouped, { offerings: sold })))).toEqual([6]);
  });
});
