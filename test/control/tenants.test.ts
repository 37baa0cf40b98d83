// What operators declare of tenants, and what a tick of a pool with fair shares reads of it.
import { expect, test } from '@jest/globals';
import { readWeights, TenantMemory } from '../../lib/control/requests/tenants.ts';
import { keys } from '../../lib/control/store/keys.ts';
import { tenantsMax } from '../../lib/core/records/tenant.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { withCheckedRecords } from '../../lib/control/tick/set-aside.ts';
import { storeWith } from './store-with.ts';
import { poolSpec, submission, World } from './world.ts';

const fair = {
  ...poolSpec,
  nodesServe: 'any-tenant',
  ordering: 'fair-share',
  tasksPerNode: 8,
  limits: { instances: 2 },
  requirements: { instanceType: ['c7i.2xlarge'], zone: ['us-east-1a'], capacityType: ['on-demand'] },
} as const;

test('a tenant is declared, declared anew, shown, and deleted', async () => {
  const { control } = new World();
  expect(await control.getTenant('shop')).toBeNull();
  await control.putTenant({ name: 'shop', weight: 2 });
  await control.putTenant({ name: '__proto__', weight: 3 });
  expect(await control.putTenant({ name: 'shop', weight: 4 })).toMatchObject({ name: 'shop', weight: 4 });
  expect((await control.listTenants()).map((one) => [one.name, one.weight])).toEqual([
    ['__proto__', 3],
    ['shop', 4],
  ]);
  expect(await control.deleteTenant('shop')).toMatchObject({ weight: 4 });
  expect(await control.deleteTenant('shop')).toBeNull();
  expect(await control.getTenant('shop')).toBeNull();
});

test('the same declaration again writes nothing', async () => {
  const { control, changes } = new World();
  await control.putTenant({ name: 'shop', weight: 2 });
  const before = changes.length;
  await control.putTenant({ name: 'shop', weight: 2 });
  await control.deleteTenant('nobody');
  expect(changes.length).toBe(before);
});

test('there is a bound, also for two at once; what is declared can be changed there', async () => {
  const { control, ports } = new World();
  for (let n = 0; n < tenantsMax - 1; n += 1) {
    const data = { name: `t${String(n)}`, weight: 2, createdAtMs: 0, updatedAtMs: 0 };
    await ports.store.put({ item: { ...keys.tenant(data.name), data }, condition: 'absent', writeId: 'by hand' });
  }
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => control.putTenant({ name, weight: 5 })));
  expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  const refused = results.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'too_many_tenants' });
  expect(await control.listTenants()).toHaveLength(tenantsMax);
  expect(await control.putTenant({ name: 't1', weight: 9 })).toMatchObject({ weight: 9 });
});

test('who remembers the weights reads one item, until one of them is changed', async () => {
  const world = new World();
  await world.control.putTenant({ name: 'a', weight: 3 });
  const reads: string[] = [];
  const store = storeWith(world.ports.store, {
    get: async (key) => {
      reads.push(key.pk);
      return world.ports.store.get(key);
    },
    query: async (options) => {
      reads.push(`query ${options.pk}`);
      return world.ports.store.query(options);
    },
  });
  const ports = { ...world.ports, store };
  const memory = new TenantMemory();
  expect({ ...(await readWeights(ports, memory)) }).toEqual({ a: 3 });
  reads.length = 0;
  expect({ ...(await readWeights(ports, memory)) }).toEqual({ a: 3 });
  expect(reads).toEqual([keys.tenantsMark.pk]);
  await world.control.putTenant({ name: 'b', weight: 2 });
  await world.control.deleteTenant('a');
  expect({ ...(await readWeights(ports, memory)) }).toEqual({ b: 2 });
});

test('a record that cannot be read has the weight 1, and is declared anew', async () => {
  const world = new World();
  await world.control.putTenant({ name: 'a', weight: 3 });
  const item = await world.ports.store.get<object>(keys.tenant('a'));
  await world.ports.store.put({
    item: { ...keys.tenant('a'), data: { ...item?.data, weight: -1 } },
    condition: item?.version ?? 'absent',
    writeId: 'by hand',
  });
  expect({ ...(await readWeights(withCheckedRecords(world.ports), new TenantMemory())) }).toEqual({ a: 1 });
  expect(await world.control.putTenant({ name: 'a', weight: 5 })).toMatchObject({ weight: 5 });
});

test('who has three times the weight has three times as much, also after the weights have changed', async () => {
  const world = new World();
  await world.control.putPool(fair);
  await world.control.putTenant({ name: 'a', weight: 3 });
  const startedAtMs = new Map<string, number>();
  world.ending = (id) => {
    if (!startedAtMs.has(id)) startedAtMs.set(id, world.nowMs);
    const lengthMs = 6_000 + ((Number(id.split('.')[1]) * 7) % 16) * 400;
    return world.nowMs - (startedAtMs.get(id) ?? 0) >= lengthMs ? { outcome: 'exited', exitCode: 0 } : null;
  };
  const spec: Partial<TaskSpec> = { count: 2_000, resources: { cpuMilli: 900, memoryMib: 512, gpu: 0 } };
  const add = async (tenant: string): Promise<string> =>
    (await world.control.submit({ ...submission(spec), tenant })).request.id;
  const [b, a] = [await add('b'), await add('a')];
  const shareOfA = async (): Promise<number> => {
    await world.run(25);
    const places = { [a]: 0, [b]: 0 };
    for (let second = 0; second < 30; second += 1) {
      await world.run(1);
      for (const node of (await world.control.listNodes('default')) ?? [])
        for (const one of node.assigned) places[one.requestId] = (places[one.requestId] ?? 0) + 1;
    }
    return (places[a] ?? 0) / ((places[a] ?? 0) + (places[b] ?? 0));
  };
  expect(await shareOfA()).toBeCloseTo(0.75, 1);
  await world.control.deleteTenant('a');
  await world.control.putTenant({ name: 'b', weight: 3 });
  expect(await shareOfA()).toBeCloseTo(0.25, 1);
});

test('relations count tasks of one tenant: nobody keeps others away, or near, or level with his own', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...fair, limits: { instances: 3 } });
  const add = async (tenant: string, spec: Partial<TaskSpec>): Promise<string> => {
    const { spec: plain, ...rest } = submission();
    const { request } = await world.control.submit({ ...rest, tenant, spec: { ...(plain as TaskSpec), ...spec } });
    return request.id;
  };
  await add('eve', { antiAffinity: [{ topology: 'zone', group: 'web' }] });
  await add('eve', { group: 'near', requirements: { zone: ['us-east-1a'] } });
  await world.run(60);
  const web = await add('ann', { group: 'web' });
  const alone = await add('ann', { antiAffinity: [{ topology: 'zone', group: 'near' }] });
  await world.run(60);
  const stateOf = async (id: string) => (await world.control.getRequest('ann', id))?.state;
  expect([await stateOf(web), await stateOf(alone)]).toEqual(['running', 'running']);
});
