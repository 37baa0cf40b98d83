// What there is to do with published events.
import type { BellowsEvent } from '../../ports/events.ts';

export interface LoggedEvent {
  /** Of what happened: the same where it was published twice. */
  readonly id: string;
  readonly event: BellowsEvent;
}

/** Of which events something is wanted; an absent one of all. */
export interface EventFilter {
  readonly types?: readonly BellowsEvent['type'][] | undefined;
  readonly pool?: string | undefined;
  readonly request?: string | undefined;
  /** Keys and values; all of them. */
  readonly labels?: readonly (readonly [string, string])[] | undefined;
}

export interface EventWish extends EventFilter {
  readonly tenant: string;
  /** Written at this time or later; absent: as far back as they are kept. */
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
}
