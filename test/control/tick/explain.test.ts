// Why tasks wait, as it is stored: only news is written.
import { expect, test } from '@jest/globals';
import { takeLock } from '../../../lib/control/coordination/lock.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { explain } from '../../../lib/control/tick/apply/memory.ts';
import type { WhyEntry } from '../../../lib/core/plan/plan.ts';
import { BareWorld, settings } from '../bare-world.ts';

const entry = (message: string): WhyEntry => ({ code: 'limit_reached', message, nextTryAtMs: null, excluded: [] });

test('another order of what waits is no news, another reason is', async () => {
  const world = new BareWorld();
  const lock = await takeLock(world.ports, settings, 'p');
  if (lock === null) throw new Error('nobody else has it');
  const context = { ports: world.ports, lock };
  const version = async () => (await world.ports.store.get(keys.why('p')))?.version;

  await explain(context, { byShape: { b: entry('full'), a: entry('full') } });
  const first = await version();
  await explain(context, { byShape: { a: entry('full'), b: entry('full') } });
  expect(await version()).toBe(first);
  await explain(context, { byShape: { a: entry('full'), b: entry('paused') } });
  expect(await version()).not.toBe(first);
});
