// For tests of handlers and of the CLI: services in memory, declared, with all their replicas ready; and published
// events, which the test puts here.
import type {
  ReplicaShown,
  ServiceShown,
  ShownServiceForecast,
  ServiceUseCases,
  ServiceWhy,
  ServiceWish,
} from '../../lib/control/services/use-cases.ts';
import type { Reported } from '../../lib/core/services/policies.ts';
import { begun } from '../../lib/core/services/rollout.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { Webhooks } from '../../lib/control/events/webhooks/declare.ts';
import type { EventPage, EventWish, WebhookUseCases } from '../../lib/control/events/use-cases.ts';
import type { ListedPage, ListOptions } from '../../lib/control/use-cases.ts';

const nowMs = Date.UTC(2026, 10, 22, 16, 0, 0);

export class FakeServices implements ServiceUseCases {
  readonly shown = new Map<string, ServiceShown>();
  readonly wishes: ServiceWish[] = [];

  async endpoints(): Promise<readonly []> {
    return [];
  }

  async put(wish: ServiceWish): Promise<ServiceShown> {
    this.wishes.push(wish);
    const { tenant, name, update, drainMs, template, scaling, targetGroups } = wish;
    const replicas = wish.replicas ?? 1;
    const revision = (this.shown.get(name)?.record.revision ?? 0) + 1;
    const shown: ServiceShown = {
      record: {
        ...{ id: '0123456789abcdef', tenant, name, pool: wish.pool ?? 'default', replicas, update, drainMs, revision },
        ...(scaling && { scaling }),
        revisions: [{ number: revision, template, createdAtMs: nowMs }],
        running: [{ request: 'r-1', slot: 0, revision, crashes: 2, stop: null }],
        rollout: begun(revision, null, nowMs, null),
        crashed: [],
        started: 1,
        events: [{ atMs: nowMs, code: 'declared', message: 'declared in pool default' }],
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
        deletingSinceMs: null,
      },
      counts: { pending: 0, ready: replicas, stopping: 0, current: replicas },
      ...(targetGroups && {
        groups: targetGroups.map((one) => ({
          ...{ ...one, registered: replicas, healthy: 1, lookedAtMs: nowMs },
          troubles: [
            { call: 'register', code: 'target_group_access_denied', message: 'no permission', sinceMs: nowMs },
          ],
        })),
      }),
    };
    this.shown.set(name, shown);
    return shown;
  }

  async get(_tenant: string, name: string): Promise<ServiceShown | null> {
    return this.shown.get(name) ?? null;
  }

  async page(_tenant: string, { limit, cursor = '' }: ListOptions): Promise<ListedPage<ServiceShown>> {
    const all = [...this.shown.values()].filter(({ record }) => record.name > cursor);
    return {
      items: all.slice(0, limit),
      nextCursor: all.length > limit ? (all[limit - 1]?.record.name ?? null) : null,
    };
  }

  async scale(_tenant: string, name: string, replicas: number): Promise<ServiceShown | null> {
    return this.#change(name, { replicas });
  }

  async rollBack(_tenant: string, name: string, to: number | null): Promise<ServiceShown | null> {
    return this.#change(name, { revision: to ?? 1 });
  }

  async delete(_tenant: string, name: string): Promise<ServiceShown | null> {
    return this.#change(name, { deletingSinceMs: nowMs });
  }

  async why(_tenant: string, name: string): Promise<ServiceWhy | null> {
    const wishes = [{ policy: 'target visitors', wanted: 4, reason: 'total 350, target 100 each, 3 now' }];
    const why = { replicas: 3, wanted: 4, reason: wishes[0]?.reason ?? '', wishes, troubles: [] };
    return this.shown.has(name) ? why : null;
  }

  async forecast(_tenant: string, name: string): Promise<ShownServiceForecast | null> {
    if (!this.shown.has(name)) return null;
    const base = { learningStyle: 'predictive', quantile: 0.9, leadMs: 90_000, demandMilli: 3_500 } as const;
    const naive = { method: 'last-value', errorMilli: 900 };
    const band = { expectedMilli: 4_000, wantedMilli: 4_600, lowMilli: 3_000, quantile: 0.9, leadMs: 90_000 };
    const forecast = { method: 'seasonal-median-day', errorMilli: 420, naive, ...band };
    const scores = [
      { name: 'last-value', isNaive: true, error: 900, steps: 300 },
      { name: 'seasonal-median-day', isNaive: false, error: 420, steps: 300 },
      { name: 'seasonal-naive-week', isNaive: true, error: 0, steps: 0 },
    ];
    return { ...base, known: { kind: 'forecast', forecast }, scores };
  }

  async report(
    { name }: { readonly name: string },
    { value, atMs }: { readonly value: number; readonly atMs: number | null },
  ): Promise<Reported | null> {
    return this.shown.has(name) ? { value, atMs: atMs ?? nowMs } : null;
  }

  async replicas(_tenant: string, name: string): Promise<ListedPage<ReplicaShown> | null> {
    const { record } = this.shown.get(name) ?? {};
    if (!record) return null;
    const items = record.running.map((replica) => ({
      replica,
      request: null,
      node: null,
      machine: null,
      ports: [],
      refusedBecause: null,
      state: 'ready' as const,
    }));
    return { items, nextCursor: null };
  }

  #change(name: string, fields: Partial<ServiceShown['record']>): ServiceShown | null {
    const before = this.shown.get(name);
    if (!before) return null;
    const shown = { ...before, record: { ...before.record, ...fields } };
    this.shown.set(name, shown);
    return shown;
  }
}

export class FakeEvents {
  /** Answered one after another. */
  readonly pages: EventPage[] = [];
  readonly wishes: EventWish[] = [];

  readonly list = async (wish: EventWish): Promise<EventPage> => {
    this.wishes.push(wish);
    return this.pages.shift() ?? { items: [], position: 'end', hasMore: false, hasUnsettled: false };
  };
}

/** The real ones, over a store in memory. */
export function fakeWebhooks(): WebhookUseCases {
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => {} };
  let ids = 0;
  const random = { next: () => 0.5, id: () => `id${String((ids += 1)).padStart(20, '0')}` };
  return new Webhooks({ store: new MemoryStore({ clock }), clock, random }, { webhookReach: 'public' });
}
