// Wakes and published events on the installation's own bus. A wake is a hint and may fail; an event is sent until
// EventBridge has taken it, or the caller hears of it and sends again.
import { BellowsError } from '../../../core/values/errors.ts';
import type { WakeBus } from '../../../ports/bus.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { BellowsEvent, EventSink } from '../../../ports/events.ts';

export interface BusEntry {
  readonly Source: 'bellows';
  /** `Wake`, `Deliver`, or the type of a published event. */
  readonly DetailType: string;
  /** JSON */
  readonly Detail: string;
  readonly EventBusName: string;
}

/** One PutEvents call of at most {@link entriesMax} entries: per entry null when it was taken, or why not. */
export type PutEvents = (entries: readonly BusEntry[]) => Promise<readonly (string | null)[]>;

/** EventBridge did not take some events though they were sent several times. */
export class EventsNotSentError extends BellowsError {
  constructor(failures: readonly string[], options?: ErrorOptions) {
    super(
      'events_not_sent',
      `EventBridge did not take ${String(failures.length)} of the events: `
        + `${[...new Set(failures)].slice(0, 3).join('; ')}`,
      options,
    );
  }
}

export const entriesMax = 10;
const triesMax = 4;

export class EventBridgeBus implements WakeBus, EventSink {
  readonly #busName: string;
  readonly #putEvents: PutEvents;
  readonly #clock: Pick<Clock, 'sleep'>;

  constructor(busName: string, putEvents: PutEvents, clock: Pick<Clock, 'sleep'>) {
    this.#busName = busName;
    this.#putEvents = putEvents;
    this.#clock = clock;
  }

  async wake(pool: string): Promise<void> {
    await this.#send([this.#entry('Wake', { pool })], 1);
  }

  /** A hint that there is something for webhooks. */
  async deliver(): Promise<void> {
    await this.#send([this.#entry('Deliver', {})], 1);
  }

  async publish(events: readonly BellowsEvent[]): Promise<void> {
    const entries = events.map(({ type, ...detail }) => this.#entry(type, detail));
    for (let from = 0; from < entries.length; from += entriesMax)
      await this.#send(entries.slice(from, from + entriesMax), triesMax);
  }

  #entry(DetailType: string, detail: object): BusEntry {
    return { Source: 'bellows', DetailType, Detail: JSON.stringify(detail), EventBusName: this.#busName };
  }

  /** Only what was not taken is sent again: subscribers see few doubles, though at-least-once allows them. */
  async #send(entries: readonly BusEntry[], tries: number): Promise<void> {
    let left = entries;
    for (let sends = 1; ; sends += 1) {
      let failures: readonly (string | null)[];
      try {
        failures = await this.#putEvents(left);
      } catch (error) {
        if (sends >= tries)
          throw new EventsNotSentError(
            left.map(() => (error instanceof Error ? error.message : String(error))),
            { cause: error },
          );
        failures = left.map(() => 'no answer');
      }
      const failed = left.filter((_, at) => failures[at] !== null);
      if (failed.length === 0) return;
      if (sends >= tries) throw new EventsNotSentError(failures.filter((one) => one !== null));
      left = failed;
      await this.#clock.sleep(50 * 2 ** sends);
    }
  }
}
