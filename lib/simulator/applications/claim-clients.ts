// The applications of a run that hold things: they submit, repeat, change, release and read, and write down what they
// were promised. They learn the ids of each other's requests from the answers, as in life.
import type { ClaimChange } from '../../control/use-cases.ts';
import { BellowsError } from '../../core/values/errors.ts';
import type { ClaimRecord, ClaimSpec } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { Ledger } from './clients.ts';
import type { Controllers } from '../processes/controllers.ts';
import type { PlannedChange, PlannedClaim } from './claim-workload.ts';
import { withReferences } from './claim-workload.ts';
import type { Kernel } from '../kernel.ts';
import { ClientRetries, triesMax } from './client-retries.ts';
import type { Stream, Streams } from '../random.ts';
import type { Trace } from '../trace.ts';

export interface ClaimClientsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly streams: Streams;
  readonly controllers: Controllers;
  readonly ledger: Ledger;
  readonly onDefect: (what: string, error: unknown) => void;
}

/** So long an application waits for the id of a request that its own one names. */
const referenceWaitMs = 120_000;
const refusals = new Set([
  'unsatisfiable',
  'unknown_pool',
  'idempotency_conflict',
  'not_possible',
  'edit_conflict',
  'forbidden',
]);

export class ClaimClients {
  readonly #options: ClaimClientsOptions;
  readonly #stream: Stream;
  readonly #retries: ClientRetries;
  readonly #ids = new Map<number, string>();
  #pending = 0;

  constructor(options: ClaimClientsOptions) {
    this.#options = options;
    this.#stream = options.streams.named('held clients');
    this.#retries = new ClientRetries({ ...options, stream: this.#stream, refusals });
  }

  get areDone(): boolean {
    return this.#pending === 0;
  }

  plan(claims: readonly PlannedClaim[], isKept: (at: number) => boolean): void {
    const { kernel } = this.#options;
    const idOf = (at: number): string | null => this.#ids.get(at) ?? null;
    claims.forEach((claim, at) => {
      if (!isKept(at)) return;
      this.#pending += 1;
      const { refs } = claim;
      const named = [...refs.volumes, ...refs.networks, refs.attachTo, refs.ruleSource].filter((one) => one !== null);
      const begin = (): void => {
        const isKnown = named.every((one) => idOf(one) !== null || !isKept(one));
        if (!isKnown && kernel.nowMs < claim.at + referenceWaitMs) {
          kernel.after(1_000, begin);
          return;
        }
        const spec = withReferences(claim, idOf);
        this.#submit(claim, at, spec, triesMax);
        for (const afterMs of claim.repeatsAfterMs) {
          this.#pending += 1;
          kernel.after(afterMs, () => this.#submit(claim, at, spec, triesMax));
        }
      };
      kernel.at(claim.at, begin);
    });
  }

  release(claim: { readonly id: string; readonly tenant: string }, triesLeft = triesMax): void {
    const { kernel, trace, controllers } = this.#options;
    const again = (): void => {
      if (triesLeft > 0) kernel.after(this.#retries.backoffMs(triesLeft), () => this.release(claim, triesLeft - 1));
    };
    controllers.invoke({
      role: 'api',
      label: `release ${claim.id}`,
      run: (control) => control.cancel(claim.tenant, claim.id),
      onLost: again,
      onDone: (record) =>
        trace.write(kernel.nowMs, claim.tenant, `released ${claim.id}: ${record?.state ?? 'unknown'}`),
      onError: (error) => this.#retries.trouble(`release ${claim.id}`, error, again),
    });
  }

  #submit(claim: PlannedClaim, at: number, spec: ClaimSpec, triesLeft: number): void {
    const { kernel, trace, controllers, ledger } = this.#options;
    const who = `${claim.tenant} held #${String(at)}`;
    const body = JSON.stringify({ pool: claim.pool, spec });
    const done = (): void => void (this.#pending -= 1);
    const again = (): void => {
      if (claim.key !== null && triesLeft > 0)
        kernel.after(this.#retries.backoffMs(triesLeft), () => this.#submit(claim, at, spec, triesLeft - 1));
      else done();
    };
    trace.write(kernel.nowMs, who, `submits ${spec.type} to ${claim.pool ?? 'any pool'}, key ${claim.key ?? 'none'}`);
    controllers.invoke({
      role: 'api',
      label: `submit ${who}`,
      onLost: again,
      run: (control) =>
        control.submit({
          tenant: claim.tenant,
          idempotencyKey: claim.key,
          pool: claim.pool,
          spec,
          canonicalBody: body,
        }),
      onDone: ({ request, isRepeat }) => {
        done();
        if (!isClaim(request)) throw new RangeError(`${who} asked for ${spec.type} and was given a task`);
        trace.write(kernel.nowMs, who, `has ${request.id}${isRepeat ? ' (again)' : ''}: ${request.state}`);
        if (claim.key !== null)
          ledger.onAnswer({
            tenant: claim.tenant,
            key: claim.key,
            body,
            answer: { kind: 'accepted', id: request.id, isRepeat },
          });
        this.#accepted(claim, at, request);
      },
      onError: (error) =>
        this.#retries.trouble(`submit ${who}`, error, again, () => {
          done();
          ledger.counts.refused += 1;
          trace.write(
            kernel.nowMs,
            who,
            `is refused: ${error instanceof BellowsError ? `${error.code}: ${error.message}` : 'error'}`,
          );
        }),
    });
  }

  #accepted(claim: PlannedClaim, at: number, record: ClaimRecord): void {
    const { kernel, ledger } = this.#options;
    if (ledger.claimed.has(record.id)) return;
    ledger.claimed.set(record.id, { id: record.id, tenant: claim.tenant, atMs: kernel.nowMs });
    ledger.onClaim(record.id);
    this.#ids.set(at, record.id);
    for (const change of claim.changes)
      kernel.after(change.afterMs, () => this.#change(claim.tenant, record.id, change));
    if (claim.cancelAfterMs !== null) kernel.after(claim.cancelAfterMs, () => this.release(record));
    for (const delay of [this.#stream.between(0, 2_000), this.#stream.between(2_000, 600_000)])
      kernel.after(delay, () => this.#read(claim.tenant, record.id));
  }

  /** Once: who hears no answer to a change looks again some day, and a lost wish must do no harm. */
  #change(tenant: string, id: string, planned: PlannedChange): void {
    const { kernel, trace, controllers } = this.#options;
    const change = this.#changeOf(planned);
    if (!change) return;
    controllers.invoke({
      role: 'api',
      label: `${planned.kind} ${id}`,
      run: (control) => control.changeClaim(tenant, id, change, change.kind === 'rules' ? ['*'] : null),
      onLost: () => undefined,
      onDone: (record) => trace.write(kernel.nowMs, tenant, `${planned.kind} ${id}: ${record?.state ?? 'unknown'}`),
      onError: (error) => this.#retries.trouble(`${planned.kind} ${id}`, error, () => undefined),
    });
  }

  #changeOf(planned: PlannedChange): ClaimChange | null {
    if (planned.kind !== 'attach') return planned;
    const machine = this.#ids.get(planned.machine);
    return machine === undefined ? null : { kind: 'attach', machine };
  }

  #read(tenant: string, id: string): void {
    const { controllers, ledger } = this.#options;
    controllers.invoke({
      role: 'api',
      label: `read ${id}`,
      run: (control) => control.getRequest(tenant, id),
      onLost: () => undefined,
      onDone: (record) => ledger.onClaimRead(id, record !== null),
      onError: (error) => this.#retries.trouble(`read ${id}`, error, () => undefined),
    });
  }
}
