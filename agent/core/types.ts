// The agent's own state, and its inputs and commands: plain data, so that the real shell and
// the fault simulator drive the very same logic.
import type { Resources } from '../../lib/core/values/resources.ts';
import type { NodeBoot } from '../../lib/core/records/node.ts';
import type { Health, OpenPort } from '../../lib/core/services/serving.ts';
import type { CheckpointSignal } from '../../lib/core/records/request.ts';
import type { SmallOutput } from '../../lib/core/values/output.ts';
import type {
  AssignedAttempt,
  AttemptEnd,
  AttemptUsage,
  EndOutcome,
  SyncReply,
  SyncRequest,
} from '../../lib/core/records/sync.ts';

export interface AgentConfig {
  readonly nodeId: string;
  readonly pool: string;
  /** Of this start of the process; sorts after those of earlier starts (fixed-width time first). */
  readonly bootId: string;
  readonly allocatable: Resources;
  /** Most tasks that run at once. */
  readonly tasksMax: number;
  /** Most attempts that wait for room; what comes beyond is refused. */
  readonly queueMax: number;
  /** A sync without an answer for this long counts as failed; a later answer to it is thrown away. */
  readonly syncTimeoutMs: number;
  /** News that come this close together share one sync. */
  readonly coalesceMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** An end waits at most this long for its output to be stored. */
  readonly uploadWaitMs: number;
  /** An attempt waits so long for what another tenant's has left, then it is refused. */
  readonly remainsWaitMs: number;
  /** Ends remembered after their acknowledgement, so that what was run is never run again. */
  readonly rememberedEnds: number;
  /** Where others reach what its tasks serve. */
  readonly address?: string;
  /** How the node has started; absent: nobody tells. */
  readonly boot?: Omit<NodeBoot, 'taskAtMs'>;
}

export const agentDefaults = {
  queueMax: 64,
  syncTimeoutMs: 5_000,
  coalesceMs: 50,
  backoffBaseMs: 250,
  backoffMaxMs: 5_000,
  uploadWaitMs: 5_000,
  remainsWaitMs: 60_000,
  rememberedEnds: 1_000,
} as const satisfies Partial<AgentConfig>;

/** What a step knows of the world: both clocks, and one random number in [0, 1) for jitter. */
export interface Now {
  /** Since the boot of the machine: comparable across restarts of the agent. */
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly random: number;
}

/** Why and how an attempt is being stopped. */
export interface Stop {
  readonly outcome: EndOutcome;
  readonly message: string;
  /** null: TERM (or what it is asked to save by) was not sent yet. Otherwise when KILL follows (monotonic). */
  readonly killAtMs: number | null;
  readonly isKilled: boolean;
  /** What became of its preStop command so far; TERM follows its end. Absent: none is run. */
  readonly preStop?: { readonly said: string; readonly hasEnded: boolean };
  /** It has saved since TERM (or what it is asked by) was sent. */
  readonly isSaved?: true;
}

/** The part of an assignment that outlives its start; the command and its environment are not kept. */
export type AttemptFacts = Pick<
  AssignedAttempt,
  'attemptId' | 'resources' | 'timeoutMs' | 'graceMs' | 'checkpoint' | 'outputUrl' | 'health' | 'preStop' | 'tenant'
>;

/** What an attempt that ended has left on the node, while it is being deleted. */
export interface Remains {
  readonly attemptId: string;
  /** null: not known. Then it is another's for every tenant. */
  readonly tenant: string | null;
  /** Monotonic. */
  readonly sinceMs: number;
  /** An attempt of another tenant was refused for it. */
  readonly isInTheWay?: true;
}

/**
 * queued -> starting -> running -> uploading -> ended -> (acknowledged: remembered, no longer on the node).
 * queued -> (withdrawn or fenced: dropped, it never ran). starting -> ended when it could not be started.
 */
export type AgentAttempt =
  | { readonly phase: 'queued'; readonly facts: AttemptFacts; readonly assigned: AssignedAttempt }
  | { readonly phase: 'starting'; readonly facts: AttemptFacts; readonly stop: Stop | null; readonly note?: string }
  | {
      readonly phase: 'running';
      readonly facts: AttemptFacts;
      readonly startedAtMs: number;
      readonly timeoutAtMs: number | null;
      readonly stop: Stop | null;
      readonly ports?: readonly OpenPort[];
      readonly health?: Health;
      /** When it last said that its work is saved; absent: it did not. */
      readonly savedAtMs?: number;
    }
  /**
   * `waitsForContact`: it could not be stored, nor can the end be reported now; both are tried when
   * the controller answers.
   */
  | {
      readonly phase: 'uploading';
      readonly facts: AttemptFacts;
      readonly end: AttemptEnd;
      readonly giveUpAtMs: number;
      readonly waitsForContact?: boolean;
    }
  | { readonly phase: 'ended'; readonly facts: AttemptFacts; readonly end: AttemptEnd };

/** The last successful sync: from its sending on counts the fence. */
export interface Contact {
  readonly sentAtMs: number;
  readonly fenceMs: number;
  readonly killGraceMs: number;
}

export interface AgentState {
  readonly config: AgentConfig;
  readonly seq: number;
  /** In the order of arrival, which is the order of starting. */
  readonly attempts: readonly AgentAttempt[];
  /** Acknowledged ends, oldest first. */
  readonly remembered: readonly AttemptEnd[];
  /** Oldest first. No attempt of another tenant starts before they are gone. */
  readonly remains: readonly Remains[];
  readonly contact: Contact | null;
  /** The one sync that may be under way. */
  readonly sync: { readonly seq: number; readonly sentAtMs: number } | null;
  readonly nextSyncAtMs: number;
  /** Something happened that the controller does not know. */
  readonly hasNews: boolean;
  readonly failedSyncs: number;
  readonly isDraining: boolean;
  /** Set by `leave` or a shutdown: everything is stopped, then the agent exits. */
  readonly leaving: string | null;
  readonly hasExited: boolean;
  readonly interruptionAtMs: number | null;
  /** It waits at its bell. */
  readonly isListening: boolean;
  /** Why the node cannot work; null: it can. */
  readonly trouble: string | null;
  /** When the first task's process was there; null: not yet. */
  readonly firstTaskAtMs: number | null;
  /** What the controller understands, as its last answer tells; null: it has not answered. */
  readonly controllerProtocol: number | null;
  /** Outputs up to so many bytes of JSON may go with their ends, as the last reply said. */
  readonly outputBytesMax: number;
}

/** One line of the journal. A restart is rebuilt from these and from what the processes left behind. */
export type JournalRecord =
  | { readonly kind: 'start'; readonly facts: AttemptFacts }
  | { readonly kind: 'stop'; readonly attemptId: string; readonly outcome: EndOutcome; readonly message: string }
  /** `isFinal`: the end is or will be reported just as it is here. Otherwise its output is still being stored. */
  | {
      readonly kind: 'end';
      readonly facts: AttemptFacts;
      readonly end: AttemptEnd;
      readonly isFinal?: boolean | undefined;
    }
  | { readonly kind: 'acknowledged'; readonly attemptIds: readonly string[] }
  | { readonly kind: 'remembered'; readonly ends: readonly AttemptEnd[] }
  | { readonly kind: 'contact'; readonly contact: Contact };

/** What a restarted shell found of an attempt that the journal says was started. */
export type Survivor =
  /** `hasEnded`: its process has; what it leaves is being kept, which is none of its time. */
  | {
      readonly kind: 'running';
      readonly startedAtMs: number;
      readonly ports?: readonly OpenPort[];
      readonly hasEnded?: true;
    }
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly message?: string;
      readonly usage?: AttemptUsage;
      readonly imageDigest?: string;
      readonly isOutOfMemory?: true;
      readonly startedAtMs: number | null;
      readonly endedAtMs: number;
    }
  /** `neverRan`: that much is certain, so it is no failure of the task. */
  | { readonly kind: 'gone'; readonly message: string; readonly startedAtMs: number | null; readonly neverRan?: true };

export type AgentEvent =
  | { readonly kind: 'process-started'; readonly attemptId: string; readonly ports?: readonly OpenPort[] }
  /** The verdict about one that serves has changed. */
  | { readonly kind: 'health'; readonly attemptId: string; readonly health: Health }
  /** It says that its work is saved; `isAsked`: after it was asked for that. */
  | { readonly kind: 'saved'; readonly attemptId: string; readonly atMs: number; readonly isAsked: boolean }
  /** A start that takes long says how far it is. */
  | { readonly kind: 'progress'; readonly attemptId: string; readonly note: string }
  | { readonly kind: 'start-failed'; readonly attemptId: string; readonly message: string }
  /** Its preStop command has ended, or was not run: `said` is what became of it, e.g. `ended with 0`. */
  | { readonly kind: 'pre-stopped'; readonly attemptId: string; readonly said: string }
  /** Its process has ended by itself; what it leaves is being kept, which is none of its time. */
  | { readonly kind: 'keeping'; readonly attemptId: string }
  /** `exitCode` null: the process is gone and left no exit code. `message`: what is known of why it ended so. */
  | {
      readonly kind: 'process-ended';
      readonly attemptId: string;
      readonly exitCode: number | null;
      readonly message?: string;
      readonly usage?: AttemptUsage;
      readonly imageDigest?: string;
      readonly isOutOfMemory?: true;
    }
  /** `output`: it was not sent anywhere, and goes with the end. */
  | { readonly kind: 'uploaded'; readonly attemptId: string; readonly output?: SmallOutput }
  /** What the attempt left is deleted. */
  | { readonly kind: 'forgotten'; readonly attemptId: string }
  /** For good: trying again would not help. `giveUpAtMs`: of the effect that it answers. */
  | {
      readonly kind: 'upload-failed';
      readonly attemptId: string;
      readonly message: string;
      readonly giveUpAtMs: number;
    }
  | { readonly kind: 'sync-reply'; readonly seq: number; readonly reply: SyncReply }
  /** `isRefused`: the controller was there, and did not understand it. */
  | { readonly kind: 'sync-failed'; readonly seq: number; readonly isRefused?: true }
  | { readonly kind: 'interruption'; readonly atMs: number }
  /** What keeps the node from working has changed; null: nothing does. */
  | { readonly kind: 'trouble'; readonly trouble: string | null }
  /** Somebody rang the node's bell: the controller has something for it, or had. */
  | { readonly kind: 'bell' }
  | { readonly kind: 'listening'; readonly isListening: boolean }
  | { readonly kind: 'shutdown'; readonly reason: string }
  | { readonly kind: 'timer' };

/** What the shell does, in this order, before it steps again. */
export type AgentEffect =
  /**
   * `isDurable`: on the disk before the next effect. If it fails the agent must stop dead: a start
   * would be unrecorded.
   */
  | { readonly kind: 'journal'; readonly record: JournalRecord; readonly isDurable: boolean }
  /** Answered by `process-started` or `start-failed`. */
  | { readonly kind: 'start'; readonly attempt: AssignedAttempt }
  | { readonly kind: 'signal'; readonly attemptId: string; readonly signal: CheckpointSignal | 'KILL' }
  /** Run its preStop command, for so long at most; answered by `pre-stopped`. */
  | { readonly kind: 'pre-stop'; readonly facts: AttemptFacts; readonly timeoutMs: number }
  /**
   * Of an attempt that is being started: it need not be. Answered by `start-failed`, or
   * `process-started` if it is too late.
   */
  | { readonly kind: 'abandon'; readonly attemptId: string }
  /**
   * Store the output; answered by `uploaded` or `upload-failed`. Worth retrying until `giveUpAtMs` (monotonic). One
   * of at most `inEndBytesMax` bytes of JSON comes with the answer instead.
   */
  | {
      readonly kind: 'upload';
      readonly facts: AttemptFacts;
      readonly giveUpAtMs: number;
      readonly inEndBytesMax: number;
    }
  /** The end is acknowledged: nothing of the attempt is needed any more. Answered by `forgotten`. */
  | { readonly kind: 'forget'; readonly attemptId: string }
  /** What was journaled before is on the disk before ends are sent: once reported, they stay as they were reported. */
  | { readonly kind: 'sync'; readonly request: SyncRequest }
  /** Wait at this bell; answered by `listening`, and by `bell` at each ring. */
  | { readonly kind: 'listen'; readonly address: string }
  /** Step with `timer` at this time (monotonic); replaces the earlier wish. */
  | { readonly kind: 'schedule'; readonly atMs: number }
  | { readonly kind: 'exit'; readonly reason: string };

export interface Step {
  readonly state: AgentState;
  readonly effects: readonly AgentEffect[];
}
