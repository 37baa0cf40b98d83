// The rules that time and level drive: after every event the same rules run, each from the state alone,
// so that no order of events can leave one of them out.
import { endsBytesMax, endsPerSyncMax } from '../../lib/core/plan/bounds.ts';
import { jsonBytes } from '../../lib/core/values/json-bytes.ts';
import { addResources, fits, noResources } from '../../lib/core/values/resources.ts';
import { agentProtocol } from '../../lib/core/records/sync.ts';
import type { AttemptEnd, AttemptOnNode, EndOutcome, SyncRequest } from '../../lib/core/records/sync.ts';
import { endForGood, endWithoutStoredOutput, replace, stop, storeOutput } from './draft.ts';
import type { StepBuilder } from './draft.ts';
import type { AgentAttempt, AgentEffect, Now, Remains } from './types.ts';

/** Before any contact no grace time is known; tasks that are found then are stopped with this one. */
const graceMsBeforeContact = 5_000;

/** Deadlines that passed while the agent was busy or frozen. Runs before an event is believed, too. */
export function settleTime(builder: StepBuilder, now: Now): void {
  if (builder.sync !== null && now.monotonicMs >= builder.sync.sentAtMs + builder.config.syncTimeoutMs)
    failSync(builder, now);
  if (isFenced(builder, now)) stopEverything(builder, { outcome: 'fenced', message: fencedMessage(builder) });
}

export function settle(builder: StepBuilder, now: Now): void {
  settleTime(builder, now);
  if (builder.leaving !== null) stopEverything(builder, { outcome: 'withdrawn', message: builder.leaving });
  for (const attempt of builder.attempts) enforceTimeout(builder, attempt, now);
  for (const attempt of builder.attempts) pursueStop(builder, attempt, now);
  for (const attempt of builder.attempts) endUploadWait(builder, attempt, now);
  if (builder.leaving === null && !isFenced(builder, now)) {
    refuseBehindRemains(builder, now);
    startQueued(builder);
  }
  if (builder.leaving === null && builder.sync === null && now.monotonicMs >= builder.nextSyncAtMs)
    sendSync(builder, now);
  if (builder.leaving !== null && !builder.attempts.some(hasProcess)) {
    builder.hasExited = true;
    builder.effects.push({ kind: 'exit', reason: builder.leaving });
    return;
  }
  const atMs = nextDeadline(builder);
  if (atMs !== null) builder.effects.push({ kind: 'schedule', atMs });
}

/**
 * Backoff with full jitter over its upper half; the controller may be restarting, so many agents
 * must not return at once.
 */
export function failSync(builder: StepBuilder, now: Now): void {
  const { backoffBaseMs, backoffMaxMs } = builder.config;
  const wait = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(builder.failedSyncs, 16));
  builder.sync = null;
  builder.failedSyncs += 1;
  builder.hasNews = true;
  builder.nextSyncAtMs = now.monotonicMs + wait * (0.5 + now.random / 2);
}

export function hasProcess(attempt: AgentAttempt): boolean {
  return attempt.phase === 'starting' || attempt.phase === 'running';
}

/** Too long without the controller, which will count these tasks as lost and run them elsewhere. */
export function isFenced(builder: Pick<StepBuilder, 'contact' | 'attempts'>, now: Now): boolean {
  if (builder.contact === null) return builder.attempts.some(hasProcess);
  return now.monotonicMs >= builder.contact.sentAtMs + builder.contact.fenceMs;
}

function fencedMessage(builder: StepBuilder): string {
  const time = builder.contact === null ? '' : ` for ${String(builder.contact.fenceMs / 1000)} s`;
  return `the agent had no contact to the controller${time} and stopped the task`;
}

function stopEverything(builder: StepBuilder, reason: Parameters<typeof stop>[2]): void {
  // Never started and not journaled: once it is no longer listed, the controller places it again.
  builder.attempts = builder.attempts.filter((attempt) => attempt.phase !== 'queued');
  for (const attempt of builder.attempts) stop(builder, attempt, reason);
}

function enforceTimeout(builder: StepBuilder, attempt: AgentAttempt, now: Now): void {
  if (attempt.phase !== 'running' || attempt.timeoutAtMs === null || now.monotonicMs < attempt.timeoutAtMs) return;
  stop(builder, attempt, {
    outcome: 'timeout',
    message: `the time limit of ${String((attempt.facts.timeoutMs ?? 0) / 1000)} s passed`,
  });
}

function pursueStop(builder: StepBuilder, attempt: AgentAttempt, now: Now): void {
  if (attempt.phase !== 'running' || attempt.stop === null) return;
  const { attemptId } = attempt.facts;
  const { killAtMs, outcome, message } = attempt.stop;
  if (killAtMs === null) {
    const defaultMs = builder.contact?.killGraceMs ?? graceMsBeforeContact;
    const isWithdrawn = outcome === 'withdrawn' && builder.leaving === null;
    const { graceMs = defaultMs, preStop } = isWithdrawn ? attempt.facts : {};
    const begun = preStop === undefined ? {} : { preStop: { said: 'had not ended by then', hasEnded: false } };
    replace(builder, { ...attempt, stop: { ...attempt.stop, killAtMs: now.monotonicMs + graceMs, ...begun } });
    // Journaled first, so that a restart in between reports why the task ended.
    builder.effects.push(
      { kind: 'journal', record: { kind: 'stop', attemptId, outcome, message }, isDurable: false },
      preStop === undefined ? termOf(attempt, outcome) : { kind: 'pre-stop', facts: attempt.facts, timeoutMs: graceMs },
    );
  } else if (now.monotonicMs >= Math.min(killAtMs, fencedKillAtMs(builder)) && !attempt.stop.isKilled) {
    replace(builder, { ...attempt, stop: { ...attempt.stop, isKilled: true } });
    builder.effects.push({ kind: 'signal', attemptId, signal: 'KILL' });
  }
}

/** What its time limit ends goes on nowhere: it need not save. */
function termOf({ facts: { attemptId, checkpoint } }: AgentAttempt, outcome: EndOutcome): AgentEffect {
  return { kind: 'signal', attemptId, signal: outcome === 'timeout' ? 'TERM' : (checkpoint?.signal ?? 'TERM') };
}

/** By then nothing runs any more, however long its own grace is: the controller counts it as lost. */
function fencedKillAtMs({ contact }: Pick<StepBuilder, 'contact'>): number {
  return contact === null ? Infinity : contact.sentAtMs + contact.fenceMs + contact.killGraceMs;
}

function endUploadWait(builder: StepBuilder, attempt: AgentAttempt, now: Now): void {
  if (attempt.phase !== 'uploading') return;
  if (attempt.waitsForContact === true) {
    if (builder.failedSyncs === 0) storeOutput(builder, attempt.facts, attempt.end, now);
    return;
  }
  if (now.monotonicMs < attempt.giveUpAtMs) return;
  endWithoutStoredOutput(
    builder,
    attempt,
    `its output could not be stored within ${String(builder.config.uploadWaitMs / 1000)} s`,
    now,
  );
}

/** The first of what other tenants' attempts have left that is not deleted yet. */
function remainsBefore({ remains }: Pick<StepBuilder, 'remains'>, { facts }: AgentAttempt): Remains | undefined {
  return facts.tenant === undefined ? undefined : remains.find((one) => one.tenant !== facts.tenant);
}

/** What cannot be deleted keeps other tenants from the node; its agent then says that it cannot work. */
function refuseBehindRemains(builder: StepBuilder, now: Now): void {
  for (const attempt of builder.attempts) {
    const first = attempt.phase === 'queued' ? remainsBefore(builder, attempt) : undefined;
    if (first === undefined || now.monotonicMs < first.sinceMs + builder.config.remainsWaitMs) continue;
    // The next one waits as long again: the controller may send the same task.
    const known = { ...first, isInTheWay: true as const, sinceMs: now.monotonicMs };
    builder.remains = builder.remains.map((one) => (one === first ? known : one));
    const { attemptId } = attempt.facts;
    const message = remainsText;
    const times = { startedAtMs: null, endedAtMs: now.wallMs };
    endForGood(builder, attempt.facts, { attemptId, outcome: 'refused', exitCode: null, message, ...times }, now);
  }
}

/** All tenants see it: it does not say whose, nor which attempt. The agent's log does. */
const remainsText =
  'what an earlier task has left on the node could not be deleted yet; no task of another tenant starts before it is';

/** In the order of arrival: a large task at the head is not starved by small ones behind it. */
function startQueued(builder: StepBuilder): void {
  for (const attempt of builder.attempts) {
    if (attempt.phase !== 'queued' || remainsBefore(builder, attempt)) continue;
    const busy = builder.attempts.filter(hasProcess);
    const used = busy.reduce((sum, one) => addResources(sum, one.facts.resources), noResources);
    if (
      busy.length >= builder.config.tasksMax
      || !fits(addResources(used, attempt.facts.resources), builder.config.allocatable)
    )
      return;
    const { facts, assigned } = attempt;
    replace(builder, { phase: 'starting', facts, stop: null });
    builder.effects.push(
      { kind: 'journal', record: { kind: 'start', facts }, isDurable: true },
      { kind: 'start', attempt: assigned },
    );
  }
}

function sendSync(builder: StepBuilder, now: Now): void {
  const isInTheWay = builder.remains.some((one) => one.isInTheWay === true);
  const trouble = builder.trouble ?? (isInTheWay ? remainsText : null);
  builder.seq += 1;
  builder.sync = { seq: builder.seq, sentAtMs: now.monotonicMs };
  const ends = endsToSend(builder);
  const sent = new Set(ends.map((end) => end.attemptId));
  // What does not fit goes with the next sync, right after the reply to this one; until then it is on the node.
  builder.hasNews = builder.attempts.some((attempt) => attempt.phase === 'ended' && !sent.has(attempt.facts.attemptId));
  builder.effects.push({
    kind: 'sync',
    request: {
      nodeId: builder.config.nodeId,
      pool: builder.config.pool,
      bootId: builder.config.bootId,
      seq: builder.seq,
      onNode: builder.attempts.filter((attempt) => !sent.has(attempt.facts.attemptId)).map(attemptOnNodeOf),
      ends,
      ...(builder.interruptionAtMs === null ? {} : { interruptionAtMs: builder.interruptionAtMs }),
      ...(builder.config.address === undefined ? {} : { address: builder.config.address }),
      ...(trouble === null ? {} : { trouble }),
      ...(builder.isListening ? { listens: true as const } : {}),
      protocol: agentProtocol,
      ...bootOf(builder),
    },
  });
}

/** With every sync: the controller keeps what it did not know, whichever sync was lost. */
function bootOf({ config: { boot }, firstTaskAtMs }: StepBuilder): Pick<SyncRequest, 'boot'> {
  if (boot === undefined) return {};
  return { boot: { ...boot, ...(firstTaskAtMs === null ? {} : { taskAtMs: firstTaskAtMs }) } };
}

/** Oldest first, within what the API takes in one body. */
function endsToSend(builder: StepBuilder): AttemptEnd[] {
  const ends: AttemptEnd[] = [];
  let bytes = 0;
  for (const attempt of builder.attempts) {
    if (attempt.phase !== 'ended') continue;
    bytes += jsonBytes(attempt.end) + 1;
    if (ends.length > 0 && (ends.length >= endsPerSyncMax || bytes > endsBytesMax)) break;
    ends.push(attempt.end);
  }
  return ends;
}

function attemptOnNodeOf(attempt: AgentAttempt): AttemptOnNode {
  const { attemptId } = attempt.facts;
  if (attempt.phase === 'running') {
    const { startedAtMs, ports, health, savedAtMs } = attempt;
    const serving = { ...(ports === undefined ? {} : { ports }), ...(health === undefined ? {} : { health }) };
    const saved = savedAtMs === undefined ? {} : { savedAtMs };
    return { attemptId, state: 'running', startedAtMs, ...serving, ...saved };
  }
  if (attempt.phase === 'uploading' || attempt.phase === 'ended')
    return { attemptId, state: 'running', startedAtMs: attempt.end.startedAtMs };
  return {
    attemptId,
    state: 'queued',
    startedAtMs: null,
    ...(attempt.phase === 'starting' && attempt.note !== undefined ? { note: attempt.note } : {}),
  };
}

function nextDeadline(builder: StepBuilder): number | null {
  const deadlines: number[] = [];
  if (builder.sync !== null) deadlines.push(builder.sync.sentAtMs + builder.config.syncTimeoutMs);
  else if (builder.leaving === null) deadlines.push(builder.nextSyncAtMs);
  const fenceAtMs = builder.contact === null ? null : builder.contact.sentAtMs + builder.contact.fenceMs;
  for (const attempt of builder.attempts) {
    const first = attempt.phase === 'queued' ? remainsBefore(builder, attempt) : undefined;
    if (first !== undefined) deadlines.push(first.sinceMs + builder.config.remainsWaitMs);
    if (attempt.phase === 'uploading' && attempt.waitsForContact !== true) deadlines.push(attempt.giveUpAtMs);
    if (attempt.phase !== 'running') {
      if (fenceAtMs !== null && attempt.phase !== 'ended' && attempt.phase !== 'uploading') deadlines.push(fenceAtMs);
      continue;
    }
    if (attempt.stop === null) {
      if (fenceAtMs !== null) deadlines.push(fenceAtMs);
      if (attempt.timeoutAtMs !== null) deadlines.push(attempt.timeoutAtMs);
    } else if (attempt.stop.killAtMs !== null && !attempt.stop.isKilled)
      deadlines.push(Math.min(attempt.stop.killAtMs, fencedKillAtMs(builder)));
  }
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}
