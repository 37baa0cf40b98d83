// The agent as a pure state machine: `boot` rebuilds it from the journal, `step` takes one event and
// answers with the next state and what the shell has to do. No clock, randomness or I/O in here.
import { fits } from '../../lib/core/values/resources.ts';
import type { Health } from '../../lib/core/services/serving.ts';
import type { AssignedAttempt, AttemptEnd, SyncReply } from '../../lib/core/records/sync.ts';
import {
  attemptOf,
  builderOf,
  endForGood,
  endOf,
  endWithOutput,
  endWithoutStoredOutput,
  messageLengthMax,
  noteNews,
  replace,
  stepOf,
  stop,
} from './draft.ts';
import type { StepBuilder } from './draft.ts';
import { failSync, hasProcess, settle, settleTime } from './settle.ts';
import type { AgentEvent, AgentState, AttemptFacts, Now, Step } from './types.ts';

export function step(state: AgentState, event: AgentEvent, now: Now): Step {
  if (state.hasExited) return { state, effects: [] };
  const builder = builderOf(state);
  // First what time has decided: a reply that waited in a frozen process must not undo a fence.
  settleTime(builder, now);
  apply(builder, event, now);
  settle(builder, now);
  return stepOf(builder);
}

function apply(builder: StepBuilder, event: AgentEvent, now: Now): void {
  switch (event.kind) {
    case 'timer':
      return;
    case 'sync-reply':
      // Timed out or of an earlier sync: what it says may be older than what we know.
      if (builder.sync?.seq === event.seq) applyReply(builder, event.reply, builder.sync.sentAtMs, now);
      return;
    case 'sync-failed':
      if (builder.sync?.seq !== event.seq) return;
      // Of a version before this one, back after a deployment that was taken back.
      if (event.isRefused === true) builder.controllerProtocol = 0;
      return failSync(builder, now);
    case 'process-started':
      return processStarted(builder, event, now);
    case 'health':
      return healthChanged(builder, event.attemptId, event.health, now);
    case 'saved':
      return saved(builder, event, now);
    case 'progress':
      return progressed(builder, event.attemptId, event.note, now);
    case 'start-failed':
      return startFailed(builder, event.attemptId, event.message, now);
    case 'pre-stopped':
      return preStopped(builder, event.attemptId, event.said);
    case 'keeping': {
      const attempt = attemptOf(builder, event.attemptId);
      if (attempt?.phase === 'running') replace(builder, { ...attempt, timeoutAtMs: null });
      return;
    }
    case 'process-ended':
      return processEnded(builder, event, now);
    case 'uploaded':
      return uploaded(builder, event, now);
    case 'upload-failed': {
      const attempt = attemptOf(builder, event.attemptId);
      if (attempt?.phase !== 'uploading') return;
      // One that began in an outage may fail after its end, when the next one is under way: that one counts.
      if (attempt.giveUpAtMs === event.giveUpAtMs) endWithoutStoredOutput(builder, attempt, event.message, now);
      return;
    }
    case 'forgotten':
      builder.remains = builder.remains.filter((one) => one.attemptId !== event.attemptId);
      return;
    case 'interruption':
      builder.interruptionAtMs = event.atMs;
      return noteNews(builder, now);
    case 'trouble':
      if (builder.trouble === event.trouble) return;
      builder.trouble = event.trouble;
      return noteNews(builder, now);
    case 'bell':
      return rung(builder, now);
    case 'listening':
      // Whoever is no longer called at once calls more often: the controller has to know.
      if (builder.isListening && !event.isListening) noteNews(builder, now);
      builder.isListening = event.isListening;
      return;
    case 'shutdown':
      builder.leaving ??= event.reason;
      return;
  }
}

/**
 * Sync now, or right after the sync that is under way: what the ring is about may have been written after it was
 * answered. A bell that does not stop ringing makes no more syncs than news does.
 */
function rung(builder: StepBuilder, now: Now): void {
  builder.hasNews = true;
  if (builder.failedSyncs > 0) return;
  const lastSentAtMs = builder.contact?.sentAtMs ?? -Infinity;
  const atMs = Math.max(now.monotonicMs, lastSentAtMs + builder.config.coalesceMs);
  builder.nextSyncAtMs = Math.min(builder.nextSyncAtMs, atMs);
}

function processStarted(
  builder: StepBuilder,
  { attemptId, ports }: Extract<AgentEvent, { kind: 'process-started' }>,
  now: Now,
): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'starting') return;
  const { facts } = attempt;
  builder.firstTaskAtMs ??= now.wallMs;
  const timeoutAtMs = facts.timeoutMs === null ? null : now.monotonicMs + facts.timeoutMs;
  const serving = ports === undefined ? {} : { ports };
  replace(builder, { phase: 'running', facts, startedAtMs: now.wallMs, timeoutAtMs, stop: attempt.stop, ...serving });
  noteNews(builder, now);
}

function healthChanged(builder: StepBuilder, attemptId: string, { isHealthy, message }: Health, now: Now): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'running') return;
  const why = message === undefined ? {} : { message: message.slice(0, messageLengthMax) };
  replace(builder, { ...attempt, health: { isHealthy, ...why } });
  noteNews(builder, now);
}

/** What has saved because it is being stopped has nothing left to do here. */
function saved(
  builder: StepBuilder,
  { attemptId, atMs, isAsked }: Extract<AgentEvent, { kind: 'saved' }>,
  now: Now,
): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'running') return;
  const { stop } = attempt;
  // Told with the next sync: a task may save often.
  replace(builder, { ...attempt, savedAtMs: atMs });
  if (!isAsked || stop === null || stop.killAtMs === null || stop.isKilled || stop.outcome === 'timeout') return;
  const killAtMs = Math.min(stop.killAtMs, now.monotonicMs);
  replace(builder, { ...attempt, savedAtMs: atMs, stop: { ...stop, killAtMs, isSaved: true } });
}

function uploaded(
  builder: StepBuilder,
  { attemptId, output }: Extract<AgentEvent, { kind: 'uploaded' }>,
  now: Now,
): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'uploading') return;
  endForGood(builder, attempt.facts, { ...attempt.end, ...(output === undefined ? {} : { output }) }, now);
}

function preStopped(builder: StepBuilder, attemptId: string, said: string): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'running' || attempt.stop?.preStop?.hasEnded !== false) return;
  const preStop = { said: said.slice(0, preStopLengthMax), hasEnded: true };
  replace(builder, { ...attempt, stop: { ...attempt.stop, preStop } });
  if (!attempt.stop.isKilled) builder.effects.push({ kind: 'signal', attemptId, signal: 'TERM' });
}

/** It becomes a part of a reason. */
const preStopLengthMax = 200;

function progressed(builder: StepBuilder, attemptId: string, note: string, now: Now): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'starting' || attempt.note === note) return;
  replace(builder, { ...attempt, note: note.slice(0, messageLengthMax) });
  noteNews(builder, now);
}

function startFailed(builder: StepBuilder, attemptId: string, failure: string, now: Now): void {
  const attempt = attemptOf(builder, attemptId);
  if (attempt?.phase !== 'starting') return;
  // Abandoned for a reason: that is what the controller acts on.
  const { outcome, message } = attempt.stop ?? { outcome: 'error', message: failure };
  const end: AttemptEnd = {
    attemptId,
    outcome,
    exitCode: null,
    message: message.slice(0, messageLengthMax),
    startedAtMs: null,
    endedAtMs: now.wallMs,
  };
  endForGood(builder, attempt.facts, end, now);
}

function processEnded(builder: StepBuilder, event: Extract<AgentEvent, { kind: 'process-ended' }>, now: Now): void {
  const attempt = attemptOf(builder, event.attemptId);
  if (attempt?.phase !== 'running') return;
  const end = endOf(attempt.facts.attemptId, attempt.stop, event.exitCode, attempt.startedAtMs, now.wallMs, {
    ...event,
    message: event.message?.slice(0, messageLengthMax),
  });
  endWithOutput(builder, attempt.facts, end, now);
}

function applyReply(builder: StepBuilder, reply: SyncReply, sentAtMs: number, now: Now): void {
  builder.sync = null;
  builder.failedSyncs = 0;
  builder.contact = { sentAtMs, fenceMs: reply.fenceMs, killGraceMs: reply.killGraceMs };
  builder.isDraining = reply.directive === 'drain';
  builder.nextSyncAtMs =
    now.monotonicMs + (builder.hasNews ? builder.config.coalesceMs : reply.nextSyncMs * (0.9 + now.random / 5));
  builder.controllerProtocol = reply.protocol ?? 0;
  builder.outputBytesMax = reply.outputBytesMax ?? 0;
  acknowledge(builder, new Set(reply.acknowledged), now);
  if (reply.bell !== undefined) builder.effects.push({ kind: 'listen', address: reply.bell });
  if (reply.directive === 'leave') {
    builder.leaving ??= 'the controller does not know this node any more';
    return;
  }
  const assigned = new Set(reply.assigned);
  for (const attempt of builder.attempts) {
    if (!assigned.has(attempt.facts.attemptId))
      stop(builder, attempt, { outcome: 'withdrawn', message: 'the controller withdrew the task' });
  }
  builder.attempts = builder.attempts.filter(
    (attempt) => attempt.phase !== 'queued' || assigned.has(attempt.facts.attemptId),
  );
  for (const attempt of reply.start) if (assigned.has(attempt.attemptId)) accept(builder, attempt, now);
  // A restart counts its fence from here. Idle agents have nothing to fence and write nothing.
  if (builder.attempts.some((attempt) => attempt.phase === 'queued' || hasProcess(attempt))) {
    builder.effects.push({ kind: 'journal', record: { kind: 'contact', contact: builder.contact }, isDurable: false });
  }
}

function acknowledge(builder: StepBuilder, acknowledged: ReadonlySet<string>, now: Now): void {
  const done = builder.attempts.flatMap((attempt) =>
    attempt.phase === 'ended' && acknowledged.has(attempt.facts.attemptId) ? [attempt.end] : [],
  );
  if (done.length === 0) return;
  const ids = new Set(done.map((end) => end.attemptId));
  const remains = builder.attempts.flatMap(({ facts: { attemptId, tenant } }) =>
    ids.has(attemptId) ? [{ attemptId, tenant: tenant ?? null, sinceMs: now.monotonicMs }] : [],
  );
  builder.remains = [...builder.remains, ...remains].slice(-builder.config.rememberedEnds);
  // What they wrote is stored: a thousand remembered ends need not carry it.
  const remembered = done.map(({ output: _stored, ...end }): AttemptEnd => end);
  builder.attempts = builder.attempts.filter((attempt) => !ids.has(attempt.facts.attemptId));
  builder.remembered = [...builder.remembered, ...remembered].slice(-builder.config.rememberedEnds);
  builder.effects.push({ kind: 'journal', record: { kind: 'acknowledged', attemptIds: [...ids] }, isDurable: false });
  for (const attemptId of ids) builder.effects.push({ kind: 'forget', attemptId });
}

function accept(builder: StepBuilder, assigned: AssignedAttempt, now: Now): void {
  const { attemptId, resources, timeoutMs, graceMs, checkpoint, outputUrl, health, preStop, tenant } = assigned;
  const grace = { ...(graceMs === undefined ? {} : { graceMs }), ...(checkpoint === undefined ? {} : { checkpoint }) };
  const checked = { ...(health === undefined ? {} : { health }), ...(preStop === undefined ? {} : { preStop }) };
  const owned = tenant === undefined ? {} : { tenant };
  const facts: AttemptFacts = { attemptId, resources, timeoutMs, ...owned, ...grace, outputUrl, ...checked };
  if (attemptOf(builder, attemptId) !== undefined) return;
  const remembered = builder.remembered.find((end) => end.attemptId === attemptId);
  if (remembered !== undefined) {
    // It ran here and ended. Running it again would be the one thing an agent must never do: say the end again.
    builder.remembered = builder.remembered.filter((end) => end.attemptId !== attemptId);
    builder.attempts = [...builder.attempts, { phase: 'ended', facts, end: remembered }];
    return endForGood(builder, facts, remembered, now);
  }
  builder.attempts = [...builder.attempts, { phase: 'queued', facts, assigned }];
  const objection = objectionTo(builder, facts);
  if (objection === null) return;
  const end: AttemptEnd = {
    attemptId,
    outcome: 'refused',
    exitCode: null,
    message: objection,
    startedAtMs: null,
    endedAtMs: now.wallMs,
  };
  endForGood(builder, facts, end, now);
}

function objectionTo(builder: StepBuilder, facts: AttemptFacts): string | null {
  const { allocatable, tasksMax, queueMax } = builder.config;
  const { cpuMilli, memoryMib, gpu } = facts.resources;
  if (!fits(facts.resources, allocatable) || tasksMax < 1) {
    return (
      `it needs ${String(cpuMilli)} mCPU, ${String(memoryMib)} MiB and ${String(gpu)} GPU, but the node offers `
      + `${String(allocatable.cpuMilli)} mCPU, ${String(allocatable.memoryMib)} MiB and ${String(allocatable.gpu)} `
      + `GPU for ${String(tasksMax)} tasks`
    );
  }
  const queued = builder.attempts.filter((attempt) => attempt.phase === 'queued').length;
  return queued > queueMax + tasksMax ? `the node's queue of ${String(queueMax)} is full` : null;
}
