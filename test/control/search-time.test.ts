// A machine too slow for the steps of the search gets a plan of fewer: the log says so, and tasks run all the same.
import { expect, test } from '@jest/globals';
import { poolSpec, submission, World } from './world.ts';

test.each([
  ['in time', 0, []],
  ['too late', 6_000, ['the search for cheaper nodes was ended by its time, before its steps were done']],
])('an allocation that is asked whether to stop %s', async (_when, lateMs, logged) => {
  const world: World = new World({
    engine: (allocate) => (input) => {
      world.nowMs += lateMs;
      input.shouldStop();
      return allocate(input);
    },
  });
  const warnings: string[] = [];
  Object.assign(world.ports, {
    log: { write: (level: string, message: string) => void (level === 'warn' && warnings.push(message)) },
  });
  await world.control.putPool(poolSpec);
  const { request } = await world.control.submit(submission());
  await world.control.runTick(poolSpec.name);
  expect([...new Set(warnings)].filter((one) => one.includes('search'))).toEqual(logged);
  await world.run(120);
  expect((await world.control.getRequest('default', request.id))?.state).toBe('succeeded');
});
