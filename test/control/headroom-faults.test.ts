// The floor under what EventBridge, Lambda and DynamoDB do to an event: doubled, reordered, handled twice at
// once, by functions whose writes fail, lose their answers or die half-way. Whatever comes of it, no change of
// an alarm moves the floor twice.
import { expect, test } from '@jest/globals';
import { storeFaults } from '../../lib/adapters/faults/plans.ts';
import { CallCounter, Caller, withFaults } from '../../lib/adapters/faults/with-faults.ts';
import { SeededRandom } from '../../lib/adapters/simulated/cloud/random.ts';
import { createEvents } from '../../lib/control/index.ts';
import type { AlarmEvent } from '../../lib/core/scaling/alarms.ts';
import { poolSpec, World } from './world.ts';

const seeds = Number(process.env['BELLOWS_HEADROOM_SEEDS'] ?? '25');
const rates = {
  throttle: 0.05,
  conflict: 0.05,
  loseRequest: 0.05,
  loseAnswer: 0.1,
  crashBefore: 0.03,
  crashAfter: 0.05,
};

test.each(Array.from({ length: seeds }, (_, at) => at + 1))('seed %i', async (seed) => {
  const random = new SeededRandom(String(seed));
  const world = new World();
  await world.control.putPool({
    ...poolSpec,
    limits: {},
    alarms: [
      { alarmName: 'high', addNodes: 2, cooldownMs: 0 },
      { alarmName: 'low', removeNodes: 1, cooldownMs: 0 },
    ],
  });
  const history = Array.from({ length: 24 }, (_, at): AlarmEvent => {
    const [alarmName, state] = (['high', 'low'] as const).flatMap((name) =>
      (['ALARM', 'OK'] as const).map((one) => [name, one] as const),
    )[at % 4] ?? ['high', 'ALARM'];
    return {
      alarmName,
      state,
      previousState: state === 'ALARM' ? 'OK' : 'ALARM',
      reason: `event ${String(at)}`,
      atMs: world.nowMs + at * 60_000,
    };
  });
  // At least once, roughly in order.
  const deliveries = history
    .flatMap((event, at) =>
      Array.from({ length: random.next() < 0.4 ? 2 : 1 }, () => ({ event, at: at + random.next() * 3 })),
    )
    .sort((a, b) => a.at - b.at);

  /** One delivery: a function of its own each time, until one of them has handled it. */
  const deliver = async (event: AlarmEvent): Promise<void> => {
    for (;;) {
      const surroundings = {
        plan: storeFaults({ next: () => random.next(), id: () => '' }, rates),
        caller: new Caller({ afterCrash: 'throw' }),
        counter: new CallCounter(),
        sleep: async () => undefined,
      };
      try {
        await createEvents({
          ...world.ports,
          store: withFaults(world.ports.store, 'store', surroundings),
        }).handleAlarmEvent(event);
        return;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
      }
    }
  };
  for (let at = 0; at < deliveries.length;) {
    const together = deliveries.slice(at, at + 1 + Math.floor(random.next() * 3));
    await Promise.all(together.map(({ event }) => deliver(event)));
    at += together.length;
  }

  const acts = ((await world.control.listActivity('default', { limit: 1_000 }))?.items ?? [])
    .filter((one) => one.code === 'headroom_changed')
    .map((one) => one.message);
  const reasons = acts.map((message) => /event \d+$/.exec(message)?.[0]);
  expect(reasons).toHaveLength(new Set(reasons).size);
  const ordered = acts
    .map((message) => /(?:from (\d+) to (\d+)|stays at (\d+))/.exec(message) ?? [])
    .map(([, from, to, same]) => [Number(from ?? same), Number(to ?? same)] as const);
  // The floor is what was told of it, step by step.
  const total = ordered.reduce((sum, [from, to]) => sum + to - from, 0);
  const shown = await world.control.getPool('default');
  expect(acts.length).toBeGreaterThan(2);
  expect(shown?.headroom?.floorNodes).toBe(total);
  // The newest word on each alarm has been heard, and the pool knows that it owes a tick.
  expect(shown?.headroom?.record.alarms).toMatchObject({
    high: { state: 'OK', atMs: history[21]?.atMs },
    low: { state: 'OK', atMs: history[23]?.atMs },
  });
  expect(await world.control.duePools()).toEqual(['default']);
  // All of it once more: nothing.
  const before = world.changes.length;
  for (const event of history) await deliver(event);
  expect(world.changes.length).toBe(before);
});
