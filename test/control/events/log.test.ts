// The log of published events: what a reader is shown, and what he never misses.
import { describe, expect, test } from '@jest/globals';
import { eventId, listEvents, loggedEvents } from '../../../lib/control/events/log.ts';
import type { EventWish } from '../../../lib/control/events/use-cases.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { BellowsEvent, EventSink } from '../../../lib/ports/events.ts';
import { InvalidCursorError, UnknownOutcomeError } from '../../../lib/ports/store.ts';
import { poolSpec, settings, submission, World } from '../world.ts';

const settleMs = settings.eventsSettleMs;

function ended(requestId: string, more: Partial<Extract<BellowsEvent, { type: 'TaskEnded' }>> = {}): BellowsEvent {
  return { type: 'TaskEnded', requestId, pool: 'p', tenant: 't', state: 'succeeded', reason: null, atMs: 1, ...more };
}

function terminated(nodeId: string): BellowsEvent {
  return { type: 'NodeTerminated', nodeId, pool: 'p', reason: 'idle', atMs: 1 };
}

class Bench {
  readonly world = new World();
  readonly sent: BellowsEvent[] = [];
  refuses = false;
  readonly sink: EventSink = loggedEvents(this.world.ports, settings, {
    publish: async (events) => {
      if (this.refuses) throw new Error('the bus is down');
      this.sent.push(...events);
    },
  });

  list(wish: Partial<EventWish> = {}): ReturnType<typeof listEvents> {
    return listEvents(this.world.ports, settings, { tenant: 't', limit: 100, ...wish });
  }

  async names(wish: Partial<EventWish> = {}): Promise<readonly string[]> {
    return (await this.list(wish)).items.map(({ event }) => ('requestId' in event ? event.requestId : event.nodeId));
  }
}

test("a tenant is shown his requests' events and those of nodes, in the order of their writing", async () => {
  const bench = new Bench();
  await bench.sink.publish([ended('a'), terminated('i-1'), ended('b', { tenant: 'other' })]);
  await bench.sink.publish([ended('c')]);
  bench.world.nowMs += settleMs + 1;
  expect(await bench.names()).toEqual(['a', 'i-1', 'c']);
  expect(await bench.names({ tenant: 'other' })).toEqual(['i-1', 'b']);
});

test.each([
  [{ types: ['TaskEnded' as const] }, ['a', 'b', 'c']],
  [{ pool: 'q' }, ['b']],
  [{ request: 'c' }, ['c']],
  [{ labels: [['team', 'search'] as const] }, ['c']],
  [{ labels: [['constructor', 'x'] as const] }, []],
])('filtered by %j', async (filter, wanted) => {
  const bench = new Bench();
  const events = [ended('a'), ended('b', { pool: 'q' }), ended('c', { labels: { team: 'search' } }), terminated('i-1')];
  await bench.sink.publish(events);
  bench.world.nowMs += settleMs + 1;
  expect(await bench.names(filter)).toEqual(wanted);
});

test('pages of every size show each event once, and the last position goes on with what comes later', async () => {
  for (const limit of [1, 2, 3, 7, 130]) {
    const bench = new Bench();
    const wanted = Array.from({ length: 120 }, (_, n) => `r${String(n)}`);
    for (const name of wanted.slice(0, 20)) await bench.sink.publish([ended(name)]);
    await bench.sink.publish(wanted.slice(20).map((name) => ended(name)));
    bench.world.nowMs += settleMs + 1;
    const seen: string[] = [];
    let [cursor, hasMore] = [undefined as string | undefined, true];
    while (hasMore) {
      const page = await bench.list({ limit, cursor });
      seen.push(...page.items.map(({ event }) => ('requestId' in event ? event.requestId : '')));
      ({ position: cursor, hasMore } = page);
    }
    expect(seen).toEqual(wanted);
    await bench.sink.publish([ended('later')]);
    bench.world.nowMs += settleMs + 1;
    expect(await bench.names({ cursor })).toEqual(['later']);
  }
});

test('what another process may still write something before is not shown yet', async () => {
  const bench = new Bench();
  await bench.sink.publish([ended('a')]);
  bench.world.nowMs += settleMs - 1;
  const page = await bench.list();
  expect(page).toMatchObject({ items: [], hasMore: false });
  bench.world.nowMs += 2;
  expect(await bench.names({ cursor: page.position })).toEqual(['a']);
});

test('a write that came too late for readers who have gone on is made again, where they will see it', async () => {
  const bench = new Bench();
  const { store } = bench.world.ports;
  const put = store.put.bind(store);
  let slow = 1;
  store.put = async (write) => {
    const item = await put(write);
    if (slow-- > 0) bench.world.nowMs += 60_000;
    return item;
  };
  const before = await bench.list();
  const writing = bench.sink.publish([ended('a')]);
  await writing;
  bench.world.nowMs += settleMs + 1;
  const { items } = await bench.list({ cursor: before.position });
  expect(items.map(({ id }) => id)).toEqual([eventId(ended('a')), eventId(ended('a'))]);
});

test('a write without an answer is made again; one that never succeeds is heard of', async () => {
  const bench = new Bench();
  const { store } = bench.world.ports;
  const put = store.put.bind(store);
  let failing = 3;
  store.put = async (write) => {
    if (failing-- > 0) throw new UnknownOutcomeError();
    return put(write);
  };
  await bench.sink.publish([ended('a')]);
  bench.world.nowMs += settleMs + 1;
  expect(await bench.names()).toEqual(['a']);
  failing = Infinity;
  await expect(bench.sink.publish([ended('b')])).rejects.toThrow(UnknownOutcomeError);
});

test('while the bus fails nothing is written, so that an outage makes no doubles', async () => {
  const bench = new Bench();
  bench.refuses = true;
  for (let n = 0; n < 3; n += 1) await expect(bench.sink.publish([ended('a')])).rejects.toThrow('the bus is down');
  bench.refuses = false;
  await bench.sink.publish([ended('a')]);
  bench.world.nowMs += settleMs + 1;
  expect(await bench.names()).toEqual(['a']);
});

test('a hint is given behind each write, and its failure costs nobody else anything', async () => {
  const { ports } = new World();
  let hints = 0;
  const sink = loggedEvents(ports, settings, { publish: async () => {} }, async () => {
    hints += 1;
    throw new Error('the bus is down');
  });
  await sink.publish([ended('a'), ended('b')]);
  await sink.publish([]);
  expect(hints).toBe(1);
});

test('an event of a year ago is gone; since shows what was written from then on', async () => {
  const bench = new Bench();
  await bench.sink.publish([ended('old')]);
  bench.world.nowMs += 6 * 24 * 3_600_000;
  const sinceMs = bench.world.nowMs;
  await bench.sink.publish([ended('new')]);
  bench.world.nowMs += settleMs + 1;
  expect(await bench.names()).toEqual(['old', 'new']);
  expect(await bench.names({ sinceMs })).toEqual(['new']);
  bench.world.nowMs += 2 * 24 * 3_600_000;
  expect(await bench.names()).toEqual(['new']);
});

describe('a cursor that no list made', () => {
  test.each(['', 'x', Buffer.from('00000000000001~x').toString('base64url')])('%j is refused', async (cursor) => {
    await expect(new Bench().list({ cursor })).rejects.toThrow(InvalidCursorError);
  });
});

test('a record that cannot be read hides nothing but itself', async () => {
  const bench = new Bench();
  await bench.sink.publish([ended('a')]);
  const { ports } = bench.world;
  const item = { ...keys.eventLog('t', bench.world.nowMs, 'z'), data: { events: 7 } };
  await ports.store.put({ item, condition: 'absent', writeId: 'w' });
  bench.world.nowMs += settleMs + 1;
  const { items } = await bench.world.control.listEvents({ tenant: 't', limit: 10 });
  expect(items).toHaveLength(1);
});

test('events of a request carry its name and labels', async () => {
  const world = new World();
  await world.control.putPool(poolSpec);
  await world.control.submit(submission({ name: 'nightly', labels: { team: 'search' } }));
  await world.run(60);
  expect(world.published).toContainEqual(
    expect.objectContaining({ type: 'TaskEnded', name: 'nightly', labels: { team: 'search' } }),
  );
});
