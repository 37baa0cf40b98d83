// What the allocation engine is asked: what waits, what may be bought, and what tenants have already.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import type { AllocationInput } from '../../../../lib/core/allocation/types.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import { defaultWeight } from '../../../../lib/core/records/tenant.ts';
import { capacityQuestion, withoutBuying } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { isTenantPerNode, poolAsked } from '../../../../lib/core/tasks/capacity/pool-asked.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, observation, placedTask, pool, request, resources } from '../../builders.ts';

const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };

function asked(more: NonNullable<Parameters<typeof observation>[0]>, change = (_copy: WorkingCopy): void => {}) {
  const seen = observation(more);
  const copy = new WorkingCopy(seen);
  change(copy);
  return capacityQuestion(seen, copy, settings, () => false, everything);
}

/** What the engine does with it: launches, and tasks that are placed. */
function outcomeOf(input: AllocationInput): readonly number[] {
  const { launches, placements } = allocate(input);
  const tasks = placements.flatMap((one) => one.tasks);
  return [launches.length, tasks.reduce((sum, one) => sum + one.count, 0)];
}

describe('demand', () => {
  test('is of the tasks that wait, together with others', () => {
    const question = asked({
      requests: [request('a'), request('b', { count: 3 }), request('c', {}, { endedAtMs: 5 })],
    });
    expect(question.demand.map(({ id, count }) => [id, count])).toEqual([
      ['a', 1],
      ['b', 3],
    ]);
    expect(question.isAlone).toBe(false);
  });

  test('is as the decision has left it', () => {
    const question = asked({ requests: [request('a')] }, (copy) => {
      copy.setRequest(request('a', {}, { state: 'cancelled', endedAtMs: 5, tasks: [] }));
    });
    expect(question.demand).toEqual([]);
  });

  test('is nothing in a pool that is being deleted', () => {
    expect(asked({ requests: [request('a')], isPoolDeleting: true }).demand).toEqual([]);
  });
});

describe('without buying', () => {
  const world = { requests: [request('a', { count: 3 })], nodes: [node({ tasksMax: 2 })] };
  const paused = { by: 'alice', sinceMs: 1 };

  test('what is there is used, and nothing is bought, with limits and without', () => {
    expect(outcomeOf(asked(world).input)).toEqual([1, 1]);
    for (const limits of [{}, { vcpu: 100 }, { instances: 5 }]) {
      const { input } = asked({ ...world, pool: pool({ limits }) });
      expect(outcomeOf(withoutBuying(input))).toEqual([0, 1]);
      expect(withoutBuying(input).pool.limits).toMatchObject(limits);
    }
  });

  test('a paused pool is asked for in the same way', () => {
    for (const limits of [{}, { vcpu: 100 }, { instances: 5 }]) {
      const { input } = asked({ ...world, pool: pool({ limits }), paused });
      expect(outcomeOf(input)).toEqual([0, 1]);
      expect(input.pool.limits).toMatchObject(limits);
    }
  });
});

test('tenants count with their weight, and with what their tasks have on nodes that are not lost', () => {
  const on = (id: string, requestId: string, isLost = false) =>
    node({ id, isLost, assigned: [assignment(requestId), assignment('unknown')] });
  const rows = ['a', 'b', 'c'].map((tenant) => request(tenant, {}, { tenant, tasks: [placedTask()] }));
  const world = {
    requests: [...rows, request('w')],
    nodes: [on('i-1', 'a'), on('i-2', 'a'), on('i-3', 'b'), on('i-4', 'c', true)],
    tenantWeights: { a: 3, idle: 2 },
  };
  expect(asked(world).input.tenants).toBeUndefined();
  expect({ ...asked({ ...world, pool: pool({ ordering: 'fair-share' }) }).input.tenants }).toEqual({
    a: { weight: 3, inUse: { cpuMilli: 2 * resources.cpuMilli, memoryMib: 2 * resources.memoryMib, gpu: 0 } },
    b: { weight: defaultWeight, inUse: resources },
    idle: { weight: 2, inUse: { cpuMilli: 0, memoryMib: 0, gpu: 0 } },
  });
});

test('the pool says how large nodes may be', () => {
  expect(asked({}).input.pool).not.toHaveProperty('maxNodeVcpu');
  expect(asked({ pool: pool({ maxNodeVcpu: 8 }) }).input.pool.maxNodeVcpu).toBe(8);
});

test('the engine has the pool’s own bounds and order, and the limits of this decision where there are others', () => {
  const spec = pool({ limits: { vcpu: 8 }, maxNodeVcpu: 4, requirements: { arch: ['arm64'] }, ordering: 'priority' });
  expect(poolAsked(spec)).toEqual({
    requirements: { arch: ['arm64'] },
    limits: { vcpu: 8 },
    tasksPerNode: 10,
    maxNodeVcpu: 4,
    ordering: 'priority',
    placement: 'least-cost',
    isTenantPerNode: true,
  });
  expect(poolAsked(spec, { vcpu: 2 }).limits).toEqual({ vcpu: 2 });
  expect(poolAsked(pool())).not.toHaveProperty('maxNodeVcpu');
});

test('a node serves one tenant at a time unless the pool says that any may share it', () => {
  expect([isTenantPerNode(pool()), isTenantPerNode(pool({ nodesServe: 'any-tenant' }))]).toEqual([true, false]);
  expect(poolAsked(pool({ nodesServe: 'any-tenant' }))).not.toHaveProperty('isTenantPerNode');
});
