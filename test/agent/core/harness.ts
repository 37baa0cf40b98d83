// Builds steps for tests of the agent's core: a clock that is moved by hand and short ways to say things.
import { boot } from '../../../agent/core/boot.ts';
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
import type { AssignedAttempt, SyncReply, SyncRequest } from '../../../lib/core/records/sync.ts';

export const config: AgentConfig = {
  ...agentDefaults,
  nodeId: 'i-1',
  pool: 'default',
  bootId: '1',
  allocatable: { cpuMilli: 4_000, memoryMib: 4_096, gpu: 0 },
  tasksMax: 4,
};

export function task(attemptId: string, over: Partial<AssignedAttempt> = {}): AssignedAttempt {
  return {
    attemptId,
    requestId: attemptId,
    index: 0,
    attempt: 1,
    resources: { cpuMilli: 1_000, memoryMib: 512, gpu: 0 },
    run: { kind: 'command', argv: ['true'] },
    env: {},
    timeoutMs: null,
    outputUrl: `/out/${attemptId}`,
    ...over,
  };
}

export function reply(over: Partial<SyncReply> = {}): SyncReply {
  return {
    directive: 'ok',
    assigned: [],
    start: [],
    acknowledged: [],
    nextSyncMs: 1_000,
    fenceMs: 60_000,
    killGraceMs: 3_000,
    ...over,
  };
}

export function assign(...tasks: AssignedAttempt[]): SyncReply {
  return reply({ assigned: tasks.map((one) => one.attemptId), start: tasks });
}

export class Machine {
  state: AgentState;
  effects: readonly AgentEffect[] = [];
  monotonicMs = 1_000;
  readonly journal: JournalRecord[] = [];

  constructor(
    over: Partial<AgentConfig> = {},
    journal: readonly JournalRecord[] = [],
    survivors = new Map<string, Survivor>(),
    atMs = 1_000,
    folders: readonly string[] = [],
  ) {
    this.monotonicMs = atMs;
    this.journal.push(...journal);
    this.state = this.#take(boot({ ...config, ...over }, journal, survivors, folders, this.#now()));
  }

  #now(): { monotonicMs: number; wallMs: number; random: number } {
    return { monotonicMs: this.monotonicMs, wallMs: 1_000_000 + this.monotonicMs, random: 0.5 };
  }

  #take(taken: Step): AgentState {
    this.effects = taken.effects;
    for (const effect of taken.effects) if (effect.kind === 'journal') this.journal.push(effect.record);
    return taken.state;
  }

  send(event: AgentEvent): this {
    this.state = this.#take(step(this.state, event, this.#now()));
    return this;
  }

  after(ms: number): this {
    this.monotonicMs += ms;
    return this.send({ kind: 'timer' });
  }

  answer(answered: SyncReply): this {
    if (this.state.sync === null) throw new Error('no sync is under way');
    return this.send({ kind: 'sync-reply', seq: this.state.sync.seq, reply: answered });
  }

  /** Assigns and starts one task. */
  run(one: AssignedAttempt): this {
    return this.answer(assign(one)).send({ kind: 'process-started', attemptId: one.attemptId });
  }

  of<K extends AgentEffect['kind']>(kind: K): Extract<AgentEffect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<AgentEffect, { kind: K }> => effect.kind === kind);
  }

  get started(): string[] {
    return this.of('start').map((effect) => effect.attempt.attemptId);
  }

  get sent(): SyncRequest | undefined {
    return this.of('sync')[0]?.request;
  }

  get wakeAtMs(): number | undefined {
    return this.of('schedule')[0]?.atMs;
  }
}
