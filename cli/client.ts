// Calls the API by the route table: the same schemas that the server answers with parse what it answers. The table is
// loaded with the first call, so that `--help`, `--version` and a misspelt option do not wait for it.
import type { Problem } from '../lib/api/problems.ts';
import type { AnswerOf, Route, RouteId, Routes } from '../lib/api/routes.ts';
import { CliError, exits, usageError } from './errors.ts';
import { forbiddenError, signingOf } from './signing.ts';
import type { OpenSigner, Signer, SigningOptions } from './signing.ts';

export interface CallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A call of another program's, and its answer: the dashboard's. */
export interface PassedCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PassedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The server refused the call. */
export class RefusedError extends CliError {
  readonly problem: Problem;
  /** `where`: the part of a file that the call was for. */
  constructor(problem: Problem, where: string | null = null) {
    const isRefusal = problem.status < 500;
    super(
      isRefusal ? exits.refused : exits.failed,
      `${where === null ? '' : `${where}: `}${problem.code} (${String(problem.status)}): ${problem.detail}`,
      adviceOf(problem),
    );
    this.problem = problem;
  }

  at(where: string): RefusedError {
    return new RefusedError(this.problem, where);
  }
}

/** No server answered. */
export class UnreachableError extends CliError {
  constructor(
    server: string,
    cause: unknown,
    advice = 'start one with `npm start`, or name another with --server or BELLOWS_URL',
  ) {
    super(exits.unreachable, `no server answers at ${server} (${reasonOf(cause)})`, advice, { cause });
  }
}

/** Nobody answered, or a server that is not ready did: what was asked for may be done all the same. */
export function isPassing(error: unknown): error is UnreachableError | RefusedError {
  if (error instanceof RefusedError) return error.problem.status >= 500 || error.problem.status === 429;
  return error instanceof UnreachableError;
}

/** fetch says only that it failed; why is in the cause of its error. */
function reasonOf(error: unknown): string {
  const { cause: inner = error } = Object(error) as { cause?: unknown };
  const { code, message } = Object(inner) as { code?: unknown; message?: unknown };
  return String(typeof code === 'string' ? code : (message ?? inner));
}

function adviceOf(problem: Problem): string | null {
  const others = problem.errors
    .slice(1, 6)
    .map((error) => (error.path === '' ? error.message : `${error.path} ${error.message}`));
  return others.length === 0 ? null : `also: ${others.join('; ')}`;
}

export interface ClientOptions extends SigningOptions {
  readonly openSigner: OpenSigner;
  readonly nowMs: () => number;
  readonly timeoutMs?: number;
}

export class Client {
  readonly server: string;
  private readonly options: ClientOptions;
  private readonly signing: { readonly region: string | null } | null;
  private signer: Promise<Signer> | null = null;
  private readonly ids = new Map<string, string>();

  constructor(server: string, options: ClientOptions) {
    if (!/^https?:\/\//.test(server) || !URL.canParse(server))
      throw usageError(
        `the server address ${JSON.stringify(server)} is not a URL`,
        'give one like http://127.0.0.1:4780 (--server, BELLOWS_URL, BELLOWS_PORT)',
      );
    this.server = server.replace(/\/+$/, '');
    this.options = options;
    this.signing = signingOf(this.server, options);
  }

  /** @throws RefusedError, UnreachableError */
  async call<Id extends RouteId>(id: Id, input: CallInput = {}): Promise<AnswerOf<Routes[Id]>> {
    const { routes } = await import('../lib/api/routes.ts');
    const route: Routes[Id] = routes[id];
    return this.callRoute(route, await this.withWholeId(route, input));
  }

  /** The beginning of a request's id, and its name, are looked up once. */
  private async withWholeId({ path }: Route, input: CallInput): Promise<CallInput> {
    const given = input.params?.['id'];
    if (given === undefined || !path.startsWith('/v1/requests/{id}')) return input;
    let id = this.ids.get(given);
    if (id === undefined) {
      const { requestIdOf } = await import('./input/ids.ts');
      id = await requestIdOf((query) => this.call('listRequests', { query }), given);
      this.ids.set(given, id);
    }
    return { ...input, params: { ...input.params, id } };
  }

  /** @throws RefusedError, UnreachableError */
  async callRoute<R extends Route>(route: R, input: CallInput = {}): Promise<AnswerOf<R>> {
    const response = await this.send(route, input);
    const text = await this.textOf(response);
    if (!response.ok) throw await this.refusal(route, response, text);
    const parsed = route.answer.schema?.safeParse(route.answer.contentType === undefined ? jsonOf(text) : text);
    if (parsed?.success !== true) {
      throw new CliError(
        exits.failed,
        `the answer of ${this.server} to ${route.method} ${route.path} is not what this version expects`,
        `it may be another version of Bellows: ${parsed?.error.issues[0]?.message ?? 'no schema'}`,
      );
    }
    // The schema that has just parsed it is the one that AnswerOf names.
    return parsed.data as AnswerOf<R>;
  }

  /** Passes a call on as it came, signed where that is needed, and the answer as it comes. @throws UnreachableError */
  async pass({ method, path, headers, body }: PassedCall): Promise<PassedAnswer> {
    const response = await this.fetched(method, new URL(this.server + path), headers, body);
    const type = response.headers.get('content-type');
    return {
      status: response.status,
      headers: { 'cache-control': 'no-store', ...(type === null ? {} : { 'content-type': type }) },
      body: await this.textOf(response),
    };
  }

  /** An answer of which only a part comes is none. */
  private async textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw new UnreachableError(this.server, error, 'its answer was cut off; try again');
    }
  }

  private async send(route: Route, input: CallInput): Promise<Response> {
    const url = new URL(this.server + pathOf(route.path, input.params ?? {}));
    for (const [name, value] of Object.entries(input.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const plain = {
      accept: route.answer.contentType ?? 'application/json',
      ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...input.headers,
    };
    return this.fetched(route.method, url, plain, input.body === undefined ? '' : JSON.stringify(input.body));
  }

  private async fetched(
    method: string,
    url: URL,
    plain: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Response> {
    // A blank as `+` is a blank to servers, but not to signatures.
    url.search = url.search.replaceAll('+', '%20');
    const signer = await this.openSigner();
    const headers = signer === null ? plain : await signer.sign({ method, url, headers: plain, body });
    try {
      return await fetch(url, {
        method,
        headers: { ...headers },
        ...(body === '' ? {} : { body }),
        signal: AbortSignal.timeout(this.options.timeoutMs ?? 30_000),
      });
    } catch (error) {
      throw new UnreachableError(this.server, error);
    }
  }

  private openSigner(): Promise<Signer | null> {
    if (this.signing === null) return Promise.resolve(null);
    return (this.signer ??= this.options.openSigner(this.signing.region));
  }

  private async refusal(route: Route, response: Response, text: string): Promise<CliError> {
    const { status } = response;
    const { problemView } = await import('../lib/api/problems.ts');
    const problem = problemView.safeParse(jsonOf(text));
    if (problem.success) return new RefusedError(problem.data);
    const signer = await this.openSigner();
    if (signer === null) {
      const advice =
        status === 401 || status === 403
          ? 'if it is a deployed API behind a name of its own, add --sign; otherwise check --server or BELLOWS_URL'
          : 'it is probably not a Bellows server; check --server or BELLOWS_URL';
      return new CliError(
        exits.unreachable,
        `${this.server} answered ${String(status)} without a problem document`,
        advice,
      );
    }
    if (status !== 403)
      return new UnreachableError(
        this.server,
        `its gateway answers ${String(status)}`,
        'see docs/troubleshooting.md: the function failed, or calls are throttled',
      );
    const date = Date.parse(response.headers.get('date') ?? '');
    return forbiddenError(signer, {
      method: route.method,
      path: route.path,
      permission: route.permission,
      serverTimeMs: Number.isNaN(date) ? null : date,
      nowMs: this.options.nowMs(),
    });
  }
}

function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON, so not an answer of Bellows; the schema says so to the user.
    return undefined;
  }
}
