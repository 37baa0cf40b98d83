// One record that cannot be read, of any kind: it is set aside with its error, and nothing else is.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import type { ItemKey, Store } from '../../lib/ports/store.ts';
import { sliceOf } from '../slice.ts';
import { ClaimWorld, machineSpec, networkSpec, poolSpec as claimPool, storageSpec } from './claims/world.ts';
import { poolSpec, submission, World } from './world.ts';

type Damage = (data: Record<string, unknown>) => unknown;

async function damage(store: Store, key: ItemKey, how: Damage): Promise<void> {
  const item = await store.get<Record<string, unknown>>(key);
  await store.put({
    item: { ...key, data: how(structuredClone(item?.data ?? {})), index: item?.index ?? {} },
    condition: item?.version ?? 'absent',
    writeId: 'by hand',
  });
}

async function only(store: Store, pk: string, sk = ''): Promise<ItemKey> {
  const { items } = await store.query({ pk, limit: 100 });
  const found = items.find((item) => item.sk.startsWith(sk));
  if (!found) throw new Error(`nothing under ${pk}`);
  return { pk: found.pk, sk: found.sk };
}

const without =
  (...path: string[]): Damage =>
  (data) => {
    let at = data;
    for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
    Reflect.deleteProperty(at, path.at(-1) ?? '');
    return data;
  };
const nothing: Damage = () => null;
const other: Damage = () => 'by hand';
const kinds: readonly (readonly [string, (world: World, id: string) => Promise<ItemKey>, readonly Damage[]])[] = [
  [
    'request row',
    async (_, id) => keys.request(id),
    [
      without('spec'),
      without('spec', 'resources'),
      without('tasks'),
      (data) => ({ ...data, tasks: [null] }),
      (data) => ({ ...data, counts: 3 }),
      without('quarantine'),
      nothing,
      other,
    ],
  ],
  [
    'node',
    (world) => only(world.ports.store, keys.nodes('default')),
    [
      without('assigned'),
      without('allocatable'),
      without('reserved'),
      (data) => ({ ...data, assigned: [{}] }),
      (data) => ({ ...data, state: 'hibernating' }),
      nothing,
    ],
  ],
  [
    'memory',
    async () => keys.memory('default'),
    [without('refusals'), nothing, (data) => ({ ...data, failedCalls: 'no' })],
  ],
  ['why', async () => keys.why('default'), [without('byShape'), nothing]],
  ['totals', async () => keys.totals('default'), [without('ended'), without('acceptedToPlaced'), nothing]],
  ['wake', async () => keys.wake('default'), [nothing, (data) => ({ ...data, wanted: '7' })]],
  ['lock', async () => keys.lock('default'), [nothing, without('epoch'), (data) => ({ ...data, holder: 7 })]],
  ['fence', async () => keys.fence('default'), [nothing, without('epoch')]],
  ['activity', (world) => only(world.ports.store, keys.activities('default')), [nothing, without('message')]],
];

test.each(
  sliceOf(
    kinds.flatMap(([name, key, damages]) => damages.map((how, n) => [name, n, key, how] as const)),
    1,
  ),
)('%s %d: the pool goes on, everything is listed, and somebody is told', async (name, _n, key, how) => {
  const world = new World();
  const logged: string[] = [];
  world.ports.log.write = (level, message, fields) => {
    if (level === 'error') logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  const {
    request: { id },
  } = await world.control.submit(submission());
  await world.run(15);
  await damage(world.ports.store, await key(world, id), how);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  const {
    request: { id: next },
  } = await world.control.submit(submission());
  await world.run(90);
  expect(await world.control.getRequest('default', next)).toMatchObject({ state: 'succeeded' });
  const list = await world.control.listRequests({ tenant: 'default', limit: 10 });
  expect(list.items.map((one) => one.id)).toContain(next);
  await world.control.stats('default');
  await world.control.listNodes('default');
  await world.control.sweep();
  expect(await world.control.getPool('default')).toMatchObject({ spec: { name: 'default' } });
  if (name !== 'why' && name !== 'memory' && name !== 'activity')
    expect(logged.join('\n')).toContain('a stored record cannot be read');
  const activity = (await world.control.listActivity('default', { limit: 200 }))?.items ?? [];
  if (name === 'node' || name === 'request row') expect(activity.map((one) => one.code)).toContain('set_aside');
  await world.run(600);
  // Nothing leaks: what a bad document names is given back.
  expect(
    world.cloud.instances().filter((one) => one.state === 'running' || one.state === 'pending').length,
  ).toBeLessThanOrEqual(name === 'request row' ? 1 : 0);
  expect(await world.control.duePools()).toEqual([]);
});

test('a request row that cannot be read is shown as quarantined with its error, in the list as well', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  const {
    request: { id },
  } = await world.control.submit(submission({}, 'key-1'));
  await damage(world.ports.store, keys.request(id), without('spec', 'resources'));
  await world.run(30);
  const seen = await world.control.getRequest('default', id);
  expect(seen).toMatchObject({
    reason: 'quarantined',
    quarantine: expect.stringMatching(/cannot be read: spec\.resources is missing.*REQUEST#r-/),
  });
  expect((await world.control.listRequests({ tenant: 'default', limit: 10 })).items).toMatchObject([
    { id, reason: 'quarantined' },
  ]);
  expect((await world.control.stats('default')).quarantined).toBe(1);
  expect(await world.control.submit(submission({}, 'key-1'))).toMatchObject({
    isRepeat: true,
    request: { id, reason: 'quarantined' },
  });
});

test('a chunk that cannot be read sets its array aside; what runs of it runs on, and others go on', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  world.ending = () => null;
  const {
    request: { id },
  } = await world.control.submit(submission({ count: 30 }));
  await world.run(20);
  await damage(world.ports.store, keys.chunk(id, 0), (data) => ({ ...data, tasks: 'gone' }));
  const {
    request: { id: next },
  } = await world.control.submit(submission());
  await world.run(20);
  expect(
    (await world.control.listNodes('default'))?.flatMap((node) => node.assigned).filter((one) => one.requestId === id)
      .length,
  ).toBe(30);
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(60);
  expect(await world.control.getRequest('default', next)).toMatchObject({ state: 'succeeded' });
  expect((await world.control.listActivity('default', { limit: 100 }))?.items.map((one) => one.code)).toContain(
    'set_aside',
  );
});

test.each([nothing, without('spec'), without('spec', 'limits'), without('spec', 'accepts')])(
  'a pool that cannot be read: others go on, it is listed with its error, and declaring it anew mends it (%#)',
  async (how) => {
    const world = new World();
    await world.control.putPool(poolSpec);
    await world.control.putPool({ ...poolSpec, name: 'second' });
    await damage(world.ports.store, keys.pool('second'), how);
    const {
      request: { id },
    } = await world.control.submit(submission());
    await world.run(30);
    expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
    expect(
      (await world.control.listPools()).map((pool) => [
        pool.spec.name,
        pool.quarantine?.includes('cannot be read') ?? false,
      ]),
    ).toEqual([
      ['default', false],
      ['second', true],
    ]);
    await expect(world.control.submit({ ...submission(), pool: 'second' })).rejects.toMatchObject({
      code: 'not_possible',
    });
    await world.control.stats('default');
    await world.control.sweep();
    await world.control.putPool({ ...poolSpec, name: 'second' });
    const { request } = await world.control.submit({ ...submission(), pool: 'second' });
    await world.run(1);
    expect((await world.control.getPool('second'))?.quarantine).toBeUndefined();
    expect(request.pool).toBe('second');
  },
);

test('a launch that cannot be read is left out; its instance is reaped by the sweep', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.ports.store.put({
    item: { ...keys.launch('default', 'l-broken'), data: { id: 'l-broken' } },
    condition: 'absent',
    writeId: 'by hand',
  });
  const {
    request: { id },
  } = await world.control.submit(submission());
  await world.run(60);
  expect(await world.control.getRequest('default', id)).toMatchObject({ state: 'succeeded' });
  expect((await world.control.stats('default')).launchedNodes).toBe(1);
});

const claimed: readonly (readonly [
  string,
  (world: ClaimWorld, ids: Readonly<Record<string, string>>) => Promise<ItemKey>,
  readonly Damage[],
])[] = [
  [
    'storage',
    async (_, ids) => keys.request(ids['storage'] ?? ''),
    [without('spec', 'volume'), (data) => ({ ...data, groupIds: 3 }), nothing],
  ],
  ['machine', async (_, ids) => keys.request(ids['machine'] ?? ''), [without('spec', 'needs'), without('power')]],
  [
    'document of a volume',
    async (_, ids) => keys.volume('default', ids['storage'] ?? '', 'v'),
    [without('state'), without('shape'), (data) => ({ ...data, place: 'm0.v0' }), nothing],
  ],
  [
    'document of a machine',
    async (_, ids) => keys.machine('default', ids['machine'] ?? '', 0),
    [without('instanceId'), (data) => ({ ...data, index: 1 }), (data) => ({ ...data, claim: 'r-other' }), nothing],
  ],
  [
    "document of a machine's volume",
    async (_, ids) => keys.volume('default', ids['machine'] ?? '', 'm0.v0'),
    [without('volumeId'), without('key')],
  ],
  [
    'network',
    async (_, ids) => keys.request(ids['network'] ?? ''),
    [without('waitsForGroups'), without('spec', 'network'), without('timeline')],
  ],
  [
    'group',
    async (world) => only(world.store, keys.resources('default'), 'GROUP#'),
    [without('references'), without('wish'), nothing],
  ],
];

test.each(
  sliceOf(
    claimed.flatMap(([name, key, damages]) => damages.map((how, n) => [name, n, key, how] as const)),
    1,
  ),
)(
  '%s %d that cannot be read: what others hold is granted and released, and nothing of it is lost',
  async (name, _n, key, how) => {
    const world = new ClaimWorld();
    await world.control.putPool(claimPool);
    const ids = {
      storage: (await world.submit(storageSpec)).id,
      machine: (await world.submit({ ...machineSpec, network: null })).id,
      network: (await world.submit(networkSpec)).id,
    };
    const other = await world.submit({ ...storageSpec, volume: { ...storageSpec.volume, sizeGib: 7 } });
    await world.run(90);
    for (const id of [...Object.values(ids), other.id])
      expect(await world.claim(id)).toMatchObject({ state: 'active' });
    const before = world.left();
    await damage(world.store, await key(world, ids), how);
    const late = await world.submit({ ...storageSpec, volume: { ...storageSpec.volume, sizeGib: 9 } });
    const machine = await world.submit({ ...machineSpec, network: null, volumes: [] });
    await world.run(120);
    expect(await world.claim(late.id)).toMatchObject({ state: 'active' });
    expect(await world.claim(machine.id)).toMatchObject({ state: 'active' });
    for (const id of [other.id, late.id, machine.id]) await world.release(id);
    await world.run(120);
    for (const id of [other.id, late.id, machine.id])
      expect(await world.claim(id)).toMatchObject({ state: 'released' });
    for (let i = 0; i < 4; i += 1) {
      world.nowMs += 300_000;
      await world.control.sweep();
      await world.run(10);
    }
    // What the bad one holds is there still: a person may mend the record.
    const left = world.left();
    expect(left).toMatchObject({ instances: before.instances, volumes: before.volumes - 1 });
    // In place of a group whose document cannot be read its network gets another one; the old one stays.
    expect(left.groups).toBe(before.groups + Number(name === 'group'));
    await world.control.stats('default');
    expect((await world.control.listRequests({ tenant: 'default', limit: 50 })).items.length).toBeGreaterThanOrEqual(5);
    expect((await world.control.listActivity('default', { limit: 500 }))?.items.map((one) => one.code)).toContain(
      'set_aside',
    );
  },
);

test.each([
  ['kept', keys.kept('default', 'vol-broken')],
  ['launch', keys.launch('default', 'l-broken')],
  ['warm machine', keys.machine('default', 'w-broken', 0)],
] as const)('a %s document that cannot be read stops nobody', async (_name, key) => {
  const world = new ClaimWorld();
  await world.control.putPool(claimPool);
  await world.store.put({ item: { ...key, data: { id: 'x' } }, condition: 'absent', writeId: 'by hand' });
  const { id } = await world.submit(machineSpec);
  await world.run(90);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  await world.control.sweep();
  await world.release(id);
  await world.run(120);
  expect(await world.claim(id)).toMatchObject({ state: 'released' });
  expect((await world.control.listActivity('default', { limit: 100 }))?.items.map((one) => one.code)).toContain(
    'set_aside',
  );
});

test.each(['task', 'storage'])(
  'cancelling a %s that cannot be read says so and changes nothing; a mended record is cancelled',
  async (type) => {
    const world = new ClaimWorld();
    await world.control.putPool(claimPool);
    const { id } =
      type === 'storage' ? await world.submit(storageSpec) : (await world.control.submit(submission())).request;
    const key = keys.request(id);
    await world.run(type === 'storage' ? 60 : 0);
    const sound = await world.store.get<Record<string, unknown>>(key);
    await damage(world.store, key, without('counts'));
    const before = await world.store.get(key);
    await expect(world.control.cancel('default', id)).rejects.toMatchObject({
      code: 'not_possible',
      message: expect.stringMatching(/counts is missing.*stays as it is/),
    });
    if (type === 'storage')
      await expect(world.control.changeClaim('default', id, { kind: 'renew' })).rejects.toMatchObject({
        code: 'not_possible',
        message: expect.stringContaining('counts is missing'),
      });
    expect(await world.store.get(key)).toEqual(before);
    await damage(world.store, key, () => sound?.data);
    await world.control.cancel('default', id);
    await world.run(120);
    expect((await world.control.getRequest('default', id))?.endedAtMs).not.toBeNull();
  },
);
