import { expect, test } from '@jest/globals';
import { keys } from '../../../lib/control/store/keys.ts';
import { ClaimWorld, networkSpec, poolSpec } from './world.ts';

test.each([['dedicated'], ['share']] as const)(
  'a broken group document (%s): its network is served by another one, and the pool becomes calm',
  async (sharing) => {
    const world = new ClaimWorld();
    await world.control.putPool(poolSpec);
    const { id } = await world.submit({ ...networkSpec, network: { ...networkSpec.network, sharing } });
    await world.run(60);
    const {
      items: [group],
    } = await world.store.query<object>({ pk: keys.resources('default'), limit: 10 });
    if (!group) throw new Error('no group');
    await world.store.put({
      item: { pk: group.pk, sk: group.sk, data: { ...group.data, references: 3 } },
      condition: group.version,
      writeId: 'by hand',
    });
    const second = await world.submit({ ...networkSpec, network: { ...networkSpec.network, sharing } });
    await world.run(120);
    expect([(await world.claim(id)).state, (await world.claim(second.id)).state]).toEqual(['active', 'active']);
    // No loop of writes that never hold.
    let ticks = 0;
    for (let i = 0; i < 30; i += 1) {
      world.nowMs += 1_000;
      const due = await world.control.duePools();
      ticks += due.length;
      for (const pool of due) await world.control.runTick(pool);
    }
    expect(ticks).toBeLessThan(15);
    for (const one of [id, second.id]) await world.release(one);
    await world.run(180);
    expect([(await world.claim(id)).state, (await world.claim(second.id)).state]).toEqual(['released', 'released']);
  },
);
