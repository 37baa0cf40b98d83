// The operator of a run: declares pools, changes them, deletes them and declares them again. Calls whose answer is
// lost are repeated until they have one.
import { BellowsError } from '../../core/values/errors.ts';
import type { Control } from '../../control/index.ts';
import type { NodeOrder } from '../../core/disruption/methods/operator.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Controllers } from '../processes/controllers.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface OperatorOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly controllers: Controllers;
  readonly onDefect: (what: string, error: unknown) => void;
}

const minuteMs = 60_000;
const person = 'operator';

export class Operator {
  readonly #options: OperatorOptions;
  #openCalls = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** No declaration waits for its answer: one that does may still undo what is declared meanwhile. */
  get isDone(): boolean {
    return this.#openCalls === 0;
  }

  putPool(spec: PoolSpec): void {
    this.#openCalls += 1;
    this.#declare(spec);
  }

  /** Refused while anything of the pool is open. */
  deletePool(name: string): void {
    const { kernel, trace, draws, truth, controllers, onDefect } = this.#options;
    const { spec } = truth.pools.get(name) ?? {};
    if (!spec) return;
    trace.write(kernel.nowMs, 'operator', `deletes pool ${name}`);
    truth.deletedPools.add(name);
    this.#openCalls += 1;
    const declareAgain = (): void =>
      void kernel.after(draws.of('poolDeletion').between(1_000, 3 * minuteMs), () =>
        this.#declare(truth.pools.get(name)?.spec ?? spec),
      );
    controllers.invoke({
      role: 'api',
      label: `delete pool ${name}`,
      run: (control) => control.deletePool(name),
      onDone: declareAgain,
      onLost: declareAgain,
      onError: (error) =>
        error instanceof BellowsError && error.code === 'pool_in_use'
          ? this.#done()
          : (onDefect(`delete pool ${name}`, error), declareAgain()),
    });
  }

  /** A lost answer is no harm: who wants it so looks again. */
  setPaused(name: string, isPaused: boolean): void {
    this.#say(`${isPaused ? 'pauses' : 'resumes'} pool ${name}`, (control) =>
      isPaused ? control.pausePool(name, person) : control.resumePool(name, person),
    );
  }

  putTenant(name: string, weight: number): void {
    this.#say(`tenant ${name} has the weight ${String(weight)}`, (control) => control.putTenant({ name, weight }));
  }

  orderNode(id: string, order: NodeOrder): void {
    this.#say(`orders ${id}: ${JSON.stringify(order)}`, (control) => control.orderNode(id, order, person));
  }

  #say(what: string, call: (control: Control) => Promise<unknown>): void {
    const { kernel, trace, controllers, onDefect } = this.#options;
    trace.write(kernel.nowMs, 'operator', what);
    controllers.invoke({
      role: 'api',
      label: what,
      run: call,
      onDone: () => undefined,
      onLost: () => undefined,
      onError: (error) => {
        if (!(error instanceof BellowsError) || error.code !== 'not_possible') onDefect(what, error);
      },
    });
  }

  #declare(spec: PoolSpec): void {
    const { kernel, controllers, onDefect } = this.#options;
    const again = (): void => void kernel.after(2_000, () => this.#declare(spec));
    controllers.invoke({
      role: 'api',
      label: `pool ${spec.name}`,
      run: (control) => control.putPool(spec),
      onDone: () => this.#done(),
      onLost: again,
      onError: (error) =>
        error instanceof BellowsError && error.code === 'invalid_pool'
          ? this.#done()
          : (onDefect(`pool ${spec.name}`, error), again()),
    });
  }

  #done(): void {
    this.#openCalls -= 1;
  }
}
