// Plays arrivals against the HTTP API at their times, follows what becomes of them, and collects what a
// summary needs. It keeps a file of what was accepted, because an audit must not take the store's word for it.
import { appendFileSync } from 'node:fs';
import type { NodeView } from '../api/pools.ts';
import type { RequestView } from '../api/requests.ts';
import type { StatsView } from '../api/stats.ts';
import type { ApiClient } from './api-client.ts';
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
  readonly requests: readonly { readonly arrival: Arrival; readonly view: RequestView }[];
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
  readonly #ended = new Map<string, RequestView>();
  readonly #nodes = new Map<string, NodeView>();
  #peak = { nodes: 0, vcpu: 0, usdPerHour: 0 };
  #isStopped = false;
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

  /** Resolves when everything has ended and the nodes are gone, or at the latest `patienceMs` after the last arrival. */
  async play(patienceMs: number): Promise<Played> {
    const { client } = this.#options;
    const before = (await client.call('getStats')).spentUsd;
    const submitting = this.#submitAll();
    let stats: StatsView | null = null;
    let lastAtMs = Infinity;
    void submitting.then(() => { lastAtMs = performance.now(); }, () => { lastAtMs = performance.now(); });
    for (;;) {
      stats = await this.#look();
      const isOver = lastAtMs < Infinity && this.#ended.size === this.#accepted.size && this.#nodesNow === 0;
      if (isOver || this.#isStopped || performance.now() - lastAtMs > patienceMs) break;
      await new Promise((wake) => setTimeout(wake, lookEveryMs));
    }
    await submitting;
    const views = await Promise.all([...this.#accepted].map(async ([id, arrival]) => ({ arrival, view: this.#ended.get(id) ?? await client.call('getRequest', { params: { id } }) })));
    const nodesByType: Record<string, number> = {};
    for (const node of this.#nodes.values()) nodesByType[`${node.instanceType} ${node.capacityType}`] = (nodesByType[`${node.instanceType} ${node.capacityType}`] ?? 0) + 1;
    return { requests: views, nodesByType, peak: this.#peak, spentUsd: stats.spentUsd - before, durationMs: performance.now() - this.#startedAtMs };
  }

  async #submitAll(): Promise<void> {
    const { arrivals, fromMs, client, acceptedFile } = this.#options;
    for (const arrival of arrivals) {
      if (arrival.atMs < fromMs) continue;
      const waitMs = arrival.atMs - this.elapsedMs;
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
      if (this.#isStopped) return;
      const { id } = await client.call('submitRequest', { body: arrival.body, idempotencyKey: arrival.key });
      // One durable line per acceptance, after the 202: what stands here must never be lost.
      appendFileSync(acceptedFile, `${String(Date.now())} ${id}\n`);
      this.#accepted.set(id, arrival);
    }
  }

  async #look(): Promise<StatsView> {
    const { client, pool } = this.#options;
    const [stats, { items }] = await Promise.all([client.call('getStats'), client.call('listNodes', { params: { name: pool } })]);
    for (const node of items) this.#nodes.set(node.id, node);
    this.#nodesNow = items.length;
    const vcpu = items.reduce((sum, node) => sum + node.allocatable.vcpu, 0);
    if (stats.usdPerHour > this.#peak.usdPerHour) this.#peak = { nodes: items.length, vcpu, usdPerHour: stats.usdPerHour };
    const open = [...this.#accepted.keys()].filter((id) => !this.#ended.has(id));
    await Promise.all(open.map(async (id) => {
      const view = await client.call('getRequest', { params: { id } });
      if (view.endedAt !== null) this.#ended.set(id, view);
    }));
    this.#options.onLook({ elapsedMs: this.elapsedMs, submitted: this.#accepted.size, ended: this.#ended.size, stats, nodes: items });
    return stats;
  }
}
