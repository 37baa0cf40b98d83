// The rules that time and level drive: after every event the same rules run, each from the state alone,
// so that no order of events can leave one of them out.
import { endsBytesMax, endsPerSyncMax } from '../../lib/core/plan/bounds.ts';
import { jsonBytes } from '../../lib/core/values/json-bytes.ts';
import { addResources, fits, noResources } from '../../lib/core/values/resources.ts';
import type { AttemptEnd, HeldAttempt } from '../../lib/core/records/sync.ts';
import { endWithoutStoredOutput, replace, stop, storeOutput } from './draft.ts';
import type { Draft } from './draft.ts';
import type { AgentAttempt, Now } from './types.ts';

/** Before any contact nothing was told about grace; tasks that are found then are stopped with this one. */
const graceMsBeforeContact = 5_000;

/** Deadlines that passed while the agent was busy or frozen. Runs before an event is believed, too. */
export function settleTime(draft: Draft, now: Now): void {
  if (draft.sync !== null && now.monotonicMs >= draft.sync.sentAtMs + draft.config.syncTimeoutMs) failSync(draft, now);
  if (isFenced(draft, now)) stopEverything(draft, { outcome: 'fenced', message: fencedMessage(draft) });
}

export function settle(draft: Draft, now: Now): void {
  settleTime(draft, now);
  if (draft.leaving !== null) stopEverything(draft, { outcome: 'withdrawn', message: draft.leaving });
  for (const attempt of draft.attempts) enforceTimeout(draft, attempt, now);
  for (const attempt of draft.attempts) pursueStop(draft, attempt, now);
  for (const attempt of draft.attempts) endUploadWait(draft, attempt, now);
  if (draft.leaving === null && !isFenced(draft, now)) startQueued(draft);
  if (draft.leaving === null && draft.sync === null && now.monotonicMs >= draft.nextSyncAtMs) sendSync(draft, now);
  if (draft.leaving !== null && !draft.attempts.some(hasProcess)) {
    draft.hasExited = true;
    draft.effects.push({ kind: 'exit', reason: draft.leaving });
    return;
  }
  const atMs = nextDeadline(draft);
  if (atMs !== null) draft.effects.push({ kind: 'schedule', atMs });
}

/** Backoff with full jitter over its upper half; the controller may be restarting, so many agents must not return at once. */
export function failSync(draft: Draft, now: Now): void {
  const { backoffBaseMs, backoffMaxMs } = draft.config;
  const wait = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(draft.failedSyncs, 16));
  draft.sync = null;
  draft.failedSyncs += 1;
  draft.hasNews = true;
  draft.nextSyncAtMs = now.monotonicMs + wait * (0.5 + now.random / 2);
}

export function hasProcess(attempt: AgentAttempt): boolean {
  return attempt.phase === 'starting' || attempt.phase === 'running';
}

/** Too long without the controller, which will count these tasks as lost and run them elsewhere. */
export function isFenced(draft: Pick<Draft, 'contact' | 'attempts'>, now: Now): boolean {
  if (draft.contact === null) return draft.attempts.some(hasProcess);
  return now.monotonicMs >= draft.contact.sentAtMs + draft.contact.fenceMs;
}

function fencedMessage(draft: Draft): string {
  const time = draft.contact === null ? '' : ` for ${String(draft.contact.fenceMs / 1000)} s`;
  return `the agent had no contact to the controller${time} and stopped the task`;
}

function stopEverything(draft: Draft, reason: Parameters<typeof stop>[2]): void {
  // Never started and not journaled: once it is no longer listed, the controller places it again.
  draft.attempts = draft.attempts.filter((attempt) => attempt.phase !== 'queued');
  for (const attempt of draft.attempts) stop(draft, attempt, reason);
}

function enforceTimeout(draft: Draft, attempt: AgentAttempt, now: Now): void {
  if (attempt.phase !== 'running' || attempt.timeoutAtMs === null || now.monotonicMs < attempt.timeoutAtMs) return;
  stop(draft, attempt, { outcome: 'timeout', message: `the time limit of ${String((attempt.facts.timeoutMs ?? 0) / 1000)} s passed` });
}

function pursueStop(draft: Draft, attempt: AgentAttempt, now: Now): void {
  if (attempt.phase !== 'running' || attempt.stop === null) return;
  const { attemptId } = attempt.facts;
  const { killAtMs, outcome, message } = attempt.stop;
  if (killAtMs === null) {
    const graceMs = draft.contact?.killGraceMs ?? graceMsBeforeContact;
    replace(draft, { ...attempt, stop: { ...attempt.stop, killAtMs: now.monotonicMs + graceMs } });
    // Journaled first, so that a restart in between reports why the task ended.
    draft.effects.push(
      { kind: 'journal', record: { kind: 'stop', attemptId, outcome, message }, isDurable: false },
      { kind: 'signal', attemptId, signal: 'TERM' },
    );
  } else if (now.monotonicMs >= killAtMs && !attempt.stop.isKilled) {
    replace(draft, { ...attempt, stop: { ...attempt.stop, isKilled: true } });
    draft.effects.push({ kind: 'signal', attemptId, signal: 'KILL' });
  }
}

function endUploadWait(draft: Draft, attempt: AgentAttempt, now: Now): void {
  if (attempt.phase !== 'uploading') return;
  if (attempt.waitsForContact === true) {
    if (draft.failedSyncs === 0) storeOutput(draft, attempt.facts, attempt.end, now);
    return;
  }
  if (now.monotonicMs < attempt.giveUpAtMs) return;
  endWithoutStoredOutput(draft, attempt, `its output could not be stored within ${String(draft.config.uploadWaitMs / 1000)} s`, now);
}

/** In the order of arrival: a large task at the head is not starved by small ones behind it. */
function startQueued(draft: Draft): void {
  for (const attempt of draft.attempts) {
    if (attempt.phase !== 'queued') continue;
    const busy = draft.attempts.filter(hasProcess);
    const used = busy.reduce((sum, one) => addResources(sum, one.facts.resources), noResources);
    if (busy.length >= draft.config.tasksMax || !fits(addResources(used, attempt.facts.resources), draft.config.allocatable)) return;
    const { facts, assigned } = attempt;
    replace(draft, { phase: 'starting', facts, stop: null });
    draft.effects.push(
      { kind: 'journal', record: { kind: 'start', facts }, isDurable: true },
      { kind: 'start', attempt: assigned },
    );
  }
}

function sendSync(draft: Draft, now: Now): void {
  draft.seq += 1;
  draft.sync = { seq: draft.seq, sentAtMs: now.monotonicMs };
  const ends = endsToSend(draft);
  const sent = new Set(ends.map((end) => end.attemptId));
  // What does not fit goes with the next sync, which follows the reply to this one; until then it counts as held.
  draft.hasNews = draft.attempts.some((attempt) => attempt.phase === 'ended' && !sent.has(attempt.facts.attemptId));
  draft.effects.push({
    kind: 'sync',
    request: {
      nodeId: draft.config.nodeId,
      pool: draft.config.pool,
      bootId: draft.config.bootId,
      seq: draft.seq,
      held: draft.attempts.filter((attempt) => !sent.has(attempt.facts.attemptId)).map(heldOf),
      ends,
      ...(draft.interruptionAtMs === null ? {} : { interruptionAtMs: draft.interruptionAtMs }),
    },
  });
}

/** Oldest first, within what the API takes in one body. */
function endsToSend(draft: Draft): AttemptEnd[] {
  const ends: AttemptEnd[] = [];
  let bytes = 0;
  for (const attempt of draft.attempts) {
    if (attempt.phase !== 'ended') continue;
    bytes += jsonBytes(attempt.end) + 1;
    if (ends.length > 0 && (ends.length >= endsPerSyncMax || bytes > endsBytesMax)) break;
    ends.push(attempt.end);
  }
  return ends;
}

function heldOf(attempt: AgentAttempt): HeldAttempt {
  const { attemptId } = attempt.facts;
  if (attempt.phase === 'running') return { attemptId, state: 'running', startedAtMs: attempt.startedAtMs };
  if (attempt.phase === 'uploading' || attempt.phase === 'ended') return { attemptId, state: 'running', startedAtMs: attempt.end.startedAtMs };
  return { attemptId, state: 'queued', startedAtMs: null, ...(attempt.phase === 'starting' && attempt.note !== undefined ? { note: attempt.note } : {}) };
}

function nextDeadline(draft: Draft): number | null {
  const deadlines: number[] = [];
  if (draft.sync !== null) deadlines.push(draft.sync.sentAtMs + draft.config.syncTimeoutMs);
  else if (draft.leaving === null) deadlines.push(draft.nextSyncAtMs);
  const fenceAtMs = draft.contact === null ? null : draft.contact.sentAtMs + draft.contact.fenceMs;
  for (const attempt of draft.attempts) {
    if (attempt.phase === 'uploading' && attempt.waitsForContact !== true) deadlines.push(attempt.giveUpAtMs);
    if (attempt.phase !== 'running') {
      if (fenceAtMs !== null && attempt.phase !== 'ended' && attempt.phase !== 'uploading') deadlines.push(fenceAtMs);
      continue;
    }
    if (attempt.stop === null) {
      if (fenceAtMs !== null) deadlines.push(fenceAtMs);
      if (attempt.timeoutAtMs !== null) deadlines.push(attempt.timeoutAtMs);
    } else if (attempt.stop.killAtMs !== null && !attempt.stop.isKilled) deadlines.push(attempt.stop.killAtMs);
  }
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}
