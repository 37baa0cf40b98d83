// What an agent and the controller tell each other. One sync: the agent says what it holds and what ended;
// the reply is the whole list of what it shall hold, the ends now stored, and when to call next.
import type { SecretRef } from '../access/secrets.ts';
import type { Health, HealthCheck, OpenPort, PortSpec } from '../services/serving.ts';
import type { SmallOutput } from '../values/output.ts';
import type { NodeBoot, NodeUsage } from './node.ts';
import type { CheckpointSignal, TaskCommand } from './request.ts';
import type { Resources } from '../values/resources.ts';

/** An agent waits at most this long for a ring of its bell, and then asks again. */
export const ringWaitMs = 20_000;

/**
 * Raised when agents may send what a controller of before would refuse; a reply says it. An agent that was refused
 * sends no more than is known since 0, until a reply says that the controller knows more. What replies have more of,
 * agents skip.
 * - 1: `boot`, the digests of images, and the memory of GPUs.
 * - 2: agents say their own `protocol`; since then they give tasks with an image roles, logins for it, and GPUs.
 */
export const agentProtocol = 2;

export interface SyncRequest {
  readonly nodeId: string;
  /** The pool that the node belongs to (from its user data): its document is kept there. */
  readonly pool: string;
  /** Of this start of the agent process; a newer boot sorts after an older one (starts with the time, fixed width). */
  readonly bootId: string;
  /** Raised by one with every sync of this boot. One sync is under way at a time; late replies are thrown away. */
  readonly seq: number;
  /** Everything that the agent holds and that has not ended. */
  readonly onNode: readonly AttemptOnNode[];
  /** Ends that no reply has acknowledged yet. */
  readonly ends: readonly AttemptEnd[];
  /** A two-minutes' notice that the agent saw itself: when EC2 will take the node. */
  readonly interruptionAtMs?: number;
  /** Why this node cannot work (its disk is full); absent: it can. */
  readonly trouble?: string;
  /** Where others reach what its tasks serve; absent: nobody knows. */
  readonly address?: string;
  /** It waits at its bell, so that it hears at once of what a tick has written for it. Absent: it does not. */
  readonly listens?: true;
  /** {@link agentProtocol} of this agent; absent: of before 2. */
  readonly protocol?: number;
  /** How its node has started; of an agent that does not know: absent. */
  readonly boot?: NodeBoot;
}

export interface AttemptOnNode {
  readonly attemptId: string;
  readonly state: 'queued' | 'running';
  readonly startedAtMs: number | null;
  /** Of one whose start takes long: how far it is, e.g. that its image is being fetched. */
  readonly note?: string;
  /** Where it serves; absent: it does not. */
  readonly ports?: readonly OpenPort[];
  /** Absent: there is no verdict, or nothing is checked. */
  readonly health?: Health;
  /** Of one that is measured; absent: nothing is known yet. */
  readonly usage?: NodeUsage;
  /** Of the image that it runs: its manifest, `sha256:…`; absent: it runs none, or the engine does not say. */
  readonly imageDigest?: string;
  /** When it last said that its work is saved; absent: it did not. */
  readonly savedAtMs?: number;
}

export type EndOutcome =
  | 'exited'
  /** The task's time limit passed; it was killed. */
  | 'timeout'
  /** The controller withdrew it, and it was stopped. */
  | 'withdrawn'
  /** The agent stopped it because it had not reached the controller for the fence time. */
  | 'fenced'
  /** It could not be started, or the agent lost sight of it (message says why). */
  | 'error'
  /** The agent did not run it: it does not fit the node, or the agent died over the start. */
  | 'refused';

/** What an attempt used up to its end. null: its machine could not tell. */
export interface AttemptUsage {
  readonly memoryPeakMib: number | null;
  readonly cpuMs: number | null;
  /** To disks, whatever became of it in the page cache. */
  readonly writtenBytes: number | null;
  /** Of all its GPUs together, looked at every 5 seconds; absent: it had none, or their driver could not tell. */
  readonly gpuMemoryPeakMib?: number;
  /**
   * `cgroup`: the kernel counted for all of it. `processes`: sums over its processes; its memory was looked at twice
   * a second, so a shorter peak is missed.
   */
  readonly by: 'cgroup' | 'processes';
}

export interface AttemptEnd {
  readonly attemptId: string;
  readonly outcome: EndOutcome;
  /** null unless it exited; a death by signal N is 128 + N. */
  readonly exitCode: number | null;
  readonly message: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number;
  /** The kernel ended it, because it needed more memory than it had. */
  readonly isOutOfMemory?: true;
  /** It was asked to save before it was stopped, and said that it has. */
  readonly isSaved?: true;
  /** What became of its preStop command, e.g. `ended with 0`; absent: it has none, or it was not run. */
  readonly preStop?: string;
  /** What it used; absent: it did not run, or nothing is known. */
  readonly usage?: AttemptUsage;
  /** As of one that runs. */
  readonly imageDigest?: string;
  /** All that it wrote, if that is little; absent: it is where outputs are kept, or there is none. */
  readonly output?: SmallOutput;
}

export interface AssignedAttempt {
  readonly attemptId: string;
  readonly requestId: string;
  readonly index: number;
  /** How many tasks its array has; absent: this controller does not say. */
  readonly count?: number;
  /** Of its request; absent: it has none. */
  readonly name?: string;
  /** Whose it is, where its node serves one tenant at a time; absent: it may start beside what others have left. */
  readonly tenant?: string;
  readonly attempt: number;
  readonly resources: Resources;
  readonly run: TaskCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number | null;
  /** TERM to KILL where it is withdrawn; absent: killGraceMs. */
  readonly graceMs?: number;
  /** It is asked to save before it is stopped; absent: it is not. */
  readonly checkpoint?: { readonly signal: CheckpointSignal };
  readonly outputUrl: string;
  /** To be found or opened before it starts; absent: none. */
  readonly ports?: readonly PortSpec[];
  readonly health?: HealthCheck;
  /** Run beside its process before this gets TERM, where it is withdrawn. */
  readonly preStop?: { readonly argv: readonly string[] };
  /** The agent tells what it uses. */
  readonly isMeasured?: true;
  /** Of the secrets that the agent asks for when it starts the attempt; absent: none. */
  readonly secrets?: readonly Pick<SecretRef, 'name' | 'as'>[];
  /** The agent hands it credentials of its role while it runs; absent: it has none. */
  readonly hasRole?: true;
  /** It asks for a login of the registry of its image before it fetches that; absent: it has none. */
  readonly hasImageLogin?: true;
  /** It asks for its inputs when it starts the attempt; absent: there are none. */
  readonly hasInputs?: true;
  /** Patterns of the files that the agent keeps when it has ended; absent: none. */
  readonly artifacts?: readonly string[];
  /** So much of each stream is kept whole when it has ended; absent: head and tail are, as always. */
  readonly keepOutputMib?: number;
  /** Volumes that are attached to the node: mounted before it starts, and unmounted before its end is reported. */
  readonly mounts?: readonly AttemptMount[];
}

/** Never kept by anybody: it only passes through, to a process. */
export interface GivenSecret extends Pick<SecretRef, 'name' | 'as'> {
  readonly value: string;
}

export interface AttemptMount {
  readonly volumeId: string;
  /** As in the call of EC2, e.g. `/dev/sdf`. */
  readonly device: string;
  readonly path: string;
}

export interface SyncReply {
  /**
   * `ok`: go on. `drain`: no more will come; finish what you hold. `leave`: this node is not (or no longer)
   * known or its instance is being terminated: kill what is left and stop.
   */
  readonly directive: 'ok' | 'drain' | 'leave';
  /** Ids of all attempts that the agent shall hold. What it holds beyond that it must stop. */
  readonly assigned: readonly string[];
  /** The full description of those assigned attempts that the sync did not list as held or ended. */
  readonly start: readonly AssignedAttempt[];
  /** Ends that are stored now (also those of stale attempts, which changed nothing): forget them. */
  readonly acknowledged: readonly string[];
  readonly nextSyncMs: number;
  /** Outputs up to so many bytes of JSON may come with their ends; absent: none may. */
  readonly outputBytesMax?: number;
  /** {@link agentProtocol} of this controller; absent: 0. */
  readonly protocol?: number;
  /** Where the agent may wait for its bell; a path is one of the controller. Absent: as an earlier reply said. */
  readonly bell?: string;
  /**
   * Without a successful sync for this long (monotonic, counted from the sending of the last successful one)
   * the agent kills its tasks.
   */
  readonly fenceMs: number;
  readonly killGraceMs: number;
}
