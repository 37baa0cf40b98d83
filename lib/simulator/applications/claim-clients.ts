// The applications of a run that hold things: they submit, repeat, change, release and read, and write down what they
// were promised. They learn the ids of each other's requests from the answers, as in life.
import type { HoldChange } from '../../control/use-cases.ts';
import { BellowsError } from '../../core/values/errors.ts';
import type { HoldRecord, HoldSpec } from '../../core/records/claim.ts';
import { isHold } from '../../core/records/claim.ts';
import type { Ledger } from './clients.ts';
import type { Controllers } from '../processes/controllers.ts';
import type { PlannedChange, PlannedHold } from './claim-workload.ts';
import { withReferences } from './claim-workload.ts';
import type { Kernel } from '../kernel.ts';
import { Patience, triesMax } from './client-retries.ts';
import type { Stream, Streams } from '../random.ts';
import type { Trace } from '../trace.ts';

export interface HeldClientsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly streams: Streams;
  readonly controllers: Controllers;
  readonly ledger: Ledger;
  readonly onDefect: (what: string, error: unknown) => void;
}

/** So long an application waits for the id of a request that its own one names. */
const referenceWaitMs = 120_000;
const refusals = new Set(['unsatisfiable', 'unknown_pool', 'idempotency_conflict', 'not_possible', 'edit_conflict', 'forbidden']);

export class HeldClients {
  readonly #options: HeldClientsOptions;
  readonly #stream: Stream;
  readonly #patience: Patience;
  readonly #ids = new Map<number, string>();
  #pending = 0;

  constructor(options: HeldClientsOptions) {
    this.#options = options;
    this.#stream = options.streams.named('held clients');
    this.#patience = new Patience({ ...options, stream: this.#stream, refusals });
  }

  get areDone(): boolean {
    return this.#pending === 0;
  }

  plan(holds: readonly PlannedHold[], isKept: (at: number) => boolean): void {
    const { kernel } = this.#options;
    const idOf = (at: number): string | null => this.#ids.get(at) ?? null;
    holds.forEach((hold, at) => {
      if (!isKept(at)) return;
      this.#pending += 1;
      const { refs } = hold;
      const named = [...refs.volumes, ...refs.networks, refs.attachTo, refs.ruleSource].filter((one) => one !== null);
      const begin = (): void => {
        const isKnown = named.every((one) => idOf(one) !== null || !isKept(one));
        if (!isKnown && kernel.nowMs < hold.at + referenceWaitMs) {
          kernel.after(1_000, begin);
          return;
        }
        const spec = withReferences(hold, idOf);
        this.#submit(hold, at, spec, triesMax);
        for (const afterMs of hold.repeatsAfterMs) {
          this.#pending += 1;
          kernel.after(afterMs, () => this.#submit(hold, at, spec, triesMax));
        }
      };
      kernel.at(hold.at, begin);
    });
  }

  release(hold: { readonly id: string; readonly tenant: string }, triesLeft = triesMax): void {
    const { kernel, trace, controllers } = this.#options;
    const again = (): void => {
      if (triesLeft > 0) kernel.after(this.#patience.backoffMs(triesLeft), () => this.release(hold, triesLeft - 1));
    };
    controllers.invoke({
      role: 'api', label: `release ${hold.id}`, run: (control) => control.cancel(hold.tenant, hold.id), onLost: again,
      onDone: (record) => trace.write(kernel.nowMs, hold.tenant, `released ${hold.id}: ${record?.state ?? 'unknown'}`),
      onError: (error) => this.#patience.trouble(`release ${hold.id}`, error, again),
    });
  }

  #submit(hold: PlannedHold, at: number, spec: HoldSpec, triesLeft: number): void {
    const { kernel, trace, controllers, ledger } = this.#options;
    const who = `${hold.tenant} held #${String(at)}`;
    const body = JSON.stringify({ pool: hold.pool, spec });
    const done = (): void => void (this.#pending -= 1);
    const again = (): void => {
      if (hold.key !== null && triesLeft > 0) kernel.after(this.#patience.backoffMs(triesLeft), () => this.#submit(hold, at, spec, triesLeft - 1));
      else done();
    };
    trace.write(kernel.nowMs, who, `submits ${spec.type} to ${hold.pool ?? 'any pool'}, key ${hold.key ?? 'none'}`);
    controllers.invoke({
      role: 'api', label: `submit ${who}`, onLost: again,
      run: (control) => control.submit({ tenant: hold.tenant, idempotencyKey: hold.key, pool: hold.pool, spec, canonicalBody: body }),
      onDone: ({ request, isRepeat }) => {
        done();
        if (!isHold(request)) throw new RangeError(`${who} asked for ${spec.type} and was given a task`);
        trace.write(kernel.nowMs, who, `has ${request.id}${isRepeat ? ' (again)' : ''}: ${request.state}`);
        if (hold.key !== null) ledger.onAnswer({ tenant: hold.tenant, key: hold.key, body, answer: { kind: 'accepted', id: request.id, isRepeat } });
        this.#accepted(hold, at, request);
      },
      onError: (error) => this.#patience.trouble(`submit ${who}`, error, again, () => {
        done();
        ledger.counts.refused += 1;
        trace.write(kernel.nowMs, who, `is refused: ${error instanceof BellowsError ? `${error.code}: ${error.message}` : 'error'}`);
      }),
    });
  }

  #accepted(hold: PlannedHold, at: number, record: HoldRecord): void {
    const { kernel, ledger } = this.#options;
    if (ledger.held.has(record.id)) return;
    ledger.held.set(record.id, { id: record.id, tenant: hold.tenant, atMs: kernel.nowMs });
    ledger.onHeld(record.id);
    this.#ids.set(at, record.id);
    for (const change of hold.changes) kernel.after(change.afterMs, () => this.#change(hold.tenant, record.id, change));
    if (hold.cancelAfterMs !== null) kernel.after(hold.cancelAfterMs, () => this.release(record));
    for (const delay of [this.#stream.between(0, 2_000), this.#stream.between(2_000, 600_000)]) kernel.after(delay, () => this.#read(hold.tenant, record.id));
  }

  /** Once: who hears no answer to a change looks again some day, and a lost wish must do no harm. */
  #change(tenant: string, id: string, planned: PlannedChange): void {
    const { kernel, trace, controllers } = this.#options;
    const change = this.#changeOf(planned);
    if (!change) return;
    controllers.invoke({
      role: 'api', label: `${planned.kind} ${id}`, run: (control) => control.changeHold(tenant, id, change, change.kind === 'rules' ? ['*'] : null), onLost: () => undefined,
      onDone: (record) => trace.write(kernel.nowMs, tenant, `${planned.kind} ${id}: ${record?.state ?? 'unknown'}`),
      onError: (error) => this.#patience.trouble(`${planned.kind} ${id}`, error, () => undefined),
    });
  }

  #changeOf(planned: PlannedChange): HoldChange | null {
    if (planned.kind !== 'attach') return planned;
    const machine = this.#ids.get(planned.machine);
    return machine === undefined ? null : { kind: 'attach', machine };
  }

  #read(tenant: string, id: string): void {
    const { controllers, ledger } = this.#options;
    controllers.invoke({
      role: 'api', label: `read ${id}`, run: (control) => control.getRequest(tenant, id), onLost: () => undefined,
      onDone: (record) => ledger.onHeldRead(id, record !== null),
      onError: (error) => this.#patience.trouble(`read ${id}`, error, () => undefined),
    });
  }
}
