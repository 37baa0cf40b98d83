// How the scenarios use Bellows: over its own HTTP API like any application, with a key for every request,
// so that they may repeat whatever got no answer.
import type { AnswerOf, Route, RouteId } from '../../api/routes.ts';
import { routes } from '../../api/routes.ts';
import { BellowsError } from '../../core/values/errors.ts';

export class ApiError extends BellowsError {
  /** null: no answer came. */
  readonly status: number | null;
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super('api_call_failed', message, options);
    this.status = status;
  }
}

/**
 * As long as a call of a scenario is repeated: a machine with much else to do answers late, which is
 * no failure of Bellows.
 */
export const patienceMs = 120_000;
const answerMsMax = 30_000;

/** The server did not answer, however often it was asked. */
export class UnansweredError extends ApiError {
  constructor(message: string, waitedMs: number, options?: ErrorOptions) {
    super(`${message} within ${String(Math.round(waitedMs / 1000))} s`, null, options);
  }
}

export interface ApiCall {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
  readonly body?: unknown;
}

export interface CallToSign {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: there is none. */
  readonly body: string;
}

/** Answers the headers to send. */
export type SignCall = (call: CallToSign) => Promise<Readonly<Record<string, string>>>;

export class ApiClient {
  readonly url: string;
  readonly #patienceMs: number;
  readonly #sign: SignCall;

  /** Repeats calls without an answer, or with a 5xx, for up to `callPatienceMs`. `sign`: where calls need it. */
  constructor(url: string, callPatienceMs = patienceMs, sign: SignCall = async ({ headers }) => headers) {
    this.url = url;
    this.#patienceMs = callPatienceMs;
    this.#sign = sign;
  }

  /** @throws ApiError, UnansweredError */
  async call<Id extends RouteId>(id: Id, call: ApiCall = {}): Promise<AnswerOf<(typeof routes)[Id]>> {
    const route: Route = routes[id];
    const startedMs = performance.now();
    const deadlineMs = startedMs + this.#patienceMs;
    for (let waitMs = 50; ; waitMs = Math.min(1_000, waitMs * 2)) {
      try {
        const text = await this.#once(route, call, Math.min(answerMsMax, deadlineMs - performance.now()));
        if (route.answer.schema === null) return null as AnswerOf<(typeof routes)[Id]>;
        // The schema that parses it is the one that AnswerOf names.
        return route.answer.schema.parse(JSON.parse(text)) as AnswerOf<(typeof routes)[Id]>;
      } catch (error) {
        const isWorthRepeating = error instanceof ApiError && (error.status === null || error.status >= 500);
        if (!isWorthRepeating) throw error;
        if (performance.now() + waitMs > deadlineMs) {
          throw error.status === null
            ? new UnansweredError(error.message, performance.now() - startedMs, { cause: error.cause })
            : error;
        }
      }
      await new Promise((wake) => setTimeout(wake, waitMs));
    }
  }

  async #once(
    route: Route,
    { params = {}, query = {}, idempotencyKey, body }: ApiCall,
    answerMs: number,
  ): Promise<string> {
    const url = new URL(
      route.path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? '')),
      this.url,
    );
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const sent = body === undefined ? '' : JSON.stringify(body);
    const headers = await this.#sign({
      method: route.method,
      url,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: sent,
    });
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method: route.method,
        headers,
        ...(body === undefined ? {} : { body: sent }),
        signal: AbortSignal.timeout(Math.max(1, Math.ceil(answerMs))),
      });
      text = await response.text();
    } catch (error) {
      throw new ApiError(`${route.method} ${url.href} got no answer`, null, { cause: error });
    }
    if (!response.ok)
      throw new ApiError(
        `${route.method} ${url.href} answered ${String(response.status)}: ${text.slice(0, 500)}`,
        response.status,
      );
    return text;
  }
}
