// One node of a back-test: the real agent's state machine, and a shell around it whose network and processes are
// virtual. Syncs that would change nothing are left out: as long as neither the node's document nor anything on the
// node changes, each of them would say and hear the same (parked-syncs.ts says which those are).
import { boot } from '../../../agent/core/boot.ts';
import { step } from '../../../agent/core/step.ts';
import { agentDefaults } from '../../../agent/core/types.ts';
import type { AgentEffect, AgentEvent, AgentState, Now, Step } from '../../../agent/core/types.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { AssignedAttempt, SyncReply, SyncRequest } from '../../core/records/sync.ts';
import type { Resources } from '../../core/values/resources.ts';
import { epochMs } from '../../simulator/kernel.ts';
import type { Kernel, Scheduled } from '../../simulator/kernel.ts';
import { drawAt } from './draws.ts';
import { ParkedSyncs, isWithoutEffect } from './parked-syncs.ts';
import type { Pace } from './parked-syncs.ts';

export interface StoredNode {
  readonly version: number;
  readonly record: NodeRecord;
}

export interface AgentWorld {
  readonly kernel: Kernel;
  readonly seed: number;
  readonly pace: Pace;
  readonly taskStartMs: number;
  readonly uploadMs: number;
  /** false: every sync is made, also those without effect. */
  readonly leavesOutSyncs: boolean;
  readonly documentOf: (pool: string, nodeId: string) => StoredNode | null;
  /** The controller's answer; null where it refuses the sync. `random` is what it draws for the pause. */
  readonly sync: (request: SyncRequest, random: number) => Promise<SyncReply | null>;
  readonly durationMsOf: (attempt: AssignedAttempt) => number;
  readonly onStarted: (node: NodeAgent, attempt: AssignedAttempt) => void;
  readonly onEnded: (node: NodeAgent, attemptId: string, isComplete: boolean) => void;
}

/** So often a task that can saves by itself. What it did since then it does again, also when it was asked to save. */
export const savesEveryMs = 60_000;

export class NodeAgent {
  readonly id: string;
  readonly pool: string;
  readonly #world: AgentWorld;
  readonly #running = new Map<string, Scheduled>();
  #state: AgentState | null;
  #timer: Scheduled | null = null;
  #parked: ParkedSyncs | null = null;
  /** The version of the document that the last sync left behind, if that sync wrote nothing. */
  #quiet: StoredNode | null = null;
  #lastReply: SyncReply | null = null;

  constructor(id: string, pool: string, allocatable: Resources, tasksMax: number, world: AgentWorld) {
    this.id = id;
    this.pool = pool;
    this.#world = world;
    const config = {
      ...agentDefaults,
      nodeId: id,
      pool,
      bootId: `${String(epochMs + Math.floor(world.kernel.nowMs)).padStart(15, '0')}-1`,
      allocatable,
      tasksMax,
    };
    this.#state = null;
    this.#apply(boot(config, [], new Map(), [], this.#now(0)));
  }

  get isOn(): boolean {
    return this.#state !== null;
  }

  /** EC2 said when it takes the instance. */
  interrupt(reclaimAtMs: number): void {
    this.#tell({ kind: 'interruption', atMs: Math.floor(reclaimAtMs) });
  }

  /** A tick has written something for it. Nobody hears a bell that was not opened. */
  ring(): void {
    if (this.#state?.isListening === true) this.#tell({ kind: 'bell' });
  }

  /** Nothing runs there any more. */
  powerOff(): void {
    if (this.#state === null) return;
    this.#unpark();
    this.#state = null;
    if (this.#timer) this.#timer.cancelled = true;
    for (const [attemptId, end] of this.#running) {
      end.cancelled = true;
      this.#world.onEnded(this, attemptId, false);
    }
    this.#running.clear();
  }

  /** Somebody wrote the node's document: the next sync has an effect. */
  documentChanged(): void {
    this.#unpark();
  }

  #tell(event: AgentEvent): void {
    this.#unpark();
    if (this.#state === null || this.#state.hasExited) return;
    this.#apply(step(this.#state, event, this.#now(this.#state.seq)));
  }

  #apply(next: Step): void {
    this.#state = next.state;
    for (const effect of next.effects) this.#do(effect);
  }

  #do(effect: AgentEffect): void {
    switch (effect.kind) {
      case 'start':
        this.#later(this.#world.taskStartMs, () => this.#start(effect.attempt));
        return;
      case 'signal':
        this.#exit(effect.attemptId, effect.signal === 'KILL' ? 137 : 143);
        return;
      case 'pre-stop':
        // Traces have no services: nothing is to be done before a stop.
        this.#later(0, () => this.#tell({ kind: 'pre-stopped', attemptId: effect.facts.attemptId, said: 'not run' }));
        return;
      case 'upload':
        this.#later(this.#world.uploadMs, () => this.#tell({ kind: 'uploaded', attemptId: effect.facts.attemptId }));
        return;
      case 'sync':
        this.#later(this.#world.pace.networkMs, () => this.#deliver(effect.request));
        return;
      case 'schedule':
        this.#schedule(effect.atMs);
        return;
      case 'listen':
        this.#later(this.#world.pace.networkMs, () => this.#tell({ kind: 'listening', isListening: true }));
        return;
      // It stays with its machine, which nobody restarts here.
      case 'journal':
      case 'abandon':
      case 'forget':
      case 'exit':
        return;
    }
  }

  #later(ms: number, run: () => void): void {
    this.#world.kernel.after(ms, () => {
      if (this.isOn) run();
    });
  }

  #schedule(atMs: number): void {
    if (this.#timer) this.#timer.cancelled = true;
    this.#timer = this.#world.kernel.at(atMs, () => this.#tell({ kind: 'timer' }));
  }

  #deliver(request: SyncRequest): void {
    const { kernel, sync, pace, seed } = this.#world;
    const before = this.#world.documentOf(this.pool, this.id);
    const answered = (reply: SyncReply | null): void => {
      const after = this.#world.documentOf(this.pool, this.id);
      this.#quiet = after !== null && after.version === before?.version && reply !== null ? after : null;
      this.#later(pace.networkMs, () => this.#answered(request.seq, reply));
    };
    sync(request, drawAt(seed, this.id, request.seq)).then(answered, (error: unknown) => kernel.fail(error));
  }

  #answered(seq: number, reply: SyncReply | null): void {
    if (reply === null) return this.#tell({ kind: 'sync-failed', seq });
    this.#lastReply = reply;
    this.#tell({ kind: 'sync-reply', seq, reply });
    this.#park();
  }

  /** The next syncs are left out where they would have no effect. */
  #park(): void {
    const { leavesOutSyncs, pace, kernel, seed } = this.#world;
    const [state, reply, quiet] = [this.#state, this.#lastReply, this.#quiet];
    if (!leavesOutSyncs || state === null || reply === null || quiet === null) return;
    if (this.#world.documentOf(this.pool, this.id)?.version !== quiet.version) return;
    if (!isWithoutEffect(state, quiet.record, pace)) return;
    const parked = new ParkedSyncs(state, quiet.record, reply, pace, (seq, who) =>
      drawAt(seed, who === 'agent' ? `agent ${this.id}` : this.id, seq),
    );
    if (parked.leftOut === 0) return;
    this.#parked = parked;
    if (this.#timer) this.#timer.cancelled = true;
    this.#timer = kernel.at(parked.goOnAtMs, () => this.#tell({ kind: 'timer' }));
  }

  #unpark(): void {
    const parked = this.#parked;
    if (parked === null) return;
    this.#parked = null;
    const { state, request, reply } = parked.at(this.#world.kernel.nowMs);
    this.#state = state;
    if (request) this.#world.kernel.at(request.atMs, () => this.isOn && this.#deliver(request.sync));
    if (reply)
      this.#world.kernel.at(reply.atMs, () => {
        if (this.isOn) this.#answered(reply.seq, reply.reply);
      });
    const deadlineMs = state.sync === null ? state.nextSyncAtMs : state.sync.sentAtMs + state.config.syncTimeoutMs;
    this.#schedule(deadlineMs);
  }

  #start(attempt: AssignedAttempt): void {
    const { kernel, durationMsOf, onStarted } = this.#world;
    const { attemptId } = attempt;
    this.#running.set(
      attemptId,
      kernel.after(durationMsOf(attempt), () => this.#exit(attemptId, 0)),
    );
    onStarted(this, attempt);
    this.#tell({ kind: 'process-started', attemptId });
    if (attempt.checkpoint !== undefined) this.#saveLater(attemptId, savesEveryMs);
  }

  #saveLater(attemptId: string, everyMs: number): void {
    this.#later(everyMs, () => {
      if (!this.#running.has(attemptId)) return;
      const atMs = Math.floor(epochMs + this.#world.kernel.nowMs);
      this.#tell({ kind: 'saved', attemptId, atMs, isAsked: false });
      this.#saveLater(attemptId, everyMs);
    });
  }

  #exit(attemptId: string, exitCode: number): void {
    const end = this.#running.get(attemptId);
    if (end === undefined) return;
    end.cancelled = true;
    this.#running.delete(attemptId);
    this.#world.onEnded(this, attemptId, exitCode === 0);
    this.#tell({ kind: 'process-ended', attemptId, exitCode });
  }

  #now(seq: number): Now {
    const { nowMs } = this.#world.kernel;
    return {
      monotonicMs: nowMs,
      wallMs: Math.floor(epochMs + nowMs),
      random: drawAt(this.#world.seed, `agent ${this.id}`, seq),
    };
  }
}
