// What the engine is told of a pool.
import { expect, test } from '@jest/globals';
import { isTenantPerNode, poolAsked } from '../../../../lib/core/tasks/capacity/pool-asked.ts';
import { pool } from '../../builders.ts';

test('its own bounds and order, and the limits of this decision where there are others', () => {
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
