// Tasks that mount volumes, while the controller dies: at each step of a story in turn.
import { expect, test } from '@jest/globals';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import { stepsOf } from '../../slice.ts';
import { taskSpec } from '../world.ts';
import { newWorld, volume } from './mount-world.ts';
import { Crash } from './world.ts';

const nothing = { instances: 0, volumes: 0, groups: 0 };

/** Two tasks on one volume, one after the other, and its release; the controller dies at step `at`. */
async function story(at: number): Promise<number> {
  const world = await newWorld();
  const data = await volume(world);
  let steps = 0;
  world.onStep = (what) => {
    steps += 1;
    if (steps === at) throw new Crash(what);
  };
  const survive = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      world.restart();
      await work();
    }
  };
  const ids: string[] = [];
  for (const key of ['one', 'two']) {
    const spec: TaskSpec = { ...taskSpec, mounts: [{ request: data, path: null }] };
    await survive(async () => {
      ids.push(
        (await world.control.submit({ tenant: 'default', idempotencyKey: key, pool: null, spec, canonicalBody: key }))
          .request.id,
      );
    });
  }
  for (let n = 0; n < 90; n += 1) await survive(() => world.run(1));
  expect({ at, states: await Promise.all([...new Set(ids)].map(async (id) => world.state(id))) }).toEqual({
    at,
    states: ['succeeded', 'succeeded'],
  });
  await survive(() => world.release(data));
  for (let n = 0; n < 60; n += 1) await survive(() => world.run(1));
  if ((await world.claim(data)).state !== 'released') await survive(() => world.run(150));
  expect({
    at,
    state: (await world.claim(data)).state,
    left: world.left(),
    attached: world.started.filter((one) => one.mounts?.length !== 1),
  }).toEqual({ at, state: 'released', left: nothing, attached: [] });
  return steps;
}

test('no crash, wherever it falls, runs a task without its volume, or keeps the volume', async () => {
  const steps = await story(Infinity);
  for (const at of stepsOf(steps, 4)) await story(at);
});
