// The log of published events: what `GET /v1/events` shows and webhooks deliver. Whoever publishes writes it behind the
// bus, and what is not written is published again: at least once. Events of requests are kept by tenant, those of nodes
// together, both in the order of their writing.
//
// Several processes write. A reader that goes on from the last event that it saw must not miss one that was written
// before that one and appeared after it. So nobody is shown what is younger than `eventsSettleMs`, and a write that
// takes longer than that (less what clocks may differ by) is repeated with a new place.
import { createHash } from 'node:crypto';
import { ownValue } from '../../core/values/dictionary.ts';
import type { BellowsEvent, EventSink } from '../../ports/events.ts';
import type { Item, PutItem } from '../../ports/store.ts';
import { UnknownOutcomeError } from '../../ports/store.ts';
import { elapsedMs, momentOf } from '../coordination/elapsed.ts';
import type { ControlPorts, ControlSettings, ReadingPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { withCheckedRecords } from '../tick/set-aside.ts';
import { isPassing, reading } from '../store/store-retry.ts';
import { placeOf, positionOf, textOf } from './position.ts';
import type { Position } from './position.ts';
import type { EventPage, EventWish, LoggedEvent } from './use-cases.ts';
import type { EventFilter } from './webhooks/records.ts';

export interface EventLogRecord {
  readonly events: readonly BellowsEvent[];
}

type LogSettings = Pick<ControlSettings, 'eventsSettleMs' | 'clocksApartMs'>;

const dayMs = 24 * 3_600_000;
/** So long they are kept. */
export const eventsKeptMs = 7 * dayMs;
const eventsPerItem = 50;
const triesMax = 8;
const itemsPerRead = 50;
/** A page takes so many reads of each of its two partitions; its position goes on from there. */
const readsMax = 20;

/** `evt_` and 26 hex digits (104 bits) of the hash of all that the event says. */
export function eventId(event: BellowsEvent): string {
  return `evt_${createHash('sha256').update(JSON.stringify(event)).digest('hex').slice(0, 26)}`;
}

/**
 * Publishes to `sink` first: while that fails nothing is written, so that an outage makes no doubles here. `onWritten`
 * gives a hint of it, which may fail.
 */
export function loggedEvents(
  ports: ReadingPorts & Pick<ControlPorts, 'log'>,
  settings: LogSettings,
  sink: EventSink,
  onWritten: () => Promise<void> = async () => {},
): EventSink {
  const write = logWriter(withCheckedRecords(ports), settings);
  const hintLost = (error: unknown): void => {
    ports.log.write('warn', 'webhooks were given no hint of events; they are delivered within a minute', { error });
  };
  return {
    publish: async (events) => {
      await sink.publish(events);
      await write(events);
      if (events.length > 0) await onWritten().catch(hintLost);
    },
  };
}

function logWriter(ports: ReadingPorts, settings: LogSettings): (events: readonly BellowsEvent[]) => Promise<void> {
  let lastMs = 0;
  let count = 0;
  /** Later than all before it of this process, also where the clock goes back. */
  const place = (): readonly [number, string] => {
    lastMs = Math.max(lastMs, ports.clock.nowMs());
    count += 1;
    return [lastMs, `${String(count % 1_000_000).padStart(6, '0')}-${ports.random.id()}`];
  };
  return async (events) => {
    for (const [tenant, own] of byTenant(events))
      for (let from = 0; from < own.length; from += eventsPerItem) {
        const data: EventLogRecord = { events: own.slice(from, from + eventsPerItem) };
        await writeInTime(ports, settings, () => {
          const [atMs, name] = place();
          return { ...keys.eventLog(tenant, atMs, name), data, expiresAtMs: atMs + eventsKeptMs };
        });
      }
  };
}

/** In their order; null: of nodes. */
function byTenant(events: readonly BellowsEvent[]): ReadonlyMap<string | null, readonly BellowsEvent[]> {
  return Map.groupBy(events, (event) => ('tenant' in event ? event.tenant : null));
}

/** @throws what the store throws, the last time */
async function writeInTime(
  { store, clock, random }: ReadingPorts,
  { eventsSettleMs, clocksApartMs }: LogSettings,
  make: () => PutItem<EventLogRecord>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const started = momentOf(clock);
    try {
      await store.put({ item: make(), condition: 'absent', writeId: random.id() });
      if (elapsedMs(clock, started) <= eventsSettleMs - clocksApartMs) return;
      if (tries >= triesMax) throw new UnknownOutcomeError('the log of events is written too slowly');
    } catch (error) {
      if (!isPassing(error) || tries >= triesMax) throw error;
      await clock.sleep(random.next() * Math.min(1_000, 10 * 2 ** tries));
    }
  }
}

/** What the reader may see: his requests' events, and those of nodes. @throws InvalidCursorError */
export async function listEvents(ports: ReadingPorts, settings: LogSettings, wish: EventWish): Promise<EventPage> {
  const nowMs = ports.clock.nowMs();
  const end = keys.timeText(nowMs - settings.eventsSettleMs);
  const sinceMs = Math.min(nowMs, Math.max(wish.sinceMs ?? 0, nowMs - eventsKeptMs));
  let at: Position = wish.cursor === undefined ? { sk: keys.timeText(sinceMs), passed: 0 } : positionOf(wish.cursor);
  const items: LoggedEvent[] = [];
  for (let reads = 0; reads < readsMax; reads += 1) {
    const { found, isAll, hasUnsettled } = await readOn(ports, wish.tenant, at.sk, end);
    for (const { sk, data } of found) {
      const from = sk === at.sk ? at.passed : 0;
      for (const [n, event] of data.events.entries()) {
        if (n < from) continue;
        at = { sk, passed: n + 1 };
        if (!isWanted(event, wish)) continue;
        items.push({ id: eventId(event), event, place: placeOf(at), position: textOf(at) });
        if (items.length >= wish.limit) return { items, position: textOf(at), hasMore: true, hasUnsettled: true };
      }
      at = { sk, passed: data.events.length };
    }
    // Nothing before `end` comes any more, so nobody has to look there again.
    if (isAll)
      return { items, position: textOf(at.sk < end ? { sk: end, passed: 0 } : at), hasMore: false, hasUnsettled };
  }
  return { items, position: textOf(at), hasMore: true, hasUnsettled: true };
}

/** The next items of both partitions, in order, as far as both are known. */
async function readOn(
  ports: ReadingPorts,
  tenant: string,
  skFrom: string,
  end: string,
): Promise<{
  readonly found: readonly Item<EventLogRecord>[];
  readonly isAll: boolean;
  readonly hasUnsettled: boolean;
}> {
  const parts = await Promise.all([tenant, null].map((of) => readPart(ports, keys.eventLogs(of), skFrom)));
  const knownTo = parts.flatMap(({ last }) => (last === null ? [] : [last]));
  const horizon = knownTo.reduce((least, one) => (one < least ? one : least), end);
  const found = parts
    .flatMap((part) => part.items)
    .filter(({ sk }) => sk < end && (horizon === end || sk <= horizon))
    .sort((a, b) => (a.sk < b.sk ? -1 : 1));
  const hasUnsettled = parts.some((part) => part.items.some(({ sk }) => sk >= end));
  return { found, isAll: horizon === end, hasUnsettled };
}

/** `last`: more may follow behind it; null: that was all. */
async function readPart(
  ports: ReadingPorts,
  pk: string,
  skFrom: string,
): Promise<{ readonly items: readonly Item<EventLogRecord>[]; readonly last: string | null }> {
  let cursor: string | undefined;
  // A page is empty where all of it has expired.
  for (;;) {
    const at = cursor;
    const page = await reading(ports, () =>
      ports.store.query<EventLogRecord>({ pk, skFrom, limit: itemsPerRead, cursor: at }),
    );
    cursor = page.cursor;
    if (cursor === undefined) return { items: page.items, last: null };
    const last = page.items.at(-1);
    if (last !== undefined && last.sk > skFrom) return { items: page.items, last: last.sk };
  }
}

export function isWanted(event: BellowsEvent, { types, pool, request, labels = [] }: EventFilter): boolean {
  if (types !== undefined && !types.includes(event.type)) return false;
  if (pool !== undefined && event.pool !== pool) return false;
  const ofRequest = 'requestId' in event ? event : null;
  if (request !== undefined && ofRequest?.requestId !== request) return false;
  return labels.every(([key, value]) => ownValue(ofRequest?.labels ?? {}, key) === value);
}
