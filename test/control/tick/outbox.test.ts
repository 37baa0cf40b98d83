// The outbox by itself: what is stored, what one tick publishes, and what becomes of it while the bus fails.
import { describe, expect, test } from '@jest/globals';
import { takeLock } from '../../../lib/control/coordination/lock.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { OutboxRecord } from '../../../lib/control/tick/outbox.ts';
import { outboxEntries, OutboxPublisher, outboxWrites } from '../../../lib/control/tick/outbox.ts';
import type { BellowsEvent } from '../../../lib/ports/events.ts';
import { storeWith } from '../store-with.ts';
import { BareWorld, settings } from '../bare-world.ts';

function gone(n: number, reason = 'idle'): BellowsEvent {
  return { type: 'NodeTerminated', nodeId: `i-${String(n)}`, pool: 'p', reason, atMs: 1 };
}

const accepted: BellowsEvent = {
  type: 'RequestAccepted',
  requestId: 'r-1',
  requestType: 'task',
  pool: 'p',
  tenant: 'default',
  count: 1,
  atMs: 1,
};
const ended: BellowsEvent = {
  type: 'TaskEnded',
  requestId: 'r-1',
  pool: 'p',
  tenant: 'default',
  state: 'succeeded',
  reason: null,
  atMs: 1,
};

describe('what is stored with a fact', () => {
  const { ports, nowMs } = new BareWorld();
  const stored = (events: readonly BellowsEvent[]) =>
    outboxWrites(ports, 'p', events).map((write) => {
      if (write.op !== 'put') throw new Error('an outbox write puts an item');
      return write;
    });

  test('is nothing without events', () => {
    expect(stored([])).toEqual([]);
    expect(outboxEntries('a', 0)).toEqual([]);
  });

  test('is fifty events an item, due at once', () => {
    const events = Array.from({ length: 51 }, (_, n) => gone(n));
    const writes = stored(events);
    expect(writes.map((write) => write.item.data)).toEqual([
      { events: events.slice(0, 50), tries: 0 },
      { events: events.slice(50), tries: 0 },
    ]);
    expect(writes.map((write) => [write.condition, keys.atMsOf(write.item)])).toEqual([
      ['absent', nowMs],
      ['absent', nowMs],
    ]);
    expect(outboxEntries('a', 51)).toEqual([
      ['outbox a 0', 50 * 7_640],
      ['outbox a 1', 7_640],
    ]);
  });

  test('has reasons of a thousand characters at most', () => {
    const long = 'x'.repeat(1_000);
    expect(stored([gone(1, long), gone(2, `${long}y`), accepted, ended])[0]?.item.data).toEqual({
      events: [gone(1, long), gone(2, `${long}…`), accepted, ended],
      tries: 0,
    });
  });
});

/** `publish` hears of each call, by the numbers of its nodes, and may throw. */
async function outbox(publish: (nodes: readonly number[], world: BareWorld) => unknown = () => null) {
  const world = new BareWorld();
  const calls: (readonly number[])[] = [];
  const lines: unknown[][] = [];
  const ports = {
    ...world.ports,
    log: { write: (...line: unknown[]) => void lines.push(line) },
    events: {
      publish: async (events: readonly BellowsEvent[]) => {
        const nodes = events.map((event) => ('nodeId' in event ? Number(event.nodeId.slice(2)) : -1));
        calls.push(nodes);
        await publish(nodes, world);
      },
    },
  };
  const lock = await takeLock(ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  const store = async (from: number, to: number, dueAtMs = world.nowMs, data: object = {}) => {
    for (let n = from; n <= to; n += 1)
      await ports.store.put({
        item: {
          ...keys.outbox('p', dueAtMs, String(n).padStart(4, '0')),
          data: { events: [gone(n)], tries: 0, ...data },
        },
        condition: 'absent',
        writeId: `w${String(n)}`,
      });
  };
  const left = async () => (await ports.store.query<OutboxRecord>({ pk: keys.outboxes('p'), limit: 1_000 })).items;
  const noted = async () =>
    (await ports.store.query<{ code: string; message: string }>({ pk: keys.activities('p'), limit: 99 })).items.map(
      ({ data }) => [data.code, data.message],
    );
  return { world, ports, lock, calls, lines, store, left, noted, publisher: new OutboxPublisher(ports, lock) };
}

const fails = () => {
  throw new Error('down');
};

describe('a tick', () => {
  test('publishes what a clock wrote that was far ahead, and does not back off for as long', async () => {
    const { publisher, store, world, calls, left } = await outbox(() =>
      world.nowMs > 1_800_003_000_000 ? fails() : 0,
    );
    await store(1, 1, world.nowMs + 60_000);
    await store(2, 2, world.nowMs + 3_600_000);
    await publisher.publish();
    expect(calls).toEqual([[2]]);
    world.nowMs += 3_600_000;
    await publisher.publish();
    expect([calls.length, publisher.state?.failures]).toEqual([2, 1]);
    world.nowMs -= 3_600_000 - 60_000;
    await publisher.publish();
    expect([calls.at(-1), publisher.state, await left()]).toEqual([[1], null, []]);
  });

  test('has nothing to do while nothing waits', async () => {
    const { publisher, calls } = await outbox();
    await publisher.publish();
    expect([publisher.state, publisher.dueAtMs, calls]).toEqual([null, null, []]);
  });

  test('publishes what is due, twenty items a call, and removes it', async () => {
    const { publisher, calls, store, left, lines } = await outbox();
    await store(1, 21);
    await publisher.publish();
    expect(calls.map((nodes) => nodes.length)).toEqual([20, 1]);
    expect([await left(), publisher.state, publisher.dueAtMs, lines]).toEqual([[], null, null, []]);
  });

  test('leaves what is due later, and says when', async () => {
    const { publisher, calls, store, left, world } = await outbox();
    await store(1, 1);
    await store(2, 3, world.nowMs + 1);
    await publisher.publish();
    expect([calls, (await left()).length, publisher.dueAtMs]).toEqual([[[1]], 2, world.nowMs + 1]);
  });

  test('reads further pages, and stops at what is due later', async () => {
    const { publisher, calls, store, left, world } = await outbox();
    await store(1, 150);
    await store(151, 260, world.nowMs + 7);
    await publisher.publish();
    expect(calls.flat().length).toBe(150);
    expect([(await left()).length, publisher.dueAtMs]).toEqual([110, world.nowMs + 7]);
  });

  test('reads ten pages at most, and the rest is due at once', async () => {
    const { publisher, calls, store, left, world } = await outbox();
    await store(1, 1_001);
    await publisher.publish();
    expect([calls.flat().length, (await left()).length, publisher.dueAtMs]).toEqual([1_000, 1, world.nowMs]);
  });

  test('publishes for five seconds at most, and the rest is due at once', async () => {
    const { publisher, calls, store, left, world, lines } = await outbox((_nodes, { ports: { clock } }) => {
      const atMs = clock.monotonicMs();
      world.ports.clock.monotonicMs = () => atMs + 2_500;
    });
    await store(1, 60);
    await publisher.publish();
    expect(calls.length).toBe(2);
    expect([(await left()).length, publisher.state, publisher.dueAtMs, lines]).toEqual([20, null, world.nowMs, []]);
  });
});

describe('a bus that fails', () => {
  test('is asked again after 2 s, 4 s, and at most a minute; the activity says it once', async () => {
    const { ports, lock, calls, lines, store, left, noted, world } = await outbox(fails);
    await store(1, 1);
    const publisher = new OutboxPublisher(ports, lock);
    const waited: number[] = [];
    for (let n = 1; n <= 7; n += 1) {
      await publisher.publish();
      expect(publisher.state?.failures).toBe(n);
      expect(publisher.dueAtMs).toBe(publisher.state?.nextTryAtMs);
      const dueAtMs = publisher.dueAtMs ?? 0;
      waited.push(dueAtMs - world.nowMs);
      world.nowMs = dueAtMs - 1;
      await publisher.publish();
      world.nowMs = dueAtMs;
    }
    expect(waited).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect([calls.length, (await left()).length]).toEqual([7, 1]);
    expect(lines.length).toBe(7);
    expect(lines[0]).toEqual([
      'warn',
      'events could not be published; they wait in the outbox and are tried again',
      { pool: 'p', failures: 1, nextTryAtMs: 1_800_000_002_000, error: new Error('down') },
    ]);
    expect(await noted()).toEqual([
      [
        'events_delayed',
        'events wait to be published: down. They are kept and tried again; '
          + 'check the event bus and the permission events:PutEvents',
      ],
    ]);
  });

  test('goes on from what the lock says, and all is well once it works', async () => {
    const { ports, lock, calls, store, world } = await outbox();
    await store(1, 1);
    const publishing = { failures: 3, nextTryAtMs: world.nowMs + 1 };
    const data = { ...lock.item.data, publishing };
    const publisher = new OutboxPublisher(ports, { ...lock, item: { ...lock.item, data } });
    await publisher.publish();
    expect([publisher.state, publisher.dueAtMs, calls]).toEqual([publishing, publishing.nextTryAtMs, []]);
    world.nowMs += 1;
    await publisher.publish();
    expect([publisher.state, publisher.dueAtMs, calls]).toEqual([null, null, [[1]]]);
  });

  test('counts as down after eight calls', async () => {
    const { publisher, calls, store, left } = await outbox(fails);
    await store(1, 60);
    await publisher.publish();
    expect(calls.map((nodes) => nodes.length)).toEqual([20, 10, 5, 3, 2, 1, 1, 1]);
    expect([(await left()).length, publisher.state?.failures]).toEqual([60, 1]);
  });

  test('and gives no answer is asked once', async () => {
    const { publisher, calls, store, left, lines } = await outbox(() => new Promise(() => {}));
    await store(1, 60);
    await publisher.publish();
    expect(calls.length).toBe(1);
    expect([(await left()).length, publisher.state?.failures]).toEqual([60, 1]);
    expect(lines[0]?.[2]).toMatchObject({ error: { message: 'no answer from the event bus within 5000 ms' } });
  });

  test('keeps its events when not even that can be noted', async () => {
    const { ports, lock, lines, store, left } = await outbox(fails);
    await store(1, 1);
    const full = storeWith(ports.store, { transact: () => Promise.reject(new Error('full')) });
    const publisher = new OutboxPublisher({ ...ports, store: full }, lock);
    await publisher.publish();
    expect([publisher.state?.failures, (await left()).length]).toEqual([1, 1]);
    expect(lines[1]).toEqual([
      'warn',
      'the delay of events could not be noted in the activity',
      { pool: 'p', error: new Error('full') },
    ]);
  });
});

describe('one item that cannot be published', () => {
  const refusesThe =
    (bad: number): Parameters<typeof outbox>[0] =>
    (nodes) => {
      if (nodes.includes(bad)) throw new Error('refused');
    };

  test('goes behind the others, which are published', async () => {
    const { publisher, calls, store, left, lines, noted, world } = await outbox(refusesThe(2));
    await store(1, 4);
    await publisher.publish();
    expect(calls).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]);
    const [item, ...others] = await left();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ data: { events: [gone(2)], tries: 1 } });
    expect(keys.atMsOf(item ?? keys.outbox('p', 0, ''))).toBe(world.nowMs + 2_000);
    expect([publisher.state, publisher.dueAtMs, await noted()]).toEqual([null, world.nowMs + 2_000, []]);
    expect(lines).toEqual([
      [
        'warn',
        'an outbox item could not be published while others could; it is tried again',
        { pool: 'p', item: keys.outbox('p', world.nowMs, '0002').sk, tries: 1, error: new Error('refused') },
      ],
    ]);
  });

  test('waits longer each time', async () => {
    const { publisher, store, left, world } = await outbox(refusesThe(2));
    await store(1, 1);
    await store(2, 2, world.nowMs, { tries: 4 });
    await publisher.publish();
    expect((await left())[0]?.data.tries).toBe(5);
    expect(publisher.dueAtMs).toBe(world.nowMs + 32_000);
  });

  test('changes nothing of what is due before it', async () => {
    const { publisher, store, world } = await outbox(refusesThe(2));
    await store(1, 2);
    await store(3, 3, world.nowMs + 1);
    await publisher.publish();
    expect(publisher.dueAtMs).toBe(world.nowMs + 1);
  });

  test('ends the pass with its page, and the next tick is due at once', async () => {
    const { publisher, calls, store, left, world } = await outbox(refusesThe(2));
    await store(1, 101);
    await publisher.publish();
    expect(calls.flat()).not.toContain(101);
    expect([(await left()).length, publisher.dueAtMs]).toEqual([2, world.nowMs]);
  });

  test('may be no list of events', async () => {
    const { publisher, calls, store, left, lines } = await outbox();
    await store(1, 1);
    await store(2, 2, undefined, { events: 'none' });
    await publisher.publish();
    expect([calls, (await left()).length]).toEqual([[[1]], 1]);
    expect(lines[0]?.[2]).toMatchObject({ error: { message: expect.stringContaining('has no list of events') } });
  });
});
