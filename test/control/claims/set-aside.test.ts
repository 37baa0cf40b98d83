// Claims on which a decision failed: what is written of them, and that they count as before.
import { expect, test } from '@jest/globals';
import { setAsideCulprits } from '../../../lib/control/tick/culprits.ts';
import { observe } from '../../../lib/control/tick/observe.ts';
import { TickMemory } from '../../../lib/control/tick/run-tick.ts';
import { BadRecords, withCheckedRecords } from '../../../lib/control/tick/set-aside.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import type { WarmSpec } from '../../../lib/core/records/pool.ts';
import { usageOfPool } from '../../../lib/core/records/limits.ts';
import { ClaimWorld, machineSpec, poolSpec, settings, storageSpec } from './world.ts';

const warm: WarmSpec = { running: 1, stopped: 0, needs: machineSpec.needs, requirements: {}, imageId: null };

async function seen(world: ClaimWorld): Promise<Observation> {
  const found = await observe(withCheckedRecords(world.ports), settings, 'default', new TickMemory(), 0);
  if (!found) throw new Error('there is no pool');
  return found.observation;
}

function usage({ claims }: Observation) {
  return usageOfPool({ nodes: [], launches: [], claims: claims.map(({ record }) => record), kept: [] });
}

test('a claim that is set aside, warm or not, is stored as every claim is and counts as before', async () => {
  const world = new ClaimWorld();
  await world.control.putPool({ ...poolSpec, warm });
  await world.submit({ ...machineSpec, userData: 'own' });
  await world.submit(storageSpec);
  await world.run(120);
  const before = await seen(world);
  expect(before.claims.map(({ record }) => record.state)).toEqual(['active', 'active', 'active']);
  const culprits = before.claims.map(({ record }) => ({ key: `claim ${record.id}`, error: 'no' }));
  const ports = withCheckedRecords(world.ports);
  await setAsideCulprits(ports, settings, new BadRecords(ports), before, culprits);
  const after = await seen(world);
  expect(after.claims.map(({ record }) => ({ ...record, quarantine: null }))).toEqual(
    before.claims.map(({ record }) => record),
  );
  for (const { record } of after.claims) expect(record.quarantine).toMatch(/^a decision about this request failed: no/);
  expect(usage(after)).toEqual(usage(before));
  const rows = (
    await Promise.all(after.claims.map(({ record }) => world.store.get({ pk: `REQUEST#${record.id}`, sk: 'ROW' })))
  ).flatMap((one) => one ?? []);
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(Object.keys(row.data as object)).not.toEqual(expect.arrayContaining(['machines']));
});

test('a sweep finds nothing new in a pool of which a claim is set aside', async () => {
  const world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  await world.submit(storageSpec);
  await world.run(60);
  const before = await seen(world);
  const ports = withCheckedRecords(world.ports);
  const culprits = before.claims.map(({ record }) => ({ key: `claim ${record.id}`, error: 'no' }));
  await setAsideCulprits(ports, settings, new BadRecords(ports), before, culprits);
  await world.run(600, 10);
  expect(await world.control.duePools()).toEqual([]);
  await world.control.sweep();
  expect(await world.control.duePools()).toEqual([]);
});
