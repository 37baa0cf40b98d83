// What there is to do with published events.
import type { BellowsEvent } from '../../ports/events.ts';
import type { ListedPage, ListOptions } from '../store/pages.ts';
import type { EventFilter, UndeliveredRecord, WebhookRecord, WebhookSpec, WebhookState } from './webhooks/records.ts';

export interface LoggedEvent {
  /** Of what happened: the same where it was published twice. */
  readonly id: string;
  readonly event: BellowsEvent;
  /** In the log: text order is its order. */
  readonly place: string;
  /** Just behind it. */
  readonly position: string;
}

export interface EventWish extends EventFilter {
  readonly tenant: string;
  /** Written at this time or later; absent: as far back as they are kept. A time to come is now. */
  readonly sinceMs?: number | undefined;
  /** The position of an earlier page. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface EventPage {
  /** Oldest first. */
  readonly items: readonly LoggedEvent[];
  /** Where the next page begins, also when nothing is there yet. */
  readonly position: string;
  /** false: there is no more at present. */
  readonly hasMore: boolean;
  /** Something was written a moment ago that is not shown yet. */
  readonly hasUnsettled: boolean;
}

export interface ShownWebhook {
  readonly record: WebhookRecord;
  readonly state: WebhookState;
}

export interface Replayed extends ShownWebhook {
  /** Dead letters. */
  readonly replayed: number;
  /** From when on all is sent again; null: it is not. */
  readonly sinceMs: number | null;
}

export type Replay = { readonly kind: 'dead-letters' } | { readonly kind: 'since'; readonly sinceMs: number };

/** null: the tenant has no such webhook. See webhooks/declare.ts. */
export interface WebhookUseCases {
  list(tenant: string): Promise<readonly ShownWebhook[]>;
  get(tenant: string, name: string): Promise<ShownWebhook | null>;
  /** `secret`: of a new one. @throws WebhookUrlError, TooManyWebhooksError */
  put(spec: WebhookSpec): Promise<ShownWebhook & { readonly secret: string | null }>;
  delete(tenant: string, name: string): Promise<ShownWebhook | null>;
  /** @throws NotPossibleError */
  rotate(tenant: string, name: string, keepMs: number): Promise<(ShownWebhook & { readonly secret: string }) | null>;
  /** @throws InvalidCursorError */
  undelivered(tenant: string, name: string, options: ListOptions): Promise<ListedPage<UndeliveredRecord> | null>;
  /** @throws NotPossibleError */
  replay(tenant: string, name: string, what: Replay): Promise<Replayed | null>;
}
