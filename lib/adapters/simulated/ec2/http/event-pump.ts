// Moves the simulated time along while nobody calls, and publishes what happened as EC2 does: events
// in EventBridge's form, kept for asking and sent by PutEvents to an endpoint if one is given.
import { createHash } from 'node:crypto';
import type { CloudEvent } from '../../cloud/events.ts';
import { nextChangeAtMs, settle } from '../families/settle.ts';
import type { World } from '../world.ts';
import type { SimulationClock } from './clock.ts';
import type { Worlds } from './worlds.ts';

export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: 'aws.ec2';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, string>>;
}

const keptMax = 5000;
/** PutEvents takes ten at a time. */
const batchMax = 10;
const attemptsMax = 4;
/** Sleeping longer than this would miss a scaled clock that somebody changes. */
const sleepMsMax = 1000;

export class EventPump {
  private readonly worlds: Worlds;
  private readonly clock: SimulationClock;
  private readonly endpoint: string | null;
  private kept: BusEvent[] = [];
  private waiting: BusEvent[] = [];
  private timer: NodeJS.Timeout | null = null;
  private timerAtMs = Infinity;
  private sending: Promise<void> | null = null;
  private isRunning = false;
  readonly counts = { sent: 0, failed: 0 };

  constructor(setup: { readonly worlds: Worlds; readonly clock: SimulationClock; readonly endpoint: string | null }) {
    this.worlds = setup.worlds;
    this.clock = setup.clock;
    this.endpoint = setup.endpoint;
  }

  start(): void {
    this.isRunning = true;
    this.pump();
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.sending;
  }

  /** Something may have changed: wakes earlier if something is due earlier now. */
  kick(): void {
    if (this.isRunning) this.schedule();
  }

  /** Lets everything that is due happen, and collects its events. */
  pump(): void {
    for (const world of this.worlds.all()) {
      settle(world);
      for (const event of world.takeEvents()) this.keep(busEvent(world, event));
      world.commit();
    }
    if (!this.isRunning) return;
    if (this.endpoint !== null && this.waiting.length > 0 && this.sending === null) {
      this.sending = this.send(this.endpoint).finally(() => (this.sending = null));
    }
    this.timerAtMs = Infinity;
    this.schedule();
  }

  list(limit: number): readonly BusEvent[] {
    return this.kept.slice(-limit);
  }

  clear(): void {
    this.kept = [];
    this.waiting = [];
  }

  private keep(event: BusEvent): void {
    this.kept.push(event);
    if (this.kept.length > keptMax) this.kept = this.kept.slice(-keptMax / 2);
    if (this.endpoint !== null) this.waiting.push(event);
  }

  private schedule(): void {
    let waitMs = sleepMsMax;
    for (const world of this.worlds.all()) {
      const nextMs = nextChangeAtMs(world);
      if (nextMs === null) continue;
      waitMs = Math.min(waitMs, this.clock.machineMsUntil(nextMs) ?? sleepMsMax);
    }
    // A call of a moment ago may have left events that nobody waits for: they go within a tick of the timer.
    const atMs = performance.now() + Math.max(5, waitMs);
    if (this.timer && this.timerAtMs <= atMs) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAtMs = atMs;
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.pump();
      },
      Math.max(5, waitMs),
    );
    this.timer.unref();
  }

  private async send(endpoint: string): Promise<void> {
    while (this.waiting.length > 0 && this.isRunning) {
      const batch = this.waiting.slice(0, batchMax);
      await this.sendBatch(endpoint, batch);
      this.waiting = this.waiting.slice(batch.length);
    }
  }

  /** EventBridge promises best effort for EC2's events; here they are tried a few times, then counted as failed. */
  private async sendBatch(endpoint: string, batch: readonly BusEvent[]): Promise<void> {
    const [first] = batch;
    for (let attempt = 1; first; attempt++) {
      try {
        const response = await fetch(endpoint, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'AWSEvents.PutEvents',
            authorization:
              'AWS4-HMAC-SHA256 '
              + `Credential=${first.account}/${first.time.slice(0, 10).replaceAll('-', '')}/${first.region}/`
              + 'events/aws4_request, '
              + `SignedHeaders=host, Signature=${'0'.repeat(64)}`,
          },
          body: JSON.stringify({
            Entries: batch.map((event) => ({
              Source: event.source,
              DetailType: event['detail-type'],
              Detail: JSON.stringify(event.detail),
              Resources: event.resources,
              Time: Math.floor(Date.parse(event.time) / 1000),
            })),
          }),
          signal: AbortSignal.timeout(5000),
        });
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`PutEvents answered ${response.status}`);
        this.counts.sent += batch.length;
        return;
      } catch (error) {
        if (attempt >= attemptsMax || !this.isRunning) {
          this.counts.failed += batch.length;
          process.stderr.write(
            `${batch.length} events were not taken by ${endpoint}: `
              + `${error instanceof Error ? error.message : String(error)}\n`,
          );
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
      }
    }
  }
}

/**
 * Forms of "State change events", "Spot Instance interruption notices" and "EC2 instance
 * rebalance recommendations".
 */
export function busEvent(world: World, event: CloudEvent): BusEvent {
  const zone = world.cloud.record(event.instanceId)?.zone ?? `${world.region}a`;
  const common = {
    version: '0' as const,
    id: eventId(`${world.accountId}/${event.instanceId}/${event.kind}/${event.atMs}`),
    source: 'aws.ec2' as const,
    account: world.accountId,
    time: `${new Date(event.atMs).toISOString().slice(0, 19)}Z`,
    region: world.region,
  };
  const id = { 'instance-id': event.instanceId };
  switch (event.kind) {
    case 'state-change':
      return {
        ...common,
        'detail-type': 'EC2 Instance State-change Notification',
        resources: [`arn:aws:ec2:${world.region}:${world.accountId}:instance/${event.instanceId}`],
        detail: { ...id, state: event.state },
      };
    case 'interruption-warning':
      return {
        ...common,
        'detail-type': 'EC2 Spot Instance Interruption Warning',
        resources: [`arn:aws:ec2:${zone}:instance/${event.instanceId}`],
        detail: { ...id, 'instance-action': event.action },
      };
    case 'rebalance-recommendation':
      return {
        ...common,
        'detail-type': 'EC2 Instance Rebalance Recommendation',
        resources: [`arn:aws:ec2:${zone}:instance/${event.instanceId}`],
        detail: id,
      };
  }
}

/** The same event has the same id, as a bus that delivers twice would have it. */
function eventId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
