// The agent as a pure state machine: `boot` rebuilds it from the journal, `step` takes one event and
// answers with the next state and what the shell has to do. No clock, randomness or I/O in here.
import { fits } from '../../lib/core/values/resources.ts';
import type { AssignedAttempt, AttemptEnd, SyncReply } from '../../lib/core/records/sync.ts';
import {
  attemptOf, draftOf, endForGood, endOf, endWithOutput, endWithoutStoredOutput, messageLengthMax, noteNews, replace, stepOf, stop,
} from './draft.ts';
import type { Draft } from './draft.ts';
import { failSync, hasProcess, settle, settleTime } from './settle.ts';
import type { AgentEvent, AgentState, AttemptFacts, Now, Step } from './types.ts';

export function step(state: AgentState, event: AgentEvent, now: Now): Step {
  if (state.hasExited) return { state, effects: [] };
  const draft = draftOf(state);
  // First what time has decided: a reply that waited in a frozen process must not undo a fence.
  settleTime(draft, now);
  apply(draft, event, now);
  settle(draft, now);
  return stepOf(draft);
}

function apply(draft: Draft, event: AgentEvent, now: Now): void {
  switch (event.kind) {
    case 'timer':
      return;
    case 'sync-reply':
      // Timed out or of an earlier sync: what it says may be older than what we know.
      if (draft.sync?.seq === event.seq) applyReply(draft, event.reply, draft.sync.sentAtMs, now);
      return;
    case 'sync-failed':
      if (draft.sync?.seq === event.seq) failSync(draft, now);
      return;
    case 'process-started':
      return processStarted(draft, event.attemptId, now);
    case 'progress': {
      const attempt = attemptOf(draft, event.attemptId);
      if (attempt?.phase !== 'starting' || attempt.note === event.note) return;
      replace(draft, { ...attempt, note: event.note.slice(0, messageLengthMax) });
      return noteNews(draft, now);
    }
    case 'start-failed': {
      const attempt = attemptOf(draft, event.attemptId);
      if (attempt?.phase !== 'starting') return;
      const { attemptId } = attempt.facts;
      // Abandoned for a reason: that is what the controller acts on.
      const { outcome, message } = attempt.stop ?? { outcome: 'error', message: event.message };
      const end: AttemptEnd = { attemptId, outcome, exitCode: null, message: message.slice(0, messageLengthMax), startedAtMs: null, endedAtMs: now.wallMs };
      return endForGood(draft, attempt.facts, end, now);
    }
    case 'process-ended': {
      const attempt = attemptOf(draft, event.attemptId);
      if (attempt?.phase !== 'running') return;
      const end = endOf(attempt.facts.attemptId, attempt.stop, event.exitCode, attempt.startedAtMs, now.wallMs, event.message?.slice(0, messageLengthMax));
      return endWithOutput(draft, attempt.facts, end, now);
    }
    case 'uploaded': {
      const attempt = attemptOf(draft, event.attemptId);
      if (attempt?.phase === 'uploading') endForGood(draft, attempt.facts, attempt.end, now);
      return;
    }
    case 'upload-failed': {
      const attempt = attemptOf(draft, event.attemptId);
      if (attempt?.phase === 'uploading') endWithoutStoredOutput(draft, attempt, event.message, now);
      return;
    }
    case 'interruption':
      draft.interruptionAtMs = event.atMs;
      return noteNews(draft, now);
    case 'shutdown':
      draft.leaving ??= event.reason;
      return;
  }
}

function processStarted(draft: Draft, attemptId: string, now: Now): void {
  const attempt = attemptOf(draft, attemptId);
  if (attempt?.phase !== 'starting') return;
  const { facts } = attempt;
  const timeoutAtMs = facts.timeoutMs === null ? null : now.monotonicMs + facts.timeoutMs;
  replace(draft, { phase: 'running', facts, startedAtMs: now.wallMs, timeoutAtMs, stop: attempt.stop });
  noteNews(draft, now);
}

function applyReply(draft: Draft, reply: SyncReply, sentAtMs: number, now: Now): void {
  draft.sync = null;
  draft.failedSyncs = 0;
  draft.contact = { sentAtMs, fenceMs: reply.fenceMs, killGraceMs: reply.killGraceMs };
  draft.isDraining = reply.directive === 'drain';
  draft.nextSyncAtMs = now.monotonicMs + (draft.hasNews ? draft.config.coalesceMs : reply.nextSyncMs * (0.9 + now.random / 5));
  acknowledge(draft, new Set(reply.acknowledged));
  if (reply.directive === 'leave') {
    draft.leaving ??= 'the controller does not know this node any more';
    return;
  }
  const assigned = new Set(reply.assigned);
  for (const attempt of draft.attempts) {
    if (!assigned.has(attempt.facts.attemptId)) stop(draft, attempt, { outcome: 'withdrawn', message: 'the controller withdrew the task' });
  }
  draft.attempts = draft.attempts.filter((attempt) => attempt.phase !== 'queued' || assigned.has(attempt.facts.attemptId));
  for (const attempt of reply.start) if (assigned.has(attempt.attemptId)) accept(draft, attempt, now);
  // A restart counts its fence from here. Idle agents have nothing to fence and write nothing.
  if (draft.attempts.some((attempt) => attempt.phase === 'queued' || hasProcess(attempt))) {
    draft.effects.push({ kind: 'journal', record: { kind: 'contact', contact: draft.contact }, isDurable: false });
  }
}

function acknowledge(draft: Draft, acknowledged: ReadonlySet<string>): void {
  const done = draft.attempts.flatMap((attempt) => (attempt.phase === 'ended' && acknowledged.has(attempt.facts.attemptId) ? [attempt.end] : []));
  if (done.length === 0) return;
  const ids = new Set(done.map((end) => end.attemptId));
  draft.attempts = draft.attempts.filter((attempt) => !ids.has(attempt.facts.attemptId));
  draft.remembered = [...draft.remembered, ...done].slice(-draft.config.rememberedEnds);
  draft.effects.push({ kind: 'journal', record: { kind: 'acknowledged', attemptIds: [...ids] }, isDurable: false });
  for (const attemptId of ids) draft.effects.push({ kind: 'forget', attemptId });
}

function accept(draft: Draft, assigned: AssignedAttempt, now: Now): void {
  const { attemptId, resources, timeoutMs, outputUrl } = assigned;
  const facts: AttemptFacts = { attemptId, resources, timeoutMs, outputUrl };
  if (attemptOf(draft, attemptId) !== undefined) return;
  const remembered = draft.remembered.find((end) => end.attemptId === attemptId);
  if (remembered !== undefined) {
    // It ran here and ended. Running it again would be the one thing an agent must never do: say the end again.
    draft.remembered = draft.remembered.filter((end) => end.attemptId !== attemptId);
    draft.attempts = [...draft.attempts, { phase: 'ended', facts, end: remembered }];
    return endForGood(draft, facts, remembered, now);
  }
  draft.attempts = [...draft.attempts, { phase: 'queued', facts, assigned }];
  const objection = objectionTo(draft, facts);
  if (objection === null) return;
  const end: AttemptEnd = {
    attemptId, outcome: 'refused', exitCode: null, message: objection, startedAtMs: null, endedAtMs: now.wallMs,
  };
  endForGood(draft, facts, end, now);
}

function objectionTo(draft: Draft, facts: AttemptFacts): string | null {
  const { allocatable, tasksMax, queueMax } = draft.config;
  const { cpuMilli, memoryMib, gpu } = facts.resources;
  if (!fits(facts.resources, allocatable) || tasksMax < 1) {
    return `it needs ${String(cpuMilli)} mCPU, ${String(memoryMib)} MiB and ${String(gpu)} GPU, but the node offers ` +
      `${String(allocatable.cpuMilli)} mCPU, ${String(allocatable.memoryMib)} MiB and ${String(allocatable.gpu)} GPU for ${String(tasksMax)} tasks`;
  }
  const queued = draft.attempts.filter((attempt) => attempt.phase === 'queued').length;
  return queued > queueMax + tasksMax ? `the node's queue of ${String(queueMax)} is full` : null;
}
