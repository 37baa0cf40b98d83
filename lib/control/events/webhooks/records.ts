// What is kept of webhooks: what was declared, how far its events are delivered, and what was not delivered yet.
//
// An event of the log: delivered | waiting -> (tried again) -> delivered | dead -> (replayed) -> waiting.
import type { BellowsEvent } from '../../../ports/events.ts';
import { positionAt } from '../position.ts';

/** Of which events something is wanted; an absent one of all. */
export interface EventFilter {
  readonly types?: readonly BellowsEvent['type'][] | undefined;
  readonly pool?: string | undefined;
  readonly request?: string | undefined;
  /** Keys and values; all of them. */
  readonly labels?: readonly (readonly [string, string])[] | undefined;
}

export interface WebhookSpec {
  readonly tenant: string;
  readonly name: string;
  readonly url: string;
  /** Which events it is sent. */
  readonly filter: Pick<EventFilter, 'types' | 'pool' | 'labels'>;
}

export interface WebhookSecret {
  readonly secret: string;
  readonly createdAtMs: number;
  /** It signs until then; null: it is the present one. */
  readonly endsAtMs: number | null;
}

export interface WebhookRecord extends WebhookSpec {
  /** Of this declaration: one that is deleted and declared anew is another. */
  readonly id: string;
  readonly secrets: readonly WebhookSecret[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Its delivering, by whoever has the lease. */
export interface WebhookState {
  /** In the log: all before it is delivered, waiting, or dead. */
  readonly position: string;
  /** Nobody else delivers until then; 0: it is free. */
  readonly leaseEndsAtMs: number;
  /** In a row; it is not called before `nextTryAtMs` then. */
  readonly failures: number;
  readonly nextTryAtMs: number;
  readonly failingSinceMs: number | null;
  readonly error: string | null;
  readonly delivered: number;
  readonly lastDeliveredAtMs: number | null;
  /** What was written between these may be lost: it was older than the log keeps when its turn came. Until a replay. */
  readonly missed?: { readonly fromMs: number; readonly untilMs: number };
  /** Its stored record cannot be read: nothing is delivered until a replay says from when on. Never stored. */
  readonly quarantine?: string;
}

/** Of a webhook that is sent what happens from then on. */
export function newState(nowMs: number): WebhookState {
  return {
    position: positionAt(nowMs),
    leaseEndsAtMs: 0,
    failures: 0,
    nextTryAtMs: 0,
    failingSinceMs: null,
    error: null,
    delivered: 0,
    lastDeliveredAtMs: null,
  };
}

/** An event that is tried again, or (in another place) that is tried no more. */
export interface UndeliveredRecord {
  readonly eventId: string;
  readonly event: BellowsEvent;
  /** Its place in the log: they are tried in this order. */
  readonly place: string;
  readonly tries: number;
  /** null: of a dead one. */
  readonly nextTryAtMs: number | null;
  readonly error: string | null;
  readonly sinceMs: number;
}

export const webhooksPerTenantMax = 10;
export const webhooksMax = 200;
export const secretsMax = 3;
/** While so many events of a webhook wait, no further one is read from the log for it. */
export const waitingMax = 100;
/** Dead letters go by themselves. */
export const undeliveredKeptMs = 14 * 24 * 3_600_000;

const secondsAfter = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/** Then it is a dead letter: after some 28 hours. */
export const deliveryTriesMax = secondsAfter.length + 1;

/** After so many tries; null: there is none. */
export function nextTryAtMs(tries: number, nowMs: number): number | null {
  const seconds = secondsAfter[tries - 1];
  return seconds === undefined ? null : nowMs + seconds * 1_000;
}

/** An endpoint that fails is called no more for so long: 5 s, doubling, at most 5 minutes. */
export function restMs(failures: number): number {
  return Math.min(300_000, 5_000 * 2 ** (Math.max(1, failures) - 1));
}

/** That sign at this time, the present one first. */
export function signingSecrets({ secrets }: WebhookRecord, nowMs: number): readonly string[] {
  return secrets.filter(({ endsAtMs }) => endsAtMs === null || endsAtMs > nowMs).map(({ secret }) => secret);
}
