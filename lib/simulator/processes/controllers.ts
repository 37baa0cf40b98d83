// The controllers of a run: fleets of processes that serve applications, agents, wakes and EC2's events. They
// crash and come back, several do the same work at once, and each has a memory and a clock of its own.
import type { Control, MetricsUseCases } from '../../control/use-cases.ts';
import { Process } from './process.ts';
import type { CallFaultOf } from './process.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';

export type Role = 'api' | 'agent' | 'scheduler' | 'events';

/** `server`: one process does everything; `servers`: two do; `lambdas`: many, each with one call at a time. */
export type Layout = 'server' | 'servers' | 'lambdas';

/** All that a process serves. */
export type UseCases = Control & MetricsUseCases;

interface Member {
  readonly process: Process;
  readonly control: UseCases;
}

interface Fleet {
  readonly name: string;
  readonly sizeMax: number;
  readonly invocationsMax: number;
  readonly members: Member[];
}

export interface Call<T> {
  readonly role: Role;
  /** For the trace. */
  readonly label: string;
  readonly run: (control: UseCases) => Promise<T>;
  readonly onDone: (result: T) => void;
  readonly onError: (error: unknown) => void;
  /** No answer: the process died, or there was none. */
  readonly onLost: () => void;
}

export interface ControllersOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly stream: Stream;
  readonly layout: Layout;
  readonly callFaultOf: CallFaultOf;
  /** A control with its own memory, on ports that belong to the process. */
  readonly start: (process: Process) => UseCases;
}

const roles: readonly Role[] = ['api', 'agent', 'scheduler', 'events'];

export class Controllers {
  readonly #options: ControllersOptions;
  readonly #fleets = new Map<Role, Fleet>();
  #started = 0;
  #isOut = false;

  constructor(options: ControllersOptions) {
    this.#options = options;
    const { layout } = options;
    const shared: Fleet = {
      name: 'server',
      sizeMax: layout === 'server' ? 1 : 2,
      invocationsMax: Infinity,
      members: [],
    };
    for (const role of roles) {
      this.#fleets.set(
        role,
        layout === 'lambdas'
          ? { name: role, sizeMax: role === 'agent' || role === 'api' ? 8 : 4, invocationsMax: 1, members: [] }
          : shared,
      );
    }
  }

  get processes(): readonly Process[] {
    return [...new Set(this.#fleets.values())].flatMap((fleet) => fleet.members.map((member) => member.process));
  }

  /** Nobody of the controllers does anything now, and none other would start. */
  isStandingStill(nowMs: number): boolean {
    if (this.#options.layout === 'lambdas') return false;
    const { processes } = this;
    return processes.length > 0 && processes.every((process) => process.pausedUntilMs > nowMs);
  }

  invoke<T>(call: Call<T>): void {
    this.#try(call, 5);
  }

  /** The whole control plane is away: all processes die, and none starts before {@link endOutage}. */
  beginOutage(): void {
    this.#isOut = true;
    for (const process of this.processes) process.crash('in the outage');
  }

  endOutage(): void {
    this.#isOut = false;
  }

  get isOut(): boolean {
    return this.#isOut;
  }

  #try<T>(call: Call<T>, triesLeft: number): void {
    const { kernel, stream } = this.#options;
    const member = this.#isOut ? null : this.#memberFor(call.role);
    if (member !== null) {
      member.process.invoke(
        () => call.run(member.control),
        call.onDone,
        call.onError,
        () => kernel.after(stream.between(1, 50), call.onLost),
      );
    } else if (triesLeft > 0 && !this.#isOut) {
      kernel.after(stream.between(100, 500), () => this.#try(call, triesLeft - 1));
    } else {
      kernel.after(stream.between(1, 50), call.onLost);
    }
  }

  #memberFor(role: Role): Member | null {
    const fleet = this.#fleets.get(role);
    if (fleet === undefined) return null;
    const free = fleet.members.filter((member) => member.process.invocations < fleet.invocationsMax);
    const isGrowing = fleet.members.length < fleet.sizeMax && (free.length === 0 || fleet.invocationsMax === Infinity);
    if (isGrowing) return this.#start(fleet);
    return free.length === 0 ? null : this.#options.stream.pick(free);
  }

  #start(fleet: Fleet): Member {
    const { kernel, trace, callFaultOf, draws, start } = this.#options;
    this.#started += 1;
    const process: Process = new Process(`${fleet.name}-${String(this.#started)}`, kernel, trace, callFaultOf, () => {
      fleet.members.splice(fleet.members.indexOf(member), 1);
    });
    const skew = draws.rates.clockSkew;
    if (skew > 0 && !draws.isCalm) {
      process.clockOffsetMs = draws.of('clockSkew').between(-skew, skew);
      draws.count('clockSkew');
    }
    const member: Member = { process, control: start(process) };
    fleet.members.push(member);
    trace.write(
      kernel.nowMs,
      process.name,
      `starts${process.clockOffsetMs === 0 ? '' : `, its clock off by ${process.clockOffsetMs.toFixed(0)} ms`}`,
    );
    return member;
  }
}
