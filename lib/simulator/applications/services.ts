// Services in some worlds: declared, changed, scaled, rolled back and deleted while faults happen, with templates that
// run on and others that crash. When the faults end, each is declared once more with a template that runs.
import type { Control } from '../../control/index.ts';
import type { ServiceWish } from '../../control/services/use-cases.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import { BellowsError } from '../../core/values/errors.ts';
import type { Kernel } from '../kernel.ts';
import type { Controllers } from '../processes/controllers.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface ServicesOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly truth: Truth;
  readonly controllers: Controllers;
  readonly onDefect: (what: string, error: unknown) => void;
}

const minuteMs = 60_000;
const tenant = 'services';
/** Answers of a world in which pools go and come, and in which somebody else was faster. */
const expected: ReadonlySet<string> = new Set(['unknown_pool', 'unsatisfiable', 'not_possible', 'condition_failed']);

function template(colour: string, durationMs: number, failures: number): TaskSpec {
  return {
    type: 'task',
    resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 },
    run: { kind: 'command', argv: ['simulated', String(durationMs), String(failures)] },
    env: { COLOUR: colour },
    count: 1,
    timeoutMs: null,
    retries: 0,
    priority: 0,
    requirements: {},
    expectedDurationMs: null,
    deadlineMs: null,
    learningStyle: null,
  };
}

/** Longer than any run. */
const forEver = 1_000 * 3_600_000;

export class Services {
  readonly #options: ServicesOptions;
  readonly #names: readonly string[];
  #openCalls = 0;

  /** `stream` null: a world without services. */
  constructor(options: ServicesOptions, stream: Stream | null, busyMs: number) {
    this.#options = options;
    this.#names = stream === null ? [] : ['web', 'api'].slice(0, stream.integer(1, 2));
    if (stream === null) return;
    for (const name of this.#names) {
      options.kernel.at(stream.between(0, busyMs / 4), () => this.#put(drawWish(stream, name)));
      for (let n = stream.integer(2, 8); n > 0; n -= 1)
        options.kernel.at(stream.between(busyMs / 4, busyMs), () => this.#change(stream, name));
    }
  }

  get isDone(): boolean {
    return this.#openCalls === 0;
  }

  /** From now on each is wanted in a form that can be served. */
  calm(): void {
    for (const name of this.#names)
      this.#put({
        ...{ tenant, name, pool: null, replicas: 2, drainMs: 1_000, template: template('calm', forEver, 0) },
        update: {
          ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
          ...{ minHealthyMs: 0, progressMs: 6 * 3_600_000, isRolledBack: true },
        },
      });
  }

  deleteAll(): void {
    for (const name of this.#names)
      this.#say(`deletes service ${name}`, (control) => control.services.delete(tenant, name), true);
  }

  #put(wish: ServiceWish): void {
    const what = `declares service ${wish.name} of ${String(wish.replicas)} (${wish.template.env['COLOUR'] ?? ''})`;
    this.#say(what, (control) => control.services.put(wish), true);
  }

  #change(stream: Stream, name: string): void {
    const drawn = stream.next();
    if (drawn < 0.5) return this.#put(drawWish(stream, name));
    const replicas = stream.integer(0, 5);
    if (drawn < 0.8)
      return this.#say(`scales ${name} to ${String(replicas)}`, (control) =>
        control.services.scale(tenant, name, replicas),
      );
    if (drawn < 0.95)
      return this.#say(`rolls ${name} back`, (control) => control.services.rollBack(tenant, name, null));
    this.#say(`deletes service ${name}`, (control) => control.services.delete(tenant, name));
  }

  /** `isRepeated`: until it has an answer. */
  #say(what: string, call: (control: Control) => Promise<unknown>, isRepeated = false): void {
    const { kernel, trace, controllers, onDefect } = this.#options;
    trace.write(kernel.nowMs, 'service owner', what);
    if (isRepeated) this.#openCalls += 1;
    const again = (): void => {
      if (!isRepeated) return;
      this.#openCalls -= 1;
      // Deleted meanwhile for good, or the pool is declared again soon.
      kernel.after(2_000, () => this.#say(what, call, true));
    };
    controllers.invoke({
      role: 'api',
      label: what,
      run: (control) => call(control as Control),
      onDone: () => void (this.#openCalls -= isRepeated ? 1 : 0),
      onLost: again,
      onError: (error) => {
        if (!(error instanceof BellowsError) || !expected.has(error.code)) onDefect(what, error);
        again();
      },
    });
  }
}

function drawWish(stream: Stream, name: string): ServiceWish {
  const isBad = stream.chance(0.3);
  const colour = stream.pick(['red', 'green', 'blue']);
  return {
    tenant,
    name,
    pool: null,
    replicas: stream.integer(0, 5),
    template: isBad ? template(`${colour}, bad`, 2_000, 1_000) : template(colour, forEver, 0),
    update: {
      maxUnavailable: stream.integer(0, 2),
      maxSurge: stream.integer(0, 2),
      order: stream.chance(0.7) ? 'start-first' : 'stop-first',
      minHealthyMs: stream.chance(0.5) ? 0 : stream.integer(1_000, 20_000),
      progressMs: stream.integer(1, 15) * minuteMs,
      isRolledBack: stream.chance(0.8),
    },
    drainMs: stream.integer(0, 10_000),
  };
}
