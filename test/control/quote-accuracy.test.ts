// How well past quotes came true: kept with requests that ask for it, at no cost for others, and compared when asked.
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import type { RequestRecord } from '../../lib/core/records/request.ts';
import { poolSpec, submission, World } from './world.ts';

async function newWorld(): Promise<World> {
  const world = new World();
  await world.control.putPool(poolSpec);
  return world;
}

async function rowOf(world: World, id: string): Promise<RequestRecord | undefined> {
  return (await world.ports.store.get<RequestRecord>(keys.request(id)))?.data;
}

const ask = (key: string | null = null, expectedDurationMs = 3_600_000) => ({
  ...submission({ expectedDurationMs }, key),
  isQuoted: true,
});

test('a request that asks for it keeps its quote, and is compared with it when it has succeeded', async () => {
  const world = await newWorld();
  // It is said to last an hour, and ends at once: within every figure.
  const { request } = await world.control.submit(ask());
  expect(await rowOf(world, request.id)).toMatchObject({
    quoted: { endsMs: { p50: 3_660_000, p90: 3_720_000 }, usd: { p50: expect.any(Number) as unknown } },
  });
  expect(await world.control.quoteAccuracy('default', 'default')).toMatchObject({ quoted: 1, succeeded: 0, open: 1 });
  await world.run(30);
  expect((await rowOf(world, request.id))?.state).toBe('succeeded');
  const one = { known: 1, withinP50: 1, withinP90: 1 };
  expect(await world.control.quoteAccuracy('default', 'default')).toEqual({
    ...{ pool: 'default', quoted: 1, succeeded: 1, open: 0, finish: one, usd: one },
  });
  // This one is said to last a second, and boots alone take longer than the guess that is quoted.
  world.ending = () => null;
  await world.control.submit(ask(null, 1_000));
  await world.run(5);
  world.nowMs += 3_600_000;
  world.ending = () => ({ outcome: 'exited', exitCode: 0 });
  await world.run(60);
  const both = await world.control.quoteAccuracy('default', 'default');
  expect(both).toMatchObject({ quoted: 2, succeeded: 2, finish: { known: 2, withinP50: 1, withinP90: 1 } });
});

test('others see nothing of it; an unknown pool is none; what was not quoted is not compared, nor kept', async () => {
  const world = await newWorld();
  await world.control.submit(ask());
  const before = world.changes.length;
  const { request } = await world.control.submit(submission());
  // The pool is awake already.
  expect(world.changes.slice(before).map(({ key }) => key.pk)).toEqual([
    expect.stringContaining('#pool=default#'),
    `REQUEST#${request.id}`,
  ]);
  expect((await rowOf(world, request.id))?.quoted).toBeUndefined();
  expect(await world.control.quoteAccuracy('other', 'default')).toMatchObject({ quoted: 0, finish: { known: 0 } });
  expect(await world.control.quoteAccuracy('default', 'default')).toMatchObject({ quoted: 1 });
  expect(await world.control.quoteAccuracy('default', 'none')).toBeNull();
});

test('a repeat keeps the first quote, also when its pool is gone; what can never run is refused as ever', async () => {
  const world = await newWorld();
  const { request } = await world.control.submit(ask('k'));
  const first = (await rowOf(world, request.id))?.quoted;
  await world.run(30);
  expect(await world.control.submit(ask('k'))).toMatchObject({ isRepeat: true, request: { quoted: first } });
  await world.control.deletePool('default');
  await world.run(60);
  expect(await world.control.submit(ask('k'))).toMatchObject({ isRepeat: true, request: { quoted: first } });
  await expect(world.control.submit(ask('other'))).rejects.toMatchObject({ code: 'unknown_pool' });
});
