// Syncs that are left out. An agent with nothing to say, whose document nobody has written since its last sync, would
// be answered the same again and again; only the times of its syncs go on. They are worked out here, so that the first
// sync that has an effect comes at the very time at which it would have come.
import type { AgentState } from '../../../agent/core/types.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { SyncReply, SyncRequest } from '../../core/records/sync.ts';
import { epochMs } from '../../simulator/kernel.ts';

export interface Pace {
  readonly networkMs: number;
  readonly syncBusyMs: number;
  readonly syncIdleMs: number;
  readonly syncListeningBusyMs: number;
  readonly syncListeningIdleMs: number;
  /** A sync writes its time into the document when the last one there is as old as this. */
  readonly lastSeenWriteMs: number;
}

/** At most so many are left out in a row: the bound of what is worked out ahead. */
const leftOutMax = 1_000;

/** Whether a sync of this agent changes nothing, and hears nothing new, until its document changes. */
export function isWithoutEffect(state: AgentState, document: NodeRecord, pace: Pace): boolean {
  const isCalm =
    state.sync === null
    && !state.hasNews
    && state.failedSyncs === 0
    && state.leaving === null
    && state.attempts.every((attempt) => attempt.phase === 'running' && attempt.stop === null)
    && document.assigned.every((one) => one.withdrawn === null);
  // A node that has just become ready calls more often, unless it waits at its bell.
  const isFresh =
    !state.isListening
    && document.assigned.length === 0
    && document.readyAtMs !== null
    && epochMs + state.nextSyncAtMs - document.readyAtMs < 2 * pace.syncIdleMs;
  return isCalm && !isFresh;
}

/** Draws of the n-th sync: of the controller for its pause, of the agent for its jitter. */
type DrawOf = (seq: number, who: 'controller' | 'agent') => number;

interface Sent {
  readonly seq: number;
  readonly atMs: number;
  /** Of the reply to it. */
  readonly nextSyncMs: number;
}

interface Resumed {
  readonly state: AgentState;
  /** Sent, and not there yet. */
  readonly request: { readonly sync: SyncRequest; readonly atMs: number } | null;
  /** Answered, and the reply is not here yet. */
  readonly reply: { readonly seq: number; readonly reply: SyncReply; readonly atMs: number } | null;
}

export class ParkedSyncs {
  readonly #state: AgentState;
  readonly #reply: SyncReply;
  readonly #networkMs: number;
  readonly #sent: Sent[] = [];
  /** When the first sync is sent that is not left out. */
  readonly goOnAtMs: number;

  constructor(state: AgentState, document: NodeRecord, reply: SyncReply, pace: Pace, drawOf: DrawOf) {
    this.#state = state;
    this.#reply = { ...reply, start: [], acknowledged: [] };
    this.#networkMs = pace.networkMs;
    const pauseMs = pauseOf(state.isListening, document.assigned.length > 0, pace);
    const dueAtMs = (document.lastSeenAtMs ?? 0) + pace.lastSeenWriteMs - epochMs;
    let { nextSyncAtMs: atMs, seq } = state;
    while (Math.floor(atMs + pace.networkMs) < dueAtMs && this.#sent.length < leftOutMax) {
      seq += 1;
      const nextSyncMs = Math.round(pauseMs * (0.75 + drawOf(seq, 'controller') / 2));
      this.#sent.push({ seq, atMs, nextSyncMs });
      // Added in this order: the sums of the syncs that are made are the same to the last bit.
      atMs = atMs + pace.networkMs + pace.networkMs + nextSyncMs * (0.9 + drawOf(seq, 'agent') / 5);
    }
    this.goOnAtMs = atMs;
  }

  get leftOut(): number {
    return this.#sent.length;
  }

  /** The agent as it is at this time, had it made all syncs; and what of them is under way. */
  at(nowMs: number): Resumed {
    let begun = 0;
    while (begun < this.#sent.length && (this.#sent[begun]?.atMs ?? Infinity) <= nowMs) begun += 1;
    const last = this.#sent[begun - 1];
    if (last === undefined) return { state: this.#state, request: null, reply: null };
    const answeredAtMs = last.atMs + this.#networkMs + this.#networkMs;
    if (answeredAtMs <= nowMs)
      return { state: this.#after(last, this.#sent[begun]?.atMs ?? this.goOnAtMs), request: null, reply: null };
    const before = this.#sent[begun - 2];
    const waiting: AgentState = {
      ...(before === undefined ? this.#state : this.#after(before, last.atMs)),
      seq: last.seq,
      sync: { seq: last.seq, sentAtMs: last.atMs },
    };
    if (last.atMs + this.#networkMs > nowMs)
      return {
        state: waiting,
        request: { sync: this.#requestOf(last.seq), atMs: last.atMs + this.#networkMs },
        reply: null,
      };
    const reply = { ...this.#reply, nextSyncMs: last.nextSyncMs };
    return { state: waiting, request: null, reply: { seq: last.seq, reply, atMs: answeredAtMs } };
  }

  #after({ seq, atMs }: Sent, nextSyncAtMs: number): AgentState {
    const { fenceMs, killGraceMs } = this.#reply;
    return { ...this.#state, seq, contact: { sentAtMs: atMs, fenceMs, killGraceMs }, nextSyncAtMs };
  }

  #requestOf(seq: number): SyncRequest {
    const { config, attempts, interruptionAtMs, isListening } = this.#state;
    return {
      nodeId: config.nodeId,
      pool: config.pool,
      bootId: config.bootId,
      seq,
      onNode: attempts.map((attempt) => ({
        attemptId: attempt.facts.attemptId,
        state: 'running' as const,
        startedAtMs: attempt.phase === 'running' ? attempt.startedAtMs : null,
      })),
      ends: [],
      ...(interruptionAtMs === null ? {} : { interruptionAtMs }),
      ...(isListening ? { listens: true as const } : {}),
    };
  }
}

/** As the controller has it (control/agents/sync-agent.ts). */
function pauseOf(isListening: boolean, isBusy: boolean, pace: Pace): number {
  if (isListening) return isBusy ? pace.syncListeningBusyMs : pace.syncListeningIdleMs;
  return isBusy ? pace.syncBusyMs : pace.syncIdleMs;
}
