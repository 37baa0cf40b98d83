// Calls the API by the route table: the same schemas that the server answers with parse what it answers.
import type * as z from 'zod';
import type { Problem } from '../lib/api/problems.ts';
import { problemView } from '../lib/api/problems.ts';
import type { AnswerOf, Route, RouteId } from '../lib/api/routes.ts';
import { routes } from '../lib/api/routes.ts';
import { CliError, exits, usageError } from './errors.ts';

export interface CallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The server refused the call. */
export class RefusedError extends CliError {
  readonly problem: Problem;
  constructor(problem: Problem) {
    const isRefusal = problem.status < 500;
    super(isRefusal ? exits.refused : exits.failed, `${problem.code} (${String(problem.status)}): ${problem.detail}`, adviceOf(problem));
    this.problem = problem;
  }
}

/** No server answered. */
export class UnreachableError extends CliError {
  constructor(server: string, cause: unknown) {
    super(exits.unreachable, `no server answers at ${server} (${reasonOf(cause)})`, 'start one with `npm start`, or name another with --server or BELLOWS_URL', { cause });
  }
}

/** fetch says only that it failed; why is in the cause of its error. */
function reasonOf(error: unknown): string {
  const { cause: inner = error } = Object(error) as { cause?: unknown };
  const { code, message } = Object(inner) as { code?: unknown; message?: unknown };
  return String(typeof code === 'string' ? code : (message ?? inner));
}

function adviceOf(problem: Problem): string | null {
  const others = problem.errors.slice(1, 6).map((error) => (error.path === '' ? error.message : `${error.path} ${error.message}`));
  return others.length === 0 ? null : `also: ${others.join('; ')}`;
}

export class Client {
  readonly server: string;
  private readonly timeoutMs: number;

  constructor(server: string, timeoutMs = 30_000) {
    if (!/^https?:\/\//.test(server) || !URL.canParse(server)) throw usageError(`the server address ${JSON.stringify(server)} is not a URL`, 'give one like http://127.0.0.1:4780 (--server, BELLOWS_URL, BELLOWS_PORT)');
    this.server = server.replace(/\/+$/, '');
    this.timeoutMs = timeoutMs;
  }

  /** @throws RefusedError, UnreachableError */
  async call<Id extends RouteId>(id: Id, input: CallInput = {}): Promise<AnswerOf<(typeof routes)[Id]>> {
    const route: Route = routes[id];
    const response = await this.send(route, input);
    const text = await response.text();
    if (!response.ok) throw refusalOf(response.status, text, this.server);
    const parsed = route.answer.schema?.safeParse(jsonOf(text));
    if (parsed?.success !== true) {
      throw new CliError(exits.failed, `the answer of ${this.server} to ${route.method} ${route.path} is not what this version expects`, `it may be another version of Bellows: ${parsed?.error.issues[0]?.message ?? 'no schema'}`);
    }
    // The schema that has just parsed it is the one that AnswerOf names.
    return parsed.data as AnswerOf<(typeof routes)[Id]>;
  }

  private async send(route: Route, input: CallInput): Promise<Response> {
    const url = new URL(this.server + pathOf(route.path, input.params ?? {}));
    for (const [name, value] of Object.entries(input.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    try {
      return await fetch(url, {
        method: route.method,
        headers: { accept: 'application/json', ...(input.body === undefined ? {} : { 'content-type': 'application/json' }), ...input.headers },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
        signal: AbortSignal.timeout(this.timeoutMs),
      });
    } catch (error) {
      throw new UnreachableError(this.server, error);
    }
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

function refusalOf(status: number, text: string, server: string): CliError {
  const problem: z.ZodSafeParseResult<Problem> = problemView.safeParse(jsonOf(text));
  if (problem.success) return new RefusedError(problem.data);
  return new CliError(exits.unreachable, `${server} answered ${String(status)} without a problem document`, 'it is probably not a Bellows server; check --server or BELLOWS_URL');
}
