// The outbox of a pool: events for subscribers are stored in the transaction that makes the fact, and published after
// the work of the tick, under its lock. So no event is lost, whoever stops when, and a bus that fails delays events and
// nothing else. A crash between publishing and removing repeats some: at least once.
import { assert } from '../../core/values/errors.ts';
import type { BellowsEvent } from '../../ports/events.ts';
import type { Item, Write } from '../../ports/store.ts';
import { activityWrite } from '../store/activity.ts';
import { noteEnded } from '../store/ended.ts';
import { NoAnswerError, withinMs } from '../requests/call-timeout.ts';
import { keys } from '../store/keys.ts';
import type { TickLock, PublishingState } from '../coordination/lock.ts';
import type { ControlPorts } from '../ports.ts';
import { inParallel, reading, removeItem, transact } from '../store/store-retry.ts';

export interface OutboxRecord {
  readonly events: readonly BellowsEvent[];
  /** How often these alone could not be published while others were. */
  readonly tries: number;
}

/** An item of 50 events is some 20 KB, and at most 382 KB: below the 400 KB that an item may have. */
const eventsPerItem = 50;
/** EventBridge takes 256 KB a call of ten: a reason, which may be a program's own words, is cut. */
const reasonLengthMax = 1_000;
/** What one tick publishes at most: pages of items, and time. */
const itemsPerPage = 100;
const pagesMax = 10;
const publishingMs = 5_000;
const itemsPerCall = 20;
/** Calls that fail before the bus counts as down. Halving finds one bad item among {@link itemsPerCall} with six. */
const failedCallsMax = 8;

/** One write per {@link eventsPerItem} events, for the transaction that makes the fact; none for no event. */
export function outboxWrites(
  ports: Pick<ControlPorts, 'clock' | 'random'>,
  pool: string,
  events: readonly BellowsEvent[],
): readonly Write[] {
  const writes: Write[] = [];
  for (let from = 0; from < events.length; from += eventsPerItem) {
    const data: OutboxRecord = { events: events.slice(from, from + eventsPerItem).map(bounded), tries: 0 };
    writes.push({
      op: 'put',
      item: { ...keys.outbox(pool, ports.clock.nowMs(), ports.random.id()), data },
      condition: 'absent',
    });
  }
  return writes;
}

/**
 * At most what an event adds to an item, in bytes: its reason may be of characters that take three each, and a
 * request has a name and labels (20, of 63 and 128 characters).
 */
const eventBytes = 3 * reasonLengthMax + 20 * (63 + 128 + 6) + 700;

/** What {@link outboxWrites} of so many events adds to a transaction, as entries for bounds. */
export function outboxEntries(name: string, events: number): [key: string, bytes: number][] {
  return Array.from({ length: Math.ceil(events / eventsPerItem) }, (_, n) => [
    `outbox ${name} ${String(n)}`,
    Math.min(events - n * eventsPerItem, eventsPerItem) * eventBytes,
  ]);
}

function bounded(event: BellowsEvent): BellowsEvent {
  if (!('reason' in event) || event.reason === null || event.reason.length <= reasonLengthMax) return event;
  return { ...event, reason: `${event.reason.slice(0, reasonLengthMax)}…` };
}

const longestBackoffMs = 60_000;
/** Nothing is put off for longer, by more than clocks differ: a clock that was ahead said so. */
const putOffMsMax = 2 * longestBackoffMs;

/** 2 s, doubling, at most a minute. */
function backoffMs(failures: number): number {
  return Math.min(longestBackoffMs, 1_000 * 2 ** failures);
}

function isPutOff(untilMs: number, nowMs: number): boolean {
  return untilMs > nowMs && untilMs - nowMs <= putOffMsMax;
}

type OutboxItem = Item<OutboxRecord>;

/** What one call of {@link OutboxPublisher.publish} has come to. */
interface Pass {
  readonly startedMs: number;
  published: number;
  failedCalls: number;
  /** Of the last failed call. */
  error: unknown;
  /** The bus gave no answer in time, or failed too often: nothing more is tried in this pass. */
  isDown: boolean;
  /** They alone failed. */
  readonly failed: OutboxItem[];
}

/** Publishes under one tick's lock. Its back-off is kept in the lock's record from tick to tick. */
export class OutboxPublisher {
  readonly #ports: ControlPorts;
  readonly #pool: string;
  #state: PublishingState | null;
  #dueAtMs: number | null;
  #archive: { readonly keepEndedMs: number } | null = null;

  constructor(ports: ControlPorts, lock: TickLock) {
    this.#ports = ports;
    this.#pool = lock.pool;
    this.#state = lock.item.data.publishing ?? null;
    this.#dueAtMs = this.#state?.nextTryAtMs ?? null;
  }

  /** For the lock's record; null: all is well. */
  get state(): PublishingState | null {
    return this.#state;
  }

  /** When something is to be published next; null: nothing waits. */
  get dueAtMs(): number | null {
    return this.#dueAtMs;
  }

  /**
   * Publishes what is due, unless it backs off. Never throws: a failure is logged and retried at {@link dueAtMs}.
   * `archive`: how long the rows of what has ended are kept from which the archive is made; null: it is not.
   */
  async publish(archive: { readonly keepEndedMs: number } | null = null): Promise<void> {
    const { clock, log } = this.#ports;
    this.#archive = archive;
    if (this.#state && isPutOff(this.#state.nextTryAtMs, clock.nowMs())) return;
    const pass: Pass = {
      startedMs: clock.monotonicMs(),
      published: 0,
      failedCalls: 0,
      error: null,
      isDown: false,
      failed: [],
    };
    try {
      await this.#publishPages(pass);
      if (pass.isDown || (pass.published === 0 && pass.failedCalls > 0)) throw pass.error;
      this.#state = null;
      await this.#postpone(pass);
    } catch (error) {
      const failures = (this.#state?.failures ?? 0) + 1;
      this.#state = { failures, nextTryAtMs: clock.nowMs() + backoffMs(failures) };
      this.#dueAtMs = this.#state.nextTryAtMs;
      log.write('warn', 'events could not be published; they wait in the outbox and are tried again', {
        pool: this.#pool,
        ...this.#state,
        error,
      });
      if (failures === 1) await this.#noteOutage(error);
    }
  }

  async #publishPages(pass: Pass): Promise<void> {
    const { store, clock } = this.#ports;
    for (let pages = 1; ; pages += 1) {
      const page = await reading(this.#ports, () =>
        store.query<OutboxRecord>({ pk: keys.outboxes(this.#pool), limit: itemsPerPage }),
      );
      const due = page.items.filter((item) => !isPutOff(keys.atMsOf(item), clock.nowMs()));
      const later = page.items.find((item) => !due.includes(item));
      this.#dueAtMs = later ? keys.atMsOf(later) : null;
      for (let from = 0; from < due.length; from += itemsPerCall)
        await this.#publishTogether(due.slice(from, from + itemsPerCall), pass);
      const isOver = this.#isOver(pass);
      if (!isOver && (later !== undefined || page.cursor === undefined)) return;
      // What failed still is at the head: the next tick finds it behind the others.
      if (isOver || pages >= pagesMax || pass.failed.length > 0) {
        this.#dueAtMs = clock.nowMs();
        return;
      }
    }
  }

  #isOver(pass: Pass): boolean {
    return pass.isDown || this.#ports.clock.monotonicMs() - pass.startedMs >= publishingMs;
  }

  /** All of them in one call; if that fails, by halves, so that one bad item keeps back nothing but itself. */
  async #publishTogether(items: readonly OutboxItem[], pass: Pass): Promise<void> {
    if (items.length === 0 || this.#isOver(pass)) return;
    try {
      await withinMs(
        this.#ports.clock,
        'the event bus',
        publishingMs,
        this.#ports.events.publish(items.flatMap((item) => eventsOf(item))),
      );
    } catch (error) {
      pass.failedCalls += 1;
      pass.error = error;
      if (error instanceof NoAnswerError || pass.failedCalls >= failedCallsMax) pass.isDown = true;
      const [only] = items;
      if (items.length === 1 && only) {
        pass.failed.push(only);
        return;
      }
      const half = Math.ceil(items.length / 2);
      await this.#publishTogether(items.slice(0, half), pass);
      await this.#publishTogether(items.slice(half), pass);
      return;
    }
    pass.published += items.length;
    // Before they are gone: whoever stops in between notes them again with the next try.
    if (this.#archive) await noteEnded(this.#ports, this.#pool, endedIn(items), this.#archive.keepEndedMs);
    await inParallel(items, 8, (item) => removeItem(this.#ports, item));
  }

  /** What failed while others did not goes behind them, with a back-off of its own. */
  async #postpone(pass: Pass): Promise<void> {
    for (const item of pass.failed) {
      const tries = item.data.tries + 1;
      const dueAtMs = this.#ports.clock.nowMs() + backoffMs(tries);
      await transact(this.#ports, [
        {
          op: 'put',
          item: { ...keys.outbox(this.#pool, dueAtMs, this.#ports.random.id()), data: { ...item.data, tries } },
          condition: 'absent',
        },
        { op: 'delete', key: { pk: item.pk, sk: item.sk }, condition: item.version },
      ]);
      this.#dueAtMs = Math.min(this.#dueAtMs ?? Infinity, dueAtMs);
      this.#ports.log.write('warn', 'an outbox item could not be published while others could; it is tried again', {
        pool: this.#pool,
        item: item.sk,
        tries,
        error: pass.error,
      });
    }
  }

  /** Once per outage, where people look. */
  async #noteOutage(error: unknown): Promise<void> {
    try {
      const message =
        `events wait to be published: ${error instanceof Error ? error.message : String(error)}. They are `
        + 'kept and tried again; check the event bus and the permission events:PutEvents';
      await transact(this.#ports, [activityWrite(this.#ports, this.#pool, { code: 'events_delayed', message })]);
    } catch (noted) {
      this.#ports.log.write('warn', 'the delay of events could not be noted in the activity', {
        pool: this.#pool,
        error: noted,
      });
    }
  }
}

function endedIn(items: readonly OutboxItem[]): readonly string[] {
  return items.flatMap((item) =>
    eventsOf(item).flatMap((event) => (event.type === 'TaskEnded' ? [event.requestId] : [])),
  );
}

/** Checked: an item may have been edited by hand. */
function eventsOf({ data: { events }, sk }: OutboxItem): readonly BellowsEvent[] {
  const isList: boolean = Array.isArray(events);
  assert(isList, `outbox item ${sk} has no list of events`);
  return events;
}
