// The shop's storefront: a service for the whole day, whose replicas follow the visitors. It reports how many come,
// looks at what runs, and closes with the shop.
import type { ApiClient } from '../server/api-client.ts';
import { UnansweredError } from '../server/api-client.ts';
import { dayMs, hourMs, visitorsPerSecond } from './shop-day.ts';

const name = 'storefront';
const lookEveryMs = 1_000;

const serve = `
const { createServer } = require('node:http');
createServer((_, answer) => answer.end('storefront ' + process.env.BELLOWS_REPLICA + '\\n'))
  .listen(Number(process.env.BELLOWS_PORT_HTTP));`;

export const storefront = {
  min: 1,
  max: 3,
  policies: [{ kind: 'target', name: 'visitors', metric: 'reported', reported: 'visitors', target: 1.2 }],
  // Five minutes before it goes in would be five hours of this day.
  behaviour: { in: { stabilizationSeconds: 3 } },
  drainSeconds: 1,
  template: {
    command: ['node', '-e', serve],
    ports: [{ name: 'http' }],
    resources: { vcpu: 0.25, memoryMib: 128 },
    graceSeconds: 2,
  },
} as const;

/** What became of it. */
export interface StorefrontStory {
  /** Visitors a second, at most. */
  readonly visitors: number;
  readonly fewest: number;
  readonly most: number;
  /** Replicas that served at a time. */
  readonly mostReady: number;
  readonly decisions: number;
}

export class Storefront {
  readonly #client: ApiClient;
  readonly #everyMs: number;
  #story: StorefrontStory = { visitors: 0, fewest: Infinity, most: 0, mostReady: 0, decisions: 0 };

  constructor(client: ApiClient, everyMs = lookEveryMs) {
    this.#client = client;
    this.#everyMs = everyMs;
  }

  /**
   * Open until the day is over, or `isStopped`: then it stays for the next start. `elapsedMs`: of the day. Answers what
   * became of it; null: it never opened, or the server does not answer any more.
   */
  async run(elapsedMs: () => number, isStopped: () => boolean): Promise<StorefrontStory | null> {
    try {
      return await this.#open(elapsedMs, isStopped);
    } catch (error) {
      // Whoever plays the day meets the same silence, and says so.
      if (error instanceof UnansweredError) return null;
      throw error;
    }
  }

  async #open(elapsedMs: () => number, isStopped: () => boolean): Promise<StorefrontStory | null> {
    await this.#client.call('putService', { params: { name }, body: storefront });
    while (elapsedMs() < dayMs && !isStopped()) {
      const value = visitorsPerSecond(elapsedMs() / hourMs);
      await this.#client.call('reportMetric', { params: { name, metric: 'visitors' }, body: { value } });
      this.#look(value, await this.#client.call('getService', { params: { name } }));
      await new Promise((wake) => setTimeout(wake, this.#everyMs));
    }
    if (isStopped()) return null;
    const { items } = await this.#client.call('listServiceEvents', { params: { name } });
    await this.#client.call('deleteService', { params: { name } });
    return { ...this.#story, decisions: items.filter((one) => one.code === 'scaled').length };
  }

  #look(value: number, { replicas, ready }: { readonly replicas: number; readonly ready: number }): void {
    const { visitors, fewest, most, mostReady } = this.#story;
    this.#story = {
      ...this.#story,
      visitors: Math.max(visitors, value),
      fewest: Math.min(fewest, replicas),
      most: Math.max(most, replicas),
      mostReady: Math.max(mostReady, ready),
    };
  }
}

export function storefrontLine({ visitors, fewest, most, mostReady, decisions }: StorefrontStory): string {
  return (
    `service   storefront: ${String(fewest)} to ${String(most)} replicas wanted for up to ${visitors.toFixed(1)} `
    + `visitors a second, at most ${String(mostReady)} served at once; its policy moved the count `
    + `${String(decisions)} times`
  );
}
