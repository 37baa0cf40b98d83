// Delivers the log of events to webhooks. Each webhook goes through the log by itself, under a lease: an event is sent,
// or set down as waiting, before its position passes it. So none is lost, whoever stops when, and one may come twice.
// Events of one request come in the order of the log: while one of them waits, those behind it wait, too.
import { ConditionFailedError } from '../../../ports/store.ts';
import type { Item } from '../../../ports/store.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { withCheckedRecords } from '../../tick/set-aside.ts';
import { keys } from '../../store/keys.ts';
import { put, queryAll, reading, removeItem, updateWith, workThrough } from '../../store/store-retry.ts';
import { eventsKeptMs, listEvents } from '../log.ts';
import { positionAt, positionMs } from '../position.ts';
import type { LoggedEvent } from '../use-cases.ts';
import { newState } from './records.ts';
import type { UndeliveredRecord, WebhookRecord, WebhookState } from './records.ts';
import { nextTryAtMs, restMs, signingSecrets, undeliveredKeptMs, waitingMax } from './records.ts';
import { signatureHeaders } from './signature.ts';
import type { WebhookSender } from '../../../ports/events.ts';

export interface DeliveryPorts extends Pick<ControlPorts, 'store' | 'clock' | 'random' | 'log'> {
  readonly sender: WebhookSender;
  /** The body that is sent for an event: JSON. */
  readonly bodyOf: (event: Pick<LoggedEvent, 'id' | 'event'>) => string;
}

const leaseMs = 60_000;
/** The position is written, and with it the lease, at least this often. */
const renewMs = 10_000;
const eventsPerRead = 20;
const webhooksAtOnce = 32;
/** Then it is another webhook's turn, after one call at least, and one that is under way ends first. */
const turnMs = 5_000;
/** Failures in a row after which an endpoint rests. */
const failuresToRest = 3;
const errorLengthMax = 300;
export const missedMessage = 'a webhook may have missed events: they were older than the log keeps when it could go on';
/** So much later it is another time. */
const missedAgainMs = 24 * 3_600_000;
/** A position is moved on over events that nobody wants, so that they are not read again and again. */
const longWayMs = 3_600_000;

export interface DeliveryReport {
  readonly delivered: number;
  /** Nothing is left to be sent now, nor soon: what was written a moment ago was seen as well. */
  readonly isDone: boolean;
}

/**
 * Delivers to all webhooks what there is, until `untilMs` on the monotonic clock. Some have turns of {@link turnMs} at
 * once, and another turn only while a webhook still waits for its first one or has it. So a slow endpoint delays the
 * others by a turn and a call at most, and where a run begins in the list is left to chance.
 */
export async function deliverWebhooks(
  given: DeliveryPorts,
  settings: ControlSettings,
  untilMs: number,
): Promise<DeliveryReport> {
  const ports = withCheckedRecords(given);
  const { clock, random } = ports;
  const all = (await queryAll<WebhookRecord>(ports, keys.webhooks)).map(({ data }) => data);
  const first = Math.floor(random.next() * all.length);
  const queue = [...all.slice(first), ...all.slice(0, first)];
  const unfinished = new Set(queue);
  const hadTurn = new Set<WebhookRecord>();
  let delivered = 0;
  const next = (): WebhookRecord | undefined => (clock.monotonicMs() < untilMs ? queue.shift() : undefined);
  await workThrough(Math.min(webhooksAtOnce, all.length), next, async (webhook) => {
    const turn = await serve(ports, settings, webhook, untilMs);
    delivered += turn.delivered;
    hadTurn.add(webhook);
    if (turn.left === 'none') unfinished.delete(webhook);
    if (turn.left === 'now' && hadTurn.size < all.length) queue.push(webhook);
  });
  return { delivered, isDone: unfinished.size === 0 };
}

interface Turn {
  readonly delivered: number;
  /** `soon`: something was written a moment ago, which is not shown yet. */
  readonly left: 'now' | 'soon' | 'none';
}

/** One webhook's failure is its own; the next run goes on where its record says. */
async function serve(
  ports: DeliveryPorts,
  settings: ControlSettings,
  webhook: WebhookRecord,
  untilMs: number,
): Promise<Turn> {
  try {
    return await new Delivery(ports, settings, webhook, untilMs).run();
  } catch (error) {
    if (!(error instanceof LeaseLostError))
      ports.log.write('error', 'a webhook was not served; the next run tries again', { webhook: webhook.name, error });
    return { delivered: 0, left: 'none' };
  }
}

/** Another process delivers, or the owner has changed something: this one stops. */
class LeaseLostError extends Error {}

class Delivery {
  readonly #ports: DeliveryPorts;
  readonly #settings: ControlSettings;
  readonly #webhook: WebhookRecord;
  readonly #untilMs: number;
  readonly #turnEndsMs: number;
  #hasCalled = false;
  #state: Item<WebhookState> | null = null;
  #now: WebhookState;
  #writtenMs = 0;
  #delivered = 0;
  /** What later events wait for. */
  readonly #blocked = new Set<string>();
  /** What waited before the lease: who adds to it then writes the state, and the lease is not got, or is lost. */
  #found: readonly Item<UndeliveredRecord>[] = [];
  #waiting = 0;

  constructor(ports: DeliveryPorts, settings: ControlSettings, webhook: WebhookRecord, untilMs: number) {
    this.#ports = ports;
    this.#settings = settings;
    this.#webhook = webhook;
    this.#untilMs = untilMs;
    this.#turnEndsMs = ports.clock.monotonicMs() + turnMs;
    this.#now = newState(webhook.createdAtMs);
  }

  async run(): Promise<Turn> {
    const work = await this.#look();
    if (work !== 'now') return { delivered: 0, left: work };
    this.#noteMissed();
    await this.#write({});
    let left: Turn['left'] = 'none';
    try {
      await this.#retry();
      left = await this.#readOn();
    } finally {
      await this.#write({ leaseEndsAtMs: 0 });
    }
    return { delivered: this.#delivered, left };
  }

  /** What is older than the log keeps has gone, whoever it was that kept it from being sent. */
  #noteMissed(): void {
    const untilMs = this.#ports.clock.nowMs() - eventsKeptMs;
    const fromMs = positionMs(this.#now.position);
    if (fromMs >= untilMs) return;
    const { missed: before } = this.#now;
    const missed = { fromMs: before?.fromMs ?? fromMs, untilMs };
    this.#now = { ...this.#now, position: positionAt(untilMs), missed };
    // While it goes on it becomes more with each run.
    if (before && untilMs - before.untilMs < missedAgainMs) return;
    const { name: webhook, tenant } = this.#webhook;
    this.#ports.log.write('warn', missedMessage, { webhook, tenant, fromMs, untilMs });
  }

  /** Reads only: nothing is written for one that has nothing to be sent. `none`: also where it is not its turn. */
  async #look(): Promise<Turn['left']> {
    const { clock } = this.#ports;
    this.#state = await this.#readState();
    if (this.#state) this.#now = this.#state.data;
    // Its declaration was listed a while ago, and a deletion takes the state with it.
    else if (!(await this.#isDeclared())) return 'none';
    const nowMs = clock.nowMs();
    if (this.#now.quarantine !== undefined || this.#now.leaseEndsAtMs > nowMs || this.#isResting) return 'none';
    const waiting = await queryAll<UndeliveredRecord>(this.#ports, keys.webhookWaitings(this.#webhook.id));
    this.#found = waiting;
    if (dueOf(waiting, nowMs).length > 0) return 'now';
    if (waiting.length >= waitingMax) return 'none';
    const { items, position, hasMore, hasUnsettled } = await this.#list();
    if (items.length > 0 || hasMore || positionMs(position) - positionMs(this.#now.position) > longWayMs) return 'now';
    return hasUnsettled ? 'soon' : 'none';
  }

  #readState(): Promise<Item<WebhookState> | null> {
    const key = keys.webhookState(this.#webhook.id);
    return reading(this.#ports, () => this.#ports.store.get<WebhookState>(key));
  }

  async #isDeclared(): Promise<boolean> {
    const { tenant, name, id } = this.#webhook;
    const key = keys.webhook(tenant, name);
    const item = await reading(this.#ports, () => this.#ports.store.get<WebhookRecord>(key));
    return item?.data.id === id;
  }

  #list(): ReturnType<typeof listEvents> {
    const { tenant, filter } = this.#webhook;
    const { position: cursor } = this.#now;
    return listEvents(this.#ports, this.#settings, { ...filter, tenant, cursor, limit: eventsPerRead });
  }

  #isOver(): boolean {
    const nowMs = this.#ports.clock.monotonicMs();
    return nowMs >= this.#untilMs || (this.#hasCalled && nowMs >= this.#turnEndsMs);
  }

  get #isResting(): boolean {
    return this.#now.nextTryAtMs > this.#ports.clock.nowMs();
  }

  /** What waits and is due, in order. */
  async #retry(): Promise<void> {
    const items = this.#found;
    this.#waiting = items.length;
    const due = new Set(dueOf(items, this.#ports.clock.nowMs()));
    for (const item of items) {
      const { data } = item;
      const about = aboutOf(data.event);
      if (!due.has(item) || this.#blocked.has(about) || this.#isResting || this.#isOver()) {
        this.#blocked.add(about);
        continue;
      }
      const error = await this.#send({ id: data.eventId, event: data.event });
      if (error === null) {
        await removeItem(this.#ports, item);
        this.#waiting -= 1;
      } else await this.#putBack(item, error, about);
    }
  }

  async #putBack(item: Item<UndeliveredRecord>, error: string, about: string): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    const tries = item.data.tries + 1;
    const next = nextTryAtMs(tries, nowMs);
    const data: UndeliveredRecord = { ...item.data, tries, nextTryAtMs: next, error };
    const expiresAtMs = nowMs + undeliveredKeptMs;
    if (next !== null) {
      this.#blocked.add(about);
      await put(this.#ports, { pk: item.pk, sk: item.sk, data, expiresAtMs }, item.version);
      return;
    }
    const dead = { ...keys.webhookDead(this.#webhook.id, data.place), data, expiresAtMs };
    // Over a dead letter of the same event, too, which was delivered again with all since a time.
    await updateWith<UndeliveredRecord>(this.#ports, dead, () => ({
      item: dead,
      others: [{ op: 'delete', key: item, condition: item.version }],
    }));
    this.#waiting -= 1;
    this.#ports.log.write('warn', 'an event could not be delivered to a webhook; it is a dead letter now', {
      webhook: this.#webhook.name,
      tenant: this.#webhook.tenant,
      eventId: data.eventId,
      error,
    });
  }

  /** What came since. */
  async #readOn(): Promise<Turn['left']> {
    for (;;) {
      const stop = this.#stop();
      if (stop !== null) return stop;
      const page = await this.#list();
      for (const one of page.items) {
        const stop = this.#stop();
        if (stop !== null) return stop;
        await this.#deliver(one);
        await this.#passed(one.position);
      }
      await this.#passed(page.position);
      if (!page.hasMore) return page.hasUnsettled ? 'soon' : 'none';
    }
  }

  /** null: it may go on. `now` also where what waits may be due. */
  #stop(): 'now' | 'none' | null {
    if (this.#isResting) return 'none';
    if (this.#isOver()) return 'now';
    return this.#waiting >= waitingMax ? 'none' : null;
  }

  async #deliver(one: LoggedEvent): Promise<void> {
    const about = aboutOf(one.event);
    const isBlocked = this.#blocked.has(about);
    const error = isBlocked ? 'waits for an earlier event of the same request' : await this.#send(one);
    if (error === null) return;
    const nowMs = this.#ports.clock.nowMs();
    const data: UndeliveredRecord = {
      eventId: one.id,
      event: one.event,
      place: one.place,
      // What waits for another is due when that one has gone.
      ...(isBlocked ? { tries: 0, nextTryAtMs: nowMs } : { tries: 1, nextTryAtMs: nextTryAtMs(1, nowMs) }),
      error,
      sinceMs: nowMs,
    };
    const item = { ...keys.webhookWaiting(this.#webhook.id, one.place), data, expiresAtMs: nowMs + undeliveredKeptMs };
    try {
      await put(this.#ports, item, 'absent');
      this.#waiting += 1;
    } catch (failed) {
      // It waits already: whoever set it down stopped before its position passed it.
      if (!(failed instanceof ConditionFailedError)) throw failed;
    }
    this.#blocked.add(about);
  }

  /**
   * null: delivered. Else why not. Counts both. Looks first whether the webhook is as it was: one that was deleted is
   * sent nothing more, one that was changed not what it no longer wants. @throws LeaseLostError
   */
  async #send({ id, event }: Pick<LoggedEvent, 'id' | 'event'>): Promise<string | null> {
    if ((await this.#readState())?.version !== this.#state?.version)
      throw new LeaseLostError('the webhook was deleted or changed, or another process delivers to it');
    const { clock, sender, bodyOf } = this.#ports;
    const body = bodyOf({ id, event });
    const secrets = signingSecrets(this.#webhook, clock.nowMs());
    const headers = signatureHeaders(secrets, { id, atMs: clock.nowMs(), body });
    this.#hasCalled = true;
    const answer = await sender.send({ url: this.#webhook.url, headers, body });
    const nowMs = clock.nowMs();
    if ('status' in answer && answer.status >= 200 && answer.status < 300) {
      this.#delivered += 1;
      this.#now = {
        ...this.#now,
        ...{ failures: 0, nextTryAtMs: 0, failingSinceMs: null, error: null },
        delivered: this.#now.delivered + 1,
        lastDeliveredAtMs: nowMs,
      };
      return null;
    }
    const error = ('status' in answer ? `the endpoint answered ${String(answer.status)}` : answer.error).slice(
      0,
      errorLengthMax,
    );
    const failures = this.#now.failures + 1;
    this.#now = {
      ...this.#now,
      failures,
      nextTryAtMs: failures >= failuresToRest ? nowMs + restMs(failures - failuresToRest + 1) : 0,
      failingSinceMs: this.#now.failingSinceMs ?? nowMs,
      error,
    };
    return error;
  }

  async #passed(position: string): Promise<void> {
    this.#now = { ...this.#now, position };
    if (this.#ports.clock.monotonicMs() - this.#writtenMs >= renewMs) await this.#write({});
  }

  /** @throws LeaseLostError */
  async #write(change: Partial<WebhookState>): Promise<void> {
    const key = keys.webhookState(this.#webhook.id);
    const data = { ...this.#now, leaseEndsAtMs: this.#ports.clock.nowMs() + leaseMs, ...change };
    try {
      this.#state = await put(this.#ports, { ...key, data }, this.#state?.version ?? 'absent');
      this.#writtenMs = this.#ports.clock.monotonicMs();
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error;
      throw new LeaseLostError('another process has written the state of the webhook', { cause: error });
    }
  }
}

/** Those whose time has come, and that are behind none of the same request whose time has not. */
function dueOf(waiting: readonly Item<UndeliveredRecord>[], nowMs: number): readonly Item<UndeliveredRecord>[] {
  const later = new Set<string>();
  return waiting.filter(({ data }) => {
    const about = aboutOf(data.event);
    if ((data.nextTryAtMs ?? 0) > nowMs) later.add(about);
    return !later.has(about);
  });
}

/** What its events are in order of. */
function aboutOf(event: LoggedEvent['event']): string {
  return 'requestId' in event ? event.requestId : event.nodeId;
}
