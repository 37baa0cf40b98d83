// One simulated node: the real agent's state machine, and a shell around it whose disk, processes and network
// are simulated. Agents die, hang, restart from their journal and lose their connection; processes go on meanwhile.
import { boot, unfinishedIn } from '../../../agent/core/boot.ts';
import { step } from '../../../agent/core/step.ts';
import { agentDefaults } from '../../../agent/core/types.ts';
import type {
  AgentConfig,
  AgentEffect,
  AgentEvent,
  AgentState,
  JournalRecord,
  Step,
  Survivor,
} from '../../../agent/core/types.ts';
import type { SmallOutput } from '../../core/values/output.ts';
import type { Resources } from '../../core/values/resources.ts';
import type { AssignedAttempt, SyncReply, SyncRequest } from '../../core/records/sync.ts';
import { epochMs } from '../kernel.ts';
import type { Kernel, Scheduled } from '../kernel.ts';
import type { CheckpointSignal } from '../../core/records/request.ts';
import type { OpenPort } from '../../core/services/serving.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import { behaviourOf } from '../applications/workload.ts';

/** The truth about one process that ran for an attempt. */
export interface ProcessRun {
  readonly attemptId: string;
  readonly nodeId: string;
  readonly resources: Resources;
  readonly startedAtMs: number;
  endedAtMs: number | null;
  /** What the process left behind; null while it runs, and when its machine went away under it. */
  exitCode: number | null;
  /** By itself, by a signal of its agent, or with its machine. */
  endedBy: 'itself' | 'signal' | 'machine' | null;
}

export interface MachineWorld {
  readonly kernel: Kernel;
  readonly trace: Trace;
  /** Sends over the network; the outcome comes back through the callbacks, or never. */
  readonly send: (
    machine: Machine,
    request: SyncRequest,
    onReply: (reply: SyncReply) => void,
    onFailed: () => void,
  ) => void;
  readonly onStarted: (machine: Machine, run: ProcessRun) => void;
  readonly onEnded: (machine: Machine, run: ProcessRun) => void;
  readonly onExit: (machine: Machine, reason: string) => void;
  /** How often a process of this task has already exited with 1. */
  readonly failuresSoFar: (attempt: AssignedAttempt) => number;
}

interface Running {
  readonly run: ProcessRun;
  /** It saves when it is asked, and runs on. */
  readonly saves: boolean;
  readonly end: Scheduled;
}

/** What a process wrote, of the same length for each attempt. */
function outputOf(attemptId: string): SmallOutput {
  return { stdout: `${attemptId} is done\n`, stderr: '', truncated: false };
}

export class Machine {
  readonly id: string;
  readonly pool: string;
  readonly allocatable: Resources;
  readonly #world: MachineWorld;
  readonly #stream: Stream;
  readonly #tasksMax: number;
  readonly #processes = new Map<string, Running>();
  /** Left by processes that ended while no agent watched, or not yet read by it. */
  readonly #exits = new Map<string, ProcessRun>();
  /** What these left is being deleted. */
  readonly #remains = new Set<string>();
  readonly #ports = new Map<string, readonly OpenPort[]>();
  #journal: JournalRecord[] = [];
  #state: AgentState | null = null;
  #timer: Scheduled | null = null;
  #boots = 0;
  #listens = false;
  #isOn = true;
  #hungUntilMs = 0;
  #waiting: AgentEvent[] = [];
  partitionedUntilMs = 0;
  /** How often it was switched off or on again. */
  powers = 0;
  /** True time at which the last answered sync was sent; what a fence counts from. */
  lastContactMs: number | null = null;
  fenceMs = Infinity;
  killGraceMs = 0;
  /** An agent that was down when its fence ran out stops what it finds when it is back: until then this takes. */
  stoppingUntilMs = 0;

  constructor(id: string, pool: string, allocatable: Resources, tasksMax: number, world: MachineWorld, stream: Stream) {
    this.id = id;
    this.pool = pool;
    this.allocatable = allocatable;
    this.#tasksMax = tasksMax;
    this.#world = world;
    this.#stream = stream;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** An agent that is there and not frozen: it keeps its promises, among them the fence. */
  get isSupervised(): boolean {
    return (
      this.#isOn && this.#state !== null && !this.#state.hasExited && this.#hungUntilMs <= this.#world.kernel.nowMs
    );
  }

  get isAgentUp(): boolean {
    return this.#isOn && this.#state !== null && !this.#state.hasExited;
  }

  get running(): readonly ProcessRun[] {
    return [...this.#processes.values()].map((one) => one.run);
  }

  /** Attempts that are over and whose files are not deleted yet, also those that an earlier start of the agent left. */
  get remains(): ReadonlySet<string> {
    return this.#remains;
  }

  get state(): AgentState | null {
    return this.#state;
  }

  /** The agent starts: after the boot of the machine, or again after its death. */
  startAgent(): void {
    if (!this.#isOn || this.isAgentUp) return;
    const { kernel } = this.#world;
    this.#boots += 1;
    const config: AgentConfig = {
      ...agentDefaults,
      nodeId: this.id,
      pool: this.pool,
      bootId: `${String(epochMs + Math.floor(kernel.nowMs)).padStart(15, '0')}-${String(this.#boots)}`,
      allocatable: this.allocatable,
      tasksMax: this.#tasksMax,
      boot: { agentAtMs: epochMs + Math.floor(kernel.nowMs) },
      address: `ip-${this.id}`,
    };
    const survivors = new Map<string, Survivor>();
    for (const attemptId of unfinishedIn(this.#journal)) survivors.set(attemptId, this.#survivor(attemptId));
    this.#log(`agent starts${this.#boots > 1 ? ` again, finds ${String(this.#processes.size)} processes` : ''}`);
    this.#hungUntilMs = 0;
    this.#waiting = [];
    this.#listens = false;
    this.#apply(boot(config, this.#journal, survivors, [...this.#remains], this.#now()));
  }

  /** The agent's process dies; the tasks' processes and the journal stay. */
  killAgent(): void {
    if (!this.isAgentUp) return;
    this.#log('agent DIES');
    this.#state = null;
    this.#timer = null;
    this.#waiting = [];
  }

  hang(untilMs: number): void {
    if (!this.isAgentUp) return;
    this.#log(`agent HANGS for ${((untilMs - this.#world.kernel.nowMs) / 1000).toFixed(0)} s`);
    this.#hungUntilMs = untilMs;
    this.#world.kernel.at(untilMs, () => this.#thaw());
  }

  interrupt(reclaimAtMs: number): void {
    this.tell({ kind: 'interruption', atMs: epochMs + Math.floor(reclaimAtMs) });
  }

  /** A ring that reaches the machine; an agent that does not wait does not hear it. */
  ring(): void {
    if (this.#listens) this.tell({ kind: 'bell' });
  }

  /** EC2 has ended the machine: nothing on it runs or speaks any more. */
  powerOff(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.powers += 1;
    // What was under way ends with it, as with a start of the agent.
    this.#boots += 1;
    this.#state = null;
    this.#listens = false;
    this.#log(`machine is off${this.#processes.size > 0 ? `, with ${String(this.#processes.size)} processes` : ''}`);
    for (const { run, end } of this.#processes.values()) {
      end.cancelled = true;
      this.#ended(run, null, 'machine');
    }
    this.#processes.clear();
  }

  /** EC2 has started it again: its disk is as it was. Answers how often it was switched on or off. */
  powerOn(): number {
    if (!this.#isOn) {
      this.#isOn = true;
      this.powers += 1;
      this.#listens = false;
      this.#log('machine is on again');
    }
    return this.powers;
  }

  get stream(): Stream {
    return this.#stream;
  }

  tell(event: AgentEvent): void {
    if (!this.isAgentUp || this.#state === null) return;
    if (this.#hungUntilMs > this.#world.kernel.nowMs) {
      if (event.kind !== 'timer') this.#waiting.push(event);
      return;
    }
    this.#apply(step(this.#state, event, this.#now()));
  }

  #thaw(): void {
    if (!this.isAgentUp || this.#hungUntilMs > this.#world.kernel.nowMs) return;
    this.#log('agent goes on');
    const waiting = this.#waiting;
    this.#waiting = [];
    // Timers and events wake it in any order.
    const timerFirst = this.#stream.chance(0.5);
    if (timerFirst) this.tell({ kind: 'timer' });
    for (const event of waiting) this.tell(event);
    if (!timerFirst) this.tell({ kind: 'timer' });
  }

  #apply(next: Step): void {
    this.#state = next.state;
    for (const effect of next.effects) this.#do(effect);
  }

  #forget(attemptId: string): void {
    const boots = this.#boots;
    this.#exits.delete(attemptId);
    this.#remains.add(attemptId);
    this.#world.kernel.after(this.#stream.between(1, 400), () => {
      if (boots !== this.#boots) return;
      this.#remains.delete(attemptId);
      this.tell({ kind: 'forgotten', attemptId });
    });
  }

  #do(effect: AgentEffect): void {
    const { kernel } = this.#world;
    const boots = this.#boots;
    const later = (delayMs: number, event: AgentEvent): void => {
      kernel.after(delayMs, () => {
        if (boots === this.#boots) this.tell(event);
      });
    };
    switch (effect.kind) {
      case 'journal':
        this.#journal.push(effect.record);
        return;
      case 'start':
        this.#start(effect.attempt);
        later(this.#stream.between(1, 20), {
          kind: 'process-started',
          attemptId: effect.attempt.attemptId,
          ...this.#portsOf(effect.attempt),
        });
        return;
      case 'signal':
        this.#signal(effect.attemptId, effect.signal);
        return;
      case 'pre-stop': {
        const afterMs = this.#stream.between(1, 2 * effect.timeoutMs);
        later(afterMs, { kind: 'pre-stopped', attemptId: effect.facts.attemptId, said: 'ended with 0' });
        return;
      }
      case 'abandon':
        return; // starts take milliseconds here: it is always too late
      case 'upload':
        later(this.#stream.between(5, 300), {
          kind: 'uploaded',
          attemptId: effect.facts.attemptId,
          ...(effect.inEndBytesMax > 0 ? { output: outputOf(effect.facts.attemptId) } : {}),
        });
        return;
      case 'forget':
        this.#forget(effect.attemptId);
        return;
      case 'sync':
        this.#sync(effect.request);
        return;
      case 'listen':
        this.#listens = true;
        later(this.#stream.between(1, 100), { kind: 'listening', isListening: true });
        return;
      case 'schedule': {
        if (this.#timer) this.#timer.cancelled = true;
        this.#timer = kernel.at(effect.atMs, () => {
          if (boots === this.#boots) this.tell({ kind: 'timer' });
        });
        return;
      }
      case 'exit':
        this.#log(`agent exits: ${effect.reason}`);
        this.#world.onExit(this, effect.reason);
        return;
    }
  }

  /** Each attempt that serves has a port of its own; what restarts has it still (see #survivor). */
  #portsOf({ attemptId, ports }: Pick<AssignedAttempt, 'attemptId' | 'ports'>) {
    if (ports === undefined) return {};
    const first = 30_000 + this.#ports.size * ports.length;
    const open = this.#ports.get(attemptId) ?? ports.map(({ name }, n) => ({ name, port: first + n }));
    this.#ports.set(attemptId, open);
    return { ports: open };
  }

  #sync(request: SyncRequest): void {
    const { kernel } = this.#world;
    const boots = this.#boots;
    const sentAtMs = kernel.nowMs;
    const isOurs = (): boolean => this.#isOn && boots === this.#boots;
    this.#world.send(
      this,
      request,
      (reply) => {
        if (!isOurs()) return;
        // Only what the agent accepts moves its fence: a reply that came too late does not.
        if (this.isAgentUp && this.#state?.sync?.seq === request.seq && this.#hungUntilMs <= kernel.nowMs) {
          if (this.lastContactMs !== null && sentAtMs >= this.lastContactMs + this.fenceMs)
            this.stoppingUntilMs = kernel.nowMs + this.killGraceMs + 1_000;
          this.lastContactMs = sentAtMs;
          this.fenceMs = reply.fenceMs;
          this.killGraceMs = reply.killGraceMs;
        }
        this.tell({ kind: 'sync-reply', seq: request.seq, reply });
      },
      () => {
        if (isOurs()) this.tell({ kind: 'sync-failed', seq: request.seq });
      },
    );
  }

  #start(attempt: AssignedAttempt): void {
    const { kernel } = this.#world;
    const { durationMs, failures } = behaviourOf(attempt.run);
    const run: ProcessRun = {
      attemptId: attempt.attemptId,
      nodeId: this.id,
      resources: attempt.resources,
      startedAtMs: kernel.nowMs,
      endedAtMs: null,
      exitCode: null,
      endedBy: null,
    };
    const end = kernel.after(durationMs * this.#stream.between(0.8, 1.2), () => {
      this.#exit(run, this.#world.failuresSoFar(attempt) < failures ? 1 : 0, 'itself');
    });
    this.#processes.set(attempt.attemptId, { run, end, saves: attempt.checkpoint !== undefined });
    this.#log(`runs ${attempt.attemptId}`);
    this.#world.onStarted(this, run);
  }

  #signal(attemptId: string, signal: CheckpointSignal | 'KILL'): void {
    const running = this.#processes.get(attemptId);
    if (running === undefined) return;
    // Some programs do not hear TERM; KILL is never missed.
    if (signal !== 'KILL' && this.#stream.chance(0.3)) return;
    if (signal !== 'KILL' && running.saves) {
      this.#world.kernel.after(this.#stream.between(10, 30_000), () => {
        const atMs = this.#wallOf(this.#world.kernel.nowMs);
        if (this.#processes.get(attemptId) === running) this.tell({ kind: 'saved', attemptId, atMs, isAsked: true });
      });
      return;
    }
    running.end.cancelled = true;
    const delayMs = signal === 'KILL' ? this.#stream.between(0, 50) : this.#stream.between(10, 3_000);
    this.#world.kernel.after(delayMs, () => {
      if (this.#processes.get(attemptId) === running) this.#exit(running.run, signal === 'KILL' ? 137 : 143, 'signal');
    });
  }

  #exit(run: ProcessRun, exitCode: number, by: 'itself' | 'signal'): void {
    this.#processes.delete(run.attemptId);
    this.#exits.set(run.attemptId, run);
    this.#log(`${run.attemptId} exits with ${String(exitCode)}${by === 'signal' ? ' by a signal' : ''}`);
    this.#ended(run, exitCode, by);
    this.tell({ kind: 'process-ended', attemptId: run.attemptId, exitCode });
  }

  #ended(run: ProcessRun, exitCode: number | null, by: ProcessRun['endedBy']): void {
    run.endedAtMs = this.#world.kernel.nowMs;
    run.exitCode = exitCode;
    run.endedBy = by;
    this.#world.onEnded(this, run);
  }

  #survivor(attemptId: string): Survivor {
    const running = this.#processes.get(attemptId);
    const ports = this.#ports.get(attemptId);
    const serving = ports === undefined ? {} : { ports };
    if (running) return { kind: 'running', startedAtMs: this.#wallOf(running.run.startedAtMs), ...serving };
    const exited = this.#exits.get(attemptId);
    if (exited !== undefined && exited.exitCode !== null && exited.endedAtMs !== null) {
      return {
        kind: 'exited',
        exitCode: exited.exitCode,
        startedAtMs: this.#wallOf(exited.startedAtMs),
        endedAtMs: this.#wallOf(exited.endedAtMs),
      };
    }
    return { kind: 'gone', message: 'no process and no exit code were found', startedAtMs: null };
  }

  #now(): { monotonicMs: number; wallMs: number; random: number } {
    const { nowMs } = this.#world.kernel;
    return { monotonicMs: nowMs, wallMs: this.#wallOf(nowMs), random: this.#stream.next() };
  }

  #wallOf(atMs: number): number {
    return Math.floor(epochMs + atMs);
  }

  #log(text: string): void {
    this.#world.trace.write(this.#world.kernel.nowMs, this.id, text);
  }
}
