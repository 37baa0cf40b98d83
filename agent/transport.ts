// How the agent talks: syncs and outputs over HTTP, each with a time limit of its own.
import * as z from 'zod';
import { agentPaths, syncReply } from '../lib/api/schemas/agent-protocol.ts';
import type { OutputUpload } from '../lib/api/schemas/agent-protocol.ts';
import { BellowsError } from '../lib/core/values/errors.ts';
import type { SyncReply, SyncRequest } from '../lib/core/records/sync.ts';

export class TransportError extends BellowsError {
  /** Trying again would not help: the server understood and refused. */
  readonly isFinal: boolean;
  /** null: there was no answer. */
  readonly status: number | null;
  constructor(message: string, isFinal: boolean, options: ErrorOptions & { readonly status?: number } = {}) {
    super('agent_transport', message, options);
    this.isFinal = isFinal;
    this.status = options.status ?? null;
  }
}

export interface Transport {
  /** @throws TransportError */
  sync(request: SyncRequest, timeoutMs: number): Promise<SyncReply>;
  /** @throws TransportError */
  upload(url: string, output: OutputUpload, timeoutMs: number): Promise<void>;
}

/**
 * Headers that prove who calls, e.g. a signature of AWS; asked for every call to the controller,
 * never for other hosts.
 */
export type SignCall = (call: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<Readonly<Record<string, string>>>;

export class HttpTransport implements Transport {
  readonly #serverUrl: () => string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #sign: SignCall | null;

  /** `serverUrl` is asked for every call: a controller that comes back may listen elsewhere. */
  constructor(serverUrl: () => string, headers: Readonly<Record<string, string>>, sign: SignCall | null = null) {
    this.#sign = sign;
    this.#serverUrl = serverUrl;
    this.#headers = headers;
  }

  async sync(request: SyncRequest, timeoutMs: number): Promise<SyncReply> {
    const response = await this.#send('POST', urlAt(this.#serverUrl(), agentPaths.sync), request, timeoutMs);
    let body: unknown;
    try {
      body = await response.json();
    } catch (error) {
      throw new TransportError('the answer to a sync was cut off or is no JSON', false, { cause: error });
    }
    const parsed = syncReply.safeParse(body);
    if (!parsed.success)
      throw new TransportError(`the answer to a sync is not one: ${z.prettifyError(parsed.error)}`, false);
    return parsed.data;
  }

  async upload(url: string, output: OutputUpload, timeoutMs: number): Promise<void> {
    // Absolute when presigned, a path of the controller otherwise.
    const response = await this.#send('PUT', urlAt(this.#serverUrl(), url), output, timeoutMs);
    await response.body?.cancel();
  }

  async #send(method: string, url: URL, body: unknown, timeoutMs: number): Promise<Response> {
    const text = JSON.stringify(body);
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers: await this.#headersFor(method, url, text),
        body: text,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new TransportError(`${method} ${nameOf(url)} got no answer: ${causeOf(error)}`, false, { cause: error });
    }
    if (response.ok) return response;
    const answer = await response.text().catch((error: unknown) => `(no body: ${causeOf(error)})`);
    const isFinal = response.status >= 400 && response.status < 500 && ![401, 408, 425, 429].includes(response.status);
    throw new TransportError(
      `${method} ${nameOf(url)} answered ${String(response.status)}: `
        + `${this.#isOwn(url) ? answer.slice(0, 500) : codeOf(answer)}`,
      isFinal,
      { status: response.status },
    );
  }

  #isOwn(url: URL): boolean {
    return url.origin === new URL(this.#serverUrl()).origin;
  }

  async #headersFor(method: string, url: URL, body: string): Promise<Readonly<Record<string, string>>> {
    const headers = { 'content-type': 'application/json' };
    // A presigned URL of another host carries its own proof, refuses a second one, and must not learn who we are.
    if (!this.#isOwn(url)) return headers;
    return this.#sign === null ? { ...headers, ...this.#headers } : this.#sign({ method, url, headers, body });
  }
}

/** Texts of errors go to logs and timelines: a presigned URL's query is a key to what it names. */
function nameOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Of S3's refusal; the rest of it repeats the key id and the signature. */
function codeOf(answer: string): string {
  const parts = ['Code', 'Message'].flatMap(
    (name) => new RegExp(`<${name}>([^<]{1,200})</${name}>`).exec(answer)?.[1] ?? [],
  );
  return parts.length === 0
    ? '(an answer that is not repeated here)'
    : parts.join(': ').replace(/X-Amz-[^\s"'&]*/g, 'X-Amz-…');
}

/** A path is one below the controller's own URL, which may end with the stage of an API. */
function urlAt(serverUrl: string, urlOrPath: string): URL {
  if (!urlOrPath.startsWith('/')) return new URL(urlOrPath);
  return new URL(`${serverUrl.replace(/\/$/, '')}${urlOrPath}`);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message || error.cause.name})` : error.message;
}
