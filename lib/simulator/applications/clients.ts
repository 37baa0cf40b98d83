// The applications of a run: they submit, repeat, cancel and read, and write down what they were promised.
// The ledger is theirs alone; checkers hold the store and the cloud against it.
import { BellowsError } from '../../core/values/errors.ts';
import type { Submission } from '../../control/use-cases.ts';
import type { RequestRecord, TaskSpec } from '../../core/records/request.ts';
import type { Controllers } from '../processes/controllers.ts';
import type { Kernel } from '../kernel.ts';
import { ClientRetries, triesMax } from './client-retries.ts';
import type { Stream, Streams } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { PlannedRequest } from './workload.ts';

/** One answered promise. */
export interface Accepted {
  readonly id: string;
  readonly tenant: string;
  readonly key: string | null;
  readonly body: string;
  readonly spec: TaskSpec;
  readonly atMs: number;
  cancelledAtMs: number | null;
}

/** One answer to a submission with a key. */
export interface KeyedAnswer {
  readonly tenant: string;
  readonly key: string;
  readonly body: string;
  readonly answer:
    { readonly kind: 'accepted'; readonly id: string; readonly isRepeat: boolean } | { readonly kind: 'conflict' };
}

/** What an application read; `record` null: not found. */
export interface Reading {
  readonly id: string;
  readonly record: RequestRecord | null;
}

/** Checkers listen here. */
export interface Ledger {
  readonly accepted: Map<string, Accepted>;
  /** Every body that was sent with a key, answered or not. */
  readonly sentBodies: Map<string, Set<string>>;
  onAccepted: (accepted: Accepted) => void;
  onAnswer: (answer: KeyedAnswer) => void;
  onReading: (reading: Reading) => void;
  /** Accepted claims. */
  readonly claimed: Map<string, { readonly id: string; readonly tenant: string; readonly atMs: number }>;
  onClaim: (id: string) => void;
  onClaimRead: (id: string, isThere: boolean) => void;
  readonly counts: { submissions: number; accepted: number; refused: number };
}

export function newLedger(): Ledger {
  return {
    accepted: new Map(),
    sentBodies: new Map(),
    onAccepted: () => undefined,
    onAnswer: () => undefined,
    onReading: () => undefined,
    claimed: new Map(),
    onClaim: () => undefined,
    onClaimRead: () => undefined,
    counts: { submissions: 0, accepted: 0, refused: 0 },
  };
}

export interface ClientsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly streams: Streams;
  readonly controllers: Controllers;
  readonly ledger: Ledger;
  readonly onDefect: (what: string, error: unknown) => void;
}

/** Applications are patient: with these tries and their backoff they outlast an outage. */

/** Refusals that are an answer; everything else is trouble on the way, after which applications try again. */
const refusals = new Set(['unsatisfiable', 'unknown_pool', 'idempotency_conflict']);

export class Clients {
  readonly #options: ClientsOptions;
  readonly #stream: Stream;
  readonly #retries: ClientRetries;
  /** Submissions that are planned, under way or to be tried again. */
  #pending = 0;
  #planned: readonly (PlannedRequest | null)[] = [];

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#stream = options.streams.named('clients');
    this.#retries = new ClientRetries({ ...options, stream: this.#stream, refusals });
  }

  get areDone(): boolean {
    return this.#pending === 0;
  }

  plan(requests: readonly PlannedRequest[], isKept: (at: number) => boolean): void {
    const { kernel } = this.#options;
    this.#planned = requests.map((request, at) => (isKept(at) ? request : null));
    const submitAt = (atMs: number, request: PlannedRequest, at: number, spec: TaskSpec): void => {
      this.#pending += 1;
      kernel.at(atMs, () => this.#submit(request, at, spec, triesMax));
    };
    requests.forEach((request, at) => {
      if (!isKept(at)) return;
      submitAt(request.at, request, at, request.spec);
      for (const repeat of request.repeats) {
        submitAt(
          request.at + repeat.afterMs,
          request,
          at,
          repeat.isSameBody ? request.spec : { ...request.spec, env: { OTHER: 'body' } },
        );
      }
    });
  }

  cancel(accepted: Pick<Accepted, 'id' | 'tenant'>, triesLeft = triesMax): void {
    const { kernel, trace, controllers } = this.#options;
    const again = (): void => {
      if (triesLeft > 0) kernel.after(this.#retries.backoffMs(triesLeft), () => this.cancel(accepted, triesLeft - 1));
    };
    controllers.invoke({
      role: 'api',
      label: `cancel ${accepted.id}`,
      run: (control) => control.cancel(accepted.tenant, accepted.id),
      onDone: (record) => {
        const promise = this.#options.ledger.accepted.get(accepted.id);
        if (promise) promise.cancelledAtMs ??= kernel.nowMs;
        trace.write(kernel.nowMs, accepted.tenant, `cancelled ${accepted.id}: ${record?.state ?? 'unknown'}`);
        if (promise) this.#options.ledger.onReading({ id: accepted.id, record: asTask(record) });
      },
      onError: (error) => this.#retries.trouble(`cancel ${accepted.id}`, error, again),
      onLost: again,
    });
  }

  /** One task of an array: the others go on. */
  cancelTask(accepted: Pick<Accepted, 'id' | 'tenant'>, index: number): void {
    const { kernel, trace, controllers } = this.#options;
    const what = `cancel task ${String(index)} of ${accepted.id}`;
    controllers.invoke({
      role: 'api',
      label: what,
      run: (control) => control.cancelTask(accepted.tenant, accepted.id, index),
      onDone: (task) => {
        trace.write(kernel.nowMs, accepted.tenant, `${what}: ${task?.state ?? 'unknown'}`);
      },
      onError: (error) => this.#retries.trouble(what, error, () => undefined),
      onLost: () => undefined,
    });
  }

  read(accepted: Accepted): void {
    this.#options.controllers.invoke({
      role: 'api',
      label: `read ${accepted.id}`,
      run: (control) => control.getRequest(accepted.tenant, accepted.id),
      onDone: (record) => this.#options.ledger.onReading({ id: accepted.id, record: asTask(record) }),
      onError: (error) => this.#retries.trouble(`read ${accepted.id}`, error, () => undefined),
      onLost: () => undefined,
    });
  }

  #submit(request: PlannedRequest, at: number, spec: TaskSpec, triesLeft: number): void {
    const { kernel, trace, controllers, ledger } = this.#options;
    const body = JSON.stringify({ pool: request.pool, spec });
    const who = `${request.tenant} #${String(at)}`;
    const again = (): void => {
      // Without a key an application cannot know whether it was accepted: trying again would be another request.
      if (request.key !== null && triesLeft > 0)
        kernel.after(this.#retries.backoffMs(triesLeft), () => this.#submit(request, at, spec, triesLeft - 1));
      else this.#pending -= 1;
    };
    if (request.key !== null) {
      const name = `${request.tenant}/${request.key}`;
      const bodies = ledger.sentBodies.get(name) ?? new Set();
      ledger.sentBodies.set(name, bodies.add(body));
    }
    ledger.counts.submissions += 1;
    trace.write(
      kernel.nowMs,
      who,
      `submits ${String(spec.count)} x ${String(spec.resources.cpuMilli)}m ${String(spec.resources.memoryMib)}Mi `
        + `to ${request.pool ?? 'any pool'}, key ${request.key ?? 'none'}`,
    );
    controllers.invoke({
      role: 'api',
      label: `submit ${who}`,
      run: async (control) => {
        const submission = {
          tenant: request.tenant,
          idempotencyKey: request.key,
          pool: request.pool,
          spec,
          canonicalBody: body,
        };
        if (at % 4 !== 0) return control.submit(submission);
        // A quarter comes in batches: what the tenant sends next, and the same thing twice, which must become one.
        const results = await control.submitBatch(
          request.key === null ? [submission] : [...this.#companions(request, at), submission, submission],
        );
        const last = results.at(-1);
        if (last === undefined) throw new RangeError('a batch was answered without results');
        if (last instanceof Error) throw last;
        return last;
      },
      onDone: ({ request: record, isRepeat }) =>
        this.#accepted(
          request,
          at,
          {
            id: record.id,
            tenant: request.tenant,
            key: request.key,
            body,
            spec,
            atMs: kernel.nowMs,
            cancelledAtMs: null,
          },
          isRepeat,
          record,
        ),
      onError: (error) =>
        this.#retries.trouble(`submit ${who}`, error, again, () => {
          this.#pending -= 1;
          ledger.counts.refused += 1;
          trace.write(kernel.nowMs, who, `is refused: ${error instanceof BellowsError ? error.code : 'error'}`);
          if (request.key !== null && error instanceof BellowsError && error.code === 'idempotency_conflict') {
            ledger.onAnswer({ tenant: request.tenant, key: request.key, body, answer: { kind: 'conflict' } });
          }
        }),
      onLost: again,
    });
  }

  /** Sent along, and sent again on its own when its time comes. */
  #companions(request: PlannedRequest, at: number): Submission[] {
    const next = this.#planned[at + 1];
    if (!next || next.tenant !== request.tenant || next.key === null) return [];
    const canonicalBody = JSON.stringify({ pool: next.pool, spec: next.spec });
    const { sentBodies } = this.#options.ledger;
    const name = `${next.tenant}/${next.key}`;
    sentBodies.set(name, (sentBodies.get(name) ?? new Set()).add(canonicalBody));
    return [{ tenant: next.tenant, idempotencyKey: next.key, pool: next.pool, spec: next.spec, canonicalBody }];
  }

  #accepted(
    request: PlannedRequest,
    at: number,
    accepted: Accepted,
    isRepeat: boolean,
    record: { readonly state: string },
  ): void {
    const { kernel, trace, ledger } = this.#options;
    this.#pending -= 1;
    trace.write(
      kernel.nowMs,
      `${request.tenant} #${String(at)}`,
      `has ${accepted.id}${isRepeat ? ' (again)' : ''}: ${record.state}`,
    );
    if (request.key !== null)
      ledger.onAnswer({
        tenant: request.tenant,
        key: request.key,
        body: accepted.body,
        answer: { kind: 'accepted', id: accepted.id, isRepeat },
      });
    const known = ledger.accepted.get(accepted.id);
    if (known !== undefined) return;
    ledger.counts.accepted += 1;
    ledger.accepted.set(accepted.id, accepted);
    ledger.onAccepted(accepted);
    if (request.cancelAfterMs !== null) kernel.after(request.cancelAfterMs, () => this.cancel(accepted));
    const { count } = request.spec;
    if (count > 1 && this.#stream.chance(0.3)) {
      const index = this.#stream.integer(0, count - 1);
      kernel.after(this.#stream.between(0, 300_000), () => this.cancelTask(accepted, index));
    }
    this.#readNowAndThen(accepted);
  }

  #readNowAndThen(accepted: Accepted): void {
    const delays = [this.#stream.between(0, 2_000), this.#stream.between(2_000, 600_000)];
    for (const delay of delays) this.#options.kernel.after(delay, () => this.read(accepted));
  }
}

/** Runs ask for tasks only. */
function asTask(record: { readonly spec: { readonly type: string } } | null): RequestRecord | null {
  return record !== null && isTask(record) ? record : null;
}

function isTask(record: { readonly spec: { readonly type: string } }): record is RequestRecord {
  return record.spec.type === 'task';
}
