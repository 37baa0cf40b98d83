// The working copy of the agent's state inside one step, and the small changes that every rule shares.
import type { AttemptEnd } from '../../lib/core/records/sync.ts';
import type { AgentAttempt, AgentEffect, AgentState, AttemptFacts, Now, Step, Stop } from './types.ts';

export type StepBuilder = { -readonly [K in keyof AgentState]: AgentState[K] } & { readonly effects: AgentEffect[] };

type Uploading = Extract<AgentAttempt, { phase: 'uploading' }>;

/** What a program's name or an error of the system may grow to; the API takes twice as much. */
export const messageLengthMax = 1_000;

export function builderOf(state: AgentState): StepBuilder {
  return { ...state, effects: [] };
}

export function stepOf(builder: StepBuilder): Step {
  const { effects, ...state } = builder;
  return { state, effects };
}

export function attemptOf(builder: StepBuilder, attemptId: string): AgentAttempt | undefined {
  return builder.attempts.find((attempt) => attempt.facts.attemptId === attemptId);
}

export function replace(builder: StepBuilder, changed: AgentAttempt): void {
  builder.attempts = builder.attempts.map((attempt) =>
    attempt.facts.attemptId === changed.facts.attemptId ? changed : attempt,
  );
}

/** The controller should hear of this soon: at once while syncs succeed, at the next try while they fail. */
export function noteNews(builder: StepBuilder, now: Now): void {
  builder.hasNews = true;
  if (builder.failedSyncs === 0)
    builder.nextSyncAtMs = Math.min(builder.nextSyncAtMs, now.monotonicMs + builder.config.coalesceMs);
}

/** Marks for stopping; the first reason wins, because it is the one that the controller acts on. */
export function stop(builder: StepBuilder, attempt: AgentAttempt, reason: Pick<Stop, 'outcome' | 'message'>): void {
  if (attempt.phase !== 'starting' && attempt.phase !== 'running') return;
  if (attempt.stop !== null) return;
  replace(builder, { ...attempt, stop: { ...reason, killAtMs: null, isKilled: false } });
  // Fetching a container image takes minutes.
  if (attempt.phase === 'starting') builder.effects.push({ kind: 'abandon', attemptId: attempt.facts.attemptId });
}

/** A process that ran has ended: its output is stored first, then the end is reported. */
export function endWithOutput(builder: StepBuilder, facts: AttemptFacts, end: AttemptEnd, now: Now): void {
  builder.effects.push({ kind: 'journal', record: { kind: 'end', facts, end, isFinal: false }, isDurable: false });
  storeOutput(builder, facts, end, now);
}

export function storeOutput(builder: StepBuilder, facts: AttemptFacts, end: AttemptEnd, now: Now): void {
  const giveUpAtMs = now.monotonicMs + builder.config.uploadWaitMs;
  builder.effects.push({ kind: 'upload', facts, giveUpAtMs, inEndBytesMax: builder.outputBytesMax });
  replace(builder, { phase: 'uploading', facts, end, giveUpAtMs });
}

/**
 * Nothing is waited for any more: the end is reported with the next sync, and after a restart in the same words.
 * It is journaled as final here, in the one place that makes it reportable.
 */
export function endForGood(builder: StepBuilder, facts: AttemptFacts, end: AttemptEnd, now: Now): void {
  builder.effects.push({ kind: 'journal', record: { kind: 'end', facts, end, isFinal: true }, isDurable: false });
  replace(builder, { phase: 'ended', facts, end });
  noteNews(builder, now);
}

interface KnownOfEnd extends Pick<AttemptEnd, 'usage' | 'imageDigest' | 'isOutOfMemory'> {
  readonly message?: string | undefined | null;
}

/**
 * What the end of a process means. A stop counts only if its TERM was sent: a process that ended by
 * itself before that ended by itself.
 */
export function endOf(
  attemptId: string,
  stopped: Stop | null,
  exitCode: number | null,
  startedAtMs: number | null,
  endedAtMs: number,
  { message: known = null, usage, imageDigest, isOutOfMemory }: KnownOfEnd = {},
): AttemptEnd {
  const image = imageDigest === undefined ? {} : { imageDigest };
  const used = { startedAtMs, endedAtMs, ...(usage === undefined ? {} : { usage }), ...image };
  if (stopped !== null && stopped.killAtMs !== null)
    return {
      attemptId,
      outcome: stopped.outcome,
      exitCode: null,
      message: stopped.message,
      ...used,
      ...(stopped.isSaved === undefined ? {} : { isSaved: true }),
      ...(stopped.preStop === undefined ? {} : { preStop: stopped.preStop.said }),
    };
  if (exitCode === null) {
    const message = known ?? 'the process is gone and left no exit code';
    return { attemptId, outcome: 'error', exitCode: null, message, ...used };
  }
  const starved = isOutOfMemory === undefined ? {} : { isOutOfMemory };
  return { attemptId, outcome: 'exited', exitCode, message: known, ...used, ...starved };
}

/**
 * The end is reported although its output is lost, and says so. While the controller does not answer nothing can be
 * reported, so nothing is lost yet: the output is stored when it answers again.
 */
export function endWithoutStoredOutput(builder: StepBuilder, attempt: Uploading, why: string, now: Now): void {
  if (builder.failedSyncs > 0) return replace(builder, { ...attempt, waitsForContact: true });
  const message = attempt.end.message === null ? why : `${attempt.end.message}; ${why}`;
  endForGood(builder, attempt.facts, { ...attempt.end, message: message.slice(0, messageLengthMax) }, now);
}
