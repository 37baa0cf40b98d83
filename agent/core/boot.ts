// The start of an agent: the state is rebuilt from the journal and from what a restarted shell found of
// the processes. An attempt in the journal is never started again, whatever became of it.
import type { AttemptEnd } from '../../lib/core/records/sync.ts';
import { builderOf, endForGood, endOf, endWithOutput, stepOf } from './draft.ts';
import { settle } from './settle.ts';
import type {
  AgentAttempt,
  AgentConfig,
  AgentState,
  AttemptFacts,
  Contact,
  JournalRecord,
  Now,
  Remains,
  Step,
  Stop,
  Survivor,
} from './types.ts';

/**
 * `survivors`: one entry per attempt of {@link unfinishedIn}. `folders`: ids of the attempts of which files are there.
 * Those of attempts that are over are forgotten again: an earlier start of the agent had not deleted them to the end.
 */
export function boot(
  config: AgentConfig,
  journal: readonly JournalRecord[],
  survivors: ReadonlyMap<string, Survivor>,
  folders: readonly string[],
  now: Now,
): Step {
  const past = replay(journal);
  const left = folders.filter((id) => !past.open.has(id));
  const builder = builderOf({
    config,
    seq: 0,
    attempts: [],
    remembered: past.remembered.slice(-config.rememberedEnds),
    remains: remainsOf(left, past.tenants, now).slice(-config.rememberedEnds),
    contact: past.contact,
    sync: null,
    nextSyncAtMs: now.monotonicMs,
    hasNews: true,
    failedSyncs: 0,
    isDraining: false,
    leaving: null,
    hasExited: false,
    interruptionAtMs: null,
    isListening: false,
    trouble: null,
    firstTaskAtMs: null,
    controllerProtocol: null,
    outputBytesMax: 0,
  });
  for (const started of past.open.values()) {
    const attempt = revived(started, survivors.get(started.facts.attemptId), now);
    builder.attempts = [...builder.attempts, attempt];
    if (attempt.phase === 'uploading') endWithOutput(builder, attempt.facts, attempt.end, now);
    else if (attempt.phase === 'ended' && !started.isFinal) endForGood(builder, attempt.facts, attempt.end, now);
  }
  for (const attemptId of left) builder.effects.push({ kind: 'forget', attemptId });
  settle(builder, now);
  return stepOf(builder);
}

function remainsOf(ids: readonly string[], tenants: ReadonlyMap<string, string>, now: Now): readonly Remains[] {
  return ids.map((id) => ({ attemptId: id, tenant: tenants.get(id) ?? null, sinceMs: now.monotonicMs }));
}

/** Attempts whose processes a restarted shell has to look for. */
export function unfinishedIn(journal: readonly JournalRecord[]): readonly string[] {
  return [...replay(journal).open.values()].filter((one) => one.end === null).map((one) => one.facts.attemptId);
}

/** The shortest journal that rebuilds the same state: what the file is replaced with when it has grown. */
export function journalOf(state: AgentState): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  if (state.remembered.length > 0) records.push({ kind: 'remembered', ends: state.remembered });
  if (state.contact !== null) records.push({ kind: 'contact', contact: state.contact });
  for (const attempt of state.attempts) {
    if (attempt.phase === 'queued') continue;
    if (attempt.phase === 'uploading' || attempt.phase === 'ended') {
      records.push({ kind: 'end', facts: attempt.facts, end: attempt.end, isFinal: attempt.phase === 'ended' });
      continue;
    }
    records.push({ kind: 'start', facts: attempt.facts });
    if (attempt.stop !== null && attempt.stop.killAtMs !== null) {
      records.push({
        kind: 'stop',
        attemptId: attempt.facts.attemptId,
        outcome: attempt.stop.outcome,
        message: attempt.stop.message,
      });
    }
  }
  return records;
}

interface Started {
  readonly facts: AttemptFacts;
  stop: Pick<Stop, 'outcome' | 'message'> | null;
  end: AttemptEnd | null;
  isFinal: boolean;
}

interface Past {
  readonly open: Map<string, Started>;
  readonly remembered: AttemptEnd[];
  /** Of attempts that are over, as far as the journal has not been made shorter since. */
  readonly tenants: Map<string, string>;
  readonly contact: Contact | null;
}

function replay(journal: readonly JournalRecord[]): Past {
  const tenants = new Map<string, string>();
  const open = new Map<string, Started>();
  const remembered: AttemptEnd[] = [];
  let contact: Contact | null = null;
  for (const record of journal) {
    switch (record.kind) {
      case 'start':
        open.set(record.facts.attemptId, { facts: record.facts, stop: null, end: null, isFinal: false });
        break;
      case 'stop': {
        const started = open.get(record.attemptId);
        if (started) started.stop = { outcome: record.outcome, message: record.message };
        break;
      }
      case 'end': {
        const started = open.get(record.end.attemptId);
        const isFinal = record.isFinal === true;
        if (!started) open.set(record.end.attemptId, { facts: record.facts, stop: null, end: record.end, isFinal });
        else if (!started.isFinal) Object.assign(started, { end: record.end, isFinal });
        break;
      }
      case 'acknowledged':
        for (const id of record.attemptIds) {
          const { end, facts } = open.get(id) ?? {};
          if (end) remembered.push(end);
          if (facts?.tenant !== undefined) tenants.set(id, facts.tenant);
          open.delete(id);
        }
        break;
      case 'remembered':
        remembered.push(...record.ends);
        break;
      case 'contact':
        contact = record.contact;
        break;
    }
  }
  return { open, remembered, tenants, contact };
}

/** `uploading` stands for: ended, store its output (again), then report it. `ended`: report it. */
function revived(started: Started, survivor: Survivor | undefined, now: Now): AgentAttempt {
  const { facts, end } = started;
  const ended = (of: AttemptEnd): AgentAttempt => ({ phase: 'uploading', facts, end: of, giveUpAtMs: now.monotonicMs });
  if (end !== null) return started.isFinal ? { phase: 'ended', facts, end } : ended(end);
  const { attemptId } = facts;
  // It had been sent TERM, so its death is the stop's doing; a process still there is sent TERM again.
  const sent: Stop | null =
    started.stop === null ? null : { ...started.stop, killAtMs: now.monotonicMs, isKilled: true };
  if (survivor === undefined || survivor.kind === 'gone') {
    const message = survivor?.message ?? 'nothing is left of it after a restart of the agent';
    if (sent !== null) return ended(endOf(attemptId, sent, null, survivor?.startedAtMs ?? null, now.wallMs));
    const startedAtMs = survivor?.startedAtMs ?? null;
    const neverRan = survivor?.neverRan === true;
    const of: AttemptEnd = {
      attemptId,
      outcome: neverRan ? 'refused' : 'error',
      exitCode: null,
      message,
      startedAtMs,
      endedAtMs: now.wallMs,
    };
    return neverRan ? { phase: 'ended', facts, end: of } : ended(of);
  }
  if (survivor.kind === 'exited')
    return ended(endOf(attemptId, sent, survivor.exitCode, survivor.startedAtMs, survivor.endedAtMs, survivor));
  const ranMs = Math.max(0, now.wallMs - survivor.startedAtMs);
  const isTimed = facts.timeoutMs !== null && survivor.hasEnded === undefined;
  const timeoutAtMs = isTimed ? now.monotonicMs + Math.max(0, facts.timeoutMs - ranMs) : null;
  const stop: Stop | null = started.stop === null ? null : { ...started.stop, killAtMs: null, isKilled: false };
  const serving = survivor.ports === undefined ? {} : { ports: survivor.ports };
  return { phase: 'running', facts, startedAtMs: survivor.startedAtMs, timeoutAtMs, stop, ...serving };
}
