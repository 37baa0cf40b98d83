// Money through control: what nodes cost by day and by who pays, while they run and when they are gone, and that it is
// written only with what makes the fact.
import { expect, test } from '@jest/globals';
import { requestUsd, lastAttemptUsd } from '../../lib/core/costs/attempt.ts';
import { isClaim } from '../../lib/core/records/claim.ts';
import type { RequestRecord } from '../../lib/core/records/request.ts';
import { keys } from '../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import type { Costs } from '../../lib/control/use-cases.ts';
import { poolSpec, settings, submission, World } from './world.ts';

const hour = 3_600_000;

function worldOfTeams(): World {
  return new World({ settings: { ...settings, labelKeys: ['team'] } });
}

async function costs(world: World, by: string, reader: string | null = null): Promise<Costs> {
  const found = await world.control.costs({ by, sinceMs: null, pool: null, reader });
  if (found === null) throw new Error(`no costs by ${by}`);
  return found;
}

function usdOf({ days }: Costs): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { groups } of days) for (const [name, nanoUsd] of groups) sums[name] = (sums[name] ?? 0) + nanoUsd / 1e9;
  return sums;
}

function sum(values: Record<string, number>): number {
  return Object.values(values).reduce((all, one) => all + one, 0);
}

async function submitted(world: World, tenant: string, team?: string, count = 1): Promise<void> {
  const one = submission({ count });
  const spec = team === undefined ? one.spec : { ...one.spec, labels: { team } };
  await world.control.submit({ ...one, tenant, spec });
}

test('groups of every kind add up to what was spent, before the nodes are gone and after', async () => {
  const world = worldOfTeams();
  await world.control.putPool(poolSpec);
  await submitted(world, 'ann', 'search', 20);
  await submitted(world, 'bob', 'ads', 5);
  await submitted(world, 'bob');
  await world.run(100);
  const running = await world.control.stats('ann', true);
  expect(usdOf(await costs(world, 'pool'))['default']).toBeCloseTo(running.spentUsd, 6);
  await world.run(300);
  const { spentUsd, nodesByState } = await world.control.stats('ann', true);
  expect(nodesByState).toEqual({});
  const [byPool, byTenant, byTeam] = [
    usdOf(await costs(world, 'pool')),
    usdOf(await costs(world, 'tenant')),
    usdOf(await costs(world, 'label.team')),
  ];
  expect(Object.keys(byPool)).toEqual(['default']);
  expect(Object.keys(byTenant).sort()).toEqual(['(idle)', 'ann', 'bob']);
  expect(Object.keys(byTeam).sort()).toEqual(['(idle)', '(none)', 'ads', 'search']);
  for (const one of [byPool, byTenant, byTeam]) expect(sum(one)).toBeCloseTo(spentUsd, 6);
  expect(byTenant['ann']).toBeCloseTo(byTeam['search'] ?? 0, 9);
  expect(byTenant['ann']).toBeGreaterThan(byTenant['bob'] ?? Infinity);
});

test('a tenant sees his own costs by name, and no label of another', async () => {
  const world = worldOfTeams();
  await world.control.putPool(poolSpec);
  await submitted(world, 'ann', 'search');
  await submitted(world, 'bob', 'secret');
  await world.run(200);
  expect(Object.keys(usdOf(await costs(world, 'tenant', 'ann'))).sort()).toEqual(['(idle)', '(others)', 'ann']);
  expect(Object.keys(usdOf(await costs(world, 'label.team', 'ann'))).sort()).toEqual(['(idle)', '(others)', 'search']);
  expect(await world.control.costs({ by: 'label.unknown', sinceMs: null, pool: null, reader: null })).toBeNull();
});

test('a node that lives past midnight passes on the day once, and nothing else is written for it', async () => {
  const world = worldOfTeams();
  const midnightMs = Math.ceil(world.nowMs / (24 * hour)) * 24 * hour;
  world.nowMs = midnightMs - 200_000;
  await world.control.putPool({
    ...poolSpec,
    headroom: { nodes: 1, resources: { cpuMilli: 100, memoryMib: 100, gpu: 0 } },
  });
  await world.run(180);
  const costWrites = (): string[] =>
    world.changes.filter(({ key }) => key.pk.startsWith('COSTS#')).map(({ key }) => key.sk);
  expect(costWrites()).toEqual([]);
  await world.run(60);
  const day = new Date(midnightMs - 1).toISOString().slice(0, 10);
  expect(costWrites()).toEqual([`default#${day}`, expect.stringMatching(/^default#/)]);
  await world.run(120);
  expect(costWrites()).toHaveLength(2);
  const found = await costs(world, 'tenant');
  expect(found.days).toHaveLength(2);
  for (const { nanoUsd, idle } of found.days) expect(idle).toBe(nanoUsd);
  const { spentUsd } = await world.control.stats('ann', true);
  expect(sum(usdOf(found))).toBeCloseTo(spentUsd, 6);
});

test.each([1, 30])(
  'a request of %d tasks has the sum of all attempts, before a retry and after its end',
  async (count) => {
    const world = worldOfTeams();
    await world.control.putPool(poolSpec);
    const success = { outcome: 'exited', exitCode: 0 } as const;
    world.ending = (attemptId) => (attemptId.endsWith('.0.1') ? { outcome: 'exited', exitCode: 3 } : success);
    const { spec, ...more } = submission({ count });
    if (spec.type !== 'task') throw new Error('the world submits tasks');
    const { request } = await world.control.submit({ ...more, spec: { ...spec, retries: 1 } });
    const read = async (): Promise<RequestRecord> => {
      const found = await world.control.getRequest('default', request.id);
      if (found === null || isClaim(found)) throw new Error('it is no request of tasks');
      return found;
    };
    let before = 0;
    for (let ticks = 0; (await read()).endedAtMs === null; ticks += 1) {
      expect(ticks).toBeLessThan(100);
      await world.run(10);
      const now = requestUsd(await read());
      expect(now).toBeGreaterThanOrEqual(before);
      before = now ?? NaN;
    }
    const row = await read();
    const [first, ...others] = (await world.control.listTasks(row.tenant, row.id, { from: 0, limit: 30 }))?.tasks ?? [];
    if (first === undefined) throw new Error('it has no task');
    expect(first).toMatchObject({ attempt: 2, state: 'succeeded' });
    const earlier = (first.earlierNanoUsd ?? 0) / 1e9;
    expect(earlier).toBeGreaterThan(0);
    const last = [first, ...others].map((one) => lastAttemptUsd(one, spec.resources) ?? NaN);
    expect(requestUsd(row)).toBeCloseTo(earlier + last.reduce((all, one) => all + one, 0), 6);
  },
);

test('costs that pass on to the days of the pool are no reason to look at all of it once more', async () => {
  const world = worldOfTeams();
  world.ending = () => null;
  await world.control.putPool(poolSpec);
  await submitted(world, 'ann');
  await world.run(30);
  world.nowMs += 24 * hour;
  await world.syncAll();
  await world.control.runTick('default'); // lists what EC2 has, after a day
  world.nowMs += 24 * hour;
  await world.syncAll();
  const report = await world.control.runTick('default');
  const [{ data: node } = { data: null }] = (
    await world.ports.store.query<NodeRecord>({ pk: keys.nodes('default'), limit: 10 })
  ).items;
  expect(node?.billed?.toMs).toBe(world.nowMs);
  expect(report).toMatchObject({ rounds: 1, actions: 1 });
  expect(report.nextDueAtMs).toBeGreaterThan(world.nowMs);
});
