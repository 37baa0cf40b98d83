// A second policy beside the pool's own: recorded from tick to tick, and without any effect.
import { describe, expect, test } from '@jest/globals';
import type { Allocate, AllocationInput } from '../../../lib/core/allocation/types.ts';
import type { PoolSpec, ShadowPolicy } from '../../../lib/core/records/pool.ts';
import type { ShadowRecord } from '../../../lib/core/costs/shadow/record.ts';
import type { ShadowFigures } from '../../../lib/core/costs/shadow/figures.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { poolSpec, submission, World } from '../world.ts';

const spec: PoolSpec = { ...poolSpec, requirements: { instanceType: ['c7i.large'], capacityType: ['on-demand'] } };

async function storedIn(world: World): Promise<ShadowRecord | undefined> {
  return (await world.ports.store.get<ShadowRecord>(keys.shadow('default')))?.data;
}

async function figuresIn(world: World): Promise<ShadowFigures> {
  const figures = (await world.control.shadowOfPool('default'))?.figures;
  if (!figures) throw new Error('the pool has no shadow yet');
  return figures;
}

function lasting(world: World, seconds: number): void {
  const since = new Map<string, number>();
  world.ending = (attemptId) => {
    const startedMs = since.get(attemptId) ?? world.nowMs;
    since.set(attemptId, startedMs);
    return world.nowMs - startedMs >= 1_000 * seconds ? { outcome: 'exited', exitCode: 0 } : null;
  };
}

/** Six times two tasks of a minute, every five minutes. */
async function day(shadow: ShadowPolicy | undefined): Promise<World> {
  const world = new World();
  lasting(world, 60);
  await world.control.putPool({ ...spec, ...(shadow === undefined ? {} : { shadow }) });
  await world.tickDue();
  for (let n = 0; n < 6; n += 1) {
    for (const twice of ['a', 'b']) await world.control.submit(submission({ env: { N: String(n), TWICE: twice } }));
    await world.run(300, 5);
  }
  return world;
}

/** What was written of everything but the pool's declaration and the shadow. */
function written({ changes }: World): readonly string[] {
  return changes.map((one) => JSON.stringify(one)).filter((text) => !/"(?:SHADOW|POOLS)"/.test(text));
}

describe('a shadow', () => {
  test('changes nothing of what its pool does: all that is written is the same byte for byte', async () => {
    const alone = await day(undefined);
    const shadowed = await day({ idleAfterMs: 600_000, objective: 'cost-now' });
    expect(written(alone).length).toBeGreaterThan(100);
    const other = written(shadowed);
    expect(written(alone).find((one, at) => one !== other[at])).toBeUndefined();
    expect(other.length).toBe(written(alone).length);
    expect(shadowed.cloud.instances()).toEqual(alone.cloud.instances());
    expect(await storedIn(alone)).toBeUndefined();
  });

  test("of the pool's own policy costs what the pool costs", async () => {
    const { live, shadow } = await figuresIn(await day({}));
    expect(shadow.launches).toBe(live.launches);
    expect(shadow.started).toBe(12);
    expect(live.started).toBe(12);
    expect(shadow.usd / live.usd).toBeGreaterThan(0.8);
    expect(shadow.usd / live.usd).toBeLessThan(1.25);
  });

  test('that keeps idle nodes has fewer launches, shorter waits and a higher cost', async () => {
    const { live, shadow, stopped } = await figuresIn(await day({ idleAfterMs: 600_000 }));
    expect(stopped).toBeNull();
    expect(live.launches).toBe(6);
    expect(shadow.launches).toBe(1);
    expect(shadow.waits?.meanMs).toBeLessThan(live.waits?.meanMs ?? 0);
    expect(shadow.usd).toBeGreaterThan(1.5 * live.usd);
    expect(shadow.waiting + live.waiting).toBe(0);
  });

  test('is written only where something changed', async () => {
    const world = new World();
    world.ending = () => null;
    await world.control.putPool({ ...spec, shadow: { idleAfterMs: 600_000 } });
    await world.control.submit(submission());
    await world.run(300, 5);
    const count = (): number => world.changes.filter((one) => JSON.stringify(one).includes('"SHADOW"')).length;
    const before = count();
    expect(before).toBeGreaterThan(0);
    await world.run(1_200, 10);
    expect(count()).toBe(before);
    expect((await figuresIn(world)).untilMs).toBe(world.nowMs);
  });

  test('that looks again at what waits is not written for that alone', async () => {
    const world = new World();
    lasting(world, 3_600);
    await world.control.putPool({ ...spec, limits: { ...spec.limits, instances: 2 }, shadow: { tasksPerNode: 1 } });
    for (const n of ['1', '2', '3']) await world.control.submit(submission({ env: { N: n } }));
    await world.run(300, 5);
    const before = await world.ports.store.get<ShadowRecord>(keys.shadow('default'));
    expect(before?.data.dueAtMs).not.toBeNull();
    await world.run(600, 60);
    const after = await world.ports.store.get<ShadowRecord>(keys.shadow('default'));
    expect(after?.version).toBe(before?.version);
  });

  test('begins anew when its pool is declared anew, and goes with it', async () => {
    const world = await day({ idleAfterMs: 600_000 });
    await world.control.putPool({ ...spec, shadow: { idleAfterMs: 60_000 } });
    expect((await world.control.shadowOfPool('default'))?.figures).toBeNull();
    await world.run(10);
    expect((await figuresIn(world)).shadow.launches).toBe(0);
    await world.control.deletePool('default');
    await world.run(26 * 3_600, 600);
    expect(await world.control.shadowOfPool('default')).toBeNull();
    expect(await storedIn(world)).toBeUndefined();
  });

  test('of more tasks than it carries stops, says so, and begins anew when there are fewer', async () => {
    const world = new World();
    lasting(world, 5);
    await world.control.putPool({ ...spec, limits: { instances: 2 }, shadow: {} });
    const array = await world.control.submit(submission({ count: 1_001 }));
    await world.run(20);
    expect((await figuresIn(world)).stopped?.reason).toBe('more than 1000 tasks wait or run');
    await world.control.cancel('default', array.request.id);
    await world.run(1_300, 5);
    for (const n of ['begins', 'is counted']) {
      await world.control.submit(submission({ env: { N: n } }));
      await world.run(60);
    }
    const figures = await figuresIn(world);
    expect(figures.stopped).toBeNull();
    expect(figures.shadow.started).toBe(1);
  });

  test('that fails is stopped, and its pool goes on', async () => {
    // In the shadow each task is a request of its own, with the index in its name.
    const isOfShadow = (input: AllocationInput): boolean => input.demand.some(({ id }) => id.includes('.'));
    const engine = (given: Allocate): Allocate => {
      return (input) => {
        if (isOfShadow(input)) throw new Error('no plan for a shadow');
        return given(input);
      };
    };
    const world = new World({ engine });
    await world.control.putPool({ ...spec, shadow: {} });
    for (const n of ['a', 'b']) await world.control.submit(submission({ env: { N: n } }));
    await world.run(60);
    expect((await figuresIn(world)).stopped?.reason).toMatch(/no plan for a shadow/);
    const stats = await world.control.listRequests({ tenant: 'default', limit: 10 });
    expect(stats.items.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  });
});
