// Plays arrivals against the HTTP API at their times, follows what becomes of them, and collects what a
// summary needs. It keeps a file of what was accepted, because an audit must not take the store's word for it.
import { appendFileSync } from 'node:fs';
import type { NodeView } from '../../api/schemas/pools.ts';
import type { RequestView } from '../../api/schemas/requests.ts';
import type { StatsView } from '../../api/schemas/figures/stats.ts';
import type { ApiClient } from '../server/api-client.ts';
import { UnansweredError } from '../server/api-client.ts';
import type { Arrival } from './shop-day.ts';

export interface PlayerOptions {
  readonly client: ApiClient;
  readonly arrivals: readonly Arrival[];
  /** Where to begin: a day that was interrupted goes on. */
  readonly fromMs: number;
  readonly acceptedFile: string;
  readonly pool: string;
  /** Called about twice a second. */
  onLook(look: Look): void;
}

export interface Look {
  readonly elapsedMs: number;
  readonly submitted: number;
  readonly ended: number;
  readonly stats: StatsView;
  readonly nodes: readonly NodeView[];
}

export interface Played {
  /** What was accepted, as it was last seen. */
  readonly requests: readonly { readonly arrival: Arrival; readonly view: RequestView }[];
  /** Why it could not go on; null: it was played to its end. */
  readonly unanswered: string | null;
  readonly nodesByType: Readonly<Record<string, number>>;
  readonly peak: { readonly nodes: number; readonly vcpu: number; readonly usdPerHour: number };
  readonly spentUsd: number;
  readonly durationMs: number;
}

const lookEveryMs = 500;

export class Player {
  readonly #options: PlayerOptions;
  readonly #startedAtMs = performance.now();
  readonly #accepted = new Map<string, Arrival>();
  readonly #seen = new Map<string, RequestView>();
  readonly #ended = new Set<string>();
  readonly #nodes = new Map<string, NodeView>();
  #peak = { nodes: 0, vcpu: 0, usdPerHour: 0 };
  #isStopped = false;
  #isGivenUp = false;
  #spentUsd = 0;
  #nodesNow = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Milliseconds of the played day. */
  get elapsedMs(): number {
    return this.#options.fromMs + performance.now() - this.#startedAtMs;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Resolves when everything has ended and the nodes are gone, at the latest `settleMs` after the last arrival;
   * or, with what is known by then, when the server does not answer any more.
   */
  async play(settleMs: number): Promise<Played> {
    let unanswered: string | null = null;
    try {
      await this.#playOn(settleMs);
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      unanswered = error.message;
      this.#isGivenUp = true;
    }
    const requests = [...this.#accepted].flatMap(([id, arrival]) => {
      const view = this.#seen.get(id);
      return view === undefined ? [] : [{ arrival, view }];
    });
    const nodesByType: Record<string, number> = {};
    for (const node of this.#nodes.values())
      nodesByType[`${node.instanceType} ${node.capacityType}`] =
        (nodesByType[`${node.instanceType} ${node.capacityType}`] ?? 0) + 1;
    return {
      requests,
      unanswered,
      nodesByType,
      peak: this.#peak,
      spentUsd: this.#spentUsd,
      durationMs: performance.now() - this.#startedAtMs,
    };
  }

  async #playOn(settleMs: number): Promise<void> {
    const before = (await this.#options.client.call('getStats')).spentUsd;
    let lastAtMs = Infinity;
    let failure: { readonly error: unknown } | null = null;
    const submitting = this.#submitAll()
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        lastAtMs = performance.now();
      });
    for (;;) {
      this.#spentUsd = (await this.#look()).spentUsd - before;
      const isOver = lastAtMs < Infinity && this.#ended.size === this.#accepted.size && this.#nodesNow === 0;
      if (isOver || failure !== null || this.#isStopped || performance.now() - lastAtMs > settleMs) break;
      await new Promise((wake) => setTimeout(wake, lookEveryMs));
    }
    await submitting;
    rethrow(failure);
  }

  async #submitAll(): Promise<void> {
    const { arrivals, fromMs, client, acceptedFile } = this.#options;
    for (const arrival of arrivals) {
      if (arrival.atMs < fromMs) continue;
      const waitMs = arrival.atMs - this.elapsedMs;
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
      if (this.#isStopped || this.#isGivenUp) return;
      const view = await client.call('submitRequest', { body: arrival.body, idempotencyKey: arrival.key });
      const { id } = view;
      // One durable line per acceptance, after the 202: what stands here must never be lost.
      appendFileSync(acceptedFile, `${String(Date.now())} ${id}\n`);
      this.#accepted.set(id, arrival);
      this.#seen.set(id, view);
    }
  }

  async #look(): Promise<StatsView> {
    const { client, pool } = this.#options;
    const [stats, { items }] = await Promise.all([
      client.call('getStats'),
      client.call('listNodes', { params: { name: pool } }),
    ]);
    for (const node of items) this.#nodes.set(node.id, node);
    this.#nodesNow = items.length;
    const vcpu = items.reduce((sum, node) => sum + node.allocatable.vcpu, 0);
    if (stats.usdPerHour > this.#peak.usdPerHour)
      this.#peak = { nodes: items.length, vcpu, usdPerHour: stats.usdPerHour };
    const open = [...this.#accepted.keys()].filter((id) => !this.#ended.has(id));
    await Promise.all(
      open.map(async (id) => {
        const view = await client.call('getRequest', { params: { id } });
        this.#seen.set(id, view);
        if (view.endedAt !== null) this.#ended.add(id);
      }),
    );
    this.#options.onLook({
      elapsedMs: this.elapsedMs,
      submitted: this.#accepted.size,
      ended: this.#ended.size,
      stats,
      nodes: items,
    });
    return stats;
  }
}

/** Of what failed beside the looking. */
function rethrow(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
