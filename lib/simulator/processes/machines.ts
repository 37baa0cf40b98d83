// All machines of a run and the network between them and the controllers: syncs get lost, late and doubled,
// agents die, hang and restart, machines boot slowly or never, and go when the cloud says so.
import { isNodeLaunch } from '../../core/records/launch.ts';
import { instanceType } from '../../core/catalog/index.ts';
import { BellowsError } from '../../core/values/errors.ts';
import type { AssignedAttempt, SyncReply, SyncRequest } from '../../core/records/sync.ts';
import type { Controllers } from './controllers.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import { Machine } from './machine.ts';
import type { ProcessRun } from './machine.ts';
import type { Streams, Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { TrueInstance, Truth } from '../truth.ts';

export interface MachinesOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly streams: Streams;
  readonly truth: Truth;
  readonly controllers: Controllers;
  readonly bootMs: readonly [number, number];
  readonly onDefect: (what: string, error: unknown) => void;
}

const minuteMs = 60_000;

export class Machines {
  readonly #options: MachinesOptions;
  readonly #network: Stream;
  readonly #failures = new Map<string, number>();
  readonly counts = { syncs: 0, booted: 0, runs: 0 };

  constructor(options: MachinesOptions) {
    this.#options = options;
    this.#network = options.streams.named('network');
    this.#everyMinute();
  }

  /** EC2 says `running`: the system comes up after a while, unless it never does. */
  instanceRuns(instance: TrueInstance, boots: boolean): void {
    const { kernel, truth, draws, trace, streams } = this.#options;
    const stopped = truth.machines.get(instance.id);
    if (stopped !== undefined) {
      this.#startAgain(stopped, boots);
      return;
    }
    const type = instanceType(instance.instanceType);
    if (type === undefined)
      throw new RangeError(`the cloud launched ${instance.instanceType}, which the catalog does not have`);
    const launch = truth.launches.get(instance.launchId);
    const tasksMax = launch && isNodeLaunch(launch) ? launch.tasksMax : 32;
    const stream = streams.named(`machine ${instance.id}`);
    const machine = new Machine(
      instance.id,
      instance.pool,
      type.allocatable,
      tasksMax,
      {
        kernel,
        trace,
        send: (from, request, onReply, onFailed) => this.#send(from, request, onReply, onFailed),
        onStarted: (from, run) => this.#started(from, run),
        onEnded: (from, run) => this.#ended(from, run),
        onExit: () => undefined,
        failuresSoFar: (attempt) => this.#failures.get(taskKey(attempt)) ?? 0,
      },
      stream,
    );
    truth.machines.set(instance.id, machine);
    if (!boots) {
      trace.write(kernel.nowMs, instance.id, 'will never boot');
      return;
    }
    const [min, max] = this.#options.bootMs;
    const bootMs = draws.hits('slowBoot')
      ? draws.of('slowBoot').between(60_000, 20 * minuteMs)
      : stream.between(min, max);
    kernel.after(bootMs, () => {
      this.counts.booted += 1;
      machine.startAgent();
    });
  }

  /** What is on its disk is there still: it is up in a part of the time of a boot. */
  #startAgain(machine: Machine, boots: boolean): void {
    const { kernel, draws } = this.#options;
    const powers = machine.powerOn();
    const [min, max] = this.#options.bootMs;
    const startMs = draws.hits('slowBoot')
      ? draws.of('slowBoot').between(60_000, 20 * minuteMs)
      : machine.stream.between(min / 3, max / 2);
    kernel.after(startMs, () => {
      if (boots && machine.powers === powers) machine.startAgent();
    });
  }

  /** EC2 stops it: the system goes down some time between the word and the end of it. */
  instanceStops(id: string, isOver: boolean): void {
    const { truth, kernel } = this.#options;
    const machine = truth.machines.get(id);
    if (machine === undefined) return;
    if (isOver) machine.powerOff();
    else
      kernel.after(this.#network.between(0, 5_000), () => {
        if (truth.instances.get(id)?.state === 'stopping') machine.powerOff();
      });
  }

  /** EC2 ends it: the processes go some time between the word and the end of it. */
  instanceEnds(id: string, isOver: boolean): void {
    const machine = this.#options.truth.machines.get(id);
    if (machine === undefined) return;
    if (isOver) machine.powerOff();
    else this.#options.kernel.after(this.#network.between(0, 20_000), () => machine.powerOff());
  }

  notice(id: string, reclaimAtMs: number): void {
    const delayMs = this.#network.between(0, 5_000);
    this.#options.kernel.after(delayMs, () => this.#options.truth.machines.get(id)?.interrupt(reclaimAtMs));
  }

  #everyMinute(): void {
    const { kernel, draws, truth } = this.#options;
    kernel.after(minuteMs, () => {
      this.#everyMinute();
      if (draws.isCalm) return;
      for (const machine of truth.machines.values()) {
        if (machine.isOn) this.#disturb(machine);
      }
    });
  }

  #disturb(machine: Machine): void {
    const { kernel, draws, trace } = this.#options;
    if (draws.hits('partition')) {
      const forMs = draws.of('partition').logBetween(5_000, 15 * minuteMs);
      machine.partitionedUntilMs = kernel.nowMs + forMs;
      trace.write(kernel.nowMs, machine.id, `is cut off for ${(forMs / 1000).toFixed(0)} s`);
    }
    if (draws.hits('agentHangs')) {
      kernel.after(draws.of('agentHangs').between(0, minuteMs), () =>
        machine.hang(kernel.nowMs + draws.of('agentHangs').logBetween(5_000, 15 * minuteMs)),
      );
    }
    if (draws.hits('agentDies')) kernel.after(draws.of('agentDies').between(0, minuteMs), () => machine.killAgent());
    if (draws.hits('agentRestarts')) {
      kernel.after(draws.of('agentRestarts').between(0, minuteMs), () => {
        if (!machine.isAgentUp) return;
        machine.killAgent();
        kernel.after(draws.of('agentRestarts').logBetween(100, 5 * minuteMs), () => machine.startAgent());
      });
    }
  }

  #send(machine: Machine, request: SyncRequest, onReply: (reply: SyncReply) => void, onFailed: () => void): void {
    const { kernel, draws } = this.#options;
    this.counts.syncs += 1;
    const failSoon = (): void => void kernel.after(this.#network.between(20, 4_000), onFailed);
    if (machine.partitionedUntilMs > kernel.nowMs && !draws.isCalm) return failSoon();
    if (draws.hits('syncLost')) return failSoon();
    const replyLost = draws.hits('syncReplyLost');
    this.#deliver(
      request,
      (reply) => {
        if (replyLost) failSoon();
        else kernel.after(this.#network.between(1, 30), () => onReply(reply));
      },
      failSoon,
    );
    if (draws.hits('syncDoubled'))
      kernel.after(draws.of('syncDoubled').logBetween(1, 2 * minuteMs), () =>
        this.#deliver(
          request,
          () => undefined,
          () => undefined,
        ),
      );
  }

  #deliver(request: SyncRequest, onReply: (reply: SyncReply) => void, onFailed: () => void): void {
    const { kernel, draws, controllers } = this.#options;
    const delayMs = draws.hits('syncLate')
      ? draws.of('syncLate').logBetween(1_000, 5 * minuteMs)
      : this.#network.between(1, 30);
    kernel.after(delayMs, () => {
      controllers.invoke({
        role: 'agent',
        label: `sync ${request.nodeId}`,
        run: (control) => control.sync(request),
        onDone: (reply) => {
          this.#options.trace.write(
            kernel.nowMs,
            request.nodeId,
            `sync ${String(request.seq)} -> ${reply.directive} `
              + `[${reply.assigned.join(' ')}]`
              + `${reply.acknowledged.length > 0 ? ` acknowledged ${reply.acknowledged.join(' ')}` : ''}`,
          );
          if (reply.acknowledged.length > 0)
            this.#options.truth.tell((watcher) => watcher.acknowledged?.(request.nodeId, reply.acknowledged));
          onReply(reply);
        },
        onError: (error) => {
          if (!(error instanceof BellowsError) || error.code === 'assertion_failed')
            this.#options.onDefect(`sync ${request.nodeId}`, error);
          else onFailed();
        },
        onLost: onFailed,
      });
    });
  }

  #started(machine: Machine, run: ProcessRun): void {
    const { truth } = this.#options;
    this.counts.runs += 1;
    truth.runs.set(run.attemptId, [...(truth.runs.get(run.attemptId) ?? []), run]);
    truth.tell((watcher) => watcher.processStarted?.(machine, run));
  }

  #ended(machine: Machine, run: ProcessRun): void {
    if (run.exitCode === 1) {
      const key = run.attemptId.slice(0, run.attemptId.lastIndexOf('.'));
      this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
    }
    this.#options.truth.tell((watcher) => watcher.processEnded?.(machine, run));
  }
}

function taskKey(attempt: Pick<AssignedAttempt, 'attemptId'>): string {
  return attempt.attemptId.slice(0, attempt.attemptId.lastIndexOf('.'));
}
