// The typed client of the HTTP API, for programs in Node: `import { Bellows } from 'bellows/client'`. docs/clients.md
// shows what one does with it.
import { operations } from './api.ts';
import type { Operations, Output, Problem, Request, RequestList, RequestView, Task, TaskList } from './api.ts';
import { credentialsOfVariables, serverOfVariables } from './environment.ts';
import type { Credentials } from './environment.ts';
import { BellowsError, NoAnswerError, WaitTimeoutError } from './errors.ts';

export type OperationId = keyof Operations;

export interface BellowsOptions {
  /** Of the API, such as http://127.0.0.1:4780; unless given, the variable BELLOWS_URL. */
  readonly server?: string;
  /** Of AWS, for deployed APIs; asked for before each call, as they may change. Unless given, of the variables. */
  readonly credentials?: () => Promise<Credentials>;
  /** Of a deployed API behind a name of its own; API Gateway's own addresses say theirs. */
  readonly region?: string;
  /** Tries of a call that may be repeated, 1 or more (5). */
  readonly tries?: number;
  /** For one try, in milliseconds (30,000). */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  /** Resolves after so many milliseconds; tests put their own here. */
  readonly sleep?: (ms: number) => Promise<void>;
}

type Around = 'params' | 'query' | 'headers';
type IsNothing<T> = [keyof T] extends [never] ? true : false;

/** The parts that an operation takes and in which something has to be given. */
type Wanted<Takes> = {
  readonly [Key in Around & keyof Takes as Partial<Takes[Key]> extends Takes[Key] ? never : Key]: Takes[Key];
} & { readonly [Key in 'body' & keyof Takes as IsNothing<Takes[Key]> extends true ? never : Key]: Takes[Key] };

/** The parts in which nothing has to be given. */
type Possible<Takes> = {
  readonly [Key in Around & keyof Takes as IsNothing<Takes[Key]> extends true ? never : Key]?: Takes[Key];
};

/** What an operation takes; what it does not take is absent. */
export type CallInput<Id extends OperationId> = Wanted<Operations[Id]> & Possible<Operations[Id]>;

type Given<Input> = Partial<Input> extends Input ? readonly [input?: Input] : readonly [input: Input];

/** Of {@link Bellows.waitFor}. */
export interface WaitOptions {
  /** Unless given it waits for as long as it takes. */
  readonly timeoutMs?: number;
  /** Between looks (2,000). */
  readonly everyMs?: number;
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

interface AnyInput {
  readonly params?: Values;
  readonly query?: Values;
  readonly headers?: Values;
  readonly body?: unknown;
}

const firstPauseMs = 200;
const pauseMsMax = 10_000;
const lookEveryMs = 2_000;

export class Bellows {
  readonly server: string;
  readonly #options: BellowsOptions;
  readonly #region: string | null;

  /** @throws TypeError where the address is none */
  constructor(options: BellowsOptions = {}) {
    const server = options.server ?? serverOfVariables() ?? '';
    if (!/^https?:\/\//.test(server) || !URL.canParse(server))
      throw new TypeError(`the server's address ${JSON.stringify(server)} is no URL; give one, or set BELLOWS_URL`);
    this.server = server.replace(/\/+$/, '');
    this.#options = options;
    this.#region = options.region ?? gatewayRegion(this.server);
  }

  /**
   * One operation of the API. What may be repeated without a second effect is repeated when nobody answers, when calls
   * are throttled and when the server is not ready: GET, PUT, DELETE, and what has an idempotency key.
   * @throws BellowsError the API refused it; NoAnswerError
   */
  call<Id extends OperationId>(id: Id, ...given: Given<CallInput<Id>>): Promise<Operations[Id]['answer']>;
  async call(id: OperationId, { params = {}, query = {}, headers = {}, body }: AnyInput = {}): Promise<unknown> {
    const { method, path } = operations[id];
    const url = new URL(this.server + path.replace(/\{(\w+)\}/g, (_all, name: string) => part(params[name])));
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    // A blank as `+` is a blank to servers, but not to signatures.
    url.search = url.search.replaceAll('+', '%20');
    const given = Object.entries(headers).filter(([, value]) => value !== undefined);
    const sent = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    };
    const isRepeatable = method !== 'POST' || 'idempotency-key' in sent;
    const text = body === undefined ? '' : JSON.stringify(body);
    return answerOf(await this.#sent({ method, url, headers: sent, body: text }, isRepeatable));
  }

  /**
   * Asks for something to run or to claim. It has an idempotency key of its own unless one is given, so that a repeat
   * after an answer that was lost makes no second one.
   */
  async submit(request: Request, { idempotencyKey = crypto.randomUUID() } = {}): Promise<RequestView> {
    return this.call('submitRequest', { headers: { 'idempotency-key': idempotencyKey }, body: request });
  }

  async get(id: string): Promise<RequestView> {
    return this.call('getRequest', { params: { id } });
  }

  async cancel(id: string): Promise<RequestView> {
    return this.call('cancelRequest', { params: { id } });
  }

  /** Until the request has ended, however. @throws WaitTimeoutError */
  async waitForEnd(id: string, options: WaitOptions = {}): Promise<RequestView> {
    return this.waitFor(id, (request) => request.endedAt !== null, options);
  }

  /** Until a claim is granted (`active`) or over. @throws WaitTimeoutError */
  async waitUntilActive(id: string, options: WaitOptions = {}): Promise<RequestView> {
    return this.waitFor(id, ({ state, endedAt }) => state === 'active' || endedAt !== null, options);
  }

  /** Looks at the request until it is as asked. @throws WaitTimeoutError with the request as it was seen last */
  async waitFor(
    id: string,
    isDone: (request: RequestView) => boolean,
    { timeoutMs = Infinity, everyMs = lookEveryMs }: WaitOptions = {},
  ): Promise<RequestView> {
    const startMs = performance.now();
    for (;;) {
      const request = await this.get(id);
      if (isDone(request)) return request;
      const leftMs = timeoutMs - (performance.now() - startMs);
      if (leftMs <= 0) throw new WaitTimeoutError(request, timeoutMs);
      await this.#sleep(Math.min(everyMs, leftMs));
    }
  }

  /** All requests that the filter lets through, page by page. */
  async *requests(query: Operations['listRequests']['query'] = {}): AsyncGenerator<RequestView> {
    let cursor: string | null | undefined;
    do {
      const page: RequestList = await this.call('listRequests', { query: { ...query, ...(cursor ? { cursor } : {}) } });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** All tasks of an array that the filter lets through, by index. */
  async *tasks(id: string, query: Operations['listTasks']['query'] = {}): AsyncGenerator<Task> {
    let from: number | null | undefined = query.from;
    do {
      const page: TaskList = await this.call('listTasks', {
        params: { id },
        query: { ...query, ...(from === null || from === undefined ? {} : { from }) },
      });
      yield* page.items;
      from = page.nextFrom;
    } while (from !== null);
  }

  /** What a task writes, as it comes, until it has ended. `index`: of an array. */
  async *follow(id: string, { index = 0, everyMs = 750 } = {}): AsyncGenerator<Pick<Output, 'stdout' | 'stderr'>> {
    let sinceBytes = '0,0,0';
    for (;;) {
      const output = await this.call('getOutput', { params: { id }, query: { index, sinceBytes } });
      if (output.stdout !== '' || output.stderr !== '') yield { stdout: output.stdout, stderr: output.stderr };
      if (output.ended) return;
      sinceBytes = output.next ?? sinceBytes;
      await this.#sleep(everyMs);
    }
  }

  async #sent(call: PlainCall, isRepeatable: boolean): Promise<Answer> {
    const { tries = 5, timeoutMs = 30_000, fetch: send = fetch } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const isLast = !isRepeatable || attempt >= tries;
      const { method, url, body } = call;
      const headers = await this.#headersOf(call);
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const response = await send(url, { method, headers, signal, ...(body === '' ? {} : { body }) });
        // Read here: an answer of which only a part comes is none.
        const answer = { response, text: await response.text() };
        if (isLast || !isWorthRepeating(response.status)) return answer;
      } catch (error) {
        if (isLast) throw new NoAnswerError(this.server, attempt, error);
      }
      await this.#sleep(Math.min(pauseMsMax, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2));
    }
  }

  async #headersOf(call: PlainCall): Promise<Readonly<Record<string, string>>> {
    if (this.#region === null) return call.headers;
    const { signHeaders } = await import('../../lib/adapters/aws/execute-api-signing.ts');
    const credentials = await (this.#options.credentials ?? credentialsOfVariables)();
    const signed = await signHeaders(call, this.#region, credentials, Date.now());
    // fetch sends the host itself, and does not take one.
    const { host: _host, ...headers } = signed;
    return headers;
  }

  async #sleep(ms: number): Promise<void> {
    const { sleep = (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)) } = this.#options;
    await sleep(ms);
  }
}

interface Answer {
  readonly response: Response;
  readonly text: string;
}

interface PlainCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Throttled, or not ready for a moment: also what API Gateway answers for a function that failed. */
function isWorthRepeating(status: number): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** The region of API Gateway's own addresses; null for others, which are not signed unless a region is given. */
function gatewayRegion(server: string): string | null {
  const { hostname } = new URL(server);
  return /\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(hostname)?.[1] ?? null;
}

function part(value: Values[string]): string {
  return encodeURIComponent(String(value));
}

/** @throws BellowsError */
function answerOf({ response, text }: Answer): unknown {
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  if (response.ok) return isJson ? (JSON.parse(text) as unknown) : text;
  throw new BellowsError(response.status, isJson ? (JSON.parse(text) as Problem) : null);
}
